"""What the masks of a net say together, in sentences."""

from __future__ import annotations

import numpy as np

from rightfit.records import Dropout

ROUNDING = 1e-9
"""Distances of linear predictors that are rounding."""


def describe(view: Dropout, *, asked: bool, network: bool, penalty: str) -> tuple[str, ...]:
    """Which net, what averaging buys, how the scaled net compares, and how many masks are enough."""
    return (_which(view, asked, network, penalty), _gain(view), _scaled(view), _enough(view))


def _which(view: Dropout, asked: bool, network: bool, penalty: str) -> str:
    shape = " x ".join(map(str, view.hidden))
    net = f"a net with {shape} hidden units and dropout {view.rate:.3g}"
    count = f"all {view.masks:,} of its thinned nets are averaged, each with the probability of its mask"
    if not view.exact:
        all_of_them = f"it has 2^{sum(view.hidden)} thinned nets, too many to average all"
        count = f"{all_of_them}: {view.masks:,} drawn ones stand for them"
    if view.own:
        first = f"The run's own net has {net.removeprefix('a net with ')}"
    elif asked and network:
        first = f"As was asked, {net} was trained on the run's rows"
    else:
        why = f"the run's model, {penalty}, has no dropout" if network else f"the run's model, {penalty}, is no network"
        first = f"Since {why}, {net} was trained on its rows"
    return f"{first}; {count}. {view.rows:,} rows were predicted, each by a net that has not seen it."


def _gain(view: Dropout) -> str:
    single, mean = view.ways[-1], view.ways[1]
    first = f"A single thinned net loses {single.loss:.4g} ({view.measure}), the average of the masks {mean.loss:.4g}"
    apart = "half the variance of the masks" if "squared" in view.measure else "how far the masks lie apart"
    if len(view.ways) == 3:
        return f"{first}: what averaging gains, {view.disagreement:.3g}, is exactly {apart}."
    geometric = f"their geometric mean {view.ways[2].loss:.4g}"
    return f"{first}, {geometric}: what that gains, {view.disagreement:.3g}, is exactly {apart}."


def _scaled(view: Dropout) -> str:
    plain, mean = view.ways[0], view.ways[1]
    layers = len(view.hidden)
    names = "the geometric mean" if len(view.ways) > 3 else "the average"
    off = f"{view.distance:.2g} standard deviations off in the linear predictor"
    off += "" if view.exact else ", chance of the drawn masks included"
    if layers == 1 and view.exact and view.distance < ROUNDING:
        law = f"With one hidden layer the net with scaled weights is {names} of all masks exactly "
        law += f"(at most {off}): one pass instead of all."
    elif layers == 1 and not view.exact:
        law = (
            f"With one hidden layer the net with scaled weights is {names} of all masks; that of the drawn ones lies "
            "up "
            f"to {off}."
        )
    else:
        law = (
            f"With {layers} hidden layers the net with scaled weights only stands near {names} of the masks: up to "
            f"{off}."
        )
    if len(view.ways) == 3 and layers == 1 and view.exact:
        return law
    apart = mean.difference
    error = mean.difference_error
    noise = f" ({abs(apart) / error:.1f} standard errors)" if error > 0 else ""
    return (
        f"{law} It loses {plain.loss:.4g}, {abs(apart):.2g} {'less' if apart > 0 else 'more'} than the average{noise}."
    )


def _enough(view: Dropout) -> str:
    """From how many drawn masks on the average is as good as that of all."""
    goal = view.ways[1].loss
    near = view.drawn - goal <= 0.05 * (view.drawn[0] - goal)
    if view.drawn[0] <= goal or not near.any():
        return f"{view.counts[-1]:,} masks drawn for every row lose {view.drawn[-1]:.4g} (Monte Carlo dropout)."
    k = int(np.argmax(near))
    return (
        f"Masks drawn for every row (Monte Carlo dropout) come near the average: one mask loses {view.drawn[0]:.4g}, "
        f"{view.counts[k]:,} masks lose {view.drawn[k]:.4g}, which is 95 % of the way."
    )
