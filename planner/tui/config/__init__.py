"""Keys, themes and settings."""
