"""Makes the glmnet fixtures anew: `python -m tests.golden.make_glmnet`. Needs R with glmnet, Matrix and jsonlite.

glmnet.R fits; this script then believes nothing. For every strength the optimality conditions are checked at
glmnet's solution, and a Newton polish on its active set (tests/golden/objective.py) gives the exact optimum. A
fixture is kept where glmnet is within 1e-8 of that exact optimum, relative to max(1, largest coefficient), at every
strength; ``glmnet_intercept`` and ``glmnet_coef`` are its own numbers, unpolished; for multinomial
models the intercepts are centred over the classes. ``from_exact`` records the distance to the exact optimum.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from tests.golden.objective import Objective

HERE = Path(__file__).resolve().parent
LIMIT = 1e-8


def plain(values: np.ndarray) -> list[Any]:
    """Nested lists of the shortest decimals that read back as the same doubles; infinities as text."""
    if values.ndim > 1:
        return [plain(v) for v in values]
    return [(str(v) if np.isinf(v) else int(v) if v == int(v) else v) for v in values.tolist()]


def judge(raw: dict[str, Any]) -> tuple[dict[str, Any], float, float]:
    """The fixture, its distance to the exact optimum, and the largest violation left after the polish."""
    arrays = {
        k: np.asarray(raw[k], dtype=float)
        for k in ("x", "y", "weight", "offset", "factors", "lower", "upper", "lambda", "grid_ends", "l1", "l2")
    }
    intercepts, coefs = np.asarray(raw["glmnet_intercept"], float), np.asarray(raw["glmnet_coef"], float)
    if raw["family"] == "multinomial":
        intercepts = intercepts - intercepts.mean(axis=1, keepdims=True)
    distance = violation = 0.0
    fixed = {k: arrays[k] for k in ("x", "y", "weight", "offset", "factors", "lower", "upper")}
    for k in range(len(arrays["lambda"])):
        objective = Objective(
            raw["family"],
            **fixed,
            l1=arrays["l1"][k],
            l2=arrays["l2"][k],
            standardize=raw["standardize"],
            intercept=raw["intercept"],
        )
        intercept, coef = objective.polish(intercepts[k], coefs[k])
        violation = max(violation, objective.violation(intercept, coef))
        largest = max(1.0, np.abs(coef).max(), np.abs(intercept).max())
        distance = max(
            distance, np.abs(coef - coefs[k]).max() / largest, np.abs(intercept - intercepts[k]).max() / largest
        )
    fixture = {k: raw[k] for k in ("name", "family", "made_by", "seed", "alpha", "sparse", "standardize", "intercept")}
    fixture["from_exact"] = float(f"{distance:.1e}")
    fixture |= {k: plain(v) for k, v in arrays.items()}
    return fixture | {"glmnet_intercept": plain(intercepts), "glmnet_coef": plain(coefs)}, distance, violation


def write(fixture: dict[str, Any], path: Path) -> None:
    """One line a key and one line a row of a table, so that a change can be read."""
    lines = []
    for key, value in fixture.items():
        if isinstance(value, list) and value and isinstance(value[0], list):
            text = "[\n  " + ",\n  ".join(json.dumps(v, separators=(",", ":")) for v in value) + "]"
        else:
            text = json.dumps(value, separators=(",", ":"))
        lines.append(f'"{key}": {text}')
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n")


def main() -> None:
    target = HERE / "glmnet"
    target.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["Rscript", str(HERE / "glmnet.R"), folder], check=True)
        for old in target.glob("*.json"):
            old.unlink()
        for file in sorted(Path(folder).glob("*.json")):
            fixture, distance, violation = judge(json.loads(file.read_text()))
            kept = distance < LIMIT and violation < LIMIT
            found = f"from exact {distance:.1e}, violation after polish {violation:.1e}"
            print(f"{'kept   ' if kept else 'DROPPED'} {file.stem:38} {found}")
            if kept:
                write(fixture, target / file.name)


if __name__ == "__main__":
    main()
