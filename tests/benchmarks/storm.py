"""Play 100,000 random keys on the screen: `python tests/benchmarks/storm.py [KEYS] [SEED] [--living]`.

With --living the screen runs in a terminal of its own, and gets bytes that are no text among the keys.
"""

import argparse
import asyncio
import os
import sys
import tempfile
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]

from key_storm import storm
from living_storm import KEYS_EACH_START, living_storm

KEYS_AT_ONCE = 5_000


def _headless(folder, *, seed, keys):
    return asyncio.run(storm(folder, seed=seed, keys=keys))


def main():
    """Storm in a folder of its own, in parts; print what happened, and end with 1 where something fell over."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("keys", type=int, nargs="?", default=100_000)
    parser.add_argument("seed", type=int, nargs="?", default=0)
    parser.add_argument("--living", action="store_true", help="in a terminal, with bytes that are no text")
    asked = parser.parse_args()
    keys, seed = asked.keys, asked.seed
    at_once = KEYS_EACH_START if asked.living else KEYS_AT_ONCE
    start_s, failures, total = time.monotonic(), 0, 0
    while total < keys:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            os.chdir(folder)
            for each in ("DATA", "CONFIG", "STATE", "CACHE"):
                os.environ[f"XDG_{each}_HOME"] = str(folder / each)
            try:
                count = min(at_once, keys - total)
                played = living_storm if asked.living else _headless
                done = played(folder, seed=seed, keys=count)
            except (AssertionError, Exception) as error:  # noqa: BLE001 - whatever falls over is counted
                failures += 1
                print(f"seed {seed}: {type(error).__name__}: {error}", flush=True)
            else:
                print(f"seed {seed}: {done}", flush=True)
            os.chdir("/")
        total += count
        seed += 1
    took_s = time.monotonic() - start_s
    print(f"{total} keys, {failures} storms fell over, {took_s:.0f} s, {1000 * took_s / total:.1f} ms a key")
    return 1 if failures else 0


if __name__ == "__main__":
    raise SystemExit(main())
