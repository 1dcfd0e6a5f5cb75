"""Edit a handwritten file: only changed values are touched; comments and order stay."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, MutableMapping
from typing import Any

import tomlkit
from tomlkit import TOMLDocument
from tomlkit.container import Container
from tomlkit.items import AoT, Array, Float, InlineTable, Item, SingleKey, Table

from planner.files.changes import FileChange, Path, same
from planner.files.toml_text import toml_header, toml_key, toml_text

_GROUPED_NUMBER = re.compile(r"=\s*\d{1,3}(_\d{3})+")
_LARGE_NUMBER = re.compile(r"=\s*\d{4,}")
_NAMED_SECTIONS = ("deployments", "workloads", "segments", "models", "gpus")


def edited(text: str, changed: Iterable[FileChange]) -> str:
    """Return the TOML `text` with each change made in place; new fields go to the end of their section."""
    document = tomlkit.parse(text)
    grouped = bool(_GROUPED_NUMBER.search(text)) or not _LARGE_NUMBER.search(text)
    for change in changed:
        if change.after is None:
            _remove(document, change.path)
        elif section := _new_section(document, change.path, change.after):
            lines = _section_lines(section, change.path, change.after, grouped=grouped)
            document = tomlkit.parse(_with_section(document.as_string(), lines))
        else:
            _set(document, change, grouped=grouped)
    return _in_its_newlines(document.as_string(), text)


def restated(text: str, change: Callable[[MutableMapping[str, Any]], object]) -> str:
    """Return the TOML `text` after applying `change` to its table in place."""
    document = tomlkit.parse(text)
    change(document)
    return _in_its_newlines(document.as_string(), text)


def _in_its_newlines(body: str, original: str) -> str:
    return re.sub(r"(?<!\r)\n", "\r\n", body) if "\r\n" in original else body


def _reach(document: TOMLDocument, path: Path) -> tuple[Any, int]:
    """Return the deepest existing table along `path`, and how many steps lead to it."""
    node: Any = document
    for depth, key in enumerate(path):
        if not isinstance(node, Mapping) or not isinstance(node.get(key), Mapping):
            return node, depth
        node = node[key]
    return node, len(path)


def _remove(document: TOMLDocument, path: Path) -> None:
    node, depth = _reach(document, path[:-1])
    if depth == len(path) - 1 and path[-1] in node:
        del node[path[-1]]


def _new_section(document: TOMLDocument, path: Path, value: Any) -> Path:
    """Return the path of the new [section] needed for the field at `path`, or () if none is."""
    node, depth = _reach(document, path[:-1])
    if isinstance(node, InlineTable) or path[:-1] == ():
        return path if isinstance(value, Mapping) and not isinstance(node, InlineTable) else ()
    wanted = 2 if path[0] in _NAMED_SECTIONS else 1
    if depth < wanted:
        return path[:wanted]
    headless = isinstance(node, Table) and node.is_super_table() and not _dotted(document, path[:depth])
    return path[:depth] if headless else ()


def _dotted(document: TOMLDocument, path: Path) -> bool:
    """Return whether the table at `path` is written as a dotted key, as in rag.on = true."""
    node: Any = document
    for key in path:
        body = node.body if isinstance(node, Container) else getattr(getattr(node, "value", None), "body", [])
        if any(found is not None and found.key == key and found.is_dotted() for found, _ in body):
            return True
        node = node[key]
    return False


def _section_lines(section: Path, path: Path, value: Any, *, grouped: bool) -> list[str]:
    inside = _nested(path[len(section) :], value)
    pairs = [f"{toml_key(key)} = {toml_text(item, grouped=grouped)}" for key, item in inside.items()]
    return [toml_header(section), *pairs]


def _nested(path: Path, value: Any) -> Any:
    for key in reversed(path):
        value = {key: value}
    return value


def _with_section(text: str, lines: list[str]) -> str:
    gap = "" if not text.strip() else "\n" if text.endswith("\n") else "\n\n"
    return text + gap + "\n".join(lines) + "\n"


def _set(document: TOMLDocument, change: FileChange, *, grouped: bool) -> None:
    path = change.path
    node, depth = _reach(document, path[:-1])
    key, value = path[depth], _nested(path[depth + 1 :], change.after)
    if key not in node:
        _insert(node, key, _item(toml_text(value, grouped=grouped)))
    elif isinstance(value, list) and isinstance(node[key], Array | AoT):
        _set_list(node[key], change.before, value, grouped=grouped)
    else:
        node[key] = _as_before(node[key], value, grouped=grouped)


def _item(text: str) -> Item:
    return tomlkit.parse(f"x = {text}\n").item("x")  # type: ignore[return-value] # one key is no split table


def _as_before(old: Any, value: Any, *, grouped: bool) -> Item:
    """Return `value` in the style of the value it replaces: 2.0 becomes 3.0, not 3."""
    text = toml_text(value, grouped=grouped)
    whole = isinstance(value, int) and not isinstance(value, bool)
    return _item(f"{text}.0" if whole and isinstance(old, Float) else text)


def _set_list(node: Array | AoT, before: Any, after: list[Any], *, grouped: bool) -> None:
    old = before if isinstance(before, list) else []
    for index, (one, other) in enumerate(zip(old[: len(node)], after, strict=False)):
        if isinstance(other, Mapping) and isinstance(node[index], Table | InlineTable):
            _set_element(node[index], one, other, grouped=grouped)
        elif not same(one, other):
            node[index] = _as_before(node[index], other, grouped=grouped)
    for index in range(len(node) - 1, len(after) - 1, -1):
        del node[index]
    for value in after[len(node) :]:
        if isinstance(node, AoT):
            node.append(tomlkit.parse("\n".join(_pairs(value, grouped=grouped)) + "\n"))
        else:
            node.append(_item(toml_text(value, grouped=grouped)))


def _pairs(table: Mapping[str, Any], *, grouped: bool) -> list[str]:
    return [f"{toml_key(key)} = {toml_text(item, grouped=grouped)}" for key, item in table.items()]


def _set_element(node: Any, old: Any, new: Mapping[str, Any], *, grouped: bool) -> None:
    for key in [key for key in node if key not in new]:
        del node[key]
    for key, value in new.items():
        if key not in node:
            _insert(node, key, _item(toml_text(value, grouped=grouped)))
        elif not same(old.get(key), value):
            node[key] = _as_before(node[key], value, grouped=grouped)


def _insert(node: Any, key: str, item: Item) -> None:
    """Insert a new field after the last one of its section, before the next section's comment."""
    container = node if isinstance(node, Container) else getattr(node, "value", None)
    if isinstance(node, InlineTable):
        padded = node.as_string().endswith(" }")
        node.append(key, item)
        if padded:
            item.trivia.indent, item.trivia.trail = "", " "
        else:
            item.trivia.trail = ""
    elif not isinstance(container, Container):
        node[key] = item
    else:
        fields = [index for index, (found, held) in enumerate(container.body) if _is_field(found, held)]
        place = max(fields, default=-1) + 1
        aligned = _aligned(key, [container.body[index][0] for index in fields])
        if place < len(container.body):
            container._insert_at(place, aligned, item)  # noqa: SLF001 - append puts it after the last comment
        else:
            container.append(aligned, item)


def _aligned(name: str, others: list[Any]) -> SingleKey:
    """Return a new field's key, with its equals sign aligned if most others are."""
    columns = Counter(len(key.as_string() + key.sep.partition("=")[0]) for key in others)
    column, times = max(columns.items(), key=lambda found: found[1], default=(0, 0))
    width = column if times > max(len(others) / 2, 1) else 0
    shown = toml_key(name)
    return SingleKey(name, sep=" " * max(width - len(shown), 1) + "= ", original=shown)


def _is_field(key: Any, item: Any) -> bool:
    return key is not None and (not isinstance(item, Table | AoT) or key.is_dotted())
