"""The types of the model's values: each is one number, flag or word, or an array with an entry for each of many plans."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Number = float | Array
Flags = bool | NDArray[np.bool_]
Word = str | NDArray[np.str_]
