"""Feed the import with logs of every product, mangled: bytes changed, parts cut, keys and values swapped between products.

    nice -19 python tests/fuzz/usage_logs.py 20000 [seed]

An input that ends in anything but a result or words, that takes more than five seconds of the processor, or whose result holds no
number where one is promised, is written to ./crash-* and the run goes on; the last line counts them.
"""

import json
import random
import sys
import tempfile
import time
import traceback
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(Path(__file__).parent)]
SLOWEST_S = 5.0
ODD: tuple[Any, ...] = (
    None, "", "nan", "NaN", "-1", -1, 0, 1e308, -1e308, 10**30, "1e999", "1,5", "1.000,5", "$-3", "∞", [], {}, [[]], {"a": {}}, True, "2026-13-45", "0000-00-00",
    "\ud800", "\x00", "a" * 300, "Total", "batch", "refund", {"total": 1}, [{"key": "a", "value": {"intValue": "x"}}], 1795168800, "10:00",
)  # fmt: skip


def mangled(data: bytes, others: list[bytes], rng: random.Random) -> bytes:
    """Return a log that is almost one."""
    way = rng.randrange(6)
    if way == 0 and data:
        spots = bytearray(data)
        for _ in range(rng.randint(1, 8)):
            spots[rng.randrange(len(spots))] = rng.randrange(256)
        return bytes(spots)
    if way == 1:
        start = rng.randrange(len(data) + 1)
        return data[:start] + data[min(len(data), start + rng.randint(1, 80)) :]
    if way == 2:
        return data[: rng.randrange(len(data) + 1)] + rng.choice(others)[rng.randrange(5) :]
    return _values_changed(data, others, rng)


def _values_changed(data: bytes, others: list[bytes], rng: random.Random) -> bytes:
    """Return a log of JSON with some values and keys put in the place of others; a table with cells that are."""
    try:
        text = data.decode()
        rows = (
            [json.loads(text)]
            if text.lstrip().startswith("[") or "\n{" not in text.strip()
            else [json.loads(line) for line in text.splitlines()]
        )
    except ValueError:
        cells = data.decode("utf-8", "replace").split(",")
        for _ in range(rng.randint(1, 4)):
            cells[rng.randrange(len(cells))] = str(rng.choice(ODD))
        return ",".join(cells).encode("utf-8", "replace")
    return "\n".join(json.dumps(_shaken(row, rng)) for row in rows).encode()


def _shaken(value: Any, rng: random.Random) -> Any:
    if rng.random() < 0.04:
        return rng.choice(ODD)
    if isinstance(value, dict):
        keys = list(value)
        return {
            (rng.choice(keys) if rng.random() < 0.03 else key): _shaken(each, rng)
            for key, each in value.items()
        }
    if isinstance(value, list):
        return [_shaken(each, rng) for each in value] * (2 if rng.random() < 0.05 else 1)
    return value


def main() -> None:
    from targets import usage_log  # type: ignore[import-not-found]  # noqa: PLC0415 - the paths are set above
    from usage_products import PRODUCTS  # noqa: PLC0415 - only this kind of input needs it

    runs, seed = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0
    rng = random.Random(seed)
    seeds = [product.data for product in PRODUCTS.values()]
    ends = [product.extension for product in PRODUCTS.values()]
    found = 0
    folder = Path(tempfile.mkdtemp(prefix="planner-fuzz-"))
    for run in range(runs):
        place = rng.randrange(len(seeds))
        data = mangled(seeds[place], seeds, rng)
        began_s = time.process_time()
        try:
            usage_log(data, folder / f"log.{ends[place]}")
        except Exception:  # noqa: BLE001 - the fuzzer's business
            found += 1
            Path(f"crash-{seed}-{run}").write_bytes(data)
            sys.stderr.write(f"crash-{seed}-{run}\n{traceback.format_exc(limit=-3)}\n")
        if time.process_time() - began_s > SLOWEST_S:
            found += 1
            Path(f"crash-slow-{seed}-{run}").write_bytes(data)
    sys.stderr.write(f"{runs} inputs, {found} findings\n")


if __name__ == "__main__":
    main()
