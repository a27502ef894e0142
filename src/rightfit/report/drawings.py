"""What can be drawn of a model without coefficients: its tree line by line, how two strengths act together, how a
forest converges, what penalties did to the leaves of a booster, and how nets climbed a ladder."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from rightfit.records import Convergence, Feature, Leaves, Picture, Run, Tree
from rightfit.report.epochs import examples_still, panels_still
from rightfit.report.ladders import ladder_still
from rightfit.report.legible import legible
from rightfit.report.numbers import PAGE
from rightfit.report.robustness import robustness_still
from rightfit.report.scales import Linear, spread
from rightfit.report.stills import LEFT, RIGHT, Still

LEAVES = 24
"""Most lines without children that a tree is drawn with."""
POINTS = 800
_LINE, _INDENT, _DEEPEST = 21, 15, 12
_ROWS, _VALUE, _WORDS, _FROM, _TO = 44, 116, 134, 590, 704
"""Right ends of the two columns of numbers, where the questions begin, and the edges of the dots beside them."""
_LETTERS = 68
_TWO_CURVES = (
    "Where the loss on unseen rows rises while that on the rows of the fit falls, a net learns noise: it stops before."
)


def drawings(run: Run) -> list[tuple[str, str, Still]]:
    """Title, sentence and picture of all that the run's picture holds."""
    picture: Picture = run.picture
    found = []
    if picture.tree is not None and len(picture.tree.feature):
        title = legible(picture.tree.title, 120)
        found.append((title[:1].upper() + title[1:], _explain(picture.tree), tree_still(picture.tree, run)))
    if picture.surface is not None and picture.surface.loss.size:
        title = f"{run.evidence.axis.name} and {picture.surface.name} together"
        found.append((legible(title[:1].upper() + title[1:], 120), picture.surface.sentence, surface_still(run)))
    if picture.convergence is not None and len(picture.convergence.trees):
        found.append(
            ("How many trees are enough", picture.convergence.sentence, convergence_still(picture.convergence))
        )
    if picture.leaves is not None and len(picture.leaves.tree):
        found.append(("What the penalties did to the leaves", picture.leaves.sentence, leaves_still(picture.leaves)))
    if run.robustness is not None:
        found.append(("Rows moved against the model", run.robustness.sentence, robustness_still(run.robustness)))
    if picture.ladder is not None and picture.ladder.held_out.size:
        found.append(("The ladder: strengths and epochs", picture.ladder.sentence, ladder_still(picture.ladder)))
        found.append(("Epoch by epoch", _TWO_CURVES, panels_still(picture.ladder)))
    if picture.examples is not None and len(picture.examples.columns):
        found.append(
            ("Rows that augmentation made", picture.examples.sentence, examples_still(picture.examples, run.features))
        )
    return found


@dataclass(frozen=True)
class _Line:
    node: int
    depth: int
    words: str
    leaf: bool


def tree_still(tree: Tree, run: Run) -> Still:
    """One line a node, children below their parent: the question, the rows of the fit that answer it so, and what the
    tree says there. The smallest branches of a large tree are not followed to their end."""
    shown = _shown(tree)
    lines: list[_Line] = []
    _collect(tree, run.features, shown, lines)
    say, unit = _response(run)
    values = [say(tree.value[line.node]) for line in lines]
    still = Still(f"The tree: {len(lines)} of {len(tree.feature)} nodes, one a line", 34 + _LINE * len(lines) + 8)
    inner = [values[k] for k, line in enumerate(lines) if line.leaf]
    x = Linear.over(min(inner), max(inner), _FROM + 6, _TO - 6)
    still.text(_WORDS, 14, "question", "title")
    still.text(_ROWS, 14, "rows", "title", "end")
    still.text(_VALUE, 14, "says", "title", "end")
    still.text((_FROM + _TO) / 2, 14, unit, "title", "middle")
    last: dict[int, float] = {}
    for k, line in enumerate(lines):
        y = 40 + _LINE * k
        left = _WORDS + _INDENT * min(line.depth, _DEEPEST)
        if line.depth:
            still.path("leader", [(left - 9, last[line.depth - 1] + 5), (left - 9, y - 4), (left - 2, y - 4)])
        last[line.depth] = y
        still.line("grid", 0, y + 6, _TO, y + 6)
        still.text(left, y, _clip(line.words, left), "leaf" if line.leaf else "")
        still.text(_ROWS, y, PAGE.number(float(tree.rows[line.node]), 4), anchor="end")
        still.text(_VALUE, y, PAGE.number(values[k], 3), "leaf" if line.leaf else "", "end")
        still.circle("dot" if line.leaf else "point", x.clamp(values[k]), y - 4, 4.5 if line.leaf else 2.5)
    return still


def surface_still(run: Run) -> Still:
    """Held-out loss along the path, a line for each value of the strength that is held; the steps that the rule takes
    are marked."""
    surface, axis = run.picture.surface, run.evidence.axis
    assert surface is not None
    loss = np.where(np.isfinite(surface.loss), surface.loss, np.inf)
    places = axis.positions if len(axis.positions) == loss.shape[1] else np.arange(1.0, loss.shape[1] + 1)
    still = Still(f"Held-out loss against {legible(axis.name, 60)}, a line for each {legible(surface.name, 60)}", 330)
    top, bottom = 34.0, 280.0
    best, taken = float(loss.min()), loss[np.arange(len(loss)), surface.steps]
    # the strong end lies far above: the picture keeps to where the lines part
    high = best + max(2.5 * (float(max(taken.max(), np.median(loss[:, -1]))) - best), 0.05 * abs(best), 1e-12)
    first = max(0, int(np.argmax((loss <= high).any(axis=0))) - 1)
    x = Linear.over(_log(places[first]), _log(places[-1]), LEFT, RIGHT)
    y = Linear.over(best - 0.06 * (high - best), high, bottom, top)
    still.text(0, 14, f"held-out {legible(run.curve.measure, 60)}", "title")
    still.grid(y, LEFT, RIGHT, 6)
    for k in sorted(range(len(loss)), key=lambda k: k == surface.chosen):
        kind = "line loss" if k == surface.chosen else "line coef named"
        pairs = zip(places[first:].tolist(), loss[k, first:].tolist(), strict=True)
        still.path(kind, [(x(_log(p)), y(v)) if v <= high else None for p, v in pairs])
    for k, step in enumerate(surface.steps.tolist()):
        if step >= first and loss[k, step] <= high:
            kind, size = ("here", 4.5) if k == surface.chosen else ("dot", 3.0)
            still.circle(kind, x(_log(places[step])), y(loss[k, step]), size)
    ends = [y.clamp(v) for v in loss[:, -1].tolist()]
    still.text(RIGHT + 16, 14, legible(surface.name, 24), "title")
    for k, end in enumerate(spread(ends, 15, top, bottom)):
        still.path("leader", [(RIGHT + 2, ends[k]), (RIGHT + 13, end)])
        mark = " (chosen)" if k == surface.chosen else ""
        still.text(RIGHT + 16, end + 4, f"{PAGE.number(float(surface.values[k]))}{mark}", "up-text" if mark else "")
    still.line("axis", LEFT, bottom, RIGHT, bottom)
    for value, label in _powers(10.0**x.low, 10.0**x.high):
        still.line("axis", x(value), bottom, x(value), bottom + 5)
        still.text(x(value), bottom + 18, label, anchor="middle")
    still.text((LEFT + RIGHT) / 2, bottom + 38, legible(axis.name, 60), "title", "middle")
    return still


def _log(place: float) -> float:
    return math.log10(max(float(place), 1.0))


def _powers(low: float, high: float) -> list[tuple[float, str]]:
    """Round values on a logarithmic axis."""
    multiples = (1, 2, 5) if high < 300 * low else (1, 3) if high < 10_000 * low else (1,)
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    found = [m * 10.0**e for e in powers for m in multiples]
    return [(math.log10(v), PAGE.number(v)) for v in found if low * (1 - 1e-9) <= v <= high * (1 + 1e-9)]


def convergence_still(convergence: Convergence) -> Still:
    """Loss on rows that the trees have not seen against their number, with its spread."""
    trees, loss, spread = (np.asarray(v, float) for v in (convergence.trees, convergence.loss, convergence.spread))
    spread = np.nan_to_num(spread)
    still = Still(f"{legible(convergence.measure, 60)} against the number of trees", 300)
    top, bottom = 34.0, 250.0
    # a tree or two are far off: the picture keeps to what comes later
    later = loss[min(len(loss) - 1, len(loss) // 10) :]
    low, high = float((loss - spread).min()), float(max((loss + spread)[len(loss) // 5 :].max(), later.max()))
    margin = 0.05 * (high - low or 1)
    x = Linear.over(0, float(trees[-1]), LEFT, RIGHT)
    y = Linear.over(low - margin, high + margin, bottom, top)
    still.text(0, 14, f"{legible(convergence.measure, 60)} on rows that the trees have not seen", "title")
    still.grid(y, LEFT, RIGHT, 6)
    up = [(x(t), y.clamp(m + s)) for t, m, s in zip(trees, loss, spread, strict=True)]
    down = [(x(t), y.clamp(m - s)) for t, m, s in zip(trees, loss, spread, strict=True)]
    still.path("band", [*up, *reversed(down)], "Z")
    still.path("line loss", [(x(t), y.clamp(m)) for t, m in zip(trees, loss, strict=True)])
    still.line("axis", LEFT, bottom, RIGHT, bottom)
    for value, label in x.ticks(8):
        still.line("axis", x(value), bottom, x(value), bottom + 5)
        still.text(x(value), bottom + 18, label, anchor="middle")
    still.text((LEFT + RIGHT) / 2, bottom + 38, "trees", "title", "middle")
    still.text(RIGHT + 12, y.clamp(float(loss[-1])) + 4, "mean", "up-text")
    still.text(RIGHT + 12, y.clamp(float(loss[-1])) + 20, "± other draws")
    return still


def leaves_still(leaves: Leaves) -> Still:
    """Weights of leaves with their penalties against those without."""
    some = np.unique(np.linspace(0, len(leaves.before) - 1, min(POINTS, len(leaves.before))).astype(int))
    before, after = np.asarray(leaves.before, float)[some], np.asarray(leaves.after, float)[some]
    rows = np.asarray(leaves.rows, float)[some]
    fine = np.isfinite(before) & np.isfinite(after)
    before, after, rows = before[fine], after[fine], rows[fine]
    reach = float(np.quantile(np.abs(before), 0.99)) if len(before) else 1.0
    reach = 1.05 * max(reach, float(np.abs(after).max(initial=0.0))) or 1.0
    still = Still("Leaf weights with penalties against those without", 380)
    top, bottom, right = 34.0, 330.0, 470.0
    x, y = Linear.over(-reach, reach, LEFT, right), Linear.over(-reach, reach, bottom, top)
    still.text(0, 14, "weight of the leaf with its penalties", "title")
    still.grid(y, LEFT, right, 6)
    still.line("diagonal", x(-reach), y(-reach), x(reach), y(reach))
    most = float(rows.max(initial=1.0))
    for b, a, r in zip(before, after, rows, strict=True):
        still.circle("point", x.clamp(b), y.clamp(a), round(1.5 + 4 * math.sqrt(max(0.0, r) / most), 1))
    still.line("axis", LEFT, bottom, right, bottom)
    for value, label in x.ticks(6):
        still.line("axis", x(value), bottom, x(value), bottom + 5)
        still.text(x(value), bottom + 18, label, anchor="middle")
    still.text((LEFT + right) / 2, bottom + 38, "weight without penalties", "title", "middle")
    still.text(right + 14, top + 14, "on the line: unchanged")
    still.text(right + 14, top + 34, "nearer to 0: shrunken")
    still.text(right + 14, top + 54, "larger: more rows")
    still.text(right + 14, top + 86, f"lambda {PAGE.number(leaves.l2)}", "title")
    still.text(right + 14, top + 106, f"alpha {PAGE.number(leaves.l1)}", "title")
    return still


def _explain(tree: Tree) -> str:
    leaves = int((tree.feature < 0).sum())
    shown = len(_shown(tree)) + 1
    if shown >= leaves:
        return f"All {PAGE.count(leaves)} leaves. A line's rows answered every question above it."
    return (
        f"{PAGE.count(shown)} branches of {PAGE.count(leaves)} leaves: the largest are followed first. A line's rows "
        "answered every question above it."
    )


def _shown(tree: Tree) -> set[int]:
    """The nodes whose children are drawn: those with most rows first, until there are `LEAVES` ends."""
    opened: set[int] = set()
    ends = [0]
    while len(ends) < LEAVES:
        inner = [k for k in ends if tree.feature[k] >= 0]
        if not inner:
            break
        node = max(inner, key=lambda k: (float(tree.rows[k]), -k))
        opened.add(node)
        ends.remove(node)
        ends += [int(tree.left[node]), int(tree.right[node])]
    return opened


def _collect(tree: Tree, features: Sequence[Feature], shown: set[int], lines: list[_Line]) -> None:
    """Nodes in the order of reading."""
    below = _leaves_below(tree)
    waiting: list[tuple[int, int, str]] = [(0, 0, "all rows")]
    while waiting:
        node, depth, words = waiting.pop()
        ends = node not in shown
        more = int(below[node]) if ends and tree.feature[node] >= 0 else 0
        lines.append(_Line(node, depth, words + (f" … {PAGE.count(more)} leaves" if more else ""), ends))
        if not ends:
            yes, no = _questions(tree, node, features)
            waiting.append((int(tree.right[node]), depth + 1, no))
            waiting.append((int(tree.left[node]), depth + 1, yes))


def _leaves_below(tree: Tree) -> np.ndarray:
    """(m,) leaves under each node; children have larger numbers than their parent."""
    count = (tree.feature < 0).astype(np.int64)
    for node in range(len(count) - 1, -1, -1):
        if tree.feature[node] >= 0:
            count[node] = count[tree.left[node]] + count[tree.right[node]]
    return count


def _questions(tree: Tree, node: int, features: Sequence[Feature]) -> tuple[str, str]:
    """What the rows of the left and of the right child have in common."""
    feature = features[int(tree.feature[node])]
    lost = any(f.role == "missing" and f.group == feature.group for f in features) and feature.role == "value"
    either = (" or missing", "") if tree.missing_left[node] else ("", " or missing")
    name, own = legible(feature.name, 200), legible(feature.source, 200)
    chosen = tree.levels.get(str(node))
    if chosen is not None:
        left = [legible(features[int(j)].detail, 40) for j in chosen[:4]]
        rest = f" and {len(chosen) - 4} more" if len(chosen) > 4 else ""
        return f"{own} is {' or '.join(left)}{rest}", f"{own} is another"
    if feature.role == "level":
        return f"{own} is not {legible(feature.detail, 60)}", f"{own} is {legible(feature.detail, 60)}"
    if feature.role == "missing":
        return f"{own} is known", f"{own} is missing"
    value = PAGE.number(float(tree.threshold[node]), 4)
    value = value.rstrip("0").rstrip(".") if "." in value and "×" not in value else value
    first, second = either if lost else ("", "")
    return f"{name} ≤ {value}{first}", f"{name} > {value}{second}"


def _response(run: Run) -> tuple[Callable[[np.ndarray], float], str]:
    """What a node's linear predictor is shown as, and its name."""
    if run.task.loss == "logistic":
        event = legible(run.task.classes[1], 20) if len(run.task.classes) == 2 else "event"
        return lambda eta: float(1 / (1 + np.exp(-np.clip(eta[0], -700, 700)))), f"probability of {event}"
    if run.task.loss == "multinomial":
        label = legible(run.task.classes[0], 20) if run.task.classes else "the first class"
        return lambda eta: float(np.exp(eta[0] - eta.max()) / np.exp(eta - eta.max()).sum()), f"probability of {label}"
    if run.task.loss in ("poisson", "gamma", "tweedie"):
        return lambda eta: float(np.exp(np.clip(eta[0], -700, 700))), legible(run.task.target, 24)
    return lambda eta: float(eta[0]), legible(run.task.target, 24)


def _clip(words: str, left: float) -> str:
    most = max(12, int(_LETTERS - (left - _WORDS) / 6.4))
    return words if len(words) <= most else words[: most - 1].rstrip() + "…"
