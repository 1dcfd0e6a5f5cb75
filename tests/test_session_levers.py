"""The levers of sessions: what each does by hand, that the unknown among them say so, and that every analysis has them."""

import numpy as np
import pytest

from planner.analysis.frontier import frontier
from planner.analysis.moves import moves, settings
from planner.analysis.sweep import sweep
from planner.errors import ScenarioError
from planner.files import load_text
from planner.model import evaluate
from planner.schema import replaced_many

PLAN = """\
schema = 1
[company]
cash_usd = 1_000_000
[deployments.frontier]
kind = "api"
model = "anthropic:claude-sonnet-4-5"
success_share = 0.8
[deployments.small]
kind = "api"
model = "anthropic:claude-haiku-4-5"
success_share = 0.5
[workloads.agent]
requests_per_month = 100_000
latency = "none"
prompt_tokens = 4_000
context_tokens = 8_000
output_tokens = 400
reasoning_tokens = 600
routing = { tiers = ["frontier"] }
meters = { web_search = 0.4 }
[workloads.agent.session]
calls = 30
added_tokens = 1_800
spawns = { search = 2 }
[workloads.search]
latency = "none"
context_tokens = 9_000
routing = { tiers = ["frontier"] }
"""
AGENT = "workloads.agent."
LEVERS = {
    f"{AGENT}effort.on": True,
    f"{AGENT}fewer_calls.on": True,
    f"{AGENT}session.compact_at_tokens": 32_000.0,
    f"{AGENT}meters.web_search": 0.0,
    f"{AGENT}cache.lifetime": "1h",
    "workloads.search.routing.tiers": ("small",),
}


STATED = PLAN.replace(
    "spawns = { search = 2 }", "spawns = { search = 2 }\nfails_with = { search = 0.25 }"
).replace(
    "meters = { web_search = 0.4 }", "meters = { web_search = 0.4 }\nsuccess_without = { web_search = 0.9 }"
)


def plan(text=PLAN, **values):
    scenario = load_text(text, path="agent.toml").scenario
    for path, value in values.items():
        scenario = scenario.with_value(path.replace("__", "."), value)
    return scenario


def agent(scenario):
    return evaluate(scenario).workloads["agent"]


@pytest.fixture(scope="module")
def found():
    return {
        move.settings[0].path: move
        for move in moves(plan(), paired=0).found
        if move.settings[0].path in LEVERS
    }


def test_lower_effort_removes_reasoning_only_and_keeps_its_share_of_success():
    base, low = agent(plan()), agent(plan(workloads__agent__effort__on=True))
    assert float(base.output_tokens) == 30 * 1_000
    assert float(low.output_tokens) == 30 * 700
    assert float(low.success_share) > 0.97 * float(base.success_share)  # shorter prompts lose less as well
    alone = plan(workloads__agent__session__keeps_answers=False)
    same, less = agent(alone), agent(alone.with_value("workloads.agent.effort.on", True))
    assert float(less.success_share) == pytest.approx(0.97 * float(same.success_share))


def test_fewer_calls_leave_one_at_least():
    cut = plan(workloads__agent__fewer_calls__on=True, workloads__agent__fewer_calls__removed_share=0.5)
    assert float(agent(cut).output_tokens) == 15 * 1_000
    all_of_it = cut.with_value("workloads.agent.fewer_calls.removed_share", 1.0)
    assert float(agent(all_of_it).output_tokens) == 1_000


def test_each_compaction_keeps_its_share_of_success():
    """12,000 tokens and 2,800 a call: the 9th call is compacted to 20,000, then each 5th: 9, 14, 19, 24 and 29."""
    said = plan(
        workloads__agent__session__compact_at_tokens=32_000,
        workloads__agent__session__compact_to_tokens=20_000,
    )
    kept = said.with_value("workloads.agent.session.compact_retention_share", 0.99)
    assert float(agent(kept).success_share) == pytest.approx(0.99**5 * float(agent(said).success_share))


def test_a_failed_helper_spoils_its_share_of_requests():
    search = float(evaluate(plan(STATED)).workloads["search"].success_share)
    spoilt = (1 - 0.25 * (1 - search)) ** 2
    assert float(agent(plan(STATED)).success_share) == pytest.approx(
        spoilt * float(agent(plan()).success_share)
    )


def test_a_tool_that_is_off_keeps_what_is_stated():
    off = plan(STATED, workloads__agent__meters__web_search=0)
    assert float(agent(off).success_share) == pytest.approx(0.9 * float(agent(plan(STATED)).success_share))


def test_a_helper_must_be_one_that_is_started():
    with pytest.raises(ScenarioError, match="is not one of the workloads it starts"):
        load_text(PLAN.replace("spawns = { search = 2 }", "fails_with = { search = 0.5 }"), path="agent.toml")


def test_the_levers_of_sessions_are_in_a_stack_what_they_are_alone():
    shares, on = np.array([0.1, 0.5, 0.9]), np.array([True, False, True])
    many = {
        "effort.on": on, "effort.removed_share": shares, "fewer_calls.on": on, "fewer_calls.removed_share": shares,
        "session.compact_retention_share": 1 - shares / 10, "session.compact_at_tokens": np.array([0.0, 3e4, 6e4]),
        "session.fails_with.search": shares, "success_without.web_search": shares,
        "meters.web_search": np.array([0.0, 0.0, 1.0]),
    }  # fmt: skip
    together = replaced_many(plan(STATED), {AGENT + path: values for path, values in many.items()})
    metrics = evaluate(together).metrics
    for index in range(3):
        one = replaced_many(plan(STATED), {AGENT + path: values[index] for path, values in many.items()})
        for name, value in evaluate(one).metrics.items():
            assert np.broadcast_to(metrics[name], 3)[index] == pytest.approx(value, rel=1e-12, nan_ok=True), (
                name
            )


def test_every_lever_of_a_session_is_a_move(found):
    tried = {(each.path, each.changes[each.path]) for each in settings(plan())}
    assert set(LEVERS.items()) <= tried
    assert found.keys() == LEVERS.keys()


def test_a_lever_whose_effect_is_not_stated_says_so_and_is_no_free_win(found):
    rests = {path.split(".", 2)[2]: move.rests_on for path, move in found.items()}
    assert rests["session.compact_at_tokens"] == ("success kept at a compaction 100.0%",)
    assert rests["meters.web_search"] == ("success kept without web_search 100.0%",)
    assert rests["cache.lifetime"] == ("pause between calls 0 ms",)
    assert rests["fewer_calls.on"] == ("calls removed 25.0%", "success kept 97.0%")
    assert rests["routing.tiers"] == ("what agent loses where search fails",)
    assert not any(move.group == "free win" for move in found.values())


def test_a_stated_effect_is_no_assumption():
    said = plan(
        STATED,
        workloads__agent__session__compact_retention_share=1.0,
        workloads__agent__success_without__web_search=1.0,
    )
    now = {each.settings[0].path: each for each in moves(said, paired=0).found}
    for path in (
        f"{AGENT}meters.web_search",
        f"{AGENT}session.compact_at_tokens",
        "workloads.search.routing.tiers",
    ):
        assert now[path].rests_on == ()
    assert now[f"{AGENT}meters.web_search"].group == "free win"  # a search that is known to add nothing


def test_an_hour_in_the_cache_is_offered_only_where_it_has_a_price():
    other = plan(deployments__frontier__model="openai:gpt-5")
    assert f"{AGENT}cache.lifetime" not in {each.path for each in settings(other)}


def test_frontier_and_sweep_take_the_levers():
    lifetime, limit = f"{AGENT}cache.lifetime", f"{AGENT}session.compact_at_tokens"
    slow = plan(workloads__agent__session__gap_s=600)
    values = {lifetime: ["5m", "1h"], limit: [0.0, 32_000.0], f"{AGENT}effort.on": [False, True]}
    front = frontier(slow, values, metrics=("usd_per_request", "success_share"))
    assert front.evaluated == 8
    for choice in front.choices:
        made = slow
        for path, value in choice.values.items():
            made = made.with_value(path, value)
        assert choice.metrics["usd_per_request"] == pytest.approx(
            float(evaluate(made).metrics["usd_per_request"]), rel=1e-9
        )
    grid = sweep(slow, {lifetime: ["5m", "1h"], limit: [0.0, 32_000.0]}).grid
    one = evaluate(slow.with_value(lifetime, "1h").with_value(limit, 32_000.0))
    assert grid.metrics["usd_per_request"][1, 1] == pytest.approx(
        float(one.metrics["usd_per_request"]), rel=1e-9
    )
