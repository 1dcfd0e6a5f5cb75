"""The screen's rooms: which way imports go, and who may change the plan. All on the syntax tree."""

import ast

import pytest
from syntax_tree import MODULES, graph, tree

APP = "planner.tui.app"
ROOMS = ("terminal", "config", "session", "widgets", "dialogs", "screens")
MAY_IMPORT = {
    "terminal": set(),
    "config": {"terminal"},
    "session": set(),
    "widgets": {"terminal", "config", "session"},
    "dialogs": {"terminal", "config", "session", "widgets"},
    "screens": {"terminal", "config", "session", "widgets", "dialogs"},
}
STATE = {"plan", "outlook"}


def room(module):
    """Return the room of the screen that a module is in; "" outside of them."""
    parts = module.split(".")
    return parts[2] if parts[:2] == ["planner", "tui"] and len(parts) > 3 else ""


def of_the_screen():
    return {name: path for name, path in MODULES.items() if name.startswith("planner.tui.")}


def named_imports(path):
    """Give every module that a file imports, also what only a type checker sees."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names)
        elif isinstance(node, ast.Import):
            yield from (name.name for name in node.names)


def assigned(source):
    """Return the attributes that a syntax tree assigns on anything, or sets as reactives of the app."""
    found = set()
    for node in ast.walk(source):
        targets = node.targets if isinstance(node, ast.Assign) else []
        targets = [node.target] if isinstance(node, ast.AugAssign | ast.AnnAssign) else targets
        for target in targets:
            for each in target.elts if isinstance(target, ast.Tuple) else [target]:
                if isinstance(each, ast.Attribute):
                    found.add(ast.unparse(each))
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(".set_reactive"):
            owner = ast.unparse(node.func).removesuffix(".set_reactive")
            found.add(f"{owner}.{ast.unparse(node.args[0]).rpartition('.')[2]}")
    return found


def held(attribute):
    """Say whether an attribute is the app's plan or outlook: that of a message or of a pane is its own."""
    owner, _, name = attribute.rpartition(".")
    return name in STATE and owner in (
        "app",
        "self.app",
        "self._app",
        "planner",
        "self.planner",
        "page",
        "self.screen",
    )


def test_imports_go_from_the_terminal_up_to_the_screens():
    wrong = {
        (name, other)
        for name, others in graph().items()
        for other in others
        if room(name) and room(other) and room(other) not in MAY_IMPORT[room(name)] | {room(name)}
    }
    assert wrong == set()


@pytest.mark.parametrize("name", ROOMS)
def test_a_room_is_there_and_does_not_know_the_app(name):
    modules = {module: path for module, path in MODULES.items() if room(module) == name}
    assert len(modules) > 3
    assert {module for module, path in modules.items() if APP in set(named_imports(path))} == set()


def test_only_the_app_assigns_the_plan_and_where_it_leads():
    writers = {
        name for name, path in of_the_screen().items() if any(map(held, assigned(tree(path)))) and name != APP
    }
    assert writers == set()


def test_a_screen_or_a_pane_assigns_neither_on_itself():
    own = {
        (name, cls.name)
        for name, path in of_the_screen().items()
        if room(name) in ("screens", "widgets", "dialogs")
        for cls in ast.walk(tree(path))
        if isinstance(cls, ast.ClassDef) and not _is_message(cls)
        for each in _assigned_outside_messages(cls)
        if each in {f"self.{state}" for state in STATE}
    }
    assert own == set()


def _is_message(cls):
    return any(ast.unparse(base).endswith(("AheadOfKeys", "Message")) for base in cls.bases)


def _assigned_outside_messages(cls):
    inner = {
        each
        for node in cls.body
        if isinstance(node, ast.ClassDef) and _is_message(node)
        for each in ast.walk(node)
    }
    for node in cls.body:
        if node not in inner:
            yield from assigned(node)


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("app.plan = plan", True),
        ("self.app.outlook = drawn", True),
        ("app.set_reactive(PlannerApp.plan, plan)", True),
        ("self.inputs.plan = plan", False),
        ("plan = app.plan", False),
    ],
)
def test_an_assignment_is_told_from_a_reading(line, found):
    assert any(map(held, assigned(ast.parse(line)))) is found


def test_session_modules_run_without_a_screen():
    """Plain Python: of Textual they may name types, no more."""
    modules = {module: path for module, path in MODULES.items() if room(module) == "session"}
    loaded = {
        module
        for module, path in modules.items()
        for node in tree(path).body
        if isinstance(node, ast.Import | ast.ImportFrom)
        and (getattr(node, "module", "") or "").startswith(("textual", "rich"))
    }
    assert loaded == set()
