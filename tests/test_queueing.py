"""Waiting: cited utilisations, a simulation of the tail, the fast table."""

import heapq
import tomllib
from pathlib import Path

import numpy as np
import pytest

from planner.model.serving import queueing

CITED = tomllib.loads((Path(__file__).parent / "queue_cited.toml").read_text(encoding="utf-8"))


def test_one_server_loses_its_load_over_one_plus_load():
    assert queueing.erlang_b(servers=1.0, load=0.5) == pytest.approx(0.5 / 1.5)


def test_ten_servers_lose_what_the_recursion_says():
    lost = 1.0
    for n in range(1, 11):
        lost = 7.0 * lost / (n + 7.0 * lost)
    assert queueing.erlang_b(servers=10.0, load=7.0) == pytest.approx(lost)


def test_many_servers_neither_overflow_nor_lose_anything_at_half_load():
    assert queueing.erlang_b(servers=20_000.0, load=10_000.0) == pytest.approx(0.0, abs=1e-12)


def test_a_single_server_waits_as_often_as_it_is_busy():
    assert queueing.erlang_c(servers=1.0, rho=0.37) == pytest.approx(0.37)


@pytest.mark.parametrize("row", CITED["rho_max"])
def test_cited_utilisations_come_out(row):
    pool = {name: row[name] for name in ("servers", "wait_over_service", "ca2", "q")}
    assert queueing.rho_max(**pool, cs2=1.1) == pytest.approx(row["rho_max"], abs=6e-4)


@pytest.mark.parametrize("row", CITED["simulated"])
def test_simulated_tails_lie_near_the_formula(row):
    pool = {name: row[name] for name in ("servers", "wait_over_service", "ca2", "rho")}
    tail = queueing.wait_tail(**pool, cs2=1.1)
    assert tail == pytest.approx(row["target_exceed"], rel=0.03)
    assert 0.4 * tail < row["simulated_exceed"] < 1.3 * tail


def share_late(*, servers, rho, wait, ca2, cs2, requests, seed):
    """Simulate a pool: gamma gaps between arrivals, lognormal service of mean 1, first come first served."""
    rng = np.random.default_rng(seed)
    gaps = rng.gamma(1.0 / ca2, ca2 / (servers * rho), requests)
    spread = np.log1p(cs2)
    services = rng.lognormal(-spread / 2.0, np.sqrt(spread), requests)
    free_at, late = [0.0] * servers, 0
    for arrival, service in zip(np.cumsum(gaps).tolist(), services.tolist(), strict=True):
        start = max(free_at[0], arrival)
        heapq.heapreplace(free_at, start + service)
        late += start - arrival > wait
    return late / requests


@pytest.mark.parametrize(
    ("servers", "ca2", "wait"), [(4, 1.2, 1.0), (16, 1.0, 0.5), (16, 4.0, 0.5), (64, 12.0, 0.5)]
)
def test_a_simulated_pool_at_the_highest_utilisation_is_late_as_often_as_promised(servers, ca2, wait):
    rho = float(queueing.rho_max(servers=servers, wait_over_service=wait, ca2=ca2, cs2=1.1, q=0.95))
    late = share_late(servers=servers, rho=rho, wait=wait, ca2=ca2, cs2=1.1, requests=60_000, seed=7)
    assert 0.025 < late < 0.075


@pytest.mark.parametrize("q", queueing.SHARES_ON_TIME)
def test_the_table_is_within_one_percent_of_the_exact_utilisation(q):
    rng = np.random.default_rng(3)
    pool = {
        "servers": np.exp(rng.uniform(0.0, np.log(3000.0), 400)),
        "wait_over_service": np.exp(rng.uniform(np.log(0.02), np.log(20.0), 400)),
        "ca2": np.exp(rng.uniform(0.0, np.log(12.0), 400)),
        "cs2": rng.uniform(0.3, 3.0, 400),
    }
    exact = queueing.rho_max(**pool, q=q)
    assert queueing.rho_max_fast(**pool, q=q) == pytest.approx(exact, rel=0.01)


def test_the_shipped_table_is_what_the_code_computes(monkeypatch):
    shipped = queueing._table()[:, ::30, ::14]
    monkeypatch.setattr(queueing, "_POOLS", queueing._POOLS[::30])
    monkeypatch.setattr(queueing, "_PATIENCES", queueing._PATIENCES[::14])
    assert queueing.rho_max_table() == pytest.approx(shipped, abs=1e-4)


def test_a_stack_of_pools_matches_pools_one_by_one():
    servers, waits = np.array([2.0, 30.0, 400.0]), np.array([0.1, 1.0, 0.5])
    same = {"ca2": 2.0, "cs2": 1.0, "q": 0.95}
    for find in (queueing.rho_max, queueing.rho_max_fast):
        single = [
            float(find(servers=s, wait_over_service=w, **same)) for s, w in zip(servers, waits, strict=True)
        ]
        assert find(servers=servers, wait_over_service=waits, **same) == pytest.approx(single)


def test_a_tighter_wait_never_allows_a_busier_pool():
    waits = np.geomspace(0.01, 10.0, 30)
    busy = queueing.rho_max(servers=12.0, wait_over_service=waits, ca2=3.0, cs2=1.0, q=0.95)
    assert np.all(np.diff(busy) >= 0)


def test_burstier_arrivals_never_allow_a_busier_pool():
    bursts = np.linspace(1.0, 15.0, 30)
    busy = queueing.rho_max_fast(servers=40.0, wait_over_service=0.3, ca2=bursts, cs2=1.0, q=0.95)
    assert np.all(np.diff(busy) <= 1e-9)
