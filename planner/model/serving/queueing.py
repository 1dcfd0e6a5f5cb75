"""Queueing: how busy a pool may be before too many requests wait too long."""

import math
from functools import cache
from pathlib import Path

import numpy as np

from planner.catalog.hardware import Number

SHARES_ON_TIME = (0.90, 0.95, 0.99)  # shares of requests on time covered by the table of `rho_max_fast`
_BISECTIONS = 40
_SLICE = 2**16
_LEAST_VARIATION = 1e-6  # without variation nobody waits; avoids division by zero
_POOLS = np.geomspace(1.0, 3e4, 91)
_PATIENCES = np.geomspace(1e-2, 3e3, 57)
_LOG_POOLS, _LOG_PATIENCES = np.log(_POOLS), np.log(_PATIENCES)


def erlang_b(*, servers: Number, load: Number) -> Number:
    """Return the blocking probability without waiting (Erlang B), for any real number of servers.

    1/B = exp(a) a^-c Gamma(c+1, a), written as Gamma(c+1) less a series of positive terms; the load `a`, in
    servers, must be below `servers`, where nothing cancels.

    Source: Jagerman, Bell System Technical Journal 53(3), 1974, for real c; DLMF 8.7.1 for the series.
    """
    c, a = np.broadcast_arrays(np.asarray(servers, dtype=float), np.asarray(load, dtype=float))
    a = np.maximum(a, 1e-12)
    largest = float(np.max(c, initial=1.0))
    term = a / (c + 1.0)
    series = term.copy()
    for n in range(1, int(np.sqrt(80.0 * largest)) + 60):  # the n-th term shrinks as exp(-n^2 / 2c)
        term = term * (a / (c + 1.0 + n))
        series = series + term
    log_first = a - c * np.log(a) + log_gamma(c + 1.0)
    return np.asarray(1.0 / np.maximum(np.exp(np.minimum(log_first, 700.0)) - series, 1.0))


def log_gamma(x: Number) -> Number:
    """Return the logarithm of the gamma function for x above 0, to 1e-12.

    Source: Stirling's series after shifting x above 10, DLMF 5.11.1.

    >>> round(float(log_gamma(5.0)), 9) == round(float(np.log(24.0)), 9)
    True
    """
    x = np.asarray(x, dtype=float)
    shift, product = 10, np.ones_like(x)
    for i in range(shift):
        product = product * (x + i)
    y = x + shift
    tail = 1.0 / (12.0 * y) - 1.0 / (360.0 * y**3) + 1.0 / (1260.0 * y**5) - 1.0 / (1680.0 * y**7)
    return np.asarray((y - 0.5) * np.log(y) - y + 0.5 * np.log(2.0 * np.pi) + tail - np.log(product))


def erlang_c(*, servers: Number, rho: Number) -> Number:
    """Return the share of requests that wait at utilisation `rho` (below 1), for any real number of servers."""
    rho = np.asarray(rho, dtype=float)
    lost = erlang_b(servers=servers, load=servers * rho)
    return np.asarray(lost / (1.0 - rho * (1.0 - lost)))


def peakedness(*, ca2: Number) -> Number:
    """Return Hayward's z of arrivals whose gaps have the squared coefficient of variation `ca2`; 1 is Poisson."""
    return np.asarray(np.maximum(1.0, (np.asarray(ca2, dtype=float) + 1.0) / 2.0))


def shrunk_pool(*, servers: Number, ca2: Number) -> Number:
    """Return the pool that serves Poisson arrivals as `servers` serve bursty ones: Hayward's c/z.

    Never below one server (or the number there is): there, the formula would leave a pool idle that simulation
    shows can be used.
    """
    return np.maximum(servers / peakedness(ca2=ca2), np.minimum(servers, 1.0))


def wait_tail(*, servers: Number, rho: Number, wait_over_service: Number, ca2: Number, cs2: Number) -> Number:
    """Return the share of requests that wait longer than `wait_over_service` mean services.

    Bursty arrivals shrink the pool by their peakedness (Hayward); the wait's tail is exponential (Allen and
    Cunneen). Checked by simulation with gamma-distributed gaps for a shrunk pool of 2 servers and more (0.041 to
    0.067 for 0.05); with fewer it is rough: up to 0.22 for a single server under ca2 of 4 to 12.

    Source: evidence `la-queue`, formula `rho_max`.
    """
    pool = shrunk_pool(servers=servers, ca2=ca2)
    decay = (
        2.0
        * servers
        * (1.0 - np.asarray(rho, dtype=float))
        * wait_over_service
        / np.maximum(ca2 + cs2, _LEAST_VARIATION)
    )
    return np.asarray(erlang_c(servers=pool, rho=rho) * np.exp(-decay))


def rho_max(*, servers: Number, wait_over_service: Number, ca2: Number, cs2: Number, q: Number) -> Number:
    """Return the highest utilisation at which a share `q` of requests waits no longer than the limit.

    >>> round(float(rho_max(servers=16, wait_over_service=0.5, ca2=1.2, cs2=1.1, q=0.95)), 2)
    0.77
    """
    pool = shrunk_pool(servers=servers, ca2=ca2)
    patience = 2.0 * servers / pool * wait_over_service / np.maximum(ca2 + cs2, _LEAST_VARIATION)
    return _rho_max(pool=pool, patience=patience, q=q)


def rho_max_fast(*, servers: Number, wait_over_service: Number, ca2: Number, cs2: Number, q: float) -> Number:
    """Return `rho_max` for a `q` of 0.90, 0.95 or 0.99 from a table, within 1 %; constant beyond 30,000 servers.

    Whatever the burst, the result depends only on the shrunk pool and its patience.
    """
    return rho_max_at_logs(
        log_servers=np.log(servers), log_wait=np.log(wait_over_service), ca2=ca2, cs2=cs2, q=q
    )


def rho_max_at_logs(*, log_servers: Number, log_wait: Number, ca2: Number, cs2: Number, q: float) -> Number:
    """Return `rho_max_fast` from the logarithms of servers and patience, which many servers and plans share.

    The shrunk pool is `max(servers / z, min(servers, 1))`, its patience `2 servers / pool * wait / (ca2 + cs2)`:
    in logarithms both are sums and maxima. Many plans are taken in slices that stay in the processor's cache.
    """
    given = tuple(np.asarray(each, dtype=float) for each in (log_servers, log_wait, ca2, cs2))
    shape = np.broadcast_shapes(*(each.shape for each in given))
    if math.prod(shape) <= _SLICE:
        return _rho_max_at_logs(*given, q=q)
    out, rows = np.empty(shape), max(_SLICE // math.prod(shape[1:]), 1)
    for start in range(0, shape[0], rows):
        here: slice | int = slice(start, start + rows) if rows > 1 else start
        part = (_sliced(each, here, len(shape)) for each in given)
        out[here] = rho_max_at_logs(
            **dict(zip(("log_servers", "log_wait", "ca2", "cs2"), part, strict=True)), q=q
        )
    return out


def _sliced(values: np.ndarray, here: slice | int, axes: int) -> np.ndarray:
    """Return a slice along the first axis, if `values` have it."""
    if values.ndim < axes:
        return values
    if values.shape[0] == 1:
        return values if isinstance(here, slice) else np.asarray(values[0])
    return np.asarray(values[here])


def _rho_max_at_logs(
    log_servers: np.ndarray, log_wait: np.ndarray, ca2: np.ndarray, cs2: np.ndarray, *, q: float
) -> np.ndarray:
    """Return the utilisation, interpolated between the four surrounding table points.

    Both coordinates are sums of terms for servers and patience, so that the full plan shape is needed only late.
    """
    log_pool = np.maximum(log_servers - np.log(peakedness(ca2=ca2)), np.minimum(log_servers, 0.0))
    log_patience = log_wait + np.log(2.0 / np.maximum(ca2 + cs2, _LEAST_VARIATION))
    step = _LOG_PATIENCES[1] - _LOG_PATIENCES[0]
    y = np.asarray((log_servers - log_pool) / step + (log_patience - _LOG_PATIENCES[0]) / step)
    top = _PATIENCES.size - 1.0
    beyond = np.maximum(y - top, 0.0) * step if y.max(initial=0.0) > top else 0.0
    y = np.asarray(np.clip(y, 0.0, top, out=y))
    x = _position(log_pool, _LOG_POOLS)
    i, j = x.astype(np.intp), y.astype(np.intp)
    u, v = x - i, np.subtract(y, j, out=y)
    at = i * (_PATIENCES.size + 1) + j
    tables = (table.take(at, mode="clip") for table in _flat_tables(q))  # a load of nan has no place
    corner, along_v, along_u, along_both = tables
    logit = corner + along_v * v + (along_u + along_both * v) * u + beyond
    return np.asarray(1.0 / (1.0 + np.exp(-logit)))


@cache
def _flat_tables(q: float) -> tuple[np.ndarray, ...]:
    """Return the logit at each point, and its change to the next point along patience, pools and both.

    It is constant beyond the last point.
    """
    logit = np.pad(_table()[SHARES_ON_TIME.index(q)], ((0, 1), (0, 1)), mode="edge")
    along_v = np.diff(logit, axis=1, append=logit[:, -1:])
    along_u = np.diff(logit, axis=0, append=logit[-1:])
    along_both = np.diff(along_v, axis=0, append=along_v[-1:])
    return tuple(np.ascontiguousarray(each.ravel()) for each in (logit, along_v, along_u, along_both))


def rho_max_table() -> np.ndarray:
    """Return the table in `rho_max.npy`: logit of the utilisation by share on time, pool and patience."""
    pools, patiences = _POOLS[:, None], _PATIENCES[None, :]
    rho = np.stack([_rho_max(pool=pools, patience=patiences, q=q) for q in SHARES_ON_TIME])
    return np.asarray(np.log(rho) - np.log1p(-rho), dtype=np.float32)


def _rho_max(*, pool: Number, patience: Number, q: Number) -> Number:
    """Return the utilisation at which ErlangC(pool, pool rho) exp(-pool (1 - rho) patience) is 1 - q."""
    pool, patience, q = np.broadcast_arrays(*(np.asarray(x, dtype=float) for x in (pool, patience, q)))
    low, high = np.zeros(pool.shape), np.ones(pool.shape)
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2.0
        tail = erlang_c(servers=pool, rho=middle) * np.exp(-pool * (1.0 - middle) * patience)
        late = tail > 1.0 - q
        low, high = np.where(late, low, middle), np.where(late, middle, high)
    return np.asarray(low)


def _position(x: Number, points: np.ndarray) -> np.ndarray:
    """Return the position of `x` among evenly spaced `points`, as a real index clipped to the range."""
    return np.asarray(np.clip((x - points[0]) / (points[1] - points[0]), 0.0, points.size - 1.0))


@cache
def _table() -> np.ndarray:
    with Path(__file__).with_name("rho_max.npy").open("rb") as file:
        return np.asarray(np.load(file), dtype=float)
