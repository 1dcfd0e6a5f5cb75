"""Run work in pieces, `work(task, start, stop)` each: in this process, on all processors, or on a Ray cluster."""

import itertools
import os
import signal
import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from planner.errors import Problem, ScenarioError

SAFE_PATH_VARIABLE = "PYTHONSAFEPATH"
LOOK_S = 1.0

Task = TypeVar("Task")
Found = TypeVar("Found")
Work = Callable[[Task, int, int], Found]
Span = tuple[int, int]
Progress = Callable[[int, int, float], bool]
"""Told what is done, of how much, and the seconds left; where it returns False the work stops."""


def check_size(count: int, noun: str, *, most: int) -> None:
    """Raise ScenarioError for work too large for any time or memory, with its size.

    >>> check_size(10**12, "combinations", most=10**10)
    Traceback (most recent call last):
    planner.errors.ScenarioError: This can't be used:
      the work has 1,000,000,000,000 combinations; at most 10,000,000,000. Take fewer values.
    """
    if count > most:
        raise ScenarioError(
            [Problem("the work", f"has {count:,} {noun}; at most {most:,}.", "Take fewer values.")]
        )


def cut(count: int, pieces: int) -> list[Span]:
    """Split `count` things into at most this many pieces of similar size.

    >>> cut(5, 2), cut(2, 9)
    ([(0, 2), (2, 5)], [(0, 1), (1, 2)])
    """
    most = max(min(count, pieces), 1)
    return list(itertools.pairwise(count * index // most for index in range(most + 1)))


def goes_on(progress: Progress | None, done: int, total: int, began_s: float) -> bool:
    """Report progress, and return whether to continue."""
    spent_s = time.monotonic() - began_s
    return progress is None or progress(done, total, spent_s / max(done, 1) * (total - done))


def results(
    work: Work[Task, Found], task: Task, spans: Sequence[Span], *, workers: int, ray_address: str | None
) -> Generator[Found, None, None]:
    """Yield the result of each piece as it finishes; closing the generator cancels those not yet started."""
    if ray_address is not None:
        from planner.analysis import cluster  # noqa: PLC0415 - an optional extra

        yield from cluster.results(work, task, spans, ray_address)
    elif workers == 1:
        yield from (work(task, start, stop) for start, stop in spans)
    else:
        yield from _from_processes(work, task, spans, workers)


def _from_processes(
    work: Work[Task, Found], task: Task, spans: Sequence[Span], workers: int
) -> Generator[Found, None, None]:
    from concurrent.futures import ProcessPoolExecutor, as_completed  # noqa: PLC0415 - only large work needs it
    from multiprocessing import active_children, get_context  # noqa: PLC0415 - only work in pieces needs processes

    others, finished = {*active_children()}, False
    spawn = get_context("spawn")
    pool = ProcessPoolExecutor(workers, mp_context=spawn, initializer=_end_with, initargs=(os.getpid(),))
    try:
        with _uninterrupted(), _safe_path():
            waiting = [pool.submit(work, task, start, stop) for start, stop in spans]
        for done in as_completed(waiting):
            yield done.result()
        finished = True
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        for each in () if finished else {*active_children()} - others:
            each.terminate()  # its result is no longer needed
        pool.shutdown(wait=True)


def _end_with(parent: int) -> None:
    """End this process soon after its parent, however that ended."""

    def look() -> None:
        while os.getppid() == parent:
            time.sleep(LOOK_S)
        os._exit(1)

    threading.Thread(target=look, daemon=True).start()


@contextmanager
def _safe_path() -> Iterator[None]:
    """Start processes that import nothing from the working folder, not even before they have our path."""
    before = os.environ.get(SAFE_PATH_VARIABLE)
    os.environ[SAFE_PATH_VARIABLE] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[SAFE_PATH_VARIABLE]
        else:
            os.environ[SAFE_PATH_VARIABLE] = before


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Start processes that ignore ctrl+c, which also reaches them: this process handles it and keeps results."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
