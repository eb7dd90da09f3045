"""The rules between the cells of a record.

They are those that NONMEM's PREDPP holds data to; stricter are that SS is at most 2, that a
constant infusion has SS 1, and that no compartment is turned off.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

Cells = Mapping[str, "NDArray[np.float64]"]

WHOLE = ("EVID", "CMT", "ADDL", "SS", "MDV", "OCC")
DATES = ("DATE", "DAT1", "DAT2", "DAT3")
MANY = 1_000_000  # more doses than a century of hourly ones
LONGEST = 1e8  # hours, more than ten thousand years; no solver need follow longer
EXACT = 2.0**53  # whole numbers up to here are exact


class Rule(NamedTuple):
    """What must not be; the message may name cells of the record, as in ``{AMT}``."""

    column: str
    broken: Callable[[Cells], NDArray[np.bool_]]
    message: str
    hint: str


def _doses(c: Cells) -> NDArray[np.bool_]:
    return np.isin(c["EVID"], (1, 4))


def _constant(c: Cells) -> NDArray[np.bool_]:
    """Doses that say no amount but ask for a steady state, as a constant infusion does."""
    return np.asarray(_doses(c) & (c["AMT"] == 0) & (c["SS"] == 1))


def _no_dose(column: str) -> Rule:
    return Rule(
        column,
        lambda c: ~_doses(c) & (c[column] != 0),
        f"the record gives no dose (EVID {{EVID}}) but its {column} is {{{column}}}",
        f"set {column} to 0, or EVID to 1",
    )


def _at_most(most: float, names: tuple[str, ...], unit: str = "") -> list[Rule]:
    """Rules for columns with a greatest value."""
    return [
        Rule(
            name,
            lambda c, name=name: c[name] > most,  # type: ignore[misc]
            f"the {name} is {{{name}}}{unit}",
            f"give at most {most:.0f}{unit}",
        )
        for name in names
    ]


RULES = (
    Rule(
        "ID",
        lambda c: np.isnan(c["ID"]),
        "the ID is missing",
        "give each record the number of its subject",
    ),
    Rule(
        "ID",
        lambda c: np.abs(c["ID"]) > EXACT,
        "the ID is too long to be told from its neighbours",
        "number the subjects 1, 2, 3 and so on",
    ),
    Rule(
        "TIME",
        lambda c: np.isnan(c["TIME"]),
        "the TIME is missing",
        "give each record its time in hours",
    ),
    Rule(
        "TIME",
        lambda c: c["TIME"] < 0,
        "the TIME is {TIME}, before time zero",
        "let the hours begin with the first record",
    ),
    *_at_most(LONGEST, ("TIME", "II"), " h"),
    *(
        Rule(
            name,
            lambda c, name=name: c[name] != np.round(c[name]),  # type: ignore[misc]
            f"the {name} is {{{name}}}",
            "give a whole number",
        )
        for name in WHOLE
    ),
    *(
        Rule(
            name,
            lambda c, name=name: c[name] < 0,  # type: ignore[misc]
            f"the {name} is {{{name}}}",
            hint,
        )
        for name, hint in (
            ("AMT", "give the amount of the dose, which is not negative"),
            ("II", "give the hours between two doses, which are not negative"),
            ("ADDL", "give the number of additional doses, which is not negative"),
            ("CMT", "give the number of a compartment; turning compartments off is not supported"),
        )
    ),
    *_at_most(MANY, ("ADDL", "CMT")),
    Rule(
        "EVID",
        lambda c: ~np.isin(c["EVID"], (0, 1, 2, 3, 4)),
        "the EVID is {EVID}",
        "use 0 for an observation, 1 for a dose, 2 for another event, 3 for a reset, or 4 for a "
        "reset and a dose",
    ),
    Rule(
        "RATE",
        lambda c: (c["RATE"] < 0) & (c["RATE"] != -1) & (c["RATE"] != -2),
        "the RATE is {RATE}",
        "give the amount per hour, 0 for a bolus, -1 where the model has the rate, or -2 where it "
        "has the duration",
    ),
    Rule(
        "SS",
        lambda c: ~np.isin(c["SS"], (0, 1, 2)),
        "the SS is {SS}",
        "use 0 for no steady state, 1 for a steady state, or 2 for one that is added to what is "
        "there",
    ),
    Rule("MDV", lambda c: ~np.isin(c["MDV"], (0, 1)), "the MDV is {MDV}", "use 0 or 1"),
    Rule(
        "MDV",
        lambda c: (c["EVID"] != 0) & (c["MDV"] == 0),
        "the MDV is 0 but the record is no observation (EVID {EVID})",
        "set MDV to 1",
    ),
    Rule("OCC", lambda c: np.abs(c["OCC"]) > EXACT, "the OCC is {OCC}", "use 1, 2, 3 and so on"),
    *(_no_dose(name) for name in ("AMT", "RATE", "SS", "II", "ADDL")),
    Rule(
        "AMT",
        lambda c: _doses(c) & (c["AMT"] == 0) & (c["SS"] != 1),
        "the dose has an AMT of 0",
        "give the amount, or use EVID 2 (3 for a reset) where nothing is given",
    ),
    Rule(
        "AMT",
        lambda c: _constant(c) & ((c["RATE"] == 0) | (c["RATE"] == -2)),
        "the steady state has an AMT of 0 and a RATE of {RATE}",
        "give the amount, or the RATE (-1 where the model has it) of a constant infusion",
    ),
    Rule(
        "II",
        lambda c: _constant(c) & (c["II"] > 0),
        "a constant infusion (AMT 0, SS 1) has no interval but its II is {II}",
        "set II to 0, or give AMT",
    ),
    Rule(
        "II",
        lambda c: (c["SS"] > 0) & (c["AMT"] > 0) & (c["II"] == 0),
        "the steady state (SS {SS}) has an II of 0",
        "give the hours between two doses",
    ),
    Rule(
        "II",
        lambda c: (c["ADDL"] > 0) & (c["II"] == 0),
        "the additional doses (ADDL {ADDL}) have an II of 0",
        "give the hours between two doses",
    ),
    Rule(
        "II",
        lambda c: _doses(c) & (c["II"] > 0) & (c["ADDL"] == 0) & (c["SS"] == 0),
        "the II is {II} but ADDL and SS are 0",
        "give ADDL or SS, or set II to 0",
    ),
)
