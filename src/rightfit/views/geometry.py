"""The geometry of a run: the loss over two and three of its columns, penalties as shapes, and gradient steps."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rightfit.errors import FitError, OptionError
from rightfit.records import Geometry, Run, Scene
from rightfit.views.columns import Chosen, choose_columns
from rightfit.views.ground import Ground
from rightfit.views.profile import Profile, independent
from rightfit.views.scene import Own, make_scene
from rightfit.views.steps import walk_steps


def see(ground: Ground, *, columns: Sequence[str] = ()) -> Geometry:
    """The view of a run with coefficients; ``columns`` names two or three of its features, by default the first that
    enter.

    Raises OptionError where the run has no coefficients, several outputs or too few columns, ColumnError for a feature
    that there is not, FitError where the loss has no minimum without a penalty.
    """
    run, problem = ground.run, ground.problem
    if run.trace.measures != "coefficients":
        raise OptionError(f"a picture of penalties needs coefficients, and the run's model, a {run.penalty}, has none")
    if run.trace.outputs > 1 or problem.loss.coupled:
        raise OptionError(
            f"the plane of two columns is drawn for losses of one output whose rows stand alone, not {run.task.loss}"
        )
    share = 1.0
    while True:
        chosen = choose_columns(ground, columns, share)
        try:
            return _draw(ground, chosen)
        except FitError:
            # with so many columns classes can be told apart perfectly; fewer leave the loss a minimum
            if not chosen.others.shape[1]:
                raise
            share /= 2


def _draw(ground: Ground, chosen: Chosen) -> Geometry:
    run, problem = ground.run, ground.problem
    y, offset = problem.y[chosen.rows], problem.offset[chosen.rows]
    ratio = _elastic_share(run, y - offset, chosen.weight)

    def scene(q: int) -> Scene:
        following = independent(np.column_stack([chosen.others, chosen.focus[:, q:]]), chosen.weight)
        profile = Profile(problem.loss, y, offset, chosen.weight, chosen.focus[:, :q], following)
        return make_scene(profile, chosen.names[:q], chosen.scale[:q], ratio, _own_shape(run))

    plane = scene(2)
    solid = scene(3) if len(chosen.names) == 3 else None
    others = chosen.others.shape[1] + chosen.focus.shape[1] - 2
    return Geometry(plane, solid, walk_steps(plane), problem.loss.measure, others, _say(plane, chosen, others, ground))


def _own_shape(run: Run) -> Own:
    """Which shape is the run's own penalty, with the strength that it chose."""
    ratio = run.settings.get("l1_ratio")
    if ratio is not None:
        return {1.0: "lasso", 0.0: "ridge"}.get(ratio, "elastic net"), run.choice.strength
    return ("group", run.choice.strength) if run.penalty == "group lasso" else ("", np.nan)


def _elastic_share(run: Run, y: np.ndarray, weight: np.ndarray) -> float:
    """The share of the absolute penalty in the elastic net: the run's own, or a half in units of the target's standard
    deviation, as `rightfit.search.mixing` converts it."""
    own = run.settings.get("l1_ratio in the target's unit", run.settings.get("l1_ratio", 1.0))
    if 0 < own < 1:
        return float(own)
    if run.task.kind != "regression":
        return 0.5
    unit = float(np.sqrt(weight @ (y - weight @ y) ** 2)) or 1.0
    return unit / (unit + 1)


def _following(others: int) -> str:
    if not others:
        return ""
    what = "one other column follows" if others == 1 else f"{others:,} other columns follow"
    return f"; {what} freely, without a penalty"


def _say(plane: Scene, chosen: Chosen, others: int, ground: Ground) -> tuple[str, ...]:
    """What the plane shows, from its own numbers."""
    first, second = plane.features
    lasso, ridge = plane.shapes[0], plane.shapes[1]
    alone = (lasso.coef != 0).sum(axis=1) == 1
    sentences = [
        f"Every point of the plane is a pair of coefficients of {first} and {second}, per standard deviation"
        f"{_following(others)}. Contours join pairs with the same loss, which is "
        f"smallest for the fit without a penalty, ({plane.minimum[0]:.3g}, {plane.minimum[1]:.3g}).",
        "To every strength belongs a bound t: the penalized fit is the point with the smallest loss among all that "
        "cost at most t, and there a contour touches the shape of the penalty.",
    ]
    if alone.any():
        k = int(np.flatnonzero(alone)[-1])
        same = ridge.coef[np.argmin(np.abs(ridge.bound - lasso.bound[k]))]
        zero = int(np.argmin(np.abs(lasso.coef[k])))
        sentences.append(
            f"The diamond has its corners on the axes: down to strength {lasso.strengths[k]:.3g} (t = "
            f"{lasso.bound[k]:.3g}) the lasso's contour touches one, and {plane.features[zero]} is exactly zero. The "
            f"ball has no corners: where its radius is as large, ridge gives {plane.features[zero]} {same[zero]:.2g}."
        )
    if chosen.left_out:
        sentences.append(
            f"{chosen.left_out:,} columns, those that matter least to the chosen model, are left out: with so many the "
            "fit without a penalty would be no guide."
        )
    if len(chosen.rows) < int((ground.weight > 0).sum()):
        sentences.append(f"Computed from {len(chosen.rows):,} rows that were drawn at random.")
    if not plane.exact:
        sentences.append(
            f"The contours are those of the loss itself, fitted at {plane.height.size:,} points; the "
            "gradient steps use its quadratic at the minimum, and the picture that turns shows no surface of it."
        )
    return tuple(sentences)
