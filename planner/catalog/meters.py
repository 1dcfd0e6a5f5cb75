"""Names of what is billed besides text tokens. Units are those of genai-prices."""

ALIASES = {
    "web_search": "web_searches", "searches": "web_searches", "search": "web_searches", "web_search_requests": "web_searches",
    "file_search": "storage_searches", "file_searches": "storage_searches", "social_search": "social_searches",
    "code_run": "code_executions", "code_runs": "code_executions", "code_execution": "code_executions",
    "rerank": "rerank_searches", "reranks": "rerank_searches", "page": "input_document_pages", "pages": "input_document_pages",
    "audio_in_tokens": "input_audio_tokens", "audio_out_tokens": "output_audio_tokens",
    "image_in_tokens": "input_image_tokens", "image_out_tokens": "output_image_tokens",
    "video_in_tokens": "input_video_tokens", "video_out_tokens": "output_video_tokens",
    "characters": "input_characters", "pixels": "input_pixels", "seconds_of_audio": "audio_seconds",
}  # fmt: skip

TOOLS = frozenset({
    "web_searches", "storage_searches", "social_searches", "code_executions", "container_hours", "rerank_searches",
    "image_searches", "map_searches", "requests_kcount",
})  # fmt: skip
"""Units of optional tools; the others count input and output."""


def unit_of(name: str) -> str:
    """Return the unit for a meter's name in a plan; an unknown name is its own unit.

    >>> unit_of("web_search"), unit_of("container_hours")
    ('web_searches', 'container_hours')
    """
    return ALIASES.get(name, name)


def meter_words(unit: str) -> str:
    """Return a unit's name on a bill.

    >>> meter_words("input_audio_tokens")
    'input audio tokens'
    """
    return unit.replace("_", " ")


def by_units(line: str) -> bool:
    """Say whether a bill line is covered by capacity units: tokens of any kind, and requests.

    >>> by_units("cache reads"), by_units("input audio tokens"), by_units("web searches")
    (True, True, False)
    """
    return line.endswith(" tokens") or line in ("cache reads", "cache writes", "per-request fee")
