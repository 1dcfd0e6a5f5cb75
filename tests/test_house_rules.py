import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ORDER = [
    "records",
    "startup",
    "arrays",
    "units",
    "formats",
    "errors",
    "schema",
    "catalog",
    "model",
    "readout",
    "analysis",
    "files",
    "usage",
    "export",
    "tui",
    "cli",
]
SOURCES = sorted((ROOT / "planner").rglob("*.py"))
LONGEST_FILE, LONGEST_FUNCTION, WIDEST_LINE = 400, 45, 110


def layer(path):
    part = path.relative_to(ROOT / "planner").parts[0]
    return part.removesuffix(".py")


def imported(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
        elif isinstance(node, ast.Import):
            yield from (name.name for name in node.names)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_down_the_layers(path):
    here = layer(path)
    if here not in ORDER:
        return
    for module in imported(ast.parse(path.read_text())):
        if module.startswith("planner."):
            there = module.split(".")[1]
            assert ORDER.index(there) <= ORDER.index(here), f"{path.name} imports {module}"


@pytest.mark.parametrize("name", ["schema", "catalog", "model", "analysis", "files", "cli"])
def test_nothing_below_the_screen_loads_textual_or_rich(name):
    check = f"import planner.{name}, sys; sys.exit(any(m in sys.modules for m in ('textual', 'rich')))"
    loaded = subprocess.run(
        [sys.executable, "-c", check], check=False, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}
    )
    assert loaded.returncode == 0


def test_the_state_of_the_screen_is_plain_python():
    for module in imported(ast.parse((ROOT / "planner/tui/state.py").read_text())):
        assert not module.startswith(("textual", "rich"))


def test_no_file_outgrows_its_noun():
    too_long = {
        str(path): count for path in SOURCES if (count := len(path.read_text().splitlines())) > LONGEST_FILE
    }
    assert too_long == {}


def test_no_line_is_wider_than_the_formatter_s_where_the_rule_holds():
    held = ("cli", "readout")
    too_wide = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in SOURCES
        if layer(path) in held
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if len(line) > WIDEST_LINE
    ]
    assert too_wide == []


def test_no_function_needs_scrolling():
    too_long = [
        f"{path.name}:{node.name}"
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno - node.lineno > LONGEST_FUNCTION
    ]
    assert too_long == []


def test_no_test_file_outgrows_its_noun():
    tests = sorted((ROOT / "tests").rglob("*.py"))
    lengths = {path.name: len(path.read_text().splitlines()) for path in tests}
    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}
