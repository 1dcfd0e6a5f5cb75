"""Questions over the screen: one answered by a key, one by a line of text."""

from collections.abc import Callable, Mapping
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Input
from textual.widgets.input import Selection

from planner.tui.config.keys import key_named
from planner.tui.dialogs.modal import Modal
from planner.tui.widgets.charts import Row, Rows, Span
from planner.tui.widgets.charts.canvas import words
from planner.tui.widgets.hint import Hint
from planner.tui.widgets.pane import View


class _Question(View):
    """A sentence, and the answers with their keys."""

    def __init__(self, text: str, answers: Mapping[str, str]) -> None:
        super().__init__()
        self._text, self._answers = text, answers
        self._problem = ""

    def refuse(self, problem: str) -> None:
        """Say before the question why an answer can't be taken."""
        self._problem = problem
        self.redraw()

    def draw(self, width: int, height: int) -> Rows:
        """Return the sentence and the row of answers."""
        row: Row = []
        for key, label in self._answers.items():
            row += [Span(key, "key"), Span(f" {label}   ", "label")]
        asked: Rows = [
            [Span(span.text, look) for span in line]
            for part, look in (
                (self._problem, "error"),
                *((each, "title") for each in self._text.splitlines()),
            )
            if part
            for line in words(part, width=width)
        ]
        return [*asked[: max(height - 2, 1)], [], row][:height]

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

    @property
    def _keys(self) -> dict[str, str]:
        (first, *others), labels = self._answers, self._answers
        return {"enter": labels[first], **{key: labels[key] for key in others}, "esc": "cancel"}

    @property
    def shown_hints(self) -> tuple[Hint, ...]:
        """The keys of the answers."""
        return tuple(Hint(key_named(key), label) for key, label in self._keys.items())

    def compose(self) -> ComposeResult:
        """Lay out the question."""
        with Vertical(id="ask"):
            yield _Question(self._text, self._keys)

    def on_mount(self) -> None:
        """Bind the answers' keys, and enter to the first."""
        self._bindings.bind("enter", f"answer('{next(iter(self._answers))}')", show=False)
        for key in self._answers:
            self._bindings.bind(key, f"answer('{key}')", show=False)

    def action_answer(self, key: str) -> None:
        """Give an answer."""
        self.answer(key)


class AskText(Modal[str | None]):
    """Returns a line of text, None if none was given; an empty one only where that means something.

    What is typed first replaces the text that is there. `problem` says of an answer why it can't be taken, empty where
    it can: the question stays open then, with what was typed.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,ctrl+c", "leave", show=False, priority=True)]
    hints = (Hint("enter", "ok"), Hint("escape", "cancel"), Hint("ctrl+u", "clear", 1))

    def __init__(
        self, text: str, value: str = "", *, may_be_empty: bool = False,
        problem: Callable[[str], str] | None = None,
    ) -> None:  # fmt: skip
        super().__init__()
        self._text, self._value, self._problem = text, value, problem
        self._empty = "" if may_be_empty else None
        self._question = _Question(text, {"enter": "ok", "esc": "cancel", "^u": "clear"})

    def compose(self) -> ComposeResult:
        """Lay out the question over the line."""
        line = Input(self._value, compact=True, select_on_focus=True)
        line.cursor_blink = False
        with Vertical(id="ask"):
            yield self._question
            yield line

    @on(Input.Submitted)
    def _answer(self, message: Input.Submitted) -> None:
        given = message.value.strip()
        if given and self._problem is not None and (why := self._problem(given)):
            self._question.refuse(why)
            message.input.selection = Selection.cursor(len(message.value))
        else:
            self.answer(given or self._empty)

    def action_leave(self) -> None:
        """Give no answer."""
        self.answer(None)
