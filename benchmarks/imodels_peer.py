"""One cross-validated shrinkage path of imodels, in the peers' environment: ``python -m benchmarks.imodels_peer work``.

Where the work names no strengths, imodels' class is made without any argument.
Writes CPU seconds and mean scores as one line of JSON. Knows nothing of rightfit.
"""

from __future__ import annotations

import json
import sys
import time

import numpy as np


def main() -> None:
    """Read the work, fit, and say how long it took."""
    import importlib

    from sklearn.metrics import log_loss
    from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

    imodels = importlib.import_module("imodels")
    with np.load(sys.argv[1]) as work:
        X, y, classes = work["X"], work["y"], bool(work["classes"])
        usual = "strengths" not in work
        strengths = [] if usual else work["strengths"].tolist()
        leaf, folds = (1, 3) if usual else (int(work["leaf"]), int(work["folds"]))
    kind = imodels.HSTreeClassifierCV if classes else imodels.HSTreeRegressorCV
    y = y.astype(int) if classes else y
    if usual:
        search = kind()
    elif classes:
        tree = DecisionTreeClassifier(min_samples_leaf=leaf, random_state=0)
        search = kind(tree, reg_param_list=strengths, cv=folds, scoring=log_loss)
    else:
        search = kind(DecisionTreeRegressor(min_samples_leaf=leaf, random_state=0), reg_param_list=strengths, cv=folds)
    start = time.process_time()
    search.fit(X, y)
    spent = time.process_time() - start
    scores = [float(score) for score in search.scores_]
    print(json.dumps({"seconds": spent, "scores": scores, "strengths": [float(s) for s in search.reg_param_list]}))


if __name__ == "__main__":
    main()
