"""Harrell's concordance: does the row that fails first have the higher risk?"""

from __future__ import annotations

import numpy as np


def concordance(y: np.ndarray, eta: np.ndarray, weight: np.ndarray, part: np.ndarray) -> float:
    """Weighted share of comparable pairs in which the row that has its event first has the larger eta, equal eta half
    (Harrell et al. 1982). A pair (i, j) is comparable where i has an event while j is at risk and goes on: entry_j <
    time_i < time_j, or time_i = time_j and j has no event. It weighs w_i w_j. Only rows of one stratum and one
    ``part`` are compared. NaN where no pair is comparable. O(n log^2 n).

    y (n, 4) as `Cox.check` returns it, eta, weight and part (n,).
    """
    time, event, entry, stratum = y.T
    strata, stratum = np.unique(stratum, return_inverse=True)
    room = np.unique(part, return_inverse=True)[1] * len(strata) + stratum
    at = np.flatnonzero((event == 1) & (weight > 0))
    if not len(at):
        return float("nan")
    rank = np.unique(eta, return_inverse=True)[1].reshape(-1)
    # those who go on after a time, less those who come only then
    below, equal, all_of = _others(room, rank, weight, at, time, after=np.where(event == 1, time, _next(time)))
    late = np.isfinite(entry)
    if late.any():
        less = _others(room, rank, np.where(late, weight, 0.0), at, time, after=np.where(late, _next(entry), -np.inf))
        below, equal, all_of = below - less[0], equal - less[1], all_of - less[2]
    pairs = float(weight[at] @ all_of)
    return float(weight[at] @ (below + equal / 2) / pairs) if pairs > 1e-12 * weight.sum() ** 2 else float("nan")


def _next(values: np.ndarray) -> np.ndarray:
    """A hair later."""
    return np.asarray(np.nextafter(values, np.inf))


def _others(
    room: np.ndarray, rank: np.ndarray, weight: np.ndarray, at: np.ndarray, time: np.ndarray, *, after: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For each event row in ``at``: weight of the rows of its room with ``after`` > its time that have a smaller
    rank, an equal one, and any."""
    n, top = len(room), int(rank.max()) + 1
    rooms, moments = np.concatenate([room, room[at]]), np.concatenate([after, time[at]])
    asks = np.arange(n + len(at)) >= n
    # room by room, late to early; at equal times the question comes first
    order = np.lexsort((~asks, -moments, rooms))
    rooms, asks = rooms[order], asks[order]
    ranks = np.concatenate([rank, rank[at]])[order]
    mass = np.concatenate([weight, np.zeros(len(at))])[order]
    passed = np.cumsum(mass) - mass
    earlier_rooms = passed[np.searchsorted(rooms, rooms, "left")]
    key = 3 * (rooms.astype(np.int64) * top + ranks) + np.where(asks, 0, 1)
    smaller = _earlier_below(key, mass) - earlier_rooms
    untied = top == n
    up_to = smaller if untied else _earlier_below(key + np.where(asks, 2, 0), mass) - earlier_rooms
    back = np.argsort(order)[n:]
    return smaller[back], (up_to - smaller)[back], (passed - earlier_rooms)[back]


def _earlier_below(key: np.ndarray, mass: np.ndarray) -> np.ndarray:
    """For each place, the mass at earlier places whose key is smaller; blocks of doubling length are compared."""
    out = np.zeros(len(key))
    by_key = np.argsort(key, kind="stable")
    length = 1
    while length < len(key):
        pair = by_key // (2 * length)
        if pair.max() < 2**16:
            pair = pair.astype(np.uint16)  # sorted digit by digit, in linear time
        order = by_key[np.argsort(pair, kind="stable")]
        right = order // length % 2 == 1
        run = np.concatenate([[0.0], np.cumsum(np.where(right, 0.0, mass[order]))])
        base = run[order // (2 * length) * (2 * length)]  # all blocks before are full
        out[order[right]] += (run[1:] - base)[right]
        length *= 2
    return out
