"""The schedule of a simulated result, from the doses that its attributes hold."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ketascope.dosing.schedule import Administration, Schedule, Session
from ketascope.dosing.values import Amount


def schedule_given(attrs: Mapping[str, Any]) -> Schedule:
    """Return the schedule behind a result; the devices of one session count as one dose.

    Parameters
    ----------
    attrs : mapping
        Of the result: ``doses`` and ``sessions``, as JSON.
    """
    sessions = tuple(
        Session(row["index"], row["time"], row["end"], row["day"], row["label"])
        for row in json.loads(str(attrs["sessions"]))
    )
    doses = tuple(
        Administration(
            time=row["time"],
            drug=row["drug"],
            route=row["route"],
            amount=Amount(row["amount"], row["unit"], row["basis"], row["cap_mg"]),
            duration=row["minutes"] / 60,
            session=row["session"],
            form=row["form"],
        )
        for row in json.loads(str(attrs["doses"]))
    )
    return Schedule(doses, sessions, sessions[-1].time + 24.0)
