"""Dated facts: models, GPUs, rents, API prices, evidence."""
