"""Compare the serving model with measurements: fit, tables, calibration."""
