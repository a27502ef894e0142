"""Makes the fixtures of survival times anew: `python -m tests.golden.make_survival`. Needs R with survival, glmnet and
jsonlite. The values are R's own; what they are worth is tested in test_survival.py, whose objective needs no R."""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path

import numpy as np

from tests.golden.make_glmnet import plain, write

HERE = Path(__file__).resolve().parent


def main() -> None:
    target = HERE / "survival"
    target.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["Rscript", str(HERE / "survival.R"), folder], check=True)
        for old in target.glob("*.json"):
            old.unlink()
        for file in sorted(Path(folder).glob("*.json")):
            raw = json.loads(file.read_text())
            fixture = {k: plain(np.asarray(v, float)) if isinstance(v, list) else v for k, v in raw.items()}
            write(fixture, target / file.name)


if __name__ == "__main__":
    main()
