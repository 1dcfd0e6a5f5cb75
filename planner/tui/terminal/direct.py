"""A pane's changed rows, straight to the terminal's cells: the short way around Textual's compositor.

The compositor goes through every widget of the screen for each change, 3 to 8 ms for a nudge; a pane that
nothing lies over is where the compositor last put it, so its rows can be put there without asking again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.geometry import Offset, Region

from planner.tui.terminal.driver import cell_driver

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.widget import Widget


class Place:
    """Where a pane is on the screen, as long as the layout stays what it was."""

    def __init__(self) -> None:
        self._layout: object = None
        self._bare: Region | None = None

    def of(self, widget: Widget) -> Region | None:
        """Return the widget's region on the screen; None if some of it is out of sight or under another one."""
        visible = widget.screen._compositor.visible_widgets  # noqa: SLF001 - a new one with each layout
        if visible is not self._layout:
            self._layout, self._bare = visible, _bare(widget, visible)
        return self._bare


def _bare(widget: Widget, visible: dict[Widget, tuple[Region, Region]]) -> Region | None:
    """Return where a widget is, if all of it can be seen; `visible` holds the front ones first."""
    if widget not in visible:
        return None
    region, clip = visible[widget]
    if not clip.contains_region(region):
        return None
    for other, (covers, within) in visible.items():
        if other is widget:
            return region
        if covers.intersection(within).overlaps(region):
            return None
    return None


def repaint(widget: Widget, rows: Sequence[int], place: Place) -> bool:
    """Put these rows of a widget's content on the terminal; return whether that could be done without Textual."""
    app, screen = widget.app, widget.screen
    driver = cell_driver(app)
    if driver is None or not driver.takes_rows:
        return False
    waits = app._batch_count or screen._layout_required  # noqa: SLF001 - what Textual itself asks before it draws
    if app.screen is not screen or waits:
        return False
    region = place.of(widget)
    if region is None:
        return False
    offset: Offset = widget.content_offset
    dirty = [Region(0, y + offset.y, region.width, 1) for y in rows]
    widget._styles_cache.set_dirty(*dirty)  # noqa: SLF001 - what `refresh` does, but for the message
    top, bottom = dirty[0].y, min(dirty[-1].bottom, region.height)
    strips = widget.render_lines(Region(0, top, region.width, bottom - top))
    for each in dirty:
        if each.y < bottom:
            driver.put(region.x, region.y + each.y, strips[each.y - top])
    driver.flush_soon()
    return True
