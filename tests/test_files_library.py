"""The library is searched in order; tables and strangers' text are harmless."""

import pytest

from planner.errors import ScenarioError
from planner.files import (
    as_csv,
    as_markdown,
    find,
    folders,
    inert,
    inert_cell,
    inert_html,
    inert_lines,
    inert_markdown,
    inert_markup,
    library,
    list_scenarios,
)  # fmt: skip


@pytest.fixture
def places(tmp_path, monkeypatch):
    """Four folders with a scenario each, and one name that is in all of them."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(library, "shipped_folder", lambda kind: tmp_path / "shipped" / kind)
    here, mine = tmp_path / "here", tmp_path / "mine"
    for folder in (mine, here / "saved", library.user_folder("saved"), tmp_path / "shipped" / "saved"):
        folder.mkdir(parents=True)
        (folder / "common.toml").write_text("schema = 1\n")
    (tmp_path / "shipped" / "saved" / "chat.toml").write_text("schema = 1\n")
    (here / "saved" / ".hidden.toml").write_text("")
    return tmp_path


def test_the_library_comes_before_here_before_home_before_shipped(places):
    order = folders("saved", library=places / "mine", here=places / "here")
    assert order == (
        places / "mine", places / "here" / "saved", library.user_folder("saved"), places / "shipped" / "saved",
    )  # fmt: skip
    for folder in order:
        assert find("common", library=places / "mine", here=places / "here") == folder / "common.toml"
        (folder / "common.toml").unlink()


def test_a_library_may_hold_scenarios_and_themes(tmp_path):
    (tmp_path / "themes").mkdir()
    assert folders("themes", library=tmp_path)[0] == tmp_path / "themes"


def test_each_name_is_listed_once(places):
    listed = list_scenarios(here=places / "here")
    assert [(entry.name, entry.shipped) for entry in listed] == [("chat", True), ("common", False)]


def test_a_path_is_found_as_it_is(places):
    path = places / "mine" / "common.toml"
    assert find(str(path), here=places / "here") == path


@pytest.mark.parametrize("name", ["../mine/other", "chta", "a\0b", "\x1b[31m", ""])
def test_a_name_that_is_not_there_is_said_in_words(places, name):
    with pytest.raises(ScenarioError, match="is neither a file nor a name in the library"):
        find(name, here=places / "here")


def test_a_name_spelled_almost_right_is_suggested(places):
    with pytest.raises(ScenarioError, match=r"Did you mean chat\?"):
        find("chta", here=places / "here")


STRANGE = "a\x1b]0;title\x07b\u202egnp\u2066\u200b\udc80\x9b31m\x00\r\nc"


def test_strange_text_shows_as_what_it_is():
    assert inert(STRANGE) == "a␛]0;title␇b\ufffdgnp\ufffd\ufffd\ufffd\ufffd31m␀  c"
    assert inert("Zoë 日本 👩‍💻 naïve") == "Zoë 日本 👩‍💻 naïve"
    assert inert_lines("a\nb\x1b") == "a\nb␛"


@pytest.mark.parametrize("show", [inert, inert_cell, inert_html, inert_markdown, inert_markup])
def test_nothing_that_a_terminal_obeys_is_left(show):
    everything = "".join(map(chr, [*range(0x300), *range(0x2000, 0x2100), 0x61C, 0xFEFF, 0xD800, 0xE0001]))
    shown = show(everything)
    forbidden = [*range(0x20), *range(0x7F, 0xA0), 0x61C, 0x200E, 0x200F, *range(0x202A, 0x202F),
                 *range(0x2066, 0x206A), 0x2028, 0x2029, 0xFEFF, 0xD800, 0xE0001]  # fmt: skip
    assert not set(shown) & set(map(chr, forbidden))


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "\r=", "\uff1d", " =", "-1+1"])
def test_a_cell_that_would_start_a_formula_is_quoted(start):
    assert as_csv([{"name": f"{start}cmd"}]).splitlines()[1].lstrip('"').startswith("'")


def test_numbers_in_tables_stay_numbers():
    rows = [{"name": "a", "usd": -1.5, "gpus": 2}, {"name": "b", "usd": None, "gpus": True}]
    assert as_csv(rows) == "name,usd,gpus\na,-1.5,2\nb,,True\n"
    assert as_markdown(rows).splitlines()[1:3] == ["| --- | ---: | --- |", "| a | -1.5 | 2 |"]


def test_a_markdown_cell_stays_one_cell():
    shown = as_markdown([{"name": "a|b\n<img src=x>[l](u) @me"}]).splitlines()
    assert shown[2] == r"| a\|b \<img src=x\>\[l\]\(u\) \@me |"


def test_no_rows_make_no_table():
    assert as_markdown([]) == ""
    assert as_csv([]).strip() == ""


def test_a_folder_is_called_a_folder(places):
    (places / "here" / "plans").mkdir()
    with pytest.raises(ScenarioError, match="is a folder, not a file"):
        find("plans", here=places / "here")
