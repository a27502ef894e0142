"""What is made of one column of a table enters together under ``--penalty group``."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from rightfit.data.table import read_table
from rightfit.errors import OptionError
from rightfit.estimators.penalized_regressor import PenalizedRegressor
from rightfit.search.fit import fit_table
from rightfit.search.options import make_options


def write(folder: Path) -> Path:
    rng = np.random.default_rng(0)
    n = 160
    zone = rng.choice(list("abcd"), n)
    shade = rng.choice(["red", "green", "blue"], n)
    size = rng.normal(size=n)
    price = size + np.array([0.0, 1.0, -1.0, 0.5])[[ord(z) - 97 for z in zone]] + rng.normal(size=n)
    rows = zip(zone, shade, size, price, strict=True)
    lines = ["zone,shade,size,price", *(f"{a},{b},{c:.4f},{d:.4f}" for a, b, c, d in rows)]
    file = folder / "flats.csv"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


@pytest.mark.parametrize("penalty", ["group", "sparse_group"])
def test_levels_of_a_category_are_one_group(tmp_path: Path, penalty: str) -> None:
    options = make_options(target="price", penalty=penalty, folds=4, strengths=20)
    run = fit_table(read_table(write(tmp_path)), options)
    assert "group lasso" in run.penalty
    assert f"--penalty {penalty}" in " ".join(run.command)
    of_zone = np.array([feature.source == "zone" for feature in run.features])
    assert of_zone.sum() == 4
    sizes = {
        int((run.trace.coef(k)[of_zone] != 0).any(axis=1).sum())
        for k in range(len(run.trace))
        if run.trace.strengths[k]
    }
    assert max(sizes) >= 3
    if penalty == "group":
        assert sizes == {0, 4}


def test_feature_groups_of_the_estimators() -> None:
    rng = np.random.default_rng(1)
    X = rng.normal(size=(80, 6))
    y = X[:, :2].sum(axis=1) + rng.normal(size=80)
    model = PenalizedRegressor(penalty="group", feature_groups=list("aabbcc"), folds=4, count=20).fit(X, y)
    assert model.coef_[:2].all()
    for first in (0, 2, 4):
        pair = model.coef_[first : first + 2]
        assert pair.all() or not pair.any()
    with pytest.raises(OptionError, match="feature_groups"):
        PenalizedRegressor(feature_groups=list("aabbcc")).fit(X, y)
