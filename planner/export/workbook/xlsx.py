"""Write a workbook as .xlsx: the fewest parts that spreadsheet programs accept, with the standard library."""

import io
import zipfile
from collections.abc import Iterator, Mapping

from planner.export.workbook.book import Book, CellFormula, Content, Sheet, column_name
from planner.export.workbook.calculated import Fault, calculated
from planner.export.workbook.fods import plain
from planner.export.workbook.syntax import CellPlace

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PARTS = "http://schemas.openxmlformats.org/package/2006"
TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
WHEN = (1980, 1, 1, 0, 0, 0)  # fixed, so the same plan gives the same bytes
WIDTHS = (44, 20, 14, 52, 60)
Known = Mapping[CellPlace, float | str | bool | Fault]


def as_xlsx(book: Book) -> bytes:
    """Return the workbook as the bytes of an .xlsx file, recalculated when it is opened.

    Each formula has its cached value, for programs that only display files.

    Text cells are typed as text, so a name that starts with "=" is never run.
    """
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in _parts(book).items():
            entry = zipfile.ZipInfo(name, WHEN)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, XML + text)
    return out.getvalue()


def _parts(book: Book) -> dict[str, str]:
    count = len(book.sheets)
    known = calculated(book)
    sheets = {f"xl/worksheets/sheet{i + 1}.xml": _sheet(each, known) for i, each in enumerate(book.sheets)}
    return {
        "[Content_Types].xml": _content_types(count),
        "_rels/.rels": _relations([("officeDocument", "xl/workbook.xml")]),
        "xl/workbook.xml": _workbook(book),
        "xl/_rels/workbook.xml.rels": _relations(
            [*(("worksheet", f"worksheets/sheet{i + 1}.xml") for i in range(count)), ("styles", "styles.xml")]
        ),
        "xl/styles.xml": _styles(),
        **sheets,
    }


def _content_types(count: int) -> str:
    kinds = {
        "/xl/workbook.xml": f"{TYPES}.sheet.main+xml",
        "/xl/styles.xml": f"{TYPES}.styles+xml",
        **{f"/xl/worksheets/sheet{i + 1}.xml": f"{TYPES}.worksheet+xml" for i in range(count)},
    }
    parts = "".join(f'<Override PartName="{name}" ContentType="{kind}"/>' for name, kind in kinds.items())
    relations = (
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    )
    plain_xml = '<Default Extension="xml" ContentType="application/xml"/>'
    return f'<Types xmlns="{PARTS}/content-types">{relations}{plain_xml}{parts}</Types>'


def _relations(targets: list[tuple[str, str]]) -> str:
    each = "".join(
        f'<Relationship Id="rId{i + 1}" Type="{LINKS}/{kind}" Target="{target}"/>'
        for i, (kind, target) in enumerate(targets)
    )
    return f'<Relationships xmlns="{PARTS}/relationships">{each}</Relationships>'


def _workbook(book: Book) -> str:
    sheets = "".join(
        f'<sheet name="{sheet.name}" sheetId="{i + 1}" r:id="rId{i + 1}"/>'
        for i, sheet in enumerate(book.sheets)
    )
    parts = f'<sheets>{sheets}</sheets><calcPr fullCalcOnLoad="1"/>'
    return f'<workbook xmlns="{MAIN}" xmlns:r="{LINKS}">{parts}</workbook>'


def _styles() -> str:
    """Return the minimum that Excel requires: a font, two fills, a border, and one style that uses them."""
    plain_cell = 'numFmtId="0" fontId="0" fillId="0" borderId="0"'
    fills = "".join(f'<fill><patternFill patternType="{kind}"/></fill>' for kind in ("none", "gray125"))
    return (
        f'<styleSheet xmlns="{MAIN}"><fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>'
        f'<fills count="2">{fills}</fills>'
        '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
        f'<cellStyleXfs count="1"><xf {plain_cell}/></cellStyleXfs>'
        f'<cellXfs count="1"><xf {plain_cell} xfId="0"/></cellXfs>'
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
    )


def _sheet(sheet: Sheet, known: Known) -> str:
    widths = "".join(
        f'<col min="{i + 1}" max="{i + 1}" width="{width}" customWidth="1"/>'
        for i, width in enumerate(WIDTHS)
    )
    rows = "".join(
        f'<row r="{number}">{"".join(_cells(sheet.name, row, number, known))}</row>'
        for number, row in enumerate(sheet.rows, start=1)
    )
    return f'<worksheet xmlns="{MAIN}"><cols>{widths}</cols><sheetData>{rows}</sheetData></worksheet>'


def _cells(sheet: str, row: list[Content], number: int, known: Known) -> Iterator[str]:
    for i, content in enumerate(row):
        at = f'r="{column_name(i)}{number}"'
        if isinstance(content, CellFormula):
            yield _formula(content, at, known[CellPlace(sheet, i + 1, number)])
        else:
            yield _cell(content, at)


def _formula(formula: CellFormula, at: str, value: float | str | bool | Fault) -> str:
    """Return a formula with its cached value, by the value's type."""
    text = f"<f>{plain(formula.text)}</f>"
    if isinstance(value, Fault):
        return f'<c {at} t="e">{text}<v>{value.sign}</v></c>'
    if isinstance(value, str):
        return f'<c {at} t="str">{text}<v>{plain(value)}</v></c>'
    if isinstance(value, bool):
        return f'<c {at} t="b">{text}<v>{value:d}</v></c>'
    return f"<c {at}>{text}<v>{value!r}</v></c>"


def _cell(content: float | str | None, at: str) -> str:
    if content is None:
        return ""
    if isinstance(content, str):
        return f'<c {at} t="inlineStr"><is><t xml:space="preserve">{plain(content)}</t></is></c>'
    return f"<c {at}><v>{float(content)!r}</v></c>"
