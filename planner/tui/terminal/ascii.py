"""The screen in ASCII alone, for terminals and locales that have nothing else."""

from collections.abc import Mapping

from rich.cells import cell_len

_POOR_TERMS = ("linux", "dumb", "vt", "ansi", "unknown")
_COERCED = ("c.utf-8", "c.utf8", "utf-8")  # what Python sets beside a locale that it can't use (PEP 538)
_SIGNS = str.maketrans(
    {"▾": "v", "▸": ">", "…": "~", "─": "-", "│": "|", "└": "+", "┤": "+", "▲": "^", "█": "#", "▓": "=", "▒": "/",
     "░": ".", "·": ".", "⇧": "^", "✓": "+", "✗": "x"}
)  # fmt: skip


def plain_ascii(text: str) -> str:
    """Return text in ASCII, as wide as it was: signs become like ones, any other character question marks.

    >>> plain_ascii("▾ Café ─ 漢…")
    'v Caf? - ??~'
    """
    if text.isascii():
        return text
    return "".join(
        character if character.isascii() else "?" * cell_len(character)
        for character in text.translate(_SIGNS)
    )


def needs_ascii(environ: Mapping[str, str]) -> bool:
    """Say whether a terminal shows ASCII alone: by its name, or by a locale that is not UTF-8.

    No locale at all counts as UTF-8, as nearly every terminal of today is. A browser shows everything.

    >>> needs_ascii({"TERM": "xterm", "LANG": "en_US.UTF-8"}), needs_ascii({"TERM": "linux", "LANG": "C.UTF-8"})
    (False, True)
    >>> needs_ascii({"TERM": "xterm", "LANG": "C", "LC_CTYPE": "C.UTF-8"}), needs_ascii({"TERM": "xterm"})
    (True, False)
    """
    if environ.get("TEXTUAL_DRIVER"):
        return False
    if environ.get("TERM", "").lower().startswith(_POOR_TERMS):
        return True
    every, characters, language = (environ.get(name, "").lower() for name in ("LC_ALL", "LC_CTYPE", "LANG"))
    locale = every or (language if characters in _COERCED and language else characters or language)
    return bool(locale) and not any(name in locale for name in ("utf-8", "utf8"))
