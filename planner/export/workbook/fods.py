"""A workbook as flat OpenDocument: one XML text that LibreOffice opens and git can show."""

import re
from collections.abc import Mapping
from xml.sax.saxutils import escape, quoteattr

from planner.export.workbook.book import REFERENCE, Book, CellFormula, Content, Sheet
from planner.export.workbook.calculated import Fault, calculated
from planner.export.workbook.syntax import CellPlace

NAMES = {
    "office": "urn:oasis:names:tc:opendocument:xmlns:office:1.0",
    "table": "urn:oasis:names:tc:opendocument:xmlns:table:1.0",
    "text": "urn:oasis:names:tc:opendocument:xmlns:text:1.0",
    "of": "urn:oasis:names:tc:opendocument:xmlns:of:1.2",
}
KIND = "application/vnd.oasis.opendocument.spreadsheet"
RANGE = re.compile(rf"{REFERENCE.pattern}(?::{REFERENCE.pattern.replace('?P<', '?P<to_')})?")
QUOTED = re.compile(r'("[^"]*")')
NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def as_fods(book: Book) -> str:
    """Return the workbook as the text of a .fods file. Text stays text, whatever it starts with."""
    names = " ".join(f"xmlns:{prefix}={quoteattr(name)}" for prefix, name in NAMES.items())
    head = f'<office:document {names} office:version="1.3" office:mimetype="{KIND}">'
    known = calculated(book)
    body = "\n".join(_table(sheet, known) for sheet in book.sheets)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n{head}\n<office:body><office:spreadsheet>\n{body}\n'
        "</office:spreadsheet></office:body></office:document>\n"
    )


def _table(sheet: Sheet, known: Mapping[CellPlace, float | str | bool | Fault]) -> str:
    rows = "\n".join(
        f"<table:table-row>{''.join(cells) or '<table:table-cell/>'}</table:table-row>"
        for cells in (
            [
                _cell(content, known.get(CellPlace(sheet.name, column, number)))
                for column, content in enumerate(row, 1)
            ]
            for number, row in enumerate(sheet.rows, 1)
        )
    )
    return f"<table:table table:name={quoteattr(sheet.name)}>\n{rows}\n</table:table>"


def _cell(content: Content, value: float | str | bool | Fault | None) -> str:
    """Return a cell; a formula has its computed value."""
    if content is None:
        return "<table:table-cell/>"
    formula = ""
    if isinstance(content, CellFormula):
        formula = f" table:formula={quoteattr('of:=' + open_formula(content.text))}"
        content = value if isinstance(value, str | float) else str(getattr(value, "sign", value)).upper()
    if isinstance(content, str):
        kind = 'office:value-type="string"'
        return f"<table:table-cell{formula} {kind}><text:p>{plain(content)}</text:p></table:table-cell>"
    return f'<table:table-cell{formula} office:value-type="float" office:value="{float(content)!r}"/>'


def plain(text: str) -> str:
    """Return text escaped for XML.

    >>> plain("a < b" + chr(7))
    'a &lt; b'
    """
    return escape(NOT_XML.sub("", text))


def open_formula(text: str) -> str:
    """Return a formula in OpenFormula's notation: references in brackets, semicolons between arguments.

    >>> open_formula('IF(Inputs!$B$3>0,SUM($C2:$C9),"n/a, or so")')
    'IF([Inputs.$B$3]>0;SUM([.$C2:.$C9]);"n/a, or so")'
    """
    parts = QUOTED.split(text)
    return "".join(
        part if i % 2 else RANGE.sub(_bracketed, part.replace(",", ";")) for i, part in enumerate(parts)
    )


def _bracketed(match: re.Match[str]) -> str:
    first, _, second = match[0].partition(":")
    ends = [each if "!" in each else f"!{each}" for each in (first, second) if each]
    return "[" + ":".join(each.replace("!", ".") for each in ends) + "]"
