"""Averages of what many models say: of their responses, and of their linear predictors."""

from __future__ import annotations

import numpy as np

from rightfit.contracts import Loss

_LEAST = 1e-300


def respond(loss: Loss, eta: np.ndarray) -> np.ndarray:
    """Responses (..., C) at linear predictors (..., C); for classes with two outputs or more each row sums to one."""
    if loss.outputs == 1:
        return np.asarray(loss.response(eta))
    return np.asarray(loss.response(eta.reshape(-1, loss.outputs))).reshape(eta.shape)


def predictor_of(loss: Loss, response: np.ndarray) -> np.ndarray:
    """Linear predictors (..., C) that have these responses (..., C)."""
    if loss.predicts == "number":
        return response
    kept = np.maximum(response, _LEAST)
    if loss.predicts == "probability":
        return np.asarray(np.log(kept) - np.log(np.maximum(1 - response, _LEAST)))
    return np.asarray(np.log(kept))


def lose(loss: Loss, y: np.ndarray, eta: np.ndarray) -> np.ndarray:
    """(M, n) losses at linear predictors (M, n, C)."""
    with np.errstate(over="ignore"):
        if loss.outputs == 1:
            return np.asarray(loss.value(y, eta[..., 0]))
        flat = loss.value(np.concatenate([y] * len(eta)), eta.reshape(-1, loss.outputs))
    return np.asarray(flat).reshape(eta.shape[:2])


def shown_response(loss: Loss, response: np.ndarray, y: np.ndarray) -> np.ndarray:
    """(..., n) what is drawn of responses (..., n, C): of several classes the probability of the row's own."""
    if loss.outputs == 1:
        return np.asarray(response[..., 0])
    own = y.astype(np.int64)[:, None]
    return np.asarray(np.take_along_axis(response, np.broadcast_to(own, (*response.shape[:-1], 1)), -1)[..., 0])
