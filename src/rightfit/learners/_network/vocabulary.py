"""The words of a problem as torch changes them, see `rightfit.learners._network.wording`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import final

import torch

from rightfit.augmentation.texts import FUNCTION_WORDS
from rightfit.learners._network.wording import Wording

SYNONYMS = 4
"""Of a word, at most."""
_PART = ": "
"""Between the name of a column and the word, in the name of a column of the design."""


@final
class Vocabulary:
    """The words of a design, which of them are pairs of which others, and which mean the same."""

    def __init__(self, names: Sequence[str], wording: Wording):
        """``names`` are those of all columns of the design."""
        self.wording = wording
        told = [names[column].rpartition(_PART) for column in wording.columns]
        sources = sorted({source for source, _, _ in told})
        self._texts = [[k for k, one in enumerate(told) if one[0] == source] for source in sources]
        single = {(source, word): k for k, (source, _, word) in enumerate(told) if " " not in word}
        self._singles = torch.tensor(list(single.values()), dtype=torch.int64)
        place = {word: number for number, word in enumerate(single)}
        none = len(place)
        pairs = [(k, source, word.split(" ", 1)) for k, (source, _, word) in enumerate(told) if " " in word]
        self._pairs = torch.tensor([k for k, *_ in pairs], dtype=torch.int64)
        ends = [[place.get((source, one), none) for one in both] for _, source, both in pairs]
        self._ends = torch.tensor(ends, dtype=torch.int64).reshape(-1, 2)
        thesaurus = wording.read_thesaurus()
        self._others = torch.zeros(none, SYNONYMS, dtype=torch.int64)
        self._count = torch.zeros(none, dtype=torch.int64)
        for (source, word), number in place.items():
            known = [] if word in FUNCTION_WORDS else thesaurus.get(word, ())
            same = [place[source, one.lower()] for one in known if (source, one.lower()) in place and one != word]
            self._count[number] = len(same[:SYNONYMS])
            self._others[number, : len(same[:SYNONYMS])] = torch.tensor(same[:SYNONYMS], dtype=torch.int64)

    def change(self, values: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
        """Weights (b, words) of rows whose texts were changed."""
        wording, rows = self.wording, len(values)
        words = values[:, self._singles]

        def draw(share: float) -> torch.Tensor:
            return (torch.rand(words.shape, generator=generator) < share).to(values.device) & (words > 0)

        gone = draw(wording.delete)
        apart = draw(min(1.0, 2.0 * wording.swap))  # an exchange takes two words from their neighbours
        replaced = draw(wording.synonyms) & (self._count > 0) & ~gone
        kept = words * ~(gone | replaced)
        picked = (torch.rand(words.shape, generator=generator).to(values.device) * self._count).long()
        heirs = self._others.expand(rows, -1, -1).gather(2, picked[:, :, None])[:, :, 0]
        kept.scatter_reduce_(1, heirs, words * replaced, "amax")
        whole = torch.nn.functional.pad(~(gone | apart | replaced), (0, 1), value=True)
        made = values.clone()
        made[:, self._singles] = kept
        made[:, self._pairs] *= whole[:, self._ends].all(dim=2)
        for text in self._texts:
            before, after = (one[:, text].square().sum(1, keepdim=True).sqrt() for one in (values, made))
            empty = after == 0  # a text of one word keeps it
            made[:, text] = torch.where(empty, values[:, text], made[:, text] * (before / after.clamp(min=1e-9)))
        return made
