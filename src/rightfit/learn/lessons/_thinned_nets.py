"""Part of the lesson on networks: all nets that dropout may leave of one, and their mean."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import nn

from rightfit.learn.results import Axis, Control, Panel, Picture, draw, line, points, say

RATES, MASKS, UNITS = (0.1, 0.25, 0.5), (1, 4, 16, 256), 8
GRID = np.linspace(-2.2, 2.2, 41)


def thin(rate: float) -> dict[str, np.ndarray]:
    """A net of eight hidden units on a curve, with all 256 nets that dropout may leave of it."""
    torch.manual_seed(4)
    generator = torch.Generator().manual_seed(4)
    x = torch.linspace(-1.5, 1.5, 40)[:, None]
    y = torch.sin(2.5 * x) + 0.15 * torch.randn(x.shape, generator=generator)
    first, second = nn.Linear(1, UNITS), nn.Linear(UNITS, 1)
    net = nn.Sequential(first, nn.Tanh(), nn.Dropout(rate), second)
    optimizer = torch.optim.AdamW(net.parameters(), lr=0.03, weight_decay=0.0, fused=True)
    for _ in range(800):
        optimizer.zero_grad()
        ((net(x) - y) ** 2).mean().backward()
        optimizer.step()
    with torch.no_grad():
        hidden = torch.tanh(first(torch.tensor(GRID)[:, None])).numpy()
        scaled = net.eval()(torch.tensor(GRID)[:, None])[:, 0].numpy()
        weight, constant = second.weight[0].numpy(), float(second.bias)
    mask = (np.arange(2**UNITS)[:, None] >> np.arange(UNITS)) & 1
    nets = (hidden * weight) @ mask.T / (1 - rate) + constant
    chance = (1 - rate) ** mask.sum(axis=1) * rate ** (UNITS - mask.sum(axis=1))
    order = np.random.default_rng(1).choice(2**UNITS, 16, p=chance)
    mean = nets @ chance
    return {
        "scaled": scaled,
        "mean": mean,
        "some": nets[:, order].T,
        "x": x[:, 0].numpy(),
        "y": y[:, 0].numpy(),
    }


def tell_thinned(thinned: dict[float, dict[str, np.ndarray]]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Facts and claims of the text about them."""
    half = thinned[RATES[-1]]
    facts = {
        "units": UNITS,
        "thinned": 2**UNITS,
        "apart": float(np.abs(half["some"] - half["scaled"]).mean()),
    }
    claims = {
        "the mean of all thinned nets is the net with scaled weights": all(
            np.abs(one["mean"] - one["scaled"]).max() < 1e-9 for one in thinned.values()
        ),
        "a single thinned net is far from it": facts["apart"] > 0.05,
    }
    return facts, claims


def draw_thinned(thinned: dict[float, dict[str, np.ndarray]]) -> Picture:
    """Their curves, the net itself and averages of more and more of them."""
    controls = (
        Control("rate", "Dropout", tuple(f"{rate:g}" for rate in RATES), 2, buttons=True),
        Control("masks", "Thinned nets that are averaged", tuple(str(k) for k in MASKS)),
    )
    panels = (Panel("What the nets say", Axis("input", -2.2, 2.2), Axis("", -2, 2), tuple(GRID)),)

    def average(rate: int, masks: int) -> np.ndarray:
        one, count = thinned[RATES[rate]], MASKS[masks]
        return one["mean"] if count == MASKS[-1] else np.asarray(one["some"][:count].mean(axis=0))

    def sentence(rate: int, masks: int) -> str:
        off = float(np.abs(average(rate, masks) - thinned[RATES[rate]]["scaled"]).mean())
        if MASKS[masks] == MASKS[-1]:
            return (
                "The mean of all of them, each as often as dropout would draw it, is the net with everything left in."
            )
        return f"The mean of {MASKS[masks]} is {off:.2f} away from the net with everything left in."

    drawn = (
        draw(0, controls, ("rate",), lambda rate: [
            *(line(one, style="thin", words="" if k else "thinned nets")
              for k, one in enumerate(thinned[RATES[rate]]["some"][:8])),
            points(thinned[RATES[rate]]["y"], thinned[RATES[rate]]["x"], style="faint"),
            line(thinned[RATES[rate]]["scaled"], style="truth", words="everything left in")]),
        draw(0, controls, ("rate", "masks"), lambda rate, masks: line(average(rate, masks), words="their mean")),
    )  # fmt: skip
    title = "One net with dropout is many nets"
    return Picture("thinned", title, controls, panels, drawn, say(controls, ("rate", "masks"), sentence))
