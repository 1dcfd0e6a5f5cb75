"""One request: its tokens, who answers, how often it succeeds, what a call costs.

Equations, units and sources: docs/model.md, Request.
"""
