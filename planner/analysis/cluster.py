"""Run work on a Ray cluster, which the extra `cluster` installs."""

import hashlib
import socket
import sys
from collections.abc import Iterator, Sequence
from contextlib import redirect_stdout
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from planner import __version__
from planner.errors import Problem, ScenarioError

if TYPE_CHECKING:
    from planner.analysis.pieces import Found, Span, Task, Work

LOCAL = "local"
ANSWERS_WITHIN_S = 5.0


def workers(address: str) -> int:
    """Return the number of processors of the cluster at `address`; "local" starts one on this machine."""
    ray = _ray()
    if not ray.is_initialized():
        _knock(address)
        try:
            ray.init(
                address=address, log_to_driver=False, include_dashboard=False if address == LOCAL else None
            )
        except (ConnectionError, ValueError) as error:
            raise ScenarioError([Problem(address, f"can't be reached as a Ray cluster: {error}.")]) from None
    return max(int(ray.cluster_resources().get("CPU", 1)), 1)


def results(
    work: "Work[Task, Found]", task: "Task", spans: "Sequence[Span]", address: str
) -> "Iterator[Found]":
    """Yield the result of each piece of work as the cluster finishes it; closing the iterator cancels the rest.

    Ray redoes a lost node's work elsewhere. If the cluster itself is lost, this machine does the rest.
    """
    with redirect_stdout(sys.stderr):  # Ray prints messages about its nodes to stdout
        yield from _results(work, task, spans, address)


def _results(
    work: "Work[Task, Found]", task: "Task", spans: "Sequence[Span]", address: str
) -> "Iterator[Found]":
    ray = _ray()
    workers(address)
    shared = ray.put(task)
    remote, here = ray.remote(at_same_code), code_stamp()
    left = {remote.remote(here, work, shared, start, stop): (start, stop) for start, stop in spans}
    try:
        while left:
            for each in ray.wait([*left])[0]:
                found = ray.get(each)
                del left[each]
                yield found
    except ray.exceptions.RayTaskError as error:
        if isinstance(error.cause, ScenarioError):
            raise error.cause from None
        raise
    except ray.exceptions.RayError:
        rest = [*left.values()]
        left.clear()
        yield from (work(task, start, stop) for start, stop in rest)
    finally:
        for each in left:
            ray.cancel(each)
        ray.shutdown()  # a cluster on this machine ends with the work; others keep running


def at_same_code(here: str, work: "Work[Task, Found]", task: "Task", start: int, stop: int) -> "Found":
    """Do a piece of work on a node; raise ScenarioError if its planner version differs from ours."""
    there = code_stamp()
    if there != here:
        what = f"has a node with another planner ({there}; here {here})."
        raise ScenarioError([Problem("the cluster", what, "Install the same version on every node.")])
    return work(task, start, stop)


@cache
def code_stamp() -> str:
    """Return this planner's version, with a fingerprint of its code and tables."""
    package = Path(__file__).parents[1]
    counted = (package / name for name in ("schema", "catalog", "model", "analysis"))
    files = sorted(
        path for folder in counted for path in folder.rglob("*") if path.suffix in (".py", ".toml", ".csv")
    )
    digest = hashlib.sha256()
    for path in files:
        digest.update(path.relative_to(package).as_posix().encode() + b"\0" + path.read_bytes())
    return f"{__version__}+{digest.hexdigest()[:12]}"


def _knock(address: str) -> None:
    """Raise ScenarioError at once if nothing answers at a host and port; Ray would retry for minutes."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not host or not port.isdigit():
        return
    try:
        socket.create_connection((host, int(port)), timeout=ANSWERS_WITHIN_S).close()
    except (OSError, OverflowError) as error:
        raise ScenarioError([Problem(address, f"can't be reached as a Ray cluster: {error}.")]) from None


def _ray() -> Any:
    try:
        import ray  # noqa: PLC0415 - an optional extra
    except ImportError:
        hint = "Install the extra, in the planner's own folder: pip install -e '.[cluster]'."
        raise ScenarioError([Problem("ray", "is not installed.", hint)]) from None
    return ray
