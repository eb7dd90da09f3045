"""Compute height and body mass index of Asian adults from public-use survey files.

Run from the root of the repository with the folder that holds ``DEMO_I.XPT`` and ``BMX_I.XPT``
(NHANES 2015-2016, public domain, from the National Center for Health Statistics):
``python calibration/nhanes_asian.py FOLDER``. It writes ``calibration/results/nhanes_asian.yaml``;
the values are kept in the ``computed`` part of ``src/ketascope/patients/distributions.yaml``
(a test compares the two).

People: 20 years and older, not pregnant, height and weight measured. Weighted by the examination
weight WTMEC2YR. Body mass index is summarised on the log scale. The row of all adults is there to
compare with Fryar 2018 (29.1 and 29.6 kg/m2).
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

RESULT = Path(__file__).parent / "results" / "nhanes_asian.yaml"
ASIAN = 6  # code of non-Hispanic Asian in RIDRETH3
SEXES = {"male": 1, "female": 2}


def summary(people: pd.DataFrame) -> dict[str, Any]:
    """Weighted mean and SD of height (cm) and of log body mass index, and their correlation."""
    weights = people["WTMEC2YR"].to_numpy()
    height = people["BMXHT"].to_numpy()
    log_bmi = np.log(people["BMXBMI"].to_numpy())
    both = np.cov(height, log_bmi, aweights=weights, ddof=0)
    return {
        "n": len(people),
        "height_mean": round(float(np.average(height, weights=weights)), 2),
        "height_sd": round(float(np.sqrt(both[0, 0])), 2),
        "bmi_mean": round(float(np.average(np.exp(log_bmi), weights=weights)), 2),
        "bmi_log_mean": round(float(np.average(log_bmi, weights=weights)), 4),
        "bmi_log_sd": round(float(np.sqrt(both[1, 1])), 4),
        "correlation": round(float(both[0, 1] / np.sqrt(both[0, 0] * both[1, 1])), 3),
    }


def compute(folder: Path) -> dict[str, Any]:
    """Summaries of Asian and of all adults by sex."""
    people, body = (pd.read_sas(folder / f"{name}_I.XPT") for name in ("DEMO", "BMX"))
    both = people.merge(body, on="SEQN", validate="one_to_one")
    adults = both[
        (both["RIDAGEYR"] >= 20)
        & (both["RIDEXPRG"] != 1)
        & both["BMXHT"].notna()
        & both["BMXBMI"].notna()
    ]
    asian = adults[adults["RIDRETH3"] == ASIAN]
    return {
        name: {sex: summary(group[group["RIAGENDR"] == code]) for sex, code in SEXES.items()}
        for name, group in (("asian", asian), ("all", adults))
    }


def main(folder: str) -> None:
    """Write the result file and print it."""
    text = yaml.safe_dump(compute(Path(folder)), sort_keys=False, default_flow_style=None)
    header = "# Written by calibration/nhanes_asian.py from DEMO_I and BMX_I of NHANES 2015-2016.\n"
    RESULT.write_text(header + text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main(sys.argv[1])
