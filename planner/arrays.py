"""Types of the model's values: one number, flag or word, or an array with an entry for each plan."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Number = float | Array
Flags = bool | NDArray[np.bool_]
Word = str | NDArray[np.str_]


def pick(table: Mapping[str, float], choice: Word) -> Number:
    """Return the table's value for a word, or for each word of an array, in its shape.

    >>> pick({"fp8": 1.0, "bf16": 2.0}, np.array(["fp8", "bf16"]))
    array([1., 2.])
    """
    if isinstance(choice, str):
        return table[choice]
    words = np.asarray(choice)
    return np.array([table[word] for word in words.ravel()], dtype=float).reshape(words.shape)
