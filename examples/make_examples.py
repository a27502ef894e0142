"""Writes breast_cancer.csv from the copy that scikit-learn ships. Run it from this folder."""

from __future__ import annotations

import csv
from pathlib import Path

from sklearn.datasets import load_breast_cancer


def main() -> None:
    data = load_breast_cancer()
    with (Path(__file__).parent / "breast_cancer.csv").open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([*data.feature_names, "diagnosis"])
        for row, label in zip(data.data, data.target, strict=True):
            writer.writerow([*(f"{value:.6g}" for value in row), data.target_names[label]])


if __name__ == "__main__":
    main()
