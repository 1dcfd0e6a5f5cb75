"""What stands over a screen and gives one answer."""

from typing import ClassVar, Generic, TypeVar

from textual.screen import ModalScreen

from planner.tui.widgets.hint import Hint

Answer = TypeVar("Answer")


class Modal(ModalScreen[Answer], Generic[Answer]):
    """A question over the screen. Keys that arrive faster than it goes away do not answer it twice.

    `hints` are its keys: the screen below shows them in place of its own, which do nothing meanwhile.
    """

    hints: ClassVar[tuple[Hint, ...]] = ()

    def __init__(self) -> None:
        super().__init__()
        self._answered = False

    @property
    def shown_hints(self) -> tuple[Hint, ...]:
        """The keys that do something here, in words."""
        return self.hints

    def answer(self, value: Answer) -> None:
        """Give the answer and go away; only the first one counts, and only from the screen in front."""
        if not self._answered and self.is_active:
            self._answered = True
            self.dismiss(value)
