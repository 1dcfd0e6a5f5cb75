"""One request of a workload: its tokens, which tier answers it, and its success."""

from collections.abc import Mapping

import numpy as np

from planner.arrays import pick
from planner.model.handed_on import Request, Tries
from planner.model.request import outcomes, quality, routing, tokens
from planner.model.request.picture_tokens import picture_tokens
from planner.model.request.session_cost import CallSeries, hour_share, session
from planner.records import dataclass
from planner.schema import Number, Workload
from planner.units import TOKENS_PER_MTOK

ROUTER_K = {
    "random": 1.0,
    "knowledge": 1.5,
    "maths": 1.5,
    "chat": 3.0,
    "tuned-chat": 4.0,
}  # default: routing.k


def request(
    workload: Workload,
    *,
    base_success: Mapping[str, Number],
    precision: Mapping[str, Number],
    helped: Number = 1.0,
) -> Request:
    """Return the mean request of `workload`.

    `base_success` and `precision` give, for each tier, the deployment's success at short prompts and the share that its number
    format keeps; `helped` is the share kept by the requests it starts. `success` is that of the models.
    """
    sent = _sent(workload, prompt_tokens(workload), _answer_tokens(workload))
    kept = _kept(workload, sent) * helped
    tiers = {
        name: quality.call_success(base=base_success[name], retention=kept * precision[name])
        for name in workload.routing.tiers
    }
    routed = _routed(workload, list(tiers.values()))
    tried = _tried(workload, routed.success)
    missed = 1.0 - workload.cache.semantic_hit_share
    success, solved = _solved(workload, tried.success)
    first = {name: missed * calls for name, calls in zip(tiers, routed.calls, strict=True)}
    return Request(
        session_calls=sent.calls,
        reasoning_per_call=_reasoning_tokens(workload),
        route_shares=_route_shares(workload, routed),
        tries=_tries(workload, routed.success),
        input_tokens=sent.prompt_tokens,
        output_tokens=_answer_tokens(workload) * sent.calls,
        cache_read_tokens=sent.read_tokens,
        returning_tokens=sent.returning_tokens,
        cache_write_tokens=sent.written_tokens * (1.0 - sent.hour_share),
        cache_write_1h_tokens=sent.written_tokens * sent.hour_share,
        tier_success=tiers,
        calls={name: calls * tried.attempts for name, calls in first.items()},
        first_calls=first,
        success=success,
        solved=solved,
        extras_usd=_extras_usd(workload, missed, tried, routed, success),
        failure_usd=(1.0 - solved) * workload.outcome.failure_usd,
    )


@dataclass(frozen=True)
class _Sent:
    """The tokens sent to a model for one request, over all calls of its session."""

    calls: Number
    prompt_tokens: Number
    read_tokens: Number
    returning_tokens: Number
    written_tokens: Number
    hour_share: Number
    compactions: Number


def _sent(workload: Workload, prompt: Number, answer: Number) -> _Sent:
    found, cache = session(workload, first_tokens=prompt, answer_tokens=answer), workload.cache
    if found is None:
        cached = np.where(np.asarray(cache.lifetime) == "none", 0.0, prompt)
        written = cached * np.minimum(cache.prefix_write_share, 1.0 - cache.prefix_hit_share)
        return _Sent(
            1.0,
            prompt,
            cached * cache.prefix_hit_share,
            cached * cache.prefix_hit_share,
            written,
            hour_share(cache),
            0.0,
        )
    whole = found.tokens()
    read = found.read_tokens(whole)
    return _Sent(
        whole.calls,
        whole.prompt_tokens,
        read,
        found.first_read_share * whole.first_tokens + found.caches * whole.prefix_tokens,
        (whole.prompt_tokens - read) * found.written_share,
        found.hour_share,
        whole.compactions,
    )


def session_of(workload: Workload) -> CallSeries | None:
    """Return a request's session; None if it is a single call."""
    return session(workload, first_tokens=prompt_tokens(workload), answer_tokens=_answer_tokens(workload))


def _kept(workload: Workload, sent: _Sent) -> Number:
    """Return the success kept at this prompt length and with all cuts."""
    by_length = _retention(workload, sent.prompt_tokens / sent.calls)
    return by_length * quality.kept_of_cuts(workload, sent.compactions)


def _tried(workload: Workload, success: Number) -> outcomes.Tried:
    return outcomes.verified_retries(
        success=success,
        attempts=workload.outcome.attempts,
        true_accept=workload.verifier.true_accept_share,
        false_accept=workload.verifier.false_accept_share,
        alike_share=workload.outcome.attempt_correlation_share,
    )


def _checks(workload: Workload, tried: outcomes.Tried, routed: routing.Routed) -> Number:
    """Return the verifier checks of a request not answered by the semantic cache."""
    verified = np.where(np.asarray(workload.outcome.attempts) > 1, tried.attempts, 0.0)
    return verified + tried.attempts * routed.checks


def _solved(workload: Workload, tried_success: Number) -> tuple[Number, Number]:
    """Return the success of models and semantic cache, and the success after people handled their share."""
    outcome, cache = workload.outcome, workload.cache
    success = outcomes.with_semantic_cache(
        success=tried_success, hit_share=cache.semantic_hit_share, wrong_share=cache.semantic_wrong_share
    )
    return success, outcomes.with_people(
        success=success, person_share=outcome.person_share, person_success_share=outcome.person_success_share
    )


def _tries(workload: Workload, success: Number) -> tuple[Tries, ...]:
    return outcomes.tries(
        success=success,
        attempts=workload.outcome.attempts,
        true_accept=workload.verifier.true_accept_share,
        false_accept=workload.verifier.false_accept_share,
        alike_share=workload.outcome.attempt_correlation_share,
    )


def _route_shares(workload: Workload, routed: routing.Routed) -> dict[str, Number]:
    """Return the share of attempts that each tier answers; in a cascade, those that stop there."""
    cascade = np.asarray(workload.routing.policy) == "cascade"
    further = (*routed.calls[1:], 0.0)
    return {
        tier: np.where(cascade, calls - on, calls)
        for tier, calls, on in zip(workload.routing.tiers, routed.calls, further, strict=True)
    }


def prompt_tokens(workload: Workload) -> Number:
    """Return the mean tokens that a request sends: instructions, material, earlier turns and images."""
    rag, compression = workload.rag, workload.compression
    material = tokens.context_tokens(
        context_tokens=workload.context_tokens,
        rag_on=rag.on,
        chunks=rag.chunks,
        chunk_tokens=rag.chunk_tokens,
        compression_x=np.where(compression.on, compression.ratio_x, 1.0),
    )
    sent = tokens.input_tokens(
        prompt_tokens=workload.prompt_tokens, context_tokens=material, history_tokens=workload.history_tokens
    )
    return sent + picture_tokens(workload)


def _answer_tokens(workload: Workload) -> Number:
    control = workload.output_control
    return tokens.output_tokens(
        output_tokens=workload.output_tokens,
        reasoning_tokens=_thought_tokens(workload),
        removed_share=np.where(control.on, control.removed_share, 0.0),
    )


def _reasoning_tokens(workload: Workload) -> Number:
    """Return the tokens of an answer before its visible part."""
    control = workload.output_control
    return _thought_tokens(workload) * (1.0 - np.where(control.on, control.removed_share, 0.0))


def _thought_tokens(workload: Workload) -> Number:
    """Return an answer's reasoning tokens at the requested effort."""
    effort = workload.effort
    return workload.reasoning_tokens * (1.0 - np.where(effort.on, effort.removed_share, 0.0))


def _retention(workload: Workload, prompt_tokens: Number) -> Number:
    """Return the success kept with this prompt length, retrieval, compression and answer length."""
    rag, long = workload.rag, workload.long_context
    by_length = quality.context_retention(
        input_tokens=prompt_tokens, at_32k_share=long.at_32k_share, at_128k_share=long.at_128k_share
    )
    found = quality.recall(
        chunks=rag.chunks,
        at_1_share=rag.recall_at_1_share,
        at_8_share=rag.recall_at_8_share,
        rerank_on=rag.rerank,
        misses_cut_share=rag.rerank_misses_cut_share,
    )
    with_rag = quality.rag_factor(
        recall_share=found, retention=by_length, closed_book_share=rag.closed_book_share
    )
    compression, control = workload.compression, workload.output_control
    return (
        np.where(rag.on, with_rag, by_length)
        * np.where(compression.on, compression.retention_share, 1.0)
        * np.where(control.on, control.retention_share, 1.0)
    )


def _routed(workload: Workload, success: list[Number]) -> routing.Routed:
    rules = workload.routing
    if len(success) == 1:
        return routing.Routed(success=success[0], calls=(1.0,), checks=0.0)
    is_cascade = np.asarray(rules.policy) == "cascade"
    if np.all(is_cascade):
        return _cascaded(workload, success)
    k = pick(ROUTER_K, rules.router) if rules.router_k is None else rules.router_k
    routed = routing.route(success=success, shares=[*rules.share_passed_on, rules.share_to_last], k=k)
    if not np.any(is_cascade):
        return routed
    cascaded = _cascaded(workload, success)
    return routing.Routed(
        success=np.where(is_cascade, cascaded.success, routed.success),
        calls=tuple(np.where(is_cascade, c, r) for c, r in zip(cascaded.calls, routed.calls, strict=True)),
        checks=np.where(is_cascade, cascaded.checks, routed.checks),
    )


def _cascaded(workload: Workload, success: list[Number]) -> routing.Routed:
    return routing.cascade(
        success=success,
        true_accept=workload.verifier.true_accept_share,
        false_accept=workload.verifier.false_accept_share,
        hard_item_retention=workload.routing.hard_item_retention_share,
    )


def _extras_usd(
    workload: Workload, missed: Number, tried: outcomes.Tried, routed: routing.Routed, success: Number
) -> dict[str, Number]:
    attempts, checks = tried.attempts, _checks(workload, tried, routed)
    rag, outcome = workload.rag, workload.outcome
    embedding = workload.prompt_tokens * rag.embed_usd_per_mtok / TOKENS_PER_MTOK
    rerank = np.where(rag.rerank, rag.rerank_usd_per_request, 0.0)
    routes = (np.asarray(workload.routing.policy) == "route") & (len(workload.routing.tiers) > 1)
    return {
        "retrieval": missed * np.where(rag.on, embedding + rerank, 0.0),
        "router": missed * attempts * np.where(routes, workload.routing.router_usd_per_request, 0.0),
        "verifier": missed * checks * workload.verifier.usd_per_call,
        "semantic cache": np.where(
            np.asarray(workload.cache.semantic_hit_share) > 0, workload.cache.semantic_usd_per_request, 0.0
        ),
        "people": (1.0 - success) * outcome.person_share * outcome.person_usd,
    }


def retrieval_usd_per_month(workload: Workload) -> Number:
    """Return the cost of the vector store and of re-embedding documents, in USD per month."""
    rag = workload.rag
    changed = rag.corpus_mtok * rag.reindex_share_per_month * rag.embed_usd_per_mtok
    return np.where(rag.on, rag.store_usd_per_month + changed, 0.0)
