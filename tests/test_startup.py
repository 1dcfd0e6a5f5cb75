"""What makes a start cheap changes nothing else."""

import os
import subprocess
import sys

import pytest

from planner import startup
from planner.startup import lazily


def test_a_stand_in_has_its_names_and_all_else_is_in_the_module_itself(monkeypatch):
    monkeypatch.delitem(sys.modules, "pydantic.plugin._loader", raising=False)
    startup.without_plugins()
    instead = sys.modules["pydantic.plugin._loader"]
    assert tuple(instead.get_plugins()) == ()
    assert instead.PYDANTIC_ENTRY_POINT_GROUP == "pydantic"


@pytest.mark.skipif(
    "COVERAGE_PROCESS_START" in os.environ, reason="coverage loads OpenSSL before the program"
)
def test_the_screen_loads_without_openssl_and_a_later_import_finds_it():
    command = (
        "from planner import startup; startup.without_tls(); import asyncio, hashlib, secrets, sys; "
        "assert not {'ssl', '_hashlib'} & sys.modules.keys(); "
        "assert hashlib.sha256(b'a').hexdigest().startswith('ca978112ca1bbdca'); import ssl"
    )
    assert subprocess.run([sys.executable, "-c", command], check=False).returncode == 0


def test_threads_that_the_user_asks_for_stay(monkeypatch):
    monkeypatch.setenv(startup.THREADS_OF_MATRICES, "4")
    startup.one_thread_for_matrices()
    assert os.environ[startup.THREADS_OF_MATRICES] == "4"


def test_a_name_of_a_lazy_package_is_that_of_its_module():
    found = lazily("planner", {"units": "show, NOT_AVAILABLE"})
    assert found("NOT_AVAILABLE") == "n/a"
    with pytest.raises(AttributeError, match="module 'planner' has no attribute 'hide'"):
        found("hide")


def test_all_output_is_written_before_a_process_leaves():
    command = "from planner.startup import leave; print('x' * 100_000, end=''); leave(3)"
    done = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True, check=False)
    assert (done.returncode, len(done.stdout)) == (3, 100_000)


def test_the_start_loads_neither_numpy_nor_pydantic():
    command = "import planner.startup, sys; sys.exit(any(m in sys.modules for m in ('numpy', 'pydantic')))"
    assert subprocess.run([sys.executable, "-c", command], check=False).returncode == 0
