"""Part of the lesson on networks: what decay does to weights, which of them it spares, and what a noisy unit keeps."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import nn

import rightfit.torch as rt
from rightfit import Ridge


def shrink_weights() -> tuple[dict[str, Any], dict[str, Any]]:
    """Weights of 1 with nothing to learn, only noise in their gradients: small in one half, large in the other."""
    decay, rate, steps = 1.0, 0.01, 100
    size = torch.tensor([0.1] * 200 + [10.0] * 200)
    left = {}
    for name, kind in (("adam", torch.optim.Adam), ("adamw", torch.optim.AdamW)):
        generator = torch.Generator().manual_seed(0)
        weight = torch.ones(400, requires_grad=True)
        optimizer = kind([weight], lr=rate, weight_decay=decay)
        for _ in range(steps):
            weight.grad = size * torch.randn(400, generator=generator)
            optimizer.step()
        found = weight.detach()
        left[name] = float(found[:200].mean()), float(found[200:].mean())
    facts = {"decay_steps": steps, "kept": (1 - rate * decay) ** steps}
    facts |= {
        f"{name}_{half}": value
        for name, pair in left.items()
        for half, value in zip(("low", "high"), pair, strict=True)
    }
    claims = {
        "decoupled decay shrinks all weights alike": max(abs(one - facts["kept"]) for one in left["adamw"]) < 0.02,
        "coupled decay with Adam spares weights with large gradients": left["adam"][1] > left["adam"][0] + 0.5,
    }
    return facts, claims


def group_parameters() -> tuple[dict[str, Any], dict[str, Any]]:
    """Which parameters of a transformer decay."""
    layer = nn.TransformerEncoderLayer(16, 2, 32, batch_first=True)
    net = nn.Sequential(
        nn.Embedding(50, 16), nn.TransformerEncoder(layer, 3, enable_nested_tensor=False), nn.Linear(16, 2)
    )
    groups = rt.parameter_groups(net, weight_decay=0.1, lr=1e-3, layer_decay=0.8)
    counted = {
        decays: sum(len(g["params"]) for g in groups if (g["weight_decay"] > 0) is decays) for decays in (True, False)
    }
    rates = [g["lr"] for g in groups]
    facts = {"decaying": counted[True], "spared": counted[False], "lowest_rate": min(rates) / max(rates)}
    return facts, {"some parameters are spared": counted[False] > 0 and facts["lowest_rate"] < 1}


def keep_bits() -> tuple[dict[str, Any], dict[str, Any]]:
    """A single linear unit with noise behind it: bits that it keeps of its inputs and of the target, both Gaussian."""
    from sklearn.datasets import load_diabetes

    X, y = load_diabetes(return_X_y=True)
    X, y, noise = X / X.std(axis=0), (y - y.mean()) / y.std(), 0.2
    facts: dict[str, Any] = {}
    for name, strength in (("weak", 0.01), ("middle", 1.0), ("strong", 20.0)):
        unit = Ridge(alpha=len(y) * strength).fit(X, y).predict(X)
        power = unit.var() + noise**2
        like = float(np.cov(unit, y, ddof=0)[0, 1] ** 2 / power)
        facts |= {
            f"bit_{name}": f"{strength:g}",
            f"inputs_{name}": 0.5 * np.log2(power / noise**2),
            f"target_{name}": -0.5 * np.log2(1 - like),
        }
    claims = {
        "a stronger penalty keeps fewer bits": facts["inputs_weak"] > facts["inputs_middle"] > facts["inputs_strong"],
        "what is thrown away first says little about the target": (facts["target_weak"] - facts["target_middle"])
        / facts["target_weak"]
        < (facts["inputs_weak"] - facts["inputs_middle"]) / facts["inputs_weak"],
    }
    return facts, claims
