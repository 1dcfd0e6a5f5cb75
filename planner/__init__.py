"""A terminal planner for the economics of LLM inference."""

__version__ = "0.1.0"
