"""Small files for journeys: houses whose price depends on size and quarter, with gaps, and flowers of three sorts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl


def houses(rows: int = 120, seed: int = 1) -> pl.DataFrame:
    """Numbers, a yes/no, a category with gaps, a name that is an identifier, and a price."""
    chance = np.random.default_rng(seed)
    size = chance.uniform(40, 200, rows).round(1)
    quarter = chance.choice(["north", "south", "west"], rows)
    garden = chance.choice(["yes", "no"], rows)
    noise = chance.normal(size=(rows, 3)).round(3)
    price = 2.0 * size + 60 * (quarter == "south") + 30 * (garden == "yes") + chance.normal(0, 25, rows)
    gaps = chance.random(rows) < 0.1
    return pl.DataFrame(
        {
            "name": [f"house {i:04d}" for i in range(rows)],
            "size": [None if gap else s for gap, s in zip(gaps, size.tolist(), strict=True)],
            "quarter": quarter.tolist(),
            "garden": garden.tolist(),
            **{f"noise {j}": noise[:, j] for j in range(3)},
            "price": price.round(2),
        }
    )


def flowers(rows: int = 90, seed: int = 2) -> pl.DataFrame:
    """Three sorts that two measures tell apart, one of them with a name that a spreadsheet would run."""
    chance = np.random.default_rng(seed)
    sort = np.arange(rows) % 3
    labels = np.array(["aster", "bellis", "=cmd()"])[sort]
    return pl.DataFrame(
        {
            "length": (sort + chance.normal(0, 0.4, rows)).round(3),
            "width": (sort % 2 + chance.normal(0, 0.4, rows)).round(3),
            "sort": labels.tolist(),
        }
    )


def write(frame: pl.DataFrame, path: Path) -> Path:
    frame.write_csv(path)
    return path
