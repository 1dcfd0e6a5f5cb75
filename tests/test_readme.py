import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
SHELL = re.findall(r"```sh\n(.*?)```", README, flags=re.DOTALL)
COMMANDS = [line for block in SHELL for line in block.splitlines() if line.startswith("planner ")]
ANSWERS_WITH_2 = ("planner diff",)


def test_there_are_commands_to_run():
    assert len(COMMANDS) >= 10


@pytest.mark.parametrize("line", COMMANDS)
def test_a_command_of_the_readme_runs(line):
    words = shlex.split(line, comments=True)
    done = subprocess.run(
        [sys.executable, "-m", *words], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == (2 if line.startswith(ANSWERS_WITH_2) else 0), done.stderr
    assert done.stdout.strip()
    assert "Traceback" not in done.stderr


def test_ci_runs_the_test_command_of_the_readme():
    command = next(line for block in SHELL for line in block.splitlines() if "pytest" in line)
    assert command in (ROOT / ".ci/run").read_text().splitlines()


def test_the_plan_in_the_readme_is_a_plan(tmp_path):
    table = next(
        block for block in re.findall(r"```toml\n(.*?)```", README, flags=re.DOTALL) if "schema" in block
    )
    path = tmp_path / "plan.toml"
    path.write_text(table)
    done = subprocess.run(
        [sys.executable, "-m", "planner", "show", str(path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_the_policy_in_the_readme_is_a_policy(tmp_path):
    table = next(
        block for block in re.findall(r"```toml\n(.*?)```", README, flags=re.DOTALL) if "fail =" in block
    )
    path = tmp_path / "policy.toml"
    path.write_text(table)
    command = [sys.executable, "-m", "planner", "check", "saved/support-copilot.toml", "--policy", str(path)]
    done = subprocess.run(
        [*command, "--against", "saved/support-copilot.toml"],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode in (0, 3), done.stderr
