"""One placement's speed as text, JSON and CSV."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from planner.analysis.serving_fit.limits import TIGHT, Limits, explain_limits
from planner.catalog import hardware, rents
from planner.catalog.acceptance import Acceptance, acceptance
from planner.catalog.hardware import Gpu, Llm
from planner.cli.io import json_output, model_input
from planner.cli.io.layout import table, wrapped
from planner.cli.io.output_formats import csv_text
from planner.errors import Problem, ScenarioError
from planner.files import inert
from planner.model.serving.regimes import Regime, band, regime_of
from planner.model.serving.serving_speed import Placement, ServingPoint, offline_max, serve, tokens_per_step
from planner.model.serving.split_notes import split_notes
from planner.units import SECONDS_PER_HOUR, TOKENS_PER_MTOK, show

_LONG_WAIT_S = 10.0
DRAFT_COST_SHARE = 0.05  # of a step per drafted token: a plan's default
BUSY = 64.0  # concurrent requests
BATCHES = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0)
BAND_WORDS = {
    "throughput": ("throughput_tokens_per_s", "the throughput"),
    "ttft": ("ttft_s", "the time to first token"),
    "tpot": ("tpot_s", "the time per token"),
}
LIMITS = {
    "bandwidth_share": "memory bandwidth",
    "compute_share": "computing",
    "communication_share": "traffic between GPUs",
    "overhead_share": "the engine's overhead",
}


def report(
    *, model: str, gpu: str, tp: int, pp: int, attn_dp: int, ep: int | None, gpus: int | None,
    weights: str, kv: str, engine: str, memory_share: float | None, input_tokens: float, output_tokens: float,
    concurrency: float | None, hits: float, draft: str | None, draft_tokens: int, style: str | None,
) -> str:  # fmt: skip
    """Return the output of `planner serving`."""
    (llm, card), total = find(model, gpu), _gpus(gpus, one=tp * pp * attn_dp)
    placement = Placement(
        gpus=float(total), tp=float(tp), pp=float(pp), attn_dp=float(attn_dp), ep=float(ep or attn_dp),
        weights=weights, kv=kv, engine=engine, memory_share=memory_share or 0.0,
    )  # fmt: skip
    drafts = None if draft is None else acceptance(model, draft)
    placement = drafting(placement, drafts, draft_tokens)
    setting: dict[str, Any] = {
        "llm": llm, "gpu": card, "placement": placement, "input_tokens": input_tokens,
        "output_tokens": output_tokens,
    }  # fmt: skip
    asked = BATCHES if concurrency is None else (concurrency,)
    point = serve(**setting, concurrency=np.array(asked), prefix_hit_share=hits)
    regime = regime_of(llm=llm, gpu=card, placement=placement)
    rows = [
        _row(point, index, batch, _rent(gpu), total) | _between(point, index, regime)
        for index, batch in enumerate(asked)
    ]
    largest = offline_max(**setting) if concurrency is None else None
    at = _explained_at(rows) if concurrency is None else concurrency
    limits = explain_limits(**setting, concurrency=at, prefix_hit_share=hits)
    head = {
        "model": model, "gpu": gpu, "gpus": total, "tp": tp, "pp": pp, "attn_dp": attn_dp, "weights": weights,
        "kv": kv, "engine": engine, "input_tokens": input_tokens, "output_tokens": output_tokens,
        "max_throughput_tokens_per_s": None if largest is None else float(largest.throughput_tokens_per_s),
        "bands": {metric: band(regime, metric) for metric in BAND_WORDS},
        "limits": {"concurrency": at, "by": limits.by, "words": limits.words, "changes": limits.changes},
    }  # fmt: skip
    if style == "csv":
        return csv_text(rows)
    if style == "json":
        return json_output.as_json(head | (rows[0] if concurrency is not None else {"points": rows}))
    if not rows[0]["fits"]:
        return "\n".join([*_opening(head), "", *wrapped(limits.words)])
    notes = _paragraphs(split_notes(llm=llm, gpu=card, placement=placement))
    sure = [*_paragraphs([_how_sure(regime)]), *_in_a_plan(regime)]
    sure += _paragraphs(_drafted(placement, drafts))
    return "\n".join([*_opening(head), *_lines(head, rows), *sure, *_changes(at, limits), *notes])


def drafting(placement: Placement, found: Acceptance | None, tokens: int) -> Placement:
    """Return a placement that drafts this many tokens, with a measured acceptance."""
    if found is None:
        return placement
    return replace(
        placement,
        speculative_acceptance=found.first,
        acceptance_decay=found.decay,
        draft_tokens=float(tokens),
        draft_cost_share=DRAFT_COST_SHARE,
    )


def _drafted(placement: Placement, found: Acceptance | None) -> list[str]:
    """Return the assumed effect of drafting, and who measured it."""
    if found is None:
        return []
    made = float(np.asarray(tokens_per_step(placement=placement)))
    known = "" if found.measured else "; not measured on this model"
    said = f"Drafts of {placement.draft_tokens:g} tokens: {made:.2f} tokens per step ({found.source}{known})."
    return [f"{said} Acceptance depends on the workload: use your own measurement."]


def _paragraphs(texts: Iterable[str]) -> list[str]:
    """Return the lines of texts, with a blank line before each."""
    return [line for words in texts for line in ["", *wrapped(words)]]


def _gpus(gpus: int | None, *, one: int) -> int:
    """Return the total number of GPUs, given how many `one` copy takes."""
    if gpus is not None and gpus % one:
        raise ScenarioError(
            [Problem("--gpus", f"is {gpus}; it must be a multiple of tp * pp * attn-dp, {one}.")]
        )
    return gpus or one


def _explained_at(rows: Sequence[Mapping[str, Any]]) -> float:
    """Return the concurrency for which to report limits if none is given: busy, but with room left."""
    inside = [row["concurrency"] for row in rows if row["concurrency"] <= min(row["max_sequences"], BUSY)]
    return float(max(inside, default=BATCHES[0]))


def _changes(concurrency: float, limits: Limits) -> list[str]:
    """Return the bottleneck at a point, and the changes that would help, each with its effect."""
    lines = [
        "",
        f"What limits {concurrency:g} concurrent requests, and what would help",
        *wrapped(limits.words),
    ]
    if not limits.changes:
        return [*lines, "  None of the single changes tried helps."]
    cells = [
        (change.words, f"{change.throughput_x:.2f}x", f"{change.tpot_x:.2f}x") for change in limits.changes
    ]
    return [*lines, "", *table(cells, head=("change", "tokens/s", "per token"))]


def find(model: str, gpu: str) -> tuple[Llm, Gpu]:
    """Return a model and a GPU by name; raise ScenarioError with the problems of both."""
    problems: list[Problem] = []
    found: list[Any] = []
    for look_up, name in ((model_input.llm, model), (hardware.gpu, gpu)):
        try:
            found.append(look_up(name))
        except ScenarioError as error:
            problems += error.problems
    if problems:
        raise ScenarioError(problems)
    return found[0], found[1]


def _rent(gpu: str) -> float:
    try:
        return rents.rent_usd_per_gpu_hour(gpu).usd_per_gpu_hour
    except ScenarioError:
        return float("nan")


def _row(point: ServingPoint, index: int, batch: float, rent: float, gpus: int) -> dict[str, Any]:
    def at(values: Any) -> float:
        array = np.asarray(values, dtype=float).reshape(-1)
        return float(array[index if array.size > 1 else 0])

    fits, rate = bool(at(point.fits)), at(point.throughput_tokens_per_s)
    shares = {name: at(getattr(point, name)) for name in LIMITS}
    return {
        "concurrency": batch,
        "fits": fits,
        "running": at(point.running),
        "max_sequences": at(point.max_sequences),
        "throughput_tokens_per_s": rate,
        "requests_per_s": at(point.requests_per_s),
        "ttft_s": at(point.ttft_s) if fits else None,
        "tpot_s": at(point.tpot_s) if fits else None,
        "answer_s": at(point.service_s) if fits else None,
        "usd_per_output_mtok": rent * gpus / SECONDS_PER_HOUR / rate * TOKENS_PER_MTOK if rate > 0 else None,
        "limited_by": _limited_by(shares, full=at(point.running) > TIGHT * at(point.max_sequences))
        if fits
        else "memory",
        **{name: share if fits else None for name, share in shares.items()},
    }


def _between(point: ServingPoint, index: int, regime: Regime) -> dict[str, Any]:
    """Return the range that holds nine in ten measurements of such a run."""
    found: dict[str, Any] = {}
    for metric, (name, _) in BAND_WORDS.items():
        value = float(np.asarray(getattr(point, name), dtype=float).reshape(-1)[index])
        inside = band(regime, metric)
        usable = np.isfinite(value) and value > 0
        found |= {
            f"{name}_lo": value * inside.low_x if usable else None,
            f"{name}_hi": value * inside.high_x if usable else None,
        }
    return found


def _how_sure(regime: Regime) -> str:
    """Return how far off predictions in this regime have been for measurements the fit had not seen."""
    factors = []
    for metric, (_, words) in BAND_WORDS.items():
        inside = band(regime, metric)
        factors.append(f"{inside.low_x:.2f} to {inside.high_x:.2f} times {words}")
    known = band(regime, "tpot").measured
    about = f"{regime.engine}, {regime.generation}, {regime.architecture}"
    start = f"Nine in ten measurements that the fit had not seen ({about}) are"
    if not known:
        start = f"Nothing like this has been measured ({about}): the truth is likely to be"
    return f"{start} at {', '.join(factors[:-1])} and {factors[-1]}."


def _in_a_plan(regime: Regime) -> list[str]:
    """Return the band that a plan without its own benchmark draws from, as lines that would state it."""
    speed, first = band(regime, "throughput"), band(regime, "ttft")
    return [
        "  A plan without its own benchmark draws its speed from that band; to use your own judgement, state",
        "  [deployments.NAME.calibration], where 1 means as predicted:",
        f'    speed_x = "{speed.low_x:.2f} to {speed.high_x:.2f}"',
        f'    first_token_x = "{first.low_x:.2f} to {first.high_x:.2f}"',
    ]


def _limited_by(shares: Mapping[str, float], *, full: bool) -> str:
    return "room in the cache" if full else LIMITS[max(shares, key=lambda name: shares[name])]


def first_token(ttft_s: float) -> str:
    """Return a time to the first token as people read it."""
    return f"{ttft_s * 1e3:,.0f} ms" if ttft_s < _LONG_WAIT_S else show(ttft_s, "ttft_s")


def _opening(head: Mapping[str, Any]) -> list[str]:
    cards = f"{head['gpus']} {inert(head['gpu'])}"
    apart = f", attention dp {head['attn_dp']}" if head["attn_dp"] > 1 else ""
    layout = f"tp {head['tp']}, pp {head['pp']}{apart}, {head['weights']} weights, {head['kv']} cache"
    layout += f", {head['engine']}"
    return [
        f"{inert(head['model'])} on {cards}, {layout}",
        f"{head['input_tokens']:,.0f} tokens in, {head['output_tokens']:,.0f} out; means, all GPUs together",
    ]


def _lines(head: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> list[str]:
    most = rows[0]["max_sequences"]
    tokens = most * (head["input_tokens"] + head["output_tokens"])
    lines = [f"At most {most:,.0f} requests fit into the KV cache at once: {tokens:,.0f} tokens.", ""]
    cells = [
        (
            f"{row['concurrency']:g}",
            f"{row['throughput_tokens_per_s']:,.0f}",
            first_token(row["ttft_s"]),
            f"{row['tpot_s'] * 1e3:,.1f} ms",
            show(row["answer_s"], "answer_s"),
            "n/a" if row["usd_per_output_mtok"] is None else show(row["usd_per_output_mtok"], "usd"),
            f"  {row['limited_by']}",
        )
        for row in rows
    ]
    names = ("concurrency", "tokens/s", "first token", "per token", "answer", "$/Mtok out", "  limited by")
    padded = [(*cell[:-1], cell[-1].ljust(len("  traffic between GPUs"))) for cell in cells]
    lines += table(padded, head=(*names[:-1], names[-1].ljust(len("  traffic between GPUs"))), left=0)
    if head["max_throughput_tokens_per_s"] is not None:
        rate = head["max_throughput_tokens_per_s"]
        lines += ["", f"A run with all requests queued up front makes {rate:,.0f} tokens/s."]
    return lines
