"""Prior times likelihood of one coefficient: its peak is the penalized coefficient, at every strength."""

from __future__ import annotations

import numpy as np
import pytest

from rightfit.views.slices import slice_likelihoods
from tests.rooms.views.rows import fit

STRENGTHS = (3.0, 0.5, 0.1, 0.01)


@pytest.mark.parametrize("ratio", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("loss", ["squared", "logistic", "poisson"])
@pytest.mark.parametrize("standardize", [True, False])
def test_the_peak_is_the_penalized_coefficient(loss: str, ratio: float, standardize: bool):
    here = fit(loss, ratio, STRENGTHS, n=70, standardize=standardize)
    columns = np.array([4, 0, 2])
    found = slice_likelihoods(here.problem, here.weight, here.trace, columns, here.noise)
    for k, strength in enumerate(STRENGTHS):
        prior = here.priors(strength)
        told = found.place[k] / found.width[k] ** 2
        soft = np.sign(told) * np.maximum(np.abs(told) - prior.rate[columns], 0)
        peak = soft / (1 / found.width[k] ** 2 + prior.precision[columns])
        scale = here.trace.scale[columns]
        np.testing.assert_allclose(peak * scale, here.trace.coef(k)[columns, 0] * scale, atol=3e-6)
    if ratio == 1.0 and loss == "squared" and standardize:
        assert (here.trace.coef(0)[columns] == 0).any()


def test_its_width_is_what_the_other_columns_held_leave():
    here = fit(n=70)
    found = slice_likelihoods(here.problem, here.weight, here.trace, np.array([1]), 2.0)
    assert found.width[0, 0] == pytest.approx(np.sqrt(2.0 / 70) / here.trace.scale[1])
