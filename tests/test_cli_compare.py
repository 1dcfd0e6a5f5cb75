import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from io import BytesIO, TextIOWrapper
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.analysis.policy import read_bound, read_policy
from planner.errors import ScenarioError

ROOT = Path(__file__).parents[1]
POLICY = ROOT / "tests/policy.toml"
PLAN = """
schema = 1
title = "A plan"
[company]
cash_usd = 2_000_000
fixed_costs_usd_per_month = 50_000
[revenue]
usd_per_customer_per_month = 100
[demand]
customers = 1_000
[deployments.small]
kind = "api"
model = "openai:gpt-4o-mini"
success_share = 0.7
[deployments.large]
kind = "api"
model = "openai:gpt-4o"
success_share = 0.9
[workloads.chat]
requests_per_customer_per_month = 1_000
context_tokens = 3_000
output_tokens = 500
routing = { tiers = ["small", "large"], share_to_last = 0.3 }
outcome = { failure_usd = "2 to 4", failure_paid_share = 0 }
"""


@pytest.fixture
def plan(tmp_path):
    path = tmp_path / "plan.toml"
    path.write_text(PLAN)
    return path


@pytest.fixture
def other(tmp_path):
    path = tmp_path / "other.toml"
    path.write_text(PLAN.replace("share_to_last = 0.3", "share_to_last = 0.5").replace("= 500", "= 400"))
    return path


def policy(path, text):
    rules = path.with_name("rules.toml")
    rules.write_text(text)
    return rules


def git(folder, *arguments):
    subprocess.run(
        ["git", "-c", "user.name=t", "-c", "user.email=t@t", *arguments],
        cwd=folder,
        check=True,
        capture_output=True,
    )


@pytest.fixture
def repository(plan):
    git(plan.parent, "init", "-q", "-b", "main")
    git(plan.parent, "add", "plan.toml")
    git(plan.parent, "commit", "-qm", "first")
    return plan


def test_two_files_that_assume_the_same_exit_0(planner, plan, tmp_path):
    twin = tmp_path / "twin.toml"
    twin.write_text("# another comment\n" + PLAN.replace("A plan", "Another title"))
    code, out, _ = planner("diff", plan, twin)
    assert code == 0
    assert "have the same inputs" in out


def test_shares_of_the_inputs_sum_to_each_change_and_turn_when_swapped(planner, plan, other):
    code, out, _ = planner("diff", plan, other, "--json")
    there, back = json.loads(out), json.loads(planner("diff", other, plan, "--json")[1])
    assert code == 2
    assert {each["path"] for each in there["inputs"]} == {
        "workloads.chat.output_tokens", "workloads.chat.routing.share_to_last",
    }  # fmt: skip
    for change, reverse in zip(there["outputs"], back["outputs"], strict=True):
        assert sum(share["change"] for share in change["why"]) == pytest.approx(change["b"] - change["a"])
        turned = {share["input"]: -share["change"] for share in reverse["why"]}
        assert turned == pytest.approx({share["input"]: share["change"] for share in change["why"]})


def test_a_change_of_the_bill_is_what_was_worked_out_by_hand(planner, plan, other):
    # before: 0.7M * 0.00075 + 0.3M * 0.0125 = 4,275; after: 0.5M * 0.00069 + 0.5M * 0.0115 = 6,095
    outputs = json.loads(planner("diff", plan, other, "--json")[1])["outputs"]
    burn = next(each for each in outputs if each["metric"] == "gross_burn_usd_per_month")
    assert burn["change"] == pytest.approx(6_095 - 4_275)


def test_only_what_differs_is_in_the_markdown(planner, plan, other):
    code, out, _ = planner("diff", plan, other, "--markdown")
    assert code == 2
    assert "| chat\\: Answer | workloads.chat.output\\_tokens | 500 | 400 |" in out
    assert "company" not in out


def test_one_side_may_come_from_standard_input(planner, plan, other, monkeypatch):
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(plan.read_bytes())))
    code, out, _ = planner("diff", "-", other)
    assert code == 2
    assert out.startswith("standard input -> ")
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(plan.read_bytes())))
    assert planner("diff", plan, "-")[0] == 0


def test_a_file_that_was_not_there_differs_in_everything(planner, plan):
    code, out, _ = planner("diff", os.devnull, plan)
    assert code == 2
    assert "workload chat  new" in out


def test_a_copy_elsewhere_finds_what_it_extends_where_it_stood(planner, plan, tmp_path):
    child, copy = tmp_path / "child.toml", tmp_path / "blobs" / "left.toml"
    child.write_text('schema = 1\nextends = "plan.toml"\n[company]\ncash_usd = 1\n')
    copy.parent.mkdir()
    copy.write_text(child.read_text())
    assert planner("diff", copy, child)[0] == 2
    code, out, _ = planner("diff", "--at", child, copy, child)
    assert (code, "have the same inputs" in out) == (0, True)


def test_problems_of_both_files_come_at_once(planner, plan, tmp_path):
    bad = tmp_path / "bad.toml"
    bad.write_text("schema = 1\n[company]\ncash_usd = -1\n")
    code, out, err = planner("diff", bad, tmp_path / "missing.toml")
    assert (code, out) == (2, "")
    assert "company.cash_usd" in err
    assert "missing.toml" in err


def test_diff_loads_neither_textual_nor_rich(plan, other):
    check = (
        f"import sys; from planner.cli import run; code = run(['diff', {str(plan)!r}, {str(other)!r}]);"
        "sys.exit(9 if code != 2 or any(m in sys.modules for m in ('textual', 'rich', 'tomlkit')) else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", check],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        check=False,
        capture_output=True,
    )
    assert done.returncode == 0


def test_a_plan_inside_the_guardrails_passes(planner, plan):
    rules = policy(
        plan, 'fail = ["gross_margin_share >= 60%", "P(runway < 12) <= 0.1", "usd_per_request < 0.005"]'
    )
    code, out, _ = planner("check", plan, "--policy", rules)
    assert code == 0
    assert "0 failed, 0 warned, 3 kept" in out


def test_a_breach_exits_3_and_a_warning_does_not(planner, plan):
    assert planner("check", plan, "--policy", policy(plan, 'fail = ["usd_per_request <= 0.004"]'))[0] == 3
    code, out, _ = planner("check", plan, "--policy", policy(plan, 'warn = ["usd_per_request <= 0.004"]'))
    assert code == 0
    assert "WARN usd_per_request <= 0.004: is $0.00428" in out


def test_a_limit_that_is_met_exactly_is_kept(planner, plan):
    assert planner("check", plan, "--policy", policy(plan, 'fail = ["usd_per_request <= 0.004275"]'))[0] == 0
    assert planner("check", plan, "--policy", policy(plan, 'fail = ["usd_per_request < 0.004275"]'))[0] == 3


def test_percentiles_and_chances_follow_the_range_of_an_unknown(planner, plan):
    # success 0.76...: the failure cost's p95 is 4, its median sqrt(8); both decide the cost per outcome
    shown = json.loads(planner("show", plan, "--json")[1])
    p95 = shown["ranges"]["usd_per_outcome"]["p95"]
    rules = f'fail = ["p95(usd_per_outcome) <= {p95 * 1.001}", "P(usd_per_outcome > {p95}) <= 0.0501"]'
    assert planner("check", plan, "--policy", policy(plan, rules))[0] == 0
    assert (
        planner("check", plan, "--policy", policy(plan, f'fail = ["p95(usd_per_outcome) <= {p95 * 0.999}"]'))[
            0
        ]
        == 3
    )


def test_a_rule_that_can_not_be_computed_is_broken_and_says_why(planner, plan):
    plan.write_text(PLAN.replace("usd_per_customer_per_month = 100", "usd_per_customer_per_month = 0"))
    code, out, _ = planner("check", plan, "--policy", policy(plan, 'fail = ["gross_margin_share >= 0.6"]'))
    assert code == 3
    assert "n/a: no revenue in month 1" in out
    assert planner("check", plan, "--policy", policy(plan, 'fail = ["runway_months >= 60"]'))[0] == 3


CHANGE = '[[change]]\nmetric = "usd_per_request"\nrise = "{rise}"\n'


def test_change_is_limited_on_one_side_only(planner, plan, other):
    rules = policy(plan, CHANGE.format(rise="10%"))
    assert planner("check", other, "--policy", rules, "--against", plan)[0] == 3
    assert planner("check", plan, "--policy", rules, "--against", other)[0] == 0
    assert (
        planner("check", other, "--policy", policy(plan, CHANGE.format(rise="50%")), "--against", plan)[0]
        == 0
    )


def test_a_git_revision_is_a_baseline(planner, repository):
    rules = policy(repository, CHANGE.format(rise="10%"))
    repository.write_text(PLAN.replace("share_to_last = 0.3", "share_to_last = 0.5"))
    code, out, _ = planner("check", repository, "--policy", rules, "--against", "main")
    assert code == 3
    assert "$0.00428 to $0.00663" in out
    assert planner("check", repository, "--policy", rules, "--against", "HEAD")[0] == 3


def test_a_revision_brings_what_it_extended(planner, repository):
    child = repository.with_name("child.toml")
    child.write_text('schema = 1\nextends = "plan.toml"\n')
    git(child.parent, "add", "child.toml")
    git(child.parent, "commit", "-qm", "second")
    repository.write_text(PLAN.replace("share_to_last = 0.3", "share_to_last = 0.5"))
    code, out, _ = planner(
        "check", child, "--policy", policy(child, CHANGE.format(rise="10%")), "--against", "main"
    )
    assert code == 3
    assert "$0.00428 to $0.00663" in out


@pytest.mark.parametrize("revision", ["no-such-branch", "--help", "main:plan.toml"])
def test_a_revision_that_is_none_is_refused_in_words(planner, repository, revision):
    rules = policy(repository, CHANGE.format(rise="10%"))
    code, _, err = planner("check", repository, "--policy", rules, f"--against={revision}")
    assert code == 2
    assert "neither a file nor in git" in err


def test_drift_of_prices_is_told_apart_from_edits(planner, plan):
    record = plan.with_name("record.json")
    held = json.loads(planner("show", plan, "--json")[1])
    held["metrics"]["usd_per_request"] /= 1.5  # as if prices had been lower when it was recorded
    record.write_text(json.dumps(held))
    rules = {cause: policy(plan, CHANGE.format(rise="10%") + f'cause = "{cause}"\n').read_text() for cause in
             ("edits", "drift", "any")}  # fmt: skip
    codes = {
        cause: planner("check", plan, "--policy", policy(plan, text), "--against", record)[0]
        for cause, text in rules.items()
    }
    assert codes == {"edits": 0, "drift": 3, "any": 3}


def test_junit_and_json_and_markdown_say_the_same(planner, plan):
    rules = policy(plan, 'fail = ["usd_per_request <= 0.001"]\nwarn = ["gpus > 1", "gpus <= 1"]')
    suite = ET.fromstring(planner("check", plan, "--policy", rules, "--format", "junit")[1]).find("testsuite")
    assert (suite.get("tests"), suite.get("failures")) == ("3", "1")
    assert suite.find("testcase/failure").get("message") == "is $0.00428"
    found = json.loads(planner("check", plan, "--policy", rules, "--format", "json")[1])
    assert found["breached"] is True
    assert [rule["state"] for rule in found["files"][0]["rules"]] == ["fail", "warn", "pass"]
    markdown = planner("check", plan, "--policy", rules, "--format", "markdown")[1]
    assert "| fail |" in markdown
    assert "gpus \\<\\= 1" not in markdown


def test_the_example_policy_reads_and_judges_a_shipped_plan(planner):
    code, out, _ = planner(
        "check", ROOT / "saved/support-copilot.toml", "--policy", POLICY, "--against", POLICY
    )
    assert code == 2
    plan = ROOT / "saved/support-copilot.toml"
    code, out, _ = planner("check", plan, "--policy", POLICY, "--against", plan)
    assert code in (0, 3)
    assert "usd_per_outcome may rise by at most 10% through edits" in out


def test_problems_of_a_policy_come_all_at_once(planner, plan):
    rules = policy(
        plan, 'fail = ["gross_margin >>= 1", "p95(usd_per_outcom) <= 2", 3]\nsamples = 1\nwran = []\n[[change]]\nrise = "x"\n'
    )  # fmt: skip
    code, _, err = planner("check", plan, "--policy", rules)
    assert code == 2
    for words in (
        "rule 1",
        "Did you mean usd_per_outcome?",
        "rule 3",
        "samples",
        "Did you mean warn?",
        "change, rule 1",
    ):
        assert words in err


def outcome(read, value):
    try:
        return read(value), ""
    except (ValueError, ScenarioError) as error:
        return None, str(error)


@given(st.text(max_size=250))
def test_any_text_is_a_rule_or_is_refused_in_words(text):
    bound, words = outcome(read_bound, text)
    assert words.endswith((".", "?")) if bound is None else bound.text == text.strip()


TOML = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)


@given(
    st.dictionaries(
        st.sampled_from(["fail", "warn", "change", "samples", "seed", "x"]),
        TOML | st.lists(st.dictionaries(st.sampled_from(["metric", "rise", "fall", "cause", "level"]), TOML)),
    )
)
def test_any_table_is_a_policy_or_is_refused_in_words(table):
    found, words = outcome(read_policy, table)
    assert words.startswith("This can't be used:") if found is None else found.bounds or found.changes


@pytest.mark.parametrize("short", ["burn", "margin", "ltv"])
def test_a_short_name_that_fits_several_results_is_refused(short):
    with pytest.raises(ValueError, match=r"which is ambiguous: .*, "):
        read_bound(f"{short} <= 100")


def test_a_short_name_that_fits_one_result_is_that():
    assert read_bound("runway >= 12").metric == "runway_months"
    assert read_bound("gross_margin >= 60%").metric == "gross_margin_share"


def test_a_check_without_a_policy_says_how_to_name_one(planner, plan, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    code, _, err = planner("check", plan)
    assert code == 2
    assert "Name your file of rules with --policy" in err
