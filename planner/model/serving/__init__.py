"""Own GPUs: memory, speed, batches, queues and latency of one deployment.

Equations, units and sources: docs/model.md, Serving.
"""
