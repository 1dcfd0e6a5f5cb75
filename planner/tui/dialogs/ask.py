"""Questions over the screen: one answered by a key, one by a line of text."""

from collections.abc import Mapping
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Input

from planner.tui.config.keys import key_named
from planner.tui.dialogs.modal import Modal
from planner.tui.widgets.charts import Row, Rows, Span
from planner.tui.widgets.charts.canvas import words
from planner.tui.widgets.pane import View


class _Question(View):
    """A sentence, and the answers with their keys."""

    def __init__(self, text: str, answers: Mapping[str, str]) -> None:
        super().__init__()
        self._text, self._answers = text, answers

    def draw(self, width: int, height: int) -> Rows:
        """Return the sentence and the row of answers."""
        row: Row = []
        for key, label in self._answers.items():
            row += [Span(key, "key"), Span(f" {label}   ", "label")]
        lines = [line for part in self._text.splitlines() for line in words(part, width=width)]
        asked = [[Span(span.text, "title") for span in line] for line in lines[: max(height - 2, 1)]]
        return [*asked, [], row][:height]

    def on_pointable_pressed(self, message: View.Pressed) -> None:
        """Press the key of the answer that was clicked."""
        drawn = self.draw(*self.size)
        x = message.x
        for key, label in self._answers.items() if message.y == len(drawn) - 1 else ():
            if x < (wide := len(f"{key} {label}   ")):
                self.app.simulate_key(key_named(key))
                return
            x -= wide


class AskKey(Modal[str]):
    """Returns the key of the answer, an empty string for none. Enter gives the first answer, as its key does."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "answer('')", show=False)]

    def __init__(self, text: str, answers: Mapping[str, str]) -> None:
        super().__init__()
        self._text, self._answers = text, dict(answers)

    def compose(self) -> ComposeResult:
        """Lay out the question."""
        (first, *others), labels = self._answers, self._answers
        shown = {"enter": labels[first], **{key: labels[key] for key in others}, "esc": "cancel"}
        with Vertical(id="ask"):
            yield _Question(self._text, shown)

    def on_mount(self) -> None:
        """Bind the answers' keys, and enter to the first."""
        self._bindings.bind("enter", f"answer('{next(iter(self._answers))}')", show=False)
        for key in self._answers:
            self._bindings.bind(key, f"answer('{key}')", show=False)

    def action_answer(self, key: str) -> None:
        """Give an answer."""
        self.answer(key)


class AskText(Modal[str | None]):
    """Returns a line of text, None if none was given; an empty one only where that means something."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,ctrl+c", "leave", show=False, priority=True)]

    def __init__(self, text: str, value: str = "", *, may_be_empty: bool = False) -> None:
        super().__init__()
        self._text, self._value = text, value
        self._empty = "" if may_be_empty else None

    def compose(self) -> ComposeResult:
        """Lay out the question over the line."""
        line = Input(self._value, compact=True, select_on_focus=False)
        line.cursor_blink = False
        with Vertical(id="ask"):
            yield _Question(self._text, {"enter": "ok", "esc": "cancel"})
            yield line

    @on(Input.Submitted)
    def _answer(self, message: Input.Submitted) -> None:
        self.answer(message.value.strip() or self._empty)

    def action_leave(self) -> None:
        """Give no answer."""
        self.answer(None)
