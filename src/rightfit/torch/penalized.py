"""Which parameters can be penalized."""

from __future__ import annotations

from collections.abc import Iterable

from torch import nn

from rightfit.errors import OptionError


def check_parameters(parameters: Iterable[nn.Parameter]) -> list[nn.Parameter]:
    """The parameters, tied ones once; OptionError where there are none or one is frozen."""
    found = list({id(p): p for p in parameters}.values())
    if not found:
        raise OptionError("there are no parameters to penalize")
    for parameter in found:
        if not parameter.requires_grad:
            shape = "x".join(map(str, parameter.shape))
            raise OptionError(f"a parameter of shape {shape} is frozen and cannot be penalized")
    return found
