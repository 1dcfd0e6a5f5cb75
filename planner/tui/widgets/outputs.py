"""Right: the panels that show where the plan leads, with a cursor on one of its numbers and one on a month."""

import math
from collections.abc import Iterator
from dataclasses import replace
from time import monotonic

from textual.reactive import reactive

from planner.schema.steps import steps_of
from planner.tui.session.outlook import HEADLINE, WATCHED, Outlook
from planner.tui.widgets.charts import Row, Rows, Span, plain
from planner.tui.widgets.charts.canvas import fitted
from planner.tui.widgets.pane import View
from planner.tui.widgets.panels import PANELS, Area, Room, Scene, arranged
from planner.tui.widgets.panels.money import month_of_cash
from planner.tui.widgets.panels.scene import PANEL, SEGMENT, SESSION, WORKLOAD
from planner.tui.widgets.panels.tables import month_of_row

_TOUR = ("costs", "swings", "workloads", "tenths", "session", "cash", "months", "hours")
CHARTS_EVERY_S = 0.25  # while keys keep coming: four charts a second can be followed, and fit a slow line


class Outputs(View):
    """Panels of the plan; a cursor steps through the numbers, so that each can be explained."""

    can_focus = True
    outlook: reactive[Outlook] = reactive(Outlook.blank, init=False, repaint=False)
    large: reactive[str] = reactive("", init=False, repaint=False)

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._stop, self._at = "", 0
        self.numbers: tuple[str, ...] = HEADLINE
        self.follows = (
            True  # keys that keep coming; not a number being typed, whose first digits lead nowhere
        )
        self.metric = ""  # the headline number that the cursor was on last; the tornado is about it
        self.segment, self.session = "", ""
        self.ways = ""  # the keys that lead on from a panel alone
        self._waits_s = math.inf  # since when the charts are behind the numbers
        self._kept: dict[str, tuple[Scene, Area, Rows]] = {}

    def watch_outlook(self, before: Outlook, after: Outlook) -> None:
        """Show other numbers: at once if only their ranges are new, else when keys pause or a moment has passed.

        An outlook with the same result and new ranges always follows, as soon as keys pause.
        """
        now_s = monotonic()
        self._waits_s = min(self._waits_s, now_s)
        late = self.follows and now_s > self._waits_s + CHARTS_EVERY_S
        if before.result is after.result or late:
            self.redraw()

    def watch_large(self) -> None:
        """Show one panel alone, or all of them again."""
        self.redraw()

    def groups(self) -> dict[str, list[str]]:
        """Return what the cursor can go to: headline numbers under no name, then what each panel has."""
        scene = self._scene("")
        panels = {name: PANELS[name].stops_of(scene) for name in _TOUR if PANELS[name].most(scene)}
        return {"": list(self.numbers), **(panels if self.outlook.result is not None else {})}

    def items(self) -> list[str]:
        """Return all that the cursor can go to, in its order."""
        return [stop for group in self.groups().values() for stop in group]

    @property
    def at(self) -> int:
        """Where the cursor is among all that it can go to; what it was on may have moved, or be gone."""
        items = self.items()
        return items.index(self._stop) if self._stop in items else min(self._at, len(items) - 1)

    @property
    def chosen(self) -> str:
        """The number, row or panel under the cursor; nothing while another pane has the focus."""
        if not self.has_focus:
            return ""
        return self._stop if self._stop in self.numbers else self.items()[self.at]

    @property
    def panel(self) -> str:
        """The panel that the cursor is in; empty for the headline numbers."""
        chosen = self.chosen
        return next((name for name, stops in self.groups().items() if chosen in stops), "")

    def move(self, rows: int) -> None:
        """Go to another number, row or panel; among pictures of one kind, and in a panel alone, stay among them."""
        items = self.items()
        here = items[self.at]
        panel, group = next(each for each in self.groups().items() if here in each[1])
        pictures = bool(panel) and PANELS[panel].first_row is None and len(group) > 1
        near = group if pictures or self.large else items
        self._go(near[min(max(near.index(here) + rows, 0), len(near) - 1)])

    def go_to(self, at: int) -> None:
        """Go to one of all that the cursor can go to."""
        self._go(self.items()[at])

    def move_panel(self, panels: int) -> bool:
        """Go to the first number or row of another panel; False past the last one and before the first."""
        groups = self.groups()
        at = list(groups).index(self.panel) + panels
        if not 0 <= at < len(groups):
            return False
        self.enter(list(groups)[at])
        return True

    def enter(self, panel: str) -> None:
        """Go into a panel: to what it shows, or to its first row; no name goes to the headline numbers."""
        stops = self.groups()[panel]
        shown = PANELS[panel].shown(self._scene("")) if panel else self.metric
        self._go(shown if shown in stops else stops[0])

    def _go(self, stop: str) -> None:
        """Put the cursor on a number, a row or a panel; pictures of one part of the plan show that part."""
        self._stop = stop
        self._at = self.items().index(stop)
        self.metric = stop if stop in WATCHED else self.metric
        kind, _, name = stop.partition(":")
        if f"{kind}:" == SEGMENT:
            self.segment = name
        elif f"{kind}:" in (SESSION, WORKLOAD):
            self.session = name
        if self.large:
            self.set_reactive(Outputs.large, self.panel or self.large)
        self.redraw()

    def follow(self, path: str) -> None:
        """Let pictures of one part of the plan show the part that a field is of."""
        parts = list(steps_of(path)) if path else []
        if len(parts) < 2 or parts[0] not in ("segments", "workloads"):
            return
        before = (self.segment, self.session)
        if parts[0] == "segments":
            self.segment = parts[1]
        elif self.session.partition(" on ")[0] != parts[1]:
            self.session = parts[1]
        if (self.segment, self.session) != before:
            self.redraw()

    def on_focus(self) -> None:
        """Show the cursor."""
        self.redraw()

    def on_blur(self) -> None:
        """Hide the cursor."""
        self.redraw()

    @property
    def scene(self) -> Scene:
        """What the panels show."""
        return self._scene(self.chosen)

    def _scene(self, chosen: str) -> Scene:
        return Scene(self.outlook, chosen, self.ascii_only, self.segment, self.session)

    def next_metric(self) -> None:
        """Let what matters most be about another number."""
        now = self.outlook.swings.metric if self.outlook.swings is not None else self.metric
        self.metric = WATCHED[(WATCHED.index(now) + 1) % len(WATCHED)] if now in WATCHED else WATCHED[0]

    def panel_text(self) -> str:
        """Return the panel under the cursor as text."""
        place = next((each for each in self.places(*self.size) if each.name == self.panel), None)
        return plain(_drawn(self._scene(""), place, "")) if place is not None else ""

    def has_session(self, workload: str) -> bool:
        """Say whether requests of a workload take several calls."""
        result = self.outlook.result
        return result is not None and any(name == workload for name, _ in result.sessions)

    def label_of(self, path: str) -> str:
        """Return the label of an unknown that moves the number."""
        swings = self.outlook.swings
        return next((each.label for each in swings.bars if each.path == path), path) if swings else path

    def names(self) -> list[str]:
        """Return the panels that have something to say of this plan."""
        return [name for name, panel in PANELS.items() if panel.most(self.scene)]

    def places(self, width: int, height: int) -> tuple[Area, ...]:
        """Return where each panel is; one that is shown large is there alone."""
        if self.large:
            return (Area(self.large, 0, 0, width, height),)
        scene = self.scene
        wanted = {
            name: Room(min(each.least, most), most)
            for name, each in PANELS.items()
            if (most := each.most(scene))
        }
        places = arranged(width, height, wanted)
        panel = self.panel
        if panel and panel not in {each.name for each in places}:
            return (Area(panel, 0, 0, width, height),)
        return places

    def draw(self, width: int, height: int) -> Rows:
        """Return the panels where they go."""
        self._waits_s = math.inf
        if self.outlook.result is None:
            return [[Span(" Working it out …", "muted")]]
        scene, kept, rows = self.scene, self._kept, list[Row]([] for _ in range(height))
        self._kept = {}
        for place in self.places(width, height):
            seen = _seen(scene, place.name)
            before = kept.get(place.name)
            ways = self._way_on(place.name)
            drawn = (
                before[2]
                if before and before[:2] == (seen, place) and not ways
                else _drawn(seen, place, ways)
            )
            self._kept[place.name] = (seen, place, drawn)
            _put(rows, place, drawn)
        return rows

    def _way_on(self, name: str) -> str:
        """Say which of the panels the one is that is shown alone, and which keys lead on."""
        names = self.names()
        return f"{names.index(name) + 1} of {len(names)}  {self.ways}" if self.large and name in names else ""

    def targets(self) -> Iterator[tuple[int, int, int]]:
        """Yield the cell of each row and panel in sight that can be gone to, and which of all it is."""
        if self.outlook.result is None:
            return
        groups, items = self.groups(), self.items()
        for place in self.places(*self.size):
            stops, first = groups.get(place.name, []), PANELS[place.name].first_row
            if first is None or stops[:1] == [f"{PANEL}{place.name}"]:
                here = PANELS[place.name].shown(self._scene(""))
                yield place.x, place.y, items.index(here if here in stops else stops[0])
                continue
            room = place.height - 1 - first
            shown = len(stops) if len(stops) <= room else room - 1
            for at, stop in enumerate(stops[:shown]):
                yield place.x, place.y + 1 + first + at, items.index(stop)

    def stop_at(self, x: int, y: int) -> int | None:
        """Return which of all that can be gone to a cell belongs to: a row, or a panel that has no rows."""
        area = next((each for each in self.places(*self.size) if each.holds(x, y)), None)
        if area is None:
            return None
        inside = [(row, at) for left, row, at in self.targets() if area.holds(left, row)]
        if len(inside) == 1 and inside[0][0] == area.y:
            return inside[0][1]
        return next((at for row, at in inside if row == y), None)

    def columns_at(self, x: int, y: int) -> tuple[int, int]:
        """Return the columns of the panel that a cell is in."""
        area = next((each for each in self.places(*self.size) if each.holds(x, y)), None)
        return (area.x, area.x + area.width) if area is not None else super().columns_at(x, y)

    def month_at(self, x: int, y: int) -> int | None:
        """Return the month that a cell shows: a row of the table, a column of the chart; None where it shows none."""
        place = next((each for each in self.places(*self.size) if each.holds(x, y)), None)
        if place is None or self.outlook.result is None or y == place.y:
            return None
        if place.name == "months":
            return month_of_row(self.scene, y - place.y - 1, place.height - 1)
        if place.name == "cash":
            return month_of_cash(self.scene, x - place.x, place.width, place.height - 1)
        return None


def _seen(scene: Scene, name: str) -> Scene:
    """Return what a panel sees of a scene: a cursor elsewhere is none of its business."""
    inside = scene.chosen in PANELS[name].stops_of(replace(scene, chosen="")) if scene.chosen else False
    return scene if inside else replace(scene, chosen="")


def _drawn(scene: Scene, place: Area, ways: str) -> Rows:
    """Return a panel under its heading, with the cursor where it is; `ways` stands at the heading's right."""
    panel = PANELS[place.name]
    title, ways = (
        fitted(panel.title(scene), place.width, ascii_only=scene.ascii_only).rstrip(),
        f" {ways}" if ways else "",
    )
    line = "─" * max(place.width - len(title) - 1 - len(ways), 0)
    rule = [Span(f"{title} ", "head"), Span(line, "zero")]
    if ways and line:
        rule.append(Span(ways, "muted"))
    rows = [rule, *panel.draw(scene, place.width, place.height - 1)][: place.height]
    if scene.chosen:
        stops = panel.stops_of(scene)
        by_row = panel.first_row is not None and stops != [f"{PANEL}{panel.name}"]
        at = panel.first_row + 1 + stops.index(scene.chosen) if by_row and panel.first_row is not None else 0
        if at < len(rows):
            lit = rows[at] if by_row else rows[0][:1]
            rows[at] = [
                *(Span(span.text, f"{span.look} cursor".strip()) for span in lit),
                *rows[at][len(lit) :],
            ]
    return rows


def _put(rows: Rows, place: Area, drawn: Rows) -> None:
    """Put a panel where it goes; what is left of it is there already."""
    for y, row in enumerate(drawn, place.y):
        filled = sum(len(span.text) for span in rows[y])
        rows[y] += [*([Span(" " * (place.x - filled))] if place.x > filled else []), *row]
