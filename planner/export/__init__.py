"""Reports on a plan for people without a terminal: Markdown, one HTML page, the months as CSV."""

from planner.export.content import Report, months_rows, report
from planner.export.markdown import as_report_markdown
from planner.export.page import as_page

__all__ = ["Report", "as_page", "as_report_markdown", "months_rows", "report"]
