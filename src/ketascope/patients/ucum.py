"""Units as records write them (UCUM, and the words in use), turned into those of the concepts."""

from __future__ import annotations

from typing import Any

# unit of the concept: how others become it. Factors are exact but for the two that are explained.
_POUND, _STONE, _INCH = 0.45359237, 6.35029318, 2.54
_MMHG_PER_KPA = 1 / 0.133322387415  # conventional millimetre of mercury
_BILIRUBIN = 584.66 / 10_000  # mg/dL per umol/L; molar mass of bilirubin C33H36N4O6, g/mol
_FACTORS: dict[str, dict[str, float]] = {
    "mmHg": {"mm[Hg]": 1, "mmHg": 1, "mm Hg": 1, "kPa": _MMHG_PER_KPA},
    "1/min": {
        "/min": 1, "1/min": 1, "min-1": 1, "{beats}/min": 1, "{Beats}/min": 1,
        "{breaths}/min": 1, "{resp}/min": 1, "bpm": 1, "beats/min": 1, "beats/minute": 1,
        "breaths/min": 1, "breaths/minute": 1,
    },
    "%": {"%": 1, "percent": 1},
    "kg": {
        "kg": 1, "g": 0.001, "[lb_av]": _POUND, "lb": _POUND, "lbs": _POUND, "lb_av": _POUND,
        "[stone_av]": _STONE, "[oz_av]": _POUND / 16,
    },
    "cm": {
        "cm": 1, "m": 100, "mm": 0.1, "[in_i]": _INCH, "[in_us]": 100 / 39.37, "in": _INCH,
        "inches": _INCH, "[ft_i]": 12 * _INCH, "ft": 12 * _INCH,
    },
    "kg/m2": {"kg/m2": 1, "kg/m²": 1, "kg/m^2": 1},
    "U/L": {"U/L": 1, "[IU]/L": 1, "[iU]/L": 1, "IU/L": 1, "u/L": 1, "ukat/L": 60},
    "mg/dL": {"mg/dL": 1, "mg/dl": 1, "umol/L": _BILIRUBIN, "µmol/L": _BILIRUBIN},
    "mL/min/1.73m2": {
        "mL/min/{1.73_m2}": 1, "mL/min/1.73m2": 1, "mL/min/{1.73m2}": 1, "mL/min/1.73.m2": 1,
        "mL/min/1.73 m2": 1, "mL/min/1.73m²": 1, "mL/min/[1.73_m2]": 1,
    },
    "mIU/L": {
        "mIU/L": 1, "m[IU]/L": 1, "m[iU]/L": 1, "u[IU]/mL": 1, "u[iU]/mL": 1, "uIU/mL": 1,
        "µIU/mL": 1, "mU/L": 1,
    },
    "": {"": 1, "1": 1, "{score}": 1, "(score)": 1, "score": 1, "{points}": 1, "points": 1},
}  # fmt: skip


def convert(value: float, unit: str, written: str) -> float | str:
    """Return a value in the unit of a concept, or the reason why that cannot be done."""
    written = written.strip()
    if unit == "Cel":
        return _celsius(value, written)
    factors = _FACTORS[unit]
    if written in factors:
        return value * factors[written]
    if not written:
        return f"has no unit, and {unit} cannot be presumed"
    return f"has the unit '{written[:40]}', which is not one of {unit or 'a score'}"


def _celsius(value: float, written: str) -> float | str:
    if written in ("Cel", "°C", "C", "degC"):
        return value
    if written in ("[degF]", "°F", "F", "degF"):
        return (value - 32.0) / 1.8
    if written == "K":
        return value - 273.15
    if not written:
        return "has no unit, and degrees Celsius cannot be presumed"
    return f"has the unit '{written[:40]}', which is not one of temperature"


def written_unit(quantity: dict[str, Any]) -> str:
    """Return the unit of a Quantity: its code, or where there is none its words."""
    for key in ("code", "unit"):
        found = quantity.get(key)
        if isinstance(found, str) and found.strip():
            return found.strip()
    return ""
