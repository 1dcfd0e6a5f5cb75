"""Unsaved edits survive their screen, and screens on one file know of each other."""

import errno
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.errors import ScenarioError
from planner.files import Edit, Journal, clear, journal, load_text, others, pending, replay
from planner.files.loading import digest_of
from planner.schema import Range

pytestmark = pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")  # forks are the point here

PLAN = """\
schema = 1
[company]
cash_usd = 100
[deployments.a]
kind = "api"
model = "openai:gpt-5.4"
[deployments.b]
kind = "api"
model = "openai:gpt-5.4"
[workloads.chat]
routing = { tiers = ["a"] }
"""
FIRST = Edit("company.cash_usd", 5, "digest-1")


@pytest.fixture
def path(tmp_path):
    (tmp_path / "a.toml").write_text(PLAN)
    return tmp_path / "a.toml"


@contextmanager
def another_screen(path, work):
    """Run `work(journal)` in another process that holds its journal until it is killed; yield its id."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        own = Journal(path, "digest-1", state=path.parent)
        work(own)
        os.write(writer, b"x")
        signal.pause()
        os._exit(0)
    os.close(writer)
    assert os.read(reader, 1) == b"x"
    os.close(reader)
    try:
        yield pid
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def left_by_a_killed_screen(path, work):
    with another_screen(path, work):
        pass
    return pending(path, state=path.parent)


def test_edits_outlive_a_killed_screen(path):
    def work(own):
        own.record("company.cash_usd", 5)
        own.record("demand.customers", Range(0.5, 2_000.0, family="lognormal"))
        own.record("workloads.chat.routing.tiers", ("a", "b"))

    assert left_by_a_killed_screen(path, work) == (
        FIRST,
        Edit("demand.customers", "0.5 to 2_000", "digest-1"),
        Edit("workloads.chat.routing.tiers", ["a", "b"], "digest-1"),
    )


@pytest.mark.parametrize("kind", [signal.SIGHUP, signal.SIGTERM, signal.SIGKILL])
def test_edits_outlive_a_dropped_line(path, kind):
    program = (
        "import sys, time\nfrom pathlib import Path\nfrom planner.files import Journal\n"
        "path = Path(sys.argv[1])\nown = Journal(path, 'digest-1', state=path.parent)\n"
        "own.record('company.cash_usd', 5)\nprint('ready', flush=True)\ntime.sleep(60)\n"
    )
    command = [sys.executable, "-c", program, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as screen:
        assert screen.stdout.readline() == b"ready\n"
        screen.send_signal(kind)
        assert screen.wait(10) == -kind
    assert pending(path, state=path.parent) == (FIRST,)


def test_edits_of_a_living_screen_are_not_offered(path):
    with another_screen(path, lambda own: own.record("company.cash_usd", 5)):
        assert pending(path, state=path.parent) == ()
        clear(path, state=path.parent)
    assert pending(path, state=path.parent) == (FIRST,)


def test_screens_on_one_file_know_of_each_other(path):
    with Journal(path, "digest-1", state=path.parent):
        with another_screen(path, lambda own: None) as pid:
            (other,) = others(path, state=path.parent)
            assert (other.pid, other.host) == (pid, socket.gethostname())
            assert abs(other.since_s - time.time()) < 60
        assert others(path, state=path.parent) == ()


def test_a_link_to_a_file_is_the_same_file(path):
    (path.parent / "link.toml").symlink_to(path)
    with another_screen(path, lambda own: None) as pid:
        assert [other.pid for other in others(path.parent / "link.toml", state=path.parent)] == [pid]


def test_saved_edits_are_not_offered(path):
    def work(own):
        own.record("company.cash_usd", 5)
        own.saved("digest-2")
        own.record("demand.customers", 7)

    assert left_by_a_killed_screen(path, work) == (Edit("demand.customers", 7, "digest-2"),)


def test_a_screen_that_leaves_in_peace_leaves_nothing(path):
    with Journal(path, "digest-1", state=path.parent) as own:
        own.record("company.cash_usd", 5)
    assert pending(path, state=path.parent) == ()
    assert list((path.parent / "unsaved").iterdir()) == []


def test_what_is_cleared_is_gone(path):
    assert left_by_a_killed_screen(path, lambda own: own.record("company.cash_usd", 5))
    clear(path, state=path.parent)
    assert list((path.parent / "unsaved").iterdir()) == []


@settings(max_examples=60, deadline=None)
@given(cut=st.integers(1, 400), noise=st.binary(max_size=20))
def test_a_torn_end_loses_no_whole_edit(tmp_path_factory, cut, noise):
    path = tmp_path_factory.mktemp("torn") / "a.toml"
    with Journal(path, "digest-1", state=path.parent) as own:
        for number in range(5):
            own.record("demand.customers", number)
        raw = own._path.read_bytes()
    kept = raw[:-cut]
    (path.parent / "unsaved" / own._path.name).write_bytes(kept + noise)
    whole = max(kept.count(b"\n") - 1, 0)
    edits = pending(path, state=path.parent)
    assert [edit.value for edit in edits][:whole] == list(range(whole))
    assert len(edits) <= whole + 1


def test_edits_go_on_after_the_disk_was_full(path, monkeypatch):
    with Journal(path, "digest-1", state=path.parent) as own:
        own.record("company.cash_usd", 5)
        half = SimpleNamespace(**vars(os) | {"write": lambda fd, raw: os.write(fd, raw[: len(raw) // 2])})
        monkeypatch.setattr(journal, "os", half)
        with pytest.raises(ScenarioError, match="the disk is full"):
            own.record("company.cash_usd", 6)
        monkeypatch.undo()
        own.record("company.cash_usd", 7)
        kept = own._path.read_bytes()
    own._path.write_bytes(kept)
    assert [edit.value for edit in pending(path, state=path.parent)] == [5, 7]


def test_a_state_folder_that_can_not_be_made_is_said_in_words(path):
    with pytest.raises(ScenarioError, match="part of its path is a file"):
        Journal(path, "digest-1", state=path)
    assert pending(path, state=path) == ()


def test_many_plans_are_no_edit(path):
    with Journal(path, "d", state=path.parent) as own, pytest.raises(ScenarioError, match="holds many plans"):
        own.record("company.cash_usd", np.array([1.0, 2.0]))


def test_a_screen_on_another_machine_counts_as_there_for_a_day(path, monkeypatch):
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(journal.socket, "gethostname", lambda: "elsewhere")
        elsewhere.setattr(journal, "_machine", lambda: "another machine")
        assert left_by_a_killed_screen(path, lambda own: own.record("company.cash_usd", 5)) == (FIRST,)
    assert [other.host for other in others(path, state=path.parent)] == ["elsewhere"]
    (left,) = (path.parent / "unsaved").iterdir()
    os.utime(left, (0, 0))
    assert others(path, state=path.parent) == ()
    assert pending(path, state=path.parent) == (FIRST,)


def test_edits_are_offered_after_the_host_got_another_name(path, monkeypatch):
    monkeypatch.setattr(journal, "_machine", lambda: "this machine")
    left_by_a_killed_screen(path, lambda own: own.record("company.cash_usd", 5))
    monkeypatch.setattr(journal.socket, "gethostname", lambda: "renamed")
    assert pending(path, state=path.parent) == (FIRST,)


def test_edits_follow_a_plan_that_was_moved(path):
    digest = digest_of(PLAN)

    def work(own):
        own.saved(digest)
        own.record("company.cash_usd", 5)

    left_by_a_killed_screen(path, work)
    there = path.rename(path.with_name("moved.toml"))
    assert pending(there, state=path.parent) == (Edit("company.cash_usd", 5, digest),)
    assert pending(path, state=path.parent) == (Edit("company.cash_usd", 5, digest),)
    clear(there, state=path.parent)
    assert pending(there, state=path.parent) == ()


def test_edits_of_a_plan_that_is_still_there_are_not_offered_to_its_copy(path):
    left_by_a_killed_screen(path, lambda own: own.saved(digest_of(PLAN)) or own.record("company.cash_usd", 5))
    copy = path.with_name("copy.toml")
    copy.write_text(PLAN)
    assert pending(copy, state=path.parent) == ()


@pytest.mark.parametrize("record", [{"base": "d"}, {"base": "d", "pid": [], "host": 1, "since_s": "x"}])
def test_a_journal_that_no_planner_wrote_is_set_aside(path, record):
    Journal(path, "d", state=path.parent).close()
    folder = path.parent / "unsaved"
    (folder / f"{journal._key(path)}-1-x.jsonl").write_text(journal._line(record))
    assert pending(path, state=path.parent) == ()
    assert [each.suffix for each in folder.iterdir()] == [".unreadable"]


def test_a_journal_that_can_not_be_begun_leaves_no_file_open(path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(journal, "_sync_folder", full)
    before = len([*Path("/proc/self/fd").iterdir()])
    for _ in range(5):
        with pytest.raises(ScenarioError, match="disk is full"):
            Journal(path, "d", state=path.parent)
    assert len([*Path("/proc/self/fd").iterdir()]) == before
    assert list((path.parent / "unsaved").iterdir()) == []


def test_replay_makes_the_edits_again():
    scenario = load_text(PLAN, path="a.toml").scenario
    edits = [FIRST, Edit("company.cash_usd", 6, ""), Edit("demand.growth_share_per_month", "0.1 to 0.2", "")]
    again = replay(scenario, edits)
    assert again.scenario.value("company.cash_usd") == 6
    assert str(again.scenario.value("demand.growth_share_per_month")) == "0.1 to 0.2"
    assert again.problems == ()


def test_replay_says_what_can_not_be_made_again():
    scenario = load_text(PLAN, path="a.toml").scenario
    again = replay(scenario, [Edit("workloads.gone.output_tokens", 6, ""), FIRST])
    assert again.scenario.value("company.cash_usd") == 5
    assert [problem.where for problem in again.problems] == ["workloads.gone.output_tokens"]
