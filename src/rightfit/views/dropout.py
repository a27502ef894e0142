"""Dropout as an ensemble: the average of all thinned nets, the net whose weights are scaled, and drawn masks, side by
side on rows that the nets have not seen.

With one hidden layer the linear predictor of the scaled net is the masks' mean to the last digits: each unit is kept
with probability 1 - rate, and then counts 1 / (1 - rate) times. So for a squared error the scaled net is the average
of all thinned nets, and for classes it is their geometric mean, renormalized (Hinton and others 2012, "Improving
neural networks by preventing co-adaptation of feature detectors"; Goodfellow, Bengio and Courville 2016, section
7.12). With more layers neither holds exactly.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from rightfit.contracts import Loss
from rightfit.errors import OptionError
from rightfit.learners._network.forward import Layers
from rightfit.records import Averaged, Dropout
from rightfit.views.averages import lose, predictor_of, respond, shown_response
from rightfit.views.dropout_words import describe
from rightfit.views.ground import Ground
from rightfit.views.small_net import RATE, is_network, own_net, require_net, small_net
from rightfit.views.thinned import MOST_UNITS, draw_masks, list_masks, run_drawn, run_masks

UNITS = 10
COUNTS = (1, 2, 3, 5, 10, 20, 50, 100, 200)
DRAWS = 10
"""Times that each number of masks is drawn."""
SAMPLED = 500
"""Masks that stand for all where there are too many."""
ROWS = 1_000
"""Unseen rows that are predicted at most."""
SHOWN = 60
"""Rows that are drawn."""


@dataclass(frozen=True)
class Ensemble:
    """What the masks of one net say of n rows, summed up over masks with their weights."""

    response: np.ndarray
    """(n, C) mean response."""
    eta: np.ndarray
    """(n, C) mean linear predictor."""
    lost: np.ndarray
    """(n,) mean loss."""
    low: np.ndarray
    """(s,) 5 % point of what is shown of some rows."""
    high: np.ndarray
    """(s,) 95 % point."""


@dataclass(frozen=True)
class Net:
    """One net and how its outputs become linear predictors."""

    layers: Layers
    rate: float
    constant: np.ndarray
    """(n, C) offset included."""
    spread: np.ndarray
    """(C,)"""

    def eta(self, outputs: np.ndarray) -> np.ndarray:
        """(..., n, C) linear predictors of outputs (..., n, C)."""
        return self.constant + self.spread * outputs


def see(
    ground: Ground,
    *,
    units: int | None = None,
    rate: float | None = None,
    train: bool = True,
    seed: int | None = None,
) -> Dropout:
    """The view of a run: of its own net where that has dropout and neither ``units`` nor ``rate`` is told, all masks
    where it has at most `MOST_UNITS` hidden units, else `SAMPLED` ones; otherwise of a net with one hidden layer of
    ``units`` (10) and dropout ``rate`` (0.5), trained on the run's rows unless ``train`` forbids it. In every case nets
    are taught by the run's folds, and each row is predicted by the one that has not seen it; of several seeds the first
    is looked at.

    OptionError for a run that has no net where none shall be trained, a loss that nets cannot learn, and numbers out of
    range; MissingExtraError where torch is not installed.
    """
    found = own_net(ground) if units is None and rate is None else None
    require_net(ground, usable=train or found is not None)
    if units is not None and not 1 <= units <= MOST_UNITS:
        raise OptionError(f"units: give 1 to {MOST_UNITS}, so that all masks can be averaged, not {units}")
    if rate is not None and not 0 < rate < 1:
        raise OptionError(f"rate: the share of units that are dropped lies between 0 and 1, {rate} was given")
    seed = ground.run.seed if seed is None else seed
    own = found is not None
    wanted = RATE if rate is None else rate
    learner, dropped = found or (small_net(ground, units or UNITS, seed, strengths=(wanted,)), wanted)
    asked = units is not None or rate is not None
    return _measure(ground, learner, dropped, seed, own=own, asked=asked)


def average(
    net: Net, inputs: np.ndarray, y: np.ndarray, loss: Loss, masks: np.ndarray, share: np.ndarray, shown: np.ndarray
) -> Ensemble:
    """Sums over masks (M, units) with weights (M,) that sum to one; ``shown`` are places of rows whose spread is
    told."""
    n, outputs = len(inputs), loss.outputs
    response, eta, lost = np.zeros((n, outputs)), np.zeros((n, outputs)), np.zeros(n)
    kept = np.empty((len(masks), len(shown)))
    for part, said in run_masks(net.layers, inputs, masks, net.rate):
        predicted = net.eta(said)
        answer = respond(loss, predicted)
        weight = share[part]
        response += np.tensordot(weight, answer, 1)
        eta += np.tensordot(weight, predicted, 1)
        lost += weight @ lose(loss, y, predicted)
        kept[part] = shown_response(loss, answer[:, shown], y[shown])
    low, high = _quantiles(kept, share, (0.05, 0.95))
    return Ensemble(response, eta, lost, low, high)


def _measure(ground: Ground, learner: Any, rate: float, seed: int, *, own: bool, asked: bool) -> Dropout:
    problem, folds = ground.problem, ground.folds
    loss = problem.loss
    paths = learner.fit_paths(problem, folds)
    rng = np.random.default_rng([seed, 71])
    units = sum(learner.hidden)
    exact = units <= MOST_UNITS
    masks, share = list_masks(units, rate) if exact else draw_masks(units, rate, SAMPLED, rng)
    owner = _first_judge(folds.scored, ground.weight)
    rows = np.flatnonzero(owner > 0)
    if len(rows) < 2:
        raise OptionError("the run's folds leave out no rows, so that nothing unseen can be predicted; fit with folds")
    rows = np.sort(rng.choice(rows, min(ROWS, len(rows)), replace=False))
    shown = np.sort(rng.choice(len(rows), min(SHOWN, len(rows)), replace=False))
    n, outputs, counts = len(rows), loss.outputs, np.array(COUNTS)
    scaled, eta, response = (np.empty((n, outputs)) for _ in range(3))
    single, drawn = np.empty(n), np.empty((DRAWS, len(counts), n))
    low, high, draws = np.full(n, np.nan), np.full(n, np.nan), np.empty((len(counts), n))
    for k in np.unique(owner[rows]):
        place = np.flatnonzero(owner[rows] == k)
        some, path = rows[place], paths[k]
        y, offset = problem.y[some], problem.offset[some, None]
        inputs = path.inputs.read(problem.design.take(some))
        net = Net(path.nets[0], rate, path.constant + offset, path.spread)
        told = np.flatnonzero(np.isin(place, shown))
        found = average(net, inputs, y, loss, masks, share, told)
        plain = next(run_masks(net.layers, inputs, np.ones((1, units), bool), 0.0))[1][0]
        scaled[place], eta[place], response[place] = net.eta(plain), found.eta, found.response
        single[place], low[place[told]], high[place[told]] = found.lost, found.low, found.high
        for d in range(DRAWS):
            said = _accumulate(net, inputs, loss, counts, rng)
            drawn[d][:, place] = lose(loss, y, predictor_of(loss, said))
            if d == 0:
                draws[:, place] = shown_response(loss, said, y)
    y, weight = problem.y[rows], ground.weight[rows] / ground.weight[rows].sum()
    unit = ground.folds.unit[rows] if len(ground.folds.unit) else np.arange(n)
    plain_loss = lose(loss, y, scaled[None])[0]
    geometric = lose(loss, y, eta[None])[0]
    ways = [("the net with scaled weights", plain_loss)]
    ways.append(("the average of the masks", lose(loss, y, predictor_of(loss, response)[None])[0]))
    if loss.predicts != "number":
        ways.append(("their geometric mean", geometric))
    ways.append(("a single thinned net", single))
    order = shown[np.argsort(shown_response(loss, respond(loss, scaled), y)[shown], kind="stable")]
    mean = drawn @ weight
    view = Dropout(
        hidden=tuple(int(width) for width in learner.hidden),
        rate=rate,
        own=own,
        masks=len(masks),
        exact=exact,
        rows=n,
        measure=loss.measure,
        says=_says(ground, loss),
        ways=tuple(_average(name, lost, plain_loss, weight, unit) for name, lost in ways),
        disagreement=float(weight @ (single - geometric)),
        distance=float((np.abs(scaled - eta) / np.maximum(scaled.std(axis=0), 1e-300)).max()),
        counts=counts,
        drawn=mean.mean(axis=0),
        drawn_spread=mean.std(axis=0, ddof=1),
        scaled=shown_response(loss, respond(loss, scaled), y)[order],
        mean=shown_response(loss, response, y)[order],
        low=low[order],
        high=high[order],
        draws=draws[:, order],
    )
    return replace(view, sentences=describe(view, asked=asked, network=is_network(ground), penalty=ground.run.penalty))


def _accumulate(net: Net, inputs: np.ndarray, loss: Loss, counts: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """(T, n, C) mean responses of the first so many of drawn masks."""
    total, found = np.zeros(net.constant.shape), []
    for k, said in enumerate(run_drawn(net.layers, inputs, net.rate, int(counts[-1]), rng), start=1):
        total += respond(loss, net.eta(said))
        if k in counts:
            found.append(total / k)
    return np.array(found)


def _first_judge(scored: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """(n,) number of the first resample that judges a row, 0 where none does."""
    return np.where(scored.any(axis=0) & (weight > 0), scored.argmax(axis=0), 0)


def _quantiles(values: np.ndarray, share: np.ndarray, wanted: tuple[float, float]) -> tuple[np.ndarray, np.ndarray]:
    """(s,) weighted quantiles of values (M, s) with weights (M,): the least value with so much weight up to it."""
    order = np.argsort(values, axis=0, kind="stable")
    weight = np.cumsum(share[order], axis=0)
    places = [np.minimum((weight < level - 1e-12).sum(axis=0), len(values) - 1) for level in wanted]
    low, high = (np.take_along_axis(values, order[place, np.arange(values.shape[1])][None], 0)[0] for place in places)
    return low, high


def _average(name: str, lost: np.ndarray, plain: np.ndarray, weight: np.ndarray, unit: np.ndarray) -> Averaged:
    mean, error = _mean(lost, weight, unit)
    difference, difference_error = _mean(lost - plain, weight, unit)
    return Averaged(name, mean, error, difference, difference_error)


def _mean(values: np.ndarray, weight: np.ndarray, unit: np.ndarray) -> tuple[float, float]:
    """A weighted mean and its standard error over independent units."""
    mean = float(weight @ values)
    _, code = np.unique(unit, return_inverse=True)
    sums = np.bincount(code, weight * (values - mean))
    count = len(sums)
    return mean, float(np.sqrt(count / (count - 1) * (sums @ sums))) if count > 1 else np.nan


def _says(ground: Ground, loss: Loss) -> str:
    classes = ground.run.task.classes
    if loss.outputs > 1:
        return "probability of the row's own class"
    return f"probability of {classes[1]}" if classes else f"predicted {ground.run.task.target}"
