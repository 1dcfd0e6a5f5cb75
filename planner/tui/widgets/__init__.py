"""Panes, rows and charts."""
