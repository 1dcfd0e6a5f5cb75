"""Read and replace fields of a plan by path, such as "workloads.chat.routing.share_to_last"."""

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Annotated, Any, TypeVar, get_args, get_origin

from pydantic import BaseModel

from planner.errors import Problem, ScenarioError
from planner.records import dataclass
from planner.schema.spec import Spec
from planner.schema.steps import path_of, step_text, steps_of

Model = TypeVar("Model", bound=BaseModel)
_PLAIN = frozenset({float, int, bool, str, type(None)})  # holds nothing; a Range is none of them
WHOLE_LISTS = ("names", "profile")  # a list that is one value
NOT_EDITED = ("models", "gpus", "source", "schema_version", "correlations")


@dataclass(frozen=True)
class Field:
    """One field of an open plan: its path, declaration and value."""

    path: str
    spec: Spec
    value: Any

    @property
    def section(self) -> str:
        """The path without its last name."""
        return path_of(self.steps[:-1])

    @property
    def steps(self) -> tuple[str, ...]:
        """The names of the path."""
        return steps_of(self.path)


def fields(scenario: BaseModel) -> Iterator[Field]:
    """Yield every declared field of `scenario`, in file order."""
    for name in type(scenario).model_fields:
        if name not in NOT_EDITED:
            yield from _below(name, getattr(scenario, name), _declared(scenario, name))
    for index, change in enumerate(getattr(scenario, "change", ())):
        for path, value in change.set.items():
            yield Field(path_of(("change", str(index), "set", path)), spec_at(scenario, path)[0], value)


def _below(path: str, value: Any, spec: Spec | None) -> Iterator[Field]:
    if isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _below(f"{path}.{name}", getattr(value, name), _declared(value, name))
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from _below(f"{path}.{step_text(name)}", item, spec)
    elif isinstance(value, tuple) and spec is not None and spec.kind not in WHOLE_LISTS:
        for index, item in enumerate(value):
            yield from _below(f"{path}.{index}", item, spec)
    elif isinstance(value, tuple) and spec is None:
        for index, item in enumerate(value):
            yield from _below(f"{path}.{index}", item, None)
    elif spec is not None:
        yield Field(path, spec, value)


def holding(node: Any, kind: type) -> Iterator[tuple[str, Any]]:
    """Yield the path and value of every field whose value is a `kind`, in file order."""
    found: list[tuple[str, Any]] = []
    _gather(node, kind, "", found)
    return iter(found)


def _gather(node: Any, kind: type, prefix: str, found: list[tuple[str, Any]]) -> None:
    for name, value in _items(node):
        if type(value) in _PLAIN:
            continue
        if isinstance(value, kind):
            found.append((prefix + step_text(name), value))
        else:
            _gather(value, kind, f"{prefix}{step_text(name)}.", found)


def _items(node: Any) -> Iterable[tuple[str, Any]]:
    if isinstance(node, BaseModel):
        return node.__dict__.items()
    if isinstance(node, dict):
        return node.items()
    return ((str(index), value) for index, value in enumerate(node)) if isinstance(node, tuple) else ()


def _declared(model: BaseModel, name: str) -> Spec | None:
    return declared(type(model), name)


@cache
def declared(section: type[BaseModel], name: str) -> Spec | None:
    """Return the Spec of a section's field, or of its items."""
    info = section.model_fields[name]
    found = [item for item in info.metadata if isinstance(item, Spec)]
    return found[0] if found else _nested(info.annotation)


def _nested(annotation: Any) -> Spec | None:
    if get_origin(annotation) is Annotated:
        found = [item for item in get_args(annotation) if isinstance(item, Spec)]
        if found:
            return found[0]
    for inner in get_args(annotation):
        if spec := _nested(inner):
            return spec
    return None


def spec_at(scenario: BaseModel, path: str) -> tuple[Spec, Any]:
    """Return the declaration and the value of the field at `path`; raise ScenarioError if there is none."""
    value: Any = scenario
    spec: Spec | None = None
    for name in steps_of(path):
        if isinstance(value, BaseModel) and name in type(value).model_fields:
            spec, value = _declared(value, name), getattr(value, name)
        elif isinstance(value, dict) and name in value:
            spec = spec_at(scenario, name)[0] if spec is None and _is_changed(path) else spec
            value = value[name]
        elif isinstance(value, tuple) and name.isdigit() and int(name) < len(value):
            value = value[int(name)]
        else:
            raise ScenarioError([_no_field(scenario, path)])
    if spec is None or isinstance(value, BaseModel | dict):
        raise ScenarioError([Problem(path, "is a section, not a field.")])
    return spec, value


def _is_changed(path: str) -> bool:
    """Say whether a path is a value set by a change, which is declared by the field it changes."""
    steps = steps_of(path)
    return len(steps) == len(("change", "0", "set", "path")) and steps[0] == "change" and steps[2] == "set"


def _no_field(scenario: BaseModel, path: str) -> Problem:
    stated = scenario.model_copy(update={"change": ()})  # a change may itself name an unknown field
    near = difflib.get_close_matches(path, [field.path for field in fields(stated)], n=1)
    return Problem(path, "is not a field.", f"Did you mean {near[0]}?" if near else "Is it spelled right?")


def unknown_sources(scenario: BaseModel) -> list[Problem]:
    """Return the entries of [source] whose path names nothing in the plan, so they would never be shown."""
    source: Mapping[str, str] = getattr(scenario, "source", {})
    if not source:
        return []
    known = [field.path for field in fields(scenario)]
    there = {*known, *NOT_EDITED}
    for path in known:
        steps = steps_of(path)
        there.update(path_of(steps[:size]) for size in range(1, len(steps)))
    return [
        _no_such_source(path, known)
        for path in source
        if path not in there and not _described(scenario, path)
    ]


def _described(scenario: BaseModel, path: str) -> bool:
    """Say whether a path names part of a model or GPU described in the file, or of a correlation."""
    section, _, rest = path.partition(".")
    held = getattr(scenario, section, None) if section in NOT_EDITED else None
    if isinstance(held, tuple):
        return rest.split(".")[0].isdigit() and int(rest.split(".")[0]) < len(held)
    return isinstance(held, dict) and any(rest == name or rest.startswith(f"{name}.") for name in held)


def _no_such_source(path: str, known: Sequence[str]) -> Problem:
    near = difflib.get_close_matches(path[:200], known, n=1)
    hint = f"Did you mean {near[0]}?" if near else ""
    return Problem(f'[source] "{path[:200]}"', "is not a field of this plan.", hint)


def replaced(scenario: Model, path: str, value: Any) -> Model:
    """Return `scenario` with `value` in the field at `path`, checked by its declaration."""
    spec, now = spec_at(scenario, path)
    try:
        checked = (
            _each(spec, value)
            if isinstance(now, tuple) and spec.kind not in WHOLE_LISTS
            else spec.read(value)
        )
    except ValueError as error:
        raise ScenarioError([Problem(path, f"is {shown(value)}; it must be {error}.")]) from None
    rebuilt = _put(scenario, steps_of(path), checked)
    assert isinstance(rebuilt, type(scenario))
    return rebuilt


def _each(spec: Spec, value: Any) -> tuple[Any, ...]:
    """Return the items of a list, each checked by their declaration."""
    if isinstance(value, str):
        value = [part for part in value.split(",") if part.strip()]
    if not isinstance(value, list | tuple):
        raise ValueError(f"a list, each item {spec.rule()}")  # noqa: TRY004 - reported like any other rule
    return tuple(spec.read(item) for item in value)


def replaced_many(scenario: Model, values: Mapping[str, Any]) -> Model:
    """Return `scenario` with a new value at each path; the values must already be valid."""
    tree: dict[str, Any] = {}
    for path, value in values.items():
        *sections, last = steps_of(path)
        branch = tree
        for name in sections:
            branch = branch.setdefault(name, {})
        branch[last] = _Leaf(value)
    rebuilt = _put_tree(scenario, tree)
    assert isinstance(rebuilt, type(scenario))
    return rebuilt


@dataclass(frozen=True)
class _Leaf:
    """A field's new value, as the end of a branch."""

    value: Any


def _put_tree(node: Any, tree: dict[str, Any] | _Leaf) -> Any:
    if isinstance(tree, _Leaf):
        return tree.value
    if isinstance(node, BaseModel):
        changed = {name: _put_tree(getattr(node, name), below) for name, below in tree.items()}
        return node.model_copy(update=changed)
    if isinstance(node, dict):
        return node | {name: _put_tree(node[name], below) for name, below in tree.items()}
    return tuple(
        _put_tree(item, tree[str(index)]) if str(index) in tree else item for index, item in enumerate(node)
    )


def _put(node: Any, names: Sequence[str], value: Any) -> Any:
    if not names:
        return value
    name, rest = names[0], names[1:]
    if isinstance(node, BaseModel):
        return node.model_copy(update={name: _put(getattr(node, name), rest, value)})
    if isinstance(node, dict):
        return node | {name: _put(node[name], rest, value)}
    index = int(name)
    return (*node[:index], _put(node[index], rest, value), *node[index + 1 :])


def shown(value: Any) -> str:
    """Return a value as an error message quotes it: short, and inert."""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = value if isinstance(value, str) else repr(value)
    safe = "".join(char if char.isprintable() else "?" for char in text[:60])
    return f'"{safe}"' if isinstance(value, str) else safe
