"""Plain and robust accuracy with and without adversarial training: ``python -m benchmarks.attacks mnist_5k.csv.gz``.

The net 784-256-10, 1,000 training rows, 30 epochs of AdamW; judged on 2,000 held-out rows. Every net is attacked at
each size by FGSM and by PGD of 20 steps from two random points, with pixels kept between 0 and 1.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from torch import nn

import rightfit.torch as rt
from benchmarks.batch_size import ROWS, read

EPOCHS, HELD_OUT, SIZES = 30, 2000, (0.05, 0.1)
TRAININGS: dict[str, tuple[float, rt.FGSM | rt.PGD]] = {
    "plain": (0.0, rt.FGSM(0.1)),
    "FGSM 0.1": (1.0, rt.FGSM(0.1)),
    "PGD 0.1": (1.0, rt.PGD(0.1, steps=5)),
    "PGD 0.1 and plain, half and half": (0.5, rt.PGD(0.1, steps=5)),
}


def train(x: torch.Tensor, y: torch.Tensor, share: float, attack: rt.FGSM | rt.PGD, seed: int) -> nn.Module:
    """``share`` of the loss is that of attacked rows."""
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    net = nn.Sequential(nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 10))
    optimizer = torch.optim.AdamW(rt.parameter_groups(net, 0.01), lr=1e-3)
    for _ in range(EPOCHS):
        for batch in torch.randperm(len(x), generator=generator).reshape(-1, 50):
            optimizer.zero_grad()
            loss = rt.adversarial_loss(net, x[batch], y[batch], attack, generator=generator, share=share)
            loss.backward()
            optimizer.step()
    return net


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("table", type=Path, help="mnist_5k.csv.gz: label and 784 columns of pixels")
    given = parser.parse_args()
    x, y = read(given.table)
    order = torch.randperm(len(x), generator=torch.Generator().manual_seed(0))
    inside, outside = order[:ROWS], order[ROWS : ROWS + HELD_OUT]
    print("| training | size | accuracy | under FGSM | under PGD |\n|---|---|---|---|---|")
    for name, (share, attack) in TRAININGS.items():
        net = train(x[inside], y[inside], share, attack, 0)
        for size in SIZES:
            generator = torch.Generator().manual_seed(1)
            weak, strong = (
                rt.robustness(net, [(x[outside], y[outside])], judge, generator=generator)
                for judge in (rt.FGSM(size), rt.PGD(size, steps=20, restarts=2))
            )
            cells = [(weak.plain, weak.plain_error), (weak.robust, weak.robust_error)]
            cells += [(strong.robust, strong.robust_error)]
            said = " | ".join(f"{100 * right:.1f} % ± {100 * error:.1f}" for right, error in cells)
            print(f"| {name} | {size:g} | {said} |", flush=True)


if __name__ == "__main__":
    main()
