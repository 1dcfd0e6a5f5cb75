"""Lines of JSON that are rows of a table are read as one; whatever is not comes to what a reading row by row says."""

import json
from pathlib import Path

import pytest

from planner.usage import flat_json, one_file, read_log

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
    said = {f"{used.model} {name}": value for used in found.mix for name, value in used.means.items()}
    said |= {f"{used.model} requests": used.requests for used in found.mix}
    return said | {"first": found.first_s, "last": found.last_s}, found.bad, asked[0]


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
