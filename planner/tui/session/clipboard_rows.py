"""Numbers and fields as rows for the clipboard: what each is called, and its value as it stands."""

from collections.abc import Iterator

from planner.readout import long_label, metric_text
from planner.schema import Field
from planner.tui.widgets.field_text import exact, unit_text
from planner.tui.widgets.headline_numbers import HEADLINE, Outlook, cost_items
from planner.units import show


def number_rows(outlook: Outlook) -> Iterator[tuple[str, str]]:
    """Yield each number of the right pane: its name, and its label and value with a tab between."""
    if outlook.result is None:
        return
    for name in HEADLINE:
        yield name, f"{long_label(name)}\t{metric_text(outlook.result, name, brief=True)}"
    for item, usd in cost_items(outlook.result):
        yield f"cost:{item}", f"{item}\t{show(usd, 'usd')}"


def field_row(field: Field) -> str:
    """Return a field's label, value and unit with tabs between."""
    return f"{field.spec.label}\t{exact(field.value, field.spec)}\t{unit_text(field.spec)}".rstrip()
