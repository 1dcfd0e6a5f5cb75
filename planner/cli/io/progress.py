"""Progress on stderr for work that takes a while; only on a terminal."""

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

SHOWN_AFTER_S = 0.7
EVERY_S = 0.5
CLEAR = "\r\x1b[K"
STOPPED = "Stopped: these are the results so far."


@contextmanager
def working(
    words: str | Callable[[], str], stream: TextIO, *, share: Callable[[], float] | None = None
) -> Iterator[None]:
    """Show how long the work has taken and, given the `share` done (0 to 1), the time left."""
    if not stream.isatty():
        yield
        return
    done = threading.Event()
    said = (lambda: words) if isinstance(words, str) else words
    thread = threading.Thread(target=_tell, args=(said, stream, share, done), daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


@contextmanager
def stoppable(words: str, stream: TextIO) -> Iterator[Callable[[int, int, float], bool]]:
    """Yield a callback for progress; after ctrl+c it asks the work to stop and keep its results.

    A second ctrl+c ends the program.
    """
    share, asked, counted = 0.0, False, words

    def told(done: int, total: int, _left_s: float) -> bool:
        nonlocal share, counted
        share = done / max(total, 1)
        counted = f"{words}, {done:,} of {total:,}"
        return not asked

    def interrupted(*_: object) -> None:
        nonlocal asked
        if asked:
            raise KeyboardInterrupt
        asked = True

    before = signal.signal(signal.SIGINT, interrupted)
    try:
        with working(lambda: counted, stream, share=lambda: share):
            yield told
    finally:
        signal.signal(signal.SIGINT, before)


def _tell(
    words: Callable[[], str], stream: TextIO, share: Callable[[], float] | None, done: threading.Event
) -> None:
    start_s, farthest = time.monotonic(), 0.0
    if done.wait(SHOWN_AFTER_S):
        return
    while True:
        farthest = (
            max(farthest, min(share(), 1.0)) if share else 0.0
        )  # an estimate may fall; the number shown must not
        stream.write(f"{CLEAR}{line(words(), time.monotonic() - start_s, farthest)}")
        stream.flush()
        if done.wait(EVERY_S):
            break
    stream.write(CLEAR)
    stream.flush()


def line(words: str, passed_s: float, share: float) -> str:
    """Return one line of progress.

    >>> line("Reading", 30.0, 0.25), line("Reading", 4.2, 0.0)
    ('Reading: 25%, 90 s left', 'Reading: 4 s')
    """
    if share <= 0.0:
        return f"{words}: {passed_s:.0f} s"
    return f"{words}: {share:.0%}, {passed_s / share - passed_s:.0f} s left"
