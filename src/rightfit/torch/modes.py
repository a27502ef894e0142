"""Training and evaluation mode of every module, put back as it was, and random numbers of torch's own, seeded."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn


@contextmanager
def modes_kept(module: nn.Module) -> Iterator[None]:
    """Whatever happens inside, each module has its own mode back afterwards; ``module.train()`` would set them all."""
    before = [(m, m.training) for m in module.modules()]
    try:
        yield
    finally:
        for m, training in before:
            m.training = training


@contextmanager
def evaluating(module: nn.Module) -> Iterator[None]:
    """All modules in evaluation mode inside, each as it was afterwards."""
    with modes_kept(module):
        module.eval()
        yield


@contextmanager
def buffers_kept(module: nn.Module) -> Iterator[None]:
    """Running statistics and other buffers are put back afterwards."""
    before = [(b, b.clone()) for b in module.buffers()]
    try:
        yield
    finally:
        with torch.no_grad():
            for buffer, kept in before:
                buffer.copy_(kept)


@contextmanager
def seeded(generator: torch.Generator, *devices: torch.device) -> Iterator[None]:
    """What torch's layers draw inside, from the global state as they do, follows from ``generator``; the global state
    is put back afterwards."""
    seed = int(torch.randint(2**62, (), generator=generator, device=generator.device))
    places = [device for device in devices if device.type != "cpu"]
    with torch.random.fork_rng(places, device_type=places[0].type if places else "cuda"):
        torch.default_generator.manual_seed(seed)  # torch.manual_seed would seed devices that are not put back
        for place in places:
            accelerator = torch.get_device_module(place)
            with accelerator.device(place):
                accelerator.manual_seed(seed)
        yield


def devices_of(module: nn.Module, *tensors: torch.Tensor) -> set[torch.device]:
    """Where the parameters and the tensors lie."""
    return {p.device for p in module.parameters()} | {t.device for t in tensors}
