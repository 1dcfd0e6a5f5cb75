import json
import subprocess
import sys
from pathlib import Path

from planner.cli import run
from planner.files import load

LLAMA_8B = {
    "architectures": ["LlamaForCausalLM"], "model_type": "llama", "num_hidden_layers": 32, "hidden_size": 4096,
    "num_attention_heads": 32, "num_key_value_heads": 8, "intermediate_size": 14336, "vocab_size": 128256,
}  # fmt: skip
PLAN = """
schema = 1
[deployments.own]
kind = "self-hosted"
model = "our-8b"
gpu = "H100-SXM"
weights = "fp8"
usd_per_gpu_hour = 3
[workloads.chat]
requests_per_month = 1000
routing = { tiers = ["own"] }
"""


def planner(*words):
    return subprocess.run(
        [sys.executable, "-m", "planner", *map(str, words)], capture_output=True, text=True, check=False
    )


def test_a_hugging_face_config_becomes_a_model_that_a_plan_can_use(tmp_path):
    config, plan = tmp_path / "config.json", tmp_path / "plan.toml"
    config.write_text(json.dumps(LLAMA_8B))
    printed = planner("model", config, "--name", "our-8b")
    assert printed.returncode == 0, printed.stderr
    plan.write_text(PLAN + printed.stdout)
    own = json.loads(planner("show", plan, "--json", "--samples", "16").stdout)
    plan.write_text(PLAN.replace("our-8b", "llama-3.1-8b"))
    listed = json.loads(planner("show", plan, "--json", "--samples", "16").stdout)
    assert own["metrics"] == listed["metrics"]


def test_a_file_that_is_no_config_is_refused_in_words(tmp_path):
    (tmp_path / "config.json").write_text("[1, 2")
    refused = planner("model", tmp_path / "config.json")
    assert refused.returncode == 2
    assert "is not valid JSON." in refused.stderr
    assert planner("model", tmp_path / "nothing.json").returncode == 2


def test_a_copy_of_a_plan_that_extends_another_opens_anywhere(tmp_path):
    copy = tmp_path / "copy.toml"
    origin = Path(__file__).parents[1] / "saved" / "support-copilot-rag-routing.toml"
    assert run(["new", str(copy), "--from", str(origin)]) == 0
    assert load(copy).scenario.workloads == load(origin).scenario.workloads


def test_the_speed_of_a_config_json_is_that_of_its_model(tmp_path):
    config = tmp_path / "config.json"
    config.write_text(json.dumps(LLAMA_8B))
    given = (
        "--gpu",
        "NVIDIA H100 80GB HBM3",
        "--input",
        "1000",
        "--output",
        "200",
        "--concurrency",
        "8",
        "--json",
    )
    own, listed = (
        json.loads(planner("serving", "--model", model, *given).stdout)
        for model in (config, "meta-llama/Llama-3.1-8B-Instruct")
    )
    assert own["tpot_s"] == listed["tpot_s"] > 0


def test_a_model_of_the_catalog_can_be_printed_and_its_totals_read():
    told = json.loads(planner("model", "Qwen/Qwen3-30B-A3B-FP8", "--json").stdout)
    assert round(told["total_params"] / 1e9, 1) == 30.5
    assert told["cache_bytes_per_token"] == 48 * 2 * 4 * 128 * 2
    unknown = planner("model", "qwen9-1b")
    assert unknown.returncode == 2
    assert "planner model config.json" in unknown.stderr


def test_a_plan_may_name_model_and_gpu_as_hugging_face_and_the_driver_do(tmp_path):
    plan, other = tmp_path / "plan.toml", tmp_path / "other.toml"
    priced = PLAN.replace("usd_per_gpu_hour = 3\n", "").replace("our-8b", "llama-3.1-8b")
    plan.write_text(priced)
    other.write_text(
        priced.replace("llama-3.1-8b", "meta-llama/Llama-3.1-8B-Instruct").replace(
            "H100-SXM", "NVIDIA H100 80GB HBM3"
        )
    )
    shown = [json.loads(planner("show", each, "--json", "--samples", "16").stdout) for each in (plan, other)]
    assert shown[0]["metrics"] == shown[1]["metrics"]
    plan.write_text(priced.replace("llama-3.1-8b", "qwen9-1b").replace("H100-SXM", "H1000"))
    refused = planner("show", plan)
    assert refused.returncode == 2
    assert "planner model config.json" in refused.stderr
    assert "'H1000' has no rent in the catalog" in refused.stderr
