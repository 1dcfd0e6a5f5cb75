"""Workloads: one kind of request each, with its traffic, tokens, promise and value."""

from typing import Annotated

from planner.arrays import Number
from planner.schema.cuts import Effort, FewerCalls
from planner.schema.declare import (
    choice,
    count,
    flag,
    load_profile,
    names,
    ratio,
    real,
    share,
    tokens,
    usd,
)
from planner.schema.deployment import SUCCESS
from planner.schema.pictures import Pictures
from planner.schema.section import Section
from planner.schema.session import Session


class Rag(Section):
    """Retrieval: chunks of a corpus instead of the whole context."""

    on: Annotated[bool, flag("RAG", "Retrieved chunks replace the context.")] = False
    chunks: Annotated[Number, count("Chunks", "Retrieved per request.", hi=1000)] = 8
    chunk_tokens: Annotated[Number, tokens("Chunk size", step=50)] = 400
    recall_at_1_share: Annotated[
        Number, share("Recall of 1 chunk", "The answer is in the best chunk. Judgement.", role="unknown")
    ] = 0.45
    recall_at_8_share: Annotated[
        Number, share("Recall of 8 chunks", "The answer is in the best eight. Judgement.", role="unknown")
    ] = 0.85
    closed_book_share: Annotated[
        Number,
        share(
            "Success without it",
            "Share of the base rate kept when retrieval misses. Judgement.",
            role="unknown",
        ),
    ] = 0.4
    embed_usd_per_mtok: Annotated[
        Number,
        usd(
            "Embedding price",
            "For each question (the instructions) and for re-embedding.",
            step=0.01,
            unit="USD/Mtok",
            evidence="default: rag.embed_usd_per_m",
        ),
    ] = 0.1
    rerank: Annotated[bool, flag("Reranker")] = False
    rerank_usd_per_request: Annotated[
        Number, usd("Reranker price", step=0.0005, evidence="default: rag.rerank_usd_per_query")
    ] = 0.002
    rerank_misses_cut_share: Annotated[
        Number, share("Misses fixed by the reranker", "Judgement.", role="unknown")
    ] = 0.3
    store_usd_per_month: Annotated[Number, usd("Vector store", step=50, unit="USD/month")] = 0.0
    corpus_mtok: Annotated[
        Number,
        ratio(
            "Corpus",
            "Only re-embedding is charged; enter the first embedding as a one-off.",
            unit="Mtok",
            hi=1e9,
            step=10,
            role="lever",
        ),
    ] = 0.0
    reindex_share_per_month: Annotated[Number, share("Re-embedded each month")] = 0.0


class Compression(Section):
    """Shorter prompts: fewer context tokens, at some loss of success."""

    on: Annotated[bool, flag("Prompt compression")] = False
    ratio_x: Annotated[
        Number,
        ratio(
            "Compression",
            "Share of the context or the chunks; instructions and history stay.",
            lo=1,
            hi=100,
            step=0.5,
            role="lever",
            evidence="default: compress.ratio",
        ),
    ] = 3.0
    retention_share: Annotated[
        Number, share("Success kept", "Judgement.", role="unknown", step=0.01, evidence="finding: pc-lingua")
    ] = 0.97


class OutputControl(Section):
    """Shorter answers: output and reasoning tokens removed."""

    on: Annotated[bool, flag("Output control")] = False
    removed_share: Annotated[
        Number, share("Output tokens removed", role="unknown", evidence="default: output.reduction")
    ] = 0.5
    retention_share: Annotated[
        Number, share("Success kept", "Judgement.", role="unknown", step=0.01, evidence="finding: ol-cod")
    ] = 0.97


class LongContext(Section):
    """Success kept as prompts grow, relative to 4,000 tokens; interpolated in the log of the length."""

    at_32k_share: Annotated[
        Number, share("Kept at 32K tokens", role="unknown", evidence="default: context.retention_32k")
    ] = 0.876
    at_128k_share: Annotated[
        Number, share("Kept at 128K tokens", role="unknown", evidence="default: context.retention_128k")
    ] = 0.722


class Routing(Section):
    """Which deployment answers: small first, large last."""

    tiers: Annotated[
        tuple[str, ...], names("Models, cheapest first", "Deployments, in the order in which they are tried.")
    ] = ()
    policy: Annotated[
        str,
        choice(
            "Policy",
            "route",
            "cascade",
            help="A router chooses, or each tier answers what a verifier rejects.",
        ),
    ] = "route"
    share_to_last: Annotated[
        Number,
        share(
            "Sent to the last model",
            "Share of the requests that reach the last choice.",
            evidence="finding: rt-mtbench-mf",
        ),
    ] = 0.0
    share_passed_on: tuple[
        Annotated[
            Number,
            share(
                "Share passed on", "With more than two tiers: for each tier before the last two, in order."
            ),
        ],
        ...,
    ] = ()
    router: Annotated[
        str,
        choice("Router skill", "random", "knowledge", "maths", "chat", "tuned-chat",
               help="How well the router finds requests that need the large tier.", evidence="default: routing.k"),
    ] = "knowledge"  # fmt: skip
    router_k: Annotated[
        Number | None, ratio("Router shape k", "Empty: the preset's value.", lo=0.1, hi=50, optional=True)
    ] = None
    router_usd_per_request: Annotated[
        Number, usd("Router cost", step=0.000001, evidence="default: routing.cost_per_request")
    ] = 0.0
    hard_item_retention_share: Annotated[
        Number,
        share("Kept on hard items", "Share of the next tier's success where the last one fails.", role="unknown",
              evidence="finding: rt-joint-mmlu"),
    ] = 0.69  # fmt: skip


class Verifier(Section):
    """Decides whether an answer is accepted, in a cascade or before a retry."""

    usd_per_call: Annotated[Number, usd("Cost of a check", step=0.0001)] = 0.0
    true_accept_share: Annotated[
        Number,
        share("Right answers accepted", role="unknown", evidence="default: cascade.verifier_auroc"),
    ] = 0.65
    false_accept_share: Annotated[
        Number,
        share("Wrong answers accepted", role="unknown", evidence="default: cascade.verifier_auroc"),
    ] = 0.35


class Cache(Section):
    """Prefix cache (tokens read again at a lower price) and semantic cache (whole answers reused)."""

    prefix_hit_share: Annotated[
        Number,
        share("Prefix cache hits", "Of input tokens.", role="unknown", evidence="default: cache.prefix_hit"),
    ] = 0.0
    prefix_write_share: Annotated[
        Number,
        share(
            "Prefix cache writes",
            "Of input tokens; at most those not read from cache.",
            role="unknown",
            evidence="default: cache.write_multiplier",
        ),
    ] = 0.0
    semantic_hit_share: Annotated[
        Number, share("Semantic cache hits", "Of requests.", role="unknown", evidence="default: semcache.hit")
    ] = 0.0
    semantic_wrong_share: Annotated[
        Number,
        share(
            "Wrong hits",
            "Share of semantic hits.",
            role="unknown",
            step=0.01,
            evidence="default: semcache.wrong_hit",
        ),
    ] = 0.03
    semantic_usd_per_request: Annotated[Number, usd("Cost of a look-up", step=0.00001)] = 0.0

    lifetime: Annotated[
        str,
        choice("Kept for", "5m", "1h", "none",
               help="Sets the price of a cache write; none: the API caches no prefixes."),
    ] = "5m"  # fmt: skip
    write_1h_share: Annotated[
        Number | None,
        share("Writes of an hour", "Share of writes; empty: all or none, by the lifetime.", optional=True),
    ] = None


class Outcome(Section):
    """The value of a success and the cost of a failure."""

    value_usd: Annotated[Number, usd("Value of a success", "To the customer.", step=0.1, role="unknown")] = (
        0.0
    )
    failure_usd: Annotated[
        Number,
        usd("Cost of a failure", "Per request that stays unsolved.", step=0.5, role="unknown",
            evidence="default: outcome.human_fallback"),
    ] = 0.0  # fmt: skip
    failure_paid_share: Annotated[
        Number,
        share(
            "Share of failure cost we pay",
            "A cost of serving, in burn and margin. The customer bears the rest: only in cost per outcome.",
        ),
    ] = 1.0
    attempts: Annotated[Number, count("Attempts", "Most tries until the verifier accepts.", lo=1, hi=100)] = 1
    attempt_correlation_share: Annotated[
        Number,
        share(
            "Correlated attempts",
            "Share of items on which every attempt has the same result.",
            role="unknown",
        ),
    ] = 0.0
    person_share: Annotated[Number, share("Failures to a person")] = 0.0
    person_usd: Annotated[
        Number,
        usd("Cost of a person's case", step=0.5, role="unknown", evidence="default: outcome.human_fallback"),
    ] = 8.0
    person_success_share: Annotated[Number, share("Solved by a person", "Judgement.", role="unknown")] = 0.95


class Workload(Section):
    """One kind of request."""

    requests_per_customer_per_month: Annotated[
        Number, ratio("Requests per customer", unit="/month", hi=1e9, step=10)
    ] = 0.0
    requests_per_month: Annotated[
        Number, ratio("Other requests", "Not tied to customers.", unit="/month", hi=1e13, step=10_000)
    ] = 0.0
    peak_to_mean: Annotated[
        Number,
        ratio(
            "Peak over mean",
            "Busiest hour divided by mean hour.",
            lo=1,
            hi=1000,
            evidence="default: load.peak_to_mean_hour.chat",
        ),
    ] = 1.7
    profile: Annotated[
        str | tuple[float, ...] | None,
        load_profile("Hours", "flat", "office", "consumer", "night",
                help="Load by hour in the users' local time; sets peak over mean. Empty: "
                     "unknown, so peaks coincide.", evidence="finding: ld-az24-code"),
    ] = None  # fmt: skip
    utc_offset_h: Annotated[
        Number,
        real("Clock", "Users' local time, ahead of UTC; the profile uses it.", lo=-12, hi=14, step=1, unit="h"),
    ] = 0.0  # fmt: skip
    weekend_share: Annotated[
        Number | None,
        ratio("Weekend day", "Load relative to the week's mean day. Empty: as in the profile.", hi=3.5,
              step=0.05, optional=True, evidence="finding: ld-az24-code"),
    ] = None  # fmt: skip
    interarrival_cv2: Annotated[
        Number,
        ratio("Burstiness", "Squared coefficient of variation of gaps between requests; 1: Poisson.", hi=1000,
              evidence="default: load.interarrival_cv2"),
    ] = 1.2  # fmt: skip
    answer_length_cv2: Annotated[
        Number,
        ratio(
            "Spread of answers",
            "Squared coefficient of variation of answer times.",
            hi=1000,
            evidence="finding: ld-tok-conv",
        ),
    ] = 1.1
    latency: Annotated[
        str,
        choice(
            "Latency promise",
            "none",
            "first-token",
            "per-token",
            "whole-answer",
            help="The time that the target limits.",
        ),
    ] = "whole-answer"
    latency_target_s: Annotated[
        Number, ratio("Latency target", unit="s", lo=0.001, hi=86_400, step=0.1, role="lever")
    ] = 30.0
    latency_percentile: Annotated[
        str, choice("Percentile promised", "p90", "p95", "p99", help="Share of requests within the target.")
    ] = "p95"
    batch_utilisation_share: Annotated[
        Number,
        share(
            "Highest utilisation",
            "Of own GPUs in the busiest hour; a promise often needs less. Judgement.",
        ),
    ] = 0.9
    prompt_tokens: Annotated[Number, tokens("Instructions", "System prompt and question.", step=50)] = 0.0
    context_tokens: Annotated[
        Number,
        tokens(
            "Context",
            "Material sent along; with RAG on, the chunks replace it.",
            evidence="default: tokens.chat.in_mean",
        ),
    ] = 1155.0
    history_tokens: Annotated[Number, tokens("History", "Earlier turns sent with each request.")] = 0.0
    output_tokens: Annotated[Number, tokens("Answer", step=25, evidence="default: tokens.chat.out_mean")] = (
        211.0
    )
    reasoning_tokens: Annotated[Number, tokens("Reasoning", "Billed as output, not shown.", step=100)] = 0.0
    output_cv: Annotated[
        Number | None,
        ratio("Spread of answer lengths", "Across requests: standard deviation over mean (lognormal). Used for queue "
              "and latency; empty: the square root of the spread of answer times.",
              unit="", hi=30, role="unknown", optional=True),
    ] = None  # fmt: skip
    prompt_cv: Annotated[
        Number,
        ratio("Spread of prompts", "Across requests: standard deviation over mean (lognormal). Used for price steps, "
              "compaction and the tail of the first token.",
              unit="", hi=100, role="unknown"),
    ] = 0.0  # fmt: skip
    session: Session = Session()
    rag: Rag = Rag()
    compression: Compression = Compression()
    output_control: OutputControl = OutputControl()
    effort: Effort = Effort()
    fewer_calls: FewerCalls = FewerCalls()
    long_context: LongContext = LongContext()
    routing: Routing = Routing()
    verifier: Verifier = Verifier()
    cache: Cache = Cache()
    outcome: Outcome = Outcome()
    success: dict[str, Annotated[Number, SUCCESS]] = {}
    pictures: Pictures = Pictures()
    meters: dict[
        str,
        Annotated[
            Number,
            ratio("Per call", "Billed besides text tokens; audio and image tokens come on top of the prompt's.",
                  unit="per call", hi=1e9, step=0.1, role="lever"),
        ],
    ] = {}  # fmt: skip
    success_without: dict[
        str,
        Annotated[
            Number,
            share("Success kept without", "If the meter of this name is 0. Judgement.", role="unknown", step=0.01),
        ],
    ] = {}  # fmt: skip
