"""One run of a load client as a serving-table row: the load, and the measurements."""

import math

from planner.records import dataclass

NAN = float("nan")
BINDS = (
    0.85  # of the limit on open requests: with fewer in flight on average, it is the rate that sets the load
)
KEPT_UP = 0.95  # share of the offered rate: a run that serves more just keeps up with its load
COUNT_GAP = (
    0.1  # between the output rate and requests x length, from which on tokens were counted in two ways
)
MOSTLY_FAILED = 0.5
FAILED = "mostly_failed"  # the quality of a run in which most requests failed


@dataclass(frozen=True, kw_only=True)
class Run:
    """One run from a client's file; nan or "" for missing values.

    Times are means (medians if the file has no means), in s; `tpot_s` excludes the first token. `offered_per_s`
    is inf if all requests are sent at once, `most_open` is the limit on concurrent requests, `mean_open` the mean in flight.
    """

    model: str = ""
    gpu: str = ""
    gpus: float = NAN
    tp: float = NAN
    pp: float = NAN
    attn_dp: float = NAN
    ep: float = NAN
    weights: str = ""
    kv: str = ""
    engine: str = ""
    engine_version: str = ""
    date: str = ""
    memory_share: float = NAN
    input_tokens: float = NAN
    output_tokens: float = NAN
    length_cv: float = NAN
    sent: float = NAN
    failed: float = NAN
    offered_per_s: float = NAN
    most_open: float = NAN
    mean_open: float = NAN
    requests_per_s: float = NAN
    tokens_per_s: float = NAN
    ttft_s: float = NAN
    tpot_s: float = NAN
    tokens_per_draft: float = NAN
    drafts: bool = False
    shares_prefixes: bool = False
    unlike: str = ""  # why it has no equivalent in the serving table

    @property
    def answer_s(self) -> float:
        """Return the mean time of a request."""
        return self.ttft_s + self.tpot_s * max(self.output_tokens - 1.0, 0.0)


def as_row(run: Run) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return a run as a serving-table row without blank cells, and notes on it."""
    load = _load(run)
    doubts, kept = _doubts(run, open_loop=load.get("kind") == "open_loop_qps")
    said = {
        "model": run.model, "gpu": run.gpu, "precision_weights": run.weights, "precision_kv": run.kv,
        "engine": run.engine, "engine_version": run.engine_version, "measured_date": run.date,
    }  # fmt: skip
    numbers = {
        "n_gpu": run.gpus, "tp": run.tp, "pp": run.pp, "attn_dp": run.attn_dp, "ep": run.ep,
        "memory_share": run.memory_share, "isl_mean": run.input_tokens, "osl_mean": run.output_tokens,
        "length_cv": run.length_cv, "requests": run.sent,
        "throughput_output_tok_s_total": run.tokens_per_s if "throughput" in kept else NAN,
        "ttft_ms": 1e3 * run.ttft_s if "ttft" in kept else NAN, "tpot_ms": 1e3 * run.tpot_s,
    }  # fmt: skip
    cells = {name: repr(value) for name, value in numbers.items() if math.isfinite(value)}
    if run.failed > MOSTLY_FAILED * run.sent:
        said["quality"] = FAILED
    return {name: word for name, word in said.items() if word} | load | cells, doubts


def _load(run: Run) -> dict[str, str]:
    """Return the kind of run and its load: a binding concurrency limit, a rate, or all requests at once."""
    offered, most = run.offered_per_s, run.most_open
    if math.isfinite(offered) and offered > 0 and not _limit_binds(run):
        return {"kind": "open_loop_qps", "qps_offered": repr(offered)}
    if not math.isfinite(most) and math.isinf(offered):
        most = run.sent
    if not math.isfinite(most) or most <= 0:
        return {}
    batch = min(most, run.sent) if run.sent > 0 else most
    return {"kind": "closed_loop", "concurrency_or_batch": repr(batch)}


def _limit_binds(run: Run) -> bool:
    """Return whether the concurrency limit is binding in a run that also has a rate."""
    if not math.isfinite(run.most_open):
        return False
    in_flight = run.mean_open
    if not math.isfinite(in_flight):
        in_flight = run.requests_per_s * run.answer_s
    if math.isfinite(in_flight):
        return in_flight >= BINDS * run.most_open
    return run.requests_per_s < BINDS * run.offered_per_s


def _doubts(run: Run, *, open_loop: bool) -> tuple[tuple[str, ...], set[str]]:
    """Return doubts about a run's figures, and whether throughput and first token can be compared."""
    doubts, kept = [], {"throughput", "ttft"}
    if run.failed > 0:
        doubts.append(f"{run.failed:,.0f} of {run.sent:,.0f} requests failed")
        if run.failed > MOSTLY_FAILED * run.sent:
            doubts[-1] += ": how many ran together is not known, only the time per token is compared"
            kept = set()
    counted = run.requests_per_s * run.output_tokens
    if kept and counted > 0 and abs(run.tokens_per_s / counted - 1.0) > COUNT_GAP:
        doubts.append(
            f"its output rate, {run.tokens_per_s:,.1f} tokens/s, is not requests x length, {counted:,.1f}: tokens are "
            "counted in two ways (reasoning left out?), so throughput and first token are not compared"
        )
        kept = set()
    if open_loop and "throughput" in kept and run.requests_per_s >= KEPT_UP * _most_served(run):
        doubts.append("it serves all that was offered, so its throughput says nothing of the most there is")
        kept = kept - {"throughput"}
    if run.drafts or run.tokens_per_draft > 1:
        length = f" ({run.tokens_per_draft:.2f} a step)" if run.tokens_per_draft > 1 else ""
        doubts.append(f"it drafts tokens{length}: the factors hold the gain of drafting")
    if run.shares_prefixes:
        doubts.append("its prompts share beginnings: the factors hold what the prefix cache saves")
    return tuple(doubts), kept


def _most_served(run: Run) -> float:
    """Return the requests per second of a run that keeps up with its rate, whose last answers end after the last request."""
    if run.sent > 0 and run.answer_s > 0:
        return run.sent / (run.sent / run.offered_per_s + run.answer_s)
    return run.offered_per_s
