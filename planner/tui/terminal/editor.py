"""The user's own editor on a file, with the screen put aside meanwhile."""

from __future__ import annotations

import os
import shlex
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual.app import SuspendNotSupported

from planner.files import inert

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.app import App


def editor(environ: Mapping[str, str]) -> list[str]:
    """Return the command of the user's editor.

    >>> editor({"EDITOR": "code --wait"}), editor({})
    (['code', '--wait'], ['vi'])
    """
    return shlex.split(environ.get("VISUAL") or environ.get("EDITOR") or "") or ["vi"]


def edited(app: App[Any], path: Path) -> str:
    """Open a file in the editor and wait until it is left; say what went wrong, nothing where all went well."""
    try:
        command = editor(os.environ)
    except ValueError:
        return "$EDITOR can't be read: a quote in it is not closed."
    try:
        with app.suspend():
            return run(command, path)  # nothing may be raised in here: the screen would not come back
    except SuspendNotSupported:
        return "An editor needs a terminal of its own; edit the file there, then read it again."


def run(command: list[str], path: Path) -> str:
    """Run an editor on a file, and say what went wrong, nothing where all went well.

    >>> run(["no-such-editor", "--wait"], Path("plan.toml"))
    "no-such-editor can't be started: no such file or directory. $EDITOR names another one."
    """
    try:
        code = subprocess.run([*command, str(path)], check=False).returncode  # noqa: S603 - the user's own choice
    except (OSError, ValueError) as error:  # ValueError: a name with a zero byte in it
        why = (getattr(error, "strerror", "") or "it fails").lower()
        return f"{inert(command[0])} can't be started: {why}. $EDITOR names another one."
    return f"{inert(command[0])} ended with {code}; the plan is as it was." if code else ""
