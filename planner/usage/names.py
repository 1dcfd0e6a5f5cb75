"""What the name of a column or key says it counts, by the words it is made of, whoever chose it.

Read for this in 2026-11: the usage objects of OpenAI, Anthropic, Google, AWS, Cohere, Mistral, DeepSeek, xAI, Groq and
Perplexity, the exports of gateways and tracers that docs/formats.md lists, the OpenTelemetry GenAI registry and the
public traces of Azure, BurstGPT and Mooncake. `labels.py` has the names of what is no number.
"""

import re
from functools import lru_cache

from planner.records import dataclass
from planner.usage.abroad import in_english
from planner.usage.labels import label

_CAMEL = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+[a-z]?(?![a-z])|\d+")
_SIGN = re.compile(r"[^a-z0-9]")
_SIGNS = {"$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR"}
CURRENCIES = frozenset(
    [
        "USD",
        "EUR",
        "GBP",
        "JPY",
        "CNY",
        "INR",
        "CHF",
        "CAD",
        "AUD",
        "BRL",
        "KRW",
        "SEK",
        "NOK",
        "DKK",
        "PLN",
        "SGD",
        "HKD",
        "TWD",
        "NZD",
        "MXN",
        "ZAR",
        "TRY",
        "ILS",
        "CZK",
    ]
)

TOKEN = frozenset({"token", "tokens", "tok", "toks", "tkn", "tkns", "jetons", "jeton", "ktok", "ktoks", "ktokens", "mtok", "mtoks", "mtokens"})  # fmt: skip
UNITS = {"k": 1e3, "ktok": 1e3, "ktoks": 1e3, "ktokens": 1e3, "thousand": 1e3, "thousands": 1e3, "tsd": 1e3,
         "m": 1e6, "mtok": 1e6, "mtoks": 1e6, "mtokens": 1e6, "million": 1e6, "millions": 1e6, "mio": 1e6, "mln": 1e6}  # fmt: skip
HOLDERS = frozenset(
    {"usage", "usages", "token", "tokens", "units", "tokenusage", "usagemetadata", "unit", "tok"}
)
IN = frozenset({"prompt", "prompts", "input", "inputs", "in", "prefill", "eingabe", "entrada", "entree"})
OUT = frozenset(
    {"completion", "completions", "output", "outputs", "out", "generated", "ausgabe", "salida", "sortie"}
)
WEAK_IN = frozenset({"context", "request", "req", "query", "question", "sent", "ctx", "message"})
WEAK_OUT = frozenset(
    {"response", "res", "resp", "reply", "answer", "received", "generation", "gen", "result", "decode"}
)
CACHE = frozenset({"cache", "cached", "caching"})
WRITE = frozenset(
    {"write", "writes", "written", "writing", "creation", "create", "created", "store", "stored"}
)
FRESH = frozenset({"uncached", "noncached", "nocache", "miss", "missed", "misses", "fresh"})
WITHOUT = frozenset({"no", "non", "without", "excl", "excluding", "not", "wo"})
THOUGHT = frozenset({"reasoning", "reasoned", "thinking", "thought", "thoughts", "thoughtful"})
HOUR = frozenset({"1h", "60m", "1hr", "1hour", "3600s", "hour"})
MINUTES = frozenset({"5m", "5min", "300s", "5minute"})
TOTAL = frozenset({"total", "totals", "overall", "sum", "gesamt"})
COUNTED = frozenset(
    {"n", "num", "number", "count", "counts", "counter", "total", "no", "nr", "qty", "quantity", "sum", "cnt"}
)
CALLS = frozenset(
    {
        "requests",
        "calls",
        "invocations",
        "reqs",
        "generations",
        "queries",
        "anfragen",
        "solicitudes",
        "aufrufe",
        "abfragen",
        "requetes",
        "appels",
        "richieste",
        "peticiones",
        "llamadas",
        "verzoeken",
    }
)
THINGS = frozenset(
    {"observation", "observations", "executions", "interactions", "records"}
)  # calls, where they are counted
CALL = frozenset({"request", "call", "invocation", "req"})
MEAN = frozenset({"avg", "average", "mean"})
FAILED = frozenset(
    {"failed", "failure", "failures", "error", "errors", "errored", "unsuccessful", "throttled"}
)
WORKED = frozenset({"successful", "succeeded", "success", "ok", "completed"})
MONEY = frozenset({"cost", "costs", "spend", "spent", "amount", "charge", "charged", "charges", "billed", "usd", "eur", "gbp",
                   "kosten", "cout", "costo", "betrag", "fee", "price", "expense", "dollars"})  # fmt: skip
PARTS = frozenset({"web", "search", "upstream", "byok", "markup", "tax", "discount", "credit", "credits", "tool", "margin",
                   "audio", "image", "file", "processing", "fixed", "guardrail", "embedding", "reasoning"})  # fmt: skip
# words that make of a count something else: a limit, a rate, a mean
NO_COUNT = frozenset({"max", "maximum", "min", "minimum", "limit", "budget", "per", "rate", "rpm", "tpm", "avg", "average", "mean",
                      "median", "p50", "p90", "p95", "p99", "throughput", "speed", "remaining", "quota", "window", "ms", "latency",
                      "price", "ratio", "share", "percent", "pct", "delta", "left", "available", "limits", "duration", "saved",
                      "rejected", "accepted", "prediction", "cumulative", "threshold", "reserved", "capacity", "id", "ids"})  # fmt: skip
NO_MONEY = frozenset({"requests", "per", "unit", "rate", "budget", "limit", "max", "saved", "savings", "quota", "remaining", "center", "centre",
                      "code", "type", "category", "cumulative", "cumul", "accumulated", "running", "balance", "currency", "list", "discounted", "multiplier", "tier", "id", "saving", "model"})  # fmt: skip
SCALES = {"cents": 0.01, "cent": 0.01, "millicents": 1e-5, "micros": 1e-6, "microdollars": 1e-6, "micro": 1e-6, "nano": 1e-9,
          "nanos": 1e-9, "nanodollars": 1e-9, "ticks": 1e-10, "milli": 1e-3, "mills": 1e-3}  # fmt: skip
SURE_MONEY = frozenset(
    {"cost", "costs", "spend", "usd", "eur", "kosten", "cout", "costo", "fee"}
)  # of tokens: no count
SMALL_MONEY = frozenset({"cents", "cent", "millicents", "microdollars", "nanodollars"})
CHOSEN = "column:"  # what a column is called once its field is the user's own choice
BARE = frozenset(
    {"input", "output", "prompt", "completion", "in", "out", "inputs", "outputs", "prompts", "completions"}
)
SUBJECTS = (IN | OUT | CACHE | WRITE | FRESH | WITHOUT | THOUGHT | HOUR | MINUTES | TOKEN | TOTAL
            | {"read", "reads", "hit", "hits", "w", "o", "ephemeral", "with", "count", "ai", "gen", "llm", "usage",
               "davon", "thereof", "dont", "which"})  # fmt: skip

WEAK = WEAK_IN | WEAK_OUT
BILLED = frozenset({"billed", "billable", "native", "actual", "used", "n", "num", "number"})
SPANNING = frozenset(
    {"session", "conversation", "lifetime", "sofar", "accumulated", "running"}
)  # over calls: no total of one


@dataclass(frozen=True)
class Meaning:
    """What a name stands for: a field of a row, and how sure that is (0 is surest).

    `scale` is what its numbers are multiplied by, `currency` is of money; `beside` says that by this name cached tokens are no part of the input.
    """

    field: str
    rank: int
    scale: float = 1.0
    currency: str = ""
    beside: bool = False


def words(name: str) -> list[str]:
    """Return the words of a name in small letters.

    >>> words("cacheRead_InputTokenCount"), words("ephemeral_1h_input_tokens")
    (['cache', 'read', 'input', 'token', 'count'], ['ephemeral', '1h', 'input', 'tokens'])
    """
    plainer = in_english(name).replace("LLM", "Llm").replace("ID", "Id")
    return [part.lower() for part in _CAMEL.findall(plainer)]


@lru_cache(maxsize=20_000)
def plain(name: str) -> str:
    """Return a name as names are compared.

    >>> plain("gen_ai.usage.input_tokens")
    'genaiusageinputtokens'
    """
    return _SIGN.sub("", in_english(name).lower())


@lru_cache(maxsize=20_000)
def meaning(path: tuple[str, ...]) -> Meaning | None:
    """Return what the last part of a path of names stands for, or None where it is nothing to an import.

    >>> meaning(("usage", "prompt_tokens_details", "cached_tokens")).field, meaning(("max_tokens",))
    ('read', None)
    """
    parts = tuple(part for name in path for part in re.split(r"\.|(?<![( ]w)/|\[|\]", name) if part)
    if not parts:
        return None
    if path[-1].startswith(CHOSEN):
        return Meaning(path[-1].removeprefix(CHOSEN), -1)
    leaf, above = set(words(parts[-1])), {word for part in parts[-4:-1] for word in words(part)}
    plains = tuple(map(plain, parts))
    found = label(plains)
    if found is not None:
        return Meaning(*found)
    if plains[-1] in ODD_NAMES:
        return Meaning(ODD_NAMES[plains[-1]], 0)
    return (
        _meter(leaf, above)
        or _money(leaf, above, path[-1])
        or _tokens(leaf, above, parts)
        or _mean(leaf, above, parts)
        or _calls(leaf, above)
    )


def _meter(leaf: set[str], above: set[str]) -> Meaning | None:
    """Return what is billed beside tokens."""
    counted = COUNTED | CALLS | {"request", "calls", "queries", "units"}
    if leaf == {"invocation"} and above >= {"search", "web"}:
        return Meaning("web_searches", 0)
    if leaf & MONEY or leaf & TOKEN or leaf & (NO_COUNT - {"duration"}):
        return None
    if leaf & {"search", "searches"} and (
        leaf & {"web", "google", "internet", "queries"} or "grounding" in leaf | above
    ):
        return Meaning("web_searches", 0) if leaf & counted or "searches" in leaf else None
    if leaf & {"search", "rerank"} and leaf & {"units", "searches"}:
        return Meaning("rerank_searches", 0)
    if ({"code", "execution"} <= leaf and leaf & counted) or (
        leaf == {"num", "sessions"} and "metrics" not in above
    ):
        return Meaning("code_executions", 0)
    if leaf & {"images", "image"} and (leaf & counted or leaf == {"images"}) and "size" not in leaf:
        return Meaning("images", 0)
    if leaf & {"characters", "chars"} and not leaf & OUT:
        return Meaning("input_characters", 0)
    if "seconds" in leaf and (
        leaf & {"audio", "speech", "billable"} or "usage" in above or leaf == {"seconds"}
    ):
        return Meaning("audio_seconds", 0)
    if "pages" in leaf and leaf & ({"processed", "document", "input"} | COUNTED):
        return Meaning("input_document_pages", 0)
    return None


def _money(leaf: set[str], above: set[str], name: str) -> Meaning | None:
    """Return what a row says that it cost; parts of a cost are none."""
    money = bool(leaf & (MONEY | SMALL_MONEY)) or bool(
        above & {"cost", "costs", "amount", "spend"} and leaf & {"total", "usd", "value"}
    )
    if not money or leaf & NO_MONEY or leaf & TOKEN or (leaf == {"price"}):
        return None
    if leaf & (PARTS | IN | OUT | CACHE | THOUGHT) - {"in"}:
        return None
    if "in" in leaf and not leaf & (CURRENCY_WORDS | set(SCALES)):
        return None
    scale = next((SCALES[word] for word in leaf if word in SCALES), 1.0)
    currency = next((word.upper() for word in leaf if word in CURRENCY_WORDS), "")
    currency = currency or next((code for sign, code in _SIGNS.items() if sign in name), "")
    currency = currency or ("USD" if leaf & {"cents", "dollars", "ticks", "microdollars"} else "")
    weak = leaf <= {"amount", "value", "fee", "price", "charge", "usd", "eur", "total"}
    field = "mean_cost" if leaf & MEAN else "cost"
    return Meaning(field, 1 + weak - bool(leaf & TOTAL) + 2 * bool(leaf & SPANNING), scale, currency)


CURRENCY_WORDS = frozenset(code.lower() for code in CURRENCIES - {"TRY"})


def _tokens(leaf: set[str], above: set[str], parts: tuple[str, ...]) -> Meaning | None:
    """Return which kind of tokens a name counts."""
    told = (
        bool(leaf & TOKEN)
        or bool(above & HOLDERS)
        or bool(leaf & {"length", "len"} and leaf & (IN | OUT))  # of a request or an answer: bytes
        or bool("units" in leaf and leaf & (IN | OUT | WEAK_IN | WEAK_OUT | TOTAL))
    )
    if not told and (not leaf <= SUBJECTS or leaf <= BARE or not leaf & (CACHE | IN | OUT | THOUGHT)):
        return None
    if (
        leaf == {"cache", "hit"}
        or leaf & (NO_COUNT | SURE_MONEY)
        or "cost" in above
        or "costs" in above
        or "price" in above
    ):
        return None
    kind = _modality(leaf, above)
    if kind is not None:
        return Meaning(kind, 0) if kind else None
    field, rank = _kind(leaf, above)
    if not field:
        return None
    nested = bool(above & {"detail", "details"}) and plain(parts[-2]) not in ("usagedetails", "details")
    beside = (plain(parts[-1]) in BESIDE and not nested) or (
        field == "prompt" and plain("".join(parts[-2:])) in INPUT_IS_FRESH
    )
    if field == "total" and leaf & SPANNING:
        return None
    rank += bool(leaf - SUBJECTS - WEAK - BILLED - set(UNITS))  # any other word: an estimate, a session's
    scale = next((UNITS[word] for word in leaf if word in UNITS), 1.0)
    return Meaning(field, -1 if "native" in leaf else rank, scale, beside=beside)


# names that say nothing by their words: Ollama's, llama.cpp's, Titan's
ODD_NAMES = {"promptevalcount": "prompt", "evalcount": "output", "promptn": "prompt", "predictedn": "output",
             "tokensevaluated": "prompt", "tokenspredicted": "output", "inputtexttokencount": "prompt", "outputtexttokencount": "output",
             "inputsequencelength": "prompt", "outputsequencelength": "output", "isl": "prompt", "osl": "output"}  # fmt: skip

# the names by which Anthropic and AWS count what is no part of the input beside them
BESIDE = frozenset({"cachereadinputtokens", "cachecreationinputtokens", "cachecreationtokens", "cachewriteinputtokens",
                    "cachereadinputtokencount", "cachewriteinputtokencount", "ephemeral5minputtokens",
                    "ephemeral1hinputtokens", "cachecreationinputtokencount"})  # fmt: skip
INPUT_IS_FRESH = frozenset({"usagedetailsinput", "tokensinput", "tokenusageinputtokens"})


def _modality(leaf: set[str], above: set[str]) -> str | None:
    """Return the field of sounds and pictures, "" for what is a part of another count, None for neither."""
    if not leaf & {"audio", "image", "images", "text", "video", "citation", "tool", "document", "speech"}:
        return None
    if above & CACHE or (leaf & CACHE and not (leaf & IN and "text" in leaf)):
        return ""
    if leaf & CACHE:
        return None  # cached_prompt_text_tokens: xAI caches nothing but text
    if "tool" in leaf:
        return "tool_prompt" if leaf & IN and leaf & TOKEN else ""
    kind = "audio" if leaf & {"audio", "speech"} else "image" if leaf & {"image", "images"} else ""
    if not kind:
        return ""
    side = leaf if leaf & (IN | OUT) else above
    if side & OUT or (side & WEAK_OUT and not side & IN):
        return f"{kind}_out"
    return f"{kind}_in" if side & (IN | WEAK_IN) else ""


def _kind(leaf: set[str], above: set[str]) -> tuple[str, int]:
    """Return the field of a count of text tokens, and its rank."""
    nested = bool(above & {"detail", "details"})
    if leaf & {"candidates", "candidate"} and not leaf & THOUGHT:
        return "answer", 0
    if leaf & THOUGHT or (above & THOUGHT and leaf & OUT):
        return ("answer", 0) if leaf & WITHOUT else ("reasoning", int(not leaf & TOKEN))
    if "ephemeral" in leaf or leaf & CACHE or leaf & FRESH or above & CACHE:
        return _cached(leaf | (above & (CACHE | HOUR | MINUTES | WRITE)))
    strong_in, strong_out = leaf & IN, leaf & OUT
    weak = not (strong_in or strong_out)
    if weak:
        strong_in, strong_out = leaf & WEAK_IN, leaf & WEAK_OUT
    if strong_in and strong_out == {"out"}:
        strong_out = set()
    if bool(strong_in) != bool(strong_out):
        return ("prompt" if strong_in else "output"), 2 * nested + bool(leaf & TOTAL) + weak
    sided = bool(above & IN) != bool(above & OUT)
    if not (strong_in or strong_out) and sided and (leaf == {"total"} or not leaf & TOTAL):
        return ("prompt" if above & IN else "output"), 1
    if leaf & TOTAL and not strong_in:
        return "total", 0 if leaf & TOKEN or above & HOLDERS else 1
    return (
        ("total", 2) if leaf <= TOKEN | {"count", "used", "n", "num", "usage"} and leaf & TOKEN else ("", 0)
    )


def _mean(leaf: set[str], above: set[str], parts: tuple[str, ...]) -> Meaning | None:
    """Return the mean of a count over the requests that a row sums up."""
    if not leaf & MEAN:
        return None
    told = _tokens((leaf - MEAN) | {"tokens"}, above, parts)
    return Meaning(f"mean_{told.field}", told.rank) if told and told.field in MEANS else None


MEANS = frozenset({"prompt", "output", "total", "read", "write", "reasoning"})


def _cached(leaf: set[str]) -> tuple[str, int]:
    without = bool(leaf & WITHOUT) or {"w", "o"} <= leaf
    if leaf & FRESH or without:
        return "fresh", 0
    if leaf & HOUR:
        return "write_1h", 0
    if leaf & MINUTES:
        return "write_5m", 0
    if leaf & WRITE:
        return "write", 0
    if leaf & OUT and not leaf & IN and "hit" not in leaf:
        return "", 0
    return "read", int("text" in leaf)


def _calls(leaf: set[str], above: set[str]) -> Meaning | None:
    """Return counts of requests: all, those that worked, those that failed."""
    if above & (CALLS | CALL) and above & COUNTED and not leaf & TOKEN:  # request_counts.completed
        leaf = leaf | {"requests"} if leaf & (TOTAL | WORKED | FAILED) else leaf
    if leaf & (
        NO_COUNT
        | {"tool", "function", "search", "web", "cached", "cache", "retry", "retries", "concurrent", "size"}
        | MONEY
    ):
        return None
    many = bool(leaf & CALLS) or bool(leaf & (CALL | THINGS) and leaf & COUNTED)
    if leaf & FAILED:
        return Meaning("failed_count", 0) if many or leaf & COUNTED else None
    if leaf <= WORKED | COUNTED and leaf & WORKED and leaf & COUNTED:
        return Meaning("ok_count", 0)
    if not many:
        return Meaning("count", 3) if leaf in ({"count"}, {"count", "star"}) else None
    if leaf & {"queries", "generations"} and not leaf & COUNTED:
        return Meaning("count", 2)
    return Meaning("ok_count", 0) if leaf & WORKED else Meaning("count", 0)
