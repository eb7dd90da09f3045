"""Fit relapse of stable remitters and responders (SUSTAIN-1); a part of ``calibration/mood.py``.

Hazards that do not change with time. The two shares and the hazard ratio are of the same people, so
that their errors are larger by the root of 1 + (k - 1) r with k of 3 and r of 0.7 (assumed): all
three together then say as much as the printed hazard ratio does.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from fitting import Free, Point, fit

from ketascope.evidence.published import published

TOGETHER = 0.7
"""Correlation of numbers of the same people: assumed."""
RELAPSE = {
    "none": "course.sustain_1_remit_pbo.relapse.half_life",
    "none_share": "course.sustain_1_remit_pbo.relapse.proportion",
    "drug_share": "course.sustain_1_remit_esk.relapse.proportion",
    "remitters": "course.sustain_1_remit_hr.relapse.ratio",
    "responders": "course.sustain_1_resp_hr.relapse.ratio",
}
EARLIEST = 97.0
"""Lower end (d) of the 95 % interval of the median without relapse; the upper end is open."""
RELAPSE_FREE = {
    "relapse_half_life": Free(273.0, "log", "day", "time in which half of stable remitters relapse "
                              "after the spray is stopped, the antidepressant kept"),
    "hazard_ratio_remitters": Free(0.49, "log", "1", "hazard of relapse of stable remitters who go "
                                   "on, over that of those who stop"),
    "hazard_ratio_responders": Free(0.3, "log", "1", "the same of stable responders without "
                                    "remission"),
    "follow_up": Free(230.0, "log", "day", "time without censoring that gives the printed shares"),
}  # fmt: skip


def together(count: int) -> float:
    """Return the factor on errors of so many numbers of the same people, which go together."""
    return float(np.sqrt(1 + (count - 1) * TOGETHER))


def relapse() -> dict[str, Any]:
    """Return the fit of relapse: hazards that do not change with time."""
    known = {v.id: v for v in published() if v.id in RELAPSE.values()}
    points = []
    for name, one in RELAPSE.items():
        v = known[one]
        if v.interval is not None:
            error = np.log(v.interval[1] / v.interval[0]) / 3.92
        elif name == "none":
            error = np.log(v.value / EARLIEST) / 1.96
        else:
            error = float(np.sqrt(v.value * (1 - v.value) / (v.conditions.n or 1)))
        if name in ("none_share", "drug_share", "remitters"):
            # the hazard ratio is of the people whose shares are counted
            error *= together(3)
        scale = "identity" if name.endswith("share") else "log"
        points.append(Point(one, v.value, float(error), v.unit, scale))

    def said(p: dict[str, float]) -> dict[str, float]:
        gone = np.log(2) / p["relapse_half_life"] * p["follow_up"]
        return {
            RELAPSE["none"]: p["relapse_half_life"],
            RELAPSE["none_share"]: float(1 - np.exp(-gone)),
            RELAPSE["drug_share"]: float(1 - np.exp(-gone * p["hazard_ratio_remitters"])),
            RELAPSE["remitters"]: p["hazard_ratio_remitters"],
            RELAPSE["responders"]: p["hazard_ratio_responders"],
        }

    return fit(RELAPSE_FREE, points, said) | {"points": points}
