"""Frozen dataclasses that are cheap to declare.

The standard library compiles six methods per class, 0.3 ms each, at every start, for a hundred classes; here
the classes share them. `fields`, `replace`, `asdict` and `is_dataclass` of the standard library work as usual.
"""

import dataclasses
import operator
import reprlib
import sys
from collections.abc import Callable, Sequence
from dataclasses import MISSING
from typing import Any, Literal, TypeVar, dataclass_transform

Record = TypeVar("Record")
Method = TypeVar("Method", bound=Callable[..., Any])


@dataclass_transform(frozen_default=True, field_specifiers=(dataclasses.field,))
def dataclass(
    *, frozen: Literal[True], eq: bool = True, kw_only: bool = False
) -> Callable[[type[Record]], type[Record]]:
    """Declare a class like the standard library's decorator of the same name.

    >>> @dataclass(frozen=True)
    ... class Point:
    ...     '''A place.'''
    ...     x: float
    ...     y: float = 0.0
    >>> Point(1.0), Point(1.0) == Point(x=1.0, y=0.0), dataclasses.replace(Point(1.0), y=2.0)
    (Point(x=1.0, y=0.0), True, Point(x=1.0, y=2.0))
    """
    assert frozen

    def declared(cls: type[Record]) -> type[Record]:
        made: Any = dataclasses.dataclass(init=False, repr=False, eq=False, kw_only=kw_only)(cls)
        made.__record_fields__ = dict.fromkeys(field.name for field in dataclasses.fields(made))
        made.__record_defaults__ = [field for field in dataclasses.fields(made) if _may_be_left_out(field)]
        shared = (_init, _setattr, _delattr, _eq, _hash) if eq else (_init, _setattr, _delattr)
        for method in shared if "__repr__" in made.__dict__ else (*shared, _repr):
            setattr(made, f"_{method.__name__}__", method)
        return cls

    return declared


def _may_be_left_out(field: dataclasses.Field[Any]) -> bool:
    return field.default is not MISSING or field.default_factory is not MISSING


def _init(self: Any, /, *args: Any, **kwargs: Any) -> None:
    cls, held = type(self), self.__dict__
    known = cls.__record_fields__.keys()
    if args:
        held.update(zip(cls.__match_args__, args, strict=False))
    held.update(kwargs)
    misfit = len(held) < len(args) + len(kwargs)  # more values than fields, or two for one field
    if len(held) < len(known):
        for field in cls.__record_defaults__:
            if field.name not in held:
                held[field.name] = field.default_factory() if field.default is MISSING else field.default
    if misfit or len(held) < len(known) or (kwargs and held.keys() != known):
        raise TypeError(_misfit(cls, held, args, kwargs))


def _misfit(cls: Any, held: dict[str, Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
    known = cls.__record_fields__.keys()
    missing, unknown = [name for name in known if name not in held], [*(held.keys() - known)]
    what = f"lacks {missing}" if missing else f"has no {unknown}" if unknown else "is given a field twice"
    return f"{cls.__qualname__} {what}: {len(args)} values by place, {[*kwargs]} by name"


def _setattr(self: Any, name: str, value: Any) -> None:  # noqa: ARG001 - the signature of the method
    raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")


def _delattr(self: Any, name: str) -> None:  # noqa: ARG001 - as above
    raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")


def _values(record: Any) -> tuple[Any, ...]:
    held = record.__dict__
    return tuple(held[name] for name in record.__record_fields__)


def _eq(self: Any, other: object) -> bool:
    return _values(self) == _values(other) if type(self) is type(other) else NotImplemented


def _hash(self: Any) -> int:
    return hash(_values(self))


def _repr(self: Any) -> str:
    shown = (f"{f.name}={getattr(self, f.name)!r}" for f in dataclasses.fields(self) if f.repr)
    return f"{type(self).__qualname__}({', '.join(shown)})"


def share_methods() -> None:
    """Make the standard library's dataclasses, such as Textual's and pydantic's, share methods from now on.

    Each keeps its own `__init__`. From Python 3.13 on the library compiles all methods of a class at once.
    """
    if sys.version_info < (3, 13):
        for makes, method in METHODS_OF_LIBRARIES.items():
            if hasattr(dataclasses, makes):
                setattr(dataclasses, makes, method)


def _getter(names: Sequence[str]) -> Callable[[Any], tuple[Any, ...]]:
    """Return a getter for these attributes of a record, as a tuple whatever their number."""
    if len(names) > 1:
        return operator.attrgetter(*names)
    return lambda record: tuple(getattr(record, name) for name in names)


def _named(name: str, method: Method) -> Method:
    method.__name__ = name  # the class derives the long name from it
    return method


def _repr_of(fields: Sequence[dataclasses.Field[Any]], _module: dict[str, Any]) -> Callable[[Any], str]:
    names = [field.name for field in fields]

    def told(self: Any) -> str:
        return f"{type(self).__qualname__}({', '.join(f'{name}={getattr(self, name)!r}' for name in names)})"

    return _named("__repr__", reprlib.recursive_repr()(told))


def _hash_of(fields: Sequence[dataclasses.Field[Any]], _module: dict[str, Any]) -> Callable[[Any], int]:
    values = _getter([field.name for field in fields])
    return _named("__hash__", lambda self: hash(values(self)))


def _comparison(name: str, sign: str, own: str, *_: str, **_module: Any) -> Callable[[Any, object], bool]:
    """Return a comparison of the fields in `own`, which reads "(self.x,self.y,)"."""
    holds = getattr(operator, _SIGNS[sign])
    values = _getter([each.removeprefix("self.") for each in own.strip("()").split(",") if each])

    def compare(self: Any, other: object) -> bool:
        return bool(holds(values(self), values(other))) if type(other) is type(self) else NotImplemented

    return _named(name, compare)


def _frozen(
    cls: Any, fields: Sequence[dataclasses.Field[Any]], _module: dict[str, Any]
) -> tuple[Callable[[Any, str, Any], None], Callable[[Any, str], None]]:
    names = frozenset(field.name for field in fields)

    def assign(self: Any, name: str, value: Any) -> None:
        if type(self) is cls or name in names:
            _setattr(self, name, value)
        super(cls, self).__setattr__(name, value)

    def delete(self: Any, name: str) -> None:
        if type(self) is cls or name in names:
            _delattr(self, name)
        super(cls, self).__delattr__(name)

    return _named("__setattr__", assign), _named("__delattr__", delete)


_SIGNS = {"==": "eq", "<": "lt", "<=": "le", ">": "gt", ">=": "ge"}
METHODS_OF_LIBRARIES = {
    "_repr_fn": _repr_of, "_hash_fn": _hash_of, "_cmp_fn": _comparison, "_frozen_get_del_attr": _frozen,
}  # fmt: skip
