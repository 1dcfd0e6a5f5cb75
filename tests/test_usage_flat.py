"""Lines of JSON that are rows of a table are read as one; whatever is not comes to what a reading row by row says."""

import json
from pathlib import Path

import duckdb
import pytest

from planner.usage import flat_json, one_file, read_log, verdicts
from planner.usage.log_summary import LogSummary

ROWS = 1_200


def _row(place: int) -> dict[str, object]:
    row: dict[str, object] = {
        "created_at": f"2026-08-{1 + place % 28:02d}T10:{place % 60:02d}:00Z", "model": ("gpt-5.4", "claude-sonnet-4-5")[place % 2],
        "prompt_tokens": 1_000 + place % 7, "completion_tokens": 100 + place % 5, "cost_usd": 0.001 * (place % 3),
        "messages": [{"role": "user", "content": "hello"}], "tags": ["a"], "status": 200, "note": None,
    }  # fmt: skip
    if place % 50 == 49:  # a failure has keys of its own
        row |= {"status": 500, "error": "overloaded"}
    return row


def _log(folder: Path, changes: dict[int, object]) -> Path:
    path = folder / "log.jsonl"
    path.write_text(
        "\n".join(json.dumps(changes.get(place, _row(place))) for place in range(ROWS)), encoding="utf-8"
    )
    return path


def _read(
    path: Path, monkeypatch: pytest.MonkeyPatch, *, flat: bool
) -> tuple[dict[str, float], dict[str, int], bool]:
    """Return what a log says of each model, what was left out, and whether it was read as a table."""
    asked: list[bool] = []
    true_flat = one_file._flat

    def watched(*given: object) -> object:
        found = true_flat(*given)
        asked.append(found is not None)
        return found

    with monkeypatch.context() as patch:
        patch.setattr(flat_json, "FROM_BYTES", 0 if flat else 10**12)
        patch.setattr(one_file, "_flat", watched)
        found = read_log(path)
    return _said(found), found.bad, asked[0]


def _said(found: LogSummary) -> dict[str, float]:
    said = {f"{used.model} {name}": value for used in found.mix for name, value in used.means.items()}
    said |= {f"{used.model} requests": used.requests for used in found.mix}
    return said | {"first": found.first_s, "last": found.last_s, "failed": found.failed_share}


def test_lines_that_are_rows_of_a_table_are_read_as_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = _log(tmp_path, {})
    said, bad, as_table = _read(path, monkeypatch, flat=True)
    by_row, bad_by_row, _ = _read(path, monkeypatch, flat=False)
    assert as_table
    assert said == pytest.approx(by_row)
    assert bad == bad_by_row


@pytest.mark.parametrize(
    "odd",
    [
        {**_row(1), "usage": {"prompt_tokens": 5, "completion_tokens": 900}},
        {**_row(1), "metadata": '{"usage": {"prompt_tokens": 7, "completion_tokens": 800}}'},
        {"model": "gpt-5.4", "results": [_row(1), _row(2)]},
        [_row(1), _row(2)],
        "a text",
        {**_row(1), "Model": "gpt-4o"},
        {"completion_tokens": 3, "prompt_tokens": 4, "model": "gpt-5.4"},
    ],
    ids=["nested usage", "JSON in a text", "a list of calls", "a list at the top", "no object", "a name twice", "another order"],
)  # fmt: skip
def test_one_line_of_another_shape_far_down_sends_the_log_to_the_reading_row_by_row(
    odd: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = _log(tmp_path, {ROWS - 10: odd})
    said, bad, as_table = _read(path, monkeypatch, flat=True)
    by_row, bad_by_row, _ = _read(path, monkeypatch, flat=False)
    assert not as_table
    assert said == pytest.approx(by_row)
    assert bad == bad_by_row


def test_rows_with_one_id_are_still_joined(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = _log(tmp_path, {place: {**_row(place), "request_id": "one"} for place in (3, 5, ROWS - 1)})
    said, _, as_table = _read(path, monkeypatch, flat=True)
    by_row, _, _ = _read(path, monkeypatch, flat=False)
    assert not as_table
    assert said == pytest.approx(by_row)


def test_words_that_are_looked_up_say_what_they_say_in_their_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [
        {**_row(place), "messages": "hello", "tags": "a", "note": (None, "x")[place % 2],
         "status": ("ok", "error", "cancelled", "pending", None, "429", " Completed ")[place % 7],
         "error": (None, "", "Too many requests", "none")[place % 4], "cache_hit": ("false", "HIT", None)[place % 3],
         "model": ("gpt-5.4", "text-embedding-3-small", None, "total", "claude-sonnet-4-5")[place % 5],
         "request_type": ("chat", "embedding", "http", None)[place % 4]}
        for place in range(ROWS)
    ]  # fmt: skip
    path = tmp_path / "log.parquet"
    connection = duckdb.connect()
    (tmp_path / "log.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    connection.execute(
        f"COPY (SELECT * FROM read_json('{tmp_path / 'log.jsonl'}')) TO '{path}' (FORMAT parquet)"
    )
    looked_up = read_log(path)
    monkeypatch.setattr(verdicts, "MOST_DIFFERENT", 10)
    in_place = read_log(path)
    assert _said(looked_up) == pytest.approx(_said(in_place))
    assert (looked_up.skipped, looked_up.bad) == (in_place.skipped, in_place.bad)
    assert 0 < looked_up.failed_share < 0.5
