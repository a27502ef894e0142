"""What is tried: the penalties of linear models, and the settings that every other family proposes for a problem."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace

from rightfit import catalog
from rightfit.contracts import Learner, Problem, Wishes
from rightfit.errors import OptionError
from rightfit.records import Resamples
from rightfit.search.mixing import candidates, mix, name_of
from rightfit.search.options import INFORMATION, FitOptions


@dataclass(frozen=True)
class Proposal:
    """One learner to walk with."""

    family: str
    """The learner's name in the catalog."""
    name: str
    """In a table: ``lasso``, ``tree, at least 5 rows a leaf``."""
    words: str
    """The same for a title."""
    option: str
    """What asks for it on the command line."""
    settings: dict[str, float]
    """What is no strength, in numbers."""
    own: dict[str, float]
    """Those among them that set it apart from the family's other proposals."""
    learner: Learner

    def vary(self, learner: Learner) -> Proposal:
        """The same with another learner of the family."""
        words = learner.words
        return replace(self, name=words, words=words, settings=learner.settings, own=learner.settings, learner=learner)


def families_to_try(options: FitOptions) -> tuple[str, ...]:
    """Those that were asked for; where none was, all, or those with coefficients where a penalty was named."""
    if options.learners:
        return options.learners
    kinds = catalog.everything("learners")
    named = options.l1_ratio is not None or bool(options.families)
    found = [name for name, kind in kinds.items() if kind.coefficients or not named]
    return tuple(sorted(found, key=lambda name: (kinds[name].rank, name)))


def propose(family: str, problem: Problem, resamples: Resamples, options: FitOptions) -> list[Proposal]:
    """The proposals of one family, the most promising first. OptionError says why there is none."""
    kind: type[Learner] = catalog.find("learners", family)
    if kind.coefficients:
        shares = candidates(options, int((resamples.weight > 0).sum()), problem.design.p)
        return [_penalized(family, problem, resamples, share, options) for share in shares]
    if options.rule in (*INFORMATION, "information"):
        raise OptionError(
            f"the rule {options.rule} counts degrees of freedom, which only linear models have; choose one_se or best"
        )
    return [
        Proposal(family, made.words, made.words, f"--learners {family}", made.settings, made.settings, made)
        for made in kind.propose(problem, resamples, wishes(family, options))
    ]


def _penalized(
    family: str, problem: Problem, resamples: Resamples, share: float | str, options: FitOptions
) -> Proposal:
    """The linear learner with one penalty."""
    made = mix(problem, resamples, share, options)
    settings = made.settings | {"standardize": float(options.standardize)}
    if settings.get("l1_ratio", made.l1_ratio) != made.l1_ratio:
        settings["l1_ratio in the target's unit"] = made.l1_ratio
    return Proposal(family, name_of(share), made.words, made.option, settings, made.settings, made.learner)


def wishes(family: str, options: FitOptions) -> Wishes:
    """What a user asks of the family."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    own = {name.partition(".")[2]: v for name, v in options.settings.items() if name.partition(".")[0] == family}
    return Wishes(options.seed, options.threads or cores, own)
