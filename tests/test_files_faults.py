"""Whatever fails while a file is saved: the old or the new file is whole, and the edits are not lost."""

import contextlib
import errno
import itertools
import os
import random
import resource
import signal
import time
from types import SimpleNamespace

import pytest
import tomlkit  # noqa: F401 - once here, not in each of the hundreds of children

from planner.errors import ScenarioError
from planner.files import Conflict, Journal, atomic, journal, load, pending, replay, save
from planner.files.atomic import FileChangedError, atomic_write
from planner.files.loading import digest_of

pytestmark = pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")  # forks are the point here

PLAN = """\
schema = 1
title = "Plan"
[company]
cash_usd = 100   # bank
[deployments.a]
kind = "api"
model = "openai:gpt-5.4"
[workloads.chat]
routing = { tiers = ["a"] }
"""
CHILD = 'schema = 1\nextends = "base.toml"\n[company]\ncash_usd = 300   # after the round\n'
EDITS = {"company.cash_usd": 200, "demand.customers": 7}
STEPS = ("open", "stat", "fstat", "listdir", "fchmod", "write", "fsync", "fdatasync", "rename", "close")
PIECE_BYTES = 5


class Stepping:
    """The os module, calling `at(n, when)` before and after each step that touches a file."""

    def __init__(self, at, *, piece_bytes=10**9):
        self.at, self.steps, self.piece_bytes = at, itertools.count(), piece_bytes

    def module(self):
        return SimpleNamespace(**vars(os) | {name: self._step(name) for name in STEPS})

    def _step(self, name):
        real = getattr(os, name)

        def step(*args, **options):
            if name == "write":
                args = (args[0], bytes(args[1])[: self.piece_bytes])
            if name != "close":
                self.at(next(self.steps), "before")
            found = real(*args, **options)
            self.at(
                next(self.steps), "before" if name == "close" else "after"
            )  # it lets go even where it fails
            return found

        return step

    def __enter__(self):
        atomic.os = self.module()
        return self

    def __exit__(self, *_):
        atomic.os = journal.os = os


def plain(folder):
    (folder / "a.toml").write_text(PLAN)
    return folder / "a.toml", None


def through_a_link(folder):
    (folder / "real").mkdir()
    (folder / "real" / "b.toml").write_text(PLAN)
    (folder / "a.toml").symlink_to("real/b.toml")
    return folder / "a.toml", None


def extending(folder):
    (folder / "base.toml").write_text(PLAN)
    (folder / "a.toml").write_text(CHILD)
    return folder / "a.toml", None


def elsewhere(folder):
    (folder / "a.toml").write_text(PLAN)
    return folder / "a.toml", folder / "new.toml"


WAYS = [plain, through_a_link, extending, elsewhere]


def edited(loaded):
    scenario = loaded.scenario
    for field, value in EDITS.items():
        scenario = scenario.with_value(field, value)
    return scenario


def killed(work):
    """Run `work` in a child; return whether it was killed on the way."""
    pid = os.fork()
    if pid == 0:
        try:
            work()
        finally:
            os._exit(0)
    return os.WIFSIGNALED(os.waitpid(pid, 0)[1])


def die_at(step):
    def at(number, _when):
        if number == step:
            os.kill(os.getpid(), signal.SIGKILL)

    return at


def leftovers(folder):
    return [found.name for found in folder.rglob(".planner-*")]


@pytest.mark.parametrize("way", WAYS)
def test_a_kill_at_any_step_of_a_save_leaves_the_old_or_the_new_file_whole(tmp_path, way):
    path, target = way(tmp_path)
    old, loaded = path.read_text(), load(path)
    new_scenario = edited(loaded)
    seen = set()
    for step in itertools.count():

        def work(step=step):
            with Stepping(die_at(step), piece_bytes=PIECE_BYTES):
                save(loaded, new_scenario, target)

        was_killed = killed(work)
        written = target or path
        text = written.read_text() if written.exists() else ""
        seen.add(text)
        assert text in (old, "") or load(written).scenario == new_scenario
        assert text or target
        assert path.is_symlink() == (way is through_a_link)
        if target is None:
            path.write_text(old)
        else:
            target.unlink(missing_ok=True)
        if not was_killed:
            break
    assert len(seen) == 2
    assert step > 50
    save(load(path), new_scenario, target)
    assert leftovers(tmp_path) == []


def test_a_kill_at_any_step_of_the_journal_loses_no_edit_that_was_recorded(tmp_path):
    path, _ = plain(tmp_path)
    for step in itertools.count():
        reader, writer = os.pipe()

        def work(step=step, writer=writer):
            own = Journal(path, "digest", state=tmp_path)
            with Stepping(die_at(step)) as stepping:
                journal.os = stepping.module()
                for number in range(10):
                    own.record("demand.customers", number)
                    os.write(writer, b"x")

        was_killed = killed(work)
        os.close(writer)
        recorded = len(os.read(reader, 100))
        os.close(reader)
        edits = pending(path, state=tmp_path)
        assert [edit.value for edit in edits] == list(range(len(edits)))
        assert recorded <= len(edits) <= recorded + 1
        for left in (tmp_path / "unsaved").iterdir():
            left.unlink()
        if not was_killed:
            break
    assert step == 40


def test_a_kill_between_journal_and_save_loses_no_edit(tmp_path):
    path, _ = plain(tmp_path)
    meant = edited(load(path))
    for step in itertools.count():

        def work(step=step):
            loaded = load(path)
            own = Journal(path, loaded.digest, state=tmp_path)
            for field, value in EDITS.items():
                own.record(field, value)
            with Stepping(die_at(step)) as stepping:
                journal.os = stepping.module()
                own.saved(save(loaded, edited(loaded)).digest)
            os.kill(os.getpid(), signal.SIGTERM)

        killed(work)
        done = path.read_text() != PLAN
        again = replay(load(path).scenario, pending(path, state=tmp_path))
        assert again.problems == ()
        assert again.scenario == meant
        if done and not pending(path, state=tmp_path):
            break
        path.write_text(PLAN)
        for left in (tmp_path / "unsaved").iterdir():
            left.unlink()
    assert step > 20


def test_a_kill_at_any_moment_leaves_one_of_two_files_whole(tmp_path):
    path = tmp_path / "a.toml"
    texts = [letter * 200_000 for letter in "ab"]
    path.write_text(texts[0])
    chance = random.Random(1)
    for _ in range(150):
        pid = os.fork()
        if pid == 0:
            for text in itertools.cycle(texts):
                atomic_write(path, text)
        time.sleep(chance.uniform(0.0, 0.02))
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        assert path.read_text() in texts
    atomic_write(path, texts[0])
    assert leftovers(tmp_path) == []


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EACCES])
@pytest.mark.parametrize("way", WAYS)
def test_a_fault_at_any_step_of_a_save_is_said_and_nothing_half_stays(tmp_path, way, code):
    path, target = way(tmp_path)
    old, loaded = path.read_text(), load(path)
    new_scenario = edited(loaded)
    outcomes = set()
    for step in range(30):

        def at(number, when, step=step):
            if number == step and when == "before":
                raise OSError(code, os.strerror(code))

        words = ""
        with Stepping(at):
            try:
                save(loaded, new_scenario, target)
            except ScenarioError as error:
                words = str(error)
        written = target or path
        changed = written.exists() and written.read_text() != old
        assert changed == (not words)
        assert not changed or load(written).scenario == new_scenario
        assert leftovers(tmp_path) == []
        outcomes.add(changed)
        if target is None:
            path.write_text(old)
        else:
            target.unlink(missing_ok=True)
    assert outcomes == {True, False}


def test_a_file_too_large_for_the_system_is_said_in_words(tmp_path):
    path, _ = plain(tmp_path)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, before[1]))
    try:
        with pytest.raises(ScenarioError, match="the file system's limit for a file is reached"):
            atomic_write(path, PLAN * 10)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert path.read_text() == PLAN
    assert leftovers(tmp_path) == []


def swap_file(folder, victim):
    (folder / "a.toml").rename(folder / "away.toml")
    (folder / "a.toml").symlink_to(victim / "a.toml")


def swap_folder(folder, victim):
    folder.rename(folder.with_name("away"))
    folder.symlink_to(victim)


@pytest.mark.parametrize("swap", [swap_file, swap_folder])
@pytest.mark.parametrize("step", range(26))
def test_a_link_put_in_the_way_leads_the_save_nowhere_else(tmp_path, swap, step):
    folder, victim = tmp_path / "folder", tmp_path / "victim"
    for made in (folder, victim):
        made.mkdir()
    (folder / "a.toml").write_text(PLAN)
    (victim / "a.toml").write_text("precious")

    def at(number, _when):
        if number == step:
            swap(folder, victim)

    with Stepping(at), contextlib.suppress(ScenarioError, FileChangedError):
        atomic_write(folder / "a.toml", PLAN * 2, expect=digest_of(PLAN))
    assert (victim / "a.toml").read_text() == "precious"
    assert [found.name for found in victim.iterdir()] == ["a.toml"]


def test_writers_at_once_lose_no_edit_of_each_other(tmp_path):
    path, _ = plain(tmp_path)
    writers, times = 3, 15
    pids = []
    for _ in range(writers):
        pids.append(os.fork())
        if pids[-1] == 0:
            try:
                for _ in range(times):
                    count_one_more(path)
                os._exit(0)
            finally:
                os._exit(1)
    assert [os.waitpid(pid, 0)[1] for pid in pids] == [0] * writers
    assert load(path).scenario.value("demand.customers") == writers * times


def count_one_more(path):
    while True:
        loaded = load(path)
        count = loaded.scenario.value("demand.customers")
        if not isinstance(save(loaded, loaded.scenario.with_value("demand.customers", count + 1)), Conflict):
            return
