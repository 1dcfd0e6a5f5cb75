import json
import subprocess
import sys

import numpy as np
import pytest

from planner.analysis.side_by_side import side_by_side
from planner.cli.commands.volume import report
from planner.errors import ScenarioError


def test_an_idle_gpu_makes_few_requests_dear_and_many_cheap(chat):
    found = side_by_side(chat, workload="chat", first="large", second="small")
    assert found.second.usd_per_request[0] == pytest.approx(3.0 * 730 / 1e3, rel=1e-9)
    assert found.second.usd_per_request[-1] < found.first.usd_per_request[-1] / 10


def test_the_api_costs_the_same_at_any_volume(chat):
    found = side_by_side(chat, workload="chat", first="large", second="small")
    usd = (4_000 * 2.5 + 250 * 10) / 1e6
    assert np.allclose(found.first.usd_per_request, usd)


def test_self_hosting_pays_from_where_one_gpu_costs_less_than_the_tokens(chat):
    found = side_by_side(chat, workload="chat", first="large", second="small")
    even = 3.0 * 730 / ((4_000 * 2.5 + 250 * 10) / 1e6)  # one GPU carries this many
    assert found.pays_from_requests == pytest.approx(even, rel=0.07)


def test_a_worse_model_that_costs_failures_never_pays_per_outcome(chat):
    dear = chat.with_value("workloads.chat.outcome.failure_usd", 50.0)
    assert np.isnan(
        side_by_side(dear, workload="chat", first="large", second="small").outcome_pays_from_requests
    )


def test_unknown_names_are_told_together(chat):
    with pytest.raises(ScenarioError, match=r"(?s)talk is not a workload.*huge is not a deployment"):
        side_by_side(chat, workload="talk", first="large", second="huge")


def test_the_command_says_from_which_volume_own_gpus_pay(root):
    words = [
        "volume",
        "saved/support-copilot-own-gpu.toml",
        "--workload",
        "chat",
        "--first",
        "frontier",
        "--second",
        "small",
    ]
    done = subprocess.run(
        [sys.executable, "-m", "planner", *words], cwd=root, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "Per request small costs less from" in done.stdout


def test_the_command_can_give_both_sides_one_success_rate(root):
    told = report(
        str(root / "saved" / "support-copilot-own-gpu.toml"), workload="chat", first="frontier", second="small",
        same_quality=True, as_json=True,
    )  # fmt: skip
    found = json.loads(told)
    assert found["second"]["success_share"] == pytest.approx(found["first"]["success_share"])
