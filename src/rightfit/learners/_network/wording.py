"""Texts that say nearly the same while they teach: words left out, exchanged, or replaced by synonyms (Wei and Zou
2019, EDA: easy data augmentation techniques for boosting performance on text classification tasks, section 2).

A net sees a text as the weights of its words and of pairs of neighbours, so that is where texts change: a word that is
left out takes its pairs with it; a word that is exchanged with another loses its neighbours, and thereby its pairs; a
synonym, one that the table's texts hold too, takes over the weight of its word, without pairs. Pairs that such a change
would bring together are not made up. A text keeps its length. Texts themselves are changed by
`rightfit.augmentation.texts`, which ``rightfit augment`` writes to a file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, final

from rightfit.errors import OptionError


@final
@dataclass(frozen=True)
class Wording:
    """What falls on texts at every step; shares of the words of a text."""

    columns: tuple[int, ...] = ()
    """Columns of the design that are words."""
    delete: float = 0.0
    swap: float = 0.0
    synonyms: float = 0.0
    thesaurus: Any = ""
    """A file or folder that `rightfit.augmentation.thesaurus` reads, or a mapping from words to synonyms."""

    def __post_init__(self) -> None:
        if self.falls and not self.columns:
            raise OptionError("delete, swap and synonyms are for texts, and no column of the table is one")
        if self.synonyms and not self.thesaurus:
            raise OptionError("synonyms need a thesaurus: name a table with the columns 'word' and 'synonyms'")

    @property
    def falls(self) -> bool:
        return bool(self.delete or self.swap or self.synonyms)

    def read_thesaurus(self) -> Mapping[str, Sequence[str]]:
        if not self.synonyms:
            return {}
        if isinstance(self.thesaurus, Mapping):
            return self.thesaurus
        from rightfit.augmentation.thesaurus import read_thesaurus

        return read_thesaurus(self.thesaurus)
