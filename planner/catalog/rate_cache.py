"""Cache looked-up prices on disk, so that the next start needn't load the price package (0.15 s).

The cache is optional. A file that can't be read, or was written by another version of the package, counts as
empty; a folder that can't be written is left alone.
"""

import json
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

MOST_BYTES = 20_000_000
FILE_NAME = "api-rates.json"
CACHE_FOLDER_VARIABLE = "PLANNER_CACHE"  # a folder of the user's choice


def cache_file() -> Path:
    """Return where the prices are kept: in the user's cache folder."""
    chosen = os.environ.get(CACHE_FOLDER_VARIABLE)
    if chosen:
        return Path(chosen) / FILE_NAME
    if sys.platform == "linux":  # platformdirs' answer on Linux, without the 10 ms of importing it
        home = os.environ.get("XDG_CACHE_HOME", "")
        return (Path(home) if home.strip() else Path.home() / ".cache") / "planner" / FILE_NAME
    from platformdirs import user_cache_path  # noqa: PLC0415 - slow to load, and seldom needed

    return user_cache_path("planner", appauthor=False) / FILE_NAME


def load(stamp: str) -> dict[str, Any]:
    """Return the prices cached under this stamp (the state of the price package), by key."""
    try:
        with cache_file().open("rb") as file:
            kept = json.loads(file.read(MOST_BYTES))
    except (OSError, ValueError, RuntimeError):  # a cache nested too deep to be ours raises RuntimeError
        return {}
    if not isinstance(kept, dict) or kept.get("stamp") != stamp or not isinstance(kept.get("entries"), dict):
        return {}
    return dict(kept["entries"])


def keep(stamp: str, key: str, entry: Any) -> None:
    """Add one entry atomically: a reader sees the old file or the new one, never part of one."""
    text = json.dumps({"stamp": stamp, "entries": {**load(stamp), key: entry}})
    with suppress(OSError, RuntimeError):
        target = cache_file()
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(f"{FILE_NAME}.{os.getpid()}")
        try:
            part.write_text(text, encoding="utf-8")
            part.replace(target)
        except OSError:
            part.unlink(missing_ok=True)
            raise
