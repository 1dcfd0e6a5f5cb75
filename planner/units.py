"""Conversion constants, and numbers as people write them."""

HOURS_PER_MONTH = 730.0  # 365 days * 24 h / 12, the month that cloud bills use
SECONDS_PER_HOUR = 3600.0
SECONDS_PER_MONTH = HOURS_PER_MONTH * SECONDS_PER_HOUR
MONTHS_PER_YEAR = 12.0
TOKENS_PER_MTOK = 1e6
BYTES_PER_GB = 1e9
FLOPS_PER_TFLOPS = 1e12

NOT_AVAILABLE = "n/a"
