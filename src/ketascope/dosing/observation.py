"""The least hours that a course keeps a person on site, where a source says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ketascope.dosing.devices import device_for


def observed_hours(
    sessions: Sequence[Mapping[str, Any]], doses: Sequence[Mapping[str, Any]]
) -> tuple[float | None, str]:
    """Return the least hours on site over all sessions, from the first spray to the label's time.

    Parameters
    ----------
    sessions : sequence of mapping
        ``index``, ``time`` and ``end`` (h), as a simulation has them.
    doses : sequence of mapping
        ``session``, ``drug``, ``route``, ``form``.

    Returns
    -------
    (float or None, str)
        Hours, or None with the reason where no source sets an observation time.
    """
    total = 0.0
    for session in sessions:
        mine = [dose for dose in doses if dose["session"] == session["index"]]
        devices = [device_for(d["drug"], d["route"], d["form"]) for d in mine]
        waits = [device.observe_h for device in devices if device is not None]
        if len(waits) < len(mine) or not waits:
            way = next(d for d, device in zip(mine, devices, strict=True) if device is None)
            how = f"{way['form']} " if way["form"] else ""
            return None, (
                f"No label sets an observation time for {way['drug']} {how}{way['route']}: the "
                "site sets it."
            )
        total += float(session["end"]) - float(session["time"]) + max(waits)
    return total, ""
