"""Names that a column is too narrow for, on rows below one another: nothing of them is cut."""

from collections.abc import Callable, Iterator, Sequence

_HANG = 2


def name_rows(names: Sequence[str], columns: int, cells: Callable[[str], int] = len) -> list[str]:
    """Return names that belong together: on one row where they fit, else each on its own, wrapped at words.

    `cells` is how many columns a text takes. A word that is wider than a row is broken.

    >>> name_rows(["chat: RAG on", "large: Processing flex"], 40)
    ['chat: RAG on; large: Processing flex']
    >>> name_rows(["chat: RAG on", "large: Processing flex"], 24)
    ['chat: RAG on', 'and large: Processing', '  flex']
    """
    joined = "; ".join(names)
    if cells(joined) <= columns:
        return [joined]
    return [
        row
        for at, name in enumerate(names)
        for row in _wrapped(f"and {name}" if at else name, max(columns, _HANG + 2), cells)
    ]


def _wrapped(text: str, columns: int, cells: Callable[[str], int]) -> Iterator[str]:
    row = ""
    for word in text.split(" "):
        wider = f"{row} {word}" if row.strip() else f"{row}{word}"
        if cells(wider) <= columns:
            row = wider
            continue
        if row.strip():
            yield row
            row = " " * _HANG
        for letter in word:
            if cells(row + letter) > columns:
                yield row
                row = " " * _HANG
            row += letter
    yield row
