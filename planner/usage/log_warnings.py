"""What a reader of an import must know: rows that were joined or guessed at, times that could not be read, odd amounts."""

import math
from collections.abc import Iterator

from planner.files import inert
from planner.usage import measures
from planner.usage.joining import COPIES, PARENTS, REPEATED, SUMS, JoinedRows
from planner.usage.one_file import OneFile
from planner.usage.scan import Groups
from planner.usage.settle import LONGEST_PROMPT
from planner.usage.spend import SpendLine
from planner.usage.vendor_usage import context_window

FEW_CALLS = 200.0  # a mean of so many is known to 7 % where they spread as much as it is
FAR_OFF = 20.0  # times the list price: no discount and no markup
CENTS_FROM, CENTS_TO = 50.0, 200.0

METER_WORDS = {
    "web_searches": "web searches", "code_executions": "code executions", "rerank_searches": "rerank searches", "audio_seconds": "seconds of audio",
    "input_characters": "characters", "input_document_pages": "pages of documents", "images": "images",
}  # fmt: skip


def warnings_of(
    groups: Groups, found: list[OneFile], told: JoinedRows, lines: tuple[SpendLine, ...]
) -> Iterator[str]:
    """Yield a sentence for each thing that is no matter of course."""
    notes = groups.notes
    for why in (REPEATED, PARENTS, SUMS, COPIES):
        if told.counts.get(why):
            yield f"{told.counts[why]:,} {why} are counted once, not again"
    if notes.get("timeless"):
        yield f"{notes['timeless']:,} rows have a time that can't be read: their tokens count, their time does not (--time-format says how it is written)"
    if notes.get("unsure"):
        yield f"{notes['unsure']:,} rows leave open whether cached tokens are inside the input: they are taken as a part of it"
    if notes.get("beyond") and not groups.summed:
        yield f"{notes['beyond']:,} rows have a prompt of more than {LONGEST_PROMPT:,} tokens, beyond any context window: are they sums over many requests?"
    yield from _of_few(groups)
    yield from _of_windows(groups)
    if notes.get("aside"):
        yield f"{notes['aside']:,} rows are of embeddings, images, speech or the like: they are in the means"
    if any(one.summed.ambiguous_dates for one in found):
        order = (
            "day before the month"
            if any(one.summed.manner.day_first for one in found)
            else "month before the day"
        )
        yield f"dates such as 3/4/2026 are read with the {order}; --time-format '%d/%m/%Y' says otherwise"
    if any(one.summed.manner.pointed for one in found):
        yield "counts such as 1.234 are read as 1,234: no tokens are counted in parts"
    yield from _of_money(groups)
    yield from _of_scale(lines)
    yield from _of_meters(groups)


def _of_few(groups: Groups) -> Iterator[str]:
    """Say of how few calls the means are, and that so few in an hour tell no peak."""
    requests, hours = groups.sums["requests"], len(set(groups.hour.tolist()))
    total = float(requests.sum())
    if 0 < total < FEW_CALLS:
        yield f"there are {total:,.0f} calls only: means and ranges are those of so few"
    if hours < measures.FEWEST_HOURS or groups.summed:
        return
    busiest = float(measures.hourly(groups.hour, requests).max())
    if busiest < measures.FEWEST_IN_BUSIEST:
        least = f"from {measures.FEWEST_IN_BUSIEST:g} on"
        yield f"the busiest hour has {busiest:,.0f} calls: too few to tell a peak, which is read {least}; the plan's own stays"


def _of_windows(groups: Groups) -> Iterator[str]:
    """Say which models have prompts that are longer, on average, than they can take."""
    if groups.summed:
        return
    totals: dict[tuple[str, str], list[float]] = {}
    for model, seller, prompt, requests in zip(
        groups.model, groups.provider, groups.sums["prompt"], groups.sums["requests"], strict=True
    ):
        held = totals.setdefault((model, seller), [0.0, 0.0])
        held[0] += float(prompt)
        held[1] += float(requests)
    for (model, seller), (prompt, requests) in totals.items():
        window = context_window(model, seller)
        if prompt > window * max(requests, 1.0):
            yield f"prompts of {inert(model)[:120]} have {prompt / max(requests, 1.0):,.0f} tokens on average, beyond its context window of {window:,.0f}: are the rows sums over many requests?"


def _of_money(groups: Groups) -> Iterator[str]:
    names = sorted(
        {name for name, costed in zip(groups.currency, groups.costed, strict=True) if costed and name}
    )
    others = [name for name in names if name != "USD"]
    if others:
        yield f"the log has costs in other currencies than USD ({', '.join(others)}): they are told apart, never added, and not compared"


def _of_scale(lines: tuple[SpendLine, ...]) -> Iterator[str]:
    """Say that costs are so far from the list's that they must be of another unit."""
    compared = [line for line in lines if math.isfinite(line.difference_usd) and line.logged_usd > 0]
    logged = sum(line.logged_usd for line in compared)
    listed = sum(line.logged_usd - line.difference_usd for line in compared)
    if listed <= 0 or not compared:
        return
    times = logged / listed
    if times >= FAR_OFF:
        unit = "in cents" if CENTS_FROM <= times <= CENTS_TO else "in another unit"
        yield f"the log's costs are {times:,.0f} times the list price: are they {unit}?"
    elif times <= 1 / FAR_OFF:
        yield f"the list price is {1 / times:,.0f} times the log's costs: are those in another unit?"


def _of_meters(groups: Groups) -> Iterator[str]:
    for name, word in METER_WORDS.items():
        total = float(groups.sums[name].sum())
        if total > 0:
            yield f"{total:,.0f} {word} are billed beside the tokens"
    for name, word in (("audio_in", "audio tokens in prompts"), ("audio_out", "audio tokens in answers"), ("image_in", "image tokens in prompts"),
                       ("image_out", "image tokens in answers")):  # fmt: skip
        total = float(groups.sums[name].sum())
        if total > 0:
            yield f"{total:,.0f} {word} are counted apart from text"
