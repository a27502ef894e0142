"""Text from a user's file, made safe to look at: what cannot be seen is spelled out.

Escaping for html is the template's business. This is about characters that change how *other* text looks: control
characters (a terminal obeys them), bidirectional overrides (they turn the rest of a line around), lone surrogates
(they cannot be written as UTF-8) and other invisible ones.
"""

from __future__ import annotations

import unicodedata

_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
_JOINERS = {"\u200c", "\u200d"}
"""Zero-width (non-)joiners shape emoji and several scripts, and hide nothing."""


def legible(text: str, limit: int = 2_000) -> str:
    """``text`` with invisible characters written as ``‹U+202E›``; longer than ``limit`` characters is cut with an
    ellipsis."""
    if len(text) > limit:
        text = text[: limit - 1] + "…"
    if text.isascii() and text.isprintable():
        return text
    return "".join(_visible(c) for c in text)


def _visible(character: str) -> str:
    if character in _JOINERS or unicodedata.category(character) not in _HIDDEN:
        return character
    return f"‹U+{ord(character):04X}›"
