"""Many plans from one: what the ranges do, what matters, what to do next, why two plans differ.

Names are imported from their modules, so that each command loads the analysis it needs and no other.
"""
