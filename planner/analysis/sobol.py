"""Sobol points: scrambled, and one column at a time."""

import hashlib
from functools import cache

import numpy as np
from numpy.typing import NDArray

from planner.schema import Array

Bits = NDArray[np.uint32]

WORD = 32
# From the second dimension on: a primitive polynomial's bits, and the first direction numbers.
# Source: Joe and Kuo, SIAM J. Sci. Comput. 30(5), 2008, table new-joe-kuo-6, read 2026-11-23.
_TABLE = """
3 1
7 1 3
11 1 3 1
13 1 1 1
19 1 1 3 3
25 1 3 5 13
37 1 1 5 5 17
41 1 1 5 5 5
47 1 1 7 11 19
55 1 1 5 1 1
59 1 1 1 3 11
61 1 3 5 5 31
67 1 3 3 9 7 49
91 1 1 1 15 21 21
97 1 3 1 13 27 49
103 1 1 1 15 7 5
109 1 3 1 15 13 25
115 1 1 5 5 19 61
131 1 3 7 11 23 15 103
137 1 3 7 13 13 15 69
143 1 1 3 13 7 35 63
145 1 3 5 9 1 25 53
157 1 3 1 13 9 35 107
167 1 3 1 5 27 61 31
171 1 1 5 11 19 41 61
185 1 3 5 3 3 13 69
191 1 1 7 13 1 19 1
193 1 3 7 5 13 19 59
203 1 1 3 9 25 29 41
211 1 3 5 13 23 1 55
213 1 3 7 3 13 59 17
229 1 3 1 3 5 53 69
239 1 1 5 5 23 33 13
241 1 1 7 7 1 61 123
247 1 1 7 9 13 61 49
253 1 3 3 5 3 55 33
285 1 3 1 15 31 13 49 245
299 1 3 5 15 31 59 63 97
301 1 3 1 11 11 11 77 249
333 1 3 1 11 27 43 71 9
351 1 1 7 15 21 11 81 45
355 1 3 7 3 25 31 65 79
357 1 3 1 1 19 11 3 205
361 1 1 5 9 19 21 29 157
369 1 3 7 11 1 33 89 185
391 1 3 3 3 15 9 79 71
397 1 3 7 11 15 39 119 27
425 1 1 3 1 11 31 97 225
451 1 1 1 3 23 43 57 177
463 1 3 7 7 17 17 37 71
487 1 3 1 5 27 63 123 213
501 1 1 3 5 11 43 53 133
529 1 3 5 5 29 17 47 173 479
539 1 3 3 11 3 1 109 9 69
545 1 1 1 5 17 39 23 5 343
557 1 3 1 5 25 15 31 103 499
563 1 1 1 11 11 17 63 105 183
601 1 1 5 11 9 29 97 231 363
607 1 1 5 15 19 45 41 7 383
617 1 3 7 7 31 19 83 137 221
623 1 1 1 3 23 15 111 223 83
631 1 1 5 13 31 15 55 25 161
637 1 1 3 13 25 47 39 87 257
"""
DIMENSIONS = len(_TABLE.split("\n")) - 1


def seed_of(*words: object) -> int:
    """Return 32 bits that depend on `words` alone: the same in every process and on every machine."""
    text = "\x1f".join(map(str, words)).encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=4).digest(), "little")


@cache
def _directions(dimension: int) -> tuple[int, ...]:
    """Return the 32 direction numbers of a dimension, counted from 0."""
    if dimension == 0:
        return tuple(1 << (WORD - 1 - bit) for bit in range(WORD))
    polynomial, *first = map(int, _TABLE.strip().split("\n")[dimension - 1].split())
    degree = polynomial.bit_length() - 1
    numbers = list(first)
    for _ in range(WORD - degree):
        following = numbers[-degree] ^ (numbers[-degree] << degree)
        for step in range(1, degree):
            if polynomial >> (degree - step) & 1:
                following ^= numbers[-step] << step
        numbers.append(following)
    return tuple(number << (WORD - 1 - bit) for bit, number in enumerate(numbers[:WORD]))


def points(dimension: int, n: int) -> Bits:
    """Return the first `n` Sobol points of a dimension as 32 bits after the point, shape (n,)."""
    out = np.zeros(n, np.uint32)
    directions = _directions(dimension)
    for bit in range(max(n - 1, 0).bit_length()):
        begin, end = 1 << bit, min(2 << bit, n)
        out[begin:end] = out[: end - begin] ^ np.uint32(directions[bit])
    return out


def scrambled(bits: Bits, seed: int) -> Bits:
    """Return points with each binary digit flipped by chance, given the digits before it.

    The points stay evenly spread: n of them, a power of 2, still fall one into each n-th of the unit interval.
    Source: Owen, 1995, in the hashed form of Burley, "Practical Hash-based Owen Scrambling", JCGT 9(4), 2020.
    """
    key = np.uint32(seed)
    x = _reversed(bits)
    x = x ^ (x * np.uint32(0x3D20ADEA))
    x = x + key
    x = x * np.uint32(seed >> 16 | 1)
    x = x ^ (x * np.uint32(0x05526C56))
    x = x ^ (x * np.uint32(0x53A22864))
    return _reversed(x)


def _reversed(bits: Bits) -> Bits:
    x = bits
    for shift, mask in ((1, 0x55555555), (2, 0x33333333), (4, 0x0F0F0F0F), (8, 0x00FF00FF)):
        m = np.uint32(mask)
        x = ((x >> np.uint32(shift)) & m) | ((x & m) << np.uint32(shift))
    return (x >> np.uint32(16)) | (x << np.uint32(16))


def order(n: int, seed: int) -> NDArray[np.intp]:
    """Return the numbers below `n` in an order by chance."""
    start = seed * 0x9E3779B97F4A7C15 % 2**64
    x = np.arange(n, dtype=np.uint64) + np.uint64(start)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.argsort(x ^ (x >> np.uint64(31)), kind="stable")


def column(dimension: int, *, n: int, block: str, name: str, seed: int) -> Array:
    """Return a scrambled column of the unit interval, ends left out, shape (n,).

    Columns of one `block` are dimensions of the same Sobol points. Each other block takes its points in
    an order of its own, so that any number of blocks stay independent.
    Source: Owen, "Latin supercube sampling", ACM TOMACS 8(1), 1998.
    """
    bits = scrambled(points(dimension, n), seed_of("scramble", name, seed))
    if block:
        bits = bits[order(n, seed_of("order", block, seed))]
    return (bits.astype(np.float64) + 0.5) / 2.0**WORD
