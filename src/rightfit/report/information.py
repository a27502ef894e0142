"""Bits of a hidden layer on the page: what its script draws from, and a still."""

from __future__ import annotations

from typing import Any

import numpy as np

from rightfit.records import Information, Informed
from rightfit.report.figures import numbers
from rightfit.report.legible import legible
from rightfit.report.numbers import PAGE
from rightfit.report.scales import Linear, spread
from rightfit.report.stills import LEFT, RIGHT, Still


def information_data(view: Information) -> dict[str, Any]:
    """All strengths, epoch by epoch, in bits."""
    return {
        "name": legible(view.name, 40),
        "measure": legible(view.measure, 60),
        "epochs": [int(epoch) for epoch in view.epochs],
        "mostInputs": view.most_inputs,
        "mostTarget": view.most_target,
        "shown": view.shown,
        "strengths": [_one(one) for one in view.strengths],
    }


def _one(one: Informed) -> dict[str, Any]:
    return {
        "strength": one.strength,
        "inputs": numbers(one.inputs, 4),
        "inputsError": numbers(one.inputs_error, 3),
        "inputsLow": numbers(one.inputs_low, 4),
        "inputsHigh": numbers(one.inputs_high, 4),
        "target": numbers(one.target, 4),
        "targetError": numbers(one.target_error, 3),
        "taught": numbers(one.taught, 4),
        "taughtError": numbers(one.taught_error, 3),
        "loss": numbers(one.loss, 4),
    }


def information_still(view: Information) -> Still:
    """Bits of the target along training at every strength."""
    still = Still(f"Bits of the target against epochs, a line for each {legible(view.name, 40)}", 300)
    top, bottom = 34.0, 250.0
    every = np.concatenate([one.target for one in view.strengths])
    y = Linear.over(min(0.0, float(every.min())), max(1.1 * float(every.max()), 0.05), bottom, top)
    place = np.log10(view.epochs + 1.0)
    x = Linear.over(0.0, float(place[-1]) or 1.0, LEFT, RIGHT)
    still.text(0, 14, "bits of the target, unseen rows", "title")
    still.grid(y, LEFT, RIGHT, 6)
    for k, one in enumerate(view.strengths):
        kind = "line loss" if k == view.shown else "line coef named"
        still.path(kind, [(x(float(e)), y(float(v))) for e, v in zip(place, one.target, strict=True)])
    ends = spread([y(float(one.target[-1])) for one in view.strengths], 15, top, bottom)
    for k, (one, end) in enumerate(zip(view.strengths, ends, strict=True)):
        words = f"{legible(view.name, 30)} {PAGE.number(one.strength)}"
        still.text(RIGHT + 10, end + 4, words, "up-text" if k == view.shown else "")
    for epoch, at in zip(view.epochs, place, strict=True):
        still.text(x(float(at)), bottom + 18, PAGE.count(int(epoch)), anchor="middle")
    still.text((LEFT + RIGHT) / 2, bottom + 38, "epochs", "title", "middle")
    return still
