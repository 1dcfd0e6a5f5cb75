"""Words as numbers: a table looked up for one word, or for each word of an array."""

from collections.abc import Mapping

import numpy as np

from planner.catalog.hardware import Number, Word


def pick(table: Mapping[str, float], choice: Word) -> Number:
    """Return the table's value for `choice`, in its shape.

    >>> pick({"fp8": 1.0, "bf16": 2.0}, np.array(["fp8", "bf16"]))
    array([1., 2.])
    """
    if isinstance(choice, str):
        return table[choice]
    words = np.asarray(choice)
    return np.array([table[word] for word in words.ravel()], dtype=float).reshape(words.shape)
