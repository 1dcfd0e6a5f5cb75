import contextlib
import copy
import dataclasses
import pickle
from collections.abc import Mapping
from functools import cached_property
from typing import ClassVar

import pytest

from planner.records import METHODS_OF_LIBRARIES, dataclass, share_methods


@dataclass(frozen=True)
class Shape:
    """Has all that a record may have."""

    kinds: ClassVar[int] = 2

    name: str
    sides: int = 4
    notes: Mapping[str, str] = dataclasses.field(default_factory=dict, repr=False)

    @cached_property
    def corners(self):
        return self.sides


@dataclasses.dataclass(frozen=True)
class Ordinary:
    name: str
    sides: int = 4
    notes: Mapping[str, str] = dataclasses.field(default_factory=dict, repr=False)


@dataclass(frozen=True, kw_only=True)
class Named:
    size: float
    unit: str = "s"


@dataclass(frozen=True, eq=False)
class Unlike:
    size: float


@pytest.mark.parametrize(
    "given", [(("a",), {}), (("a", 3), {}), (("a",), {"sides": 3}), ((), {"sides": 3, "name": "a"})]
)
def test_a_record_is_what_the_standard_library_makes(given):
    args, kwargs = given
    record, ordinary = Shape(*args, **kwargs), Ordinary(*args, **kwargs)
    assert dataclasses.asdict(record) == dataclasses.asdict(ordinary)
    assert repr(record) == repr(ordinary).replace("Ordinary", "Shape")
    assert [each.name for each in dataclasses.fields(record)] == ["name", "sides", "notes"]
    assert dataclasses.replace(record, sides=9) == Shape(record.name, 9)


def test_records_are_equal_by_their_fields_alone():
    one, other = Shape("a"), Shape("a")
    assert one.corners == 4
    assert one == other
    assert one != Ordinary("a")
    assert Named(size=1) == Named(size=1, unit="s")
    assert hash(Named(size=1)) == hash(Named(size=1))
    assert len({Unlike(1), Unlike(1)}) == 2


def test_every_record_has_its_own_default():
    assert Shape("a").notes is not Shape("a").notes


@pytest.mark.parametrize(
    "made",
    [
        Shape,
        lambda: Shape("a", 4, {}, 5),
        lambda: Shape("a", name="a"),
        lambda: Shape("a", 4, sides=4, notes={}),
        lambda: Shape("a", colour="red"),
        lambda: Named(1.0),
        lambda: Named(unit="s"),
    ],
)
def test_what_does_not_fit_the_fields_is_refused(made):
    with pytest.raises(TypeError):
        made()


def test_a_record_never_changes():
    record = Shape("a")
    with pytest.raises(dataclasses.FrozenInstanceError):
        record.sides = 5
    with pytest.raises(dataclasses.FrozenInstanceError):
        record.other = 5
    with pytest.raises(dataclasses.FrozenInstanceError):
        del record.sides


def test_records_can_be_copied_and_sent():
    record = Shape("a", notes={"b": "c"})
    assert copy.deepcopy(record) == record
    assert pickle.loads(pickle.dumps(record)) == record


def twins(**how):
    """Declare a class twice: with the methods of the standard library, and with shared ones."""

    def declared():
        @dataclasses.dataclass(**how)
        class Twin:
            name: str
            size: float = 1.0
            notes: list[str] = dataclasses.field(default_factory=list, repr=False, compare=False)

        return Twin

    plain = declared()
    kept = {name: getattr(dataclasses, name) for name in METHODS_OF_LIBRARIES if hasattr(dataclasses, name)}
    share_methods()
    try:
        return plain, declared()
    finally:
        for name, method in kept.items():
            setattr(dataclasses, name, method)


@pytest.mark.parametrize(
    "how",
    [{}, {"frozen": True}, {"order": True}, {"frozen": True, "order": True, "slots": True}, {"eq": False}],
)
def test_classes_of_libraries_do_with_shared_methods_what_they_did(how):
    def told(kind):
        small, same, large = kind("a"), kind("a", 1.0, ["other"]), kind("a", 2.0)
        small.notes.append(small)
        done = [repr(small), small == same, small == large, small == 1, kind.__hash__ is None]
        done += [hash(small) == hash(same)] if how.get("frozen") else []
        done += [small < large, small >= large, small <= same] if how.get("order") else []
        for change in (lambda: setattr(small, "size", 3.0), lambda: delattr(small, "size")):
            with contextlib.suppress(dataclasses.FrozenInstanceError):
                change()
            done.append(getattr(small, "size", "gone"))
        return done

    plain, shared = twins(**how)
    assert told(shared) == told(plain)


def test_a_class_of_a_library_that_holds_itself_is_told_once():
    _, shared = twins()
    holder = shared("a")
    holder.name = holder
    assert repr(holder).endswith("Twin(name=..., size=1.0)")
