"""Text as a sparse bag of words and pairs of words.

Every row is weighted by itself alone: 1 + log(count) of each word, scaled to length one. No inverse document
frequencies, which would carry knowledge from row to row and so between folds; the fit's own standardization takes
their place. The vocabulary is learned once, from the training rows: words and pairs in most documents first.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import polars as pl
from scipy import sparse

_TOKEN = r"(?u)\b\w\w+\b|[$£€%!?]"
"""Words of two characters or more, and those signs that carry meaning in short messages."""
_MOST = 5000


def learn_words(texts: pl.Series, most: int = _MOST) -> tuple[str, ...]:
    """The vocabulary, sorted: words and pairs of words that occur in at least max(2, rows / 2000) rows, but not in all;
    the ``most`` frequent ones."""
    documents = texts.drop_nulls().to_list()
    vectorizer = _vectorizer(None, max(2, -(-len(documents) // 2000)))
    try:
        counts = vectorizer.fit_transform(documents)
    except ValueError:  # no word occurs often enough
        return ()
    names = np.asarray(vectorizer.get_feature_names_out(), dtype=object)
    frequency = np.bincount(counts.indices, minlength=len(names))
    useful = np.flatnonzero(frequency < len(documents))
    order = sorted(useful.tolist(), key=lambda j: (-frequency[j], names[j]))[:most]
    return tuple(sorted(str(names[j]) for j in order))


def bag_of_words(texts: pl.Series, words: tuple[str, ...]) -> sparse.csc_array:
    """(n, words) weights; a row without any known word, or without text, is all zero."""
    if not words:
        return sparse.csc_array((len(texts), 0))
    counts = sparse.csr_array(_vectorizer(words, 1).transform(texts.fill_null("").to_list()), dtype=np.float64)
    counts.data = 1.0 + np.log(counts.data)
    length = np.sqrt(np.asarray(counts.power(2).sum(axis=1)).ravel())
    length[length == 0] = 1.0
    counts.data /= np.repeat(length, np.diff(counts.indptr))
    return sparse.csc_array(counts)


def _vectorizer(words: Iterable[str] | None, least: int) -> Any:
    # Importing it takes half a second, and most tables have no text.
    from sklearn.feature_extraction.text import CountVectorizer

    return CountVectorizer(vocabulary=words, min_df=least, ngram_range=(1, 2), token_pattern=_TOKEN, lowercase=True)
