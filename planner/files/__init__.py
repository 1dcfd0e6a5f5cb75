"""The only place that opens a file: reading and writing plans, the library, tables for other programs."""

from typing import TYPE_CHECKING

from planner.startup import lazily

if TYPE_CHECKING:
    from planner.files.atomic import atomic_write
    from planner.files.conflict import Conflict, Row, Side, merge
    from planner.files.journal import WHOLE, Edit, Journal, Presence, Replayed, clear, others, pending, replay
    from planner.files.library import (
        Entry,
        find,
        folders,
        is_shipped,
        list_files,
        list_scenarios,
        starter,
        user_folder,
    )
    from planner.files.loading import Loaded, load, load_text
    from planner.files.safe_text import (
        inert,
        inert_cell,
        inert_html,
        inert_lines,
        inert_markdown,
        inert_markup,
    )
    from planner.files.saving import new_text, save, save_merged, write_new
    from planner.files.tables import as_csv, as_markdown
    from planner.files.toml_text import table_of

__all__ = [
    "WHOLE", "Conflict", "Edit", "Entry", "Journal", "Loaded", "Presence", "Replayed", "Row", "Side",
    "as_csv", "as_markdown", "atomic_write", "clear", "find", "folders", "inert", "inert_cell", "inert_html",
    "inert_lines", "inert_markdown", "inert_markup", "is_shipped", "list_files", "list_scenarios", "load", "load_text",
    "merge", "new_text", "others", "pending", "replay", "save", "save_merged", "starter", "table_of",
    "user_folder", "write_new",
]  # fmt: skip

_HOMES = {  # reading needs none of the writing modules, and starts faster without them
    "atomic": "atomic_write",
    "conflict": "Conflict, Row, Side, merge",
    "safe_text": "inert, inert_cell, inert_html, inert_lines, inert_markdown, inert_markup",
    "journal": "WHOLE, Edit, Journal, Presence, Replayed, clear, others, pending, replay",
    "library": "Entry, find, folders, is_shipped, list_files, list_scenarios, starter, user_folder",
    "loading": "Loaded, load, load_text",
    "toml_text": "table_of",
    "saving": "new_text, save, save_merged, write_new",
    "tables": "as_csv, as_markdown",
}
__getattr__ = lazily(__name__, _HOMES)
