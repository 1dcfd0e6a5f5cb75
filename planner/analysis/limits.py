"""What limits a serving point, and what would change it, in words."""

from dataclasses import replace

import numpy as np

from planner.catalog.fitted import FITTED, Constants
from planner.catalog.hardware import Gpu, Llm
from planner.model import memory
from planner.model.costs import Placement
from planner.model.serving import ServingPoint, serve
from planner.records import dataclass
from planner.units import BYTES_PER_GB

_TIGHT = 0.98  # of the room: with more sequences running than this, the cache is what limits
_WIN = 1.03  # a change that gains less than this is not worth a word
_NAMES = {
    "bandwidth": "memory bandwidth", "compute": "arithmetic", "communication": "traffic between GPUs",
    "overhead": "launches and scheduling",
}  # fmt: skip
_NARROWER = {"bf16": "fp8", "fp16": "fp8", "fp8": "fp4", "int8": "fp4"}


@dataclass(frozen=True)
class Change:
    """A change that was tried: its words, and its throughput and time per token over the present ones."""

    words: str
    throughput_x: float
    tpot_x: float


@dataclass(frozen=True)
class Limits:
    """What limits a point: `by` is bandwidth, compute, communication, overhead, cache, memory or load."""

    by: str
    words: str
    shares: dict[str, float]
    changes: tuple[Change, ...]


def explain_limits(
    *, llm: Llm, gpu: Gpu, placement: Placement, input_tokens: float, output_tokens: float, concurrency: float,
    constants: Constants = FITTED,
) -> Limits:  # fmt: skip
    """Return what limits one configuration, and which single changes would help, best first."""
    setting = {"llm": llm, "gpu": gpu, "input_tokens": input_tokens, "output_tokens": output_tokens}

    def at(changed: Placement, open_requests: float) -> ServingPoint:
        return serve(**setting, placement=changed, concurrency=open_requests, constants=constants)  # type: ignore[arg-type]

    point = at(placement, concurrency)
    if not bool(point.fits):
        return _too_large(llm=llm, gpu=gpu, placement=placement, constants=constants)
    shares = {name: float(getattr(point, f"{name}_share")) for name in _NAMES}
    by = max(shares, key=lambda name: shares[name])
    room = float(point.max_sequences)
    words = f"A step spends {100 * shares[by]:.0f} % of its time on {_NAMES[by]}."
    if concurrency > room:
        words += f" Only {room:,.0f} of {concurrency:,.0f} open requests fit into the cache; the rest wait."
        by = "cache"
    elif float(point.running) > _TIGHT * room:
        words += " The cache is full."
        by = "cache"
    changes = [
        Change(name, *_against(at(other, open_requests), point))
        for name, other, open_requests in _tried(gpu, placement, concurrency, room)
    ]
    helpful = [c for c in changes if c.throughput_x > _WIN or c.tpot_x < 1.0 / _WIN]
    helpful.sort(key=lambda change: -change.throughput_x / change.tpot_x)
    return Limits(by, words, shares, tuple(helpful))


def _tried(
    gpu: Gpu, placement: Placement, concurrency: float, room: float
) -> list[tuple[str, Placement, float]]:
    """Return the changes that are tried: name, placement, and the requests kept open."""
    tp, gpus = float(placement.tp), float(placement.gpus)
    tried = [
        (f"{2 * tp:g} GPUs a copy", replace(placement, tp=2 * tp, gpus=gpus * 2), concurrency),
        ("twice the open requests", placement, 2 * concurrency),
        ("half the open requests", placement, concurrency / 2),
    ]
    if 2 * concurrency > room:
        tried.pop(1)
    narrower = _NARROWER.get(str(placement.weights))
    has_units = (narrower == "fp8" and float(gpu.fp8_tflops) > 0) or (
        narrower == "fp4" and float(gpu.fp4_tflops) > 0
    )
    if narrower and has_units:
        tried.append((f"weights in {narrower}", replace(placement, weights=narrower), concurrency))
    if str(placement.kv) != "fp8":
        tried.append(("cache in fp8", replace(placement, kv="fp8"), concurrency))
    return tried


def _against(changed: ServingPoint, point: ServingPoint) -> tuple[float, float]:
    rate = float(changed.throughput_tokens_per_s) / float(point.throughput_tokens_per_s)
    return rate, float(changed.tpot_s) / float(point.tpot_s)


def _too_large(*, llm: Llm, gpu: Gpu, placement: Placement, constants: Constants) -> Limits:
    """Return why a configuration can't run, with the numbers that show it."""
    p = placement
    weights = memory.weight_bytes_per_gpu(llm=llm, weights=p.weights, tp=p.tp, pp=p.pp, attn_dp=p.attn_dp)
    wanted = memory.workspace_bytes(llm=llm, attn_dp=p.attn_dp, copies=constants.expert_workspace_copies)
    weights_gb, mem_gb = float(weights) / BYTES_PER_GB, float(gpu.mem_gb)
    spare_gb = max(mem_gb - constants.reserve_gb - weights_gb, 0.0)
    least_gb = min(float(wanted) / BYTES_PER_GB, memory.MOST_WORKSPACE_SHARE * spare_gb)
    buffers_gb = constants.reserve_gb + least_gb
    left_gb = mem_gb - weights_gb - buffers_gb
    needed = np.ceil(weights_gb * float(p.tp) / max(mem_gb - buffers_gb, 1e-9))
    words = (
        f"The weights take {weights_gb:,.1f} GB and buffers {buffers_gb:,.1f} GB of a GPU's {mem_gb:,.1f} GB;"
        f" {max(left_gb, 0.0):,.1f} GB are left, too little for the cache of one request."
        f" Spread a copy over {needed:.0f} GPUs or more, or take narrower weights."
    )
    return Limits("memory", words, {}, ())
