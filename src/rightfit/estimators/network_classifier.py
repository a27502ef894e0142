"""Classification with nets whose strength and epochs are chosen on unseen rows."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from rightfit.estimators.classes import make_loss, weigh_classes
from rightfit.estimators.inputs import read_classes
from rightfit.estimators.log_odds import LogOddsClassifier
from rightfit.estimators.threshold import Threshold, check_threshold, decide, find_threshold
from rightfit.estimators.trained import Trained


class NetworkClassifier(LogOddsClassifier, Trained):
    """Multilayer perceptrons that walk in weight decay or in what else regularizes. Parameters and attributes as in
    `rightfit.estimators.network_regressor.NetworkRegressor`, without ``loss`` (logistic for two classes, multinomial
    for more), and

    Parameters
    ----------
    class_weight : {class: weight}, "balanced" or None
        Row weights of the fit and of the evidence.
    threshold : float above 0 and below 1, or "balanced"
        Probability of the second of two classes from which it is predicted. "balanced" takes the one with the largest
        balanced accuracy on held-out predictions of the chosen step; ``threshold_`` says what that was worth.

    Attributes
    ----------
    classes_ : (C,)
    threshold_ : `rightfit.estimators.threshold.Threshold`
        None with more than two classes.
    """

    def __init__(
        self,
        *,
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
        class_weight: Any = None,
        threshold: Any = 0.5,
        seed: int = 0,
    ):
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
        self.class_weight = class_weight
        self.threshold = threshold
        self.seed = seed

    def fit(
        self, X: Any, y: Any, sample_weight: Any = None, groups: Any = None, offset: Any = None
    ) -> NetworkClassifier:
        """Fit, prove and choose. Rows of one of the ``groups`` (n,) are judged by models that have seen none of it;
        ``offset`` (n,) is added to every predictor."""
        check_threshold(self.threshold)
        rows = read_classes(self, X, y, sample_weight, missing=True)
        assert rows.labels is not None
        weight = weigh_classes(self.class_weight, rows.labels, rows.y, rows.weight)
        loss = make_loss(len(rows.labels))
        held_out = self.fit_nets(rows, loss.check(rows.y), weight, loss, groups, offset, even=rows.y)
        self.classes_ = rows.labels
        self.threshold_: Threshold | None = None
        if len(rows.labels) == 2:
            chance = loss.response(held_out[:, 0])
            self.threshold_ = find_threshold(self.threshold, chance, rows.y, rows.weight, self.evidence_.fold)
        return self

    def decision_function(self, X: Any, offset: Any = None) -> np.ndarray:
        """(n,) log odds of the second class, or (n, C) scores of all classes."""
        check_is_fitted(self)
        eta = self.predict_eta(X, offset)
        return np.asarray(eta[:, 0]) if eta.shape[1] == 1 else eta

    def predict(self, X: Any) -> np.ndarray:
        """(n,) labels: the most probable class, or for two classes the second one from ``threshold_`` on."""
        check_is_fitted(self)
        return decide(self.decision_function(X), self.threshold_, self.classes_)
