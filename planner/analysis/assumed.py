"""What a lever's effect rests on that the plan itself does not state: defaults standing in for a measurement."""

from collections.abc import Iterator
from typing import Any

from planner.schema import Field, Scenario, fields
from planner.units import show

_ON = ".on"
_RESTS_ON = {"outcome.attempts": "verifier", "routing.policy": "verifier"}  # sections beside the lever's own


def assumed(scenario: Scenario, path: str, value: Any) -> tuple[str, ...]:
    """Return the unknowns that setting `path` to `value` brings in at their defaults, in words.

    A switch brings in its section, more attempts and a cascade bring in the verifier. What the file states is
    no assumption, whatever it is worth.
    """
    section = _section(path, value)
    if not section:
        return ()
    return tuple(_words(field) for field in _unstated(scenario, section))


def _section(path: str, value: Any) -> str:
    if path.endswith(_ON):
        return path.removesuffix(_ON) if value is True else ""
    for leaf, section in _RESTS_ON.items():
        if path.endswith(leaf) and value not in (1.0, "route"):
            return f"{path.removesuffix(leaf)}{section}"
    return ""


def _unstated(scenario: Scenario, section: str) -> Iterator[Field]:
    stated = _at(scenario, section).model_fields_set
    for field in fields(scenario):
        if field.section == section and field.spec.numeric and field.spec.role == "unknown":
            name = field.path.rpartition(".")[2]
            if name not in stated and "usd" not in name:
                yield field


def _at(scenario: Scenario, section: str) -> Any:
    node: Any = scenario
    for name in section.split("."):
        node = node[name] if isinstance(node, dict) else getattr(node, name)
    return node


def _words(field: Field) -> str:
    return f"{field.spec.label.lower()} {show(float(field.value), field.spec.unit)}"
