"""Networks: handwritten digits with wrong labels, which a net can learn by heart, and ways to keep it from doing so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn.functional import cross_entropy

import rightfit.torch as rt
from rightfit.augmentation.images import ImageAugmentation, Rotate, Scale
from rightfit.learn.lessons._thinned_nets import RATES, draw_thinned, tell_thinned, thin
from rightfit.learn.lessons._weights import group_parameters, keep_bits, shrink_weights
from rightfit.learn.results import (
    Axis,
    Control,
    Panel,
    Picture,
    Results,
    bars,
    draw,
    line,
    make_results,
    points,
    rule,
    say,
)

IMAGES, SEEDS, STEPS, EVERY, BATCH = 300, 2, 400, 20, 32
STOPPING, JUDGED = 150, 1000
WRONG = (0.0, 0.3)
CLOCK = np.arange(EVERY, STEPS + 1, EVERY)
WAYS = ("nothing", "decay", "dropout", "mixup", "batch norm", "layer norm", "turns", "turns, dropout")
STOPPED = "stopped early"
SHOWN = ("nothing", "dropout", "batch norm", "turns, dropout")
SIZES = (0.0, 0.05, 0.1, 0.15)


def compute() -> Results:
    """All nets of the lesson."""
    before = torch.get_default_dtype(), torch.get_rng_state()
    torch.set_default_dtype(torch.float64)  # in double precision no machine's rounding grows to a digit that is shown
    try:
        return _compute()
    finally:
        torch.set_default_dtype(before[0])
        torch.set_rng_state(before[1])


def _compute() -> Results:
    read = [read_digits(share) for share in WRONG]
    digits = read[0]
    found = {
        (way, k): [train(labelled, way, seed) for seed in range(SEEDS)]
        for way in WAYS
        for k, labelled in enumerate(read)
    }
    thinned = {rate: thin(rate) for rate in RATES}
    attacks = _attack(digits, found)
    facts, claims = _tell(found)
    parts = (
        tell_thinned(thinned),
        attacks[:2],
        _tell_batches(read[1]),
        shrink_weights(),
        group_parameters(),
        keep_bits(),
    )
    for more, others in parts:
        facts, claims = facts | more, claims | others
    return make_results(facts, claims, (_draw_bill(found), _draw_epochs(found), draw_thinned(thinned), attacks[2]))


def read_digits(wrong: float) -> tuple[torch.Tensor, torch.Tensor]:
    """1,797 images of 8 x 8 pixels from 0 to 1, in a fixed order, and their digits; of those that are not judged, the
    clerk has mistaken this share."""
    from sklearn.datasets import load_digits

    x, y = load_digits(return_X_y=True)
    generator = np.random.default_rng(0)
    order = generator.permutation(len(y))
    x, y = x[order] / 16, y[order]
    mistaken = generator.random(len(y)) < wrong
    mistaken[-JUDGED:] = False
    other = (y + generator.integers(1, 10, len(y))) % 10
    return torch.tensor(x), torch.tensor(np.where(mistaken, other, y))


def make_net(way: str) -> nn.Module:
    """64-100-10 with what the way adds."""
    norm = {"batch norm": nn.BatchNorm1d, "layer norm": nn.LayerNorm}.get(way)
    middle = [norm(100)] if norm else []
    end = [nn.Dropout(0.5)] if "dropout" in way else []
    return nn.Sequential(nn.Linear(64, 100), *middle, nn.ReLU(), *end, nn.Linear(100, 10))


def train(
    digits: tuple[torch.Tensor, torch.Tensor],
    way: str,
    seed: int,
    *,
    batch: int = BATCH,
    steps: int = STEPS,
    attack: rt.FGSM | None = None,
) -> dict[str, Any]:
    """A net taught by the first images, with losses and errors on the last ones along the way."""
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    x, y = (part[:IMAGES] for part in digits)
    labels = rt.smooth_labels(y, 0.0, classes=10).to(x.dtype)
    aside, aside_y = (part[IMAGES : IMAGES + STOPPING] for part in digits)
    far, far_y = (part[-JUDGED:] for part in digits)
    net = make_net(way)
    optimizer = torch.optim.AdamW(
        rt.parameter_groups(net, weight_decay=3.0 if way == "decay" else 0.0), lr=5e-3, fused=True
    )
    move = ImageAugmentation(Rotate(15), Scale(1.15), seed=seed) if "turns" in way else None
    seen: dict[str, list[float]] = {"own": [], "aside": [], "loss": [], "error": []}
    for step in range(1, steps + 1):
        rows = torch.randint(IMAGES, (batch,), generator=generator)
        inputs, targets = x[rows], labels[rows]
        if move is not None:
            inputs = move(inputs.reshape(-1, 8, 8)).reshape(-1, 64)
        if way == "mixup":
            inputs, targets = rt.mixup(inputs, targets, 0.4, generator=generator)
        optimizer.zero_grad()
        if attack is None:
            price = cross_entropy(net(inputs), targets)
        else:
            price = rt.adversarial_loss(net, inputs, y[rows], attack, generator=generator, share=0.5)
        price.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        if step % EVERY == 0:
            net.eval()
            with torch.no_grad():
                there = net(far)
                seen["own"].append(float(cross_entropy(net(x), y)))
                seen["aside"].append(float(cross_entropy(net(aside), aside_y)))
                seen["loss"].append(float(cross_entropy(there, far_y)))
                seen["error"].append(float((there.argmax(1) != far_y).double().mean()))
            net.train()
    return {"net": net.eval()} | {name: np.array(values) for name, values in seen.items()}


def _mean(found: list[dict[str, Any]], key: str) -> np.ndarray:
    return np.asarray(np.mean([one[key] for one in found], axis=0))


def _stopped(found: list[dict[str, Any]]) -> list[float]:
    """Error of each net where its loss on images that were set aside was least; the clerk labelled these too."""
    return [float(one["error"][int(np.argmin(one["aside"]))]) for one in found]


def _errors(found: dict[tuple[str, int], list[dict[str, Any]]], labels: int) -> dict[str, list[float]]:
    """Error of each net by what was done."""
    plain = found["nothing", labels]
    errors = {way: [float(one["error"][-1]) for one in found[way, labels]] for way in WAYS}
    return {"nothing": errors.pop("nothing"), STOPPED: _stopped(plain), **errors}


def _tell(found: dict[tuple[str, int], list[dict[str, Any]]]) -> tuple[dict[str, Any], dict[str, Any]]:
    exact, mistaken = ({way: float(np.mean(e)) for way, e in _errors(found, k).items()} for k in range(2))
    plain = found["nothing", 1]
    best = int(np.argmin(_mean(plain, "loss")))
    facts = {
        "images": IMAGES,
        "wrong": WRONG[1],
        "judged": JUDGED,
        "aside": STOPPING,
        "numbers": sum(p.numel() for p in make_net("nothing").parameters()),
        "exact_plain": exact["nothing"],
        "exact_both": exact["turns, dropout"],
        "exact_decay": exact["decay"],
        "plain": mistaken["nothing"],
        "stopped": mistaken[STOPPED],
        "decayed": mistaken["decay"],
        "dropped": mistaken["dropout"],
        "mixed": mistaken["mixup"],
        "batch_normed": mistaken["batch norm"],
        "layer_normed": mistaken["layer norm"],
        "turned": mistaken["turns"],
        "both": mistaken["turns, dropout"],
        "own_loss": _mean(found["batch norm", 1], "own")[-1],
        "norm_best": int(CLOCK[np.argmin(_mean(found["batch norm", 1], "loss"))]),
        "stop": int(CLOCK[best]),
        "stop_loss": _mean(plain, "loss")[best],
        "end_loss": _mean(plain, "loss")[-1],
        "end": STEPS,
    }
    claims = {
        "wrong labels double the error of the plain net": facts["plain"] > 1.7 * facts["exact_plain"],
        "the held-out loss has risen again": facts["end_loss"] > 1.05 * facts["stop_loss"],
        "stopping, dropout, mixup and turns help": max(facts[k] for k in ("stopped", "dropped", "mixed", "turned"))
        < facts["plain"],
        "turns and dropout together help most": facts["both"] == min(mistaken.values()),
        "normalization alone learns the wrong labels sooner": facts["batch_normed"] > facts["plain"]
        and facts["norm_best"] < facts["stop"],
        "with exact labels there is little to gain": facts["exact_plain"] - min(exact.values()) < 0.05,
        "decay of this size harms where labels are exact": facts["exact_decay"] > facts["exact_plain"],
    }
    return facts, claims


def _draw_bill(found: dict[tuple[str, int], list[dict[str, Any]]]) -> Picture:
    controls = (Control("labels", "Labels", ("exact", f"{WRONG[1]:.0%} wrong"), 1, buttons=True),)
    names = ("nothing", STOPPED, *WAYS[1:])[::-1]
    panels = (
        Panel("Wrong on unseen digits", Axis("per cent", 0, 45), Axis("", kind="names", names=names), height=320),
    )

    def columns(labels: int) -> list[Any]:
        errors = _errors(found, labels)
        single = [(k, 100 * error) for k, way in enumerate(names) for error in errors[way]]
        return [
            bars([100 * np.mean(errors[way]) for way in names], words="mean"),
            points([k for k, _ in single], [value for _, value in single], style="total", words="single nets"),
        ]

    def sentence(labels: int) -> str:
        errors = {way: 100 * float(np.mean(error)) for way, error in _errors(found, labels).items()}
        best, worst = (pick(errors, key=lambda way: errors[way]) for pick in (min, max))
        return (
            f"With nothing done {errors['nothing']:.1f} % are wrong, the fewest with {best}: {errors[best]:.1f} %, "
            f"the most with {worst}: {errors[worst]:.1f} %."
        )

    drawn = (draw(0, controls, ("labels",), columns),)
    title = "What each regularizer is worth, with and without mistakes of the clerk"
    return Picture("bill", title, controls, panels, drawn, say(controls, ("labels",), sentence))


def _draw_epochs(found: dict[tuple[str, int], list[dict[str, Any]]]) -> Picture:
    controls = (
        Control("way", "Regularizer", SHOWN, buttons=True),
        Control("labels", "Labels", ("exact", f"{WRONG[1]:.0%} wrong"), 1, buttons=True),
    )
    panels = (Panel("Log loss", Axis("steps of training", 0, STEPS), Axis("", 0, 1.6), tuple(CLOCK)),)

    def curves(way: int, labels: int) -> list[Any]:
        nets = found[SHOWN[way], labels]
        loss = _mean(nets, "loss")
        return [
            line(np.maximum(_mean(nets, "own"), 0.0011), style="training", words="on its own images"),
            line(loss, words=f"on {JUDGED} others"),
            rule(float(CLOCK[np.argmin(loss)]), words="stop here"),
        ]

    def sentence(way: int, labels: int) -> str:
        loss = _mean(found[SHOWN[way], labels], "loss")
        best = int(np.argmin(loss))
        return (
            f"After {CLOCK[best]} steps the others are predicted best, with a loss of {loss[best]:.3f}; "
            f"after {STEPS} steps it is {loss[-1]:.3f}."
        )

    drawn = (draw(0, controls, ("way", "labels"), curves),)
    title = "The same nets while they learn"
    return Picture("epochs", title, controls, panels, drawn, say(controls, ("way", "labels"), sentence))


def _attack(
    digits: tuple[torch.Tensor, torch.Tensor], found: dict[tuple[str, int], list[dict[str, Any]]]
) -> tuple[dict[str, Any], dict[str, Any], Picture]:
    x, y = digits[0][-JUDGED:], digits[1][-JUDGED:]
    nets = {
        "plain": found["nothing", 0][0]["net"],
        "adversarial": train(digits, "nothing", 0, attack=rt.FGSM(0.1))["net"],
    }
    generator = torch.Generator().manual_seed(1)
    makers: dict[str, Callable[[float], Any]] = {"FGSM": rt.FGSM, "PGD": lambda size: rt.PGD(size, steps=10)}
    right = {
        (name, kind): np.array([rt.robustness(net, [(x, y)], make(s), generator=generator).robust for s in SIZES])
        for name, net in nets.items()
        for kind, make in makers.items()
    }
    facts = {
        "size": SIZES[2],
        "plain_right": right["plain", "PGD"][0],
        "plain_attacked": right["plain", "PGD"][2],
        "trained_right": right["adversarial", "PGD"][0],
        "trained_attacked": right["adversarial", "PGD"][2],
        "trained_fgsm": right["adversarial", "FGSM"][2],
    }
    claims = {
        "adversarial training holds under attack": facts["trained_attacked"] > facts["plain_attacked"] + 0.1,
        "PGD finds at least as much as FGSM": (right["plain", "PGD"] <= right["plain", "FGSM"] + 0.005).all(),
    }
    controls = (Control("attack", "Attack", ("FGSM", "PGD"), 1, buttons=True),)
    panels = (
        Panel(
            "Right on unseen digits, per cent", Axis("largest change of a pixel", 0, SIZES[-1]), Axis("", 0, 100), SIZES
        ),
    )

    def lines(attack: int) -> list[Any]:
        kind = controls[0].stops[attack]
        return [
            line(100 * right["plain", kind], words="taught by images"),
            line(100 * right["adversarial", kind], style="second", words="taught by attacked images, too"),
        ]

    def sentence(attack: int) -> str:
        kind = controls[0].stops[attack]
        plain, trained = (100 * right[name, kind][2] for name in nets)
        return f"Under {kind} with changes up to {SIZES[2]}, {plain:.0f} % are still right, or {trained:.0f} %."

    drawn = (draw(0, controls, ("attack",), lines),)
    title = "Images that were changed to deceive the net"
    return facts, claims, Picture("attacked", title, controls, panels, drawn, say(controls, ("attack",), sentence))


def _tell_batches(digits: tuple[torch.Tensor, torch.Tensor]) -> tuple[dict[str, Any], dict[str, Any]]:
    """As many steps in small and in large batches, wrong labels and all."""
    small, large = 8, 200
    error = {
        batch: float(np.mean([train(digits, "nothing", seed, batch=batch)["error"][-1] for seed in range(SEEDS)]))
        for batch in (small, large)
    }
    facts = {"small_batch": small, "large_batch": large, "small_error": error[small], "large_error": error[large]}
    claims = {"small batches leave fewer wrong in as many steps": error[small] < error[large]}
    return facts, claims
