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
from planner.tui.widgets.charts.canvas import fitted
from planner.tui.widgets.hint import Hint
from planner.tui.widgets.pane import View

_APART = 1e3  # behind all that fit by whole words
_ENDS = (0.0, 1.5, 1e4)
_RESOLD = 2.0  # of a model, "vendor/model": behind what its own vendor sells
_NEWEST = 15.0  # a version that none has reached

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
    version: float | None = None  # of a model: newer ones stand before older ones that fit as well
    ends: int = 0  # 1 for what will end: it stands behind others like it; 2 for what is gone: behind all

    @property
    def beside(self) -> str:
        """What stands at the right."""
        return self.late(self.value) if self.late is not None else self.detail


def score(query: str, option: Option) -> float | None:
    """Return how well an option fits (lower is better), None if it does not.

    Every word of the query must be there: whole, or its letters in their order. Best are options in which the words
    stand as typed, whatever is between them: "gpt 5 mini" is gpt-5-mini before gpt-5.4-mini. Of models that fit as
    well, the newest is first. Options in which letters are only found apart come after all others.

    >>> score("rtg", Option("a", "Routing")) is not None, score("xyz", Option("a", "Routing"))
    (True, None)
    """
    text, more = option.text.lower(), f"{option.words} {option.detail}".lower()
    known, any_version = _letters(text), option.version is not None and not any(map(str.isdigit, query))
    named = "".join(filter(str.isalpha, known)) if any_version else known
    total = _together(query, named, at_end=not any_version)
    for word in query.lower().split():
        if word in text:
            place = text.index(word) if option.version is None else 0
            total += place + (0 if f" {word}" in f" {text}" else 3)
        elif _letters(word) in known:
            total += 20.0 if option.version is None else 0.0  # 5.5 is 5-5 in many a name
        elif word in more:
            total += 40.0
        else:
            gaps = _gaps(word, text)
            if gaps is None:
                return None
            total += _APART + gaps
    old = 0.0 if option.version is None else max(_NEWEST - option.version, 0.0) + _RESOLD * ("/" in text)
    return total + old + _ENDS[option.ends] + len(text.partition(":")[2] or text) / 100


def _together(query: str, known: str, *, at_end: bool) -> float:
    """Return how far the letters of a query are from standing in one piece, best of all at the end."""
    together = _letters(query)
    if at_end and known.endswith(together):
        return 0.0
    return 20.0 if together in known else 40.0


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

    def __init__(self, options: Sequence[Option], current: str, head: str = "") -> None:
        super().__init__()
        self._all = tuple(options)
        self._head = head
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

    @property
    def _around(self) -> tuple[int, int]:
        """Rows above the options, for the heads of columns, and below them, for how many there are."""
        return int(bool(self._head)), 1

    @property
    def _room(self) -> int:
        return max(self.size.height - sum(self._around), 1)

    @property
    def top(self) -> int:
        """How many options are above the first one in sight."""
        return max(0, min(self.at - self._room // 2, len(self.fitting) - self._room))

    def option_at(self, y: int) -> Option | None:
        """Return the option in a row of the pane."""
        shown = self.fitting[self.top : self.top + self._room]
        at = y - self._around[0]
        return shown[at] if 0 <= at < len(shown) else None

    def draw(self, width: int, height: int) -> Rows:
        """Return the options around the cursor, under the heads of their columns, over how many there are."""
        above, below = self._around
        room = max(height - above - below, 1)
        rows: Rows = [[Span(f"{self._head} ".rjust(width), "muted")]] if self._head else []
        if not self.fitting:
            rows.append([Span(" Nothing fits: backspace takes a letter back.", "muted")])
        top = max(0, min(self.at - room // 2, len(self.fitting) - room))
        for at, option in enumerate(self.fitting[top : top + room], top):
            rows.append(_row(option, width, " cursor" if at == self.at else ""))
        rows += [[] for _ in range(height - len(rows) - below)]
        return [*rows, self._foot(width, all_seen=room >= len(self._all) == len(self.fitting))]

    def _foot(self, width: int, *, all_seen: bool) -> Row:
        """Return how many options there are where not all are in sight, and the keys."""
        count = "" if all_seen else f" {len(self.fitting):,} of {len(self._all):,}"
        gap = " " * max(width - len(count) - len(_KEYS), 1)
        return [Span(count + gap, "muted"), *_KEY_SPANS]


def _row(option: Option, width: int, over: str) -> Row:
    """Return an option with what stands at the right; a long name leaves the latter at least its half."""
    beside = option.beside
    name = fitted(option.text, max(width // 2, width - len(beside) - 4)).rstrip()
    detail = beside[: max(width - len(name) - 4, 0)]
    gap = " " * max(width - len(name) - len(detail) - 2, 0)
    return [Span(f" {name}{gap}", "label" + over), Span(f"{detail} ", "muted" + over)]


class Picker(Modal[str | None]):
    """Returns the value of the option chosen, None if none was. Letters filter, arrows move."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+c", "leave", show=False, priority=True),
        Binding("down,ctrl+n,tab", "move(1)", show=False, priority=True),
        Binding("up,ctrl+p,shift+tab", "move(-1)", show=False, priority=True),
        Binding("pagedown", "move(8)", show=False, priority=True),
        Binding("pageup", "move(-8)", show=False, priority=True),
    ]

    hints = (
        Hint("letters", "narrow down"), Hint("down up", "move"), Hint("enter", "choose"), Hint("escape", "leave"),
    )  # fmt: skip

    def __init__(self, prompt: str, options: Sequence[Option], *, current: str = "", head: str = "") -> None:
        super().__init__()
        self._prompt = prompt
        self._options = options
        self._choices = Choices(options, current, head)

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
        if self._choices.fitting:
            self.answer(self.chosen)

    @property
    def chosen(self) -> str | None:
        """The value under the cursor."""
        fitting = self._choices.fitting
        return fitting[self._choices.at].value if fitting else None

    def on_pointable_pressed(self, message: Choices.Pressed) -> None:
        """Choose the option that was clicked; beside all of them, none."""
        option = self._choices.option_at(message.y) if message.pane is self._choices else None
        if option is not None:
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
