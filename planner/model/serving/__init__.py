"""Own GPUs: memory, speed, batches, queues and latency of one deployment."""
