r"""Make untrusted text safe to display.

A name, a note or a file name may contain terminal escapes, bidirectional control characters or markup.
After these functions, it is plain text.
"""

import html
import re
import unicodedata

_KEPT_FORMATS = "\u200c\u200d"  # joiners: needed for Persian, Hindi and emoji, and they can't hide text
_HARMLESS = re.compile(r"[ -~]*")
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_CONTROL_PICTURES = 0x2400
_DELETE_PICTURE = "\N{SYMBOL FOR DELETE}"
_FORMULA_STARTS = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+!|~&$:@-])")


def inert(text: str) -> str:
    r"""Return `text` on one line, without terminal control sequences.

    Control characters become their visible symbols; bidi controls, lone surrogates and
    other invisible characters become a replacement mark; line ends become spaces.

    >>> inert("a\x1b[31mb\u202ec\nd")
    'a␛[31mb\ufffdc d'
    """
    if _HARMLESS.fullmatch(text):
        return text
    return "".join(map(_inert_char, text))


def inert_lines(text: str) -> str:
    r"""Return `text` like `inert`, but keep line ends.

    >>> inert_lines("one\r\ntwo\x07")
    'one\ntwo␇'
    """
    return "\n".join(inert(line) for line in text.splitlines())


def _inert_char(char: str) -> str:
    if char in "\n\t\r\x0b\x0c\u2028\u2029\x85":
        return " "
    category = unicodedata.category(char)
    if category == "Cc":
        return _control(char)
    if category in ("Cs", "Co") or (category == "Cf" and char not in _KEPT_FORMATS):
        return _REPLACEMENT
    return char


def _control(char: str) -> str:
    if ord(char) < 0x20:
        return chr(_CONTROL_PICTURES + ord(char))
    return _DELETE_PICTURE if char == "\x7f" else _REPLACEMENT


def inert_markup(text: str) -> str:
    r"""Return `text` escaped for a widget that reads square brackets as markup.

    >>> print(inert_markup("[red]x"))
    \[red]x
    """
    return re.sub(r"(\\*)\[", r"\1\1\\[", inert(text))


def inert_markdown(text: str) -> str:
    r"""Return `text` escaped for Markdown: no links, images, HTML, table cells or mentions.

    >>> print(inert_markdown("<b>|[x](y)"))
    \<b\>\|\[x\]\(y\)
    """
    return _MARKDOWN.sub(r"\\\1", inert(text)).replace("www.", "www\\.")


def inert_html(text: str) -> str:
    """Return `text` escaped for HTML, including attributes.

    >>> inert_html('<a href="x">')
    '&lt;a href=&quot;x&quot;&gt;'
    """
    return html.escape(inert(text))


def inert_cell(text: str) -> str:
    """Return `text` for a spreadsheet cell: anything that would start a formula is quoted.

    >>> inert_cell("=HYPERLINK(1)"), inert_cell("-3.5"), inert_cell("plain")
    ("'=HYPERLINK(1)", '-3.5', 'plain')
    """
    shown = inert(text)
    if not text.lstrip(" ").startswith(_FORMULA_STARTS) or _is_number(shown):
        return shown
    return f"'{shown}"


def _is_number(text: str) -> bool:
    return re.fullmatch(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?", text) is not None
