"""The company month by month: customers, flows, runway and unit cost."""
