"""Edits that are not saved outlive a kill and a dropped line, on a real terminal; two screens know of each other."""

import os
import shutil
import signal
import time

import pytest
from emulator import Program

from planner.errors import ScenarioError
from planner.files import Edit, load, pending, replay
from planner.schema import ApiDeployment
from planner.tui.session.unsaved import Keeper, Surroundings, left_over
from planner.tui.state import Plan

CONTEXT = "workloads.chat.context_tokens"
RAG = "workloads.chat.rag.on"


@pytest.fixture
def file(tmp_path, root):
    shutil.copy(root / "saved" / "support-copilot.toml", tmp_path / "mine.toml")
    return tmp_path / "mine.toml"


@pytest.fixture
def screen(tmp_path, file):
    """Give a function that opens the planner on the file in an emulated terminal."""
    started = []

    def start(size=(80, 24)):
        folders = {f"XDG_{name}_HOME": str(tmp_path / name) for name in ("STATE", "CONFIG", "DATA")}
        program = Program("-m", "planner", str(file), size=size, **folders)
        started.append(program)
        program.wait_for("Support copilot", 30)
        program.wait_for("$212k", 30)
        return program

    yield start
    for program in started:
        try:
            program.close()
        except (ProcessLookupError, ChildProcessError):
            os.close(program.fd)


def unsaved(tmp_path, file):
    return {edit.field: edit.value for edit in pending(file, state=tmp_path / "STATE" / "planner")}


def kept_when_killed(screen, tmp_path, file, end):
    """Raise the context by a large step, end the screen with `end`, and return what it left."""
    program = screen()
    program.type("L")
    program.wait_for("[unsaved]")
    program.settled()
    end(program)
    return unsaved(tmp_path, file)


def kill(program):
    os.kill(program.pid, signal.SIGKILL)
    os.waitpid(program.pid, 0)


def hang_up(program):
    os.close(program.fd)
    program.fd = os.open(os.devnull, os.O_RDONLY)
    wait_until_gone(program)


def wait_until_gone(program):
    end = time.monotonic() + 60
    while os.waitpid(program.pid, os.WNOHANG)[0] == 0:
        assert time.monotonic() < end, "the screen lives on"
        time.sleep(0.02)


def test_an_edit_survives_a_kill_and_comes_back_when_asked_for(screen, tmp_path, file):
    assert kept_when_killed(screen, tmp_path, file, kill) == {CONTEXT: 18_500}
    again = screen()
    again.wait_for("edits left over")
    again.type("R")
    again.wait_for("Context 18,500. Restore them?")
    again.type("y")
    again.wait_for("18,500 tokens")
    again.wait_for("not saved yet")
    again.type("s")
    again.wait_for("Saved to")
    assert load(file).scenario.value(CONTEXT) == 18_500
    again.type("q")
    wait_until_gone(again)
    assert unsaved(tmp_path, file) == {}


def test_an_edit_survives_a_dropped_line_and_the_screen_does_not_linger(screen, tmp_path, file):
    assert kept_when_killed(screen, tmp_path, file, hang_up) == {CONTEXT: 18_500}


def test_an_edit_survives_a_polite_kill_and_the_terminal_is_left_tidy(screen, tmp_path, file):
    def ask_to_end(program):
        os.kill(program.pid, signal.SIGTERM)
        end = time.monotonic() + 60
        while b"\x1b[?1049l" not in program.sent:
            program.read(0.05)
            assert time.monotonic() < end, "the alternate screen was not left"
        wait_until_gone(program)

    assert kept_when_killed(screen, tmp_path, file, ask_to_end) == {CONTEXT: 18_500}


def test_edits_that_are_not_wanted_are_forgotten(screen, tmp_path, file):
    kept_when_killed(screen, tmp_path, file, kill)
    again = screen()
    again.wait_for("not saved when")
    again.type("R")
    again.wait_for("Restore them?")
    again.type("n")
    again.wait_for("forgotten")
    assert unsaved(tmp_path, file) == {}


def test_edits_left_alone_are_offered_once_more(screen, tmp_path, file):
    kept_when_killed(screen, tmp_path, file, kill)
    again = screen()
    again.wait_for("not saved when")
    again.type("R")
    again.wait_for("Restore them?")
    again.type("\x1b")
    again.wait_for("offered again at the next start")
    kill(again)
    assert unsaved(tmp_path, file) == {CONTEXT: 18_500}


def test_leaving_in_order_leaves_nothing(screen, tmp_path, file):
    program = screen()
    program.type("Lq")
    program.wait_for("not saved")
    program.type("n")
    wait_until_gone(program)
    assert unsaved(tmp_path, file) == {}
    assert list((tmp_path / "STATE" / "planner" / "unsaved").iterdir()) == []


def test_two_screens_on_one_file_know_of_each_other(screen, file):
    first = screen()
    second = screen()
    second.wait_for("also open since")
    first.wait_for("also open since")
    kill(second)
    end = time.monotonic() + 60
    while "also open" in first.render().text():
        while first.read(0.1):
            pass
        assert time.monotonic() < end, "the dead screen still counts"


def test_the_title_tells_of_a_file_that_changed_on_the_disk(screen, file):
    program = screen()
    time.sleep(3.5)
    file.write_text(file.read_text().replace("310_000", "300_000"))
    program.wait_for("changed on the disk")


@pytest.fixture
def keeper(tmp_path):
    keeper = Keeper(state=tmp_path)
    yield keeper
    keeper.close()


def left(path, keeper, tmp_path):
    """Return the edits on the disk, as after a crash."""
    assert keeper.flush()
    os.close(keeper._journal._descriptor)
    edits = pending(path, state=tmp_path)
    keeper._journal._descriptor = os.open(os.devnull, os.O_RDONLY)
    return [(edit.field, edit.value) for edit in edits]


def test_an_undone_edit_is_undone_on_the_disk(keeper, file, tmp_path):
    plan = Plan.opened(load(file))
    keeper.follow(plan)
    keeper.follow(edited := plan.edited(CONTEXT, 5000).edited(RAG, True))
    assert keeper.flush()
    keeper.follow(edited.undone())
    assert left(file, keeper, tmp_path) == [(CONTEXT, 5000), (RAG, True), (RAG, False)]


def test_a_save_clears_what_came_before_it(keeper, file, tmp_path):
    plan = Plan.opened(load(file)).edited(CONTEXT, 5000)
    keeper.follow(plan)
    assert keeper.flush()
    file.write_text(file.read_text().replace("16_000", "5_000"))
    keeper.follow(plan := plan.stored(load(file)))
    assert keeper.flush()
    keeper.follow(plan.edited(RAG, True))
    assert left(file, keeper, tmp_path) == [(RAG, True)]


def test_a_section_that_came_is_kept_whole(keeper, file, tmp_path):
    plan = Plan.opened(load(file))
    keeper.follow(plan)
    table = {"kind": "api", "model": "openai:gpt-4o", "success_share": 0.5}
    more = plan.scenario.model_copy(
        update={"deployments": plan.scenario.deployments | {"other": _deployment(table)}}
    )
    keeper.follow(plan.became(more))
    (field, value), *_ = left(file, keeper, tmp_path)
    assert field == ""
    assert value["deployments"]["other"]["model"] == "openai:gpt-4o"


def _deployment(table):
    return ApiDeployment.model_validate(table)


def test_a_folder_that_takes_nothing_is_told_and_stops_no_one(tmp_path, file):
    (tmp_path / "unsaved").write_text("a file where the folder should be")
    keeper = Keeper(state=tmp_path)
    keeper.follow(Plan.opened(load(file)).edited(CONTEXT, 5000))
    assert not keeper.flush()
    assert "keeping unsaved edits" in keeper.surroundings.problem
    assert "not kept" in keeper.surroundings.words
    keeper.close()


def soon(happens, seconds=60):
    end = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.02)


def descriptors_under(folder):
    """How many open files of this process lie below `folder`: those of other tests don't count."""
    links = [fd.path for fd in os.scandir("/proc/self/fd")]
    return sum(os.path.realpath(link).startswith(f"{folder}/") for link in links)


def test_what_the_disk_refused_is_kept_as_soon_as_it_takes_it(tmp_path, file, monkeypatch):
    monkeypatch.setattr("planner.tui.session.unsaved.LOOK_EVERY_S", 0.05)
    (tmp_path / "unsaved").write_text("a file where the folder should be")
    keeper = Keeper(state=tmp_path)
    keeper.follow(Plan.opened(load(file)).edited(CONTEXT, 5000).edited(RAG, True))
    assert not keeper.flush()
    before = descriptors_under(tmp_path)
    time.sleep(0.5)
    assert descriptors_under(tmp_path) <= before + 1
    assert "not kept" in keeper.surroundings.words
    (tmp_path / "unsaved").unlink()
    soon(lambda: not keeper.surroundings.problem)
    assert left(file, keeper, tmp_path) == [(CONTEXT, 5000), (RAG, True)]
    keeper.close()


def test_an_edit_refused_halfway_is_made_again_from_what_is_on_the_disk(keeper, file, tmp_path, monkeypatch):
    monkeypatch.setattr("planner.tui.session.unsaved.LOOK_EVERY_S", 0.05)
    keeper.follow(plan := Plan.opened(load(file)).edited(CONTEXT, 5000))
    assert keeper.flush()
    full = {"disk": True}

    def write(descriptor, raw, write=os.write):
        return write(descriptor, raw[: len(raw) // 2] if full["disk"] else raw)

    monkeypatch.setattr("planner.files.journal.os.write", write)
    keeper.follow(plan := plan.edited(RAG, True))
    assert not keeper.flush()
    keeper.follow(plan.undone().edited(CONTEXT, 6000))
    assert not keeper.flush()
    full["disk"] = False
    soon(lambda: not keeper.surroundings.problem)
    monkeypatch.undo()
    found = left(file, keeper, tmp_path)
    assert dict(found)[CONTEXT] == 6000
    assert dict(found).get(RAG, False) is False


def test_another_plan_on_a_full_disk_writes_to_no_closed_file(keeper, file, tmp_path, monkeypatch):
    monkeypatch.setattr("planner.tui.session.unsaved.LOOK_EVERY_S", 0.05)
    keeper.follow(Plan.opened(load(file)).edited(CONTEXT, 5000))
    assert keeper.flush()
    other = file.with_name("other.toml")
    shutil.copy(file, other)
    with monkeypatch.context() as full:
        full.setattr("planner.files.journal.os.write", lambda _descriptor, _raw: 0)
        keeper.follow(Plan.opened(load(other)).edited(CONTEXT, 7000))
        assert not keeper.flush()
    soon(lambda: not keeper.surroundings.problem)
    assert left(other, keeper, tmp_path) == [(CONTEXT, 7000)]
    assert pending(file, state=tmp_path) == ()


def test_edits_of_a_plan_that_was_moved_meanwhile_are_offered(file, tmp_path):
    keeper = Keeper(state=tmp_path)
    keeper.follow(Plan.opened(load(file)).edited(CONTEXT, 5000))
    moved = file.with_name("moved.toml")
    file.rename(moved)
    assert keeper.flush()
    os.close(keeper._journal._descriptor)
    keeper._journal._descriptor = os.open(os.devnull, os.O_RDONLY)
    plan = Plan.opened(load(moved))
    assert [(edit.field, edit.value) for edit in left_over(plan, tmp_path)] == [(CONTEXT, 5000)]
    keeper.close()


def test_nothing_around_needs_no_words():
    assert Surroundings().words == ""


def test_a_whole_table_that_can_not_be_read_is_a_problem_in_words(chat):
    again = replay(
        chat, [Edit("", {"schema": 1, "company": {"cash_usd": "lots"}}, "x"), Edit(CONTEXT, 7, "x")]
    )
    assert again.scenario.value(CONTEXT) == 7
    assert [problem.where for problem in again.problems] == ["company.cash_usd"]


def test_a_plan_that_became_another_goes_back_in_one_step(chat):
    plan = Plan.of(chat)
    other = chat.with_value(CONTEXT, 5).with_value(RAG, True)
    became = plan.became(other)
    assert became.past[-1].edit.path == CONTEXT
    assert became.undone().scenario is chat
    assert plan.became(chat) is plan
    with pytest.raises(ScenarioError):
        chat.with_value("no.such", 1)


def test_a_journal_that_was_taken_away_is_begun_again_with_every_edit(file, tmp_path):
    plan = Plan.opened(load(file))
    edited = plan.edited("company.cash_usd", "2_000_000").edited("revenue.usd_per_customer_per_month", "77")
    keeper = Keeper(state=tmp_path)
    keeper.follow(edited)
    assert keeper.flush()
    (journal,) = (tmp_path / "unsaved").iterdir()
    journal.unlink()
    keeper._keep(edited)
    (again,) = (tmp_path / "unsaved").iterdir()
    assert again != journal
    assert again.read_text().count('"field"') == 2
    keeper.close()
    assert not [*(tmp_path / "unsaved").iterdir()]
