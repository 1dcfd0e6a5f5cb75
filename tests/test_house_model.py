"""The rooms of the model: each stands alone, and `evaluate` joins them."""

import ast

import pytest
from syntax_tree import MODULES, ROOT, tree

ROOMS = ("request", "serving", "fleet", "company")
BETWEEN = {
    "planner.model.handed_on",
    "planner.model.result",
    "planner.model.normal",
    "planner.model.time_spread",
    "planner.model.kept",
    "planner.model.shared",
    "planner.model.call_by_call",
    "planner.model.week_hours",
}
IN_ROOMS = {name: room for name in MODULES for room in ROOMS if name.startswith(f"planner.model.{room}.")}

# The way down, one month put together, and the way up.
JOINING = {"planner.model.joining", "planner.model.month_at_hand", "planner.model.evaluate"}


def asked_for(module):
    """Return the modules of the model that a module imports, for type checkers only included."""
    found = set()
    for node in ast.walk(tree(MODULES[module])):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            inner = {f"{node.module}.{name.name}" for name in node.names}
            found |= (inner & MODULES.keys()) or {node.module}
    return {name for name in found if name == "planner.model" or name.startswith("planner.model.")}


def rooms_of(modules):
    return {IN_ROOMS[name] for name in modules if name in IN_ROOMS}


@pytest.mark.parametrize("module", IN_ROOMS)
def test_a_module_of_one_room_imports_no_other_room(module):
    own = {name for name, room in IN_ROOMS.items() if room == IN_ROOMS[module]}
    assert asked_for(module) - own - {f"planner.model.{IN_ROOMS[module]}"} - BETWEEN == set()


def test_every_room_has_modules():
    assert rooms_of(IN_ROOMS) == set(ROOMS)


def test_evaluate_alone_joins_the_rooms():
    joining = {
        name for name in MODULES if len(rooms_of(asked_for(name))) > 1 and name.startswith("planner.model")
    }
    assert joining == JOINING


def test_nothing_below_evaluate_imports_it():
    below = {name for name in MODULES if name.startswith("planner.model.")} - JOINING
    assert {name for name in below if asked_for(name) & {"planner.model", "planner.model.evaluate"}} == set()


@pytest.mark.parametrize("module", sorted(BETWEEN))
def test_what_passes_between_rooms_knows_no_room(module):
    assert asked_for(module) <= BETWEEN


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_names_the_section_that_holds_its_equations_and_sources(room):
    said = ast.get_docstring(tree(MODULES[f"planner.model.{room}"]))
    page, _, section = said.rpartition(": ")[2].rstrip(".").partition(", ")
    assert f"## {section}\n" in (ROOT / page).read_text()


@pytest.mark.parametrize("module", IN_ROOMS)
def test_a_public_function_of_the_model_says_what_it_returns(module):
    silent = [
        node.name
        for node in tree(MODULES[module]).body
        if isinstance(node, ast.FunctionDef)
        and not node.name.startswith("_")
        and not (ast.get_docstring(node) or "").startswith(("Return", "Yield", "Raise", "Watch", "Say"))
    ]
    assert silent == []
