"""What the columns of usage logs are called, in the formats that teams have.

Names were read in 2026-11 from: LiteLLM's LiteLLM_SpendLogs table (litellm-js/spend-logs/src/_types.ts); OpenAI's usage API
(OpenAPI 2.3.0, UsageCompletionsResult) and its older dashboard export; Anthropic's usage report (admin API) and its
console's CSV; the OpenTelemetry GenAI registry (gen_ai.usage.*, both spellings); Langfuse's observations (API and blob
export); the public traces Azure LLM inference 2023, BurstGPT and Mooncake. A name is compared in small letters, without
what is neither letter nor digit.
"""

import re

# what the planner reads, and the names it goes by, the surest first
GUESSES: dict[str, tuple[str, ...]] = {
    "time": (
        "starttimeunixnano", "starttime", "startedat", "startingat", "timestamp", "createdat", "created",
        "requesttime", "requestedat", "requesttimestamp", "eventtime", "datetime", "usagedateutc", "usagedate",
        "aggregationtimestamp", "time", "ts", "arrivaltime", "arrivaltimestamp", "loggedat", "date", "day",
    ),
    "prompt_tokens": (
        "prompttokens", "inputtokens", "numprompttokens", "numinputtokens", "tokensprompt", "tokensin",
        "tokensinput", "inputtokencount", "prompttokencount", "contexttokens", "ncontexttokenstotal",
        "requesttokens", "genaiusageinputtokens", "genaiusageprompttokens", "llmtokencountprompt", "inputlength",
        "promptlength", "usageinput", "inputusage", "llmusageprompttokens",
    ),
    "uncached_prompt_tokens": ("uncachedinputtokens", "usageinputtokensnocache", "uncachedprompttokens", "usagedetailsinput"),
    "output_tokens": (
        "completiontokens", "outputtokens", "numcompletiontokens", "numoutputtokens", "tokenscompletion",
        "tokensout", "tokensoutput", "outputtokencount", "completiontokencount", "candidatestokencount",
        "generatedtokens", "ngeneratedtokenstotal", "responsetokens", "usageoutputtokens",
        "genaiusageoutputtokens", "genaiusagecompletiontokens", "llmtokencountcompletion", "outputlength",
        "usageoutput", "outputusage", "llmusagecompletiontokens", "usagedetailsoutput",
    ),
    "reasoning_tokens": (
        "reasoningtokens", "outputreasoningtokens", "reasoningoutputtokens", "genaiusagereasoningoutputtokens",
        "genaiusageoutputtokensreasoning", "genaiusagereasoningtokens",
    ),
    "cache_read_tokens": (
        "cachereadinputtokens", "cachedtokens", "inputcachedtokens", "cachedinputtokens", "cachereadtokens",
        "ncachedcontexttokenstotal", "usageinputtokenscacheread", "cachedprompttokens", "promptcachedtokens",
        "genaiusagecachereadinputtokens", "genaiusageinputtokenscached", "genaiusagecachedtokens",
        "cachedcontenttokencount", "inputcacheread",
    ),
    "cache_write_tokens": (
        "cachecreationinputtokens", "cachewritetokens", "cachewriteinputtokens", "usageinputtokenscachewrite5m",
        "ephemeral5minputtokens", "cachecreation5minputtokens", "genaiusagecachecreationinputtokens",
        "inputcachecreation",
    ),
    "cache_write_1h_tokens": (
        "ephemeral1hinputtokens", "usageinputtokenscachewrite1h", "cachecreation1hinputtokens",
    ),
    "requests": ("nummodelrequests", "nrequests", "apirequests", "requestcount", "numrequests"),
    "model": (
        "model", "modelname", "modelversion", "snapshotid", "providedmodelname", "genairesponsemodel",
        "genairequestmodel", "modelid", "responsemodel", "requestmodel", "llmmodelname",
    ),
    "provider": (
        "customllmprovider", "provider", "providername", "genaiprovidername", "genaisystem", "vendor",
    ),
    "cost_usd": (
        "spend", "costusd", "totalcost", "costdetailstotal", "responsecost", "calculatedtotalcost", "cost",
        "amountusd", "usdcost", "estimatedcostusd", "llmcostusd",
    ),
    "status": (
        "status", "statuscode", "httpstatus", "httpstatuscode", "level", "success", "errortype", "error",
        "exception",
    ),
    "retries": ("numretries", "retries", "retrycount", "attemptedretries", "retryattempt"),
    "reused_answer": ("cachehit", "semanticcachehit", "fromcache"),
    "processing": ("servicetier", "usagetype", "processing", "batch"),
    "kind": ("type", "observationtype"),
}  # fmt: skip

# Langfuse counts reasoning beside the output, not in it
OUTPUT_WITHOUT_REASONING = "usagedetailsoutput"

# columns of text, maps or structs that hold counts; no other nested column is looked into
NESTED = frozenset({
    "usage", "usagedetails", "costdetails", "attributes", "spanattributes", "tokenusage", "usagemetadata",
})  # fmt: skip

# what holds what people wrote: never looked into, never read
CONTENT = frozenset({
    "messages", "prompt", "prompts", "input", "inputs", "output", "outputs", "completion", "completions", "content",
    "text", "choices", "proxyserverrequest", "question", "answer", "query", "tools",
    "genaiinputmessages", "genaioutputmessages", "genaiprompt", "genaicompletion", "systeminstructions", "events",
})  # fmt: skip

# logs with these names count cached tokens beside the prompt, not in it
BESIDE = frozenset({"inputtokens"})
_ANTHROPIC_CACHE = frozenset({"cachereadinputtokens", "cachecreationinputtokens"})


def plain(name: str) -> str:
    """Return a name as names are compared.

    >>> plain("gen_ai.usage.input_tokens")
    'genaiusageinputtokens'
    """
    return re.sub(r"[^a-z0-9]", "", name.lower())


def guess(names: list[tuple[str, ...]], *, skip: frozenset[str] = frozenset()) -> dict[str, tuple[str, ...]]:
    """Return which column is which: by whole path first, then by the last part of it; short paths first."""
    ordered = sorted(names, key=len)
    whole: dict[str, tuple[str, ...]] = {}
    last: dict[str, tuple[str, ...]] = {}
    for path in ordered:
        whole.setdefault(plain("".join(path)), path)
        last.setdefault(plain(path[-1]), path)
    found = {}
    for field, known in GUESSES.items():
        hits = [place[name] for name in known for place in (whole, last) if name in place]
        if hits and field not in skip:
            found[field] = hits[0]
    return found


def beside(found: dict[str, tuple[str, ...]]) -> bool:
    """Whether the names say that cached tokens are not counted in the prompt's (Anthropic's own usage object)."""
    names = {field: plain(path[-1]) for field, path in found.items()}
    anthropic = {names.get("cache_read_tokens"), names.get("cache_write_tokens")} & _ANTHROPIC_CACHE
    return bool(anthropic) and names.get("prompt_tokens") in BESIDE
