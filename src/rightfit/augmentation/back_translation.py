"""Back-translation: there and back again through another language, so that a text returns in other words (Sennrich,
Haddow and Birch 2016, Improving neural machine translation models with monolingual data).

    back = BackTranslation(load_translator("en-de"), load_translator("de-en"))
    found = back(texts)
    found.texts, [labels[row] for row in found.rows]

A translator is any callable that takes a list of texts and gives as many back: a model, a service, a table.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import final

from rightfit.errors import DataError, OptionError

Translator = Callable[[list[str]], Sequence[str]]
"""A batch of texts -> as many texts, in their order."""


@final
@dataclass(frozen=True)
class Paraphrases:
    """``texts[k]`` says what the text ``rows[k]``, counted from 0, says. In the order of the rows."""

    texts: tuple[str, ...]
    rows: tuple[int, ...]


@final
@dataclass(frozen=True)
class BackTranslation:
    """There by one translator, back by the other.

    Args:
        there, back: translators.
        batch: texts that are given to a translator at once.
    """

    there: Translator
    back: Translator
    batch: int = 32

    def __post_init__(self) -> None:
        if self.batch < 1:
            raise OptionError(f"batch must be 1 or more, not {self.batch}")

    def __call__(self, texts: Sequence[str]) -> Paraphrases:
        """Paraphrases of the texts. Left out are those that are empty, or that differ from their text in case, blanks
        and punctuation alone. DataError where a translator gives another number of texts than it was given."""
        if isinstance(texts, str):
            raise DataError("texts must be a list of texts, not one text")
        rows = [row for row, text in enumerate(texts) if _core(text)]
        kept: list[tuple[int, str]] = []
        for start in range(0, len(rows), self.batch):
            those = rows[start : start + self.batch]
            away = _translate(self.there, [texts[row] for row in those], "there")
            home = _translate(self.back, away, "back")
            kept += [(row, text) for row, text in zip(those, home, strict=True) if _core(text)]
        kept = [(row, text) for row, text in kept if _core(text) != _core(texts[row])]
        return Paraphrases(tuple(text for _, text in kept), tuple(row for row, _ in kept))


def _translate(translator: Translator, texts: list[str], way: str) -> list[str]:
    found = translator(texts)
    if isinstance(found, str) or len(found) != len(texts) or not all(isinstance(text, str) for text in found):
        many = "one text" if isinstance(found, str) else f"{len(found)} values"
        raise DataError(
            f"the translator {way} was given {len(texts)} texts and gave {many}: it must give as many texts"
        )
    return list(found)


def _core(text: str) -> str:
    """What a text says without case, blanks and punctuation."""
    return "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c.isalnum())
