"""Logs whose rows are known by their names alone: spend logs of gateways, exports of tracers, usage of vendors."""

from collections.abc import Iterator
from typing import Any

from planner.usage.json_values import UNREADABLE
from planner.usage.opening import opened
from planner.usage.reading import Row
from planner.usage.settle import UNREADABLE as UNREADABLE_LINES

# what a log is called, and names that only it has; the first that fits
KNOWN: tuple[tuple[str, frozenset[str]], ...] = (
    ("OpenAI usage export", frozenset({"nummodelrequests"})),
    ("OpenAI usage export", frozenset({"ncontexttokenstotal"})),
    ("Anthropic usage report", frozenset({"uncachedinputtokens", "cachereadinputtokens"})),
    ("Anthropic usage export", frozenset({"usageinputtokensnocache", "usageinputtokenscachewrite5m"})),
    ("Claude Code analytics", frozenset({"coremetrics", "modelbreakdown"})),
    ("ccusage report", frozenset({"modelbreakdowns", "cachereadtokens"})),
    ("OpenRouter activity", frozenset({"byokusageinference", "requests"})),
    ("LiteLLM spend log", frozenset({"spend", "calltype"})),
    ("Langfuse export", frozenset({"traceid", "parentobservationid"})),
    ("Langfuse export", frozenset({"usagedetails"})),
    ("Helicone export", frozenset({"requestcreatedat", "responsestatus"})),
    ("OpenRouter activity export", frozenset({"generationid", "modelpermaslug"})),
    ("Portkey export", frozenset({"aiorg", "aimodel"})),
    ("Cloudflare AI Gateway log", frozenset({"tokensin", "tokensout", "cached"})),
    ("Bedrock invocation log", frozenset({"modelid", "schematype"})),
    ("Vertex request log", frozenset({"fullresponse", "apimethod"})),
    ("LangSmith export", frozenset({"runtype", "parentrunid"})),
    ("Claude Code session", frozenset({"sessionid", "parentuuid"})),
    ("Cursor usage export", frozenset({"inputwcachewrite"})),
    ("Azure log", frozenset({"timegenerated", "modelname"})),
    ("Azure log", frozenset({"timegeneratedutc", "modelname"})),
    ("Datadog LLM spans", frozenset({"metricsinputtokens", "metamodelname"})),
    ("MLflow traces", frozenset({"traceinfo"})),
    ("Weave calls", frozenset({"opname", "summary"})),
    ("Braintrust log", frozenset({"rootspanid", "metrics"})),
    ("New Relic events", frozenset({"responseusageprompttokens"})),
)
SELLERS = {
    "OpenRouter activity export": "openrouter",
    "OpenRouter activity": "openrouter",
}  # who bills, where the column of the provider names who answered
CENTS = frozenset({"Portkey export", "Claude Code analytics"})  # their costs are in cents
COLUMNS = {"OpenRouter activity": {"cost": "usage"}}  # what a name means in one form only, by field


def name_of(keys: set[str]) -> str:
    """Return what a log with these keys is called."""
    last = {key.rpartition(".")[2] for key in keys} | {key.replace(".", "") for key in keys}
    for name, marks in KNOWN:
        if marks <= last:
            return name
    if any(
        "genaiusage" in key or "llmtokencount" in key or key.startswith(("genai", "attributes.genai"))
        for key in last | keys
    ):
        return "OpenTelemetry GenAI spans"
    return "request log"


def rows(values: Iterator[Any]) -> Iterator[Row]:
    """Yield the raw rows of any log of calls."""
    for value in values:
        if value is UNREADABLE or not isinstance(value, dict | list):
            yield {"bad": UNREADABLE_LINES}
        else:
            yield from opened(value)
