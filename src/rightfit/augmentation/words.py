"""A text as words and what stands between them, so that words can change while punctuation and case stay.

``"It's late."`` is the words ``It's``, ``late`` and the gaps ``""``, ``" "``, ``"."``; a text of k words has k + 1
gaps. A word is a run of letters and digits, with apostrophes and hyphens inside; 1.50 is one word.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import final

_WORD = re.compile(r"\w+(?:['’-]\w+|(?<=\d)[.,]\d+)*")
_END = re.compile(r"[.!?…]['\"”’)\]]*\s+$")


@final
@dataclass(frozen=True)
class Words:
    """``gaps[k]`` stands before ``words[k]``, the last gap after the last word."""

    words: tuple[str, ...]
    gaps: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> Words:
        """The words of a text; joined again they are the text, to the character."""
        found = list(_WORD.finditer(text))
        edges = [0, *(place for match in found for place in match.span()), len(text)]
        gaps = tuple(text[edges[k] : edges[k + 1]] for k in range(0, len(edges), 2))
        return cls(tuple(match.group() for match in found), gaps)

    def __str__(self) -> str:
        return self.gaps[0] + "".join(word + gap for word, gap in zip(self.words, self.gaps[1:], strict=True))

    def __len__(self) -> int:
        return len(self.words)

    def starts_sentence(self, place: int) -> bool:
        """Whether the word is the first of the text, or the first after a full stop."""
        return place == 0 or _END.search(self.gaps[place]) is not None

    def replaced(self, place: int, word: str) -> Words:
        """With another word, written in the case of the one that it replaces."""
        words = list(self.words)
        words[place] = like(word, words[place])
        return Words(tuple(words), self.gaps)

    def swapped(self, one: int, other: int) -> Words:
        """With two words exchanged; words keep their case, but for the capital at the start of a sentence."""
        words = list(self.words)
        words[one], words[other] = words[other], words[one]
        for place, left in ((one, self.words[one]), (other, self.words[other])):
            if self.starts_sentence(place) and _capital(left):
                words[place] = like(words[place], left) if words[place].islower() else words[place]
                away = other if place == one else one
                words[away] = words[away] if self.starts_sentence(away) or _is_i(left) else words[away].lower()
        return Words(tuple(words), self.gaps)

    def without(self, place: int) -> Words:
        """Without one word. Signs around it stay, but for a comma or its like that would stand before a full stop or
        after nothing; the next word takes over the capital at the start of a sentence."""
        before, after = self.gaps[place], self.gaps[place + 1]
        if self.starts_sentence(place):
            gap = before + after.lstrip(" \t,;:")
        else:
            gap = before + after.lstrip() if before[-1:].isspace() and after[:1].isspace() else before + after
            gap = re.sub(r"\s+(?=[.,;:!?…])", "", gap)
            gap = re.sub(r"[,;:]+(?=[.!?…])", "", gap)
        if place + 1 == len(self.words) and not after[-1:].isspace():
            gap = gap.rstrip()
        words = list(self.words)
        if self.starts_sentence(place) and _capital(words[place]) and place + 1 < len(words):
            following = words[place + 1]
            words[place + 1] = like(following, words[place]) if following.islower() else following
        del words[place]
        return Words(tuple(words), (*self.gaps[:place], gap, *self.gaps[place + 2 :]))


def like(word: str, model: str) -> str:
    """``word`` in the case of ``model``: HOUSE, House or house; a case that is none of these leaves it as it is."""
    if len(model) > 1 and model.isupper():
        return word.upper()
    if _capital(model):
        return word[:1].upper() + word[1:]
    return word.lower() if model.islower() else word


def _is_i(word: str) -> bool:
    """I, I'm, I've ... are written with a capital everywhere."""
    return re.match(r"I\b", word) is not None


def _capital(word: str) -> bool:
    return word[:1].isupper() and (len(word) == 1 or word[1:].islower())
