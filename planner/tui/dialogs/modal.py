"""What stands over a screen and gives one answer."""

from typing import Generic, TypeVar

from textual.screen import ModalScreen

Answer = TypeVar("Answer")


class Modal(ModalScreen[Answer], Generic[Answer]):
    """A question over the screen. Keys that arrive faster than it goes away do not answer it twice."""

    def __init__(self) -> None:
        super().__init__()
        self._answered = False

    def answer(self, value: Answer) -> None:
        """Give the answer and go away; only the first one counts, and only from the screen in front."""
        if not self._answered and self.is_active:
            self._answered = True
            self.dismiss(value)
