"""Days of FHIR: dates of a year, a month, a day, or a moment."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

_DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T.*)?)?)?")

_DAYS_IN = {"a": 365.2425, "years": 365.2425, "mo": 30.44, "months": 30.44, "wk": 7.0, "d": 1.0}


def day(raw: Any, today: date | None = None) -> date | None:
    """Return the day that a FHIR date or dateTime names; None if it names none.

    Of a year or a month alone it is the last day, or ``today`` where that comes first: so a recent
    event is not taken for an old one.
    """
    if not isinstance(raw, str):
        return None
    match = _DATE.fullmatch(raw.strip())
    if match is None:
        return None
    year, month, number = (int(part) if part else None for part in match.groups())
    try:
        if year is None:
            return None
        if month is not None and number is not None:
            return date(year, month, number)
        if month is None:
            last = date(year, 12, 31)
            start = date(year, 1, 1)
        else:
            start = date(year, month, 1)
            last = (start + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    except (ValueError, OverflowError):
        return None
    return today if today is not None and start <= today < last else last


def end_of(raw: Any, today: date | None = None) -> date | None:
    """Return the last day of a Period."""
    return day(raw.get("end"), today) if isinstance(raw, dict) else None


def start_of(raw: Any, today: date | None = None) -> date | None:
    """Return the first day of a Period."""
    return day(raw.get("start"), today) if isinstance(raw, dict) else None


def at_age(raw: Any, born: date | None) -> date | None:
    """Return the day at which an Age was reached; None where it cannot be told."""
    if born is None or not isinstance(raw, dict):
        return None
    value, unit = raw.get("value"), raw.get("code") or raw.get("unit")
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    length = _DAYS_IN.get(unit) if isinstance(unit, str) else None
    if length is None:
        return None
    try:
        return born + timedelta(days=float(value) * length)
    except (OverflowError, ValueError):
        return None
