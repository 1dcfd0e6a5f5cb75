"""Raw answers of vendors are counted as the extractors of genai-prices count them, and no vendor must be named."""

import json

import pytest

from planner.catalog.api_offers import look_up
from planner.usage import read_log

pytest.importorskip("duckdb", reason="reading logs needs the extra `usage`")
from genai_prices.data_snapshot import get_snapshot
from genai_prices.types import ArrayMatch

# what each kind of count is in the answers made here, by words of its path; parts are smaller than what holds them
COUNTS = {
    "reasoning": 120, "thinking": 120, "thoughts": 120, "5m": 150, "1h": 50, "cacheread": 300, "cached": 300, "hit": 300,
    "creation": 200, "cachewrite": 200, "audio": 40, "image": 60, "document": 60, "video": 0, "tooluse": 30, "search": 2,
    "citation": 10, "pages": 3, "seconds": 9, "text": 700, "prompt": 1000, "input": 1000,
}  # fmt: skip
OUTPUT = 400
NAMES = {
    "input_tokens": "prompt_tokens", "cache_read_tokens": "cache_read_tokens", "cache_write_tokens": "cache_write_tokens",
    "cache_write_1h_tokens": "cache_write_1h_tokens", "output_reasoning_tokens": "reasoning_tokens", "web_searches": "web_searches",
    "input_document_pages": "input_document_pages", "audio_seconds": "audio_seconds",
}  # fmt: skip


def steps(path):
    return [path] if isinstance(path, str) else list(path)


def placed(answer, path, value):
    """Put a value where a path of keys and matched items leads."""
    for place, step in enumerate(path[:-1]):
        if isinstance(step, ArrayMatch):
            item = next((one for one in answer if one[step.field] == step.match.equals), None)
            if item is None:
                item = {step.field: step.match.equals}
                answer.append(item)
            answer = item
        else:
            answer = answer.setdefault(step, [] if isinstance(path[place + 1], ArrayMatch) else {})
    answer[path[-1]] = value


def count_at(path):
    words = (
        "".join(one if isinstance(one, str) else one.match.equals for one in path).lower().replace("_", "")
    )
    return next((value for word, value in COUNTS.items() if word in words), OUTPUT)


def own_model(provider):
    """Return a model whose bare name is enough to say that this provider sells it, or any."""
    names = [model.id for model in provider.models]
    return next((name for name in names if getattr(look_up(name), "provider", None) is provider), names[0])


def answers():
    """Return an answer of each shape that the package knows, with its extractor, by the first vendor that has it."""
    found = {}
    for provider in get_snapshot().providers:
        for extractor in provider.extractors or ():
            shape = str((extractor.root, extractor.model_path, extractor.mappings))
            model = "text-embedding-3-small" if "embeddings" in extractor.api_flavor else own_model(provider)
            answer = {}
            for mapping in extractor.mappings:
                path = steps(mapping.path)
                placed(answer, steps(extractor.root) + path, count_at(path))
            placed(answer, steps(extractor.model_path), model)
            found.setdefault(shape, (f"{provider.id} {extractor.api_flavor}", answer, extractor))
    return {name: (answer, extractor) for name, answer, extractor in found.values()}


ANSWERS = answers()


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_is_counted_as_the_price_package_counts_it(tmp_path, name):
    answer, extractor = ANSWERS[name]
    _, usage = extractor.extract(json.loads(json.dumps(answer)))
    (tmp_path / "log.jsonl").write_text(json.dumps(answer) + "\n")
    totals = read_log(tmp_path / "log.jsonl").totals
    told = {theirs: totals.get(ours, 0) for theirs, ours in NAMES.items()}
    assert told == {theirs: getattr(usage, theirs, None) or 0 for theirs in NAMES}
    # citations have a price of their own, which no log's output has: they are left out
    assert totals["output_tokens"] == (usage.output_tokens or 0) - (usage.output_citation_tokens or 0)
