"""What the screen shows, as text and as a picture."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from textual.app import App

_RANDOM_ID = re.compile(r"terminal-\d+")
_FONTS = re.compile(r"@font-face\s*\{[^}]*\}\s*")


def screen_text(app: App[Any]) -> str:
    """Return what the screen shows as plain text, without trailing blanks."""
    width, height = app.size
    lines = app.screen._compositor.render_strips()  # noqa: SLF001 - Textual has no public way to the text
    return "\n".join(strip.crop(0, width).text.rstrip() for strip in lines[:height]) + "\n"


def screen_svg(app: App[Any], title: str) -> str:
    """Return an SVG of the screen that loads no font from elsewhere and is the same each time."""
    return _FONTS.sub("", stable(app.export_screenshot(title=title)))


def stable(svg: str) -> str:
    """Return an SVG of Textual's without the random number in its names."""
    return _RANDOM_ID.sub("terminal-0", svg)
