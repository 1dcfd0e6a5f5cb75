"""What limits a serving point, and what would help, as text."""

from dataclasses import replace

from planner.catalog.fitted import FITTED, Constants
from planner.catalog.hardware import Gpu, Llm
from planner.model.serving.serving_speed import ServingPoint, serve
from planner.model.serving.step_costs import Placement
from planner.model.serving.why_unfit import why_unfit
from planner.records import dataclass

TIGHT = 0.98  # share of the room: with more sequences running, the cache is the limit
_WIN = 1.03  # changes that gain less than this aren't reported
_NAMES = {
    "bandwidth": "memory bandwidth", "compute": "computing", "communication": "traffic between GPUs",
    "overhead": "the overhead of the engine",
}  # fmt: skip
_NARROWER = {"bf16": "fp8", "fp16": "fp8", "fp8": "fp4", "int8": "fp4"}


@dataclass(frozen=True)
class TriedChange:
    """A tried change: its text, and its throughput and time per token relative to the present ones."""

    words: str
    throughput_x: float
    tpot_x: float


@dataclass(frozen=True)
class Limits:
    """What limits a point: `by` is bandwidth, compute, communication, overhead, cache, memory or load."""

    by: str
    words: str
    shares: dict[str, float]
    changes: tuple[TriedChange, ...]


def explain_limits(
    *, llm: Llm, gpu: Gpu, placement: Placement, input_tokens: float, output_tokens: float, concurrency: float,
    prefix_hit_share: float = 0.0, constants: Constants = FITTED,
) -> Limits:  # fmt: skip
    """Return the bottleneck of one configuration, and the single changes that would help, best first."""
    setting = {
        "llm": llm, "gpu": gpu, "input_tokens": input_tokens, "output_tokens": output_tokens,
        "prefix_hit_share": prefix_hit_share,
    }  # fmt: skip

    def at(changed: Placement, open_requests: float) -> ServingPoint:
        return serve(**setting, placement=changed, concurrency=open_requests, constants=constants)  # type: ignore[arg-type]  # mypy takes all of **setting for one type

    point = at(placement, concurrency)
    if not bool(point.fits):
        length = input_tokens + output_tokens
        why = why_unfit(llm=llm, gpu=gpu, placement=placement, context_tokens=length, constants=constants)
        return Limits("memory", f"Doesn't fit: {why}.", {}, ())
    shares = {name: float(getattr(point, f"{name}_share")) for name in _NAMES}
    by = max(shares, key=lambda name: shares[name])
    room = float(point.max_sequences)
    words = f"A step spends {100 * shares[by]:.0f} % of its time on {_NAMES[by]}."
    if concurrency > room:
        words += f" Only {room:,.0f} of {concurrency:,.0f} concurrent requests fit into the KV cache; the rest wait."
        by = "cache"
    elif float(point.running) > TIGHT * room:
        words += " The KV cache is full."
        by = "cache"
    changes = [
        TriedChange(name, *_against(at(other, open_requests), point))
        for name, other, open_requests in _tried(gpu, placement, concurrency, room)
    ]
    helpful = [c for c in changes if c.throughput_x > _WIN or c.tpot_x < 1.0 / _WIN]
    helpful.sort(key=lambda change: -change.throughput_x / change.tpot_x)
    return Limits(by, words, shares, tuple(helpful))


def _tried(
    gpu: Gpu, placement: Placement, concurrency: float, room: float
) -> list[tuple[str, Placement, float]]:
    """Return the changes to try: name, placement and concurrency."""
    tp, gpus = float(placement.tp), float(placement.gpus)
    tried = [
        (f"tp {2 * tp:g}, twice the GPUs", replace(placement, tp=2 * tp, gpus=gpus * 2), concurrency),
        ("twice the concurrency", placement, 2 * concurrency),
        ("half the concurrency", placement, concurrency / 2),
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
