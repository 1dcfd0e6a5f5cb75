"""An app with a bit of everything, for the tests of the driver. F12 shows how often it was pressed."""

import os
import sys
from typing import ClassVar

from rich.style import Style
from rich.text import Text
from textual.app import App
from textual.containers import Horizontal, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import DataTable, Input, OptionList, Static

from planner.tui.terminal.driver import driver_class

# What not every terminal gives the same width is left out where one real terminal is compared with itself.
JOINED = "" if os.environ.get("CERTAIN_WIDTHS") else "👩‍🚀 ❤️"
PROSE = f"Wide 漢字かな, emoji 🚀 and {JOINED}, hearts {JOINED} and ☕, cafe\u0301, naïve. "


class Question(ModalScreen[None]):
    """A box over a dimmed screen."""

    CSS = "Question { align: center middle } OptionList { width: 30; height: 8; border: round $accent }"
    BINDINGS: ClassVar = [("escape", "dismiss", ""), ("f12", "app.count", ""), ("f6", "app.toggle_light", "")]

    def compose(self):
        yield OptionList("ein", "zwei 二", "drei", f"vier {JOINED}", "fünf")


class Demo(App[None]):
    """Inputs, a table, text to scroll and a modal box."""

    CSS = """
    Input { height: 3 } #left { width: 40% } DataTable { height: 1fr } #prose { height: 40% }
    #count { height: 1; background: $primary; text-style: bold underline }
    """
    BINDINGS: ClassVar = [
        ("f12", "count", ""),
        ("f5", "push_screen('question')", ""),
        ("f6", "toggle_light", ""),
        ("f7", "redraw", ""),
        ("f8", "cursor", ""),
    ]
    SCREENS: ClassVar = {"question": Question}
    presses = 0

    def compose(self):
        yield Static("count 0.", id="count")
        with Horizontal():
            with VerticalScroll(id="left"):
                for number in range(4):
                    field = Input(f"field {number} é漢", id=f"field{number}")
                    field.cursor_blink = False
                    yield field
            with VerticalScroll():
                yield DataTable(zebra_stripes=True)
                with VerticalScroll(id="prose", can_focus=True):
                    yield Static(self._prose())

    def on_mount(self):
        table = self.query_one(DataTable)
        table.add_columns("month", "cash 💵", "說明")
        for month in range(30):
            table.add_row(str(month), Text(f"${month * 1234:,}", style="bold red"), "漢字" * (month % 4))

    @staticmethod
    def _prose():
        text = Text(PROSE * 12)
        text.append("a link", Style(link="https://example.org/a"))
        text.append(" struck", "strike italic")
        return text

    def action_count(self):
        self.presses += 1
        count = self.screen_stack[0].query_one("#count", Static)
        self.set_timer(0.01, lambda: count.update(f"count {self.presses}."))

    def action_toggle_light(self):
        self.theme = "textual-light" if self.theme == "textual-dark" else "textual-dark"

    def action_redraw(self):
        if sys.argv[1] == "cells":
            self._driver.redraw()

    def action_cursor(self):
        self._driver.show_cursor(visible=True)
        self._driver.move_cursor(7, 3)


if __name__ == "__main__":
    Demo(driver_class=driver_class(sys.argv[1], os.environ)).run()
