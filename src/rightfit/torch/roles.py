"""What each parameter of a net is for, and so whether decay regularizes it.

A role follows from the module that owns a parameter and from its name there, not from its shape: the biases that
``MultiheadAttention`` appends to keys and values have three axes, and the scale of a normalization may have any.

Reparametrized weights keep the role of the tensor that they make up. Weight normalization writes a row as
``w = g v / |v|``. The sum of g² is the sum of w², so decay of the magnitude g is decay of w itself; decay of the
direction v does not change what the net says, and is left out. Spectral normalization and orthogonal weights have
their size fixed: decay of what they are made from regularizes nothing and is left out too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from torch import nn
from torch.nn.modules.batchnorm import _NormBase
from torch.nn.parameter import UninitializedParameter

from rightfit.errors import OptionError

NORMALIZATIONS = (_NormBase, nn.LayerNorm, nn.GroupNorm, nn.RMSNorm)
"""Batch and instance normalization have one base."""
_EMBEDDINGS = (nn.Embedding, nn.EmbeddingBag)
_LAYERS = (nn.Linear, nn.Bilinear, nn.modules.conv._ConvNd, nn.RNNBase, nn.RNNCellBase, nn.MultiheadAttention)


@dataclass(frozen=True)
class Role:
    """One place of one parameter."""

    name: str
    """As in ``named_parameters``."""
    parameter: nn.Parameter
    kind: str
    """weight, embedding, bias, normalization, direction, fixed size, activation, or single (a vector or a number that
    no known layer owns)."""
    why: str

    @property
    def decays(self) -> bool:
        """Whether decay of this parameter makes the net simpler."""
        return self.kind in ("weight", "embedding")


def find_roles(module: nn.Module) -> list[Role]:
    """Every parameter in every place where it is registered, in the module's own order.

    Raises
    ------
    OptionError
        A lazy layer that has not seen a batch yet.
    """
    modules = dict(module.named_modules(remove_duplicate=False))
    found: list[Role] = []
    for prefix, owner in modules.items():
        for local, parameter in owner.named_parameters(recurse=False, remove_duplicate=False):
            name = f"{prefix}.{local}" if prefix else local
            if isinstance(parameter, UninitializedParameter):
                raise OptionError(f"parameter {name} has no shape yet: let the net see one batch first")
            found.append(Role(name, parameter, *_judge(modules, prefix, owner, local, parameter)))
    return found


def weights(module: nn.Module) -> list[nn.Parameter]:
    """The trained parameters that are weights of layers, each once: what a penalty is usually meant for.

    Biases, normalization, embeddings and directions of normed weights are left out.
    """
    found = {id(r.parameter): r.parameter for r in find_roles(module) if r.kind == "weight"}
    return [parameter for parameter in found.values() if parameter.requires_grad]


def _judge(
    modules: dict[str, nn.Module], prefix: str, owner: nn.Module, local: str, parameter: nn.Parameter
) -> tuple[str, str]:
    """Kind, and why."""
    if isinstance(owner, nn.utils.parametrize.ParametrizationList):
        tensor = prefix.rpartition("parametrizations.")[2]
        holder = modules[prefix.removesuffix(f"parametrizations.{tensor}").removesuffix(".")]
        return _remade(_plain(holder, tensor, parameter), [type(p).__name__ for p in owner.children()], local)
    for kind, tensor in _hooks(owner):
        if local in (f"{tensor}_g", f"{tensor}_v", f"{tensor}_orig"):
            part = "original0" if local.endswith("_g") else "original1"
            return _remade(_plain(owner, tensor, parameter), [kind], part)
    return _plain(owner, local, parameter)


def _plain(owner: nn.Module, local: str, parameter: nn.Parameter) -> tuple[str, str]:
    kind = type(owner).__name__
    long_axes = sum(size > 1 for size in parameter.shape)
    if isinstance(owner, NORMALIZATIONS) or ("norm" in kind.lower() and long_axes < 2):
        return "normalization", f"{local} of {kind}"
    if "bias" in local.split("_"):
        return "bias", f"bias of {kind}"
    if isinstance(owner, _EMBEDDINGS):
        if owner.sparse:
            return "fixed size", "its gradients are sparse, and optimizers cannot decay such parameters"
        return "embedding", f"rows of {kind}"
    if isinstance(owner, nn.PReLU):
        return "activation", "slope of PReLU"
    if isinstance(owner, _LAYERS):
        return "weight", f"weights of {kind}"
    if parameter.ndim < 2:
        return "single", f"{'vector' if parameter.ndim else 'number'} that {kind} owns itself"
    if "embed" in local.lower() or (parameter.ndim > 2 and parameter.shape[0] == 1):
        return "embedding", f"array of {kind}, the same for all rows of a batch or named as an embedding"
    return "weight", f"array that {kind} owns itself"


def _remade(plain: tuple[str, str], steps: list[str], local: str) -> tuple[str, str]:
    """Role of a part of a tensor that is made of other tensors."""
    kind, why = plain
    if kind not in ("weight", "embedding"):
        return plain
    for step in steps:
        if step in ("_WeightNorm", "WeightNorm"):
            if local == "original0":
                return kind, f"{why}: their magnitude; its squares sum to those of the weights"
            return "direction", f"{why}: their direction; its length changes nothing"
        if step in ("_SpectralNorm", "SpectralNorm"):
            return "fixed size", f"{why}: divided by their spectral norm, so their size changes nothing"
        if step == "_Orthogonal":
            return "fixed size", f"{why}: made orthogonal, so their size is fixed"
    return kind, f"{why}, before {', '.join(steps)}"


def _word(owner: nn.Module) -> str:
    """The class that a reader knows: torch derives others from it for its own ends."""
    return next(
        c.__name__ for c in type(owner).__mro__ if not c.__name__.startswith(("Parametrized", "NonDynamically"))
    )


def _hooks(owner: nn.Module) -> Iterator[tuple[str, str]]:
    """(class, tensor) of the reparametrizations of ``torch.nn.utils`` that work by hooks."""
    for hook in owner._forward_pre_hooks.values():
        kind = type(hook).__name__
        if kind in ("WeightNorm", "SpectralNorm"):
            yield kind, str(hook.name)  # type: ignore[attr-defined]
