"""What README, docs and CI promise is true: commands run, plans load, links lead somewhere."""

import re
import shlex
import subprocess
import sys
import tomllib
from itertools import chain
from pathlib import Path

import pytest

from planner.files.actuals import load_actuals

ROOT = Path(__file__).parents[1]
PAGES = {
    path.relative_to(ROOT).as_posix(): path.read_text()
    for path in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md")))
}  # fmt: skip
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
ACTUALS = "[months."  # a table of what happened, and no plan
ANSWERS_WITH_2 = ("planner diff",)


def blocks(language, pages=PAGES):
    """Give each fenced block of a language, with the page that it stands on."""
    for name, text in pages.items():
        for block in re.findall(rf"```{language}\n(.*?)```", text, flags=re.DOTALL):
            yield name, block


SHELL = [line for _, block in blocks("sh") for line in block.splitlines()]
COMMANDS = sorted({line for line in SHELL if line.startswith("planner ")})
README_SHELL = [
    line for _, block in blocks("sh", {"README.md": PAGES["README.md"]}) for line in block.splitlines()
]
PLANS = [(name, block) for name, block in blocks("toml") if re.search(r"^schema\s*=", block, re.MULTILINE)]
POLICIES = [(name, block) for name, block in blocks("toml") if re.search(r"^fail\s*=", block, re.MULTILINE)]
LINKS = [
    (name, target)
    for name, text in PAGES.items()
    for target in re.findall(r"\]\(([^)\s]+)\)", text)
    if "://" not in target
]


def run(*words):
    return subprocess.run(
        [sys.executable, "-m", *words], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )


def test_the_readme_has_commands_to_run():
    assert sum(line.startswith("planner ") for line in README_SHELL) >= 10


@pytest.mark.parametrize("line", COMMANDS)
def test_a_command_of_the_docs_runs(line):
    done = run(*shlex.split(line, comments=True))
    assert done.returncode == (2 if line.startswith(ANSWERS_WITH_2) else 0), done.stderr
    assert done.stdout.strip()
    assert "Traceback" not in done.stderr


def test_ci_runs_the_test_command_of_the_readme():
    command = next(line for line in README_SHELL if "pytest" in line)
    assert command in (ROOT / ".ci/run").read_text().splitlines()


def test_both_ways_to_start_set_everything_up_themselves():
    starts = [line for line in README_SHELL if line.startswith("python3 -m venv .venv && ")]
    assert len(starts) == 2
    assert all(".venv/bin/pip install -q -e " in line for line in starts)


@pytest.mark.parametrize(("page", "table"), PLANS)
def test_a_plan_in_the_docs_is_a_plan(tmp_path, page, table):
    path = tmp_path / "plan.toml"
    path.write_text(table)
    if ACTUALS in table:
        assert load_actuals(path).actuals.months, page
        return
    assert run("planner", "show", str(path)).returncode == 0, page


@pytest.mark.parametrize(("page", "table"), POLICIES)
def test_a_policy_in_the_docs_is_a_policy(tmp_path, page, table):
    path = tmp_path / "policy.toml"
    path.write_text(table)
    plan = "saved/support-copilot.toml"
    done = run("planner", "check", plan, "--policy", str(path), "--against", plan)
    assert done.returncode in (0, 3), f"{page}: {done.stderr}"


def anchors(text):
    """Give the anchors that a page's headings have."""
    headings = re.findall(r"^#+ (.+)$", text, flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize(("page", "target"), LINKS)
def test_a_link_leads_somewhere(page, target):
    path, _, anchor = target.partition("#")
    file = (ROOT / page).parent / path if path else ROOT / page
    assert file.exists()
    assert not anchor or anchor in anchors(file.read_text())


def test_every_benchmark_that_the_docs_name_is_there():
    named = {name for text in PAGES.values() for name in re.findall(r"tests/[\w/]+\.(?:py|json)", text)}
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []


def test_every_dependency_has_a_line_in_the_table():
    table = PAGES["docs/performance.md"].partition("## Dependencies")[2]
    wanted = [*PROJECT["dependencies"], *chain(*PROJECT["optional-dependencies"].values())]
    names = {re.match(r"[\w-]+", each)[0] for each in wanted}
    assert [
        name for name in sorted(names) if not re.search(rf"^\|.*\b{re.escape(name)}\b", table, re.MULTILINE)
    ] == []


def test_the_version_has_a_place_in_the_changelog():
    assert "## [Unreleased]" in PAGES["CHANGELOG.md"]
    assert f"## [{PROJECT['version']}]" in PAGES["CHANGELOG.md"]
