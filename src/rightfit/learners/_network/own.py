"""Modules of a user's as the nets of a ladder. PyTorch is imported when they are made, trained or asked."""

from __future__ import annotations

import importlib
import numbers
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any, final

import numpy as np

from rightfit.errors import OptionError
from rightfit.learners._network.bodies import Body
from rightfit.learners._network.inputs import Inputs
from rightfit.learners._network.library import PREDICTS, require

if TYPE_CHECKING:
    import torch

    from rightfit.learners._network.ground import Ground
    from rightfit.learners._network.moulds import Mould
    from rightfit.learners._network.own_module import OwnModule
    from rightfit.learners._network.own_nets import OwnNets

BUILT_IN = {
    "convolution": "rightfit.learners._network.convolution:convolution",
    "text": "rightfit.learners._network.text:Text",
}
"""Names that need no package; these nets come with the library."""
_SHAPE = ("height", "width", "channels")
_PREFIX = "net."
"""Before the names of a module's parameters among the arrays of a model."""


@final
@dataclass(frozen=True)
class Own(Body):
    """Nets that ``factory(inputs, outputs)`` makes. ``image`` is (height, width) or (height, width, channels) where
    columns are the pixels of images, row by row with the channels of a pixel side by side; the module then sees
    (rows, channels, height, width), brought to size by channels, and ``inputs`` is (channels, height, width)."""

    factory: Any
    image: tuple[int, ...] = ()
    text: tuple[int, ...] = ()
    """Columns that are words of texts, for a module that reads them: ``inputs`` is then (columns that are none, words),
    and rows are in this order. Their weights are divided by their deviations and not centred, so that rare words count
    more and 0 is a word that a row does not have."""

    @staticmethod
    def find(module: Any, image: tuple[int, ...], words: tuple[int, ...] = ()) -> Own:
        """``module`` as `rightfit.learners.network.Network` takes it; OptionError where it is none."""
        check_image(image)
        if module == "convolution" and not image:
            raise OptionError(f"module {module!r} reads images: say how large they are, such as image=(28, 28)")
        if module == "text" and not words:
            raise OptionError("module 'text' reads words, and no column is one: fit a table that has a column of texts")
        return Own(find_factory(module), image, words if module == "text" else ())

    def mould(self, ground: Ground, size: int, seeds: int, seed: int) -> Mould:
        from rightfit.learners._network.own_block import OwnMould

        made = self.module(ground.problem.design.p, ground.outputs)
        return OwnMould(made, ground, size, seeds, seed)

    def module(self, p: int, outputs: int) -> OwnModule:
        """Modules of the factory for so many columns and outputs; OptionError where they do not fit."""
        require(PREDICTS)
        from rightfit.learners._network.own_module import OwnModule

        if self.image and prod(self.image) != p:
            size = " x ".join(map(str, self.image))
            raise OptionError(f"image: images of {size} have {prod(self.image):,} pixels, and there are {p:,} columns")
        inputs: int | tuple[int, ...] = (self.channels, *self.image[:2]) if self.image else p
        if self.text:
            if max(self.text) >= p:
                raise ValueError("a network names a column as a word that there is not")
            inputs = (p - len(self.text), len(self.text))
        return OwnModule(self.factory, inputs, p, outputs, self.arrange)

    def arrange(self, x: torch.Tensor) -> torch.Tensor:
        """What a module takes of inputs (b, p)."""
        if self.text:
            return x[:, [*sorted(set(range(x.shape[1])).difference(self.text)), *self.text]]
        if not self.image:
            return x
        height, width = self.image[:2]
        return x.reshape(-1, height, width, self.channels).permute(0, 3, 1, 2)

    @property
    def channels(self) -> int:
        return self.image[2] if len(self.image) > 2 else 1

    def measure(self, inputs: list[Inputs]) -> list[Inputs]:
        """Pixels of one channel have one mean and one deviation: a pixel that hardly varies stays one."""
        if self.text:
            words = list(self.text)
            for one in inputs:
                one.mean[words] = 0.0
        if not self.image:
            return inputs
        found = []
        for one in inputs:
            mean = one.mean.reshape(-1, self.channels)
            with np.errstate(divide="ignore"):
                variance = np.where(one.scale > 0, 1.0 / one.scale, 0.0).reshape(mean.shape) ** 2
                middle = mean.mean(axis=0)
                scale = 1.0 / np.sqrt((variance + (mean - middle) ** 2).mean(axis=0))
            scale[~np.isfinite(scale)] = 0.0
            found.append(Inputs(np.tile(middle, len(mean)), np.tile(scale, len(mean))))
        return found

    def say(self, nets: OwnNets, inputs: np.ndarray) -> np.ndarray:
        return nets.say(inputs)

    def slopes(self, nets: OwnNets, inputs: np.ndarray) -> np.ndarray:
        return nets.slopes(inputs)

    def pull(self, nets: OwnNets, inputs: np.ndarray, slope: np.ndarray) -> np.ndarray:
        return nets.pull(inputs, slope)

    def count(self, nets: OwnNets) -> tuple[int, float]:
        return nets.count()

    def alone(self, nets: OwnNets) -> list[OwnNets]:
        from rightfit.learners._network.own_nets import OwnNets

        parts = [{name: a[s : s + 1] for name, a in nets.arrays.items()} for s in range(self.count(nets)[0])]
        return [OwnNets(nets.own, part) for part in parts]

    def work(self, p: int, outputs: int) -> float:
        return self.module(p, outputs).work()

    def arrays(self, nets: OwnNets) -> dict[str, np.ndarray]:
        found = {_PREFIX + name: array for name, array in nets.arrays.items()}
        return found | ({"words": np.array(self.text)} if self.text else {})

    def read(self, arrays: Mapping[str, np.ndarray], p: int, outputs: int) -> OwnNets:
        module = self.module(p, outputs)
        from rightfit.learners._network.own_nets import OwnNets

        own = {name.removeprefix(_PREFIX): array for name, array in arrays.items() if name.startswith(_PREFIX)}
        return OwnNets(module, own)

    def facts(self, nets: OwnNets | None) -> dict[str, float]:
        name = next((name for name in BUILT_IN if find_factory(name) is self.factory), "own")
        found = {"layers": 0.0, name: float(nets is not None)}
        return found | dict(zip(_SHAPE, map(float, self.image), strict=False))

    @property
    def words(self) -> str:
        name = str(getattr(self.factory, "__qualname__", type(self.factory).__name__)).replace("<locals>.", "")
        return f"module {name}"

    def drops(self, p: int, outputs: int) -> bool:
        own = self.module(p, outputs)
        return bool(own.probe(2, next(own.template.parameters())).shapes)

    @property
    def settings(self) -> dict[str, float]:
        return {}


def own_body(facts: Mapping[str, float], arrays: Mapping[str, np.ndarray], module: Any) -> Own | None:
    """The body that `Own.facts` and `Own.arrays` describe; None where they do not, OptionError where the factory is
    needed and not given."""
    built_in = next((name for name in BUILT_IN if facts.get(name)), None)
    if built_in is None and not facts.get("own"):
        return None
    module = built_in or module
    if module is None:
        raise OptionError(
            "this model has nets of a module of your own, which is not in the file: give the function that made them, "
            "rightfit.load(file, module=function)"
        )
    image = tuple(int(facts[name]) for name in _SHAPE if name in facts)
    return Own(find_factory(module), image, tuple(arrays["words"].tolist()) if "words" in arrays else ())


def find_factory(module: Any) -> Any:
    """A function, or what ``"package.module:name"`` names; OptionError where there is none."""
    if not isinstance(module, str):
        if not callable(module):
            raise OptionError(f"module must be a function of inputs and outputs that returns a net, not {module!r}")
        return module
    package, _, name = BUILT_IN.get(module, module).partition(":")
    try:
        found: Any = importlib.import_module(package)
        for part in name.split("."):
            found = getattr(found, part)
    except (ImportError, AttributeError, ValueError) as error:
        raise OptionError(
            f"module {module!r} cannot be imported: {error}. Write package.module:function, or {', '.join(BUILT_IN)}"
        ) from error
    return find_factory(found)


def check_image(image: Any) -> None:
    """OptionError where this is no size of images."""
    whole = isinstance(image, tuple) and all(isinstance(n, numbers.Integral) and int(n) >= 1 for n in image)
    if not whole or len(image) not in (0, 2, 3):
        raise OptionError(f"image must be (height, width) or (height, width, channels), {image!r} was given")
