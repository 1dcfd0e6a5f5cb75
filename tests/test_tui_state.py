"""The open plan: edits, the way back, the baseline. No terminal."""

import pytest

from planner.errors import ScenarioError
from planner.schema import Range, Spec
from planner.tui.config.keys import KEYS, on_screen, remapped
from planner.tui.session import undoing
from planner.tui.session.field_list import lines, with_edit
from planner.tui.session.nudge import nudged
from planner.tui.session.plan_parts import added, places, removed
from planner.tui.session.step_words import step_words
from planner.tui.state import Plan

CONTEXT = "workloads.chat.context_tokens"
RAG = "workloads.chat.rag.on"


def test_an_edit_leaves_the_plan_before_it_as_it_was(chat):
    before = Plan.of(chat)
    after = before.edited(CONTEXT, "8k")
    assert after.scenario.value(CONTEXT) == 8000
    assert before.scenario.value(CONTEXT) == 4000


def test_undo_and_redo_walk_the_whole_history(chat):
    plan = Plan.of(chat).edited(CONTEXT, 5000).edited(CONTEXT, 6000)
    back = plan.undone().undone()
    assert back.scenario == chat
    assert back.redone().redone().scenario == plan.scenario


def test_an_edit_after_undo_forgets_what_was_undone(chat):
    plan = Plan.of(chat).edited(CONTEXT, 5000).undone().edited(CONTEXT, 7000)
    assert plan.redone() is plan


def test_an_edit_that_changes_nothing_is_no_step(chat):
    plan = Plan.of(chat)
    assert plan.edited(CONTEXT, 4000.0) is plan


def test_an_impossible_value_is_refused_with_its_rule(chat):
    with pytest.raises(ScenarioError, match="from 0 to 20M tokens"):
        Plan.of(chat).edited(CONTEXT, -1)


def test_several_changes_are_one_step_back(chat):
    plan = Plan.of(chat).changed({CONTEXT: 8000, "workloads.chat.rag.on": True})
    assert plan.scenario.value("workloads.chat.rag.on") is True
    assert plan.undone().scenario == chat


def test_a_new_baseline_takes_all_marks_away(chat):
    plan = Plan.of(chat).edited(CONTEXT, 8000)
    assert plan.with_baseline().baseline is plan.scenario


def test_taking_back_every_edit_leaves_nothing_unsaved(chat):
    plan = Plan.of(chat).edited(CONTEXT, 8000)
    assert plan.unsaved
    assert not plan.undone().unsaved


SHARE = Spec("Share", "share", "share", lo=0.0, hi=1.0, step=0.05)


def test_a_nudge_stays_inside_the_bounds():
    assert nudged(0.98, SHARE, 1) == 1.0


def test_nudges_there_and_back_return_to_the_same_number():
    assert nudged(nudged(0.3, SHARE, 3), SHARE, -3) == 0.3


def test_a_nudged_range_moves_both_ends():
    moved = nudged(Range(0.2, 0.4, family="logit-normal"), SHARE, 2)
    assert (moved.low, moved.high) == (0.3, 0.5)


def test_a_range_that_would_leave_its_bounds_stays():
    kept = Range(0.9, 0.96, family="logit-normal")
    assert nudged(kept, SHARE, 1) is kept


def test_a_nudged_choice_goes_round():
    spec = Spec("Weights", "choice", choices=("bf16", "fp8", "int4"))
    assert [nudged("int4", spec, 1), nudged("bf16", spec, -1)] == ["bf16", "int4"]


def paths(scenario, **kwargs):
    return [line.path for line in lines(scenario, baseline={}, **kwargs)]


def test_the_chunks_of_rag_show_once_it_is_on(chat):
    assert "workloads.chat.rag.chunks" not in paths(chat)
    assert "workloads.chat.rag.chunks" in paths(chat.with_value("workloads.chat.rag.on", True))


def test_every_field_can_be_shown(chat):
    assert len(paths(chat, everything=True)) > len(paths(chat))


def test_a_folded_section_shows_its_header_only(chat):
    shown = paths(chat, folded={"workloads.chat"})
    assert "workloads.chat" in shown
    assert CONTEXT not in shown


def test_only_what_differs_from_the_baseline_is_marked(chat):
    baseline = {
        line.path: line.field.value for line in lines(chat, baseline={}, everything=True) if line.field
    }
    marked = [line.path for line in lines(chat.with_value(CONTEXT, 8000), baseline=baseline) if line.changed]
    assert marked == [CONTEXT]


@pytest.mark.parametrize("path", [CONTEXT, "demand.churn_share_per_month", "workloads.chat.outcome.attempts"])
def test_rows_after_an_edit_are_those_of_a_new_listing(chat, path):
    baseline = {
        line.path: line.field.value for line in lines(chat, baseline={}, everything=True) if line.field
    }
    shown = lines(chat, baseline=baseline)
    after = chat.with_value(path, "triangular 1, 2, 3" if "attempts" in path else 0.5)
    listed = with_edit(shown, path, after.value(path), baseline=baseline)
    assert listed is None or listed == lines(after, baseline=baseline)


def test_an_edit_that_shows_other_rows_is_listed_anew(chat):
    shown = lines(chat, baseline={})
    assert with_edit(shown, "workloads.chat.outcome.attempts", 3.0, baseline={}) is None


def test_no_screen_has_one_key_for_two_actions():
    for where in {where for key in KEYS for where in key.where}:
        taken = [each for key in on_screen(where) for each in key.keys]
        assert sorted(taken) == sorted(set(taken)), where


def test_no_screen_has_two_lines_for_one_action():
    for where in {where for key in KEYS for where in key.where}:
        names = [key.name for key in on_screen(where)]
        assert sorted(names) == sorted(set(names)), where


def test_a_keymap_gives_an_action_other_keys():
    keys, problems = remapped({"undo": "U ctrl+y"})
    assert not problems
    assert next(key.keys for key in keys if key.name == "undo") == ("U", "ctrl+y")


def test_two_actions_that_want_one_key_are_told():
    keys, problems = remapped({"undo": "s"})
    assert "both want s" in str(problems[0])
    assert "s" in next(key.keys for key in keys if key.name == "undo")


def test_an_unknown_action_in_a_keymap_is_told_with_the_nearest():
    _, problems = remapped({"undoo": "z"})
    assert str(problems[0]) == "undoo is not an action. Did you mean undo?"


def test_a_step_back_names_the_part_that_it_brings_or_takes(chat):
    workloads, funding = (
        place for name in ("workloads", "company.funding") for place in places(chat) if place.path == name
    )
    mail = added(chat, workloads, workloads.kinds[0], {}, name="mail")
    words, _, at = step_words(mail, chat)
    assert (words, at) == ("the workload mail is out again.", "")
    words, _, at = step_words(chat, mail)
    assert words == "the workload mail is back."
    assert at.startswith("workloads.mail.")
    raised = chat
    for month in (3, 5, 7):
        raised = added(raised, funding, funding.kinds[0], {"month": month, "amount_usd": 1e6})
    second = str(len(chat.company.funding) + 1)
    words, more, at = step_words(removed(raised, funding, second), raised)
    assert (words, more) == (f"the raise {int(second) + 1} is back.", "")
    assert at == f"company.funding.{second}.month"


def test_a_step_back_over_several_fields_counts_and_names_them(chat):
    changes = {RAG: not chat.value(RAG), CONTEXT: 1000.0, "workloads.chat.outcome.attempts": 2.0}
    plan = Plan.of(chat).changed(changes)
    step = undoing.undone(plan)
    assert step.words == "Undone: 3 fields are as before."
    assert step.more.startswith("chat: Context ")
    assert "RAG o" in step.more
    assert step.at in changes
