"""The proximal operator of 1-d total variation: a string pulled taut through a tube.

One pass, but for the stretches that a bend makes it look at again.
"""

from __future__ import annotations

import numpy as np


def taut_string(values: np.ndarray, radius: float) -> np.ndarray:
    """argmin over b of sum (b_j - values_j)^2 / 2 + radius * sum |b_{j+1} - b_j|, for (p,) values.

    The running sum of the solution is the shortest string from (0, 0) to (p, sum) within ``radius`` of the running sum
    of the values (Davies and Kovac 2001). Walking along, the string may leave its last knot with any slope between
    two: the steepest line that stays under the tube's ceiling, and the flattest that stays over its floor, each held
    where it touches. When the two cross, the string bends at the touch that came first.
    """
    p = len(values)
    if p <= 1 or radius <= 0:
        return values.copy()
    total = np.concatenate([[0.0], np.cumsum(values)])
    floor, ceiling = total - radius, total + radius
    floor[[0, -1]] = ceiling[[0, -1]] = total[[0, -1]]
    low, high = floor.tolist(), ceiling.tolist()
    slopes = [0.0] * p
    knot, height = 0, 0.0
    while knot < p:
        under, over = np.inf, -np.inf  # least slope to a ceiling, largest to a floor
        under_at = over_at = knot
        at = knot + 1
        while True:
            to_ceiling, to_floor = (high[at] - height) / (at - knot), (low[at] - height) / (at - knot)
            if to_floor > under:  # the floor rises above the line to an earlier ceiling: bend there
                end, slope = under_at, under
                break
            if to_ceiling < over:
                end, slope = over_at, over
                break
            if to_ceiling <= under:
                under, under_at = to_ceiling, at
            if to_floor >= over:
                over, over_at = to_floor, at
            if at == p:
                end, slope = p, to_floor  # floor and ceiling meet
                break
            at += 1
        slopes[knot:end] = [slope] * (end - knot)
        height += slope * (end - knot)
        knot = end
    return np.array(slopes)
