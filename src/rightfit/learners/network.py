"""Perceptrons trained side by side with PyTorch: the path walks in weight decay, or in what else regularizes them."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, ClassVar, final

import numpy as np

from rightfit.contracts import Attack, Design, Learner, Model, Path, Problem, Wishes
from rightfit.errors import NotConvergedWarning, OptionError
from rightfit.learners._network import proposing
from rightfit.learners._network.attack import Moving
from rightfit.learners._network.augment import Augment
from rightfit.learners._network.bodies import NORMS, Body, Dense, Nets
from rightfit.learners._network.climbed import Climbed, show_ladder, tell_end
from rightfit.learners._network.examples import show_examples
from rightfit.learners._network.inputs import Inputs, spread_of
from rightfit.learners._network.library import check_device, lacks, require
from rightfit.learners._network.own import Own, own_body
from rightfit.learners._network.rungs import Rung
from rightfit.learners._network.settings import (
    RANGES,
    check_hidden,
    check_loss,
    check_number,
    check_word,
    combine,
    find_rungs,
)
from rightfit.learners._network.walks import WALKS, strongest
from rightfit.learners._network.wording import Wording
from rightfit.records import Axis, Examples, Fitted, Picture, Resamples, Status

IMAGES = ("shift", "rotate", "flip", "cutout")
SAMPLE = 200
"""Rows at which the slopes of a net are taken."""


@final
@dataclass(frozen=True)
class Network(Learner):
    """Multilayer perceptrons with rectified units, trained by AdamW: a *ladder* of strengths x resamples x seeds in one
    batched computation, see `rightfit.learners._network.perceptron`.

    A step of the path is a strength of one regularizer, ``walks``; all others are settings. Its model is the mean of
    ``seeds`` nets that differ in where they start and in the order of their rows, each stopped at the epoch that rows
    other than those which score it ask for, see `rightfit.learners._network.watch`. Step 0 is the constant model:
    a decay of 1 / learning_rate, which wipes out all weights at each step, a dropout of 1, an infinite penalty. What
    regularizes without being called so can be walked too: the learning rate, the rows of a batch, whose strength is
    1 / batch, and the number of epochs, whose strength is 1 / epochs and which no curve then stops.

    Numbers are standardized by the fit's own rows, and levels of categories are columns of their own, so that the first
    layer holds an embedding of each. A net starts at the constant model and learns in units of the loss's slope there,
    so that no setting depends on the unit of the target.

    Parameters
    ----------
    hidden : units of each hidden layer; () for a linear model
    walks : "decay", "dropout", "l1", "noise", "learning_rate", "batch" or "epochs"
    strengths : rungs of the ladder, values of what is walked in; () for five to seven usual ones
    decay : decoupled weight decay, as in torch.optim.AdamW; biases have none
    l1 : cost of the absolute size of weights, by proximal steps: exact zeros
    dropout : share of the hidden units that a step leaves out
    noise : deviation of the noise that is added to standardized inputs
    mixup : c of Beta(c, c), from which the weights of mixed rows are drawn
    smoothing : share of each label that is dealt out to all classes
    norm : "batch" normalizes hidden layers over the rows of each batch, "layer" over the units of each row, see
        `rightfit.learners._network.norms`
    batch : rows of a step
    learning_rate : of AdamW
    epochs : so many, or None where the curves decide
    most : epochs at which the curves must stop
    seeds : nets whose outputs are averaged
    module : None for perceptrons, or nets of your own: a function (inputs, outputs) -> torch.nn.Module, or its
        ``"package.module:name"``. ``hidden`` is then not used, and ``dropout`` is the rate wherever the module drops.
    image : (height, width) or (height, width, channels) where the columns are pixels; ``inputs`` is then (channels,
        height, width), else the number of columns
    text : columns that are words of texts, which the module "text" reads
    shift, rotate, flip, cutout : of images while they teach, see `rightfit.learners._network.augment.Augment`
    delete, swap, synonyms : shares of the words of texts that are left out, exchanged, or replaced by synonyms of
        ``thesaurus`` while they teach, see `rightfit.learners._network.wording`
    thesaurus : a file or folder that `rightfit.augmentation.thesaurus.read_thesaurus` reads, or a mapping
    device : where torch computes, e.g. "cpu" or "cuda"; drawn numbers differ between devices
    threads : of the contract; torch takes those that the process allows, and results do not depend on them
    """

    hidden: tuple[int, ...] = (64, 64)
    walks: str = "decay"
    strengths: tuple[float, ...] = ()
    decay: float = 0.0
    l1: float = 0.0
    dropout: float = 0.1
    noise: float = 0.0
    mixup: float = 0.0
    smoothing: float = 0.0
    norm: str = "none"
    batch: int = 128
    learning_rate: float = 0.005
    epochs: int | None = None
    most: int = 500
    seeds: int = 3
    module: Any = None
    image: tuple[int, ...] = ()
    text: tuple[int, ...] = ()
    shift: int = 0
    rotate: float = 0.0
    flip: int = 0
    cutout: int = 0
    delete: float = 0.0
    swap: float = 0.0
    synonyms: float = 0.0
    thesaurus: Any = ""
    device: str = "cpu"
    seed: int = 0
    threads: int = 1
    note: str = field(default="", compare=False)
    """How the settings were found, in a sentence."""
    name: ClassVar[str] = "network"
    rank: ClassVar[int] = 3

    @classmethod
    def specimens(cls) -> Iterator[Network]:
        small = cls(hidden=(16,), strengths=(3.0, 0.0), learning_rate=0.02, batch=32, epochs=12, seeds=2)
        yield small

    def fit_paths(self, problem: Problem, resamples: Resamples) -> Sequence[NetworkPath]:
        """One path a resample.

        Raises
        ------
        OptionError
            A parameter out of its range, by name, or a loss that nets cannot learn.
        MissingExtraError
            PyTorch is not installed.
        """
        for name in RANGES:
            check_number(name, getattr(self, name))
        check_hidden(self.hidden)
        check_word("norm", self.norm)
        check_loss(problem, self.smoothing)
        rows = int((resamples.weight > 0).sum())
        rungs = find_rungs(self.walks, self.strengths, self.learning_rate, self.decay, rows)
        require()
        check_device(self.device)
        if self.module == "text" and (self.noise or self.walks == "noise"):
            raise OptionError("noise makes words of nothing: leave it out for nets of texts")
        if self.module is not None and self.norm != "none":
            raise OptionError("norm is for perceptrons: give your module the normalization that it shall have")
        if self.walks == "dropout" and not self.body.drops(problem.design.p, problem.loss.outputs):
            raise OptionError("these nets drop nothing, so that there is no dropout to walk in: walk in decay")
        from rightfit.learners._network.ladder import climb

        climbed = climb(
            *proposing.watch_some(problem, resamples),
            [self.rung(value) for value in rungs],
            most=self.most,
            steps=self.steps(resamples, 0),
            **self.shape,
        )
        if climbed.unfinished:
            warnings.warn(tell_end(climbed), NotConvergedWarning, stacklevel=2)
        return [
            NetworkPath(
                self,
                problem,
                resamples.weights(k),
                rungs,
                [climbed.nets[r, k] for r in range(len(rungs))],
                climbed.stop[:, k],
                replace(climbed, nets={}) if k == 0 else None,
            )
            for k in range(len(resamples))
        ]

    def rung(self, value: float) -> Rung:
        """All strengths of one step."""
        own = Rung(**{part.name: getattr(self, part.name) for part in fields(Rung)})
        walked: dict[str, Any] = {self.walks: int(value) if RANGES[self.walks][3] else value}
        return replace(own, **walked)

    @property
    def shape(self) -> dict[str, Any]:
        """What is the same on all rungs, as `rightfit.learners._network.ladder.climb` takes it."""
        return {
            "body": self.body,
            "augment": Augment(self.image, self.shift, self.rotate, self.flip, self.cutout, self.wording),
            "seeds": self.seeds,
            "seed": self.seed,
            "device": self.device,
        }

    @property
    def wording(self) -> Wording:
        """What changes texts while they teach."""
        return Wording(self.text, self.delete, self.swap, self.synonyms, self.thesaurus)

    @property
    def body(self) -> Body:
        """What the nets are made of."""
        if self.module is None:
            return Dense(self.hidden, self.norm)
        return Own.find(self.module, self.image, self.text)

    @property
    def words(self) -> str:
        parts = [f"neural network, {self.body.words}"]
        for name in ("decay", "dropout", "l1", "noise", "mixup", "smoothing", *IMAGES, *proposing.TEXT_CHANGES):
            if name != self.walks and getattr(self, name):
                parts.append(f"{name} {getattr(self, name):g}")
        parts += [f"walking in {WALKS[self.walks].name}"] if self.walks != "decay" else []
        return ", ".join(parts)

    @property
    def settings(self) -> dict[str, float]:
        names: tuple[str, ...] = ("decay", "dropout", "l1", "noise", "mixup", "smoothing")
        names += ("batch", "learning_rate", "seeds")
        names += tuple(name for name in (*IMAGES, *proposing.TEXT_CHANGES) if getattr(self, name))
        return self.body.settings | {name: float(getattr(self, name)) for name in names if name != self.walks}

    @classmethod
    def propose(cls, problem: Problem, resamples: Resamples, wishes: Wishes) -> Sequence[Network]:
        """The setting that wins a race on the first folds, see `rightfit.learners._network.proposing`; with settings
        wished for, all their combinations."""
        check_loss(problem, 0.0)
        batch = proposing.choose_batch(int((resamples.weight > 0).sum()))
        base = cls(seed=wishes.seed, threads=wishes.threads, batch=batch, image=problem.image, text=problem.text)
        base = replace(base, module=proposing.choose_module(problem, set(wishes.settings)))
        told = combine(wishes.settings, base.walks)
        require()
        made = [replace(base, **one) for one in told] if told else [proposing.race(base, problem, resamples)]
        return [replace(one, most=min(one.most, proposing.limit_epochs(one, problem, resamples))) for one in made]

    @classmethod
    def expect(cls, problem: Problem, resamples: Resamples) -> float:
        return proposing.expect(problem, resamples)

    @classmethod
    def steps(cls, resamples: Resamples, strengths: int) -> float:
        return proposing.TOLD * len(resamples)

    def afford(self, problem: Problem, resamples: Resamples) -> Learner:
        return proposing.afford(self, problem, resamples)

    @classmethod
    def lacks(cls) -> str:
        return lacks()


@final
class NetworkPath(Path):
    """Strengths of one regularizer, nets trained for each."""

    def __init__(
        self,
        learner: Network,
        problem: Problem,
        weight: np.ndarray,
        rungs: Sequence[float],
        nets: Sequence[Nets],
        stop: np.ndarray,
        climbed: Climbed | None = None,
    ):
        """``weight`` (n,) are those of the path's own rows, ``nets`` and epochs ``stop`` (R,) those of each rung, and
        ``climbed`` is the ladder, which the full fit tells of."""
        share = weight / weight.sum()
        self.learner, self.nets, self._climbed = learner, tuple(nets), climbed
        self.body = learner.body
        self._measure = problem.loss.measure
        self.stop = np.array([0, *stop])
        """(K,) epochs of each step."""
        self.rungs = np.array(rungs)
        """(R,) what each step but the first walks in."""
        top = strongest(learner.walks, learner.learning_rate)
        self.strengths = np.array([top, *WALKS[learner.walks].strengths(rungs)])
        self.status = np.full(len(self.strengths), Status.GROWN, np.int8)
        self.complexity = np.array([0.0, *(self.body.count(one)[1] for one in nets)])
        self.inputs = self.body.measure(Inputs.of(problem.design, share[:, None]))[0]
        self.constant, self.loss = problem.constant(share), problem.loss.name
        self.spread = spread_of(problem, share, self.constant)
        own = np.flatnonzero(weight > 0)
        some = own[np.unique(np.linspace(0, len(own) - 1, min(SAMPLE, len(own))).astype(np.int64))]
        self._sample = self.inputs.read(problem.design.take(some))

    def predict(self, design: Design, offset: np.ndarray | None = None) -> np.ndarray:
        """(K, n, C) predictors; columns are read once for all steps."""
        inputs = self.inputs.read(design)
        eta = np.empty((len(self.strengths), design.n, len(self.constant)))
        eta[0] = self.constant
        for step, nets in enumerate(self.nets, start=1):
            eta[step] = self.constant + self.spread * self.body.say(nets, inputs)
        return eta if offset is None else eta + offset[None, :, None]

    def model(self, step: int) -> NetworkModel:
        nets = self.nets[step - 1] if step else None
        return NetworkModel(self.body, nets, self.inputs, self.constant, self.spread, self.loss)

    def importance(self, step: int) -> np.ndarray:
        """Share of each input's mean absolute slope times its deviation, at some of the path's own rows."""
        if step == 0:
            return np.zeros(len(self.inputs.mean))
        size = self.body.slopes(self.nets[step - 1], self._sample) * self._sample.std(axis=0)
        return size / (size.sum() or 1.0)

    def size(self, step: int) -> str:
        if step == 0:
            return "the constant"
        weights = f"{self.complexity[step]:,.0f} weights, {self.stop[step]:,} epochs"
        count, _ = self.body.count(self.nets[step - 1])
        return f"{count} nets of {weights}" if count > 1 else weights

    @property
    def axis(self) -> Axis:
        return WALKS[self.learner.walks].axis(self.strengths[0], self.rungs)

    @property
    def luck(self) -> np.ndarray:
        if self._climbed is None or not len(self._climbed.luck):
            return np.empty((0, len(self.strengths)))
        return self._climbed.luck

    def picture(self, step: int) -> Picture:
        """The ladder, and how the settings were found."""
        notes = (self.learner.note,) if self.learner.note else ()
        if self._climbed is None or not len(self._climbed.epochs):
            return Picture(notes=notes)
        name = self.axis.name
        return Picture(
            ladder=show_ladder(self._climbed, self.rungs, step - 1, name, self._measure, self.learner.seeds),
            notes=notes,
            examples=self._examples(step) if step else None,
        )

    def _examples(self, step: int) -> Examples | None:
        """Rows as the chosen rung saw them; pixels are seen as images elsewhere."""
        if self.learner.image:
            return None
        rung = self.learner.rung(float(self.rungs[step - 1]))
        return show_examples(rung, self.inputs, self._sample, self.importance(step), self.learner.seed)


@final
class NetworkModel(Model):
    """Nets of one body whose outputs are averaged; None is the constant."""

    def __init__(self, body: Body, nets: Nets, inputs: Inputs, constant: np.ndarray, spread: np.ndarray, loss: str):
        self.body, self.nets, self.inputs = body, nets, inputs
        self.constant, self.spread, self.loss = constant, spread, loss

    def predict(self, design: Design, offset: np.ndarray | None = None) -> np.ndarray:
        inputs = self.inputs.read(design)
        eta = np.tile(self.constant, (design.n, 1))
        if self.nets is not None:
            eta += self.spread * self.body.say(self.nets, inputs)
        return eta if offset is None else eta + offset[:, None]

    def attacked(self, problem: Problem, rows: np.ndarray, attack: Attack) -> np.ndarray:
        if self.nets is None:
            return np.tile(self.constant, (len(rows), 1)) + problem.offset[rows, None]
        return Moving(self.body, self.nets, self.inputs, self.constant, self.spread, problem, rows).attack(attack)

    @property
    def draws(self) -> list[NetworkModel]:
        parts = [] if self.nets is None else self.body.alone(self.nets)
        rest = (self.inputs, self.constant, self.spread, self.loss)
        return [NetworkModel(self.body, part, *rest) for part in parts] if len(parts) > 1 else []

    def fitted(self) -> Fitted:
        """Weights and biases, or the parameters of a module, in float32."""
        arrays = {"mean": self.inputs.mean, "scale": self.inputs.scale, "constant": self.constant}
        arrays["spread"] = self.spread
        if self.nets is not None:
            arrays |= self.body.arrays(self.nets)
        return Fitted("network", self.loss, arrays, self.body.facts(self.nets))


def restore(fitted: Fitted, module: Any = None) -> NetworkModel:
    """The model that `NetworkModel.fitted` described; with ``module``, the factory of its nets, where they are a
    user's own. KeyError, TypeError or ValueError for what it cannot have described."""
    arrays = fitted.arrays
    inputs = Inputs(arrays["mean"], arrays["scale"])
    constant, spread = arrays["constant"], arrays["spread"]
    if len(inputs.scale) != len(inputs.mean) or constant.ndim != 1 or spread.shape != constant.shape:
        raise ValueError("the arrays of a network do not fit together")
    body = find_body(fitted, module)
    nets = None if body is None else body.read(arrays, len(inputs.mean), len(constant))
    return NetworkModel(body or Dense(()), nets, inputs, constant, spread, fitted.loss)


def find_body(fitted: Fitted, module: Any) -> Body | None:
    """What the stored nets are made of; None for the constant model."""
    own = own_body(fitted.facts, fitted.arrays, module)
    if own is not None:
        return own
    count = int(fitted.facts["layers"])
    norm = "layer" if fitted.facts.get(NORMS["layer"]) else "none"
    return Dense(tuple(fitted.arrays[f"weight_{k}"].shape[-1] for k in range(count - 1)), norm) if count else None
