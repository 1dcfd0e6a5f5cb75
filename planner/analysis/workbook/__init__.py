"""A plan as a spreadsheet with formulas: the same numbers, computed a second time by another program."""

from planner.analysis.workbook.book import Book
from planner.analysis.workbook.fods import as_fods
from planner.analysis.workbook.plan import workbook
from planner.analysis.workbook.xlsx import as_xlsx

__all__ = ["Book", "as_fods", "as_xlsx", "workbook"]
