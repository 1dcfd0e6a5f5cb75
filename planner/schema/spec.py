"""One field's declaration: its valid values, and its label, help and steps on the screen."""

import math
from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Any, Literal

import numpy as np
from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from planner.formats import meant
from planner.records import dataclass
from planner.schema.ends import ends_text
from planner.schema.ranges import Family, Range, read_number, read_range

Role = Literal["lever", "unknown"]
Kind = Literal["share", "positive", "count", "real", "choice", "flag", "text", "names", "month", "profile"]

_NUMERIC: tuple[Kind, ...] = ("share", "positive", "count", "real")
LONGEST_TEXT = 4_000
SMALLEST_LOW = 1e-30  # lowest end of a range; below this the product of the ends may underflow
HOURS = (24, 168)  # of a day, or of a week starting on Monday
WIDEST_RANGE = 1e15  # ratio of the ends; extreme draws of a wider range overflow


@dataclass(frozen=True)
class Spec:
    """Everything about one field, declared once; validation, form, help and sweeps read it."""

    label: str
    kind: Kind
    unit: str = ""
    role: Role = "lever"
    lo: float = -math.inf
    hi: float = math.inf
    step: float = 0.0
    help: str = ""
    evidence: str = ""
    choices: tuple[str, ...] = field(default=())
    optional: bool = False
    words: Mapping[str, str] = field(default_factory=dict)

    @property
    def numeric(self) -> bool:
        """Whether the field holds a number."""
        return self.kind in _NUMERIC

    @property
    def family(self) -> Family:
        """The distribution of a range in this field."""
        if self.kind == "share":
            return "logit-normal"
        return "lognormal" if self.lo >= 0 else "normal"

    def rule(self) -> str:
        """Return the valid values of the field, as text."""
        if self.kind == "choice":
            return "one of " + ", ".join(self.choices) if self.choices else "a name from the catalog"
        if self.kind == "flag":
            return "true or false"
        if self.kind == "profile":
            return (
                f"one of {', '.join(self.choices)}, or 24 numbers (168 for a week from Monday on), not all 0"
            )
        if not self.numeric:
            return {"names": "a list of names", "month": 'a month such as "2026-11"'}.get(self.kind, "text")
        noun = "a whole number" if self.kind == "count" else "a number"
        if ends := ends_text(self.lo, self.hi, self.unit):
            return f"{noun}, {ends}" if math.isinf(self.hi) else f"{noun} from {ends}"
        return f"{noun} ({self.unit})" if self.unit else noun

    def read(self, value: Any) -> Any:
        """Return `value` in the form the model uses; raise ValueError with the rule it breaks."""
        if value is None and self.optional:
            return None
        if self.numeric:
            return self._read_number(value)
        readers: dict[Kind, Callable[[Any], Any]] = {
            "choice": self._read_choice,
            "flag": self._read_flag,
            "names": self._read_names,
            "month": self._read_month,
            "text": self._read_text,
            "profile": self._read_profile,
        }
        return readers[self.kind](value)

    def _read_number(self, value: Any) -> Any:
        if isinstance(value, Range):
            return self._range(value.low, value.mode, value.high)
        if isinstance(value, np.ndarray):
            return self._read_array(value)
        if isinstance(value, str):
            if parts := read_range(value):
                return self._range(*parts)
            number = read_number(value)
            if number is None:
                raise ValueError(self.rule() + ', or a range such as "1 to 2"')
            value = number
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError(self.rule())  # noqa: TRY004 - pydantic turns ValueError into a finding
        self._bound(value, value)
        return float(value) + 0.0  # no negative zero

    def _read_array(self, value: np.ndarray[Any, Any]) -> Any:
        array = np.asarray(value, dtype=float)
        if array.size == 0 or not np.isfinite(array).all():
            raise ValueError("numbers only, at least one")
        self._bound(float(array.min()), float(array.max()))
        return np.rint(array) if self.kind == "count" else array

    def _bound(self, low: float, high: float) -> None:
        if not (math.isfinite(low) and math.isfinite(high)) or low < self.lo or high > self.hi:
            raise ValueError(self.rule())
        if self.kind == "count" and low == high and low != round(low):
            raise ValueError(self.rule())

    def _range(self, low: float, mode: float, high: float) -> Range:
        low, high = low + 0.0, high + 0.0  # no negative zero
        self._bound(low, high)
        if not low < high:
            raise ValueError("a range from its lower to its higher end")
        if not math.isnan(mode):
            if not low <= mode <= high:
                raise ValueError("a triangular range with its peak between its ends")
            return Range(low, high, family="triangular", mode=mode)
        if self.kind == "share" and (low < 1 / WIDEST_RANGE or high >= 1):
            raise ValueError('a range inside 0 and 1, or "triangular a, b, c" where it may reach them')
        if self.family == "lognormal" and low < SMALLEST_LOW:
            raise ValueError('a range that starts above 0, or "triangular 0, b, c"')
        if self.family != "normal" and high / WIDEST_RANGE > low:
            raise ValueError(f"a range whose ends differ by at most {WIDEST_RANGE:g} times")
        return Range(low, high, family=self.family)

    def _read_choice(self, value: Any) -> Any:
        if isinstance(value, np.ndarray):
            unknown = sorted(set(map(str, value.ravel())) - set(self.choices))
            if self.choices and unknown:
                raise ValueError(self.rule())
            return value
        if isinstance(value, str) and self.choices:
            value = meant(value, known=self.choices, words=self.words)
        if not isinstance(value, str) or (self.choices and value not in self.choices):
            raise ValueError(self.rule())
        return value

    def _read_flag(self, value: Any) -> Any:
        if isinstance(value, bool) or (isinstance(value, np.ndarray) and value.dtype == bool):
            return value
        if isinstance(value, str) and value.lower() in ("true", "false", "on", "off", "yes", "no"):
            return value.lower() in ("true", "on", "yes")
        raise ValueError(self.rule())

    def _read_names(self, value: Any) -> tuple[str, ...]:
        if isinstance(value, str):
            value = [part.strip() for part in value.split(",") if part.strip()]
        if not isinstance(value, list | tuple) or not all(isinstance(name, str) for name in value):
            raise ValueError(self.rule())
        return tuple(value)

    def _read_profile(self, value: Any) -> Any:
        """Return a shape's name, or the load of each hour in any unit."""
        if isinstance(value, str):
            word = meant(value, known=self.choices, words=self.words)
            if word in self.choices:
                return word
            value = [read_number(part) for part in value.split(",")]
        if not isinstance(value, list | tuple) or len(value) not in HOURS:
            raise ValueError(self.rule())
        plain = [each for each in value if isinstance(each, int | float) and not isinstance(each, bool)]
        if len(plain) < len(value) or not all(0.0 <= each <= self.hi for each in plain) or not any(plain):
            raise ValueError(self.rule())
        return tuple(float(each) + 0.0 for each in plain)

    def _read_month(self, value: Any) -> str:
        text = str(value)
        year, _, month = text.partition("-")
        if len(text) == len("2026-11") and year.isdigit() and month.isdigit() and 1 <= int(month) <= 12:
            return text
        raise ValueError(self.rule())

    def _read_text(self, value: Any) -> str:
        if not isinstance(value, str) or len(value) > LONGEST_TEXT:
            raise ValueError(f"text of at most {LONGEST_TEXT:,} characters")
        return value

    def __get_pydantic_core_schema__(self, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        """Let pydantic check the field by `read`."""

        def check(value: Any) -> Any:
            try:
                return self.read(value)
            except ValueError as error:
                raise PydanticCustomError("rule", "{rule}", {"rule": str(error)}) from None

        return core_schema.no_info_plain_validator_function(check)

    def __get_pydantic_json_schema__(
        self, _schema: CoreSchema, _handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Describe the field for editors."""
        out: dict[str, Any] = {"title": self.label, "description": self._described()}
        if self.kind == "choice" and self.choices:
            return out | {"enum": list(self.choices)}
        if self.kind == "flag":
            return out | {"type": "boolean"}
        if self.kind == "names":
            return out | {"type": "array", "items": {"type": "string"}}
        if self.kind == "profile":
            hours = [{"minItems": count, "maxItems": count} for count in HOURS]
            numbers = {"type": "array", "items": {"type": "number", "minimum": 0.0}, "anyOf": hours}
            return out | {"anyOf": [{"type": "string"}, numbers]}
        if not self.numeric:
            return out | {"type": "string"}
        number: dict[str, Any] = {"type": "number"}
        if math.isfinite(self.lo):
            number["minimum"] = self.lo
        if math.isfinite(self.hi):
            number["maximum"] = self.hi
        return out | {"anyOf": [number, {"type": "string"}]}

    def _described(self) -> str:
        return f"{self.help} ({self.rule()})" if self.help else self.rule()
