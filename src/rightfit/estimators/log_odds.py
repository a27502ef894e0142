"""Labels and probabilities from scores, the same for every linear classifier."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

import numpy as np
from scipy.special import expit, log_expit, log_softmax, softmax
from sklearn.base import ClassifierMixin


class LogOddsClassifier(ClassifierMixin):
    """Scores are log odds: (n,) of the second of two classes, or (n, C) up to a constant a row."""

    classes_: Any

    @abstractmethod
    def decision_function(self, X: Any) -> np.ndarray:
        """(n,) log odds of the second class, or (n, C) scores of all classes."""

    def predict(self, X: Any) -> np.ndarray:
        """(n,) labels of the most probable class."""
        scores = self.decision_function(X)
        codes = (scores > 0).astype(int) if scores.ndim == 1 else scores.argmax(axis=1)
        return np.asarray(self.classes_[codes])

    def predict_proba(self, X: Any) -> np.ndarray:
        """(n, C) probabilities, columns as in classes_."""
        scores = self.decision_function(X)
        return np.column_stack([expit(-scores), expit(scores)]) if scores.ndim == 1 else softmax(scores, axis=1)

    def predict_log_proba(self, X: Any) -> np.ndarray:
        """(n, C) logarithms of the probabilities, exact also where these are tiny."""
        scores = self.decision_function(X)
        if scores.ndim == 1:
            return np.column_stack([log_expit(-scores), log_expit(scores)])
        return np.asarray(log_softmax(scores, axis=1))
