"""What an open session holds: outlooks, unsaved edits, files, navigation."""
