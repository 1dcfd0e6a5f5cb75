"""Logs of servers as plain text: of vLLM, SGLang, TGI, llama.cpp, nginx. They hold no counts by request: named, not read."""

import re

from planner.errors import Problem

_MARKS = (
    re.compile(
        r"^(?:\(\w+ pid=\d+\) )?(?:INFO|WARNING|DEBUG|ERROR)[: ]\s*\d\d-\d\d \d\d:\d\d:\d\d", re.MULTILINE
    ),
    re.compile(r'"(?:POST|GET) /\S* HTTP/\d(?:\.\d)?"'),
    re.compile(r"throughput[^\n]{0,40}?(?:tokens?/s|tok/s|token/s)", re.IGNORECASE),
    re.compile(
        r"^\[?\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d[^\n]{0,60}(?:INFO|WARN|DEBUG|ERROR|Prefill batch|Decode batch)",
        re.MULTILINE,
    ),
    re.compile(r"^(?:slot |srv |print_timings|llama_perf|\[GIN\])", re.MULTILINE),
)
_METRICS = re.compile(r"^# (?:HELP|TYPE) \w+", re.MULTILINE)
FEWEST = 2


def server_log_of(text: str) -> Problem | None:
    r"""Return the problem of a server's log or its metrics page, None for any other text.

    >>> server_log_of("# HELP vllm:prompt_tokens_total x\n# TYPE vllm:prompt_tokens_total counter\n").what
    'is a page of metrics: sums since the server started, no log of calls.'
    """
    if len(_METRICS.findall(text)) >= FEWEST:
        return Problem(
            "the file", "is a page of metrics: sums since the server started, no log of calls.", _HINT
        )
    lines = [line for line in text.split("\n")[:200] if line.strip()]
    marked = sum(any(mark.search(line) for mark in _MARKS) for line in lines)
    if lines and marked >= FEWEST and marked * 2 >= len(lines):
        return Problem(
            "the file",
            "is a server's log in plain text, no log of calls: it does not count the tokens of each request.",
            _HINT,
        )
    return None


_HINT = "Log the usage of each response as JSON lines, or let a gateway do it."
