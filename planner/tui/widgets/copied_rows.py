"""Numbers and fields as rows for the clipboard: what each is called, and its value as it stands."""

from collections.abc import Iterator

from planner.readout import long_label, metric_text
from planner.readout.field_values import exact, unit_text
from planner.schema import Field
from planner.tui.session.field_list import Line
from planner.tui.session.outlook import WATCHED, Outlook
from planner.tui.widgets.headline_numbers import cost_items
from planner.units import show


def number_rows(outlook: Outlook) -> Iterator[tuple[str, str]]:
    """Yield each number of the right pane: its name, and its label and value with a tab between."""
    if outlook.result is None:
        return
    for name in WATCHED:
        yield name, f"{long_label(name)}\t{metric_text(outlook.result, name, brief=True)}"
    for item, usd in cost_items(outlook.result):
        yield f"cost:{item}", f"{item}\t{show(usd, 'usd')}"


def copied_number(outlook: Outlook, chosen: str) -> str:
    """Return the row of one number; nothing where it is none."""
    return next((row for name, row in number_rows(outlook) if name == chosen), "")


def copied_field(field: Field | None) -> str:
    """Return a field as a line of its file; nothing where there is none."""
    return "" if field is None else f"{field.path} = {exact(field.value, field.spec)}"


def field_row(line: Line) -> str:
    """Return a field's label, value and unit with tabs between; of a section its name alone."""
    field = line.field
    if field is None:
        return line.label
    return f"{field.spec.label}\t{exact(field.value, field.spec)}\t{unit_text(field.spec)}".rstrip()
