"""All masks of a net: the laws of dropout's ensemble, to machine precision."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from rightfit.catalog import find
from rightfit.contracts import Loss
from rightfit.views.averages import lose, predictor_of, respond
from rightfit.views.dropout import Net, average
from rightfit.views.thinned import draw_masks, list_masks, run_drawn, run_masks

N, P = 40, 3


def make_layers(*widths: int, seed: int = 0) -> tuple[tuple[np.ndarray, np.ndarray], ...]:
    """One net; the second of the pair is another, which masks must not touch."""
    rng = np.random.default_rng(seed)
    sizes = pairwise(widths)
    return tuple((rng.normal(size=(2, a, b)), 0.3 * rng.normal(size=(2, b))) for a, b in sizes)


def make_inputs() -> np.ndarray:
    return np.random.default_rng(1).normal(size=(N, P))


def run_naively(layers: tuple[tuple[np.ndarray, np.ndarray], ...], mask: np.ndarray, rate: float) -> np.ndarray:
    hidden, start = make_inputs(), 0
    for weight, bias in layers[:-1]:
        width = weight.shape[2]
        hidden = np.maximum(hidden @ weight[0] + bias[0], 0) * mask[start : start + width] / (1 - rate)
        start += width
    return np.asarray(hidden @ layers[-1][0][0] + layers[-1][1][0])


def make_loss(name: str) -> Loss:
    return find("losses", name)(classes=3) if name == "multinomial" else find("losses", name)()


@pytest.mark.parametrize("widths", [(P, 5, 2), (P, 3, 4, 1), (P, 2, 2, 3, 2)])
def test_every_mask_is_its_own_net(widths: tuple[int, ...]) -> None:
    layers, rate = make_layers(*widths), 0.3
    masks, share = list_masks(sum(widths[1:-1]), rate)
    assert len(np.unique(masks, axis=0)) == len(masks) and share.sum() == pytest.approx(1, abs=1e-14)
    assert share[masks.all(axis=1)] == pytest.approx(0.7 ** sum(widths[1:-1]))
    for order in (np.arange(len(masks)), np.random.default_rng(2).permutation(len(masks))):
        seen = 0
        for part, said in run_masks(layers, make_inputs(), masks[order], rate):
            for mask, one in zip(masks[order][part], said, strict=True):
                np.testing.assert_allclose(one, run_naively(layers, mask, rate), atol=1e-12)
                seen += 1
        assert seen == len(masks)


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.8])
def test_with_one_layer_the_scaled_net_is_the_renormalized_geometric_mean(rate: float) -> None:
    layers, loss = make_layers(P, 7, 3), make_loss("multinomial")
    masks, share = list_masks(7, rate)
    log = np.zeros((N, 3))
    for part, said in run_masks(layers, make_inputs(), masks, rate):
        log += np.tensordot(share[part], np.log(respond(loss, said)), 1)
    geometric = np.exp(log) / np.exp(log).sum(axis=1, keepdims=True)
    scaled = respond(loss, run_naively(layers, np.ones(7), 0.0)[None])[0]
    np.testing.assert_allclose(geometric, scaled, rtol=1e-11, atol=1e-14)


@pytest.mark.parametrize(("name", "outputs"), [("squared", 1), ("logistic", 1), ("multinomial", 3), ("poisson", 1)])
def test_sums_over_masks_are_those_of_a_list(name: str, outputs: int) -> None:
    layers, rate, loss = make_layers(P, 4, outputs), 0.4, make_loss(name)
    rng = np.random.default_rng(3)
    y = {"squared": rng.normal(size=N), "poisson": rng.poisson(2.0, N).astype(float)}.get(
        name, rng.integers(max(2, outputs), size=N).astype(float)
    )
    net = Net(layers, rate, np.full(outputs, 0.2) + np.zeros((N, outputs)), np.full(outputs, 0.5))
    masks, share = list_masks(4, rate)
    found = average(net, make_inputs(), y, loss, masks, share, np.arange(5))
    eta = np.array([0.2 + 0.5 * run_naively(layers, mask, rate) for mask in masks])
    np.testing.assert_allclose(found.eta, np.tensordot(share, eta, 1), atol=1e-12)
    np.testing.assert_allclose(found.response, np.tensordot(share, respond(loss, eta), 1), atol=1e-12)
    np.testing.assert_allclose(found.lost, share @ lose(loss, y, eta), atol=1e-11)
    scaled = 0.2 + 0.5 * run_naively(layers, np.ones(4), 0.0)
    np.testing.assert_allclose(found.eta, scaled, atol=1e-12)
    if name == "squared":
        np.testing.assert_allclose(found.response, scaled, atol=1e-12)
        variance = share @ (eta[..., 0] - scaled[:, 0]) ** 2
        np.testing.assert_allclose(found.lost - lose(loss, y, scaled[None])[0], variance / 2, atol=1e-11)
    assert np.all(found.low <= found.high)
    back = predictor_of(loss, respond(loss, eta))
    np.testing.assert_allclose(respond(loss, back), respond(loss, eta), rtol=1e-9, atol=1e-12)


def test_with_two_layers_it_is_only_near() -> None:
    layers = make_layers(P, 4, 4, 1)
    masks, share = list_masks(8, 0.5)
    mean = sum(np.tensordot(share[part], said, 1) for part, said in run_masks(layers, make_inputs(), masks, 0.5))
    assert np.abs(mean - run_naively(layers, np.ones(8), 0.0)).max() > 1e-2


def test_drawn_masks_come_to_the_mean_of_all() -> None:
    layers, rate, count = make_layers(P, 3, 3, 1), 0.4, 3000
    masks, share = list_masks(6, rate)
    whole = np.concatenate([said for _, said in run_masks(layers, make_inputs(), masks, rate)])[..., 0]
    mean, spread = share @ whole, np.sqrt(share @ (whole - share @ whole) ** 2)
    drawn = sum(run_drawn(layers, make_inputs(), rate, count, np.random.default_rng(4)))[:, 0] / count
    away = np.abs(drawn - mean)[spread > 0] / (spread[spread > 0] / np.sqrt(count))
    assert away.max() < 4.5 and np.median(away) > 0.2
    few, equal = draw_masks(6, rate, count, np.random.default_rng(5))
    assert few.mean() == pytest.approx(1 - rate, abs=0.02) and equal.sum() == pytest.approx(1)
