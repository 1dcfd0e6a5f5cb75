"""Types of the model's values: one number, flag or word, or an array with an entry per plan."""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Number = float | Array
Flags = bool | NDArray[np.bool_]
Word = str | NDArray[np.str_]


def quotient(numerator: Number, denominator: Number, otherwise: Number = np.nan) -> Number:
    """Return a quotient, or `otherwise` where the denominator is not above 0.

    >>> quotient(1.0, np.array([2.0, 0.0]), otherwise=0.0).tolist()
    [0.5, 0.0]
    """
    some = np.asarray(denominator) > 0
    if some.all():
        return numerator / denominator
    return np.where(some, numerator / np.where(some, denominator, 1.0), otherwise)


def pick(table: Mapping[str, float], choice: Word) -> Number:
    """Return the table's value for a word, or for each word in an array, in its shape.

    >>> pick({"fp8": 1.0, "bf16": 2.0}, np.array(["fp8", "bf16"]))
    array([1., 2.])
    """
    if isinstance(choice, str):
        return table[choice]
    words = np.asarray(choice)
    return np.array([table[word] for word in words.ravel()], dtype=float).reshape(words.shape)


def by_word(words: Word, of: Callable[[str], Number]) -> Number:
    """Return `of(word)`, or its values for each word in an array, broadcast together.

    >>> by_word(np.array(["a", "b"]), lambda word: 1.0 if word == "a" else np.array([2.0, 3.0])).tolist()
    [1.0, 3.0]
    """
    every = np.asarray(words)
    if not every.ndim:
        return of(str(words))
    found = {str(word): of(str(word)) for word in np.unique(every)}
    return np.select([every == word for word in found], list(found.values()))
