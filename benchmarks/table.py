"""The table that `make bench` prints, from the records that it keeps."""

from __future__ import annotations

from typing import Any

_TASKS = {"path": "single path", "cv": "10-fold cross-validation", "loo": "leave-one-out, all strengths"}


def workload_lines(record: dict[str, Any]) -> list[str]:
    """All contestants at one workload, fastest accurate one first."""
    n, p = record["shape"]
    lines = [f"{record['workload']}: {n:,} x {p:,}, {record['bytes'] / 1e6:,.0f} MB"]
    for task, words in _TASKS.items():
        rows = [row for row in record["standings"] if row["task"] == task]
        if not rows:
            continue
        lines.append(f"  {words}")
        rows.sort(key=lambda row: (row["seconds"] is None, not row["accurate"], row["seconds"] or 0.0))
        for row in rows:
            lines.append("    " + _row(row, record["bytes"]))
    return lines


def _row(row: dict[str, Any], size: int) -> str:
    if row["seconds"] is None:
        return f"{row['library']:<14} {'-':>10}   {row['why']}"
    accuracy = "" if row["excess"] is None else f"excess {row['excess']:>8.0e}  gap {row['gap']:>8.0e}"
    memory = "" if row["peak_bytes"] is None else f"memory {row['peak_bytes'] / size:5.2f} x data"
    tail = f"  {row['why']}" if row["why"] else ""
    return f"{row['library']:<14} {row['seconds']:>8.3f} s   {accuracy}  tol {row['tolerance']:<6.0e} {memory}{tail}"


def summary_lines(records: list[dict[str, Any]]) -> list[str]:
    """One line a workload and task: rightfit beside the fastest peer that is as accurate, and, for ten folds, how many
    of the best peer's single paths they cost."""
    lines = [f"{'workload':<17} {'task':<5} {'rightfit':>10} {'best peer':>10}  {'':<14} {'times':>6}   folds"]
    for record in records:
        paths = [row for row in record["standings"] if row["task"] == "path" and row["accurate"] and row["seconds"]]
        fastest = min((row["seconds"] for row in paths if row["library"] != "rightfit"), default=None)
        for task in _TASKS:
            rows = [row for row in record["standings"] if row["task"] == task]
            ours = next((row for row in rows if row["library"] == "rightfit" and row["seconds"]), None)
            peers = [
                r for r in rows if r["library"] != "rightfit" and r["seconds"] and (r["accurate"] or task == "loo")
            ]
            best = min(peers, key=lambda row: float(row["seconds"]), default=None)
            if ours is None and best is None:
                continue
            words = [f"{record['workload']:<17} {task:<5}"]
            words.append(f"{ours['seconds']:>8.3f} s" if ours else f"{'-':>10}")
            words.append(f"{best['seconds']:>8.3f} s  {best['library']:<14}" if best else f"{'-':>10}  {'':<14}")
            words.append(f"{best['seconds'] / ours['seconds']:>6.1f}" if ours and best else f"{'':>6}")
            if task == "cv" and ours and fastest:
                words.append(f"  {ours['seconds'] / fastest:.2f}")
            lines.append(" ".join(words))
    return lines
