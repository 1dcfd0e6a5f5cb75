"""Saving and leaving: what the app does with files, and what it asks before."""
