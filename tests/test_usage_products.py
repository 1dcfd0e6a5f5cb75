"""Logs in the shapes of many products are read right, whatever their columns are called; nothing people wrote comes out."""

import bz2
import gzip
import io
import json
import lzma
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from planner.errors import ScenarioError
from planner.usage import read_log

pytest.importorskip("duckdb", reason="reading logs needs the extra `usage`")
sys.path.insert(0, str(Path(__file__).parent))
from usage_products import PRODUCTS

READ = {name: product for name, product in PRODUCTS.items() if "refuse" not in product.wanted}
REFUSED = {name: product for name, product in PRODUCTS.items() if "refuse" in product.wanted}
ROW = b'{"created":1795168800,"model":"gpt-4o","usage":{"prompt_tokens":1000,"completion_tokens":100}}\n'


def written(folder, product):
    path = folder / f"log.{product.extension}"
    path.write_bytes(product.data)
    return path


def told(found):
    """Return what an import says, under the names that products are described with."""
    totals = found.totals
    requests = totals["requests"]
    return {
        "requests": requests, "prompt": totals["prompt_tokens"] / requests, "output": totals["output_tokens"] / requests,
        "reasoning": totals["reasoning_tokens"], "read": totals["cache_read_tokens"], "write": totals["cache_write_tokens"],
        "write1h": totals["cache_write_1h_tokens"], "failed": found.failed_share, "logged": totals["logged_usd"],
        "list": totals["list_usd"], "first": found.first_s, "last": found.last_s, "rpm": found.requests_per_month.value,
    }  # fmt: skip


@pytest.mark.parametrize("name", READ)
def test_a_log_of_this_product_is_read_right(tmp_path, name):
    product = READ[name]
    found = read_log(written(tmp_path, product), columns=product.columns)
    numbers = {key: value for key, value in product.wanted.items() if isinstance(value, int | float)}
    assert {key: told(found)[key] for key in numbers} == pytest.approx(numbers, rel=1e-6, abs=1e-9)
    assert found.currency == product.wanted.get("currency", found.currency)
    assert product.wanted.get("tier", "standard") in {used.processing for used in found.mix}
    assert any(product.wanted.get("warn", "") in warning for warning in [*found.warnings, ""])
    out = repr(found) + found.as_toml() + repr(found.summary())
    assert not any(piece in out for piece in ("doctor", "sister", "passport", "X1234567"))


@pytest.mark.parametrize("name", REFUSED)
def test_what_holds_no_calls_is_named_for_what_it_is(tmp_path, name):
    product = REFUSED[name]
    with pytest.raises(ScenarioError, match=product.wanted["refuse"]):
        read_log(written(tmp_path, product))


def zipped(data):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("inside/one.jsonl", data)
        archive.writestr("__MACOSX/inside/._one.jsonl", b"junk")
    return file.getvalue()


def tarred(data):
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as archive:
        member = tarfile.TarInfo("one.jsonl")
        member.size = len(data)
        archive.addfile(member, io.BytesIO(data))
    return file.getvalue()


def zstd(data):
    return pytest.importorskip("zstandard").ZstdCompressor().compress(data)


PACKERS = {
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zip": zipped,
    "tar.gz": tarred,
    "zst": zstd,
}


@pytest.mark.parametrize("kind", PACKERS)
def test_a_packed_log_says_what_the_log_says(tmp_path, kind):
    path = tmp_path / f"log.jsonl.{kind}"
    path.write_bytes(PACKERS[kind](ROW))
    assert told(read_log(path))["prompt"] == 1000


@pytest.mark.parametrize("kind", PACKERS)
def test_a_broken_archive_is_refused_in_words(tmp_path, kind):
    path = tmp_path / f"log.jsonl.{kind}"
    path.write_bytes(PACKERS[kind](ROW * 50)[:60])
    with pytest.raises(ScenarioError, match=r"unpacked|no row|can't be read|no column|is empty"):
        read_log(path)


ODD_PLACES = {
    "a word in the place of a window": b'{"session_id":"s","model":"gpt-4o","context_window":{"total_input_tokens":1000,"total_output_tokens":100}}\n'
    b'{"session_id":"s","model":"gpt-4o","context_window":"0000-00-00"}\n',
    "a line end inside of a row": b"time,model,prompt_tokens,completion_tokens\n2026-11-20,gpt\r-4o,1000,100\n",
}  # fmt: skip


@pytest.mark.parametrize("what", ODD_PLACES)
def test_what_stands_in_an_odd_place_ends_in_words_or_numbers(tmp_path, planner, what):
    (tmp_path / "log.txt").write_bytes(ODD_PLACES[what])
    code, _, err = planner("import", str(tmp_path / "log.txt"))
    assert code in (0, 2)
    assert "Traceback" not in err


def test_the_same_calls_in_two_files_are_counted_once(tmp_path):
    row = b'{"id":"%s","created":1795168800,"model":"gpt-4o","usage":{"prompt_tokens":1000,"completion_tokens":100}}\n'
    (tmp_path / "a.jsonl").write_bytes(row % b"r1" + row % b"r2")
    (tmp_path / "b.jsonl").write_bytes(row % b"r2" + row % b"r3")
    found = read_log(tmp_path)
    assert found.requests == 3
    assert any("1 rows that repeat a call" in warning for warning in found.warnings)


def test_a_file_that_is_a_copy_of_another_is_counted_once_without_ids(tmp_path):
    (tmp_path / "a.jsonl").write_bytes(ROW * 2)
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(ROW * 2))
    (tmp_path / "b.jsonl").write_bytes(ROW * 3)
    found = read_log(tmp_path)
    assert found.requests == 5
    assert any("1 files that are copies of others" in warning for warning in found.warnings)


def test_a_table_read_at_once_says_what_it_says_row_by_row(tmp_path):
    rows = ["time,model,prompt_tokens,completion_tokens,cached_tokens,cost,status"]
    rows += [
        f'2026-11-{day:02} 10:00,gpt-4o,"1,{day:03}",{day},{day * 7},$0.00{day},{200 if day % 5 else 500}'
        for day in range(1, 29)
    ]
    (tmp_path / "at-once.csv").write_text("\n".join(rows))
    (tmp_path / "row-by-row.csv.gz").write_bytes(gzip.compress("\n".join(rows).encode()))
    at_once, one_by_one = (told(read_log(tmp_path / name)) for name in ("at-once.csv", "row-by-row.csv.gz"))
    assert at_once == pytest.approx(one_by_one)


def test_times_are_left_alone_on_request(tmp_path):
    (tmp_path / "log.jsonl").write_bytes(ROW)
    found = read_log(tmp_path / "log.jsonl", no_time=True)
    assert not found.requests_per_month.known
    assert found.dates == "no dates"


def test_a_format_of_time_is_taken_from_the_user(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text("date,model,prompt_tokens,completion_tokens\n03|11|2026,gpt-4o,10,1\n")
    assert read_log(path, time_format="%d|%m|%Y").first_s == 1_793_664_000


SECRET = "my sister's passport is X1234567"
TOLD_TEXTS = {
    "prompts.jsonl": json.dumps({"model": "gpt-4o", "usage": {"prompt_tokens": 9, "completion_tokens": 3}, "input": SECRET, "output": SECRET,
        "messages": [{"role": "user", "content": SECRET}], "error": {"message": SECRET, "code": "x"}, "status": "ok"}),
    "answers.csv": f'time,model,result,prompt,prompt_tokens,completion_tokens\n2026-11-20,gpt-4o,"{SECRET}","{SECRET}",9,3\n',
    "broken.jsonl": '{"model": "gpt-4o", "prompt": "' + SECRET,
    "no-counts.jsonl": json.dumps({"question": SECRET, "answer": SECRET}),
    "as-header.csv": f'"{SECRET}","{SECRET} too"\n"{SECRET}",1\n',
    "pairs.log": f'ts=2026-11-20T10:00:00Z msg="{SECRET}" model=gpt-4o prompt_tokens=9 completion_tokens=3\n',
    "failed.jsonl": json.dumps({"model": "gpt-4o", "error": SECRET, "prompt": SECRET}),
}  # fmt: skip


@pytest.mark.parametrize("name", TOLD_TEXTS)
def test_nothing_that_people_wrote_is_kept_or_said_not_even_in_an_error(tmp_path, planner, name):
    (tmp_path / name).write_text(TOLD_TEXTS[name])
    for asked in ((), ("--json",)):
        _, out, err = planner("import", str(tmp_path / name), *asked)
        assert "passport" not in out + err
        assert "X1234567" not in out + err
