"""From load to replicas, GPUs and rent."""
