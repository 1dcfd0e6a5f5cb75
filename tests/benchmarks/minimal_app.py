"""Five inputs and a table: the least that a Textual app of this kind needs, to compare with."""

from textual.app import App
from textual.widgets import DataTable, Input


class Minimal(App[None]):
    """Nothing but Textual's own widgets and driver."""

    def compose(self):
        """Lay out the inputs and the table."""
        for number in range(5):
            yield Input(f"field {number}")
        yield DataTable(cursor_type="row")

    def on_mount(self):
        """Fill the table."""
        table = self.query_one(DataTable)
        table.add_columns("month", "cash", "note")
        for month in range(60):
            table.add_row(str(month), f"${month * 1234:,}", "x" * (month % 7))


if __name__ == "__main__":
    Minimal().run()
