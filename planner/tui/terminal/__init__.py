"""From cells to bytes: the driver and what a terminal can do."""
