import pytest
from plans import shipped
from rich_plan import RICH

from planner.analysis.sources import (
    CHOSEN,
    JUDGEMENT,
    look_up,
    source_of,
    sources,
    unsourced_defaults,
    without_source,
)
from planner.catalog import evidence
from planner.cli.commands.show.sources import as_text
from planner.errors import ScenarioError
from planner.files import load
from planner.schema import Scenario, fields, unknown_sources

SAVED = shipped()


@pytest.fixture
def rich():
    return Scenario.from_table(RICH)


def test_every_field_has_an_entry_with_words(rich):
    found = sources(rich)
    assert [each.path for each in found] == [field.path for field in fields(rich)]
    assert all(each.source and each.rule for each in found)


def test_a_default_with_evidence_names_the_works_and_how_they_were_read(rich):
    found = source_of(rich, "workloads.chat.outcome.person_usd")
    assert "bz-human" in found.source
    assert found.marks == ("secondary",)
    assert found.confidence == "low"
    assert (found.low, found.high) == (3.0, 25.0)


def test_a_default_that_is_a_judgement_says_so(rich):
    found = source_of(rich, "workloads.chat.rag.recall_at_8_share")
    assert found.source == JUDGEMENT
    assert found.marks == ("judgement",)


def test_the_plans_own_source_goes_before_the_default(rich):
    path = "workloads.chat.outcome.person_usd"
    stated = rich.model_copy(update={"source": {path: "Payroll, 2026-09"}})
    assert source_of(stated, path).source == "Payroll, 2026-09"
    referred = rich.model_copy(update={"source": {path: "evidence: bz-iconiq"}})
    assert source_of(referred, path).source.startswith("bz-iconiq: ")


def test_a_neutral_default_does_not_pass_for_evidence(rich):
    found = source_of(rich, "workloads.reports.cache.prefix_hit_share")
    assert found.source.startswith("left out: no effect; to set it, see ca-hit-mooncake")


def test_a_source_that_the_catalog_lacks_is_named_as_such():
    assert look_up("evidence: no-such-thing").source == "evidence: no-such-thing (not in the catalog)"


def test_what_the_team_decides_is_said_to_be_chosen(rich):
    assert source_of(rich, "workloads.chat.context_tokens").source == CHOSEN


def test_an_unknown_field_is_an_error(rich):
    with pytest.raises(ScenarioError, match="is not a field"):
        source_of(rich, "workloads.chat.contxt_tokens")


def test_an_unknown_that_is_stated_without_source_is_listed(rich):
    assert "demand.churn_share_per_month" in without_source(rich)
    told = rich.model_copy(update={"source": {"demand.churn_share_per_month": "Billing, 2026-10"}})
    assert "demand.churn_share_per_month" not in without_source(told)


@pytest.mark.parametrize("path", SAVED, ids=lambda path: path.stem)
def test_no_unknown_of_a_shipped_scenario_lacks_a_source(path):
    scenario = load(path).scenario
    assert without_source(scenario) == []
    missing = [each.path for each in sources(scenario) if "not in the catalog" in each.source]
    assert missing == []


def test_no_default_with_an_effect_lacks_evidence_or_the_word_judgement(rich):
    assert unsourced_defaults(rich) == []


def test_every_evidence_reference_of_a_field_leads_somewhere(rich):
    named = {field.spec.evidence for field in fields(rich) if field.spec.evidence}
    assert named
    assert [each for each in named if "not in the catalog" in look_up(each).source] == []


def test_every_finding_that_was_not_read_in_full_is_marked():
    unmarked = [
        each.id
        for each in evidence.findings()
        if each.read in ("secondary", "memory")
        and "through another text" not in each.how_read
        and "memory" not in each.how_read
    ]
    assert unmarked == []


def test_the_printed_list_shows_marks(rich):
    text = as_text(rich)
    assert "[judgement]" in text
    assert "[secondary]" in text


def test_the_list_gives_the_default_and_the_range_of_the_evidence(rich):
    plan = rich.with_value("workloads.chat.outcome.person_usd", 5.0)
    listed = as_text(plan).partition("workloads.chat.outcome.person_usd")[2].partition("\n  workloads.")[0]
    assert "default $8.00; evidence: 8 (3 to 25) USD per failed case" in listed
    assert source_of(plan, "workloads.chat.outcome.person_usd").found == "8 (3 to 25) USD per failed case"


def test_a_finding_without_a_range_gives_its_figure_alone():
    assert look_up("evidence: rt-joint-mmlu").found == "0.178 share only the strong model solves"


def test_a_source_for_a_field_that_is_not_there_is_told_with_its_path(rich):
    path = "workloads.chat.outcome.person_usd"
    stated = rich.model_copy(
        update={"source": {path: "Payroll", "workloads.chatt.outcome.person_usd": "Payroll"}}
    )
    assert [str(each) for each in unknown_sources(stated)] == [
        f'[source] "workloads.chatt.outcome.person_usd" is not a field of this plan. Did you mean {path}?'
    ]


@pytest.mark.parametrize("path", SAVED, ids=lambda path: path.stem)
def test_every_source_of_a_shipped_plan_names_a_field(path):
    assert unknown_sources(load(path).scenario) == []
