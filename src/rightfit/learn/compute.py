"""Computes lessons anew: ``python -m rightfit.learn.compute [NAME ...]`` stores what they find beside them."""

from __future__ import annotations

import importlib
import sys
import time
from pathlib import Path

import numpy as np

from rightfit.learn.course import LESSONS, load_page
from rightfit.learn.results import Results, short

NEAR = 2e-3
"""How far two drawings may be apart, relative to the largest number of a layer: less than a pixel."""


def compute(name: str) -> Results:
    """What the lesson finds now. AssertionError where a claim of its text does not hold."""
    results: Results = importlib.import_module(f"rightfit.learn.lessons.{name}").compute()
    return results


def store(name: str, results: Results) -> Path:
    """Writes ``results`` beside the lesson, one picture a line."""
    load_page(name, results)  # its text must go with them
    rows = [
        f'"facts":{_json(results.facts)}',
        f'"claims":{_json(results.claims)}',
        '"pictures":[\n' + ",\n".join(_json(picture) for picture in results.pictures) + "\n]",
    ]
    path = Path(__file__).parent / "lessons" / f"{name}.json"
    path.write_text("{\n" + ",\n".join(rows) + "\n}\n", encoding="utf-8")
    return path


def differences(found: Results, kept: Results, name: str) -> list[str]:
    """Where the text or a picture of two results would differ to a reader."""
    wrong = [f"claim: {claim}" for claim in set(found.claims) ^ set(kept.claims)]
    if load_page(name, found).text != load_page(name, kept).text:
        pairs = [(key, found.facts.get(key), kept.facts.get(key)) for key in sorted({*found.facts, *kept.facts})]
        wrong += [f"fact {key}: {new} now, {old} stored" for key, new, old in pairs if new != old] or ["text"]
    if [picture.name for picture in found.pictures] != [picture.name for picture in kept.pictures]:
        return [*wrong, "the pictures are others"]
    for new, old in zip(found.pictures, kept.pictures, strict=True):
        wrong += [f"picture {new.name}: {place}" for place in _apart(_parts(new), _parts(old), "")]
    return wrong


def _parts(thing: object) -> object:
    import msgspec

    return msgspec.json.decode(_json(thing))


def _apart(new: object, old: object, place: str) -> list[str]:
    """Paths to what differs; numbers of a list are compared together."""
    if isinstance(new, dict) and isinstance(old, dict) and new.keys() == old.keys():
        return [path for key in new for path in _apart(new[key], old[key], f"{place}/{key}")]
    if isinstance(new, list) and isinstance(old, list) and len(new) == len(old):
        if all(isinstance(value, int | float | None) for value in (*new, *old)):
            a, b = (np.array(side, np.float64) for side in (new, old))
            size = np.nanmax(np.abs(b), initial=0.0)
            return [] if np.allclose(a, b, rtol=0, atol=NEAR * size, equal_nan=True) else [place]
        return [path for k, pair in enumerate(zip(new, old, strict=True)) for path in _apart(*pair, f"{place}/{k}")]
    if isinstance(new, float) and isinstance(old, int | float):
        return [] if abs(new - old) <= NEAR * abs(old) else [place]
    return [] if new == old else [place]


def _json(thing: object) -> str:
    import msgspec

    return msgspec.json.encode(thing, enc_hook=_listed).decode()


def _listed(value: object) -> object:
    """Arrays and NumPy's numbers, as short as what is drawn."""
    if isinstance(value, np.ndarray):
        return short(value) if value.ndim == 1 else list(value)
    if isinstance(value, np.number):
        return short(value)[0]
    raise TypeError(f"{type(value).__name__} cannot be stored in a lesson")


def main(names: list[str]) -> int:
    """Computes and stores lessons, all where none is named."""
    for name in names or LESSONS:
        start = time.process_time()
        path = store(name, compute(name))
        print(f"{name}: {time.process_time() - start:.1f} s, {path.stat().st_size / 1000:.0f} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
