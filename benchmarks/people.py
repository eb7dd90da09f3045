"""The people of all cases and the equations of linear24h, the same for every program."""

from __future__ import annotations

import csv
import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float64]

PEOPLE = 10_000
DOSE, HOURS = 35.0, 40 / 60
"""mg, and hours over which they are infused."""
TIMES = np.arange(289) / 12.0
STATES = ("CENT", "P2", "P3", "NK", "HNK", "CE")
CONSTANTS = {
    "Q2": 180.0, "V2": 60.0, "Q3": 70.0, "V3": 150.0, "FM": 0.8, "CLN": 60.0, "VN": 60.0,
    "CLH": 30.0, "VH": 50.0, "KE0": 6.0,
}  # fmt: skip
MEDIANS = {"CL": 80.0, "V1": 15.0}
CV, SEED = 0.30, 20
RATES = {
    "CENT": "RATE - (CL + Q2 + Q3) / V1 * CENT + Q2 / V2 * P2 + Q3 / V3 * P3",
    "P2": "Q2 / V1 * CENT - Q2 / V2 * P2",
    "P3": "Q3 / V1 * CENT - Q3 / V3 * P3",
    "NK": "FM * CL / V1 * CENT - CLN / VN * NK",
    "HNK": "CLN / VN * NK - CLH / VH * HNK",
    "CE": "KE0 * (1000 * CENT / V1 - CE)",
}
"""Right-hand sides: mg per h, and ug/L per h for CE."""


def people(count: int) -> tuple[Values, Values, str]:
    """Return CL (L/h), V1 (L) and where they come from.

    The file population.csv in the folder that KETASCOPE_BENCH_DATA names, if it is set; otherwise
    log-normal numbers with a coefficient of variation of 30 % from a fixed seed.
    """
    folder = os.environ.get("KETASCOPE_BENCH_DATA")
    if folder:
        with Path(folder, "population.csv").open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        if count > len(rows):
            raise ValueError(f"population.csv has {len(rows)} people, not {count}")
        columns = np.array([[float(row["CL"]), float(row["V1"])] for row in rows[:count]])
        return columns[:, 0].copy(), columns[:, 1].copy(), "population.csv"
    return drawn(count)


def drawn(count: int) -> tuple[Values, Values, str]:
    """The same from the fixed seed alone, for any number of people."""
    sigma = np.sqrt(np.log1p(CV**2))
    draws = np.random.default_rng(SEED).standard_normal((2, max(count, PEOPLE)))[:, :count]
    clearance, volume = (
        median * np.exp(sigma * z) for median, z in zip(MEDIANS.values(), draws, strict=True)
    )
    return clearance, volume, f"log-normal, CV 30 %, seed {SEED}"
