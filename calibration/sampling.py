"""What samples of calibrations share: moments of weighted points, rows by weight, the file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from fitting import DATA


def moments(x: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and covariance of points, shape (n, parameters), whose weights add up to 1."""
    middle = weight @ x
    return middle, (x - middle).T @ ((x - middle) * weight[:, None])


def by_weight(weight: np.ndarray, rows: int, part: float) -> np.ndarray:
    """Return which points make a sample of so many rows, at evenly spaced levels of the weights.

    ``part``: from 0 to 1, where in each step the level lies.
    """
    levels = (np.arange(rows) + part) / rows
    return np.minimum(np.searchsorted(np.cumsum(weight), levels), len(weight) - 1)


def write_sample(file: str, names: list[str], rows: np.ndarray) -> Path:
    """Write a sample beside its calibration, a column for each parameter, and return where."""
    path = DATA / file
    lines = [",".join(names), *(",".join(f"{x:.5g}" for x in row) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
