"""Saving edits a person's text in place, and loses nothing of it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.errors import ScenarioError
from planner.files import list_scenarios, load, load_text, migration, new_text, save, table_of, write_new
from planner.files.saving import edited_text
from planner.schema import fields

SECTIONS = """\
# The plan of the support team
schema  = 1
title   = "Support copilot"   # as in the deck

[company]
cash_usd                   = 5_000_000   # bank, 2026-10
fixed_costs_usd_per_month  = 310_000
funding = [{ month = 14, amount_usd = 8_000_000 }]

# Demand: from the board
[demand]
customers              = 1_000
growth_share_per_month = "0.04 to 0.12"

[deployments.small]
kind = "self-hosted"
model = "llama-3.1-8b"
gpu = "H100-SXM"
weights = "fp8"
[deployments.frontier]
kind = "api"
model = "openai:gpt-5.4"

[workloads.chat]
requests_per_customer_per_month = 120
latency_target_s = 2.0
rag = { on = true, chunks = 8, chunk_tokens = 400 }   # hybrid
routing.tiers = ["small", "frontier"]
routing.share_to_last = 0.25

# caching, measured
[workloads.chat.cache]
prefix_hit_share = 0.37

[source]
"demand.growth_share_per_month" = "Board deck, 2026-10"
"""

INLINE = """\
schema = 1
title = 'x'
company = {cash_usd = 1000000, horizon_months = 24}
demand.customers = 50
revenue.usd_per_request = 0.01
deployments.a = {kind="api", model="openai:gpt-5.4"}
workloads.w = { routing = { tiers = ["a"] }, requests_per_month = 1e6 }
"""

SCATTERED = """\
schema = 1
title = "x"
[workloads.w.routing]
tiers = [
  "a",  # small first
  "b",
]
share_passed_on = []
# between
[deployments.b]
kind = "api"
model = "openai:gpt-5.4"
[workloads.w.rag]
on = true
[[company.funding]]   # seed
month = 3
amount_usd = 1e6
[[company.funding]]
month = 9
amount_usd = "2M to 4M"   # hoped for
[demand]
customers = 10
[deployments.a]
kind = "api"
model = "openai:gpt-5.4"
[workloads.w]
requests_per_month = 1000
[company]
cash_usd = 1
"""
FORMS = {"sections": SECTIONS, "inline": INLINE, "scattered": SCATTERED}


def values_for(field):
    """Return a strategy of values that the field may hold."""
    spec = field.spec
    if spec.kind == "flag":
        return st.booleans()
    if spec.kind == "choice":
        return st.sampled_from(spec.choices) if spec.choices else st.just(field.value)
    if spec.kind == "text":
        return st.just(field.value) if field.path.endswith("teacher") else st.text(max_size=30)
    if spec.kind == "month":
        return st.just("2027-03")
    if spec.kind == "names":
        return st.just(field.value)
    low, high = max(spec.lo, -1e9), min(spec.hi, 1e13)
    if spec.kind == "count":
        return st.integers(int(low), int(high)).map(float)
    numbers = st.floats(low, high, allow_nan=False)
    pairs = st.tuples(numbers, numbers).map(sorted)
    inside = pairs.filter(
        lambda p: 0 < p[0] < p[1] < 1 if spec.kind == "share" else p[0] < p[1] and (p[0] > 0 or low < 0)
    )
    ranges = inside.map(lambda p: f"{p[0]!r} to {p[1]!r}")
    return st.one_of(numbers, ranges, *([st.none()] if spec.optional else []))


@pytest.mark.parametrize("form", FORMS)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_what_is_saved_loads_as_what_was_meant(form, data):
    loaded = load_text(FORMS[form], path="a.toml")
    scenario = loaded.scenario
    for _ in range(data.draw(st.integers(1, 6))):
        field = data.draw(st.sampled_from([f for f in fields(scenario) if f.path != "schema"]))
        try:
            scenario = scenario.with_value(field.path, data.draw(values_for(field)))
        except ScenarioError:
            continue  # a value that other fields do not allow
    text = edited_text(loaded, scenario)
    assert load_text(text, path="a.toml").scenario == scenario
    comments = [line.partition("#")[2] for line in FORMS[form].splitlines() if "#" in line]
    assert all(f"#{comment}" in text for comment in comments)


BASELINE = SECTIONS
CHILD = """\
schema = 1
extends = "baseline.toml"   # the plan of record
title = "More cash"

[company]
cash_usd = 9_000_000   # if the round closes
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "baseline.toml").write_text(BASELINE)
    (tmp_path / "child.toml").write_text(CHILD)
    return tmp_path


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_what_extends_another_file_loads_as_what_was_meant(tmp_path_factory, data):
    folder = tmp_path_factory.getbasetemp() / "extending"
    folder.mkdir(exist_ok=True)
    (folder / "baseline.toml").write_text(BASELINE)
    loaded = load_text(CHILD, path=folder / "child.toml")
    scenario = loaded.scenario
    for _ in range(data.draw(st.integers(1, 6))):
        field = data.draw(st.sampled_from(list(fields(scenario))))
        given_value = data.draw(st.booleans())
        try:
            value = loaded.baseline.value(field.path) if given_value else data.draw(values_for(field))
            scenario = scenario.with_value(field.path, value)
        except ScenarioError:
            continue
    assert load_text(edited_text(loaded, scenario), path=loaded.path).scenario == scenario


def lines_changed(before, after):
    return [line for line in after.splitlines() if line not in before.splitlines()]


def test_one_edit_changes_one_line(tmp_path):
    path = tmp_path / "a.toml"
    path.write_text(SECTIONS)
    loaded = load(path)
    save(loaded, loaded.scenario.with_value("company.cash_usd", 6_500_000))
    assert lines_changed(SECTIONS, path.read_text()) == [
        "cash_usd                   = 6_500_000   # bank, 2026-10"
    ]


@pytest.mark.parametrize(
    ("field", "value", "line"),
    [
        ("workloads.chat.latency_target_s", 3, "latency_target_s = 3.0"),
        ("workloads.chat.rag.chunks", 4, "rag = { on = true, chunks = 4, chunk_tokens = 400 }   # hybrid"),
        ("workloads.chat.routing.share_to_last", "0.2 to 0.3", 'routing.share_to_last = "0.2 to 0.3"'),
        ("workloads.chat.routing.policy", "cascade", 'routing.policy = "cascade"'),
        ("company.funding.0.month", 16, "funding = [{ month = 16, amount_usd = 8_000_000 }]"),
        ("company.cac_usd_per_customer", 40, "cac_usd_per_customer       = 40"),
        ("workloads.chat.outcome.value_usd", 1.2, "outcome = { value_usd = 1.2 }"),
        ("demand.customers", "1.5k", "customers              = 1_500"),
    ],
)
def test_an_edit_takes_the_form_of_its_place(field, value, line):
    loaded = load_text(SECTIONS, path="a.toml")
    text = edited_text(loaded, loaded.scenario.with_value(field, value))
    assert lines_changed(SECTIONS, text) == [line]


def test_a_new_field_stands_before_the_comment_of_the_next_section():
    loaded = load_text(SECTIONS, path="a.toml")
    text = edited_text(loaded, loaded.scenario.with_value("company.cac_usd_per_customer", 40))
    assert "cac_usd_per_customer       = 40\n\n# Demand: from the board\n[demand]" in text


def test_a_file_without_underscores_gets_none():
    loaded = load_text(INLINE, path="a.toml")
    text = edited_text(loaded, loaded.scenario.with_value("company.cash_usd", 2e6))
    assert "company = {cash_usd = 2000000, horizon_months = 24}" in text


def test_windows_line_ends_and_byte_order_mark_stay():
    original = "\ufeff" + SECTIONS.replace("\n", "\r\n")
    loaded = load_text(original, path="a.toml")
    text = edited_text(loaded, loaded.scenario.with_value("company.cac_usd_per_customer", 40))
    assert text.startswith("\ufeff#")
    assert text.count("\n") == text.count("\r\n") == original.count("\n") + 1


def test_saving_without_an_edit_changes_no_byte(tmp_path):
    path = tmp_path / "a.toml"
    path.write_text(SCATTERED)
    loaded = load(path)
    save(loaded, loaded.scenario)
    assert path.read_text() == SCATTERED


def test_lists_grow_and_shrink_in_place():
    loaded = load_text(SCATTERED, path="a.toml")
    company = loaded.scenario.company
    more = company.model_copy(update={"funding": (*company.funding, company.funding[0])})
    text = edited_text(loaded, loaded.scenario.model_copy(update={"company": more}))
    assert text.count("[[company.funding]]") == 3
    fewer = company.model_copy(update={"funding": company.funding[:1]})
    text = edited_text(loaded, loaded.scenario.model_copy(update={"company": fewer}))
    assert text.count("[[company.funding]]") == 1
    assert "# seed" in text


def test_a_new_deployment_gets_a_section_of_its_own(tmp_path):
    loaded = load_text(SECTIONS, path="a.toml")
    other = loaded.scenario.deployments["frontier"].model_copy(update={"success_share": 0.9})
    deployments = loaded.scenario.deployments | {"my api": other}
    text = edited_text(loaded, loaded.scenario.model_copy(update={"deployments": deployments}))
    assert text.endswith(
        '\n\n[deployments."my api"]\nkind = "api"\nmodel = "openai:gpt-5.4"\nsuccess_share = 0.9\n'
    )


def test_a_value_that_the_baseline_gives_is_taken_out(folder):
    loaded = load(folder / "child.toml")
    save(loaded, loaded.scenario.with_value("company.cash_usd", 5_000_000).with_value("demand.customers", 9))
    text = (folder / "child.toml").read_text()
    assert "cash_usd" not in text
    assert text.endswith("[demand]\ncustomers = 9\n")
    assert load(folder / "child.toml").scenario.value("company.cash_usd") == 5_000_000


def test_what_the_baseline_gives_can_not_be_left_out(folder):
    loaded = load(folder / "child.toml")
    source = loaded.scenario.model_copy(update={"source": {}})
    with pytest.raises(ScenarioError, match="comes from the extended file"):
        save(loaded, source)
    assert (folder / "child.toml").read_text() == CHILD


def test_saving_elsewhere_keeps_pointing_to_the_baseline(folder):
    loaded = load(folder / "child.toml")
    (folder / "tries").mkdir()
    save(loaded, loaded.scenario, folder / "tries" / "b.toml", library=folder)
    assert 'extends = "../baseline.toml"   # the plan of record' in (folder / "tries" / "b.toml").read_text()
    assert load(folder / "tries" / "b.toml", library=folder).scenario == loaded.scenario


def test_saving_elsewhere_does_not_leave_the_library_unasked(folder):
    loaded = load(folder / "child.toml")
    (folder / "tries").mkdir()
    with pytest.raises(ScenarioError, match="is outside the folder of the file and the library"):
        save(loaded, loaded.scenario, folder / "tries" / "b.toml")


def test_saving_elsewhere_replaces_no_other_file(folder):
    loaded = load(folder / "child.toml")
    with pytest.raises(ScenarioError, match="exists already"):
        save(loaded, loaded.scenario, folder / "baseline.toml")
    assert (folder / "baseline.toml").read_text() == BASELINE


def test_many_plans_do_not_fit_a_file():
    loaded = load_text(SECTIONS, path="a.toml")
    many = loaded.scenario.with_value("company.cash_usd", np.array([1.0, 2.0]))
    with pytest.raises(ScenarioError, match="holds many plans; a file holds one"):
        edited_text(loaded, many)


@pytest.mark.parametrize("form", FORMS)
def test_a_file_from_scratch_says_the_same(tmp_path, form):
    scenario = load_text(FORMS[form], path="a.toml").scenario
    assert write_new(tmp_path / "b.toml", table_of(scenario)).scenario == scenario
    assert load(tmp_path / "b.toml").scenario == scenario


def test_a_file_from_scratch_groups_its_large_numbers():
    assert new_text({"company": {"cash_usd": 5_000_000}}) == "schema = 2\n\n[company]\ncash_usd = 5_000_000\n"


@pytest.mark.parametrize("schema", [1, 2])
def test_a_file_of_either_schema_means_the_same_and_keeps_its_number(tmp_path, schema):
    path = tmp_path / "a.toml"
    path.write_text(SECTIONS.replace("schema  = 1", f"schema  = {schema}"))
    loaded, first = load(path), load_text(SECTIONS, path="b.toml").scenario
    assert loaded.scenario == first.model_copy(update={"schema_version": schema})
    save(loaded, loaded.scenario.with_value("company.cash_usd", 1))
    assert f"schema  = {schema}\n" in path.read_text()
    assert [each.name for each in tmp_path.iterdir()] == ["a.toml"]


def test_an_older_file_moves_forward_and_leaves_a_copy(tmp_path, monkeypatch):
    def rename(table):
        table["title"] = table.pop("name")

    for module in ("planner.files.migration", "planner.files.saving"):
        monkeypatch.setattr(f"{module}.NEWEST", 3)
        monkeypatch.setattr(f"{module}.KEPT", (3,))
    monkeypatch.setattr("planner.schema.scenario.READABLE", (3,))
    monkeypatch.setitem(migration.MIGRATIONS, 1, rename)
    monkeypatch.setitem(migration.MIGRATIONS, 2, lambda table: None)
    old = SECTIONS.replace("title ", "name  ")
    path = tmp_path / "a.toml"
    path.write_text(old)
    loaded = load(path)
    save(loaded, loaded.scenario.with_value("company.cash_usd", 1))
    assert loaded.scenario.title == "Support copilot"
    assert (tmp_path / "a.toml.schema1.bak").read_text() == old
    assert path.read_text().startswith("# The plan of the support team\nschema  = 3\n")
    assert load(path).scenario.value("company.cash_usd") == 1


@pytest.mark.parametrize(
    "entry", [entry for entry in list_scenarios() if entry.shipped], ids=lambda entry: entry.name
)
def test_each_number_of_a_shipped_scenario_can_be_edited_in_place(entry):
    loaded = load(entry.path)
    stated = [
        field for field in fields(loaded.scenario) if field.spec.kind == "share" and field.value is not None
    ]
    for field in stated[:40]:
        scenario = loaded.scenario.with_value(field.path, 0.4321)
        text = edited_text(loaded, scenario)
        assert load_text(text, path=entry.path).scenario == scenario
        assert len(lines_changed(loaded.text, text)) <= 3
