"""Many plans from one: ranges, sensitivity, sweeps, comparison."""
