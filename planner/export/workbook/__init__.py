"""A plan as a spreadsheet with formulas: the same numbers, recomputed by another program."""

from planner.export.workbook.book import Book
from planner.export.workbook.fods import as_fods
from planner.export.workbook.plan import workbook
from planner.export.workbook.xlsx import as_xlsx

__all__ = ["Book", "as_fods", "as_xlsx", "workbook"]
