"""How the service is used: by tenths of customers, along a session, by hour of the day."""

from collections.abc import Sequence

import numpy as np

from planner.model import Result, SegmentResult, SessionCalls
from planner.readout import call_rows, number
from planner.readout.fleet_day import FleetDay, fleet_day
from planner.readout.session_text import compacted_at, course_text
from planner.schema import Segment
from planner.tui.widgets.charts import Row, Rows, Span, bar
from planner.tui.widgets.charts.canvas import Canvas, words
from planner.tui.widgets.panels.scene import SEGMENT, SESSION, Panel, Scene, usd
from planner.units import HOURS_PER_DAY, show

_TENTHS = 10
_TENTH_COLUMNS = (("uses", 8), ("costs", 9), ("pays", 9), ("margin", 9))
_NAMES = ("lightest", "2nd", "3rd", *(f"{at}th" for at in range(4, _TENTHS)), "heaviest")
_NAME, _LEAST_BAR = 11, 6
_DAY_ROWS, _SESSION_ROWS, _CHART_ROWS = 9, 12, 7


def _spread(segment: Segment) -> bool:
    """Say whether some customers of a segment use more than others."""
    return segment.use_tail is not None or bool(segment.use_tenths) or float(segment.use_cv) > 0


def _segments(scene: Scene) -> list[str]:
    """Return the segments of uneven use, in the order of the file."""
    return [name for name, each in scene.outlook.scenario.segments.items() if _spread(each)]


def _segment(scene: Scene) -> tuple[str, SegmentResult] | None:
    """Return the segment that is asked for; else the one of uneven use whose customers bring or lose the most."""
    names = _segments(scene)
    if scene.outlook.result is None or not names:
        return None
    found = {name: each for name, each in scene.outlook.result.segments.items() if name in names}
    if scene.segment in found:
        return scene.segment, found[scene.segment]
    return max(found.items(), key=lambda pair: abs(number(pair[1].margin_usd_per_month)), default=None)


def _tenths_title(scene: Scene) -> str:
    found = _segment(scene)
    if not found:
        return ""
    return f"A customer of {found[0]} by use, a month{_place(found[0], _segments(scene))}"


def _place(name: str, names: Sequence[str]) -> str:
    """Say which of several is shown."""
    return f", {names.index(name) + 1} of {len(names)}" if len(names) > 1 else ""


def _segment_stops(scene: Scene) -> list[str]:
    return [f"{SEGMENT}{name}" for name in _segments(scene)]


def _tenths(scene: Scene, width: int, height: int) -> Rows:
    """Return a row for each tenth of a segment's customers: what it uses, costs, pays and leaves."""
    found = _segment(scene)
    assert found is not None
    tenths = found[1].tenths
    margin = _by_tenth(tenths.margin_usd_per_customer)
    columns = [
        [show(value) for value in _by_tenth(tenths.requests_per_customer)],
        *(
            [usd(value) for value in _by_tenth(each)]
            for each in (tenths.cogs_usd_per_customer, tenths.revenue_usd_per_customer)
        ),
        [usd(value) for value in margin],
    ]
    room = max(width - _NAME - sum(wide for _, wide in _TENTH_COLUMNS) - 1, 0)
    head = "tenth".ljust(_NAME) + "".join(name.rjust(wide) for name, wide in _TENTH_COLUMNS)
    rows: Rows = [[Span(head[:width], "muted")]]
    for at in reversed(range(_TENTHS)):
        look = "bad" if margin[at] < 0 else "good"
        texts = [each[at].rjust(wide) for each, (_, wide) in zip(columns, _TENTH_COLUMNS, strict=True)]
        cells = [*(Span(text, "label") for text in texts[:-1]), Span(f"{texts[-1]} ", look)]
        bars = _from_zero(margin, at, room, ascii_only=scene.ascii_only)
        rows.append([Span(_NAMES[at].ljust(_NAME)), *cells, *bars])
    return rows if height > _TENTHS else [*rows[: height - 1], rows[-1]]


def _by_tenth(values: object) -> list[float]:
    found: list[float] = np.broadcast_to(np.asarray(values, dtype=float), (_TENTHS,)).tolist()
    return found


def _from_zero(values: Sequence[float], at: int, room: int, *, ascii_only: bool) -> Row:
    """Return a bar to the right of a line at zero, or to its left for what is lost; all of them on one scale."""
    if room < _LEAST_BAR:
        return []
    low, high = min(0.0, *values), max(0.0, *values)
    room -= 1  # the line at zero
    zero = round(-low / ((high - low) or 1.0) * room)
    zero = min(max(zero, int(low < 0)), room - int(high > 0))
    length = min(abs(values[at]) / ((high - low) or 1.0) * room, room - zero if values[at] >= 0 else zero)
    line = Span("|" if ascii_only else "│", "zero")
    if values[at] < 0:
        mark = ("#" if ascii_only else "█") * max(round(length), 1)
        return [Span(mark.rjust(zero), "bad"), line]
    return [Span(" " * zero), line, Span(bar(length, ascii_only=ascii_only), "good")]


def _most_tenths(scene: Scene) -> int:
    """Return the rows of the tenths: by what the plan says, as its result takes ms to ask."""
    segments = scene.outlook.scenario.segments.values() if scene.outlook.result is not None else ()
    return _TENTHS + 1 if any(map(_spread, segments)) else 0


def _session(scene: Scene) -> tuple[str, SessionCalls] | None:
    """Return the session that is asked for; else the one that costs most in a month, if requests take several calls."""
    result = scene.outlook.result
    if result is None or not result.sessions:
        return None
    found = [pair for pair in result.sessions.items() if scene.session in (_named(*pair[0]), pair[0][0])]
    pairs = found or list(result.sessions.items())
    place, session = max(pairs, key=lambda pair: _usd_per_month(result, *pair[0]))
    return _named(*place), session


def _named(workload: str, tier: str) -> str:
    return f"{workload} on {tier}"


def _sessions(scene: Scene) -> list[str]:
    """Return the sessions of a plan: of each workload whose requests take several calls, on each deployment."""
    result = scene.outlook.result
    return [_named(*place) for place in result.sessions] if result is not None else []


def _session_stops(scene: Scene) -> list[str]:
    return [f"{SESSION}{name}" for name in _sessions(scene)]


def _usd_per_month(result: Result, workload: str, tier: str) -> float:
    each = result.workloads[workload]
    calls = number(each.tiers[tier].calls_per_request) * number(each.requests_per_month)
    usd = calls * number(each.tiers[tier].usd_per_call)
    return usd if np.isfinite(usd) else 0.0


def _session_title(scene: Scene) -> str:
    found = _session(scene)
    return f"A session of {found[0]}, call by call{_place(found[0], _sessions(scene))}" if found else ""


def _along_session(scene: Scene, width: int, height: int) -> Rows:
    """Return the prompts and the costs of a session's calls."""
    from planner.tui.widgets.charts.session import CallCourse, session_chart  # noqa: PLC0415 - few plans have sessions

    found = _session(scene)
    assert found is not None
    last = call_rows(found[1])[-1].call
    calls = found[1]
    course = CallCourse(
        calls.prompt_tokens[:last].tolist(),
        calls.read_tokens[:last].tolist(),
        calls.usd_per_call[:last].tolist(),
        compacted_at(calls),
    )
    said: Rows = words(course_text(found[1]), width=width)[: max(height - _CHART_ROWS, 0)]
    return said + session_chart(
        course,
        width=width,
        height=height - len(said),
        show_tokens=show,
        show_usd=usd,
        ascii_only=scene.ascii_only,
    )


def _fleet(scene: Scene) -> tuple[str, FleetDay] | None:
    """Return the largest fleet whose hours are known."""
    if scene.outlook.result is None:
        return None
    days = {name: fleet_day(hours) for name, hours in scene.outlook.result.fleet_hours.items()}
    return max(days.items(), key=lambda pair: pair[1].most_gpus, default=None)


def _day(scene: Scene, width: int, height: int) -> Rows:
    """Return the GPUs of each hour: columns of a weekday, points of a weekend day."""
    found = _fleet(scene)
    assert found is not None
    _, day = found
    most = max(*day.weekday.gpus, *day.weekend_day.gpus, 1.0)
    label = show(most)
    left = len(label) + 1
    cell = max((width - left) // HOURS_PER_DAY, 1)
    canvas = Canvas(width, height)
    block, point = ("#", "o") if scene.ascii_only else ("█", "●")
    canvas.put(
        0, 0, f"{block} weekday  {point} weekend day, UTC; busiest {day.busiest_hour}"[:width], "muted"
    )
    rows = height - 2
    canvas.put(0, 1, label, "axis")
    canvas.put(0, rows, "0".rjust(len(label)), "axis")
    for hour in range(HOURS_PER_DAY):
        x = left + hour * cell
        for y in range(round(day.weekday.gpus[hour] / most * rows)):
            canvas.put(x, rows - y, block * max(cell - 1, 1), "bar")
        y = max(round(day.weekend_day.gpus[hour] / most * rows) - 1, 0)
        canvas.put(x + (cell - 1) // 2, rows - y, point, "mark")
        if hour % 6 == 0:
            canvas.put(x, height - 1, f"{hour}:00", "axis")
    return canvas.rows()


def _day_title(scene: Scene) -> str:
    found = _fleet(scene)
    return f"GPUs of {found[0]} by hour" if found else ""


TENTHS = Panel(
    "tenths",
    _tenths_title,
    _TENTHS + 1,
    _most_tenths,
    _tenths,
    _segment_stops,
    shown=lambda scene: f"{SEGMENT}{(_segment(scene) or ('',))[0]}",
)
CALLS = Panel(
    "session",
    _session_title,
    7,
    lambda scene: _SESSION_ROWS if _session(scene) else 0,
    _along_session,
    _session_stops,
    shown=lambda scene: f"{SESSION}{(_session(scene) or ('',))[0]}",
)
HOURS = Panel("hours", _day_title, 6, lambda scene: _DAY_ROWS if _fleet(scene) else 0, _day)
