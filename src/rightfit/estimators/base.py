"""What all linear estimators do after a fit: predict. Classes that users see are in files of their own."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils.extmath import safe_sparse_dot
from sklearn.utils.validation import check_is_fitted

from rightfit.estimators.inputs import read_rows
from rightfit.estimators.log_odds import LogOddsClassifier


class LinearRegressor(RegressorMixin, BaseEstimator):
    """coef_ (p,) or (t, p) and intercept_ give predictions."""

    coef_: Any
    intercept_: Any

    def predict(self, X: Any) -> np.ndarray:
        """(n,) or (n, t) predictions for the rows of X."""
        check_is_fitted(self)
        X = read_rows(self, X)
        return np.asarray(safe_sparse_dot(X, np.asarray(self.coef_).T, dense_output=True) + self.intercept_)

    @property
    def sparse_coef_(self) -> Any:
        """coef_ as a sparse matrix in CSR form."""
        return sparse.csr_matrix(self.coef_)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags


class LinearClassifier(LogOddsClassifier, BaseEstimator):
    """coef_ (1, p) or (C, p) and intercept_ (1,) or (C,) give scores, probabilities and labels."""

    coef_: Any
    intercept_: Any
    classes_: Any

    def decision_function(self, X: Any) -> np.ndarray:
        """(n,) log odds of the second class, or (n, C) scores of all classes."""
        check_is_fitted(self)
        X = read_rows(self, X)
        scores = np.asarray(safe_sparse_dot(X, self.coef_.T, dense_output=True) + self.intercept_)
        return scores[:, 0] if scores.shape[1] == 1 else scores

    def densify(self) -> LinearClassifier:
        """coef_ as a dense array, as it is after a fit."""
        check_is_fitted(self)
        if sparse.issparse(self.coef_):
            self.coef_ = self.coef_.toarray()
        return self

    def sparsify(self) -> LinearClassifier:
        """coef_ as a sparse matrix: smaller where most coefficients are zero."""
        check_is_fitted(self)
        self.coef_ = sparse.csr_matrix(self.coef_)
        return self

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags
