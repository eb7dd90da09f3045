"""What a patient's own simulation gives, in sentences that stand beside the rules of a plan."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from ketascope.effects.acute import driving_from, known_effects
from ketascope.effects.acute_tables import effect_table
from ketascope.report.acute import headline

if TYPE_CHECKING:
    import xarray as xr

SHOWN: Final = ("cadss", "sedation", "systolic_change", "diastolic_change")


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
        "lines": [headline(row) for row in table if row["session"] == 1],
        "not_predicted": [
            f"{known[name].display}: {why}" for name, why in reasons.items() if why is not None
        ],
        "table": table,
    }
