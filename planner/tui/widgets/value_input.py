"""The input that a row becomes while its value is typed."""

from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Input


class Typing(Input):
    """A row's value while it is typed. Says each change; `enter` keeps it, `escape` leaves it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", show=False),
        Binding("tab,down", "submit", show=False),
    ]

    @dataclass
    class Typed(Message):
        """The text changed."""

        text: str

    @dataclass
    class Entered(Message):
        """The text is to be kept."""

        text: str

    class Left(Message):
        """The text is to be forgotten."""

    def __init__(self, text: str, *, placeholder: str = "") -> None:
        super().__init__(text, compact=True, placeholder=placeholder, select_on_focus=True)
        self.cursor_blink = False

    @on(Input.Changed)
    def _say_change(self, message: Input.Changed) -> None:
        message.stop()
        self.post_message(self.Typed(message.value))

    @on(Input.Submitted)
    def _say_kept(self, message: Input.Submitted) -> None:
        message.stop()
        self.post_message(self.Entered(message.value))

    def action_leave(self) -> None:
        """Forget what was typed."""
        self.post_message(self.Left())
