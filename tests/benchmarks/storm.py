"""Play 100,000 random keys on the screen: `python tests/benchmarks/storm.py [KEYS] [SEED]`."""

import asyncio
import os
import sys
import tempfile
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]

from key_storm import storm

KEYS_AT_ONCE = 5_000


def main():
    """Storm in a folder of its own, in parts; print what happened, and end with 1 where something fell over."""
    keys = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    start_s, failures, total = time.monotonic(), 0, 0
    while total < keys:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            os.chdir(folder)
            for each in ("DATA", "CONFIG", "STATE", "CACHE"):
                os.environ[f"XDG_{each}_HOME"] = str(folder / each)
            try:
                done = asyncio.run(storm(folder, seed=seed, keys=min(KEYS_AT_ONCE, keys - total)))
            except (AssertionError, Exception) as error:  # noqa: BLE001 - whatever falls over is counted
                failures += 1
                print(f"seed {seed}: {type(error).__name__}: {error}", flush=True)
            else:
                print(f"seed {seed}: {done}", flush=True)
            os.chdir("/")
        total += min(KEYS_AT_ONCE, keys - total)
        seed += 1
    took_s = time.monotonic() - start_s
    print(f"{total} keys, {failures} storms fell over, {took_s:.0f} s, {1000 * took_s / total:.1f} ms a key")
    return 1 if failures else 0


if __name__ == "__main__":
    raise SystemExit(main())
