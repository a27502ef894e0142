"""Figures of the page rules.md: what every rule chooses in simulated situations of which the truth is known.

The loss of a step on new rows is not estimated but calculated: for rows with covariance S and coefficients b, it is
(b_step - b)' S (b_step - b) + noise^2, up to what the intercept misses.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from rightfit import PenalizedRegressor
from rightfit.rules.best import Best
from rightfit.rules.information import Information
from rightfit.rules.one_se import OneStandardError
from rightfit.rules.within import Within

RULES = {
    "best": Best(),
    "one_se": OneStandardError(),
    "within": Within(),
    "aic": Information("aic"),
    "bic": Information("bic"),
    "ebic": Information("ebic"),
    "gcv": Information("gcv"),
}
KNOWN = "the best step, if one knew the truth"


@dataclass(frozen=True)
class Situation:
    """Rows of independent standard normal columns, and a target with these coefficients and normal noise of size 1."""

    rows: int
    coef: np.ndarray
    draws: int

    def draw(self, seed: int) -> tuple[np.ndarray, np.ndarray]:
        """One data set."""
        random = np.random.default_rng(seed)
        X = random.standard_normal((self.rows, len(self.coef)))
        return X, X @ self.coef + random.standard_normal(self.rows)


@dataclass(frozen=True)
class Outcome:
    """What the choices of one rule were worth, by draw."""

    loss: np.ndarray
    """(draws,) mean squared error on new rows."""
    right: np.ndarray
    """(draws,) columns used that matter."""
    wrong: np.ndarray
    """(draws,) columns used that do not."""


def _first(count: int, columns: int, size: float) -> np.ndarray:
    return np.where(np.arange(columns) < count, size, 0.0)


SITUATIONS = {
    "strong": Situation(200, _first(5, 40, 0.5), 40),
    "weak": Situation(100, 0.12 * (-1.0) ** np.arange(40), 60),
    "small": Situation(5000, _first(1, 20, 0.07), 20),
    "wide": Situation(80, _first(5, 200, 0.6), 20),
}


@cache
def study(name: str) -> dict[str, Outcome]:
    """Fit every draw once, and let every rule choose on the same evidence."""
    situation = SITUATIONS[name]
    found: dict[str, list[tuple[float, int, int]]] = {rule: [] for rule in (*RULES, KNOWN)}
    for seed in range(situation.draws):
        model = PenalizedRegressor(seed=seed).fit(*situation.draw(seed))
        coef = np.array([model.path_.coef(step)[:, 0] for step in range(len(model.path_))])
        loss = ((coef - situation.coef) ** 2).sum(axis=1) + 1.0
        steps = {rule: RULES[rule].choose(model.evidence_).step for rule in RULES} | {KNOWN: int(loss.argmin())}
        for rule, step in steps.items():
            used, matters = coef[step] != 0, situation.coef != 0
            found[rule].append((loss[step], int((used & matters).sum()), int((used & ~matters).sum())))
    return {rule: Outcome(*np.array(rows, dtype=float).T) for rule, rows in found.items()}


def constant_loss(name: str) -> float:
    """Mean squared error of the constant model."""
    return float((SITUATIONS[name].coef ** 2).sum()) + 1.0


def table(name: str) -> str:
    """All rules in one situation."""
    situation, found = SITUATIONS[name], study(name)
    lines = [
        "| rule | squared error on new rows | columns that matter | columns that do not |",
        "|---|---|---|---|",
    ]
    for rule, outcome in found.items():
        error = outcome.loss.std(ddof=1) / np.sqrt(len(outcome.loss))
        words = rule if rule == KNOWN else f"`{rule}`"
        lines.append(
            f"| {words} | {outcome.loss.mean():.4f} ± {error:.4f} | {outcome.right.mean():.1f} of "
            f"{(situation.coef != 0).sum()} | {outcome.wrong.mean():.1f} of {(situation.coef == 0).sum()} |"
        )
    lines.append(f"| the constant model | {constant_loss(name):.4f} | 0 | 0 |")
    return "\n".join([*lines, "", f"Means over {situation.draws} draws, ± standard errors. The noise alone costs 1."])


def strong() -> str:
    """Five columns of forty matter, 200 rows."""
    return table("strong")


def weak() -> str:
    """All forty columns matter a little, 100 rows."""
    return table("weak")


def small() -> str:
    """One column of twenty matters, very little, 5,000 rows."""
    return table("small")


def wide() -> str:
    """Five columns of 200 matter, 80 rows."""
    return table("wide")


def _more(name: str, rule: str, other: str) -> tuple[float, float]:
    """By how much the rule loses more than the other on the same draws, and the standard error."""
    difference = study(name)[rule].loss - study(name)[other].loss
    return float(difference.mean()), float(difference.std(ddof=1) / np.sqrt(len(difference)))


def best() -> str:
    """Right about the loss, wrong about the columns."""
    strong = study("strong")["best"]
    more, error = _more("strong", "best", KNOWN)
    assert more < 0.02 and strong.wrong.mean() > strong.right.mean() == 5
    return f"""\
**Right.** Few strong columns: it loses {more:.3f} ± {error:.3f} more than the best step that there is, on an error
of {strong.loss.mean():.2f}.

**Wrong.** The same data, asked which columns matter: beside the 5 that do it keeps {strong.wrong.mean():.1f} that do
not. What predicts best is not what is true: noise columns with tiny coefficients cost next to nothing (Meinshausen
and Bühlmann 2006)."""


def one_se() -> str:
    """Halves the wrong columns, and loses weak ones."""
    strong, weak = study("strong"), study("weak")
    more, error = _more("strong", "one_se", "best")
    worse, worse_error = _more("weak", "one_se", "best")
    assert strong["one_se"].right.mean() == 5 and strong["one_se"].wrong.mean() < 0.6 * strong["best"].wrong.mean()
    assert worse > 3 * worse_error and weak["one_se"].right.mean() < 0.5 * weak["best"].right.mean()
    return f"""\
**Right.** Few strong columns: all 5 stay, and the wrong ones fall from {strong["best"].wrong.mean():.1f} to
{strong["one_se"].wrong.mean():.1f}. The price is {more:.3f} ± {error:.3f} in squared error.

**Wrong.** Many weak columns: no single one can be told from noise, so they are dropped one after the other. It keeps
{weak["one_se"].right.mean():.1f} of 40 columns that all matter, where `best` keeps {weak["best"].right.mean():.1f},
and loses {worse:.3f} ± {worse_error:.3f} more. Where everything matters a little, take `best`."""


def within() -> str:
    """A price in per cent knows nothing of noise."""
    strong, small = study("strong"), study("small")
    constant = constant_loss("small") / small[KNOWN].loss.mean() - 1
    assert small["within"].right.mean() == 0 and small["one_se"].right.mean() == 1 and constant < 0.01
    assert strong["within"].wrong.mean() < strong["best"].wrong.mean()
    return f"""\
**Right.** Few strong columns: for at most one per cent of the loss on the held-out rows, the wrong columns fall from
{strong["best"].wrong.mean():.1f} to {strong["within"].wrong.mean():.1f}.

**Wrong.** One small effect, many rows: all that can be learned is {100 * constant:.1f} % of the loss, which is less
than one per cent. In every one of the {len(small["within"].loss)} draws it returns the constant model, although
`one_se` finds the column in all of them. Where the noise is large, name a smaller share: `within:0.1`."""


def aic() -> str:
    """Good with many rows a column, useless with few."""
    wide = study("wide")
    more, error = _more("strong", "aic", "best")
    worse, worse_error = _more("wide", "aic", "best")
    assert more < 0.02 and worse > 3 * worse_error and wide["aic"].wrong.mean() > 50
    return f"""\
**Right.** Few strong columns, five rows a column: without a single fold it loses only {more:.3f} ± {error:.3f} more
than `best`.

**Wrong.** More columns than rows: it walks to the end of the path, keeps {wide["aic"].wrong.mean():.0f} wrong
columns and loses {worse:.2f} ± {worse_error:.2f} more than `best`. Its price of 2 a column is the first term of a
series in df / n; where that is not small, the noise that it divides by has been fitted away."""


def bic() -> str:
    """Finds the true columns where there are few and rows are many."""
    strong, weak, wide = study("strong"), study("weak"), study("wide")
    worse, worse_error = _more("weak", "bic", "best")
    assert strong["bic"].right.mean() == 5 and strong["bic"].wrong.mean() < 0.6 * strong["one_se"].wrong.mean()
    assert worse > 3 * worse_error and weak["bic"].right.mean() < 2 and wide["bic"].wrong.mean() > 50
    return f"""\
**Right.** Few strong columns: all 5, and only {strong["bic"].wrong.mean():.1f} wrong ones, where `best` keeps
{strong["best"].wrong.mean():.1f}.

**Wrong.** Twice. Many weak columns: it keeps {weak["bic"].right.mean():.1f} of 40 and loses
{weak["bic"].loss.mean():.3f}, next to nothing less than the constant model ({constant_loss("weak"):.3f}; `best`
{weak["best"].loss.mean():.3f}). More columns than rows: a path that fits every row drives the estimated noise to
zero and the criterion with it, so that it keeps {wide["bic"].wrong.mean():.0f} wrong columns."""


def ebic() -> str:
    """Strict about wrong columns, blind where rows are few."""
    strong, wide = study("strong"), study("wide")
    assert strong["ebic"].wrong.mean() < strong["bic"].wrong.mean() and wide["ebic"].right.mean() < 1
    return f"""\
**Right.** Few strong columns: {strong["ebic"].wrong.mean():.1f} wrong ones on average, the fewest of all rules, and
none of the 5 missed.

**Wrong.** More columns than rows, effects that `best` and `one_se` find with ease: it sees
{wide["ebic"].right.mean():.1f} of 5 and loses {wide["ebic"].loss.mean():.2f}, hardly less than the constant model
({constant_loss("wide"):.2f}). Every entry costs `log(n) + 2 log(p)`, about {np.log(80) + 2 * np.log(200):.0f} here:
80 rows cannot pay that."""


def gcv() -> str:
    """Leave-one-out for nothing, as long as rows outnumber columns."""
    wide = study("wide")
    more, error = _more("strong", "gcv", "best")
    worse, worse_error = _more("wide", "gcv", "best")
    assert abs(more) < 0.01 and worse > 3 * worse_error and wide["gcv"].wrong.mean() > 30
    return f"""\
**Right.** Few strong columns: {more:+.3f} ± {error:.3f} beside `best`, without a fold. For ridge it is leave-one-out
with the rows' leverages replaced by their mean.

**Wrong.** More columns than rows: near the end of the path both the residual and `1 - (1 + df)/n` go to zero, and
their ratio may take any value. It keeps {wide["gcv"].wrong.mean():.0f} wrong columns and loses {worse:.2f} ±
{worse_error:.2f} more than `best`."""


def same_people() -> str:
    """Rows of one person on both sides of a fold: no rule can repair such evidence."""
    people, each, columns = 40, 6, 30
    told, honest, claimed = [], [], []
    for seed in range(10):
        random = np.random.default_rng(seed)
        person = np.repeat(np.arange(people), each)
        X = random.standard_normal((people, columns))[person] + 0.1 * random.standard_normal((len(person), columns))
        y = random.standard_normal(people)[person] + 0.1 * random.standard_normal(len(person))
        split = PenalizedRegressor(seed=seed).fit(X, y)
        kept = PenalizedRegressor(seed=seed).fit(X, y, groups=person)
        claimed.append(2 * split.curve_.mean[split.choice_.step])
        # new people: columns and target have nothing to do with each other
        scale = 1.01
        told.append(scale * (split.coef_**2).sum() + split.intercept_**2 + scale)
        honest.append(scale * (kept.coef_**2).sum() + kept.intercept_**2 + scale)
    assert np.mean(claimed) < 0.5 < 1.2 < np.mean(told) and np.mean(honest) < 1.15
    return f"""\
{people} people with {each} rows each; {columns} columns and a target that say something of the person, and nothing
of each other. Folds that split people promise a squared error of {np.mean(claimed):.2f}. On new people the chosen
model has {np.mean(told):.2f}, the constant model about 1. With `groups=person` (`--group person`) the same rule
takes a model that has {np.mean(honest):.2f}. Means of 10 draws."""
