import tomllib

import numpy as np
import pytest
from conftest import CHAT
from hypothesis import given
from hypothesis import strategies as st

from planner.catalog import evidence
from planner.catalog.rents import own_gpu_fact
from planner.errors import ScenarioError
from planner.schema import Range, Scenario, fields, read_number, read_range


def table(**changes):
    parsed = tomllib.loads(CHAT)
    for path, value in changes.items():
        node = parsed
        *sections, name = path.split("__")
        for section in sections:
            node = node.setdefault(section, {})
        node[name] = value
    return parsed


def words(parsed):
    with pytest.raises(ScenarioError) as caught:
        Scenario.from_table(parsed, source="mine.toml")
    return str(caught.value)


def test_every_problem_of_a_file_is_told_at_once_with_field_value_and_rule():
    said = words(
        table(
            company__cahs_usd=3,
            revenue=4,
            workloads__chat__context_tokens=-1,
            deployments__small__wieghts="fp8",
            demand__churn_share_per_month=1.5,
            workloads__chat__routing={"tiers": ["smal"]},
        )
    )
    assert said.startswith("mine.toml can't be used:")
    assert "company.cahs_usd is not a field. Did you mean cash_usd?" in said
    assert "revenue is 4; it must be a table of fields." in said
    assert "workloads.chat.context_tokens is -1; it must be a number from 0 to 20M tokens." in said
    assert "deployments.small.wieghts is not a field. Did you mean weights?" in said
    assert "demand.churn_share_per_month is 1.5; it must be a number from 0% to 100%." in said
    assert 'workloads.chat.routing.tiers names "smal", which is not a deployment.' in said


def test_a_missing_field_is_named():
    assert "company.funding.0.amount_usd is missing." in words(table(company__funding=[{"month": 3}]))


def test_a_kind_of_deployment_that_does_not_exist_is_refused_in_words():
    assert 'deployments.large.kind must be "api" or "self-hosted".' in words(
        table(deployments__large__kind="gpu")
    )


def test_a_newer_schema_is_refused():
    assert "this planner reads schema 1 and 2" in words(table(schema=9))


def test_an_edit_makes_a_new_scenario_and_leaves_the_old_one(chat):
    edited = chat.with_value("workloads.chat.routing.share_to_last", "0.2 to 0.4")
    assert chat.value("workloads.chat.routing.share_to_last") == 0.25
    assert str(edited.value("workloads.chat.routing.share_to_last")) == "0.2 to 0.4"


def test_an_edit_may_be_an_array_for_many_plans(chat):
    customers = chat.with_value("demand.customers", np.array([10.0, 20.0])).value("demand.customers")
    assert customers.tolist() == [10.0, 20.0]


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("workloads.chat.context_token", 1, "Did you mean workloads.chat.context_tokens?"),
        ("workloads.chat.rag", 1, "is a section, not a field."),
        ("workloads.chat.routing.share_to_last", 1.2, "it must be a number from 0% to 100%."),
        ("workloads.chat.rag.chunks", 2.5, "it must be a whole number"),
        ("workloads.chat.routing.policy", "rout", "it must be one of route, cascade."),
        ("company.start", "2026-13", 'it must be a month such as "2026-11".'),
        ("demand.customers", "0 to 5", 'it must be a range that starts above 0, or "triangular 0, b, c".'),
        ("workloads.chat.routing.tiers", "small, huge", 'names "huge", which is not a deployment.'),
    ],
)
def test_an_edit_that_breaks_a_rule_says_which(chat, path, value, said):
    with pytest.raises(ScenarioError) as caught:
        chat.with_value(path, value)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.2M", 1.2e6),
        ("35%", 0.35),
        ("800ms", 0.8),
        ("4k", 4000),
        ("$3.50", 3.5),
        ("4_000", 4000),
        ("-2", -2),
    ],
)
def test_numbers_are_read_as_people_write_them(text, value):
    assert read_number(text) == value


@pytest.mark.parametrize("text", ["", "x", "1..2", "nan", "inf", "1e999", "1 2", "9" * 90])
def test_what_is_no_number_is_not_read_as_one(text):
    assert read_number(text) is None
    assert read_range(text) is None


def test_the_median_of_a_range_follows_its_family():
    assert Range(1.0, 4.0, family="lognormal") + 0 == pytest.approx(2.0)
    assert Range(-1.0, 4.0, family="normal") + 0 == pytest.approx(1.5)
    assert Range(0.2, 0.8, family="logit-normal") + 0 == pytest.approx(0.5)
    assert Range(0.0, 2.0, family="triangular", mode=1.0) + 0 == pytest.approx(1.0)


@given(low=st.floats(0.01, 0.5), width=st.floats(0.01, 0.45))
def test_a_share_never_leaves_its_bounds(low, width):
    drawn = Range(low, low + width, family="logit-normal").quantile(np.linspace(-6, 6, 101))
    assert ((drawn > 0) & (drawn < 1)).all()


@given(low=st.floats(0.001, 1e6), factor=st.floats(1.01, 1e3))
def test_the_ends_of_a_range_are_its_5th_and_95th_percentile(low, factor):
    spread = Range(low, low * factor, family="lognormal").quantile(
        np.array([-1.6448536269514722, 1.6448536269514722])
    )
    assert spread == pytest.approx([low, low * factor])


def test_every_number_is_declared_with_a_label_and_a_step(chat):
    unworded = [field.path for field in fields(chat) if not field.spec.label]
    unstepped = [field.path for field in fields(chat) if field.spec.numeric and field.spec.step <= 0]
    assert unworded == []
    assert unstepped == []


def test_every_unknown_that_names_evidence_names_some_that_exists(chat):
    named = {field.spec.evidence for field in fields(chat) if field.spec.evidence}
    for reference in named:
        kind, _, key = reference.partition(": ")
        look_up = {"default": evidence.default, "finding": evidence.finding, "catalog": own_gpu_fact}
        found = look_up[kind](key)
        assert found is not None


def test_the_schema_for_editors_describes_every_section():
    described = Scenario.model_json_schema()
    assert described["properties"]["company"]["$ref"].endswith("Company")
    assert "Money raised" in described["$defs"]["Funding"]["description"]


def test_a_list_of_numbers_is_edited_as_a_whole_or_item_by_item(chat):
    path = "workloads.chat.routing.share_passed_on"
    with pytest.raises(ScenarioError, match="2 tiers need 0"):
        chat.with_value(path, [0.5])
    with pytest.raises(ScenarioError, match="a list, each item a number from 0% to 100%"):
        chat.with_value(path, 0.5)
    assert chat.with_value(path, ()) == chat


@pytest.mark.parametrize(
    ("field", "word", "meant"),
    [
        ("weights", "NVFP4", "fp4"),
        ("weights", "w4a16", "int4"),
        ("weights", "fp16", "fp16"),
        ("kv_cache", "bf16", "bf16"),
        ("kv_cache", "fp8_e4m3", "fp8"),
        ("engine", "TensorRT-LLM", "trtllm"),
    ],
)
def test_formats_and_engines_are_understood_by_all_their_names(field, word, meant):
    table = {"deployments": {"own": {"kind": "self-hosted", "model": "m", "gpu": "g", field: word}}}
    assert getattr(Scenario.from_table(table).deployments["own"], field) == meant


def test_an_engine_that_is_not_known_is_refused_with_those_that_are():
    table = {"deployments": {"own": {"kind": "self-hosted", "model": "m", "gpu": "g", "engine": "llama.cpp"}}}
    with pytest.raises(ScenarioError, match="vllm, trtllm, sglang"):
        Scenario.from_table(table)
