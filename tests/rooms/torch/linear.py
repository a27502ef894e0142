"""A linear net in double precision with squared error, for claims that have an answer in closed form."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import nn

N, P = 60, 8


def make_rows(seed: int = 0, spread: float = 0.5) -> tuple[torch.Tensor, torch.Tensor]:
    """Columns of different scales, centred, and a target of which three columns matter."""
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(N, P, generator=generator, dtype=torch.float64) * torch.linspace(0.5, 2.0, P, dtype=torch.float64)
    x = x - x.mean(dim=0)
    truth = torch.zeros(P, dtype=torch.float64)
    truth[:3] = torch.tensor([2.0, -1.5, 1.0])
    y = x @ truth + spread * torch.randn(N, generator=generator, dtype=torch.float64)
    return x, y - y.mean()


def linear_net(p: int = P) -> nn.Linear:
    """Starts at zero."""
    net = nn.Linear(p, 1, bias=False, dtype=torch.float64)
    nn.init.zeros_(net.weight)
    return net


def train(
    net: nn.Module,
    x: torch.Tensor,
    y: torch.Tensor,
    optimizer: torch.optim.Optimizer,
    steps: int,
    *,
    penalty: Callable[[], torch.Tensor] | None = None,
    before: Callable[[], object] = lambda: None,
    after: Callable[[], object] = lambda: None,
) -> None:
    """Steps on all rows at once, half the mean squared error, as the linear engine takes it."""
    for _ in range(steps):
        optimizer.zero_grad()
        loss = ((net(x)[:, 0] - y) ** 2).mean() / 2
        if penalty is not None:
            loss = loss + penalty()
        loss.backward()
        before()
        optimizer.step()
        after()


def ridge(x: torch.Tensor, y: torch.Tensor, strengths: torch.Tensor | float) -> torch.Tensor:
    """(p,) minimum of ``mean((y - x w)²) / 2 + sum(strengths w²) / 2``."""
    diagonal = torch.as_tensor(strengths, dtype=x.dtype).expand(x.shape[1])
    return torch.linalg.solve(x.T @ x / len(x) + torch.diag(diagonal), x.T @ y / len(x))
