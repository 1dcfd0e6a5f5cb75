"""The latency distribution of a workload's requests in a month, and whether its promise is kept.

A request takes one of several paths: a tier of its router, or as many tiers of a cascade as it needs, in sequence; and
again for each further attempt. A call's time is its wait, the time to first token, and its answer, whose length varies
between requests. Answers checked before they are shown (attempts, earlier tiers of a cascade) are shown once complete.
Reasoning comes before the first visible token. Requests answered from the semantic cache take no time and are left out.
Terms: docs/glossary.md, latency.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from planner.arrays import quotient
from planner.model.handed_on import FleetMonth, Request, WorkloadLatency
from planner.model.kept import Kept
from planner.model.serving.answer_spread import PERCENTILES, answer_cv2, promised_percentile
from planner.model.serving.batch_choice import ChosenBatch, running
from planner.model.serving.waiting import waits_and_mean_s
from planner.model.time_spread import TimeSpread, Way, Z, repeated, together
from planner.model.week_hours import own_peak
from planner.records import dataclass
from planner.schema import ApiDeployment, Array, Flags, Number, Workload
from planner.units import show

BATCH_ANSWER_S = 86_400.0  # vendors promise a batch within a day: OpenAI, Anthropic, Google, docs of 2026
_KEPT_WITHIN = 1e-6  # relative tolerance: the error of a search breaks no promise


@dataclass(frozen=True)
class PassTimes:
    """Times of one pass of a request through one tier: to its first visible token, per token, and in total.

    Each is a mixture of paths whose shares sum to 1. Seconds; shape: scalars or (n,).
    """

    first: tuple[Way, ...]
    token: tuple[Way, ...]
    whole: tuple[Way, ...]


def api_times(workload: Workload, deployment: ApiDeployment, request: Request) -> PassTimes:
    """Return the times of a pass through an API: lognormal, with the measured spread or that of the answers."""
    first_s, token_s = deployment.first_token_s, 1.0 / deployment.tokens_per_s
    seen_s = first_s + request.reasoning_per_call * token_s
    cv2 = _api_cv2(workload, deployment)
    once = _lognormal(first_s + request.output_per_call * token_s, cv2)
    whole = repeated(once, **_calls(workload, request))
    batch = np.asarray(deployment.processing) == "batch"
    return PassTimes(
        (_at_once(_lognormal(seen_s, cv2), batch, 1.0),),
        (_at_once(_lognormal(token_s, cv2), batch, 1.0),),
        (_at_once(whole, batch, request.session_calls),),
    )


def _api_cv2(workload: Workload, deployment: ApiDeployment) -> Number:
    """Return the squared coefficient of variation of an API's times, from the p95 over mean if measured.

    Equation: ln r = z s - s^2 / 2, so s = z - sqrt(z^2 - 2 ln r) with z = 1.645; no lognormal has a ratio above
    exp(z^2 / 2) = 3.87, and takes that one.
    """
    ratio = deployment.p95_to_mean_latency_ratio
    if ratio is None:
        return answer_cv2(workload)
    s = Z[0.95] - np.sqrt(np.maximum(Z[0.95] ** 2 - 2.0 * np.log(ratio), 0.0))
    return np.expm1(s * s)


def _lognormal(mean_s: Number, cv2: Number) -> Way:
    return Way(1.0, 0.0, mean_s, cv2 * np.square(mean_s))


def _at_once(way: Way, batch: Flags, calls: Number) -> Way:
    """Return the time, or for batch processing a day for each sequential call."""
    return Way(
        way.share,
        np.where(batch, BATCH_ANSWER_S * calls, way.fixed_s),
        np.where(batch, 0.0, way.mean_s),
        np.where(batch, 0.0, way.variance_s2),
    )


def _calls(workload: Workload, request: Request) -> dict[str, Number]:
    """Return the mean and variance of the number of calls in one pass: those of its session."""
    deviation = request.session_calls * workload.session.calls_cv
    return {
        "mean": request.session_calls,
        "variance": np.where(np.asarray(request.session_calls) > 1.0, np.square(deviation), 0.0),
    }


def own_gpu_times(
    workload: Workload, chosen: ChosenBatch, fleet: FleetMonth, request: Request, *, calls_per_s: Number
) -> PassTimes:
    """Return the times of a pass through own GPUs in the peak hour.

    `calls_per_s` is the mean over the month. A share of the calls waits, for exponential times no
    longer than the fleet is staffed for.
    """
    peak = own_peak(workload)
    rho = fleet.busy_share * peak if fleet.busiest_share is None else fleet.busiest_share
    replicas = np.where(fleet.fits, fleet.replicas, 1.0)
    cv2 = answer_cv2(workload)
    given = (
        chosen,
        _Traffic(
            calls_per_s=calls_per_s * peak / np.maximum(replicas, 1.0),
            places=replicas * fleet.places_per_replica,
            rho=np.minimum(rho, 1.0),
            ca2=workload.interarrival_cv2,
            cs2=cv2,
        ),
    )
    met = _KEPT.found(given, lambda: _met(*given))
    waits, wait_s = met.waits, met.wait_s
    first_s, token_s = met.first_token_s, met.per_token_s
    spreads = np.asarray(workload.prompt_cv) > 0  # prefill time varies with prompt length

    def call(tokens: Number) -> tuple[Way, Way]:
        made_s = np.maximum(tokens, 0.0) * token_s
        fixed_s, mean_s = np.where(spreads, 0.0, first_s), made_s + np.where(spreads, first_s, 0.0)
        variance_s2 = cv2 * np.square(made_s) + np.square(workload.prompt_cv * first_s)
        at_once = Way(1.0 - waits, fixed_s, mean_s, variance_s2)
        return at_once, Way(waits, fixed_s, mean_s + wait_s, variance_s2 + np.square(wait_s))

    whole = _of_sessions(workload, request, call(request.output_per_call - 1.0))
    return PassTimes(call(request.reasoning_per_call), (Way(1.0, token_s, 0.0, 0.0),), whole)


@dataclass(frozen=True)
class _Traffic:
    """A fleet's load in the peak hour: calls per second and replica, total places, their busy share, variations."""

    calls_per_s: Number
    places: Number
    rho: Number
    ca2: Number
    cs2: Number


@dataclass(frozen=True)
class _Met:
    """A call's times in the peak hour: its probability of waiting, wait, prefill and time per token. Seconds."""

    waits: Number
    wait_s: Number
    first_token_s: Number
    per_token_s: Number


def _met(chosen: ChosenBatch, traffic: _Traffic) -> _Met:
    """Return a call's times; nan where the model doesn't fit."""
    now = running(chosen.curve, calls_per_s=traffic.calls_per_s)
    waits, wait_s = waits_and_mean_s(
        servers=traffic.places, rho=traffic.rho, slot_s=now.slot_s, ca2=traffic.ca2, cs2=traffic.cs2
    )
    longest_s = chosen.patience * chosen.slot_s
    excess = np.log(np.maximum(waits / (1.0 - chosen.percentile), 1.0))
    wait_s = np.minimum(wait_s, quotient(longest_s, excess, otherwise=longest_s))
    times = (np.where(chosen.fits, each, np.nan) for each in (now.first_token_s, now.per_token_s))
    return _Met(waits, wait_s, *times)


def _of_sessions(workload: Workload, request: Request, call: tuple[Way, Way]) -> tuple[Way, Way]:
    """Return the time of a pass: a call's two paths, or for a session all its calls as one path."""
    many = np.asarray(request.session_calls) > 1.0
    if not np.any(many):
        return call
    at_once, late = call
    session = repeated(together(call), **_calls(workload, request))
    parts = ("fixed_s", "mean_s", "variance_s2")
    return (
        Way(
            np.where(many, 1.0, at_once.share),
            *(np.where(many, getattr(session, part), getattr(at_once, part)) for part in parts),
        ),
        late.with_share(np.where(many, 0.0, late.share)),
    )


def workload_latency(
    workload: Workload, request: Request, passes: Mapping[str, PassTimes]
) -> WorkloadLatency:
    """Return a workload's latency from the times of a pass through each of its tiers."""
    kinds = sorted({str(kind) for kind in np.ravel(workload.latency)})
    spread = TimeSpread(_of_kind(workload, {kind: _ways(workload, request, passes, kind) for kind in kinds}))
    percentile = promised_percentile(workload)
    p95_s = spread.quantile_s(0.95)
    promised_s = p95_s if np.all(np.asarray(percentile) == 0.95) else spread.quantile_s(percentile)
    inside = np.asarray(promised_s) <= np.asarray(workload.latency_target_s) * (1.0 + _KEPT_WITHIN)
    return WorkloadLatency(
        of_tiers={
            tier: TimeSpread(_of_kind(workload, {kind: _shown(times, kind, checked=False) for kind in kinds}))
            for tier, times in passes.items()
        },
        spread=spread,
        percentile=percentile,
        p95_s=p95_s,
        promised_s=promised_s,
        kept=inside | (np.asarray(workload.latency) == "none"),
    )


def _of_kind(workload: Workload, by_kind: Mapping[str, Sequence[Way]]) -> tuple[Way, ...]:
    """Return the paths for the promised kind of time, by plan if plans differ in it."""
    if len(by_kind) == 1:
        return tuple(*by_kind.values())
    kind, most = np.asarray(workload.latency), max(len(ways) for ways in by_kind.values())
    nothing = Way(0.0, 0.0, 0.0, 0.0)
    filled = {name: [*ways, *[nothing] * (most - len(ways))] for name, ways in by_kind.items()}

    def one(index: int, part: str) -> Number:
        values = {name: getattr(ways[index], part) for name, ways in filled.items()}
        chosen: Array = np.select([kind == name for name in values], list(values.values()))
        return chosen

    parts = ("share", "fixed_s", "mean_s", "variance_s2")
    return tuple(Way(*(one(index, part) for part in parts)) for index in range(most))


def _shown(times: PassTimes, kind: str, *, checked: bool) -> tuple[Way, ...]:
    """Return the promised time of a pass; answers that are checked first are shown once complete."""
    if kind == "per-token":
        return times.token
    return times.first if kind == "first-token" and not checked else times.whole


def _ways(workload: Workload, request: Request, passes: Mapping[str, PassTimes], kind: str) -> list[Way]:
    """Return the paths of a request, timed by one kind of promise."""
    again = np.asarray(workload.outcome.attempts) > 1
    once = _attempt(workload, request, passes, kind, checked=again & (kind != "per-token"))
    if len(request.tries) == 1 or kind == "per-token":
        return once
    whole = together(_attempt(workload, request, passes, kind, checked=np.asarray(True)))
    first, *more = request.tries
    ways = [way.with_share(way.share * first.share) for way in once]
    return ways + [
        repeated(whole, mean=each.mean, variance=each.variance).with_share(each.share) for each in more
    ]


def _attempt(
    workload: Workload, request: Request, passes: Mapping[str, PassTimes], kind: str, *, checked: Flags
) -> list[Way]:
    """Return the paths of one attempt: a tier of the router, or a cascade's tiers up to the one that answers."""
    cascade = np.asarray(workload.routing.policy) == "cascade"
    before, found = Way(0.0, 0.0, 0.0, 0.0), []
    last = list(passes)[-1]
    for tier, times in passes.items():
        for way in _either(checked | (cascade & (tier != last)), times, kind):
            waited = before.then(way) if kind != "per-token" else way
            found.append(waited.with_share(way.share * request.route_shares[tier]))
        whole = together(times.whole)
        before = before.then(
            Way(
                0.0,
                *(np.where(cascade, each, 0.0) for each in (whole.fixed_s, whole.mean_s, whole.variance_s2)),
            )
        )
    return found


def _either(checked: Flags, times: PassTimes, kind: str) -> tuple[Way, ...]:
    """Return the promised time of a pass; if only some plans check first, both paths by their shares."""
    if np.all(checked) or not np.any(checked):
        return _shown(times, kind, checked=bool(np.all(checked)))
    late, soon = (_shown(times, kind, checked=each) for each in (True, False))
    if late is soon:
        return soon
    return tuple(
        way.with_share(np.where(part, way.share, 0.0))
        for ways, part in ((late, checked), (soon, ~checked))
        for way in ways
    )


def late_words(workload: Workload, found: WorkloadLatency) -> str:
    """Return by how much a promise is broken, in the plan that breaks it most."""
    took, most, share, kind = np.broadcast_arrays(
        found.promised_s, workload.latency_target_s, found.percentile, workload.latency
    )
    worst = int(np.argmax(np.nan_to_num(took / most, nan=np.inf)))
    what = {"first-token": "to the first token", "per-token": "for a token"}.get(
        str(kind.flat[worst]), "for a whole answer"
    )
    times = (show(float(each.flat[worst]), "latency_s") for each in (took, most))
    return f"{percentile_name(float(share.flat[worst]))} {what} is " + ", above the target of ".join(times)


def percentile_name(percentile: float) -> str:
    """Return the name of a percentile.

    >>> percentile_name(0.95)
    'p95'
    """
    return next(name for name, share in PERCENTILES.items() if share == percentile)


_KEPT: Kept[_Met] = Kept(most=256, most_bytes=2**23)
