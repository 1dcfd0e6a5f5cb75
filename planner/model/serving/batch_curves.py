"""How fast a placement serves a workload at each batch size: computed once for the same numbers."""

import math
from collections import OrderedDict
from collections.abc import Hashable, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any

import numpy as np

from planner.catalog.fitted import FITTED
from planner.catalog.hardware import Gpu, Llm
from planner.model.serving import batch_choice
from planner.model.serving.serving_speed import Placement, ServingPoint, serve
from planner.model.serving.step_costs import step_costs
from planner.schema import Number

AT_ONCE = 2**15  # numbers that stay in the processor's cache while some batch sizes of all plans are served
KEPT_CURVES, KEPT_BYTES = 64, 2**23  # one curve of 8,192 plans has 6 MB

Numbers = tuple[Number, ...]


def curve(llm: Llm, gpu: Gpu, placement: Placement, request: Numbers, limits: Numbers) -> batch_choice.Curve:
    """Return the curve of a placement for (input tokens, output tokens, cached share) and (batch, calibration).

    Most edits leave it as it was: the last curves are kept, by all that they depend on.
    """
    return _KEPT.curve((llm, gpu, placement, request, limits))


class Kept:
    """The curves asked for last, by the content of all that they are computed from: a name or memory may be reused."""

    def __init__(self) -> None:
        self._curves: OrderedDict[Hashable, tuple[batch_choice.Curve, int]] = OrderedDict()

    def curve(self, given: tuple[Llm, Gpu, Placement, Numbers, Numbers]) -> batch_choice.Curve:
        """Return the curve of the arguments of `curve`."""
        key = content(given)
        found = self._curves.get(key)
        if found is None:
            served = _served(*given)
            found = (served, _sealed_bytes(served))
            if found[1] > KEPT_BYTES:
                return served
            self._curves[key] = found
            self._forget()
        self._curves.move_to_end(key)
        return found[0]

    def _forget(self) -> None:
        while len(self._curves) > KEPT_CURVES or sum(size for _, size in self._curves.values()) > KEPT_BYTES:
            self._curves.popitem(last=False)


def content(value: Any) -> Hashable:
    """Return what a value holds in a form that can be looked up: equal only where everything in it is.

    >>> content((1.0, np.array([2.0]))) == content((1.0, np.array([2.0])))
    True
    """
    if is_dataclass(value):
        return type(value), tuple(content(getattr(value, part.name)) for part in fields(value))
    if isinstance(value, tuple):
        return tuple(content(part) for part in value)
    if isinstance(value, np.ndarray) and value.ndim:
        held = tuple(value.ravel().tolist()) if value.dtype.hasobject else value.tobytes()
        return value.shape, value.dtype.str, held
    return value if isinstance(value, str) else float(value)


def _served(
    llm: Llm, gpu: Gpu, placement: Placement, request: Numbers, limits: Numbers
) -> batch_choice.Curve:
    input_tokens, output_tokens, prefix_hit_share = request
    max_concurrency, throughput_x, ttft_x, tpot_x = limits
    costs = step_costs(llm=llm, gpu=gpu, placement=placement, constants=FITTED)
    shape = np.broadcast_shapes(*(np.shape(each) for each in (*request, *vars(costs).values())))
    rows, batches = max(AT_ONCE // math.prod(shape), 1), batch_choice.batches()
    points = [
        serve(
            llm=llm, gpu=gpu, placement=placement, input_tokens=input_tokens, output_tokens=output_tokens,
            concurrency=batches[start : start + rows], prefix_hit_share=prefix_hit_share, costs=costs,
        )
        for start in range(0, len(batches), rows)
    ]  # fmt: skip
    return batch_choice.curve(
        points[0] if len(points) == 1 else _joined(points),
        output_tokens=output_tokens,
        max_concurrency=max_concurrency,
        calibration=(throughput_x, ttft_x, tpot_x),
    )


def _joined(points: Sequence[ServingPoint]) -> ServingPoint:
    """Return what depends on the batch, of some batch sizes after the other, as that of all."""
    by_batch = ("ttft_s", "tpot_s", "service_s", "running", "requests_per_s")
    return replace(
        points[0], **{name: np.concatenate([getattr(each, name) for each in points]) for name in by_batch}
    )


def _sealed_bytes(curve: batch_choice.Curve) -> int:
    """Return the size of a curve, of which nothing can be overwritten any more."""
    arrays = [each for each in vars(curve).values() if isinstance(each, np.ndarray)]
    for each in arrays:
        each.flags.writeable = False
    return sum(each.nbytes for each in arrays)


_KEPT = Kept()
