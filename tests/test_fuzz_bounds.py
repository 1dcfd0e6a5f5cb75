"""What is too large or too deep is refused in words, within a second and 200 MB."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
GIGABYTE = 1_000_000_000
SECONDS, MEGABYTES = 1.0, 200.0

READ = """
import json, re, sys, time
from pathlib import Path
from planner.analysis.policy import read_policy
from planner.errors import ScenarioError
from planner.files import load
from planner.files.bounds import parse, read_text
from planner.model import evaluate
from planner.usage import read_log, refresh
reader, path = sys.argv[1], Path(sys.argv[2])
if reader == "log":
    import duckdb
    duckdb.connect().execute("SELECT 1")
readers = {
    "scenario": lambda: evaluate(load(path).scenario),
    "policy": lambda: read_policy(parse(read_text(path), source=str(path))),
    "prices": lambda: refresh(path, library=path.parent / "none", here=path.parent),
    "log": lambda: read_log(path),
}
began_s = time.process_time()
try:
    readers[reader]()
    words = ""
except ScenarioError as error:
    words = str(error)
used_s = time.process_time() - began_s
status = Path("/proc/self/status")  # the peak of this process alone: getrusage counts the parent's before the exec
kb = re.search(r"VmHWM:\\s+(\\d+)", status.read_text())[1] if status.exists() else 0
print(json.dumps([words, used_s, int(kb) / 1e3]))
"""


def sparse(path, head=b""):
    with path.open("wb") as file:
        file.write(head)
        file.truncate(GIGABYTE)


def written(text):
    return lambda path: path.write_text(text)


HEADER = "time,prompt_tokens,completion_tokens\n"
CASES = {
    "scenario: a gigabyte": ("scenario", sparse),
    "scenario: a million keys": ("scenario", written("".join(f"k{i} = 1\n" for i in range(1_000_000)))),
    "scenario: keys up to the size": ("scenario", written("".join(f"k{i}=1\n" for i in range(110_000)))),
    "scenario: deep lists": ("scenario", written("a = " + "[" * 400_000 + "]" * 400_000)),
    "scenario: deep tables": ("scenario", written("a = " + "{a=" * 200_000)),
    "scenario: a deep name": ("scenario", written("a." * 400_000 + "a = 1")),
    "scenario: a deep section": ("scenario", written("[" + "a." * 9_000 + "a]\nx = 1")),
    "scenario: a long number": ("scenario", written("schema = " + "9" * 900_000)),
    "scenario: a long range": ("scenario", written('[demand]\ncustomers = "' + "1" * 19_000 + ' to 2"')),
    "scenario: many workloads": (
        "scenario",
        written("schema = 1\n" + "".join(f"[workloads.w{i}]\nx = 1\n" for i in range(15_000))),
    ),
    "policy: a gigabyte": ("policy", sparse),
    "policy: a long rule": ("policy", written('fail = ["' + "P(" * 9_000 + '"]')),
    "policy: many rules": ("policy", written("fail = [" + '"gpus < 1",\n' * 50_000 + "]")),
    "policy: a billion samples": ("policy", written('fail = ["gpus < 1"]\nsamples = 1_000_000_000\n')),
    "prices: a gigabyte": ("prices", sparse),
    "log: a gigabyte of nothing": ("log", sparse),
    "log: a gigabyte in one line": ("log", lambda path: sparse(path, (HEADER + "1" * 70_000).encode())),
    "log: a million columns": ("log", written(",".join(f"c{i}" for i in range(1_000_000)) + "\n1\n")),
    "log: a line of forty megabytes": ("log", written('{"a": "' + "x" * 40_000_000 + '"}\n')),
    "log: a deep line": ("log", written('{"a":' * 300_000 + "1" + "}" * 300_000 + "\n")),
    "log: a deep list": ("log", written("[" * 1_000_000)),
}


@pytest.mark.parametrize("name", CASES)
def test_too_much_is_refused_in_words_within_a_second_and_200_mb(tmp_path, name):
    reader, make = CASES[name]
    if reader == "log":
        pytest.importorskip("duckdb", reason="reading logs needs the extra `usage`")
    path = tmp_path / "much"
    make(path)
    child = subprocess.run(
        [sys.executable, "-c", READ, reader, str(path)],
        check=False, capture_output=True, text=True, timeout=60, cwd=ROOT,
    )  # fmt: skip
    assert child.returncode == 0, child.stderr[-2000:]
    words, used_s, used_mb = json.loads(child.stdout)
    assert words
    assert len(words) < 20_000
    assert used_s < SECONDS
    assert used_mb < MEGABYTES
