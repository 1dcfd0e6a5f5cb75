"""What an open model is made of: blocks with their shapes, and the weights, cache and state that follow."""
