"""Every private name of Textual and Rich that the screen uses, in one list."""

import ast
import importlib
import inspect
import re
from importlib.metadata import version

import pytest
from syntax_tree import SOURCES, tree

# By class (or module): the name, and what we need it for. The versions that pyproject.toml allows have all of them.
PRIVATE = {
    "textual.app.App": {
        "_batch_count": "not to draw while Textual gathers updates",
        "_check_bindings": "to act on a key before the next one is looked at",
        "_dispatch_message": "to deal with what a key led to before the next key",
        "_driver": "to write sequences to the terminal",
        "_exception": "to say why the screen fell over",
        "_fatal_error": "as above",
        "_handle_exception": "to let go what a last key does to a screen that ends",
        "_filters": "to leave colours to the terminal",
        "_refresh_truecolor_filter": "to draw a theme that has just been chosen",
    },
    "textual.screen.Screen": {
        "_bindings": "to show keys that are looked up when the screen opens",
        "_compositor": "to draw one widget, or all of them as text",
    },
    "textual.widget.Widget": {
        "_layout_required": "not to draw by halves what will be laid out again",
        "_styles_cache": "to draw one widget again without a message",
    },
    "textual.dom.DOMNode": {"_attach": "to style parts of a pane that are no widgets"},
    "textual.drivers.linux_driver.LinuxDriver": {
        "_app": "to know the app before it runs",
        "_mouse": "to leave the mouse to the terminal, or take it back",
        "_get_terminal_size": "to draw for the size that the terminal has",
        "_writer_thread": "to know whether the terminal is ours",
    },
    "textual._ansi_sequences": {"ANSI_SEQUENCES_KEYS": "to drop what a terminal says that is no key"},
    "textual._keyboard_protocol": {"FUNCTIONAL_KEYS": "as above"},
    "textual._xterm_parser.XTermParser": {"_sequence_to_key_events": "to take a key with alt as one"},
    "textual.keys": {"_character_to_key": "to read a key that a user has chosen"},
    "textual_serve.server.Server": {"_make_app": "to ask each page for its token"},
    "textual_serve.app_service.AppService": {
        "_build_environment": "to start a visitor's screen without a shell",
        "_download_manager": "to end its downloads with it",
    },
    "rich.console.Console": {
        "_color_system": "to keep all colours: the terminal's own limit is applied later"
    },
    "rich.style.Style": {"_make_ansi_codes": "to get a style's codes without a text"},
}
SCREEN = [path for path in SOURCES if "tui" in path.parts]
OF_NAMED_TUPLES = {"_replace"}
LISTED = {name for names in PRIVATE.values() for name in names}


def source_of(dotted):
    """Return the source of a module, or of a class and those that it builds on."""
    module, _, name = dotted.rpartition(".")
    if dotted.rpartition(".")[2].islower():
        return inspect.getsource(importlib.import_module(dotted))
    found = getattr(importlib.import_module(module), name)
    return "\n".join(inspect.getsource(base) for base in found.__mro__ if base.__module__ != "builtins")


def private(name):
    return name.startswith("_") and not name.startswith("__")


def used_of_others():
    """Return the private names that the screen takes from objects and modules not its own, with the place."""
    own, used = set(), {}
    for path in SCREEN:
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                own.add(node.name)
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                own.add(node.id)
            elif isinstance(node, ast.Attribute) and private(node.attr):
                of_self = isinstance(node.value, ast.Name) and node.value.id in ("self", "cls")
                if of_self and isinstance(node.ctx, ast.Store):
                    own.add(node.attr)
                else:
                    used.setdefault(node.attr, f"{path.name}:{node.lineno}")
            elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith(("textual", "rich")):
                used |= {name.name: f"{path.name}:{node.lineno}" for name in node.names if private(name.name)}
    return {name: place for name, place in used.items() if name not in own | OF_NAMED_TUPLES}


@pytest.mark.parametrize(
    ("dotted", "name"), [(dotted, name) for dotted, names in PRIVATE.items() for name in names]
)
def test_the_installed_version_has_a_private_name(dotted, name):
    package = dotted.partition(".")[0].replace("_", "-")
    there = re.search(rf"\b{name}\b", source_of(dotted))
    assert there, f"{package} {version(package)} lacks {dotted}.{name}: needed {PRIVATE[dotted][name]}"


def test_every_private_name_in_use_is_listed():
    assert {name: place for name, place in used_of_others().items() if name not in LISTED} == {}


def test_every_listed_name_is_in_use():
    text = "\n".join(path.read_text() for path in SCREEN)
    assert {name for name in LISTED if not re.search(rf"\b{name}\b", text)} == set()
