import json
from pathlib import Path

import pytest
from plans import shipped

from planner.cli.io.layout import cells

ROOT = Path(__file__).parents[1]
COPILOT = str(ROOT / "saved/support-copilot.toml")
ROUTING = str(ROOT / "saved/support-copilot-rag-routing.toml")


def test_ten_million_requests_on_a_mix_of_two_models_cost_42750_usd(planner, mix):
    # small: 7M * (3,000 * 0.15 + 500 * 0.60) / 1e6 = 5,250; large: 3M * (3,000 * 2.50 + 500 * 10) / 1e6 = 37,500
    code, out, _ = planner("show", mix, "--json")
    shown = json.loads(out)
    assert code == 0
    assert shown["metrics"]["gross_burn_usd_per_month"] == pytest.approx(42_750)
    assert shown["metrics"]["usd_per_request"] == pytest.approx(0.004275)
    assert shown["metrics"]["runway_months"] == pytest.approx(1_000_000 / 42_750)
    assert shown["metrics"]["runway_state"] == "cash_out"


def test_json_has_the_keys_that_scripts_rely_on(planner):
    shown = json.loads(planner("show", COPILOT, "--json", "--samples", 64)[1])
    assert {"title", "metrics", "reasons", "ranges", "workloads", "line_items", "months"} <= set(shown)
    assert {
        "gross_burn_usd_per_month", "net_burn_usd_per_month", "runway_months", "runway_state", "gross_margin_share",
        "usd_per_request", "usd_per_outcome", "usd_per_mtok", "success_share", "p95_latency_s", "gpus",
    } <= set(shown["metrics"])  # fmt: skip
    assert all(set(each) == {"p5", "p50", "p95"} for each in shown["ranges"].values())
    assert {"revenue_usd", "cogs_usd", "cash_usd", "net_burn_usd"} <= set(shown["months"])
    assert {len(values) for values in shown["months"].values()} == {36}
    total = sum(item["usd_per_month"] for item in shown["line_items"])
    assert total == pytest.approx(shown["metrics"]["gross_burn_usd_per_month"])


def test_a_runway_that_does_not_end_is_null_and_named(planner, mix):
    mix.write_text(mix.read_text().replace("cash_usd = 1_000_000", "cash_usd = 1_000_000_000"))
    metrics = json.loads(planner("show", mix, "--json")[1])["metrics"]
    assert (metrics["runway_months"], metrics["runway_state"]) == (None, "beyond_horizon")
    assert "lasts all 36 months" in planner("show", mix)[1]


def test_what_can_not_be_computed_is_null_with_its_reason(planner, mix):
    shown = json.loads(planner("show", mix, "--json")[1])
    assert shown["metrics"]["gross_margin_share"] is None
    assert shown["reasons"]["gross_margin_share"] == "no revenue in month 1"
    assert "Gross margin" in planner("show", mix)[1].partition("Not available")[2]


def test_the_same_seed_draws_the_same_and_another_seed_another_sample(planner):
    def ranges(seed):
        return json.loads(planner("show", COPILOT, "--json", "--samples", 256, "--seed", seed)[1])["ranges"]

    assert ranges(1) == ranges(1)
    assert ranges(1) != ranges(2)


@pytest.mark.parametrize(
    "path", [path for path in shipped() if path.parent.name == "saved"], ids=lambda path: path.stem
)
def test_a_report_fits_80_columns(planner, path, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.chdir(ROOT)
    code, out, err = planner("show", path.relative_to(ROOT), "--samples", 64)
    assert (code, err) == (0, "")
    wide = [line for line in out.splitlines() if cells(line) > 80 and " " in line.strip()]
    assert wide == []


def test_sources_name_where_each_unknown_comes_from(planner):
    code, out, _ = planner("show", COPILOT, "--sources", "--json")
    sources = {each["path"]: each for each in json.loads(out)["sources"]}
    assert code == 0
    stated = sources["demand.growth_share_per_month"]
    assert stated["value"] == "0.04 to 0.12"
    assert "Alphabet" in sources["demand.usage_growth_x_per_year"]["source"]
    assert sources["demand.usage_growth_x_per_year"]["confidence"] == "low"


def test_all_problems_of_a_file_come_at_once_on_stderr_with_exit_2(planner, tmp_path):
    path = tmp_path / "bad.toml"
    path.write_text(
        "schema = 1\n[company]\ncash_usd = -5\n[demand]\nchurn_share_per_month = 2\ncustomrs = 1\n"
    )
    code, out, err = planner("show", path)
    assert (code, out) == (2, "")
    assert "company.cash_usd is -5" in err
    assert "demand.churn_share_per_month is 2" in err
    assert "Did you mean customers?" in err


def test_a_problem_found_in_the_catalog_names_the_file(planner, mix):
    mix.write_text(mix.read_text().replace("gpt-4o-mini", "gpt-4o-minni"))
    code, _, err = planner("show", mix)
    assert code == 2
    assert str(mix) in err
    assert "gpt-4o-mini" in err


def test_new_writes_a_scenario_that_show_accepts_and_overwrites_nothing(planner, tmp_path):
    path = tmp_path / "support-assistant.toml"
    assert planner("new", path)[0] == 0
    code, out, _ = planner("show", path, "--samples", 64)
    assert code == 0
    assert "Support assistant" in out
    path.write_text("mine")
    code, _, err = planner("new", path)
    assert (code, path.read_text()) == (2, "mine")
    assert "--force" in err
    assert planner("new", path, "--force")[0] == 0
    assert path.read_text().startswith("schema = 2")


def test_every_range_of_the_starter_has_a_source(planner, tmp_path):
    path = tmp_path / "plan.toml"
    planner("new", path)
    sources = json.loads(planner("show", path, "--sources", "--json")[1])["sources"]
    ranged = [each for each in sources if " to " in each["value"]]
    assert ranged
    assert all(each["source"] != "no source stated" for each in ranged)


def test_prices_carry_source_date_and_age(planner):
    code, out, _ = planner("prices", "openai:gpt-4o-mini", "--on", "2026-11-23", "--json")
    price = json.loads(out)["api"][0]
    assert code == 0
    assert (price["input_usd_per_mtok"], price["output_usd_per_mtok"]) == (0.15, 0.6)
    assert price["source"].startswith("genai-prices")
    assert price["age_days"] >= 0


def test_rents_older_than_sixty_days_warn(planner):
    assert "older than 60 days" in planner("prices", "H100-SXM", "on-demand", "--on", "2027-06-01")[1]
    assert (
        "older than 60 days" not in planner("prices", "H100-SXM", "RunPod", "spot", "--on", "2024-01-01")[1]
    )


def test_fields_list_unit_bounds_default_and_evidence(planner):
    found = json.loads(planner("fields", "share_to_last", "--json")[1])
    assert [each["path"] for each in found] == ["workloads.NAME.routing.share_to_last"]
    assert (found[0]["lo"], found[0]["hi"], found[0]["default"]) == (0, 1, 0)
    assert found[0]["evidence"] == "finding: rt-mtbench-mf"


def test_the_json_schema_knows_every_section_and_extends(planner):
    schema = json.loads(planner("schema")[1])
    assert {"company", "workloads", "deployments", "source", "extends"} <= set(schema["properties"])
    assert schema["additionalProperties"] is False


def test_a_sweep_shows_each_value_and_exports_bare_numbers(planner, mix):
    code, out, _ = planner("sweep", mix, "--over", "share_to_last=0,0.3,1", "--csv", "--metric", "gross_burn")
    rows = out.strip().splitlines()
    assert code == 0
    assert rows[0] == "workloads.chat.routing.share_to_last,gross_burn_usd_per_month,feasible"
    assert [round(float(row.split(",")[1])) for row in rows[1:]] == [7_500, 42_750, 125_000]


def test_a_sweep_shared_by_processes_prints_the_same(planner, mix):
    over = ("sweep", mix, "--over", "horizon_months=6,12,24", "--over", "share_to_last=0,0.5", "--json")
    alone, shared = planner(*over), planner(*over, "--processes", 2)
    assert alone == shared
    assert json.loads(shared[1])["stopped"] is False


def test_seek_finds_the_share_at_which_the_burn_is_reached(planner, mix):
    code, out, _ = planner(
        "seek", mix, "--field", "share_to_last", "--metric", "gross_burn", "--to", "42750", "--json"
    )
    found = json.loads(out)
    assert code == 0
    assert found["solutions"][0]["value"] == pytest.approx(0.3)
    code, out, _ = planner("seek", mix, "--field", "share_to_last", "--metric", "gross_burn", "--to", "1M")
    assert code == 0
    assert out.startswith("No value of workloads.chat.routing.share_to_last between 0 and 1")


def test_moves_are_ranked_by_our_cash_inside_their_groups(planner):
    found = json.loads(planner("moves", ROUTING, "--json")[1])
    for group in ("free win", "trade-off"):
        known = [
            each for each in found["moves"] if each["group"] == group and each["p_better_share"] is not None
        ]
        saved = [
            each["burn_cut_usd_per_month"]
            for each in known
            if not each["rests_on"] and not each["loses_at_plan"]
        ]
        assert saved == sorted(saved, reverse=True)
    assert found["best"] == "net_burn_usd_per_month"


def test_moves_keep_what_they_are_told_to_keep(planner):
    rule = "success_share >= 99%"
    code, out, _ = planner("moves", ROUTING, "--best", "runway", "--keep", rule)
    assert code == 0
    assert "ranked under each heading by runway" in " ".join(out.split())
    assert "Trade-offs on what the plan states (0)" in out
    code, _, said = planner("moves", ROUTING, "--keep", "success >")
    assert code == 2
    assert "--keep" in said


def test_sensitivity_names_the_unknown_that_moves_a_result_most(planner):
    found = json.loads(planner("sensitivity", ROUTING, "--metric", "usd_per_outcome", "--json")[1])
    widths = [abs(bar["at_high"] - bar["at_low"]) for bar in found["bars"]]
    assert widths == sorted(widths, reverse=True)
    assert found["bars"][0]["path"] == "workloads.chat.outcome.failure_usd"


def test_serving_predicts_one_placement_and_says_what_limits_it(planner):
    arguments = ("serving", "--model", "llama-3.1-8b", "--gpu", "H100-SXM", "--input", 1000, "--output", 200)
    found = json.loads(planner(*arguments, "--concurrency", 16, "--json")[1])
    assert found["fits"] is True
    assert found["limited_by"] == "memory bandwidth"
    answers_per_s = 16 / (found["ttft_s"] + found["tpot_s"] * 199)
    assert found["requests_per_s"] == pytest.approx(answers_per_s, rel=0.1)


def test_a_model_that_does_not_fit_is_an_answer(planner):
    arguments = ("serving", "--model", "llama-3.1-70b", "--gpu", "L4", "--input", 1000, "--output", 200)
    code, out, _ = planner(*arguments)
    assert code == 0
    assert "Doesn't fit" in out


def test_serving_a_table_adds_predictions_and_prints_errors_by_kind(planner, tmp_path):
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text(
        "kind,engine,model,gpu,n_gpu,tp,precision_weights,isl_mean,osl_mean,concurrency_or_batch,"
        "throughput_output_tok_s_total,quality\n"
        "offline_max,trtllm,llama-3.1-8b,H100-SXM,1,1,fp8,128,128,,26000,ok\n"
        "closed_loop,vllm,no-such-model,H100-SXM,1,1,fp8,128,128,4,1000,ok\n"
    )
    code, printed, _ = planner("serving", "--table", source, "--out", out)
    assert code == 0
    assert "offline_max" in printed
    assert "no-such-model" in printed
    header, first, second = out.read_text().splitlines()
    assert "pred_throughput_output_tok_s_total,pred_ttft_ms,pred_tpot_ms,pred_" in header
    assert float(first.split(",")[-9]) == pytest.approx(26_000, rel=0.5)
    assert second.endswith(",,,")


def test_claims_are_32_each_with_a_verdict_and_sources(planner):
    found = json.loads(planner("claims", "--json")[1])
    assert len(found) == 32
    assert all(each["verdict"] and each["computed"] for each in found)
    assert "equation" in planner("claims", "c19")[1]


def test_a_report_is_written_once_in_the_form_of_its_ending(planner, tmp_path):
    for name, begin in (
        ("a.html", "<!doctype html>"),
        ("a.md", "# "),
        ("a.csv", "month,"),
        ("a.fods", "<?xml"),
    ):
        out = tmp_path / name
        assert planner("export", COPILOT, out)[0] == 0
        assert out.read_text().lower().startswith(begin)
    assert planner("export", COPILOT, tmp_path / "a.xlsx")[0] == 0
    assert (tmp_path / "a.xlsx").read_bytes().startswith(b"PK")
    assert planner("export", COPILOT, tmp_path / "a.md")[0] == 2
    assert planner("export", COPILOT, tmp_path / "a.pdf")[0] == 2


def test_a_frontier_keeps_only_what_nothing_beats(planner, mix):
    arguments = ("frontier", mix, "--lever", "share_to_last=0,0.3,1", "--metric", "usd_per_request", "--json")
    code, out, _ = planner(*arguments)
    found = json.loads(out)
    assert code == 0
    assert [each["values"]["workloads.chat.routing.share_to_last"] for each in found["choices"]] == [0]
    assert found["evaluated"] == 3


def test_refresh_tells_the_age_of_prices_and_changes_nothing(planner, tmp_path):
    before = {path: path.read_bytes() for path in (ROOT / "saved").glob("*.toml")}
    code, out, _ = planner("refresh")
    assert code == 0
    assert out.startswith("Prices from the catalog")
    assert before == {path: path.read_bytes() for path in (ROOT / "saved").glob("*.toml")}
    assert planner("refresh", tmp_path / "missing.toml")[0] == 2


def test_a_frontier_inside_a_bound_that_nothing_keeps_is_an_answer(planner):
    lever = ("--lever", "chat.routing.share_to_last=0,0.5,1")
    code, out, _ = planner(
        "frontier", ROUTING, *lever, "--where", "success_share >= 99%", "--best", "success"
    )
    assert code == 0
    assert "None reaches 99.0% success; the best is" in out
    code, out, _ = planner(
        "frontier", ROUTING, *lever, "--where", "success_share >= 50%", "--best", "success", "--json"
    )
    shares = [each["metrics"]["success_share"] for each in json.loads(out)["choices"]]
    assert shares == sorted(shares, reverse=True)
