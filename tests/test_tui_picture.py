"""The picture of the README, and what is written when a screen is exported."""

import re

from readme_picture import picture

from planner.tui.terminal.screen_text import stable


def texts(svg):
    return [re.sub(r"&#160;", " ", text) for text in re.findall(r"<text[^>]*>([^<]*)</text>", svg)]


async def test_the_picture_shows_rag_switched_on(root):
    shown = "".join(texts(await picture(root / "saved" / "support-copilot.toml")))
    assert "Recall of 8 chunks" in shown
    assert "unsaved" in shown


async def test_a_picture_drawn_twice_is_the_same(root):
    source = root / "saved" / "support-copilot.toml"
    assert await picture(source) == await picture(source)


def test_the_random_name_of_textual_is_taken_out():
    assert stable('<g class="terminal-1234567-matrix">') == '<g class="terminal-0-matrix">'


async def test_the_picture_of_the_readme_is_fresh(root):
    drawn = await picture(root / "saved" / "support-copilot.toml")
    again = "python tests/readme_picture.py saved/support-copilot.toml docs/screen.svg"
    assert texts((root / "docs" / "screen.svg").read_text()) == texts(drawn), f"draw it again: {again}"
