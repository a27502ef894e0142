"""Texts that say nearly the same: synonyms, two words exchanged, a word left out (easy data augmentation, Wei and Zou
2019, EDA: easy data augmentation techniques for boosting performance on text classification tasks, section 2).

    augment = TextAugmentation(Synonyms(read_thesaurus("synonyms.csv")), Swap(), Delete(), seed=1)
    copies = augment(texts)

Each text is changed by one of the steps, as in the paper. Draws follow from the seed, the number of the copy and the
text alone: the same text gets the same copy, wherever it stands and whoever computes it.
"""

from __future__ import annotations

import hashlib
import random
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar, final

from rightfit.augmentation.words import Words
from rightfit.errors import DataError, OptionError

T = TypeVar("T")
FUNCTION_WORDS = frozenset(
    """a about above after again against all also am an and any are aren't as at be because been before being below
    between both but by can can't cannot could couldn't did didn't do does doesn't doing don't down during each few for
    from further had hadn't has hasn't have haven't having he her here hers herself him himself his how i if in into is
    isn't it it's its itself let's me more most must my myself no nor not of off on once only or other our ours
    ourselves out over own same shall she should shouldn't so some such than that the their theirs them themselves then
    there these they this those through to too under until up us very was wasn't we were weren't what when where which
    while who whom why will with won't would wouldn't you your yours yourself yourselves""".split()
)
"""English words that carry grammar rather than meaning, and get no synonyms."""


class TextStep(ABC):
    """One way to change a text; ``share`` is the share of its words that are changed, but at least one word is."""

    share: float

    @abstractmethod
    def apply(self, text: Words, chance: random.Random) -> Words:
        """The changed text; the same one where this step can do nothing."""


@final
@dataclass(frozen=True)
class Synonyms(TextStep):
    """Replaces words by synonyms, each as likely. Words that ``thesaurus`` does not know, such as inflected forms,
    stay; so do those of ``keep``, numbers, and words of fewer letters than ``shortest``: ``u`` is uranium to WordNet.
    """

    thesaurus: Mapping[str, Sequence[str]] = field(repr=False)
    share: float = 0.1
    keep: Collection[str] = field(default=FUNCTION_WORDS, repr=False)
    shortest: int = 3

    def __post_init__(self) -> None:
        _check_share(self)

    def apply(self, text: Words, chance: random.Random) -> Words:
        known = [k for k, word in enumerate(text.words) if self._others(word)]
        for place in _some(known, _count(self.share, len(text)), chance):
            text = text.replaced(place, _pick(self._others(text.words[place]), chance))
        return text

    def _others(self, word: str) -> list[str]:
        small = word.lower()
        if small in self.keep or len(small) < self.shortest or any(map(str.isdigit, small)):
            return []
        return [other for other in self.thesaurus.get(small, ()) if other.lower() != small]


@final
@dataclass(frozen=True)
class Swap(TextStep):
    """Exchanges two words, as often as the share says."""

    share: float = 0.1

    def __post_init__(self) -> None:
        _check_share(self)

    def apply(self, text: Words, chance: random.Random) -> Words:
        for _ in range(_count(self.share, len(text))):
            if len({word.lower() for word in text.words}) < 2:
                return text
            one = int(chance.random() * len(text))
            others = [k for k, word in enumerate(text.words) if word.lower() != text.words[one].lower()]
            text = text.swapped(one, _pick(others, chance))
        return text


@final
@dataclass(frozen=True)
class Delete(TextStep):
    """Leaves words out, never all of them."""

    share: float = 0.1

    def __post_init__(self) -> None:
        _check_share(self)

    def apply(self, text: Words, chance: random.Random) -> Words:
        count = min(_count(self.share, len(text)), len(text) - 1)
        for place in sorted(_some(list(range(len(text))), count, chance), reverse=True):
            text = text.without(place)
        return text


@final
class TextAugmentation:
    """Changes each text by one of the steps, each as likely; by the next one where that one can do nothing.

    Args:
        steps: any of `Synonyms`, `Swap`, `Delete`.
        seed: same seed, same copies.
    """

    def __init__(self, *steps: TextStep, seed: int = 0) -> None:
        strangers = [step for step in steps if not isinstance(step, TextStep)]
        if strangers or not steps:
            what = f"{strangers[0]!r} is no step of a text augmentation" if strangers else "there is no step"
            raise OptionError(f"{what}; give Synonyms(thesaurus), Swap() or Delete()")
        self.steps, self.seed = steps, seed

    def __call__(self, texts: Iterable[str | None], copy: int = 0) -> list[str | None]:
        """One changed copy of every text, in their order; what is None or holds no word stays. Another number of the
        ``copy`` is another draw."""
        if isinstance(texts, str):
            raise DataError("texts must be a list of texts, not one text")
        return [self._one(text, copy) for text in texts]

    def _one(self, text: str | None, copy: int) -> str | None:
        if text is None:
            return None
        if not isinstance(text, str):
            raise DataError(f"a text must be a str, not {type(text).__name__} ({text!r:.40})")
        key = f"{self.seed}\0{copy}\0{text}".encode("utf-8", "surrogatepass")
        chance = random.Random(hashlib.sha256(key).digest())
        words = Words.of(text)
        for step in _some(self.steps, len(self.steps), chance):
            changed = step.apply(words, chance)
            if changed != words:
                return str(changed)
        return text

    def __repr__(self) -> str:
        return f"TextAugmentation({', '.join(map(repr, self.steps))}, seed={self.seed})"


def _check_share(step: TextStep) -> None:
    if not 0 < step.share <= 1:
        raise OptionError(f"share of {type(step).__name__} must be above 0 and at most 1, not {step.share}")


def _count(share: float, words: int) -> int:
    return max(1, round(share * words)) if words else 0


def _pick(things: Sequence[T], chance: random.Random) -> T:
    return things[int(chance.random() * len(things))]


def _some(things: Sequence[T], count: int, chance: random.Random) -> list[T]:
    """Different ones in random order, by numbers from [0, 1) alone, which all versions of Python draw alike."""
    left = list(things)
    return [left.pop(int(chance.random() * len(left))) for _ in range(min(count, len(left)))]
