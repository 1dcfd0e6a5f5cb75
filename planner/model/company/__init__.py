"""The company month by month: customers, flows, runway and unit cost.

Equations, units and sources: docs/model.md, Company.
"""
