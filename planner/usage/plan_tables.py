"""An import as the sections of a scenario: workloads and deployments with each number's source, before they become text."""

import math
import re
from collections.abc import Iterator
from dataclasses import field
from typing import TYPE_CHECKING

import numpy as np

from planner.catalog.api_rates import ApiRates
from planner.files import inert
from planner.records import dataclass
from planner.usage.kinds import CallKind
from planner.usage.measures import Estimate
from planner.usage.plan_parts import (
    PlanPart,
    at_step,
    means,
    meters,
    own_steps,
    own_usd_per_mtok,
    rates_of,
    unlikely_long,
)
from planner.usage.toml_numbers import digits, number, share

if TYPE_CHECKING:
    from datetime import date

    from planner.usage.log_summary import LogSummary

DEAREST_USD_PER_MTOK = 1e9
MOST_TOKENS = 2e7
NEAR_STEP = 0.01
FALLBACK = "model-of-the-log"
Key = tuple[str, str, bool, int]
Row = tuple[str, str, str]  # field, value as TOML, comment


@dataclass(frozen=True)
class WrittenDeployment:
    """A deployment to be written: its rows, and a comment at its head."""

    name: str
    rows: tuple[Row, ...]
    comment: str = ""


@dataclass(frozen=True)
class WrittenWorkload:
    """A workload to be written: the fields of its own and of its sections, as (path below it, value as TOML, comment)."""

    name: str
    rows: tuple[Row, ...] = field(default=())


def _key(part: PlanPart, kind: CallKind) -> Key:
    """Return what tells a deployment from others: its model, processing, price, and a step that only its price knows of."""
    step = kind.step if len(part.kinds) == 1 and kind.known and unlikely_long(kind) else 0
    return kind.model, kind.processing, kind.known, step


def deployments_of(
    parts: tuple[PlanPart, ...], found: "LogSummary", on: "date"
) -> dict[Key, WrittenDeployment]:
    """Return a deployment for each model and processing of the parts."""
    out: dict[Key, WrittenDeployment] = {}
    for part in parts:
        for (model, processing), kind in part.tiers.items():
            key = _key(part, kind)
            if key not in out:
                base = (
                    re.sub(r"[^a-z0-9]+", "-", model.rpartition(":")[2].lower()).strip("-")[:40] or FALLBACK
                )
                base += (
                    ""
                    if processing == "standard"
                    else "-" + re.sub(r"[^a-z0-9]+", "-", processing.lower())[:20]
                )
                base += f"-over-{key[3] // 1000}k" if key[3] else ""
                name = _free(base, {one.name for one in out.values()})
                out[key] = _deployment(name, kind, found.requests, on, step=key[3])
    return out


def _free(base: str, taken: set[str]) -> str:
    name, count = base, 1
    while name in taken:
        count += 1
        name = f"{base}-{count}"
    return name


def _deployment(name: str, kind: CallKind, requests: float, on: "date", *, step: int) -> WrittenDeployment:
    comment = f"{kind.requests / max(requests, 1e-9):.1%} of requests"
    rows: list[Row] = [("kind", '"api"', ""), ("model", _text(kind.model[:200]), "")]
    rates = rates_of(kind.model, kind.processing, on) if kind.known else None
    if rates is not None and step:
        return WrittenDeployment(name, (*rows, *_long_price(rates, kind, step)), comment)
    if rates is not None:
        rows += [] if kind.processing == "standard" else [("processing", _text(kind.processing), "")]
        return WrittenDeployment(name, tuple(rows), comment)
    usd = own_usd_per_mtok(kind)
    price = digits(usd) if 0 <= usd <= DEAREST_USD_PER_MTOK else "0"
    told = (
        "no list price: the log's spend over all its tokens"
        if usd > 0
        else "no list price, and the log tells no cost: give it one"
    )
    rows.append(("price", f"{{ input_usd_per_mtok = {price}, output_usd_per_mtok = {price} }}", told))
    return WrittenDeployment(name, tuple(rows), comment)


def _long_price(rates: ApiRates, kind: CallKind, step: int) -> Iterator[Row]:
    """Give the prices above a step, for calls that exceed it by the log's word and not by their mean length."""
    above = at_step(rates, step)
    prices = {
        "input": above.input,
        "output": above.output,
        "cache_read": above.cache_read,
        "cache_write": above.cache_write,
        "cache_write_1h": above.cache_write_1h,
    }
    listed = ", ".join(
        f"{name}_usd_per_mtok = {digits(float(price.usd_per_mtok))}" for name, price in prices.items()
    )
    yield "price", f"{{ {listed} }}", f"the list's for prompts above {step:,} tokens"
    used = meters(kind, rates)
    if used:
        listed = ", ".join(f"{unit} = {digits(float(rates.meters[unit].at(step + 1)))}" for unit in used)
        yield "meter_usd", f"{{ {listed} }}", "the list's"


def _text(words: str) -> str:
    from planner.files.toml_text import toml_string  # noqa: PLC0415 - one way to quote

    return toml_string(inert(words))


def workload(
    name: str, part: PlanPart, found: "LogSummary", deployments: dict[Key, WrittenDeployment], on: "date"
) -> WrittenWorkload:
    """Return one workload with what the log tells of it, ranges around its own means."""
    tiers = {key: deployments[_key(part, kind)].name for key, kind in part.tiers.items()}
    rows = [*_traffic(part, found), *_lengths(part, found, on)]
    rows.append(("routing.tiers", "[" + ", ".join(_text(one) for one in tiers.values()) + "]", ""))
    rows += _shares([kind.billed for kind in part.tiers.values()])
    rows += _cache(part, found, on)
    rows += [
        (f"meters.{unit}", digits(count), "per call")
        for unit, count in meters(part.whole, _rates(part, on)).items()
    ]
    return WrittenWorkload(name, tuple(rows))


def _rates(part: PlanPart, on: "date") -> ApiRates | None:
    """Return prices of the part's first model that has any: whose meters are priced."""
    found = [
        rates_of(model, processing, on) for (model, processing), kind in part.tiers.items() if kind.known
    ]
    return next((one for one in found if one is not None), None)


def _around(value: float, like: Estimate) -> Estimate:
    """Return a value with the relative range of an estimate of the whole log."""
    if not like.known or like.value <= 0 or not math.isfinite(value):
        return Estimate(value, value, value)
    return Estimate(value, value * max(like.low, 0.0) / like.value, value * like.high / like.value)


def _traffic(part: PlanPart, found: "LogSummary") -> Iterator[Row]:
    per_month = found.requests_per_month
    if per_month.known and found.requests > 0:
        mine = per_month.value * part.whole.requests / found.requests
        yield (
            "requests_per_month",
            number(_around(mine, per_month), high=1e13),
            "successful ones, at the pace of the log",
        )
    for path, value, low, comment in (
        ("peak_to_mean", found.peak_to_mean, 1.0, "busiest hour over mean hour"),
        ("interarrival_cv2", found.interarrival_cv2, 0.0, "inside of hours; 1 is Poisson"),
        ("answer_length_cv2", found.answer_length_cv2, 0.0, "of output tokens"),
    ):
        if value.known:
            yield path, number(value, low=low, high=1e3), comment


def _lengths(part: PlanPart, found: "LogSummary", on: "date") -> Iterator[Row]:
    mean = means(part.whole, _rates(part, on))
    split = "mean of all input; a log does not tell instructions from context and history"
    prompt = _around(mean["prompt"], found.prompt_tokens)
    text = number(prompt, high=MOST_TOKENS)
    if any(_near(start, prompt) for one in part.kinds for start in own_steps(one, on)):
        text = f"{mean['prompt']:.12g}"  # a range would cross the step, and so might five digits
    yield "prompt_tokens", text, split
    yield "context_tokens", "0", "move what retrieval or compression could replace here"
    thought = "mean, reasoning not counted" if found.reasoning_tokens.known else "mean"
    answer = max(mean["output"] - mean["reasoning"], 0.0)
    yield "output_tokens", number(_around(answer, found.answer_tokens), high=MOST_TOKENS), thought
    if mean["reasoning"] > 0:
        yield (
            "reasoning_tokens",
            number(_around(mean["reasoning"], found.reasoning_tokens), high=MOST_TOKENS),
            "mean",
        )
    if part.prompt_cv > 0:
        yield "prompt_cv", digits(part.prompt_cv), "between requests"


def _near(start: int, prompt: Estimate) -> bool:
    return prompt.low * (1 - NEAR_STEP) <= start <= prompt.high * (1 + NEAR_STEP)


def _shares(calls: list[float]) -> Iterator[Row]:
    """Give how calls are shared among the tiers: by each tier but the last, what of those that reach it goes on."""
    passed = [sum(calls[place + 1 :]) / max(sum(calls[place:]), 1e-9) for place in range(len(calls) - 1)]
    if passed:
        yield "routing.share_to_last", digits(passed[-1]), "of the requests that reach the last choice"
    if len(passed) > 1:
        yield (
            "routing.share_passed_on",
            f"[{', '.join(digits(one) for one in passed[:-1])}]",
            "by each tier before",
        )


def _cache(part: PlanPart, found: "LogSummary", on: "date") -> Iterator[Row]:
    whole = part.whole
    mean = means(whole, _rates(part, on))
    prompt, written = mean["prompt"], mean["cache_write"] + mean["cache_write_1h"]
    if mean["cache_read"] > 0:
        yield (
            "cache.prefix_hit_share",
            share(_around(mean["cache_read"] / prompt, found.cache_read_share)),
            "",
        )
    if written > 0:
        yield "cache.prefix_write_share", share(_around(written / prompt, found.cache_write_share)), ""
        hours = mean["cache_write_1h"] / written
        if hours >= 1.0 - 1e-9:
            yield "cache.lifetime", '"1h"', ""
        elif hours > 0:
            yield "cache.write_1h_share", digits(hours), "of the writes"
    if whole.reused > 0:
        reused = whole.reused / whole.requests
        yield "cache.semantic_hit_share", share(_around(reused, found.reused_share)), "of requests"


def left_out(kinds: tuple[CallKind, ...], parts: tuple[PlanPart, ...]) -> tuple[int, float, float]:
    """Return how many models are not in the plan, and their share of requests and of USD."""
    kept = {(kind.model, kind.processing) for part in parts for kind in part.kinds}
    gone = [kind for kind in kinds if (kind.model, kind.processing) not in kept]
    usd = sum(float(np.nan_to_num(kind.list_usd)) for kind in kinds)
    mine = sum(float(np.nan_to_num(kind.list_usd)) for kind in gone)
    requests = sum(kind.requests for kind in kinds)
    names = {(kind.model, kind.processing) for kind in gone}
    return len(names), sum(kind.requests for kind in gone) / max(requests, 1e-9), mine / max(usd, 1e-9)
