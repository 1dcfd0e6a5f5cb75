"""What the house rules read: the program's modules, what each imports and the classes that each declares."""

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCES = sorted((ROOT / "planner").rglob("*.py"))


def module_name(path):
    """Return the dotted name of a source file: that of its folder for an `__init__.py`."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for path in SOURCES}


@cache
def tree(path):
    return ast.parse(path.read_text())


def at_run_time(node):
    """Give all nodes below `node`, less those that only a type checker sees."""
    for child in ast.iter_child_nodes(node):
        typing_only = isinstance(child, ast.If) and ast.unparse(child.test).endswith("TYPE_CHECKING")
        for each in getattr(child, "orelse", []) if typing_only else [child]:
            yield each
            yield from at_run_time(each)


def imports(path):
    """Give the modules of the program that a file imports, early or late."""
    for node in at_run_time(tree(path)):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names if name.name in MODULES)
        elif isinstance(node, ast.ImportFrom) and node.module in MODULES:
            for name in node.names:
                inner = f"{node.module}.{name.name}"
                yield inner if inner in MODULES else node.module


def graph():
    """Return what each module imports."""
    return {name: set(imports(path)) - {name} for name, path in MODULES.items()}


def circles(edges):
    """Return the circles of a graph: each largest set of nodes that all lead to one another."""
    reached = {node: _reach(edges, node) for node in edges}
    found = {
        frozenset(other for other in reached[node] if node in reached[other])
        for node in edges
        if node in reached[node]
    }
    return sorted(sorted(circle) for circle in found)


def _reach(edges, start):
    seen, waiting = set(), [*edges.get(start, ())]
    while waiting:
        node = waiting.pop()
        if node not in seen:
            seen.add(node)
            waiting += edges.get(node, ())
    return seen


def rooms(edges):
    """Return what each room (a folder inside another one) imports of its neighbours."""
    packages = {name for name, path in MODULES.items() if path.name == "__init__.py"} - {"planner"}
    found = {}
    for name, others in edges.items():
        for room in _rooms_of(name, packages):
            near = {
                each
                for other in others
                for each in _rooms_of(other, packages)
                if _parent(each) == _parent(room)
            }
            found.setdefault(room, set()).update(near - {room})
    return found


def _parent(name):
    return name.rpartition(".")[0]


def _rooms_of(name, packages):
    while name:
        if name in packages:
            yield name
        name = _parent(name)
