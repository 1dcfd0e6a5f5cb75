"""Small logs in the shapes of many products (`usage_logs/`), with what is right: for tests of the import and its fuzzing."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "usage_logs"
SECRET = "Dear doctor, my sister's passport is X1234567"  # what people wrote, in the logs that hold any


@dataclass(frozen=True)
class Product:
    """A log of a product: its bytes, the end of its name, what an import must say, and the user's columns.

    `wanted` holds totals (`reasoning`, `read`, `write`, `write1h`), means (`prompt`, `output`), and what else is told.
    """

    data: bytes
    extension: str
    wanted: dict[str, Any]
    columns: dict[str, str] = field(default_factory=dict)


def _read() -> dict[str, Product]:
    found = {}
    for name, wanted in json.loads((FOLDER / "expected.json").read_text()).items():
        columns = wanted.pop("columns", {})
        stem, _, extension = name.partition(".")
        found[stem] = Product((FOLDER / name).read_bytes(), extension, wanted, columns)
    return found


PRODUCTS = _read()
