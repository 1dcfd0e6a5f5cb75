"""Numbers, amounts of money and moments as logs write them, as functions of SQL: one definition for every format."""

import re
from typing import Any

from planner.records import dataclass
from planner.usage.names import words

PERIODS = {
    "week": r"\d{4}-?W\d{1,2}",
    "month": r"\d{4}[-/]\d{1,2}|[A-Za-z]{3,9}\.? \d{4}",
}  # how a moment is written that stands for as much time
PERIOD_WORDS = {"month": "month", "monat": "month", "mois": "month", "mes": "month", "week": "week", "woche": "week",
                "isoweek": "week", "yearweek": "week", "kw": "week", "semaine": "week", "semana": "week"}  # fmt: skip
CALENDAR = frozenset({"hour", "day", "week", "month", "year", "isoweek", "kw", "woche", "monat", "semaine", "mois", "semana", "mes", "stunde",
                      "heure", "hora", "weekday", "period"})  # small numbers under these names count no seconds  # fmt: skip
OLDEST_S, NEWEST_S = 1_420_070_400.0, 4_102_444_800.0  # 2015 to 2100
FIRST_SERIAL, LAST_SERIAL = 42_005.0, 73_051.0  # the same days as a sheet counts them, from 1899-12-30
SERIAL_EPOCH = 25_569  # 1970-01-01

_DATES = ("{short}", "{other_short}", "{dash_short}", "%Y-%m-%d", "%d.%m.%y", "%Y/%m/%d", "{slash}", "{other}", "%d.%m.%Y", "%d-%b-%y", "%d-%b-%Y", "%d/%b/%Y", "%b %d %Y", "%d %b %Y", "%B %d %Y",
          "%d %B %Y", "%Y%m%d", "%Y.%m.%d", "{dash}")  # fmt: skip
_TIMES = ("", " %H:%M:%S", " %H:%M", " %I:%M:%S %p", " %I:%M %p", " %H%M%S", " %H")
_MORE = ("%b %d %H:%M:%S %Y", "%B %d %H:%M:%S %Y", "%Y-%m", "%b %Y", "%B %Y", "%G-W%V", "%GW%V", "%G-W%V-%u")
_SIGNS = {"$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR"}
_THOUSANDS = "[,'’_ \u00a0\u202f]"  # noqa: RUF001 - the signs that stand between thousands
_CAST = "nullif(TRY_CAST(x AS DOUBLE), 'nan'::DOUBLE)"  # the word NaN says that there is no number
_SIGN_OR_CODE = "(?:[A-Z]{0,2}[$€£¥₹]|[A-Z]{3}|[a-z]{3})"

# what is put for what, one after another, until a date and a time of few kinds are left
_PLAINER = (
    (r"[年月]", "-"),
    (r"日", ""),
    (r"^\[|\]$", ""),
    (r"\b(\d{1,2})\.(\d{2})\.(\d{2})(\.\d+)? ?([AaPp][Mm])$", r"\1:\2:\3\4 \5"),  # Oracle's
    (r"^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,?\s+", ""),
    (r"(\d{4}):(\d{2}:\d{2}:\d{2})", r"\1 \2"),  # 20/Nov/2026:10:00:00
    (r"(\d)T(\d)", r"\1 \2"),
    (r"([AaPp])\.[Mm]\.", r"\1M"),
    (r"\bat\b|,|\s@\s", " "),
    (r"(:\d{2})[.,]\d+", r"\1"),
    (r"(\d)(st|nd|rd|th)\b", r"\1"),
    (r"\s+", " "),
)


@dataclass(frozen=True)
class Manner:
    """How a log writes its values: with a decimal comma, the day before the month, days as a sheet counts them.

    `time_format` is the user's own, in the letters of strptime; `dated` is whether times are dates at all, `unit_s` the
    seconds in one unit of times that only count from the start. `period` is what each time stands for: "month", "week" or "".
    `pointed` says that counts are written 1.234 for a thousand and more, by nothing but themselves.
    """

    decimal_comma: bool = False
    day_first: bool = False
    serial_days: bool = False
    time_format: str = ""
    dated: bool = True
    unit_s: float = 1.0
    year_first: bool = False
    period: str = ""
    pointed: bool = False


def period_named(name: str) -> str:
    """Return the period that a column of times is called by, "" where it is none longer than a day.

    >>> period_named("week_start"), period_named("created_at")
    ('week', '')
    """
    return next((PERIOD_WORDS[word] for word in words(name) if word in PERIOD_WORDS), "")


def period_of(written: list[str]) -> str:
    """Return the period that moments stand for as they are written, "" where it is no longer than a day.

    >>> period_of(["2026-W46", "2026-W47"]), period_of(["Oct 2026"]), period_of(["2026-10-01"])
    ('week', 'month', '')
    """
    return next(
        (
            name
            for name, form in PERIODS.items()
            if written and all(re.fullmatch(form, one.strip()) for one in written)
        ),
        "",
    )


def literal(text: str) -> str:
    """Return `text` as a literal of SQL.

    >>> literal("it's")
    "'it''s'"
    """
    return "'" + text.replace("'", "''").replace("\0", "") + "'"


def define(connection: Any, manner: Manner) -> None:
    """Make the functions number(text), amount(text), currency_of(text) and moment(text) known to a connection."""
    for sql in (_number(manner), _amount(manner), _currency(), *_moment(manner)):
        connection.execute(sql)


def _number(manner: Manner) -> str:
    """Return the function that reads a count: 1000, 1,000, 1.5k, 12 tokens; with a decimal comma also 1.000."""
    mark = "[.'’ \u00a0\u202f]" if manner.decimal_comma else _THOUSANDS  # noqa: RUF001 - as people write it
    grouped = f"^\\s*([-+]?\\d{{1,3}}(?:{mark}\\d{{2,3}})+)(?:{',' if manner.decimal_comma else '[.]'}0*)?\\s*(?:tokens?|tok)?\\s*$"
    scaled = r"^\s*([-+]?\d+(?:[.,]\d+)?)\s*([kKmMbB]?)\s*(?:tokens?|tok)?\s*$"
    by_letter = f"CASE lower(regexp_extract(x, {literal(scaled)}, 2)) WHEN 'k' THEN 1e3 WHEN 'm' THEN 1e6 WHEN 'b' THEN 1e9 ELSE 1 END"
    plain = _CAST
    together = (
        f"CASE WHEN regexp_matches(x, {literal(grouped)}) "
        f"THEN TRY_CAST(regexp_replace(regexp_extract(x, {literal(grouped)}, 1), '[^0-9-]', '', 'g') AS DOUBLE) END"
    )
    letters = (
        f"CASE WHEN regexp_matches(x, {literal(scaled)}) "
        f"THEN TRY_CAST(replace(regexp_extract(x, {literal(scaled)}, 1), ',', '.') AS DOUBLE) * {by_letter} END"
    )
    order = f"{together}, {plain}" if manner.decimal_comma else f"{plain}, {together}"
    return f"CREATE OR REPLACE TEMP MACRO number(x) AS coalesce({order}, {letters})"


def _amount(manner: Manner) -> str:
    """Return the function that reads an amount of money: $0.0035, USD 0.007, 1,234.50, (0.50), 0,0035."""
    point, mark = (",", "[.'’ \u00a0]") if manner.decimal_comma else ("[.]", _THOUSANDS)  # noqa: RUF001 - as people write it
    digits = f"(\\d{{1,3}}(?:{mark}\\d{{3}})+|\\d*)({point}\\d*(?:[eE][-+]?\\d+)?)?"
    shape = f"^\\s*(\\(?[-+]?)\\s*{_SIGN_OR_CODE}?\\s*([-+]?)\\s*{digits}\\s*{_SIGN_OR_CODE}?\\s*\\)?\\s*$"
    whole = f"regexp_replace(regexp_extract(x, {literal(shape)}, 3), '[^0-9]', '', 'g')"
    part = f"replace(regexp_extract(x, {literal(shape)}, 4), ',', '.')"
    sign = f"CASE WHEN regexp_extract(x, {literal(shape)}, 1) || regexp_extract(x, {literal(shape)}, 2) SIMILAR TO '.*[-(].*' THEN -1 ELSE 1 END"
    read = f"CASE WHEN regexp_matches(x, {literal(shape)}) AND regexp_matches(x, '\\d') THEN TRY_CAST({whole} || {part} AS DOUBLE) * {sign} END"
    order = f"{read}, {_CAST}" if manner.decimal_comma else f"{_CAST}, {read}"
    return f"CREATE OR REPLACE TEMP MACRO amount(x) AS coalesce({order})"


def _currency() -> str:
    """Return the function that reads the currency out of an amount, '' where it names none."""
    signs = " ".join(f"WHEN contains(x, {literal(sign)}) THEN '{code}'" for sign, code in _SIGNS.items())
    code = r"(?:^|[\s\d])([A-Za-z]{3})(?:$|[\s\d.,])"
    return (
        f"CREATE OR REPLACE TEMP MACRO currency_of(x) AS CASE WHEN TRY_CAST(x AS DOUBLE) IS NOT NULL THEN '' {signs} "
        f"WHEN regexp_matches(x, '\\d') THEN upper(regexp_extract(x, {literal(code)}, 1)) ELSE '' END"
    )


def _moment(manner: Manner) -> list[str]:
    """Return the function that reads a moment as seconds since 1970 in UTC, or since the start of the log."""
    if manner.time_format:
        zone = "TIMESTAMPTZ" if "%z" in manner.time_format or "%Z" in manner.time_format else "TIMESTAMP"
        read = f"epoch(CAST(try_strptime(trim(x), {literal(manner.time_format)}) AS {zone}))"
        return [f"CREATE OR REPLACE TEMP MACRO moment(x) AS {read}"]
    n = "TRY_CAST(x AS DOUBLE)"
    if not manner.dated:
        return [f"CREATE OR REPLACE TEMP MACRO moment(x) AS {n} * {manner.unit_s}"]
    scaled = (
        f"CASE WHEN {n} > 1e17 THEN {n} / 1e9 WHEN {n} > 1e14 THEN {n} / 1e6 WHEN {n} > 1e11 THEN {n} / 1e3 "
        f"WHEN {n} >= 2e8 THEN {n} WHEN length(x) = 8 AND {n} BETWEEN 19000101 AND 21001231 "
        f"THEN epoch(try_strptime(x, '%Y%m%d')) "
        + (
            f"WHEN {n} BETWEEN {FIRST_SERIAL} AND {LAST_SERIAL} THEN round(({n} - {SERIAL_EPOCH}) * 86400e3) / 1e3 "
            if manner.serial_days
            else ""
        )
        + "END"
    )
    return [*_spelled(manner), (
        f"CREATE OR REPLACE TEMP MACRO moment(x) AS CASE WHEN regexp_matches(x, '^\\d{{4}}-') THEN coalesce("
        f"CASE WHEN NOT contains(x, ',') THEN epoch(TRY_CAST(x AS TIMESTAMPTZ)) ELSE epoch(TRY_CAST(regexp_replace(x, "
        f"'(\\d{{2}}:\\d{{2}}:\\d{{2}}),(\\d+)', '\\1.\\2') AS TIMESTAMPTZ)) END, spelled(x)) "
        f"WHEN {n} IS NOT NULL THEN {scaled} ELSE spelled(x) END"
    )]  # fmt: skip


def _spelled(manner: Manner) -> list[str]:
    """Return the functions that read what people and other programs than databases write for a moment.

    The weekday, the name of UTC and the fraction of the second are taken off, the offset is taken off and subtracted:
    a date of some sixteen kinds with a time of some seven is left.
    """
    first, then = ("%d", "%m") if manner.day_first else ("%m", "%d")
    order = {"slash": f"{first}/{then}/%Y", "other": f"{then}/{first}/%Y", "dash": f"{first}-{then}-%Y"}
    order |= {
        "short": f"{first}/{then}/%y",
        "other_short": f"{then}/{first}/%y",
        "dash_short": f"{first}-{then}-%y",
    }
    order |= {"short": "%y/%m/%d", "other_short": "%y-%m-%d"} if manner.year_first else {}
    dates = [*(one.format(**order) for one in _DATES), f"{then}-{first}-%Y"]
    forms = ", ".join(literal(date + time) for time in _TIMES for date in dates)
    forms += "".join(f", {literal(more)}" for more in _MORE)
    zone = r"\s*(?:UTC|GMT|Z)?\s*([+-])(\d{2}):?(\d{2})(?:\s+[A-Z]{2,5})?\]?$"
    text = "x"
    for pattern, by in _PLAINER:
        text = f"regexp_replace({text}, {literal(pattern)}, {literal(by)}, 'g')"
    offset = (
        f"CASE WHEN regexp_matches(x, {literal(zone)}) THEN (TRY_CAST(regexp_extract(x, {literal(zone)}, 2) AS INT) * 3600 + "
        f"TRY_CAST(regexp_extract(x, {literal(zone)}, 3) AS INT) * 60) * CASE regexp_extract(x, {literal(zone)}, 1) "
        f"WHEN '-' THEN -1 ELSE 1 END ELSE 0 END"
    )
    bare = f"trim(regexp_replace(regexp_replace({text}, {literal(zone)}, ''), '\\s*(?:UTC|GMT|Z)$', ''))"
    fraction = r"coalesce(TRY_CAST('0.' || nullif(regexp_extract(x, ':\d{2}[.,](\d+)', 1), '') AS DOUBLE), 0)"
    has_clock = r"regexp_matches(x, '\d[T: ]\d{2}:?\d{2}')"
    tail = literal(r"\s*\(.*\)$|\[[A-Za-z_/+-]+\]$|\s+m=[+-][\d.]+$")  # names of zones; Go's other clock
    ticks = (
        "CASE WHEN x LIKE '/Date(%' THEN TRY_CAST(regexp_extract(x, '\\d+') AS DOUBLE) / 1e3 "
        f"ELSE without_tail(regexp_replace(x, {tail}, '')) END"
    )
    read = f"epoch(try_strptime({bare}, [{forms}])) - CASE WHEN {has_clock} THEN {offset} ELSE 0 END + {fraction}"
    return [
        f"CREATE OR REPLACE TEMP MACRO without_tail(x) AS CASE WHEN length(x) BETWEEN 6 AND 90 AND regexp_matches(x, '\\d') THEN {read} END",
        f"CREATE OR REPLACE TEMP MACRO spelled(x) AS {ticks}",
    ]
