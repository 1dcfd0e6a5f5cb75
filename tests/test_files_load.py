"""A file is read within bounds, with all it extends, and what is wrong is said in words."""

import os
import sys
import time
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.errors import ScenarioError
from planner.files import load, load_text
from planner.files.bounds import LARGEST_FILE_BYTES, MOST_KEYS

PLAN = """\
schema = 1
title = "Plan"
[company]
cash_usd = 100
[deployments.a]
kind = "api"
model = "openai:gpt-5.4"
success_share = 0.7
[workloads.chat]
routing = { tiers = ["a"] }
"""


def said(path_or_text, **options):
    """Return what the planner says against a file (a path) or a text."""
    words = words_against(path_or_text, **options)
    assert words
    return words


def words_against(path_or_text, **options):
    """Return what the planner says against a file or a text, "" for nothing."""
    try:
        if isinstance(path_or_text, str):
            load_text(path_or_text, path="a.toml", **options)
        else:
            load(path_or_text, **options)
    except ScenarioError as error:
        return str(error)
    return ""


def write(folder, **texts):
    for name, text in texts.items():
        (folder / f"{name}.toml").write_text(text)
    return folder / f"{next(iter(texts))}.toml"


def test_a_file_is_read_as_the_scenario_it_states(tmp_path):
    loaded = load(write(tmp_path, a=PLAN))
    assert loaded.scenario.value("company.cash_usd") == 100
    assert loaded.text == PLAN
    assert loaded.baseline is None


def test_what_a_file_extends_is_read_with_it(tmp_path):
    child = 'schema = 1\nextends = "base.toml"\n[workloads.chat]\noutput_tokens = 9\n'
    loaded = load(write(tmp_path, a=child, base=PLAN))
    assert loaded.scenario.value("workloads.chat.output_tokens") == 9
    assert loaded.scenario.value("company.cash_usd") == 100
    assert loaded.baseline.value("workloads.chat.output_tokens") == 211


def test_a_deployment_of_another_kind_takes_the_place_of_the_first(tmp_path):
    child = (
        'schema = 1\nextends = "base.toml"\n'
        '[deployments.a]\nkind = "self-hosted"\nmodel = "llama-3.1-8b"\ngpu = "H100-SXM"\n'
    )
    deployment = load(write(tmp_path, a=child, base=PLAN)).scenario.deployments["a"]
    assert (deployment.kind, deployment.success_share) == ("self-hosted", 0.8)


def test_problems_of_a_file_and_of_what_it_extends_come_together(tmp_path):
    child = 'schema = 1\nextends = "base.toml"\n[demand]\ncustomers = -1\n'
    words = said(write(tmp_path, a=child, base=PLAN.replace("100", "-100")))
    assert "base.toml: company.cash_usd is -100" in words
    assert "demand.customers is -1" in words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("title = 'x'\n", "schema is missing. Start the file with: schema = 2"),
        ("schema = 3\n", "schema is 3, but this planner reads schema 1 and 2. A newer planner is needed."),
        ("schema = true\n", "schema is True; this planner reads schema 1 and 2."),
        ("schema = 1\n[company\n", "line 2, column"),
        ("schema = 1\ntitle = \n", "line 2, column 9 can't be read: a value is missing or can't be read"),
        ("schema = 1\nschema = 1\n", "a name is given a value twice"),
        ("schema = 1\ntitle = 'x\n", "a text is missing its closing quote"),
        ("schema = 1\n[company]\ncash_usd = nan\n", "company.cash_usd must be a finite number"),
        ("schema = 1\n[company]\ncash_usd = 1e400\n", "company.cash_usd must be a finite number"),
        (f"schema = 1\n[company]\ncash_usd = {'9' * 400}\n", "company.cash_usd must be a finite number"),
        (f"schema = 1\n[company]\ncash_usd = {'9' * 5000}\n", "can't be read"),
        ("schema = 1\nextends = 3\n", "extends must be the name of a file"),
        ('schema = 1\nextends = "no.toml"\n', 'extends names "no.toml", which doesn\'t exist'),
        ("schema = 1\n[company]\nhorizon_months = 1_000_000_000\n", "from 1 to 120"),
    ],
)
def test_what_can_not_be_used_is_said_in_words(text, words):
    assert words in said(text)


def test_a_file_that_is_not_there_or_no_file_is_said_in_words(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert "doesn't exist" in said(tmp_path / "none.toml")
    assert "doesn't exist: part of its path is a file" in said(write(tmp_path, a=PLAN) / "b.toml")
    assert "is a folder, not a file" in said(tmp_path)
    assert "is a device or a pipe" in said(tmp_path / "pipe")
    assert "has a name that no file can have" in said(tmp_path / "a\0b")


def test_a_file_of_other_encoding_is_said_in_words(tmp_path):
    (tmp_path / "a.toml").write_bytes(b"schema = 1\ntitle = 'caf\xe9'\n")
    assert "is not UTF-8 text: byte 0xe9 in line 2" in said(tmp_path / "a.toml")


def test_extends_does_not_leave_the_folder_unasked(tmp_path):
    (tmp_path / "in").mkdir()
    write(tmp_path, secret=PLAN)
    path = write(tmp_path / "in", a='schema = 1\nextends = "../secret.toml"\n')
    assert "is outside the folder of the file and the library" in said(path)
    assert load(path, library=tmp_path).scenario.title == "Plan"
    assert load(path, outside=True).scenario.title == "Plan"


def test_extends_does_not_leave_the_folder_by_a_link(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "b.toml").symlink_to(write(tmp_path, secret=PLAN))
    path = write(tmp_path / "in", a='schema = 1\nextends = "b.toml"\n')
    assert "is outside the folder of the file and the library" in said(path)


def test_extends_in_a_circle_is_said_in_words(tmp_path):
    path = write(tmp_path, a='schema = 1\nextends = "b.toml"\n', b='schema = 1\nextends = "a.toml"\n')
    assert "extends forms a circle: a.toml -> b.toml -> a.toml" in said(path)


def test_extends_through_many_files_is_said_in_words(tmp_path):
    chain = {f"f{n}": f'schema = 1\nextends = "f{n + 1}.toml"\n' for n in range(12)}
    assert "extends goes through more than 8 files" in said(write(tmp_path, **chain, f12=PLAN))


HOSTILE = {
    "deep lists": "schema = 1\nx = " + "[" * 9_000 + "]" * 9_000,
    "list nesting": "schema = 1\nx = " + "[" * 60 + "]" * 60,
    "deep tables": "schema = 1\nx = " + "{a=" * 5_000 + "1" + "}" * 5_000,
    "deep keys": "schema = 1\n" + ".".join("a" * 8_000) + " = 1",
    "deep keys on many lines": "schema = 1\n" + "".join(f"b{n}." + ".".join("a" * 9_000) + "=1\n" for n in range(6)),
    "deep sections": "schema = 1\n" + "".join(f"[{'.'.join('a' * n)}]\n" for n in range(1, 240)),
    "many keys": "schema = 1\n" + "\n".join(f"k{n} = 1" for n in range(60_000)),
    "many sections": "schema = 1\n" + "\n".join(f"[s{n}]" for n in range(60_000)),
    "keys in source": "schema = 1\n[source]\n" + "\n".join(f"k{n} = 1" for n in range(19_000)),
    "many items": "schema = 1\nx = [" + "1,\n" * 300_000 + "]",
    "one line": "schema = 1\nx = '" + "a" * 900_000 + "'",
    "quotes": 'schema = 1\nx = """' + '\\"\n' * 300_000 + '"""',
    "escapes": 'schema = 1\nx = """' + "\\n\n" * 300_000 + '"""',
    "unclosed": 'schema = 1\nx = """' + "a\n" * 400_000,
    "comments": "schema = 1\n" + "#\n" * 490_000 + "x",
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_text_is_refused_within_a_second(name):
    text = HOSTILE[name]
    start_s = time.process_time()
    assert "can't be used" in said(text)
    assert time.process_time() - start_s < (1.0 if sys.gettrace() is None else 20.0)  # traced for coverage


def test_a_huge_file_is_refused_unread(tmp_path):
    path = tmp_path / "a.toml"
    with path.open("wb") as file:
        file.truncate(1_000_000_000)
    tracemalloc.start()
    words = said(path)
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert "has 1,000.0 MB; a plan may have at most 1 MB" in words
    assert peak_bytes < 10 * LARGEST_FILE_BYTES


def test_bounds_leave_room_for_a_large_scenario():
    sections = "".join(f'"field {n}" = "Board deck"\n' for n in range(MOST_KEYS // 4))
    assert len(load_text(PLAN + "[source]\n" + sections, path="a.toml").scenario.source) == MOST_KEYS // 4


TOML_CHARS = st.text("abcx=[]{}.,\"'#\n\\ 0123456789_-+eEto\u202e\x1b\ufeff", max_size=80)


@settings(max_examples=300, deadline=None)
@given(text=TOML_CHARS, at=st.integers(0, len(PLAN)))
def test_any_text_is_a_scenario_or_said_in_words(text, at):
    assert words_against(PLAN[:at] + text + PLAN[at:]).replace("\n", "").isprintable()


def test_names_that_the_catalog_lacks_are_told_with_the_other_problems(tmp_path):
    path = tmp_path / "plan.toml"
    path.write_text(
        "[company]\ncash_usd = -5\n[demand]\ncustomers = nan\n"
        '[deployments.a]\nkind = "api"\nmodel = "openai:gpt-99"\n'
        '[deployments.b]\nkind = "self-hosted"\nmodel = "nope"\ngpu = "H100-SXM"\n'
        '[workloads.w]\nrouting = { tiers = ["a", "zz"] }\n'
    )
    with pytest.raises(ScenarioError) as error:
        load(path)
    told = str(error.value)
    assert all(word in told for word in ("customers", "cash_usd", "gpt-99", "nope", '"zz"'))


def test_a_text_without_its_closing_quote_is_called_that(tmp_path):
    path = tmp_path / "plan.toml"
    path.write_text('title = "Plan\n')
    with pytest.raises(ScenarioError, match="closing quote"):
        load(path)
