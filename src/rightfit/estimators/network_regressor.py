"""Regression with nets whose strength and epochs are chosen on unseen rows."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.utils.validation import check_is_fitted, column_or_1d

from rightfit.contracts import Loss
from rightfit.estimators.boosted import read_offset
from rightfit.estimators.explained import explained
from rightfit.estimators.inputs import read_regression
from rightfit.estimators.penalized_regressor import POSITIVE, check_loss
from rightfit.estimators.trained import Trained


class NetworkRegressor(RegressorMixin, Trained):
    """Multilayer perceptrons that walk in weight decay or in what else regularizes: all strengths, folds and seeds are
    trained side by side with PyTorch, every net stops at an epoch that rows other than those which score it ask for,
    and a rule takes a strength. The model is the mean of some nets from different seeds; it predicts without PyTorch.

    Parameters
    ----------
    loss : {"squared", "huber", "quantile", "gamma", "tweedie", "poisson"}, or a loss
        As in `rightfit.estimators.penalized_regressor.PenalizedRegressor`.
    settings : {"given", "race"}
        "race": a few settings race on the first folds and the winner is taken, with a batch that suits the rows; none
        of those given from ``hidden`` to ``device`` is then used.
    hidden : units of each hidden layer; () for a linear model
    walks : {"decay", "dropout", "l1", "noise", "learning_rate", "batch", "epochs"}
        What the path walks in. ``strength_`` is 1 / batch or 1 / epochs for the last two.
    strengths : list of numbers, or None for the usual five
    decay, l1, dropout, noise, mixup, smoothing, norm, batch, learning_rate, epochs, most, seeds, device
        As in `rightfit.learners.network.Network`.
    module, image, shift, rotate, flip, cutout
        As in `rightfit.learners.network.Network`.
    text : columns of X that are words of texts, by their names or their places; () for none
    delete, swap, synonyms, thesaurus
        As in `rightfit.learners.network.Network`. Synonyms are found by the names of the columns: ``"message: call"``,
        or ``"call"``, is the word call, and a name with two words is a pair of neighbours.
    rule : name in `rightfit.rules`, or a rule
    folds : int, splitter, iterable, or None
        None: ten folds of distinct rows.
    repeats : int
    seed : int
        Deals the folds and draws what a net starts from and the order of its rows.

    Attributes
    ----------
    path_ : `rightfit.learners.network.NetworkPath`, all strengths on all rows
    evidence_ : `rightfit.records.Evidence`, held-out loss by row and step
    curve_ : `rightfit.records.Curve`
    choice_ : `rightfit.records.Choice`
    ladder_ : `rightfit.records.Ladder` or None, losses by strength and epoch
    folds_ : `rightfit.records.Resamples`
    learner_ : `rightfit.learners.network.Network`, the settings that were used
    model_ : `rightfit.learners.network.NetworkModel`
    strength_ : float
    epochs_ : int, of the final model
    n_iter_ : int, the same, at least 1
    feature_importances_ : (p,) share of the mean absolute slope times the deviation of each input
    row_loss_ : `rightfit.contracts.Loss`, with its parameters
    n_features_in_, feature_names_in_
    """

    def __init__(
        self,
        *,
        loss: Any = "squared",
        settings: str = "given",
        hidden: Any = (64, 64),
        walks: str = "decay",
        strengths: Any = None,
        decay: float = 0.0,
        l1: float = 0.0,
        dropout: float = 0.1,
        noise: float = 0.0,
        mixup: float = 0.0,
        smoothing: float = 0.0,
        norm: str = "none",
        batch: int = 128,
        learning_rate: float = 0.005,
        epochs: int | None = None,
        most: int = 500,
        seeds: int = 3,
        module: Any = None,
        image: Any = (),
        shift: int = 0,
        rotate: float = 0.0,
        flip: int = 0,
        cutout: int = 0,
        text: Any = (),
        delete: float = 0.0,
        swap: float = 0.0,
        synonyms: float = 0.0,
        thesaurus: Any = "",
        device: str = "cpu",
        rule: Any = "best",
        folds: Any = None,
        repeats: int = 1,
        seed: int = 0,
    ):
        self.loss = loss
        self.settings = settings
        self.hidden = hidden
        self.walks = walks
        self.strengths = strengths
        self.decay = decay
        self.l1 = l1
        self.dropout = dropout
        self.noise = noise
        self.mixup = mixup
        self.smoothing = smoothing
        self.norm = norm
        self.batch = batch
        self.learning_rate = learning_rate
        self.epochs = epochs
        self.most = most
        self.seeds = seeds
        self.module = module
        self.image = image
        self.shift = shift
        self.rotate = rotate
        self.flip = flip
        self.cutout = cutout
        self.text = text
        self.delete = delete
        self.swap = swap
        self.synonyms = synonyms
        self.thesaurus = thesaurus
        self.device = device
        self.rule = rule
        self.folds = folds
        self.repeats = repeats
        self.seed = seed

    def fit(
        self, X: Any, y: Any, sample_weight: Any = None, groups: Any = None, offset: Any = None
    ) -> NetworkRegressor:
        """Fit, prove and choose. Rows of one of the ``groups`` (n,) are judged by models that have seen none of it;
        ``offset`` (n,) is added to every predictor, e.g. the logarithm of an exposure."""
        kind = check_loss(self.loss)
        rows = read_regression(self, X, y, sample_weight, missing=True)
        loss = self.loss if isinstance(self.loss, Loss) else kind()
        target = loss.check(rows.y[:, 0])
        if loss is not self.loss:
            loss = kind(**kind.suggest(target, rows.weight))
        self.row_loss_ = loss
        self.fit_nets(rows, target, rows.weight, loss, groups, offset, even=None)
        return self

    def predict(self, X: Any, offset: Any = None) -> np.ndarray:
        """(n,) means of the target; for huber its centre, for quantile the quantile."""
        check_is_fitted(self)
        return np.asarray(self.row_loss_.response(self.predict_eta(X, offset)[:, 0]))

    def score(self, X: Any, y: Any, sample_weight: Any = None, offset: Any = None) -> float:
        """R2, or for other losses than the squared one D2: the share of the loss of the best constant for these rows
        that is explained."""
        check_is_fitted(self)
        target = self.row_loss_.check(column_or_1d(y))
        given = read_offset(offset, len(target))
        return explained(self.row_loss_, target, self.predict_eta(X, given)[:, 0], sample_weight, given)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.positive_only = getattr(self.loss, "name", self.loss) in POSITIVE
        return tags
