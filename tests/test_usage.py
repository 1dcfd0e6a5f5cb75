"""Logs with the statistics of public traces give those statistics back; damaged ones give words."""

import os
import tomllib

import numpy as np
import pytest

from planner.errors import ScenarioError
from planner.schema import Scenario
from planner.usage import read_log
from planner.usage.spend import _difference

duckdb = pytest.importorskip("duckdb", reason="reading logs needs the extra `usage`")

START_S = 1_788_652_800.0  # 2026-09-06, a Sunday, 00:00 UTC
HOUR_S, DAY_S = 3600.0, 86_400.0

# Azure LLM inference 2023, conversations: AzurePublicDataset @b469a113, read 2026-11
AZURE_CONV = {
    "prompt": 1154.7,
    "prompt_cv2": 0.922,
    "output": 211.1,
    "output_cv2": 0.595,
    "cv2": 1.197,
    "rps": 5.53,
}
# BurstGPT, hour of day relative to the mean, GPT-4 share, failures: aggregates of BurstGPT_1.csv, read 2026-11
BURST_HOURS = (
    0.9628, 0.914, 0.5853, 0.5253, 0.377, 0.3497, 0.1984, 0.157, 0.182, 0.4259, 0.8999, 1.3173, 1.7861, 1.5371, 1.8389,
    1.4347, 1.5109, 1.3883, 1.2095, 1.6052, 1.3852, 1.2032, 1.1561, 1.0504,
)  # fmt: skip
BURST_GPT4_SHARE, BURST_FAILED_SHARE = 0.1532, 0.0178
# Mooncake conversations: FAST25 trace @3b5a5941, read 2026-11
MOONCAKE = {"prompt": 12_035.0, "output": 342.6, "prefix_hit_share": 0.3736}
# ServeGen language/m-small: mean-weighted variation of gaps, read 2026-11
SERVEGEN_CV2 = 3.58**2


def lognormal(rng, mean, cv2, n):
    sigma2 = np.log1p(cv2)
    return np.maximum(np.rint(rng.lognormal(np.log(mean) - sigma2 / 2, np.sqrt(sigma2), n)), 0)


def renewal(rng, cv2, rps, n):
    """Return arrival times with gamma gaps of this squared variation."""
    return np.cumsum(rng.gamma(1 / cv2, cv2 / rps, n))


def by_hour(rng, weights, per_hour):
    """Return arrival times that are Poisson inside of each hour, with these means."""
    counts = rng.poisson(np.asarray(weights) * per_hour)
    return np.concatenate(
        [hour * HOUR_S + np.sort(rng.uniform(0, HOUR_S, n)) for hour, n in enumerate(counts)]
    )


def log_of(path, times_s, **columns):
    """Write a Parquet log: a row for each time, with these columns."""
    names = ["started_at", *columns]
    values = [np.asarray(times_s) + START_S, *columns.values()]
    connection = duckdb.connect()
    table = {name: np.asarray(value) for name, value in zip(names, values, strict=True)}
    connection.register("log", table)
    times = "make_timestamp(CAST(started_at * 1e6 AS BIGINT))"
    connection.execute(
        f"COPY (SELECT * REPLACE ({times} AS started_at) FROM log) TO '{path}' (FORMAT parquet)"
    )
    return path


def inside(found, truth, *, within):
    assert found.value == pytest.approx(truth, rel=within)
    assert found.low <= truth * (1 + within / 2)
    assert found.high >= truth * (1 - within / 2)


def test_an_hour_of_conversations_gives_its_means_and_burstiness_back(tmp_path):
    rng = np.random.default_rng(2023)
    n = 60_000
    log = log_of(
        tmp_path / "azure.parquet",
        renewal(rng, AZURE_CONV["cv2"], AZURE_CONV["rps"], n),
        ContextTokens=lognormal(rng, AZURE_CONV["prompt"], AZURE_CONV["prompt_cv2"], n),
        GeneratedTokens=lognormal(rng, AZURE_CONV["output"], AZURE_CONV["output_cv2"], n),
    )
    found = read_log(log)
    inside(found.prompt_tokens, AZURE_CONV["prompt"], within=0.02)
    inside(found.answer_tokens, AZURE_CONV["output"], within=0.02)
    inside(found.answer_length_cv2, AZURE_CONV["output_cv2"], within=0.05)
    inside(found.interarrival_cv2, AZURE_CONV["cv2"], within=0.05)


@pytest.mark.parametrize("tick_s", [0.001, 1.0])
@pytest.mark.parametrize("cv2", [1.0, AZURE_CONV["cv2"], SERVEGEN_CV2])
def test_burstiness_survives_a_clock_of_whole_seconds(tmp_path, cv2, tick_s):
    rng = np.random.default_rng(7)
    n = 150_000
    times = np.floor(renewal(rng, cv2, AZURE_CONV["rps"], n) / tick_s) * tick_s
    log = log_of(
        tmp_path / "ticks.parquet", times, prompt_tokens=np.full(n, 9), completion_tokens=np.full(n, 9)
    )
    # counts in bins of ten seconds see a little less than the limit where bursts last longer than a bin
    inside(read_log(log).interarrival_cv2, cv2, within=0.12)


def test_the_daily_rhythm_is_in_the_busiest_hour_and_not_in_the_burstiness(tmp_path):
    rng = np.random.default_rng(11)
    times = by_hour(rng, np.tile(BURST_HOURS, 21), per_hour=400)
    n = len(times)
    log = log_of(
        tmp_path / "burst.parquet",
        times,
        **{"Request tokens": lognormal(rng, 600, 1, n), "Response tokens": lognormal(rng, 130, 1, n)},
        Model=np.where(rng.random(n) < BURST_GPT4_SHARE, "gpt-4", "gpt-3.5-turbo"),
        status=np.where(rng.random(n) < BURST_FAILED_SHARE, 500, 200),
    )
    found = read_log(log)
    # a week's busiest hour is the largest of seven draws around the daily peak: some percent above it
    assert max(BURST_HOURS) * 0.98 < found.peak_to_mean.value < max(BURST_HOURS) * 1.12
    inside(found.interarrival_cv2, 1.0, within=0.05)
    assert found.failed_share == pytest.approx(BURST_FAILED_SHARE, rel=0.1)
    shares = {used.model: used.share for used in found.mix}
    inside(shares["openai:gpt-4"], BURST_GPT4_SHARE, within=0.05)
    assert [used.model for used in found.mix] == ["openai:gpt-3.5-turbo", "openai:gpt-4"]
    workload = Scenario.from_table(tomllib.loads(found.as_toml())).workloads["imported"]
    assert float(workload.routing.share_to_last) == pytest.approx(BURST_GPT4_SHARE, rel=0.05)


def test_a_shared_prefix_is_found_as_a_share_of_tokens_not_of_requests(tmp_path):
    rng = np.random.default_rng(25)
    n = 20_000
    prompt = lognormal(rng, MOONCAKE["prompt"], 1.6, n)
    hit = rng.beta(2, 2 / MOONCAKE["prefix_hit_share"] - 2, n)
    log = log_of(
        tmp_path / "mooncake.parquet", np.sort(rng.uniform(0, 10 * DAY_S, n)), input_length=prompt,
        output_length=lognormal(rng, MOONCAKE["output"], 0.9, n), cached_tokens=np.floor(prompt * hit),
    )  # fmt: skip
    found = read_log(log)
    inside(found.prompt_tokens, MOONCAKE["prompt"], within=0.04)
    inside(found.cache_read_share, MOONCAKE["prefix_hit_share"], within=0.03)


def test_growth_is_told_from_whole_weeks_and_the_weekend_is_no_fall(tmp_path):
    rng = np.random.default_rng(3)
    hours = np.arange(24 * 7 * 8)
    weekend = np.where((hours // 24) % 7 >= 5, 0.4, 1.2)
    growth = 1.10 ** (hours / 730)
    times = by_hour(rng, weekend * growth, per_hour=120)
    n = len(times)
    log = log_of(tmp_path / "grow.parquet", times, tokens_in=np.full(n, 500), tokens_out=np.full(n, 50))
    found = read_log(log)
    assert found.growth_per_month.value == pytest.approx(0.10, abs=0.01)
    assert found.growth_per_month.low < 0.10 < found.growth_per_month.high
    assert "growth_share_per_month" in found.as_toml()


def test_means_drive_cost_so_a_long_tail_is_not_cut(tmp_path):
    prompt = np.r_[np.full(990, 100.0), np.full(10, 100_000.0)]
    log = log_of(
        tmp_path / "tail.parquet", np.arange(1000.0) * 60, prompt_tokens=prompt, output_tokens=prompt * 0 + 1
    )
    assert read_log(log).prompt_tokens.value == pytest.approx(1099)


def test_ninety_percent_ranges_hold_the_truth_about_as_often_as_they_say(tmp_path):
    hits = 0
    for seed in range(30):
        rng = np.random.default_rng(seed)
        n = 2_000
        log = log_of(
            tmp_path / f"{seed}.parquet", np.sort(rng.uniform(0, 14 * DAY_S, n)),
            prompt_tokens=lognormal(rng, 1000, 1, n), output_tokens=lognormal(rng, 100, 1, n),
        )  # fmt: skip
        found = read_log(log).prompt_tokens
        hits += found.low <= 1000 <= found.high
    assert hits >= 24


def test_bad_rows_are_counted_by_reason_and_change_no_mean(tmp_path):
    path = tmp_path / "bad.csv"
    good = [f"2026-09-{day:02}T10:00:00Z,100,10,gpt-4o" for day in range(1, 29)]
    bad = [
        "yesterday,100,10,gpt-4o", "2026-09-03T10:00:00Z,many,10,gpt-4o", "2026-09-03T10:00:00Z,-5,10,gpt-4o",
        "2026-09-03T10:00:00Z,1e300,10,gpt-4o", "1970-01-01T00:00:00Z,100,10,gpt-4o", "2026-09-04T10:00:00Z,nan,1,x",
        "2026-09-03T10:00:00Z,100,10", "2026-09-03T10:00:00Z,100,10,gpt-4o,more", "2026-09-03T10:00:00Z,,,gpt-4o",
    ]  # fmt: skip
    path.write_text("\n".join(["time,prompt_tokens,completion_tokens,model", *good, *bad]) + "\n")
    found = read_log(path)
    timeless = 2  # "yesterday" and 1970: the tokens count
    assert found.used_rows == len(good) + timeless
    assert sum(found.bad.values()) == len(bad) - timeless
    assert found.rows == len(good) + len(bad)
    assert any("2 rows have a time that can't be read" in warning for warning in found.warnings)
    assert found.prompt_tokens.value == 100
    assert all(reason in str(found.summary()) + found.as_toml() for reason in found.bad)


def test_broken_lines_of_json_are_counted(tmp_path):
    path = tmp_path / "broken.jsonl"
    row = '{"timestamp": 1788652800, "usage": {"prompt_tokens": 7, "completion_tokens": 3}}\n'
    path.write_bytes((row * 5).encode() + b'{"timestamp": \n[1, 2]\n"words"\n\xff\xfe\n' + row.encode())
    found = read_log(path)
    assert (found.used_rows, sum(found.bad.values())) == (6, 4)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_table_is_read_in_the_encodings_that_exports_have(tmp_path, encoding):
    path = tmp_path / "encoded.csv"
    path.write_text(
        "time;Größe;prompt tokens;output tokens\n2026-09-01;ü;10;2\n2026-09-02;ä;10;2\n", encoding
    )
    assert read_log(path).prompt_tokens.value == 10


def test_a_row_in_another_encoding_does_not_stop_the_rest(tmp_path):
    path = tmp_path / "mixed.csv"
    rows = ["time,user,prompt_tokens,output_tokens", *(f"2026-09-{day:02},Zoë,10,2" for day in range(1, 29))]
    path.write_bytes("\n".join(rows).encode() + "\n2026-09-29,Zoë,10,2\n".encode("latin-1"))
    found = read_log(path)
    assert found.used_rows + sum(found.bad.values()) == 29
    assert found.used_rows >= 28


def test_lines_that_end_in_several_ways_are_lines(tmp_path):
    path = tmp_path / "joined.csv"
    path.write_bytes(HEAD + b"2026-09-01,10,2\r\n2026-09-02,10,2\n2026-09-03,10,2\r\n")
    assert read_log(path).used_rows == 3


def unusable(tmp_path, name):
    path = tmp_path / "log"
    if name == "a folder":
        path.mkdir()
    elif name == "a pipe":
        os.mkfifo(path)
    elif name != "nothing":
        path.write_bytes(UNUSABLE[name][0])
    return path


HEAD = b"time,prompt_tokens,completion_tokens\n"
UNUSABLE = {
    "nothing": (b"", "doesn't exist"),
    "a folder": (b"", "is a folder"),
    "a pipe": (b"", "is a device or a pipe"),
    "an empty file": (b"", "is empty"),
    "blank lines": (b"\n \n\n", "is empty"),
    "only a header": (HEAD, "no row"),
    "other columns": (b"a,b\n1,2\n3,4\n", "--column prompt_tokens=NAME"),
    "no header": (b"1788652800,12,4\n1788652801,12,4\n", "no line of column names"),
    "no good row": (HEAD + b"x,y,z\nx,y,z\n", "has no row that can be used"),
    "only failures": (
        b"time,status,prompt_tokens,completion_tokens\n2026-09-01,error,,\n",
        "only failed calls",
    ),
    "a picture": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "neither text nor Parquet"),
    "half a Parquet file": (b"PAR1" + b"\0" * 200, "can't be read as Parquet"),
    "half a gzip file": (b"\x1f\x8b\x08\0\0", "can't be unpacked"),
    "half a JSON list": (b'[{"prompt_tokens": 1, "completion_tokens": 2}, {"prom', "can't be read"),
    "a JSON list of numbers": (b"[1, 2, 3]", "no column that is known"),
    "prose": (b"Dear all,\nplease find below\n", "--column prompt_tokens=NAME"),
    "a bare brace": (b"{", "can't be"),
    "deep JSON": (b'{"a":' * 5_000 + b"1" + b"}" * 5_000, "can't be"),
}


@pytest.mark.parametrize("name", UNUSABLE)
def test_what_is_no_log_is_refused_in_words(tmp_path, name):
    path = unusable(tmp_path, name)
    with pytest.raises(ScenarioError) as caught:
        read_log(path)
    text = str(caught.value)
    assert UNUSABLE[name][1] in text
    assert not any(word in text for word in ("Traceback", "Error:", "duckdb.", "LINE 1"))


def test_an_error_never_quotes_what_people_wrote(tmp_path):
    path = tmp_path / "secret.csv"
    secret = "my name is Jane Roe and I live at 5 Elm Street, ask me anything about it"
    path.write_text(f'"{secret}","2"\n"{secret}","{secret}"\n')
    with pytest.raises(ScenarioError) as caught:
        read_log(path)
    assert "Jane" not in str(caught.value)


def test_a_wrong_column_is_named_with_those_that_are_there(tmp_path):
    path = tmp_path / "log.csv"
    path.write_bytes(b"time,tok_a,tok_b\n2026-09-01,1,2\n")
    with pytest.raises(ScenarioError) as caught:
        read_log(path, columns={"prompt_tokens": "tok_x", "colour": "tok_a", "output_tokens": "tok_b"})
    text = str(caught.value)
    assert '"tok_x", which is not there' in text
    assert "tok_a, tok_b" in text
    assert "colour" in text
    found = read_log(path, columns={"prompt_tokens": "tok_a", "output_tokens": "tok_b"})
    assert (found.prompt_tokens.value, found.answer_tokens.value) == (1, 2)


def test_a_name_full_of_wildcards_is_a_name(tmp_path):
    row = b"time,prompt_tokens,completion_tokens\n2026-09-01,%d,2\n"
    (tmp_path / "a1.csv").write_bytes(row % 5)
    (tmp_path / "a[1]*?'.csv").write_bytes(row % 9)
    assert read_log(tmp_path / "a[1]*?'.csv").prompt_tokens.value == 9


def test_hostile_names_come_out_harmless(tmp_path):
    path = tmp_path / "x\x1b[31m\u202e'\".csv"
    path.write_text(
        "time,model,prompt_tokens,completion_tokens\n"
        '2026-09-01,"[evil]\x1b]0;x\x07""\'",5,2\n2026-09-02,=cmd|calc,5,2\n'
    )
    found = read_log(path)
    text = found.as_toml('a."b\n[x]')
    assert not set("\x1b\u202e\x07") & set(text + str(found.summary()))
    scenario = Scenario.from_table(tomllib.loads(text))
    assert list(scenario.workloads) == ['a."b\n[x]']


def test_progress_goes_up_to_the_end_with_the_time_left(tmp_path):
    n = 400_000
    log = log_of(
        tmp_path / "long.parquet",
        np.arange(n) * 1.0,
        prompt_tokens=np.full(n, 9),
        output_tokens=np.full(n, 9),
    )
    told = []
    read_log(log, progress=lambda share, left_s: told.append((share, left_s)))
    shares = [share for share, _ in told]
    assert shares
    assert all(0 <= share <= 1 for share in shares)
    assert all(left_s >= 0 for _, left_s in told)


def test_without_duckdb_the_words_say_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "duckdb", None)
    path = tmp_path / "log.csv"
    path.write_bytes(HEAD + b"2026-09-01,1,2\n")
    with pytest.raises(ScenarioError, match=r"pip install -e '\.\[usage\]'"):
        read_log(path)


def test_what_rounding_leaves_is_no_difference_from_the_list_price():
    cents = [0.1] * 3
    assert _difference(sum(cents), 0.3) == 0.0
    assert _difference(0.31, 0.3) == pytest.approx(0.01)


def test_dates_that_begin_with_a_year_of_two_figures_are_not_read_as_days(tmp_path):
    path = tmp_path / "calls.csv"
    rows = [f"26/11/{day:02} 10:00:00,gpt-5-mini,1000,100" for day in range(1, 28)]
    path.write_text("\n".join(["date,model,prompt_tokens,completion_tokens", *rows]))
    assert "2026-11-01 to 2026-11-27" in [row["value"] for row in read_log(path).summary()]
