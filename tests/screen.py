"""The screen as tests drive it: by keys alone, and wait for what it says."""

import os
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path

from planner.tui.app import PlannerApp
from planner.tui.widgets.status import Status

TODAY = date(2026, 11, 24)
CONTEXT = "workloads.chat.context_tokens"
RAG = "workloads.chat.rag.on"
WEIGHTS = "deployments.small.weights"


@asynccontextmanager
async def opened(plan, *, size=(80, 24), **kwargs):
    """Give the app with a plan open and its numbers worked out, and the pilot."""
    kwargs = {"state": Path(os.environ["PLANNER_CACHE"]), "today": TODAY} | kwargs
    app = PlannerApp(plan, driver="plain", **kwargs)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        yield app, pilot


def said(app):
    return app.front.query_one(Status).notice.text


async def find(pilot, *letters):
    await pilot.press("slash", *letters, "enter")
    await pilot.pause()


async def comes(pilot, happens, seconds=60):
    """Wait for what a busy machine may take long for."""
    for _ in range(seconds * 10):
        if happens():
            return
        await pilot.pause(0.1)
    raise AssertionError("it did not come")
