"""The hazard that all rows share once their risks are known, and how long a row goes without an event.

With the risk sets of `rightfit.losses._risk_sets`, the cumulative hazard of a stratum rises at each time of events by

    dH = W / S                                      ``breslow`` (Breslow 1972), W the weight of the events,
    dH = sum over l = 0 .. d-1 of W/d / (S - l/d D) ``efron``, d tied events (Therneau and Grambsch 2000, section 10.1),

S the sum of w exp(eta) over the rows at risk and D that over the tied events; a row's survival is exp(-H exp(eta)).
These are what `survival::survfit` has for either kind of ties. It is a number at the last time that a row of the
stratum was watched, and unknown beyond.
"""

from __future__ import annotations

import numpy as np

from rightfit.losses._partial_likelihood import PartialLikelihood

Baseline = dict[str, np.ndarray]
"""``time``, ``hazard`` (cumulative) and ``stratum`` (m,) of each group of events, by stratum and time; ``strata`` and
``until`` (s,), every stratum and how long it was watched. Hazards are those of rows with predictor 0."""


def estimate_baseline(y: np.ndarray, eta: np.ndarray, weight: np.ndarray, ties: str) -> Baseline:
    """y (n, 4) as `rightfit.losses.cox.Cox.check` returns it, eta and weight (n,)."""
    risk = PartialLikelihood(y, weight, ties)
    with np.errstate(over="ignore", divide="ignore"):
        rise = np.exp(risk.price - risk.terms(eta).term)
    rise = np.add.reduceat(rise, risk.starts) if len(risk.starts) else np.zeros(0)
    first = risk.sets.events[risk.sets.starts]
    stratum = y[first, 3]
    hazard = np.cumsum(rise)
    begins = np.flatnonzero(np.diff(stratum, prepend=np.nan) != 0)
    before = np.concatenate([[0.0], hazard])[begins]
    hazard -= np.repeat(before, np.diff(np.append(begins, len(hazard))))
    live = weight > 0
    strata, code = np.unique(y[live, 3], return_inverse=True)
    until = np.full(len(strata), -np.inf)
    np.maximum.at(until, code, y[live, 0])
    return {"time": y[first, 0], "hazard": hazard, "stratum": stratum, "strata": strata, "until": until}


def survive(baseline: Baseline, eta: np.ndarray, stratum: np.ndarray, times: np.ndarray) -> np.ndarray:
    """(n, k) probabilities of no event up to each of ``times`` (k,), for predictors and strata (n,); NaN for a stratum
    that nobody watched so long."""
    out = np.full((len(eta), len(times)), np.nan)
    for code, until in zip(baseline["strata"], baseline["until"], strict=True):
        rows, own = stratum == code, baseline["stratum"] == code
        count = np.searchsorted(baseline["time"][own], times, side="right")
        hazard = np.concatenate([[0.0], baseline["hazard"][own]])[count]
        with np.errstate(divide="ignore", over="ignore"):
            out[rows] = np.exp(-np.exp(np.log(hazard) + eta[rows, None]))
        out[np.ix_(rows, times > until)] = np.nan
    return out
