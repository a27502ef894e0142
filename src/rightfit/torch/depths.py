"""How deep each parameter of a net lies, for learning rates that fall towards the input.

Layers are taken in the order in which modules are registered, which is nearly always the order in which they run:

- The net itself, and every ``Sequential`` and ``ModuleList`` in it, is opened up; so is a module that holds a stack of
  blocks somewhere inside, such as ``TransformerEncoder``.
- A stack is a list whose members with parameters are all of one class and have parts themselves. Each of its members
  is one layer, whatever is inside.
- Any other module with parameters is one layer. One without weights, such as a normalization between two layers,
  belongs to the layer before it, or to the first.
- Parameters that an opened module owns itself, such as a class token, lie with the layer that follows them.

Where this is not the order of the net, ``layers`` gives the names of modules from input to output.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from torch import nn

from rightfit.errors import OptionError
from rightfit.torch.roles import NORMALIZATIONS

_LISTS = (nn.Sequential, nn.ModuleList)


def find_depths(module: nn.Module, names: Sequence[str], layers: Sequence[str] | None = None) -> dict[str, int]:
    """Depth of each parameter's name, 0 next to the input.

    Raises
    ------
    OptionError
        ``layers`` names what is not there, or leaves parameters out.
    """
    if layers is not None:
        return _told(names, layers)
    depths: dict[str, int] = {}
    begun = 0
    for prefix, begins in _layers(module, ""):
        begun += begins
        for name in names:
            if name not in depths and _below(name, prefix):
                depths[name] = max(begun - 1, 0)
    loose = [n for n in names if n not in depths]
    return depths | {name: _following(name, names, depths) for name in loose}


def _layers(module: nn.Module, prefix: str) -> Iterator[tuple[str, bool]]:
    """(name, whether it begins a layer) of the modules that are not opened up, in order."""
    for local, child in module.named_children():
        name = f"{prefix}.{local}" if prefix else local
        if not _has_parameters(child):
            continue
        if _is_stack(module):
            yield name, True
        elif isinstance(child, _LISTS) or any(_is_stack(m) for m in child.modules()):
            yield from _layers(child, name)
        else:
            yield name, _has_weights(child)


def _is_stack(module: nn.Module) -> bool:
    members = [child for child in module.children() if _has_parameters(child)]
    return (
        isinstance(module, _LISTS)
        and bool(members)
        and len({type(member) for member in members}) == 1
        and not isinstance(members[0], _LISTS)
        and any(True for _ in members[0].children())
    )


def _has_parameters(module: nn.Module) -> bool:
    return any(True for _ in module.parameters())


def _has_weights(module: nn.Module) -> bool:
    """Whether there is more than normalizations and slopes of activations."""
    scales = (*NORMALIZATIONS, nn.PReLU)
    return any(
        not isinstance(m, scales) and any(p.ndim > 1 for p in m.parameters(recurse=False)) for m in module.modules()
    )


def _following(name: str, names: Sequence[str], depths: dict[str, int]) -> int:
    """Depth of the first parameter of a layer that is registered below the owner of ``name``; else the deepest."""
    owner = name.rpartition(".")[0]
    return next((depths[n] for n in names if n in depths and _below(n, owner)), max(depths.values(), default=0))


def _below(name: str, prefix: str) -> bool:
    return not prefix or name.startswith(prefix + ".")


def _told(names: Sequence[str], layers: Sequence[str]) -> dict[str, int]:
    """The longest name that fits decides."""
    for prefix in layers:
        if not any(_below(name, prefix) or name == prefix for name in names):
            raise OptionError(f"layers names {prefix!r}, but the net has no parameters there")
    found: dict[str, int] = {}
    for name in names:
        fitting = [k for k, prefix in enumerate(layers) if _below(name, prefix) or name == prefix]
        if not fitting:
            raise OptionError(f"layers must tell where every parameter lies; {name} is missing")
        found[name] = max(fitting, key=lambda k: len(layers[k]))
    return found
