"""Augmentation by a symmetry makes predictions invariant to it: measured before and after."""

from __future__ import annotations

import pytest

pytest.importorskip("torch")
import torch
from torch import nn

from rightfit.augmentation.images import Flip, ImageAugmentation
from tests.rooms.torch.linear import ridge


def make_images(count: int, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    """(n, 1, 6, 6) noise with a bright row, and how far down it is: a mirror of left and right does not change it."""
    generator = torch.Generator().manual_seed(seed)
    images = torch.rand(count, 1, 6, 6, generator=generator, dtype=torch.float64)
    place = torch.randint(6, (count,), generator=generator)
    images[torch.arange(count), 0, place] += 0.5
    return images, place.double() - 2.5


def unlike(net: nn.Module, images: torch.Tensor) -> float:
    """Root mean square of what a mirror changes in the net's predictions, over their standard deviation."""
    with torch.no_grad():
        plain, mirrored = net(images), net(images.flip(3))
    return float(((plain - mirrored) ** 2).mean().sqrt() / plain.std())


def test_all_mirror_images_make_a_linear_net_exactly_invariant() -> None:
    """Rows with their mirror images are as they were when mirrored; the ridge of them is the only minimum, and so it is
    its own mirror image. Without them it is not, and on unseen rows it predicts worse."""
    images, y = make_images(60, 0)
    new, y_new = make_images(2000, 1)
    x, mirrored, x_new = images.flatten(1), images.flip(3).flatten(1), new.flatten(1)
    before = ridge(x, y, 0.01)
    after = ridge(torch.cat([x, mirrored]), y.repeat(2), 0.01)

    def change(w: torch.Tensor) -> float:
        return float(((x_new - new.flip(3).flatten(1)) @ w).std() / (x_new @ w).std())

    assert change(before) > 0.3
    assert change(after) < 1e-12
    losses = [float(((y_new - x_new @ w) ** 2).mean()) for w in (before, after)]
    assert losses[1] < 0.8 * losses[0]


def test_random_mirrors_make_a_net_nearly_invariant_on_images_that_it_has_not_seen() -> None:
    images, y = make_images(100, 0)
    new, y_new = make_images(1000, 1)
    found = []
    for augment in (lambda batch: batch, ImageAugmentation(Flip(), seed=0)):
        torch.manual_seed(0)
        net = nn.Sequential(nn.Flatten(), nn.Linear(36, 32), nn.ReLU(), nn.Linear(32, 1)).double()
        optimizer = torch.optim.AdamW(net.parameters(), lr=0.01)
        start = unlike(net, new)
        for _ in range(300):
            optimizer.zero_grad()
            ((net(augment(images))[:, 0] - y) ** 2).mean().backward()
            optimizer.step()
        with torch.no_grad():
            found.append((unlike(net, new), float(((net(new)[:, 0] - y_new) ** 2).mean())))
    (plain, plain_loss), (augmented, augmented_loss) = found
    assert start == pytest.approx(0.95, abs=0.1)  # where every net begins
    assert plain == pytest.approx(0.56, abs=0.1)
    assert augmented == pytest.approx(0.12, abs=0.06)
    assert augmented_loss < 0.8 * plain_loss
