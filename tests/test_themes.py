"""Themes are files: all that ship are usable and legible, and a broken one says everything that is wrong."""

import os

import pytest
from textual.app import App
from textual.color import Color

from planner.errors import ScenarioError
from planner.files.library import folders, shipped_folder
from planner.tui.config.themes import ThemeFiles, read_theme, use_theme

SHIPPED_FOLDER = shipped_folder("themes")
SHIPPED = sorted(SHIPPED_FOLDER.glob("*.toml"))
OWN = 'dark = true\n[colours]\nprimary = "#ff0000"\nforeground = "white"\nbackground = "black"\n'


def written(folder, name, text):
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.toml"
    path.write_text(text, encoding="utf-8")
    return path


def contrast(one, other):
    """Return the contrast ratio of WCAG 2.1, 1 to 21."""
    light, dark = sorted((_luminance(Color.parse(one)), _luminance(Color.parse(other))), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour):
    parts = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour.normalized
    ]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def test_at_least_eight_themes_ship_with_those_that_some_people_need():
    names = {path.stem for path in SHIPPED}
    assert len(names) >= 8
    assert names >= {"dark", "light", "high-contrast", "colour-blind-safe", "monochrome", "sixteen-colour"}


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_text_in_every_shipped_theme_is_legible(path):
    theme = read_theme(path)
    if theme.ansi:
        pytest.skip("the terminal decides what its own colours look like")
    least = 7.0 if theme.name == "high-contrast" else 4.5
    for colour in (theme.foreground, theme.primary, theme.accent, theme.success, theme.warning, theme.error):
        assert contrast(colour, theme.background) >= least, colour
        assert contrast(colour, theme.panel) >= least, colour


def test_good_and_bad_differ_in_lightness_or_blueness_for_colour_blind_eyes():
    theme = read_theme(SHIPPED_FOLDER / "colour-blind-safe.toml")
    good, bad = Color.parse(theme.success), Color.parse(theme.error)
    assert good.b - bad.b > 128


def test_the_monochrome_theme_has_no_hue():
    theme = read_theme(SHIPPED_FOLDER / "monochrome.toml")
    for colour in (theme.primary, theme.accent, theme.error, theme.background):
        assert len(set(Color.parse(colour).rgb)) == 1


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
async def test_every_shipped_theme_can_be_shown(path):
    app = App()
    async with app.run_test(size=(20, 5)) as pilot:
        use_theme(app, read_theme(path))
        await pilot.pause()
        assert app.current_theme.name == path.stem


def test_a_broken_theme_says_everything_at_once(tmp_path):
    text = 'dark = 1\nfont = "x"\n[colours]\nprimary = "blurple"\nprimry = "red"\nbackground = 3\n[details]\nborder = "?"\nx = ""\n'
    with pytest.raises(ScenarioError) as raised:
        read_theme(written(tmp_path, "mine", text))
    assert {problem.where for problem in raised.value.problems} == {
        "dark",
        "font",
        "colours.primary",
        "colours.primry",
        "colours.background",
        "colours.foreground",
        "details.border",
        "details.x",
    }
    assert str(raised.value).startswith(str(tmp_path / "mine.toml"))


@pytest.mark.parametrize("text", ["= 3", "\x00", 'colours = 1\ndetails = "x"\ndark = true'])
def test_a_file_that_is_no_theme_is_refused_in_words(tmp_path, text):
    with pytest.raises(ScenarioError):
        read_theme(written(tmp_path, "mine", text))


def test_a_theme_of_the_library_hides_one_of_the_same_name_in_the_working_folder_and_the_shipped(tmp_path):
    library, here = tmp_path / "library", tmp_path / "here"
    searched = folders("themes", library=library, here=here)
    written(here / "themes", "dark", OWN)
    assert ThemeFiles(searched).theme("dark").primary == "#ff0000"
    written(searched[0], "dark", OWN.replace("#ff0000", "#00ff00"))
    assert ThemeFiles(searched).theme("dark").primary == "#00ff00"


def test_a_theme_that_does_not_exist_is_named_with_those_that_do(tmp_path):
    with pytest.raises(ScenarioError, match=r"There are .*harbour"):
        ThemeFiles([tmp_path, SHIPPED_FOLDER]).theme("harbor")


def test_no_name_leads_out_of_the_folders(tmp_path):
    written(tmp_path, "outside", OWN)
    with pytest.raises(ScenarioError):
        ThemeFiles([tmp_path / "themes"]).theme("../outside")


def test_an_edited_file_counts_as_changed_until_it_is_read_again(tmp_path):
    path = written(tmp_path, "mine", OWN)
    files = ThemeFiles([tmp_path])
    files.theme("mine")
    assert not files.changed("mine")
    path.write_text(OWN.replace("#ff0000", "#0000ff"), encoding="utf-8")
    os.utime(path, ns=(1, 1))
    assert files.changed("mine")
    assert files.theme("mine").primary == "#0000ff"
    assert not files.changed("mine")


async def test_a_theme_read_again_shows_at_once(tmp_path):
    app = App()
    path = written(tmp_path, "mine", OWN)
    async with app.run_test(size=(20, 5)) as pilot:
        use_theme(app, read_theme(path))
        await pilot.pause()
        path.write_text(OWN.replace('"black"', '"#101010"'), encoding="utf-8")
        use_theme(app, read_theme(path))
        await pilot.pause()
        assert app.screen.styles.background == Color.parse("#101010")
