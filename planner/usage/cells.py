"""Where the fields of a row are read, as SQL: a table's columns, or what an adapter made of a row."""

from planner.records import dataclass

LONGEST_WORD = 200


@dataclass(frozen=True)
class Cell:
    """Where a field of a row is read: SQL for its value, and the SQL type of that."""

    sql: str
    type: str = "VARCHAR"

    @property
    def is_text(self) -> bool:
        """Whether the value is a text that must be read as a number or a moment first."""
        return self.type == "VARCHAR"


Cells = dict[str, list[Cell]]  # the places of a field, the surest first


def number_of(cells: Cells, field: str) -> str:
    """Return SQL for a number of a row."""
    parts = [
        f"number({cell.sql})" if cell.is_text else f"CAST({cell.sql} AS DOUBLE)"
        for cell in cells.get(field, ())
    ]
    return f"coalesce({', '.join(parts)})" if parts else "NULL::DOUBLE"


def word_of(cells: Cells, field: str) -> str:
    """Return SQL for a word of a row, NULL where there is none."""
    parts = [
        f"nullif(trim(left(CAST({cell.sql} AS VARCHAR), {LONGEST_WORD})), '')"
        for cell in cells.get(field, ())
    ]
    return f"coalesce({', '.join(parts)})" if parts else "NULL::VARCHAR"


def is_live(cells: Cells, field: str) -> bool:
    """Whether a column of the log holds a field, not only a custom of its form."""
    return any(not cell.sql.startswith("'") for cell in cells.get(field, ()))
