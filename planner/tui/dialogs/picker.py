"""Choose one of many by a few letters: fields, actions, choices, files."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Input

from planner.records import dataclass
from planner.tui.dialogs.modal import Modal
from planner.tui.widgets.charts import Row, Rows, Span
from planner.tui.widgets.pane import View

_KEY_SPANS = [Span("enter", "key"), Span(" take   ", "label"), Span("esc", "key"), Span(" cancel ", "label")]
_KEYS = "".join(span.text for span in _KEY_SPANS)


@dataclass(frozen=True)
class Option:
    """One thing to choose: what comes back, how it reads, what stands at the right."""

    value: str
    text: str
    detail: str = ""
    words: str = ""  # searched besides the text
    late: Callable[[str], str] | None = None  # makes the detail of a value when it is seen: many never are

    @property
    def beside(self) -> str:
        """What stands at the right."""
        return self.late(self.value) if self.late is not None else self.detail


def score(query: str, option: Option) -> float | None:
    """Return how well an option fits (lower is better), None if it does not.

    Every word of the query must be there: whole, or its letters in their order. Best are options in which the words
    stand as typed, whatever is between them: "gpt 5 mini" is gpt-5-mini before gpt-5.4-mini.

    >>> score("rtg", Option("a", "Routing")) is not None, score("xyz", Option("a", "Routing"))
    (True, None)
    """
    text, more = option.text.lower(), f"{option.words} {option.detail}".lower()
    together, known = _letters(query), _letters(text)
    total = 0.0 if known.endswith(together) else 20.0 if together in known else 40.0
    for word in query.lower().split():
        if word in text:
            total += text.index(word) + (0 if f" {word}" in f" {text}" else 3)
        elif _letters(word) in known:
            total += 20.0
        elif word in more:
            total += 40.0
        else:
            gaps = _gaps(word, text)
            if gaps is None:
                return None
            total += 60.0 + gaps
    return total + len(text) / 100


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.lower()))


def _gaps(word: str, text: str) -> int | None:
    """Return how many letters lie between those of `word` in `text`; None if they are not there in order."""
    at, gaps = -1, 0
    for letter in word:
        found = text.find(letter, at + 1)
        if found < 0:
            return None
        gaps += found - at - 1
        at = found
    return gaps


class Choices(View):
    """The options that fit, with a cursor."""

    def __init__(self, options: Sequence[Option], current: str) -> None:
        super().__init__()
        self._all = tuple(options)
        self.fitting = self._all
        self.at = next((at for at, option in enumerate(options) if option.value == current), 0)

    def filter(self, query: str) -> None:
        """Show the options that fit, best first; all in their order for an empty query."""
        if not query.strip():
            self.fitting = self._all
        else:
            scored = [(score(query, option), option) for option in self._all]
            fitting = sorted(
                ((rank, option) for rank, option in scored if rank is not None), key=lambda pair: pair[0]
            )
            self.fitting = tuple(option for _, option in fitting)
        self.at = 0
        self.redraw()

    def move(self, rows: int) -> None:
        """Move the cursor; past an end it comes in at the other."""
        if self.fitting:
            self.at = (self.at + rows) % len(self.fitting)
        self.redraw()

    def _shown(self, height: int) -> range:
        """Return which options are in sight; the last row says how many there are, and which keys end it."""
        rows = max(height - 1, 1)
        top = max(0, min(self.at - rows // 2, len(self.fitting) - rows))
        return range(top, min(top + rows, len(self.fitting)))

    def option_at(self, y: int) -> Option | None:
        """Return the option in a row of the pane."""
        shown = self._shown(self.size.height)
        return self.fitting[shown[y]] if y < len(shown) else None

    def draw(self, width: int, height: int) -> Rows:
        """Return the options around the cursor, and the keys below them."""
        rows: Rows = [] if self.fitting else [[Span(" Nothing fits.", "muted")]]
        shown = self._shown(height)
        for at in shown:
            option, over = self.fitting[at], " cursor" if at == self.at else ""
            detail = option.beside[: max(width - len(option.text) - 4, 0)]
            text = option.text[: width - 2]
            gap = " " * max(width - len(text) - len(detail) - 2, 0)
            rows.append([Span(f" {text}{gap}", "label" + over), Span(f"{detail} ", "muted" + over)])
        rows += [[] for _ in range(height - 1 - len(rows))]
        return [*rows, self._foot(width, all_seen=len(shown) == len(self._all))][:height]

    def _foot(self, width: int, *, all_seen: bool) -> Row:
        """Return how many options there are where not all are in sight, and the keys."""
        count = "" if all_seen else f" {len(self.fitting):,} of {len(self._all):,}"
        gap = " " * max(width - len(count) - len(_KEYS), 1)
        return [Span(count + gap, "muted"), *_KEY_SPANS]


class Picker(Modal[str | None]):
    """Returns the value of the option chosen, None if none was. Letters filter, arrows move."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+c", "leave", show=False, priority=True),
        Binding("down,ctrl+n,tab", "move(1)", show=False, priority=True),
        Binding("up,ctrl+p,shift+tab", "move(-1)", show=False, priority=True),
        Binding("pagedown", "move(8)", show=False, priority=True),
        Binding("pageup", "move(-8)", show=False, priority=True),
    ]

    def __init__(self, prompt: str, options: Sequence[Option], *, current: str = "") -> None:
        super().__init__()
        self._prompt = prompt
        self._options = options
        self._choices = Choices(options, current)

    def compose(self) -> ComposeResult:
        """Lay out the input over the options."""
        line = Input(placeholder=self._prompt, compact=True)
        line.cursor_blink = False
        with Vertical(id="picker"):
            yield line
            yield self._choices

    @on(Input.Changed)
    def _filter(self, message: Input.Changed) -> None:
        self._choices.filter(message.value)
        self.moved()

    @on(Input.Submitted)
    def _choose(self) -> None:
        self.answer(self.chosen)

    @property
    def chosen(self) -> str | None:
        """The value under the cursor."""
        fitting = self._choices.fitting
        return fitting[self._choices.at].value if fitting else None

    def on_pointable_pressed(self, message: Choices.Pressed) -> None:
        """Choose the option that was clicked; beside all of them, none."""
        if message.pane is self._choices and (option := self._choices.option_at(message.y)):
            self.answer(option.value)

    def on_pointable_wheeled(self, message: Choices.Wheeled) -> None:
        """Go down or up, not past an end."""
        last = len(self._choices.fitting) - 1
        self.action_move(min(max(self._choices.at + message.rows, 0), max(last, 0)) - self._choices.at)

    def moved(self) -> None:
        """Show what is under the cursor; a picker with a preview overrides it."""

    def action_move(self, rows: int) -> None:
        """Move the cursor."""
        self._choices.move(rows)
        self.moved()

    def action_leave(self) -> None:
        """Choose nothing."""
        self.answer(None)
