"""What commands read and how they print."""
