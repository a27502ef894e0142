"""A small net for the words of a row: the net that is tried where a table has a column of texts.

With x_iv the weight of word v in row i, E_v a vector for each word and q_h some questions that are asked of all words,

    a_ihv = x_iv exp(q_h'E_v / sqrt(d)) / sum_w x_iw exp(q_h'E_w / sqrt(d))      p_ih = sum_v a_ihv E_v

is attention: each question looks at the words of the row that answer it. The answers p_i1 ... p_iH, and the sum of what
each word and each other column says by itself, are added, normalized over the batch and rectified; a second rectified
layer and a linear one follow. Dropout falls on the units of both.

Words are those of the table's own vocabulary and their weights those of `rightfit.data.text`, so that linear models and
trees see the same. Their order is not seen beyond pairs of neighbours, which are words of their own (as in Joulin and
others 2017, Bag of tricks for efficient text classification). Weights are not centred, since a word that is not there
must not be heard; so all rows pull a sum the same way, by which a net without the normalization is carried off within a
few steps. The last layer starts at 0: a net starts at the constant model.
"""

from __future__ import annotations

from math import sqrt
from typing import final

import torch
from torch import nn

WIDTH = 16
QUESTIONS = 4
UNITS = 64
SMALL = 0.1
"""Deviation of the first vectors of words, which steps soon outgrow."""


@final
class Text(nn.Module):
    """Rows are (others, words): columns that are no words, then the weights of all words."""

    def __init__(self, inputs: tuple[int, int], outputs: int):
        super().__init__()
        self.others, words = inputs
        self.word = nn.Embedding(words, WIDTH)
        nn.init.normal_(self.word.weight, std=SMALL)
        self.questions = nn.Parameter(torch.randn(WIDTH, QUESTIONS))
        self.hear = nn.Linear(QUESTIONS * WIDTH, UNITS, bias=False)
        self.total = nn.Linear(self.others + words, UNITS, bias=False)
        self.norm = nn.BatchNorm1d(UNITS)
        self.hidden = nn.Linear(UNITS, UNITS)
        for layer in (self.total, self.hidden):
            nn.init.normal_(layer.weight, std=sqrt(2.0 / layer.in_features))
        nn.init.zeros_(self.hidden.bias)
        self.drop = nn.Dropout()
        self.last = nn.Linear(UNITS, outputs)
        nn.init.zeros_(self.last.weight)
        nn.init.zeros_(self.last.bias)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(b, C)"""
        words, vectors = x[:, self.others :], self.word.weight
        score = vectors @ self.questions / sqrt(WIDTH)
        heard = torch.exp(score - score.amax(0))
        total = (words @ heard)[:, :, None].clamp(min=1e-9)
        answers = words @ (heard[:, :, None] * vectors[:, None, :]).flatten(1)
        answers = (answers.view(-1, QUESTIONS, WIDTH) / total).flatten(1)
        first = self.drop(torch.relu(self.norm(self.hear(answers) + self.total(x))))
        return self.last(self.drop(torch.relu(self.hidden(first))))
