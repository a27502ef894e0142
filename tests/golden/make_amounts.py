"""Makes the fixtures of gamma and Tweedie losses anew: `python -m tests.golden.make_amounts`. Needs R with glmnet,
Matrix, statmod and jsonlite.

As make_glmnet.py: the optimality conditions are checked at glmnet's solution of every strength, a Newton polish on
its active set gives the exact optimum, and a fixture is kept where glmnet is within ``LIMIT`` of that, relative to
max(1, largest coefficient). Its iterations for families by object stop earlier than those of its own families.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from tests.golden.make_glmnet import plain, write
from tests.golden.objective import Objective

HERE = Path(__file__).resolve().parent
LIMIT = 1e-7
ARRAYS = ("x", "y", "weight", "offset", "factors", "lower", "upper", "lambda")
WORDS = ("name", "family", "made_by", "seed", "alpha", "sparse", "standardize", "intercept")


def objectives(fixture: dict[str, Any]) -> list[Objective]:
    """One a strength."""
    fixed = {k: np.asarray(fixture[k], dtype=float) for k in ARRAYS[:-1]}
    fixed |= {k: fixture[k] for k in ("family", "standardize", "intercept")}
    alpha = fixture["alpha"]
    return [
        Objective(**fixed, settings=tuple(fixture["settings"]), l1=s * alpha, l2=s * (1 - alpha))
        for s in np.asarray(fixture["lambda"], dtype=float)
    ]


def judge(raw: dict[str, Any]) -> tuple[dict[str, Any], float, float]:
    """The fixture, its distance to the exact optimum, and the largest violation left after the polish."""
    intercepts = np.asarray(raw["glmnet_intercept"], float)[:, None]
    coefs = np.asarray(raw["glmnet_coef"], float)[:, :, None]
    distance = violation = 0.0
    for k, objective in enumerate(objectives(raw)):
        intercept, coef = objective.polish(intercepts[k], coefs[k])
        violation = max(violation, objective.violation(intercept, coef))
        largest = max(1.0, np.abs(coef).max(), np.abs(intercept).max())
        away = max(np.abs(coef - coefs[k]).max(), np.abs(intercept - intercepts[k]).max())
        distance = max(distance, away / largest)
    fixture = {k: raw[k] for k in WORDS} | {"settings": raw["settings"], "from_exact": float(f"{distance:.1e}")}
    fixture |= {k: plain(np.asarray(raw[k], dtype=float)) for k in ARRAYS}
    fixture |= {"glmnet_intercept": plain(intercepts), "glmnet_coef": plain(coefs[:, :, 0])}
    return fixture, distance, violation


def main() -> None:
    target = HERE / "amounts"
    target.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["Rscript", str(HERE / "amounts.R"), folder], check=True)
        for old in target.glob("*.json"):
            old.unlink()
        for file in sorted(Path(folder).glob("*.json")):
            fixture, distance, violation = judge(json.loads(file.read_text()))
            kept = distance < LIMIT and violation < 1e-8
            found = f"from exact {distance:.1e}, violation after polish {violation:.1e}"
            print(f"{'kept   ' if kept else 'DROPPED'} {file.stem:32} {found}")
            if kept:
                write(fixture, target / file.name)


if __name__ == "__main__":
    main()
