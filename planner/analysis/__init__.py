"""Analyses over many plans: ranges, sensitivity, next moves, why two plans differ.

Names are imported from their modules, so that each command loads only the analysis it needs.
"""
