import copy
import dataclasses
import pickle
from collections.abc import Mapping
from functools import cached_property
from typing import ClassVar

import pytest

from planner.records import dataclass


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
