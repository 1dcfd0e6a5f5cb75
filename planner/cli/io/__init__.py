"""Reading a command's input and printing its output."""
