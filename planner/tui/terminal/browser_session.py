"""One visitor's screen: a process of its own, which never outlives its page or the server."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from textual_serve.app_service import AppService

from planner.tui.terminal import browser_driver

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import Sequence

LEAVES_WITHIN_S = 1.0  # then it is told by signals, which keep its edits on the disk too
ENDS_WITHIN_S = 1.0


class VisitorScreen(AppService):
    """Starts the screen without a shell, in a process group of its own, and ends all of it."""

    def __init__(self, words: Sequence[str], **options: Any) -> None:
        super().__init__("", **options)
        self._words = tuple(words)

    async def _open_app_process(self, width: int = 80, height: int = 24) -> Process:
        environment = self._build_environment(*browser_driver.fitting(width, height))
        environment["TEXTUAL_DRIVER"] = browser_driver.NAME
        pipe = asyncio.subprocess.PIPE
        self._process = process = await asyncio.create_subprocess_exec(
            *self._words, stdin=pipe, stdout=pipe, stderr=pipe, env=environment, start_new_session=True
        )
        self._stdin = process.stdin
        return process

    async def stop(self) -> None:
        """Ask the screen to leave; what does not go in time is ended, its edits kept."""
        task, self._task = self._task, None
        if task is None or self._process is None:
            return
        await self._download_manager.cancel_app_downloads(app_service_id=self.app_service_id)
        with suppress(OSError, asyncio.TimeoutError):
            await asyncio.wait_for(self.send_meta({"type": "quit"}), LEAVES_WITHIN_S)
        for seconds, number in ((LEAVES_WITHIN_S, signal.SIGTERM), (ENDS_WITHIN_S, signal.SIGKILL)):
            done, _ = await asyncio.wait({task}, timeout=seconds)
            if done and self._process.returncode is not None:
                break
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)
        await self._process.wait()
        task.cancel()
