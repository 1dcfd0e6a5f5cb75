"""The user's own keys: a TOML file with lines such as `undo = "u ctrl+z"`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from textual.keys import Keys, _character_to_key

from planner.errors import Problem, ScenarioError
from planner.files import atomic_write, inert
from planner.files.bounds import parse, read_text
from planner.tui.config.keys import GROUPS, KEY_NAMES, KEYS, Key, is_pair, key_name, remapped
from planner.tui.config.settings import settings_folder

_MODIFIERS = re.compile(r"^(?:(?:ctrl|alt|shift|super|meta)\+)*")
_WORDS = {name: key for key, name in KEY_NAMES.items()} | {
    "return": "enter", "del": "delete", "ins": "insert", "page_down": "pagedown", "page_up": "pageup",
}  # fmt: skip
_NAMED = (
    frozenset(key.value.rpartition("+")[2] for key in Keys) | frozenset(KEY_NAMES) | {"space", "tab", "enter"}
)
_HEAD = """\
# The keys of the planner's screen. Take the mark off a line and change what stands at its right: keys with
# spaces between, such as "u ctrl+z" or "f5 ?". An empty text takes an action off the keys; the palette (:) still
# has it. In the palette, "keymap" reads this file again.
"""


def keymap_path() -> Path:
    """Return where the keymap file is looked for."""
    return settings_folder() / "keys.toml"


def keymap(path: Path | None = None) -> tuple[tuple[Key, ...], list[Problem]]:
    """Return the keys as the user wants them, and all that is wrong with the file."""
    path = path or keymap_path()
    if not path.is_file():
        return KEYS, []
    try:
        table = parse(read_text(path), source=str(path))
    except ScenarioError as error:
        return KEYS, list(error.problems)
    problems: list[Problem] = []
    read = {inert(name): _read(inert(name), value, problems) for name, value in table.items()}
    keys, more = remapped({name: value for name, value in read.items() if value is not None})
    return keys, problems + more


def _read(name: str, value: Any, problems: list[Problem]) -> Any:
    """Return a line's keys under the names that Textual has for them; None where none of them is a key."""
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        value = " ".join(value)
    if not isinstance(value, str):
        return value
    known = []
    for word in value.split():
        key = key_of(word)
        if key is None:
            what = "is a digit, and digits are counts." if word.isdigit() else "is no key."
            hint = "" if word.isdigit() else "Keys are written as u, U, ?, space, f5, ctrl+z, shift+tab."
            problems.append(Problem(name, f'"{inert(word)[:20]}" {what}', hint))
        else:
            known.append(key)
    return " ".join(known) if known or not value.split() else None


def key_of(word: str) -> str | None:
    """Return Textual's name for a key as people write it; None where there is no such key.

    >>> key_of("gg"), key_of("55")
    ('gg', None)
    >>> key_of("?"), key_of("^z"), key_of("ctrl+pgdn"), key_of("esc"), key_of("ctl+z"), key_of("5")
    ('question_mark', 'ctrl+z', 'ctrl+pagedown', 'escape', None, None)
    """
    if len(word) > 1 and word.startswith("^"):
        word = f"ctrl+{word[1:]}"
    modifiers = _MODIFIERS.match(word)[0] if word != "+" else ""  # type: ignore[index]  # it always matches
    last = word[len(modifiers) :]
    if is_pair(word) and word.isalpha():
        return word
    last = _WORDS.get(last, last)
    if len(last) == 1 and last.isprintable():
        return None if last.isdigit() and not modifiers else modifiers + _character_to_key(last)
    return modifiers + last if last in _NAMED else None


def write_starter(path: Path) -> None:
    """Write a keymap file to change keys in; raise ScenarioError in words where that can't be."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        atomic_write(path, starter())
    except (OSError, ScenarioError) as error:
        raise ScenarioError([Problem(inert(str(path)), f"can't be written: {error}")]) from None


def starter() -> str:
    """Return a keymap file with every action, none of them changed."""
    lines = [_HEAD]
    seen: set[str] = set()
    for group in GROUPS:
        lines.append(f"\n# {group}\n")
        for key in KEYS:
            if key.group == group and key.name not in seen:
                seen.add(key.name)
                words = " ".join(dict.fromkeys(_all_keys(key.name)))
                lines.append(f'# {key.name} = "{words}"'.ljust(40) + f" # {key.help}\n")
    return "".join(lines)


def _all_keys(name: str) -> list[str]:
    return [
        key_name(each).replace("\\", "\\\\").replace('"', '\\"')
        for key in KEYS
        if key.name == name
        for each in key.keys
    ]
