"""An import as the text of a scenario: a workload section, its deployments, and where each number comes from."""

import re
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np

from planner.files import inert
from planner.files.toml_text import toml_key, toml_string
from planner.units import TOKENS_PER_MTOK, show
from planner.usage.measures import Estimate

if TYPE_CHECKING:
    from planner.usage.imported import Imported, Used

MOST_MODELS = 5
SMALLEST_SHARE = 0.005
DEAREST_USD_PER_MTOK = 1e9
NARROWEST = 0.01  # of the value: a range narrower than this is a number
LOWEST_SHARE, HIGHEST_SHARE = 1e-6, 1 - 1e-6
FALLBACK = "model-of-the-log"


def as_toml(found: "Imported", name: str) -> str:
    """Return `found` as TOML that `Scenario.from_table` reads, with comments, ranges and sources."""
    used = _main_models(found)
    tiers = _tier_names(used)
    body = [
        f"# {found.provenance}",
        *_remarks(found, used),
        "",
        "schema = 1",
        f"title  = {toml_string('Usage out of ' + inert(found.path.name)[:200])}",
    ]
    for tier, one in zip(tiers, used, strict=True):
        body += ["", *_deployment(tier, one)]
    values = _values(found, used)
    where = f"workloads.{toml_key(name)}"
    body += ["", f"[{where}]"]
    for path, (value, comment) in values.items():
        if "." not in path:
            body.append(f"{path} = {value}" + (f"  # {comment}" if comment else ""))
    body += ["", f"[{where}.routing]", f"tiers = [{', '.join(map(toml_string, tiers))}]"]
    body += [
        f"{path.split('.')[1]} = {value}"
        for path, (value, _) in values.items()
        if path.startswith("routing.")
    ]
    cache = [
        f"{path.split('.')[1]} = {value}" for path, (value, _) in values.items() if path.startswith("cache.")
    ]
    body += ["", f"[{where}.cache]", *cache] if cache else []
    body += ["", "[source]"]
    for path, (_, comment) in values.items():
        words = f"{found.provenance}" + (f"; {comment}" if comment else "")
        body.append(f"{toml_key(f'workloads.{name}.{path}')} = {toml_string(words)}")
    return "\n".join(body) + "\n"


def _values(found: "Imported", used: list["Used"]) -> dict[str, tuple[str, str]]:
    """Return the fields that the log tells, as (TOML value, comment), by their path below the workload."""
    out: dict[str, tuple[str, str]] = {}

    def put(path: str, value: Estimate, comment: str, *, low: float = 0.0, high: float = np.inf) -> None:
        if value.known:
            out[path] = (number(value, low=low, high=high), comment)

    put("requests_per_month", found.requests_per_month, "successful ones, at the pace of the log", high=1e13)
    put("peak_to_mean", found.peak_to_mean, "busiest hour over mean hour", low=1.0, high=1e3)
    put("interarrival_cv2", found.interarrival_cv2, "inside of hours; 1 is Poisson", high=1e3)
    put("answer_length_cv2", found.answer_length_cv2, "of output tokens", high=1e3)
    split = "mean of all input; a log does not tell instructions from context and history"
    put("prompt_tokens", found.prompt_tokens, split, high=2e7)
    out["context_tokens"] = ("0", "move what retrieval or compression could replace here")
    thought = "mean, reasoning not counted" if found.reasoning_tokens.known else "mean"
    put("output_tokens", found.answer_tokens, thought, high=2e7)
    put("reasoning_tokens", found.reasoning_tokens, "mean", high=2e7)
    shares = [one.share for one in used]
    for place, value in enumerate(_passed_on(shares)):
        if place == len(shares) - 2:
            out["routing.share_to_last"] = (share(value), "of the requests that reach the last choice")
    if len(shares) > 2:
        listed = ", ".join(share(value) for value in _passed_on(shares)[:-1])
        out["routing.share_passed_on"] = (f"[{listed}]", "by each tier before")
    for path, value in (
        ("cache.prefix_hit_share", found.cache_read_share),
        ("cache.prefix_write_share", found.cache_write_share),
        ("cache.semantic_hit_share", found.reused_share),
    ):
        if value.known:
            out[path] = (share(value), "")
    return out


def _passed_on(shares: list[Estimate]) -> list[Estimate]:
    """Return for each tier but the last the share of what reaches it that goes on, with its range."""
    out = []
    for place in range(len(shares) - 1):
        reach = sum(max(one.value, 0.0) for one in shares[place:])
        on = 1.0 - shares[place].value / reach
        width = (shares[place].high - shares[place].low) / 2 / reach
        out.append(Estimate(on, on - width, on + width))
    return out


def _main_models(found: "Imported") -> list["Used"]:
    """Return the models that a scenario is given, cheapest first: those with most requests, none too rare."""
    ranked = sorted(found.mix, key=lambda used: -used.requests)
    kept = [used for used in ranked[:MOST_MODELS] if used.share.value >= SMALLEST_SHARE] or ranked[:1]
    return [used for used in found.mix if used in kept]


def _tier_names(used: list["Used"]) -> list[str]:
    names: list[str] = []
    for one in used:
        base = re.sub(r"[^a-z0-9]+", "-", one.model.rpartition(":")[2].lower()).strip("-")[:40] or FALLBACK
        if one.processing != "standard":
            base += f"-{one.processing}"
        name, count = base, 1
        while name in names:
            count += 1
            name = f"{base}-{count}"
        names.append(name)
    return names


def _deployment(tier: str, used: "Used") -> list[str]:
    share_words = f"{used.share.value:.1%} of requests"
    lines = [f"[deployments.{toml_key(tier)}]  # {share_words}", 'kind  = "api"']
    lines.append(f"model = {toml_string(used.model[:200])}")
    if used.known:
        return lines if used.processing == "standard" else [*lines, f'processing = "{used.processing}"']
    tokens = (used.prompt_tokens + used.output_tokens) * used.requests
    blended = used.logged_usd / tokens * TOKENS_PER_MTOK if tokens > 0 else np.nan
    if 0 <= blended <= DEAREST_USD_PER_MTOK:
        price = f"{{ input_usd_per_mtok = {round4(blended)}, output_usd_per_mtok = {round4(blended)} }}"
        return [*lines, f"price = {price}  # not in the price list: the log's spend over all its tokens"]
    return [*lines, "# not in the price list, and the log's costs make no price: give it one"]


def _remarks(found: "Imported", used: list["Used"]) -> list[str]:
    """Return comments: what was left out, and what no field of a workload holds."""
    out = [f"# left out: {count:,} {reason}" for reason, count in sorted(found.bad.items())]
    if found.growth_per_month.known:
        growth = found.growth_per_month
        low, middle, high = (show(value, "share") for value in (growth.low, growth.value, growth.high))
        out.append(
            f"# requests grew by {middle} a month ({low} to {high}): see [demand] growth_share_per_month"
        )
    if found.failed_share > 0:
        out.append(f"# {show(found.failed_share, 'share')} of the calls failed; they are in no number below")
    if np.isfinite(found.retried_share):
        out.append(f"# {show(found.retried_share, 'share')} of the requests were tried again")
    rare = [one for one in found.mix if one not in used]
    if rare:
        part = sum(one.share.value for one in rare)
        out.append(f"# {len(rare)} more models with {show(part, 'share')} of the requests are not listed")
    for line in found.spend[: MOST_MODELS * 2]:
        if np.isfinite(line.difference_usd):
            words = f"logged {show(line.logged_usd, 'usd')}, list {show(line.list_usd, 'usd')}"
            out.append(f"# spend on {line.model}: {words}, difference {show(line.difference_usd, 'usd')}")
    return out


def number(value: Estimate, *, low: float, high: float) -> str:
    """Return an estimate as a scenario states it: a range, or a number where the range is narrow or unknown.

    >>> number(Estimate(1000.0, 950.0, 1050.0), low=0.0, high=1e7), number(Estimate(3.0, 3.0, 3.0), low=0.0, high=9.0)
    ('"950 to 1_050"', '3')
    """
    middle = min(max(value.value, low), high)
    ends = max(value.low, low, middle / 100), min(value.high, high)
    bottom, top = (round4(end) for end in ends)
    wide = np.isfinite(ends).all() and ends[1] - ends[0] > NARROWEST * abs(middle)
    if wide and 0 < float(bottom) < float(top):
        return f'"{bottom} to {top}"'
    return round4(middle)


def share(value: Estimate) -> str:
    """Return an estimate of a share as a scenario states it."""
    inside = Estimate(*(min(max(one, 0.0), 1.0) for one in (value.value, value.low, value.high)))
    bottom, top = max(inside.low, LOWEST_SHARE), min(inside.high, HIGHEST_SHARE)
    if top - bottom > NARROWEST * inside.value and float(round4(bottom)) < float(round4(top)) < 1:
        return f'"{round4(bottom)} to {round4(top)}"'
    return round4(inside.value)


def round4(value: float) -> str:
    """Return a number with four digits that count, as TOML writes it.

    >>> round4(123456.0), round4(0.000123456), round4(2.0), round4(211.0)
    ('123_500', '0.0001235', '2', '211')
    """
    whole, point, part = f"{Decimal(f'{value:.4g}'):f}".partition(".")
    text = f"{int(whole):_}" if abs(value) >= 1 else whole
    return (text + point + part).rstrip("0").rstrip(".") if point else text
