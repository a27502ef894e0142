"""One cross-validated shrinkage path of imodels, in the peers' environment: ``python -m benchmarks.imodels_peer work``.

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
        X, y, strengths = work["X"], work["y"], work["strengths"].tolist()
        leaf, folds, classes = int(work["leaf"]), int(work["folds"]), bool(work["classes"])
    if classes:
        tree = DecisionTreeClassifier(min_samples_leaf=leaf, random_state=0)
        search = imodels.HSTreeClassifierCV(tree, reg_param_list=strengths, cv=folds, scoring=log_loss)
        y = y.astype(int)
    else:
        tree = DecisionTreeRegressor(min_samples_leaf=leaf, random_state=0)
        search = imodels.HSTreeRegressorCV(tree, reg_param_list=strengths, cv=folds)
    start = time.process_time()
    search.fit(X, y)
    spent = time.process_time() - start
    print(json.dumps({"seconds": spent, "scores": [float(score) for score in search.scores_]}))


if __name__ == "__main__":
    main()
