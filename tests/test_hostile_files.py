"""Files that are none, or damaged, or a stranger's: refused in words, and before anything is read without bound."""

import os
import signal
import subprocess
from pathlib import Path

import pytest
from fuzz.hostile_files import SEEDS, damaged, hold

from planner.files.library import folders, shipped_folder
from planner.tui.app import PlannerApp
from planner.tui.config.themes import ThemeFiles, read_theme
from planner.tui.state import Plan
from planner.tui.terminal.screen_text import screen_text

ROOT = Path(__file__).parents[1]
SECONDS = 20
ROW_OF_HEADLESS = ("--gpu", "H100-SXM", "--tp", "1", "--weights", "fp8", "--engine", "vllm")
OPENED_BY = {
    "show": ("show", "FILE"),
    "diff": ("diff", "PLAN", "FILE"),
    "check --policy": ("check", "PLAN", "--policy", "FILE"),
    "check --against": ("check", "PLAN", "--policy", "POLICY", "--against", "FILE"),
    "model": ("model", "FILE"),
    "serving --model": ("serving", "--model", "FILE", "--gpu", "L4", "--input", "1000", "--output", "100"),
    "serving --table": ("serving", "--table", "FILE", "--out", "OUT"),
    "serving --calibrate": ("serving", "--calibrate", "FILE", *ROW_OF_HEADLESS),
    "import": ("import", "FILE"),
    "actuals --from": ("actuals", "PLAN", "--from", "FILE"),
    "refresh": ("refresh", "FILE"),
    "new": ("new", "FILE"),
    "export": ("export", "FILE", "OUT"),
}


@pytest.fixture(autouse=True)
def _in_time():
    """End a command that waits for what never comes."""

    def late(*_):
        raise AssertionError("it waits")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(SECONDS)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def fifo(path):
    os.mkfifo(path)
    return path


def sparse(path):
    with path.open("wb") as file:
        file.truncate(2_000_000_000)
    return path


def folder(path):
    path.mkdir()
    return path


@pytest.mark.parametrize(
    "make", [fifo, sparse, folder, lambda _: "/dev/zero"], ids=["fifo", "sparse", "folder", "device"]
)
@pytest.mark.parametrize("command", OPENED_BY)
def test_what_is_no_file_of_a_size_in_use_is_refused_in_words(command, make, planner, tmp_path, mix):
    if (command, make) == ("import", sparse):
        pytest.skip("a log may be of any size: it is read as a stream")
    stands = {
        "FILE": make(tmp_path / "given.json"),
        "PLAN": mix,
        "POLICY": ROOT / "tests/policy.toml",
        "OUT": tmp_path / "out.md",
    }
    code, _, err = planner(*[stands.get(word, word) for word in OPENED_BY[command]])
    assert code == 2
    assert str(stands["FILE"]) in err
    assert "Usage" not in err


def test_a_file_of_git_is_refused_by_its_size_before_it_is_read(planner, tmp_path, monkeypatch, root):
    monkeypatch.chdir(tmp_path)
    plan = tmp_path / "plan.toml"
    git = ["git", "-c", "user.name=x", "-c", "user.email=x@example.org"]
    plan.write_text("schema = 1\n" + "# word\n" * 400_000)
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "x"]):
        subprocess.run([*git, *words], check=True)
    plan.write_text((root / "saved/support-copilot.toml").read_text())
    code, _, err = planner("check", plan, "--policy", root / "tests/policy.toml", "--against", "HEAD")
    assert code == 2
    assert "has 2.8 MB; the limit is 1 MB" in err


@pytest.mark.parametrize("kind", SEEDS)
def test_a_damaged_file_is_read_or_refused_in_words(kind, tmp_path, monkeypatch):
    monkeypatch.setenv("PLANNER_DEBUG", "1")
    for number in range(3 if kind == "theme" else 12):
        hold(kind, damaged(kind, number), tmp_path)


@pytest.mark.parametrize(
    "colour", ["rgb(" + "1" * 400 + ",0,0)", "white 50%", "auto", "hsl(1e999,1%,1%)", "#" + "a" * 900]
)
def test_a_colour_that_no_terminal_knows_is_named(colour, tmp_path):
    (tmp_path / "odd.toml").write_text(
        f'dark = true\n[colours]\nprimary = "{colour}"\nforeground = "white"\nbackground = "black"\n'
    )
    with pytest.raises(Exception, match="which is no colour"):
        ThemeFiles([tmp_path]).theme("odd")


@pytest.mark.parametrize(
    "text", ["dark = ", "dark = true\n" + "[a]\n" * 40, "x = " + "[" * 5000, "\x00", "#" * 200_000]
)
async def test_a_broken_theme_at_the_start_leaves_the_usual_one_with_a_notice(text, tmp_path):
    (tmp_path / "themes").mkdir()
    (tmp_path / "themes" / "dark.toml").write_text(text)
    app = PlannerApp(Plan.blank, library=tmp_path, settings=tmp_path / "screen.toml", from_library=True)
    async with app.run_test(size=(120, 30)) as pilot:
        await pilot.pause()
        await pilot.pause()
        assert app.current_theme.name == "dark"
        assert app.current_theme.background == read_theme(shipped_folder("themes") / "dark.toml").background
        assert "Theme dark" in screen_text(app)


def test_own_themes_come_before_those_of_a_working_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    own, here = tmp_path / "home/planner/themes", tmp_path / "cloned"
    assert [each for each in folders("themes", here=here) if tmp_path in each.parents] == [
        own,
        here / "themes",
    ]


def test_a_word_for_a_number_of_gpus_is_named(planner, tmp_path, root):
    first, row, *_ = (root / "tests/serving_cited.csv").read_text().splitlines()
    cells = dict(zip(first.split(","), row.split(","), strict=False)) | {"pp": "small", "ep": "inf"}
    (tmp_path / "t.csv").write_text(f"{first}\n{','.join(cells.values())}\n")
    _, out, _ = planner("serving", "--table", tmp_path / "t.csv", "--out", tmp_path / "out.csv")
    assert "pp is 'small'; it must be a number from 1 to 4,096." in out
    assert "ep is 'inf'" in out
