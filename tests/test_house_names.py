"""Names and imports: no circles, nothing called twice, nothing called what says nothing."""

import ast
import re
import sys
from collections import Counter

import pytest
from syntax_tree import MODULES, SOURCES, circles, graph, rooms, tree

# What does not hold yet, by name. Each list only shrinks: what is on it without need fails a test below.
STILL_IN_CIRCLES: set[str] = set()  # a folder stands for its modules
STILL_TWICE: set[str] = set()
STILL_LIKE_THE_STANDARD_LIBRARY = {"planner.cli.io"}  # imported by its whole name
STILL_SAYING_NOTHING = {"planner.catalog.llms.plain"}
SAY_NOTHING = {
    "deeds", "looks", "visits", "words", "out", "offers", "notes", "in_order", "along", "lanes", "fit", "bare", "plain",
    "harmless", "import", "imports", "importing", "imported", "utils", "helpers", "misc", "common", "manager", "data",
}  # fmt: skip


def below(name, exempt):
    return any(name == each or name.startswith(f"{each}.") for each in exempt)


def in_circles():
    return {name for circle in circles(graph()) for name in circle}


def twice():
    """Return the names of classes that stand in more than one module; a leading underscore keeps one private."""
    declared = Counter(
        node.name
        for path in SOURCES
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    )
    return {name for name, count in declared.items() if count > 1}


def last_name(module):
    return module.rpartition(".")[2]


def like_the_standard_library():
    return {module for module in MODULES if last_name(module) in sys.stdlib_module_names}


def saying_nothing():
    return {module for module in MODULES if last_name(module) in SAY_NOTHING}


def test_no_module_imports_itself_by_way_of_others():
    assert {name for name in in_circles() if not below(name, STILL_IN_CIRCLES)} == set()


def test_no_room_imports_itself_by_way_of_its_neighbours():
    assert [
        each for each in circles(rooms(graph())) if not all(below(name, STILL_IN_CIRCLES) for name in each)
    ] == []


def test_no_class_name_stands_for_two_things():
    assert twice() <= STILL_TWICE


def test_no_module_hides_one_of_the_standard_library():
    assert like_the_standard_library() <= STILL_LIKE_THE_STANDARD_LIBRARY


def test_a_module_name_says_what_is_inside():
    assert saying_nothing() <= STILL_SAYING_NOTHING


def test_what_does_not_hold_yet_is_a_list_that_shrinks():
    circling, nothing = in_circles(), saying_nothing()
    assert {each for each in STILL_IN_CIRCLES if not any(below(name, {each}) for name in circling)} == set()
    assert STILL_TWICE - twice() == set()
    assert STILL_LIKE_THE_STANDARD_LIBRARY - like_the_standard_library() == set()
    assert STILL_SAYING_NOTHING - nothing == set()


def test_the_type_of_a_number_or_an_array_is_declared_once():
    declared = re.compile(
        r"^\w+(: \w+)? = .*\bfloat \| (Array|NDArray|np\.ndarray)|^type \w+ = .*\bfloat \|", re.MULTILINE
    )
    assert [module for module, path in MODULES.items() if declared.search(path.read_text())] == [
        "planner.arrays"
    ]


@pytest.mark.parametrize(
    ("edges", "found"),
    [
        ({"a": {"b"}, "b": {"c"}, "c": set()}, []),
        ({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}, [["a", "b", "c"]]),
    ],
)
def test_a_circle_is_found_and_a_line_is_none(edges, found):
    assert circles(edges) == found
