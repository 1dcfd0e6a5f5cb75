"""Re-weight the plan's ranges by actuals: importance sampling in stages.

A draw of the ranges is a plan, weighted by how well it predicts the past months. Those are taken as series, a logarithm
per month (of odds for a share): customers, requests, revenue, costs, success. Around a draw's own forecast a series scatters by
an unknown share: with its inverse-gamma prior integrated out, N months with squared errors S have the weight
(v s^2 + S) ^ (-(N + v) / 2). A series that no draw comes close to says little, however many months it has.

Requests follow customers, and costs follow requests: if those scatter, their followers may too, or may not. For a series u that follows a
series b, the residual u - k b is used, with k from 0 (independent) to 1 (per unit of b), all equally likely at first. Counting
each line per unit of b instead would count the scatter of b once for each line: ranges would come out too narrow.

If the actuals leave few of the first draws, further draws concentrate where those are: nine in ten from a normal
distribution with their mean and widened covariance, in the scores of the ranges, the rest from the ranges themselves; a draw
is weighted by prior over proposal density. Early stages tolerate a larger
scatter s. Only the ranges and the actuals determine the result: the stages just place the draws.
Sources: Robert and Casella, "Monte Carlo Statistical Methods", 2004, chapter 14 (population Monte Carlo); Hesterberg, Technometrics
37(2), 1995 (defensive mixture); ter Braak, Statistics and Computing 16, 2006 (moves along differences of draws); Kong, 1992 (effective sample size); Gelman et al., "Bayesian Data Analysis", 2013, section 3.2.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping

import numpy as np

from planner.analysis.actuals.planned import place_of, planned
from planner.analysis.draws import ranges, score_correlation, scores, values_at
from planner.model.company.month_lines import PlannedMonths
from planner.readout import Percentiles, percentiles
from planner.records import dataclass
from planner.schema import Array, Range, Scenario, replaced_many
from planner.schema.actuals import ActualMonth, Actuals

REFIT_SAMPLES = 4_096
SCATTER = 0.005  # prior scatter of a month around its forecast: s
SCATTER_WORTH = 1.0  # months of data that the prior is worth: v
FOLLOWS = (0.0, 0.25, 0.5, 0.75, 1.0)  # how closely a series may follow another
MOST_STAGES = 20
MOST_SCATTER = 1e3  # at this scatter, actuals don't distinguish plans
STEP = 1.2  # ratio between scatters tried
KEPT_SHARE = 0.05  # effective share of draws in each stage: fewer would misplace the next one
ENOUGH_SHARE = 0.25  # effective share of draws in the last stage
WIDER = 1.3  # factor on the covariance of the remaining draws
FROM_RANGES = 0.1  # share of a later stage's draws taken from the ranges
LEAST_SPREAD = 1e-9  # spread of a series between draws; below this, no range moves it
LEAST_ODDS = 1e-6
MOVES = 32  # final moves per draw
STEP_SIZE = 2.38  # over the square root of twice the number of ranges: the optimal step
LONG_STEP = 6  # one in this many moves is a long jump
LEAST_STEP = 1e-4
ENDS_Z = {"p5": -1.6448536269514722, "p50": 0.0, "p95": 1.6448536269514722}
FOUND_BY_REQUESTS = ("deployment_usd", "other_serving_usd")
FOUND_BY_CUSTOMERS = ("requests", "revenue_usd", "acquisition_usd")
NEVER_FOUND = ("cash_usd", "funding_usd", "unplanned_usd")  # sums of other lines, or not moved by any range


@dataclass(frozen=True)
class SeriesErrors:
    """Errors of each informative series, summed over its months; each sum has shape (series, n), `months` (series,).

    `squares` are of its own errors, `products` with those of the series that it follows, `followed` of the squares of those.
    """

    squares: Array
    products: Array
    followed: Array
    months: Array
    names: tuple[str, ...]

    def log_fit(self, scatter: float = SCATTER) -> Array:
        """Return the log-likelihood of the actuals under each plan, up to a constant, shape (n,)."""
        powers = (self.months + SCATTER_WORTH)[:, None] / 2.0
        fits = [-powers * np.log(SCATTER_WORTH * scatter**2 + self._left(follows)) for follows in FOLLOWS]
        return np.asarray(np.logaddexp.reduce(fits, axis=0).sum(axis=0))

    def _left(self, follows: float) -> Array:
        """Return the squared residuals of each series, given how closely it follows another."""
        left = self.squares - 2.0 * follows * self.products + follows**2 * self.followed
        return np.maximum(left, 0.0)


@dataclass(frozen=True)
class Refit:
    """Ranges before and after a refit. `draws` are those after it, equally weighted, shape (n,), by path.

    `effective` is how many independent draws the weighted ones are worth; `series` says which series counted, and their months.
    """

    before: Mapping[str, Percentiles]
    after: Mapping[str, Percentiles]
    draws: Mapping[str, Array]
    n: int
    effective: float
    stages: int
    series: Mapping[str, int]


def refit(scenario: Scenario, actuals: Actuals, *, n: int = REFIT_SAMPLES, seed: int = 0) -> Refit:
    """Return the ranges of a plan given its actuals; a plan without ranges has nothing to learn."""
    found = ranges(scenario)
    before = {path: _ends_of(each) for path, each in found.items()}
    months = {place_of(scenario, name): month for name, month in actuals.months.items()}
    if not found or not months:
        return Refit(before, before, {}, n, float(n), 0, {})
    count = max(months) + 1

    def fits(z: Array) -> SeriesErrors:
        plans = replaced_many(scenario, values_at(scenario, found, dict(zip(found, z, strict=True))))
        return errors_of(planned(plans, count), months, n)

    first = np.stack([*scores(scenario, found, n=n, seed=seed).values()])
    correlation = score_correlation(scenario, [*found])
    z, weights, stages, errors = _sampled(first, correlation, fits)
    kept = _moved(z[:, resampled(weights)], correlation, fits, np.random.default_rng(seed))
    draws = values_at(scenario, found, dict(zip(found, kept, strict=True)))
    return Refit(before, percentiles(draws), draws, n, effective(weights), stages, _months_of(errors))


def _ends_of(each: Range) -> Percentiles:
    low, middle, high = (float(each.quantile(np.asarray(z))) for z in ENDS_Z.values())
    return Percentiles(low, middle, high)


def _months_of(errors: SeriesErrors) -> dict[str, int]:
    return {name: int(count) for name, count in zip(errors.names, errors.months, strict=True)}


def errors_of(plan: PlannedMonths, months: Mapping[int, ActualMonth], n: int) -> SeriesErrors:
    """Return how far each of `n` plans is from the actuals, leaving out series that no range moves."""
    sums, counts = [], {}
    for name, (own, followed) in series_of(plan, months).items():
        if np.ptp(own, axis=0).max(initial=0.0) > LEAST_SPREAD:
            pairs = ((own, own), (own, followed), (followed, followed))
            sums.append([np.broadcast_to(np.sum(one * other, axis=-1), (n,)) for one, other in pairs])
            counts[name] = float(own.shape[-1])
    table = np.stack(sums) if sums else np.empty((0, 3, n))
    squares, products, of_followed = np.moveaxis(table, 1, 0)
    return SeriesErrors(squares, products, of_followed, np.array([*counts.values()]), tuple(counts))


def series_of(plan: PlannedMonths, months: Mapping[int, ActualMonth]) -> dict[str, tuple[Array, Array]]:
    """Return, by line, the errors of the plans' forecasts, and those of the line that each follows.

    Shape (n, months) each, as logarithms; 0 for the followed line if none was stated.
    """
    found: dict[str, list[tuple[Array, Array]]] = {}
    for place, month in sorted(months.items()):
        expected = {line: each[..., place] for line, each in plan.lines.items()}
        for line, errors in _errors(expected, month.lines()):
            found.setdefault(line, []).append(errors)
    return {
        line: (_by_month(own for own, _ in rows), _by_month(of for _, of in rows))
        for line, rows in found.items()
    }


def _by_month(rows: Iterable[Array]) -> Array:
    return np.stack([np.atleast_1d(each) for each in np.broadcast_arrays(*rows)], axis=-1)


def _errors(
    expected: Mapping[str, Array], stated: Mapping[str, float]
) -> Iterator[tuple[str, tuple[Array, Array]]]:
    """Yield the error of each stated line of a month, and that of the line it follows.

    As logarithms; lines that are zero are skipped.
    """
    for line, value in stated.items():
        head = line.partition(".")[0]
        if head in NEVER_FOUND or line not in expected:
            continue
        if head == "success_share":
            yield line, (_log_odds(np.asarray(value)) - _log_odds(expected[line]), np.zeros(()))
            continue
        if value <= 0 or not np.all(expected[line] > 0):
            continue
        yield line, (np.log(value / expected[line]), _followed(expected, stated, head))


def _followed(expected: Mapping[str, Array], stated: Mapping[str, float], head: str) -> Array:
    """Return the error of the line that a line follows, as a logarithm; 0 if none is stated."""
    of, happened = _base(expected, head), _base(stated, head)
    if (
        of is None
        or happened is None
        or not np.all(np.asarray(of) > 0)
        or not np.all(np.asarray(happened) > 0)
    ):
        return np.zeros(())
    return np.asarray(np.log(happened / of))


def _base(lines: Mapping[str, Array] | Mapping[str, float], head: str) -> Array | float | None:
    """Return the quantity that a line follows, from the other lines of its month; None if not stated."""
    if head in FOUND_BY_CUSTOMERS:
        return lines.get("customers")
    if head in FOUND_BY_REQUESTS:
        asked = [each for line, each in lines.items() if line.startswith("requests.")]
        return sum(asked, start=0.0) if asked else None
    return lines.get("revenue_usd") if head == "revenue_costs_usd" else None


def _log_odds(share: Array) -> Array:
    inside = np.clip(share, LEAST_ODDS, 1.0 - LEAST_ODDS)
    return np.log(inside / (1.0 - inside))


def _sampled(
    first: Array, correlation: Array, fits: Callable[[Array], SeriesErrors]
) -> tuple[Array, Array, int, SeriesErrors]:
    """Return scores, (ranges, n), their weights, (n,), the number of stages, and the errors of the last.

    Each stage tolerates a smaller scatter than the previous one, down to the intended scatter.
    """
    independent = np.linalg.solve(np.linalg.cholesky(correlation), first)
    nowhere = np.zeros(len(first))
    z, log_drawn = first, _log_normal(first, nowhere, correlation)
    stage, scatter = 0, MOST_SCATTER
    while True:
        stage += 1
        errors, log_base = fits(z), _log_normal(z, nowhere, correlation) - log_drawn
        scatter = _bearable(log_base, errors, scatter)
        weights = normalised(log_base + errors.log_fit(scatter))
        enough = scatter <= SCATTER and effective(weights) >= ENOUGH_SHARE * z.shape[1]
        if enough or stage == MOST_STAGES:
            return z, normalised(log_base + errors.log_fit()), stage, errors
        mean = z @ weights
        apart = z - mean[:, None]
        spread = WIDER * ((apart * weights) @ apart.T) + np.eye(len(z)) * LEAST_SPREAD
        z = _placed(independent, first, mean, spread)
        near, far = _log_normal(z, mean, spread), _log_normal(z, nowhere, correlation)
        log_drawn = np.logaddexp(np.log1p(-FROM_RANGES) + near, np.log(FROM_RANGES) + far)


def _moved(
    z: Array, correlation: Array, fits: Callable[[Array], SeriesErrors], rng: np.random.Generator
) -> Array:
    """Return equally weighted draws after Metropolis moves along the differences of other draws.

    The stages may miss part of a long ridge, as when only a product of two unknowns is known; the moves fill it in.
    """

    def target(at: Array) -> Array:
        likely = _log_normal(at, np.zeros(len(at)), correlation) + fits(at).log_fit()
        return np.where(np.isnan(likely), -np.inf, likely)

    here, n = target(z), z.shape[1]
    for move in range(MOVES):
        one, other = rng.permuted(np.arange(n)), rng.permuted(np.arange(n))
        step = 1.0 if move % LONG_STEP == 0 else STEP_SIZE / np.sqrt(2.0 * len(z))
        there = z + step * (z[:, one] - z[:, other]) + rng.normal(0.0, LEAST_STEP, z.shape)
        likely = target(there)
        taken = np.log(rng.uniform(size=n)) < likely - here
        z, here = np.where(taken, there, z), np.where(taken, likely, here)
    return z


def _placed(independent: Array, first: Array, mean: Array, spread: Array) -> Array:
    """Return scores for the next stage: the last tenth from the ranges, the rest from around the effective draws."""
    near = mean[:, None] + np.linalg.cholesky(spread) @ independent
    from_ranges = np.arange(first.shape[1]) >= (1.0 - FROM_RANGES) * first.shape[1]
    return np.where(from_ranges, first, near)


def _bearable(log_base: Array, errors: SeriesErrors, before: float) -> float:
    """Return the smallest scatter with enough effective draws, between the intended and the previous stage's."""
    scatter = SCATTER
    while scatter < before:
        if effective(normalised(log_base + errors.log_fit(scatter))) >= KEPT_SHARE * len(log_base):
            return scatter
        scatter *= STEP
    return before


def _log_normal(z: Array, mean: Array, covariance: Array) -> Array:
    lower = np.linalg.cholesky(covariance)
    scaled = np.linalg.solve(lower, z - mean[:, None])
    return np.asarray(-0.5 * np.square(scaled).sum(axis=0) - np.log(np.diag(lower)).sum())


def normalised(log_weights: Array) -> Array:
    """Return weights that sum to 1; a draw that can't be computed has weight 0."""
    finite = np.where(np.isnan(log_weights), -np.inf, log_weights)
    raised: Array = np.exp(finite - finite.max())
    return np.asarray(raised / raised.sum())


def effective(weights: Array) -> float:
    """Return the effective number of weighted draws.

    >>> effective(np.array([0.25, 0.25, 0.25, 0.25])), effective(np.array([1.0, 0.0]))
    (4.0, 1.0)
    """
    return float(1.0 / np.square(weights).sum())


def resampled(weights: Array) -> Array:
    """Return the indices of as many equally weighted draws by systematic resampling.

    >>> resampled(np.array([0.5, 0.25, 0.25, 0.0])).tolist()
    [0, 0, 1, 2]
    """
    points = (np.arange(len(weights)) + 0.5) / len(weights)
    return np.minimum(np.searchsorted(np.cumsum(weights), points), len(weights) - 1)
