"""What every test shares: no terminal or cache of the developer's own shines through."""

import os
import random
import shutil
import tomllib
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import settings

from planner.cli import run
from planner.schema import Scenario

ROOT = Path(__file__).parents[1]
# "tree" draws fresh examples whenever program or tests change, "fresh" in each run.
PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "tree")
for each in ("tree", "fresh"):
    settings.register_profile(each, deadline=None, print_blob=True, database=None)
settings.load_profile(PROFILE)

FROM_THE_SHELL = ("NO_COLOR", "TEXTUAL_THEME", "COLORTERM", "PLANNER_LIBRARY", "FORCE_COLOR")

CHAT = """
schema = 1
title = "Chat on a small and a large model"
[company]
start = "2026-12"
cash_usd = 5_000_000
fixed_costs_usd_per_month = 310_000
[revenue]
usd_per_customer_per_month = 49
[demand]
customers = 1_000
growth_share_per_month = "0.04 to 0.12"
churn_share_per_month = 0.03
[deployments.small]
kind = "self-hosted"
model = "llama-3.1-8b"
gpu = "H100-SXM"
weights = "fp8"
usd_per_gpu_hour = 3.0
success_share = "0.6 to 0.8"
[deployments.large]
kind = "api"
model = "openai:gpt-4o"
success_share = 0.85
[workloads.chat]
requests_per_customer_per_month = 120
latency_target_s = 10
context_tokens = 4_000
output_tokens = 250
routing = { tiers = ["small", "large"], share_to_last = 0.25 }
outcome = { value_usd = 1.2, failure_usd = 8.0, failure_paid_share = 0.1 }
"""


MIX = """
schema = 1
title = "Seven in ten on the small model"
[company]
cash_usd = 1_000_000
[deployments.small]
kind = "api"
model = "openai:gpt-4o-mini"
[deployments.large]
kind = "api"
model = "openai:gpt-4o"
[workloads.chat]
requests_per_month = 10_000_000
context_tokens = 3_000
output_tokens = 500
routing = { tiers = ["small", "large"], share_to_last = 0.3 }
"""


@pytest.hookimpl(tryfirst=True)
def pytest_xdist_auto_num_workers(config):
    """Run all tests on all cores, but named ones in this process: they are over before others have started."""
    named = config.args_source is pytest.Config.ArgsSource.ARGS
    return (
        0 if named else len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    )


def seed_of_the_tree():
    """Return a number that any change of program or tests changes: new code meets new examples, a failure comes again."""
    read = sha256()
    for path in sorted(each for room in ("planner", "tests") for each in (ROOT / room).rglob("*.py")):
        read.update(path.read_bytes())
    return int.from_bytes(read.digest()[:4])


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config):
    """Choose the seed of the examples here, so that it can be said when one fails."""
    if config.getoption("hypothesis_seed", None) is None:
        fresh = random.SystemRandom().randrange(2**32) if PROFILE == "fresh" else seed_of_the_tree()
        config.option.hypothesis_seed = str(fresh)


def pytest_terminal_summary(terminalreporter, config):
    if terminalreporter.stats.get("failed"):
        seed = config.option.hypothesis_seed
        terminalreporter.write_line(f"The same examples again: pytest --hypothesis-seed={seed}")


@pytest.fixture(autouse=True, scope="session")
def _own_surroundings(tmp_path_factory):
    for name in FROM_THE_SHELL:
        os.environ.pop(name, None)
    os.environ["PLANNER_CACHE"] = str(tmp_path_factory.mktemp("cache"))
    for name in ("XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"):  # unsaved edits, settings, own plans
        os.environ[name] = str(tmp_path_factory.mktemp(name.lower()))


@pytest.fixture
def root():
    return ROOT


@pytest.fixture
def chat():
    return Scenario.from_table(tomllib.loads(CHAT))


@pytest.fixture
def file(tmp_path, root):
    """A copy of a shipped plan that a test may write to."""
    folder = tmp_path / "saved"
    folder.mkdir()
    shutil.copy(root / "saved" / "support-copilot.toml", folder / "mine.toml")
    return folder / "mine.toml"


@pytest.fixture
def mix(tmp_path):
    """A file whose burn can be worked out by hand."""
    path = tmp_path / "mix.toml"
    path.write_text(MIX)
    return path


@pytest.fixture
def planner(capsys):
    """The command line: a call gives the exit code, what was printed, and what was said on stderr."""

    def call(*arguments):
        code = run([str(argument) for argument in arguments])
        out = capsys.readouterr()
        return code, out.out, out.err

    return call
