"""What a log's sums say of traffic: means with their ranges, the busiest hour, burstiness and growth."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from planner.records import dataclass
from planner.schema.ranges import Z_95
from planner.units import HOURS_PER_MONTH, SECONDS_PER_HOUR

Floats = NDArray[np.float64]

HOURS_PER_DAY, DAYS_PER_WEEK = 24, 7
FEWEST_BLOCKS = 5
FEWEST_WEEKS = 4
FEWEST_HOURS = 6
FEWEST_IN_BUSIEST = 10.0  # calls: below them its ratio is off by a third and more, by chance
GAPS_PER_TICK = 4.0  # below this many ticks of the clock in a mean gap, gaps say nothing and counts are taken
TICKS_PER_BIN = 10
FEWEST_BINS = 20
TICKS_S = (1e-6, 1e-3, 1.0, 60.0, SECONDS_PER_HOUR)


@dataclass(frozen=True)
class Estimate:
    """A number with its 5th and 95th percentile; equal where nothing is known of its spread."""

    value: float
    low: float
    high: float

    @property
    def known(self) -> bool:
        """Whether there is a number at all."""
        return bool(np.isfinite(self.value))


UNKNOWN = Estimate(np.nan, np.nan, np.nan)


def estimate(value: float, spread: float) -> Estimate:
    """Return `value` with the range that a standard error of `spread` gives."""
    return Estimate(value, value - Z_95 * spread, value + Z_95 * spread)


def count_estimate(value: float, spread: float) -> Estimate:
    """Return the same of what can't be below 0: a wide range ends at a hundredth of the value."""
    return Estimate(value, max(value - Z_95 * spread, value / 100), value + Z_95 * spread)


def mean_per_request(*, total: Floats, requests: Floats, squares: float = np.nan) -> Estimate:
    """Return total over requests with its range: sampling error between blocks of time, and drift over the log.

    `total` and `requests` are of shape (blocks,), in order. The mean drives cost, not the median. With fewer than
    five blocks the error is that of independent requests, from the sum of squares of all of them.
    """
    counted = float(requests.sum())
    if counted <= 0:
        return UNKNOWN
    mean = float(total.sum()) / counted
    used = requests > 0
    blocks = int(used.sum())
    if blocks >= FEWEST_BLOCKS:
        residuals = total[used] - mean * requests[used]
        sampling = float(np.sqrt(blocks / (blocks - 1) * np.sum(residuals**2))) / counted
        half = np.cumsum(requests) <= counted / 2
        drift = abs(_over(total[half], requests[half]) - _over(total[~half], requests[~half])) / 2
        return count_estimate(mean, float(np.hypot(sampling, np.nan_to_num(drift))))
    variance = max(squares / counted - mean**2, 0.0) if np.isfinite(squares) else 0.0
    return count_estimate(mean, float(np.sqrt(variance / counted)))


def _over(total: Floats, requests: Floats) -> float:
    return float(total.sum() / requests.sum()) if requests.sum() > 0 else float("nan")


def blocks(hour: NDArray[np.int64]) -> tuple[NDArray[np.int64], int]:
    """Return for each group the block of time that it falls into, and how many there are: days, or hours.

    >>> blocks(np.array([0, 5, 30, 24 * 6]))[1], blocks(np.array([0, 5]))[1]
    (7, 6)
    """
    since = hour - hour.min()
    days = since // HOURS_PER_DAY
    place = days if int(days.max()) + 1 >= FEWEST_BLOCKS else since
    return place, int(place.max()) + 1


def hourly(hour: NDArray[np.int64], requests: Floats) -> Floats:
    """Return requests in each hour from the first to the last, empty hours included."""
    counts: Floats = np.bincount(hour - hour.min(), weights=requests).astype(float)
    return counts


def peak_to_mean(counts: Floats) -> Estimate:
    """Return the busiest hour over the mean hour: of each week, or of each day in a log of less than two weeks.

    `counts` are of whole hours, in order. The range is that between weeks (or days). Unknown under six hours, and where
    no week (or day) has an hour with ten calls: one of n calls is known to 1 over the root of n only, as calls that
    come by chance spread.
    """
    whole = counts[1:-1] if len(counts) > FEWEST_HOURS + 1 else counts
    if len(whole) < FEWEST_HOURS or whole.sum() <= 0:
        return UNKNOWN
    week, day = HOURS_PER_DAY * DAYS_PER_WEEK, HOURS_PER_DAY
    size = week if len(whole) >= 2 * week - 2 else min(day, len(whole))
    parts = np.array_split(whole, max(round(len(whole) / size), 1))
    if max(float(part.max()) for part in parts) < FEWEST_IN_BUSIEST:
        return UNKNOWN
    ratios = np.array([float(part.max() / part.mean()) for part in parts if part.sum() > 0])
    low, middle, high = (float(np.quantile(ratios, part)) for part in (0.05, 0.5, 0.95))
    return Estimate(middle, low, high)


def growth_per_month(counts: Floats) -> Estimate:
    """Return the growth of requests a month, from whole weeks; unknown under four of them."""
    weeks = len(counts) // (HOURS_PER_DAY * DAYS_PER_WEEK)
    if weeks < FEWEST_WEEKS:
        return UNKNOWN
    totals = counts[: weeks * HOURS_PER_DAY * DAYS_PER_WEEK].reshape(weeks, -1).sum(axis=1)
    if np.any(totals <= 0):
        return UNKNOWN
    x = np.arange(weeks) - (weeks - 1) / 2
    y = np.log(totals)
    slope = float(np.sum(x * y) / np.sum(x**2))
    rest = y - y.mean() - slope * x
    error = float(np.sqrt(np.sum(rest**2) / (weeks - 2) / np.sum(x**2)))
    per_month = HOURS_PER_MONTH / (HOURS_PER_DAY * DAYS_PER_WEEK)
    low, middle, high = (float(np.expm1((slope + z * error) * per_month)) for z in (-Z_95, 0.0, Z_95))
    return Estimate(middle, low, high)


def interarrival_cv2(windows: list[Floats]) -> Estimate:
    """Return the squared variation of the gaps between requests, inside of hours; 1 is Poisson.

    Taken inside of hours, so that the daily rhythm, which is in the busiest hour, does not count twice. Where the
    clock of the log is too coarse for gaps (whole seconds in a busy log), it is the variance over the mean of counts in
    bins of ten ticks and more, which for a renewal process tends to the same number.

    `windows` are sorted times in seconds, one array for each hour.
    """
    windows = [window for window in windows if len(window) >= FEWEST_BINS]
    if not windows:
        return UNKNOWN
    tick_s = _tick_s(np.concatenate(windows))
    gap_s = sum(float(window[-1] - window[0]) for window in windows) / sum(map(len, windows))
    if gap_s <= 0:
        return UNKNOWN
    fine = gap_s >= GAPS_PER_TICK * tick_s
    found = [_of_gaps(window, tick_s) if fine else _of_counts(window, tick_s) for window in windows]
    usable = [
        (value, len(window)) for value, window in zip(found, windows, strict=True) if np.isfinite(value)
    ]
    if not usable:
        return UNKNOWN
    values, weights = (np.array(column, dtype=float) for column in zip(*usable, strict=True))
    mean = float(np.average(values, weights=weights))
    spread = float(np.sqrt(np.sum((weights * (values - mean)) ** 2))) / float(weights.sum())
    own = mean * float(np.sqrt(2.0 / weights.sum())) if len(usable) < FEWEST_BLOCKS else 0.0
    return estimate(mean, max(spread, own))


def _tick_s(times: Floats) -> float:
    """Return the resolution of a clock in seconds, by the coarsest tick that nearly all times fall on."""
    tick = TICKS_S[0]
    for longer in TICKS_S[1:]:
        off = np.abs(times / longer - np.rint(times / longer)) * longer
        if np.mean(off < TICKS_S[0] * 2) < 0.999:
            break
        tick = longer
    return tick


def _of_gaps(times: Floats, tick_s: float) -> float:
    gaps = np.diff(times)
    mean = float(gaps.mean())
    rounding = (
        tick_s**2 / 6.0 if tick_s > TICKS_S[0] else 0.0
    )  # two errors of rounding, each of variance tick^2 / 12
    return max(float(gaps.var()) - rounding, 0.0) / mean**2 if mean > 0 else float("nan")


def _of_counts(times: Floats, tick_s: float) -> float:
    length_s = float(times[-1] - times[0]) + tick_s
    width_s = TICKS_PER_BIN * tick_s
    bins = int(length_s // width_s)
    if bins < FEWEST_BINS:
        return float("nan")
    counts: Any = np.bincount(((times - times[0]) // width_s).astype(int), minlength=bins)[:bins]
    return float(counts.var(ddof=1) / counts.mean()) if counts.mean() > 0 else float("nan")
