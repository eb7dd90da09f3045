"""What a patient's own simulation gives, in sentences that stand beside the rules of a plan."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from ketascope.effects.acute import driving_from, extrapolated, known_effects
from ketascope.effects.acute_tables import effect_table
from ketascope.report.acute import headline

if TYPE_CHECKING:
    import numpy as np
    import xarray as xr
    from numpy.typing import NDArray

HOURS: Final = 24.0
"""Hours of the first session, if the next one does not begin sooner."""
SHOWN: Final = ("cadss", "sedation", "systolic_change", "diastolic_change")


def first_session_times(regimen: str) -> NDArray[np.float64]:
    """Return fine times of the first session, h: a plan of ten years needs no more."""
    import numpy as np

    from ketascope.dosing import load_regimen, schedule
    from ketascope.engine.grid import after_dose

    laid = schedule(load_regimen(regimen))
    until = min([HOURS, *(session.time for session in laid.sessions[1:])])
    ends = [dose.end for dose in laid.of_session(0) if dose.end < until]
    return np.unique(np.round(np.concatenate([after_dose(until), ends]), 12))


def predicted_for(
    result: xr.Dataset, settings: Mapping[str, float] | None = None
) -> dict[str, Any]:
    """Return what the simulation gives of the first session.

    Parameters
    ----------
    result : xarray.Dataset
        People who share what is known of the patient.
    settings : mapping, optional
        As for :func:`ketascope.acute_effects`.

    Returns
    -------
    dict
        ``who``, ``lines``, ``not_predicted``, ``table`` (as :func:`ketascope.effect_table`).
    """
    sessions = json.loads(str(result.attrs["sessions"]))
    result = result.assign_attrs(sessions=json.dumps(sessions[:1]))
    count = result.sizes["subject"]
    fixed = json.loads(str(result.attrs["fixed"]))
    who = f"{count:,} virtual people who share the patient's {', '.join(fixed)}." if fixed else (
        f"{count:,} virtual adults: nothing of the patient's size and age is known."
    )  # fmt: skip
    driving, known = driving_from(result, settings=settings), known_effects()
    reasons = {name: known[name].why_not(driving) for name in SHOWN if name in known}
    names = [name for name, why in reasons.items() if why is None]
    table = effect_table(result, names=names, settings=settings) if names else []
    return {
        "who": who,
        "lines": [*(headline(row) for row in table), *extrapolated(result, settings)],
        "not_predicted": [
            f"{known[name].display}: {why}" for name, why in reasons.items() if why is not None
        ],
        "table": table,
    }
