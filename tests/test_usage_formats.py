"""Each format that teams have, by a small log in its own shape; field names as the products have them."""

import json
import tomllib
from datetime import UTC, datetime, timedelta

import pytest

from planner.files import load_text
from planner.schema import Range, Scenario
from planner.usage import read_log

pytest.importorskip("duckdb", reason="reading logs needs the extra `usage`")

START = datetime(2026, 9, 7, tzinfo=UTC)
SECRET = "Dear doctor, my sister's passport is X1234567"
N = 400


def stamps(n=N, step_s=900.0):
    return [START + timedelta(seconds=index * step_s) for index in range(n)]


def lines(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def table(path, rows):
    names = list(rows[0])
    quoted = [['"' + str(row[name]).replace('"', '""') + '"' for name in names] for row in rows]
    path.write_text("\n".join([",".join(names), *map(",".join, quoted)]) + "\n")
    return path


def litellm(folder):
    return table(folder / "spend.csv", [
        {"request_id": index, "call_type": "acompletion", "api_key": "sk-hash", "spend": 0.01, "total_tokens": 1100,
         "prompt_tokens": 1000, "completion_tokens": 100, "startTime": at.isoformat(), "endTime": at.isoformat(),
         "model": "gpt-4o", "custom_llm_provider": "openai", "cache_hit": "True" if index % 4 == 0 else "None",
         "status": "failure" if index % 10 == 9 else "success", "messages": SECRET, "response": SECRET,
         "metadata": json.dumps({"user": SECRET})}
        for index, at in enumerate(stamps())
    ])  # fmt: skip


def openai_usage(folder):
    buckets = [
        {"object": "bucket", "start_time": int(at.timestamp()), "end_time": int(at.timestamp()) + 3600, "results": [
            {"object": "organization.usage.completions.result", "input_tokens": 50_000, "output_tokens": 5_000,
             "input_cached_tokens": 20_000, "num_model_requests": 50, "model": "gpt-4o", "batch": False,
             "project_id": SECRET},
        ]}
        for at in stamps(n=48, step_s=3600)
    ]  # fmt: skip
    path = folder / "usage.json"
    path.write_text(
        json.dumps({"object": "page", "data": buckets, "has_more": False, "next_page": None}, indent=1)
    )
    return path


def anthropic_report(folder):
    return lines(folder / "report.jsonl", [{"data": [
        {"starting_at": at.isoformat(), "ending_at": (at + timedelta(days=1)).isoformat(), "results": [
            {"uncached_input_tokens": 600_000, "cache_read_input_tokens": 300_000, "output_tokens": 100_000,
             "cache_creation": {"ephemeral_5m_input_tokens": 60_000, "ephemeral_1h_input_tokens": 40_000},
             "model": "claude-sonnet-4-5", "service_tier": "standard", "workspace_id": SECRET}]}
        for at in stamps(n=10, step_s=86_400)
    ], "has_more": False}])  # fmt: skip


def anthropic_console(folder):
    return table(folder / "console.csv", [
        {"usage_date_utc": at.date().isoformat(), "model_version": "claude-sonnet-4-5", "api_key": SECRET,
         "usage_type": "standard", "usage_input_tokens_no_cache": 600_000,
         "usage_input_tokens_cache_write_5m": 60_000, "usage_input_tokens_cache_write_1h": 40_000,
         "usage_input_tokens_cache_read": 300_000, "usage_output_tokens": 100_000, "web_search_count": 0}
        for at in stamps(n=10, step_s=86_400)
    ])  # fmt: skip


def spans(folder):
    """OTLP as the collector's file exporter writes it: a batch of spans a line, numbers as text."""

    def attribute(key, kind, value):
        return {"key": key, "value": {kind: value}}

    def span(at, index):
        return {"name": "chat gpt-4o", "startTimeUnixNano": str(int(at.timestamp() * 1e9)), "status":
                {"code": 2} if index % 10 == 9 else {}, "attributes": [
            attribute("gen_ai.operation.name", "stringValue", "chat"),
            attribute("gen_ai.provider.name", "stringValue", "openai"),
            attribute("gen_ai.request.model", "stringValue", "gpt-4o"),
            attribute("gen_ai.input.messages", "stringValue", SECRET),
            attribute("gen_ai.usage.input_tokens", "intValue", "1000"),
            attribute("gen_ai.usage.output_tokens", "intValue", "100"),
            attribute("gen_ai.usage.reasoning.output_tokens", "intValue", "40"),
            attribute("gen_ai.usage.cache_read.input_tokens", "intValue", "250")]}  # fmt: skip

    other = {
        "name": "GET /",
        "startTimeUnixNano": "1789000000000000000",
        "attributes": [attribute("url", "stringValue", SECRET)],
    }
    return lines(folder / "traces.jsonl", [
        {"resourceSpans": [{"scopeSpans": [{"spans": [span(at, index), other]}]}]}
        for index, at in enumerate(stamps())
    ])  # fmt: skip


def flat_spans(folder):
    """Spans as an SDK's console exporter writes them: attributes by name."""
    return lines(folder / "console.jsonl", [
        {"name": "chat", "start_time": at.isoformat(), "status": {"status_code": "ERROR" if i % 10 == 9 else "OK"},
         "attributes": {"gen_ai.request.model": "gpt-4o", "gen_ai.system": "openai",
                        "gen_ai.usage.prompt_tokens": 1000, "gen_ai.usage.completion_tokens": 100,
                        "gen_ai.usage.cache_read.input_tokens": 250, "gen_ai.prompt": SECRET}}
        for i, at in enumerate(stamps())
    ])  # fmt: skip


def langfuse(folder):
    return lines(folder / "observations.jsonl", [
        {"id": str(index), "trace_id": "t", "parent_observation_id": None, "type": kind, "name": SECRET,
         "start_time": at.strftime("%Y-%m-%d %H:%M:%S.%f"), "level": "ERROR" if index % 10 == 9 else "DEFAULT",
         "provided_model_name": "gpt-4o", "input": {"usage": SECRET}, "output": SECRET, "total_cost": 0.004,
         "usage_details": {"input": 750, "input_cached_tokens": 250, "output": 60, "output_reasoning_tokens": 40,
                           "total": 1100} if kind == "GENERATION" else {}}
        for index, at in enumerate(stamps()) for kind in ("GENERATION", "SPAN")
    ])  # fmt: skip


REQUEST_LOGS = {
    "LiteLLM spend log": litellm,
    "OpenTelemetry GenAI spans": spans,
    "OpenTelemetry GenAI spans (flat)": flat_spans,
    "Langfuse export": langfuse,
}
EXPORTS = {
    "OpenAI usage export": openai_usage,
    "Anthropic usage report": anthropic_report,
    "Anthropic usage export": anthropic_console,
}


def imported(maker, folder):
    columns = {"requests_per_month": "30k"} if maker in (anthropic_report, anthropic_console) else None
    return read_log(maker(folder), columns=columns)


@pytest.mark.parametrize(("form", "maker"), REQUEST_LOGS.items(), ids=REQUEST_LOGS)
def test_a_request_log_gives_the_means_it_was_made_with(tmp_path, form, maker):
    found = imported(maker, tmp_path)
    assert found.form == form.removesuffix(" (flat)")
    assert found.prompt_tokens.value == pytest.approx(1000)
    assert (
        found.answer_tokens.value + (found.reasoning_tokens.value if found.reasoning_tokens.known else 0)
        == 100
    )
    assert found.failed_share == pytest.approx(0.1)
    assert found.mix[0].model == "openai:gpt-4o"
    assert not found.bad


def test_cached_and_reasoning_tokens_are_told_apart(tmp_path):
    for maker in (spans, langfuse):
        found = imported(maker, tmp_path)
        assert found.cache_read_share.value == pytest.approx(0.25)
        assert (found.answer_tokens.value, found.reasoning_tokens.value) == (60, 40)


def test_answers_that_a_proxy_reused_are_no_spend(tmp_path):
    found = imported(litellm, tmp_path)
    # of 400 rows 100 are reused; the 40 failed ones are all odd
    assert found.reused_share.value == pytest.approx(100 / 360)
    line = found.spend[0]
    usd_per_call = (1000 * 2.5 + 100 * 10) / 1e6  # gpt-4o
    assert line.list_usd == pytest.approx(260 * usd_per_call)
    assert line.logged_usd == pytest.approx(400 * 0.01)
    assert line.difference_usd == pytest.approx(4.0 - 260 * usd_per_call)


def test_spans_that_are_no_call_are_passed_over_and_counted(tmp_path):
    assert imported(spans, tmp_path).skipped == N
    assert imported(langfuse, tmp_path).skipped == N


def test_an_export_with_counts_gives_means_per_request(tmp_path):
    found = imported(openai_usage, tmp_path)
    assert found.form == "OpenAI usage export"
    assert (found.prompt_tokens.value, found.answer_tokens.value) == (1000, 100)
    assert found.cache_read_share.value == pytest.approx(0.4)
    assert found.requests == 48 * 50
    assert found.requests_per_month.value == pytest.approx(50 * 730)
    assert not found.interarrival_cv2.known  # an hour's total says nothing of gaps


@pytest.mark.parametrize("maker", [anthropic_report, anthropic_console])
def test_an_export_without_counts_asks_for_them(tmp_path, maker):
    with pytest.raises(Exception, match="requests_per_month=250k"):
        read_log(maker(tmp_path))
    found = imported(maker, tmp_path)
    assert found.form == next(form for form, one in EXPORTS.items() if one is maker)
    # 10 days of a million prompt tokens; 30,000 requests a month of 730 h
    assert found.prompt_tokens.value * found.requests == pytest.approx(1e7)
    assert found.requests_per_month.value == pytest.approx(30_000)
    assert found.cache_read_share.value == pytest.approx(0.3)
    assert found.cache_write_share.value == pytest.approx(0.1)
    # 5-minute writes cost 1.25, one-hour writes 2, reads 0.1 of the input price of $3
    cache_usd = 10 * (0.06 * 3.75 + 0.04 * 6.0 + 0.3 * 0.3)
    assert found.spend[0].cache_usd == pytest.approx(cache_usd, rel=1e-6)


@pytest.mark.parametrize("maker", [*REQUEST_LOGS.values(), *EXPORTS.values()])
def test_what_an_import_says_is_a_scenario_with_its_sources(tmp_path, maker):
    found = imported(maker, tmp_path)
    text = found.as_toml("chat room")
    scenario = Scenario.from_table(tomllib.loads(text))
    assert load_text(text, path=tmp_path / "new.toml").scenario == scenario
    workload = scenario.workloads["chat room"]
    assert float(workload.prompt_tokens) == pytest.approx(found.prompt_tokens.value, rel=0.02)
    assert workload.context_tokens == 0
    assert scenario.source["workloads.chat room.prompt_tokens"].startswith(found.path.name)
    assert isinstance(workload.routing.share_to_last, float | Range)


@pytest.mark.parametrize("maker", [*REQUEST_LOGS.values(), *EXPORTS.values()])
def test_nothing_that_people_wrote_comes_out_of_an_import(tmp_path, maker):
    found = imported(maker, tmp_path)
    out = repr(found) + found.as_toml() + repr(found.summary())
    for piece in ("doctor", "sister", "passport", "X1234567"):
        assert piece not in out
