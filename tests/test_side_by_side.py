import json
import subprocess
import sys

import numpy as np
import pytest

from planner.analysis.side_by_side import side_by_side
from planner.cli.commands.volume import report
from planner.errors import ScenarioError
from planner.files import table_of
from planner.files.saving import new_text
from planner.schema import ApiDeployment
from planner.schema.company import OneOff


def test_an_idle_gpu_makes_few_requests_dear_and_many_cheap(chat):
    found = side_by_side(chat, workload="chat", first="large", second="small")
    least = found.requests_per_month[0]
    assert least < found.pays_from_requests
    assert found.second.usd_per_request[0] == pytest.approx(3.0 * 730 / least, rel=1e-9)
    assert found.second.usd_per_request[-1] < found.first.usd_per_request[-1] / 10


def test_the_api_costs_the_same_at_any_volume(chat):
    found = side_by_side(chat, workload="chat", first="large", second="small")
    usd = (4_000 * 2.5 + 250 * 10) / 1e6
    assert np.allclose(found.first.usd_per_request, usd)


def test_self_hosting_pays_from_where_one_gpu_costs_less_than_the_tokens(chat):
    found = side_by_side(chat, workload="chat", first="large", second="small")
    even = 3.0 * 730 / ((4_000 * 2.5 + 250 * 10) / 1e6)  # one GPU carries this many
    assert found.pays_from_requests == pytest.approx(even, rel=3e-4)


def test_each_side_carries_its_own_staff_and_one_off_spend_alone(chat):
    """A month of a GPU at $3 an hour, $30,000 of staff, $12,000 spread over 12 months, against tokens of $0.0125."""
    table = {"amount_usd": 12_000.0, "amortise_months": 12, "month": 3}
    small = chat.deployments["small"]
    staffed = small.model_copy(update={"staff_usd_per_month": 30_000.0, "one_off": (OneOff(**table),)})
    plan = chat.model_copy(update={"deployments": {**chat.deployments, "small": staffed}})
    found = side_by_side(plan, workload="chat", first="large", second="small")
    per_request = (4_000 * 2.5 + 250 * 10) / 1e6
    at = np.argmin(np.abs(found.requests_per_month - found.pays_from_requests))
    gpus = float(found.second.gpus[at])
    even = (3.0 * 730 * gpus + 30_000 + 1_000) / per_request
    assert found.pays_from_requests == pytest.approx(even, rel=1e-3)
    assert np.allclose(found.first.usd_per_request, per_request)


def test_two_apis_by_the_token_never_cross_and_are_told_so(chat, planner, tmp_path):
    price = {"input_usd_per_mtok": 1.0, "output_usd_per_mtok": 4.0}
    other = ApiDeployment(model="own", price=price, success_share=0.8)
    plan = chat.model_copy(update={"deployments": {**chat.deployments, "other": other}})
    found = side_by_side(plan, workload="chat", first="large", second="other")
    assert found.by_token
    assert found.pays_from_requests == 0.0
    back = side_by_side(plan, workload="chat", first="other", second="large")
    assert np.isnan(back.pays_from_requests)
    path = tmp_path / "plan.toml"
    path.write_text(new_text(table_of(plan)))
    said = planner(
        "volume", path, "--workload", "chat", "--first", "large", "--second", "other", "--same-quality"
    )[1]
    assert "is cheaper at every volume" in said
    assert "never cross" in said
    assert "both at the success of large" in said


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
    assert "Per request, small is cheaper from" in done.stdout


def test_the_command_can_give_both_sides_one_success_rate(root):
    told = report(
        str(root / "saved" / "support-copilot-own-gpu.toml"), workload="chat", first="frontier", second="small",
        same_quality=True, as_json=True,
    )  # fmt: skip
    found = json.loads(told)
    assert found["second"]["success_share"] == pytest.approx(found["first"]["success_share"])
