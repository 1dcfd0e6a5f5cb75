"""The serving model held against measurements: fit, tables, calibration."""
