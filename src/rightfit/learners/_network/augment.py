"""Images that are moved while they teach, and pieces of them that are covered, and texts whose words change: nothing of
it when nets predict."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, final

from rightfit.errors import OptionError
from rightfit.learners._network.wording import Wording

if TYPE_CHECKING:
    import torch

    from rightfit.augmentation.images import ImageAugmentation
    from rightfit.learners._network.ground import Ground
    from rightfit.learners._network.vocabulary import Vocabulary


@final
@dataclass(frozen=True)
class Augment:
    """What falls on images (height, width) or (height, width, channels), or on texts, at every step."""

    image: tuple[int, ...] = ()
    shift: int = 0
    """Pixels that an image moves by at most, in either direction; its edge is repeated."""
    rotate: float = 0.0
    """Degrees that it turns by at most."""
    flip: int = 0
    """1: half of the images are mirrored, left to right."""
    cutout: int = 0
    """Side of a square of pixels that is set to the mean of its columns."""
    wording: Wording = field(default_factory=Wording)
    vocabulary: Vocabulary | None = field(default=None, compare=False)

    def meet(self, ground: Ground) -> Augment:
        """The same, which knows the words of a problem."""
        if not self.wording.falls or self.vocabulary is not None:
            return self
        from rightfit.learners._network.vocabulary import Vocabulary

        return replace(self, vocabulary=Vocabulary(ground.problem.design.names, self.wording))

    def __post_init__(self) -> None:
        if self.moves or self.cutout:
            if not self.image:
                raise OptionError("shift, rotate, flip and cutout are for images: say how large they are by image")
            if max(self.shift, self.cutout) >= max(self.image[:2]):
                raise OptionError("shift and cutout must be smaller than the image")

    @property
    def moves(self) -> bool:
        return bool(self.shift or self.rotate or self.flip)

    def read(
        self, ground: Ground, rows: torch.Tensor, place: torch.Tensor, generators: list[torch.Generator]
    ) -> torch.Tensor:
        """(G, b, p) inputs of rows (G, b), as each resample ``place`` (G,) measures them; each seed has a generator,
        and its nets on all resamples see the same changes."""
        if self.vocabulary is not None:
            return ground.measure(self._reword(self.vocabulary, ground, rows, generators), place)
        if not (self.moves or self.cutout):
            return ground.read(rows, place)
        from rightfit.augmentation.images import Cutout, Flip, ImageAugmentation, Rotate, Shift

        moving = ImageAugmentation(
            *([Flip()] if self.flip else []),
            *([Rotate(float(self.rotate))] if self.rotate else []),
            *([Shift(int(self.shift), int(self.shift))] if self.shift else []),
            fill="edge",
        )
        covering = ImageAugmentation(*([Cutout(int(self.cutout))] if self.cutout else []), limits=(-10.0, 10.0))
        x = ground.take(rows)
        if self.moves:
            typical = ground.tensor(ground.shift)
            x += typical  # pixels are moved, not what they differ by from a typical value of their place
            self._fall(moving, x, generators)
            x -= typical
        x = ground.measure(x, place)
        if self.cutout:
            self._fall(covering, x, generators)
        return x

    def _reword(
        self, vocabulary: Vocabulary, ground: Ground, rows: torch.Tensor, generators: list[torch.Generator]
    ) -> torch.Tensor:
        """(G, b, p) columns of rows whose texts were changed."""
        x = ground.take(rows)
        words = list(self.wording.columns)
        typical = ground.tensor(ground.shift[words])
        for seed, generator in enumerate(generators):
            before = generator.get_state()
            for group in range(seed, len(x), len(generators)):
                generator.set_state(before)
                x[group][:, words] = vocabulary.change(x[group][:, words] + typical, generator) - typical
        return x

    def _fall(self, change: ImageAugmentation, x: torch.Tensor, generators: list[torch.Generator]) -> None:
        """Change images (G, b, p) in their place."""
        height, width = self.image[:2]
        for seed, generator in enumerate(generators):
            before = generator.get_state()
            for group in range(seed, len(x), len(generators)):
                generator.set_state(before)
                change.generator = generator
                images = x[group].view(len(x[group]), height, width, -1).permute(0, 3, 1, 2)
                made = change(images)
                x[group] = made.permute(0, 2, 3, 1).reshape(x[group].shape)
