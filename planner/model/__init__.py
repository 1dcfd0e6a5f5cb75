"""From assumptions to seconds, GPUs and dollars: pure numpy, one function per quantity."""
