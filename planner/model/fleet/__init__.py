"""From load to replicas, GPUs and rent.

Equations, units and sources: docs/model.md, Fleet.
"""
