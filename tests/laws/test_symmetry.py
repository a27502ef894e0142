"""Augmentation by a symmetry makes predictions invariant to it: mean |f(x) - f(g x)| without and with it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

torch = pytest.importorskip("torch")

from rightfit.augmentation.images import Flip, ImageAugmentation, Motion, Shift  # noqa: E402

CLASSES, SIZE = 3, 10


def pictures(count: int, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Strokes of three shapes at any place, with noise: where a stroke stands says nothing about its class."""
    draw = torch.Generator().manual_seed(seed)
    labels = torch.randint(CLASSES, (count,), generator=draw)
    images = 0.3 * torch.randn(count, SIZE, SIZE, generator=draw)
    shapes = torch.zeros(CLASSES, 3, 3)
    shapes[0, 0, :] = shapes[0, :, 0] = shapes[1, 1, :] = shapes[1, :, 1] = shapes[2].fill_diagonal_(1)[0, 0] = 1
    places = torch.randint(2, SIZE - 5, (count, 2), generator=draw).tolist()
    for k, (y, x) in enumerate(places):
        images[k, y : y + 3, x : x + 3] += shapes[labels[k]]
    return images, labels


def train(net: torch.nn.Module, steps: tuple[Motion, ...], seed: int) -> torch.nn.Module:
    images, labels = pictures(300, seed=1)
    augment = ImageAugmentation(*steps, seed=seed)
    optimizer = torch.optim.Adam(net.parameters(), 1e-2)
    order = torch.Generator().manual_seed(seed)
    for _ in range(30):
        for rows in torch.randperm(len(images), generator=order).split(60):
            loss = torch.nn.functional.cross_entropy(net(augment(images[rows])), labels[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return net


@torch.no_grad()
def variance(net: torch.nn.Module, move: Callable[[torch.Tensor], torch.Tensor]) -> float:
    """Mean |f(x) - f(g x)| of probabilities on images that were not trained on."""
    images, _ = pictures(400, seed=2)
    return float((net(images).softmax(1) - net(move(images)).softmax(1)).abs().mean())


def net(kind: str, seed: int) -> torch.nn.Module:
    torch.manual_seed(seed)
    flat, inputs = torch.nn.Flatten(), SIZE * SIZE
    if kind == "linear":
        return torch.nn.Sequential(flat, torch.nn.Linear(inputs, CLASSES))
    return torch.nn.Sequential(flat, torch.nn.Linear(inputs, 64), torch.nn.ReLU(), torch.nn.Linear(64, CLASSES))


@pytest.mark.parametrize(
    ("kind", "steps", "move", "share"),
    [
        ("linear", (Flip(),), Flip(chance=1), 0.3),
        ("perceptron", (Flip(),), Flip(chance=1), 0.4),
        ("perceptron", (Shift(2, 2),), Shift(2, 2), 0.6),
    ],
    ids=["linear, flips", "perceptron, flips", "perceptron, shifts"],
)
def test_predictions_change_less_under_the_symmetry(
    kind: str, steps: tuple[Motion, ...], move: Motion, share: float
) -> None:
    before, after = (variance(train(net(kind, 0), those, 0), ImageAugmentation(move, seed=9)) for those in ((), steps))
    assert before > 0.05  # else there is nothing to gain
    assert after < share * before, (before, after)


def test_a_linear_net_that_sees_both_sides_at_once_is_invariant() -> None:
    """From zero, with every image and its mirror image in each step, the two halves of the weights stay alike."""
    images, labels = pictures(200, seed=1)
    both = torch.cat([images, ImageAugmentation(Flip(chance=1))(images)]).double()
    linear = net("linear", 0).double()
    torch.nn.init.zeros_(linear[1].weight)
    torch.nn.init.zeros_(linear[1].bias)
    optimizer = torch.optim.SGD(linear.parameters(), 0.1)
    for _ in range(200):
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(linear(both), labels.repeat(2)).backward()
        optimizer.step()
    test = pictures(400, seed=2)[0].double()
    with torch.no_grad():
        said, mirrored = linear(test), linear(ImageAugmentation(Flip(chance=1))(test))
    assert float((said - mirrored).abs().max()) < 1e-12
    assert float(said.abs().max()) > 0.5
