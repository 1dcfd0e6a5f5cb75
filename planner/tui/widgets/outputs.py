"""Right: the panels that show where the plan leads, with a cursor on one of its numbers and one on a month."""

import math
from collections.abc import Iterator
from dataclasses import replace
from time import monotonic

from textual.reactive import reactive

from planner.tui.session.outlook import HEADLINE, Outlook
from planner.tui.widgets.charts import Row, Rows, Span
from planner.tui.widgets.headline_numbers import cost_items
from planner.tui.widgets.pane import View
from planner.tui.widgets.panels import PANELS, Area, Room, Scene, arranged
from planner.tui.widgets.panels.money import month_of_cash
from planner.tui.widgets.panels.tables import month_of_row

CHARTS_EVERY_S = 0.25  # while keys keep coming: four charts a second can be followed, and fit a slow line


class Outputs(View):
    """Panels of the plan; a cursor steps through the numbers, so that each can be explained."""

    can_focus = True
    outlook: reactive[Outlook] = reactive(Outlook.blank, init=False, repaint=False)
    large: reactive[str] = reactive("", init=False, repaint=False)

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.at = 0
        self.numbers: tuple[str, ...] = HEADLINE
        self.follows = True  # keys that keep coming; not a number being typed: its first digits lead nowhere
        self._waits_s = math.inf  # since when the charts are behind the numbers
        self._kept: dict[str, tuple[Scene, Area, Rows]] = {}

    def watch_outlook(self, before: Outlook, after: Outlook) -> None:
        """Show other numbers: at once if only their ranges are new, else when keys pause or a moment has passed.

        An outlook with the same result and new ranges always follows, as soon as keys pause.
        """
        if self.at >= len(self.numbers):
            self.at = min(self.at, len(self.items()) - 1)
        now_s = monotonic()
        self._waits_s = min(self._waits_s, now_s)
        late = self.follows and now_s > self._waits_s + CHARTS_EVERY_S
        if before.result is after.result or late:
            self.redraw()

    def watch_large(self) -> None:
        """Show one panel alone, or all of them again."""
        self.redraw()

    def items(self) -> list[str]:
        """Return the numbers that can be chosen: headline metrics, then costs."""
        costs = cost_items(self.outlook.result) if self.outlook.result else []
        return [*self.numbers, *(f"cost:{name}" for name, _ in costs)]

    @property
    def chosen(self) -> str:
        """The number under the cursor; nothing while another pane has the focus."""
        return self.items()[self.at] if self.has_focus else ""

    def move(self, rows: int) -> None:
        """Choose another number."""
        self.at = min(max(self.at + rows, 0), len(self.items()) - 1)
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
        return Scene(self.outlook, self.chosen, self.ascii_only)

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
        if self.chosen.startswith("cost:") and "costs" not in {each.name for each in places}:
            return (Area("costs", 0, 0, width, height),)
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
            drawn = before[2] if before and before[:2] == (seen, place) else _drawn(seen, place)
            self._kept[place.name] = (seen, place, drawn)
            _put(rows, place, drawn)
        return rows

    def targets(self) -> Iterator[tuple[int, int, int]]:
        """Yield the cell of each cost in sight, and which number of the pane it is."""
        place = next((each for each in self.places(*self.size) if each.name == "costs"), None)
        if place is None or self.outlook.result is None:
            return
        costs = self.items()[len(self.numbers) :]
        shown = place.height - 1 if len(costs) < place.height else place.height - 2
        for at in range(min(len(costs), shown)):
            yield place.x, place.y + 1 + at, len(self.numbers) + at

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
    return scene if name == "costs" else replace(scene, chosen="")


def _drawn(scene: Scene, place: Area) -> Rows:
    """Return a panel under its heading."""
    panel = PANELS[place.name]
    title = panel.title(scene)[: place.width]
    rule = [Span(f"{title} ", "head"), Span("─" * max(place.width - len(title) - 1, 0), "zero")]
    return [rule, *panel.draw(scene, place.width, place.height - 1)][: place.height]


def _put(rows: Rows, place: Area, drawn: Rows) -> None:
    """Put a panel where it goes; what is left of it is there already."""
    for y, row in enumerate(drawn, place.y):
        filled = sum(len(span.text) for span in rows[y])
        rows[y] += [*([Span(" " * (place.x - filled))] if place.x > filled else []), *row]
