"""Data sets of events against a slow simulator that shares nothing with the engine."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from engine import events
from hypothesis import given, settings
from hypothesis import strategies as st

import ketascope as ks
from ketascope.models.user import OUT, Concentration, Entry, UserModel, parameter


class Reversible(UserModel):
    """Two compartments and a depot; clearance by a covariate, entries by columns."""

    name = "reversible"
    parameters = (
        parameter("CL", 5, "L/h", "clearance"),
        parameter("V", 20, "L", "volume"),
        parameter("Q", 8, "L/h", "exchange"),
        parameter("V2", 40, "L", "volume of the periphery"),
        parameter("KA", 0.8, "1/h", "absorption"),
    )
    compartments = {"depot": "mg", "central": "mg", "periphery": "mg"}  # noqa: RUF012
    covariates = ("WT", "F", "LAG", "D", "R")

    def individual(self, p, who):
        return p.replace(CL=p.CL * who.WT / 70.0)

    def flows(self, p):
        return {
            ("depot", "central"): p.KA,
            ("central", OUT): p.CL / p.V,
            ("central", "periphery"): p.Q / p.V,
            ("periphery", "central"): p.Q / p.V2,
        }

    def entries(self, p, who):
        every = Entry(bioavailability=who.F, lag=who.LAG, duration=who.D, rate=who.R)
        return {"depot": every, "central": every}

    def outputs(self, p):
        return {
            "A1": Concentration("depot", 1000.0),
            "A2": Concentration("central", 1000.0),
            "A3": Concentration("periphery", 1000.0),
        }


MODEL = Reversible()
COLUMNS = {
    "evid": 0, "amt": 0.0, "cmt": 1, "rate": 0.0, "addl": 0, "ii": 0.0, "ss": 0,
    "WT": 70.0, "F": 1.0, "LAG": 0.0, "D": 1.0, "R": 10.0,
}  # fmt: skip


def matrix_of(record):
    out, away, back = 5.0 * record["WT"] / 70.0 / 20.0, 8.0 / 20.0, 8.0 / 40.0
    return np.array([[-0.8, 0, 0], [0.8, -out - away, back], [0, away, -back]])


def entry(record):
    return record["F"], record["LAG"], record["D"], record["R"]


def table(*people):
    """Records of some people, each a list of dicts; what is not said is 0 or as usual."""
    rows = [
        {"ID": i, **COLUMNS, **record} for i, person in enumerate(people, 1) for record in person
    ]
    return pd.DataFrame(rows).rename(columns={"time": "TIME"})


def seen(times):
    return [{"time": float(t)} for t in times]


def check(*people, covariates="backward"):
    people = [[{**COLUMNS, **record} for record in person] for person in people]
    found = ks.simulate_data(MODEL, table(*people), covariates=covariates)
    forward = covariates == "forward"
    wanted = np.concatenate(
        [events.simulate(matrix_of, p, 3, forward=forward, entry=entry) for p in people]
    )
    scale = np.abs(wanted).max()
    np.testing.assert_allclose(
        found[["A1", "A2", "A3"]].to_numpy(), wanted, rtol=1e-9, atol=1e-11 * scale
    )
    return found


def dosed(time=0.0, **record):
    return {"time": time, "evid": 1, "amt": 100.0, "cmt": 2, **record}


AFTER = seen(np.linspace(0.0, 40.0, 41))
SCENARIOS = {
    "bolus": [dosed(), *AFTER],
    "lag beyond the interval": [dosed(ss=1, ii=6.0, LAG=20.0), *AFTER],
    "lag of exactly two intervals": [dosed(ss=1, ii=6.0, LAG=12.0), *AFTER],
    "lag of three intervals that roundings blur": [dosed(ss=1, ii=0.1, LAG=0.3), *AFTER],
    "steady infusion of 2.5 intervals": [dosed(ss=1, ii=8.0, rate=5.0), *AFTER],
    "steady infusion of exactly 2 intervals": [dosed(ss=1, ii=10.0, rate=5.0), *AFTER],
    "steady infusion of 3 blurred intervals": [dosed(ss=1, ii=0.1, rate=-2, D=0.3), *AFTER],
    "as long as the interval after bioavailability": [
        dosed(ss=1, ii=10.0, rate=5.0, F=0.5), *AFTER
    ],
    "overlapping, lagged, additional": [
        dosed(ss=1, ii=8.0, rate=5.0, LAG=3.0, addl=2), *AFTER
    ],
    "overlapping, lagged beyond the interval": [
        dosed(ss=1, ii=8.0, rate=5.0, LAG=19.0, addl=2), *AFTER
    ],
    "modelled duration": [dosed(rate=-2, D=3.0, F=0.7, LAG=1.5), *AFTER],
    "modelled rate": [dosed(rate=-1, R=25.0, F=0.7, LAG=1.5), *AFTER],
    "constant infusion": [dosed(amt=0.0, ss=1, rate=7.0), *AFTER],
    "constant infusion of the model's rate": [dosed(amt=0.0, ss=1, rate=-1, R=7.0), *AFTER],
    "reset while infusions run": [
        dosed(rate=2.0, addl=3, ii=12.0), *seen([5, 20]), {"time": 20.5, "evid": 3}, *seen([21, 60])
    ],
    "reset while a lagged dose waits": [
        dosed(LAG=5.0), *seen([4]), {"time": 4.5, "evid": 3}, *seen([6, 9])
    ],
    "reset of steady infusions": [
        dosed(rate=5.0, ss=1, ii=8.0), *seen([4]), {"time": 4.5, "evid": 3}, *seen([6, 9])
    ],
    "reset and dose while infusions run": [
        dosed(rate=2.0, addl=3, ii=12.0), *seen([20]), dosed(21.0, evid=4, cmt=1), *seen([22, 60])
    ],
    "reset and steady state": [
        dosed(rate=2.0), *seen([20]), dosed(21.0, evid=4, ss=1, ii=5.0), *seen([21, 22, 60])
    ],
    "steady state replaces what waits": [
        dosed(LAG=30.0), dosed(10.0, addl=4, ii=8.0), dosed(20.0, ss=1, ii=9.0), *seen([21, 60])
    ],
    "steady state on top of running infusions": [
        dosed(rate=3.0, addl=2, ii=9.0), *seen([5]),
        dosed(10.0, ss=2, ii=7.0, rate=5.0, LAG=2.0), *seen([10, 12, 30, 60]),
    ],
    "three steady states": [
        dosed(ss=1, ii=24.0), dosed(8.0, ss=2, ii=24.0, cmt=1), dosed(16.0, ss=2, ii=24.0), *AFTER
    ][:3] + seen([17, 24, 48]),
    "additional doses after a lagged steady state": [
        dosed(ss=1, ii=8.0, addl=3, LAG=2.5, cmt=1), *AFTER
    ],
    "dose, then observation": [dosed(5.0), *seen([5, 6])],
    "observation, then dose": [*seen([5]), dosed(5.0), *seen([6])],
    "an additional dose due at a record": [dosed(addl=3, ii=6.0), *AFTER],
    "an additional dose due at a blurred time": [
        dosed(addl=3, ii=0.1), *seen([0.1, 0.2, 0.3, 0.30000000000000004, 0.4])
    ],
    "an additional dose due at a reset": [
        dosed(addl=3, ii=6.0), *seen([6]), {"time": 6.0, "evid": 3}, *seen([6, 7, 13])
    ],
    "a dose before a reset at the same time": [
        dosed(5.0), *seen([5]), dosed(5.0, evid=4, amt=7.0), *seen([5, 6])
    ],
    "a clock that starts anew": [
        dosed(rate=2.0, addl=2, ii=30.0), *seen([20]), dosed(0.0, evid=4), *seen([1, 20])
    ],
    "another event": [dosed(), {"time": 3.0, "evid": 2}, *seen([4])],
    "covariates change during an infusion": [
        dosed(rate=5.0), {"time": 7.0, "WT": 140.0}, {"time": 30.0, "WT": 35.0}
    ],
    "covariates change in an interval of a steady state": [
        dosed(ss=1, ii=12.0, rate=5.0, addl=5), {"time": 7.0, "WT": 140.0},
        {"time": 30.0, "WT": 35.0}, dosed(31.0, ss=2, ii=12.0, WT=50.0), {"time": 40.0},
    ],
    "entries of a dose's own record": [
        dosed(F=0.5, LAG=1.0, addl=2, ii=10.0), {"time": 5.0, "F": 0.9, "LAG": 3.0}, *AFTER[8:]
    ],
    "an infusion too short to be told from a bolus": [dosed(10.0, rate=1e17), *seen([11])],
}  # fmt: skip


@pytest.mark.parametrize("covariates", ["backward", "forward"])
def test_scenarios(covariates):
    """All together in one batch: nobody disturbs anybody."""
    check(*SCENARIOS.values(), covariates=covariates)


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_scenario_alone_is_the_same_to_the_bit(name):
    alone = check(SCENARIOS[name])
    both = ks.simulate_data(MODEL, table(SCENARIOS["bolus"], SCENARIOS[name]))
    assert both[both["ID"] == 2]["A2"].tolist() == alone["A2"].tolist()


def times():
    """Times and intervals that often coincide, and sometimes only but for roundings."""
    return st.sampled_from([0.0, 0.1, 0.2, 0.30000000000000004, 0.3, 1.0, 2.5, 5.0, 7.3, 12.0])


@st.composite
def people(draw):
    """Somebody's records: doses of every kind, resets, observations, changing weight."""
    clock, person = 0.0, []
    for _ in range(draw(st.integers(2, 8))):
        clock += draw(times())
        kind = draw(st.sampled_from(["see", "dose", "dose", "dose", "reset", "event"]))
        record = {
            "time": clock,
            "WT": draw(st.sampled_from([70.0, 70.0, 100.0])),
            "evid": {"see": 0, "reset": 3, "event": 2}.get(kind, 1),
        }
        if kind == "dose":
            record |= draw(doses())
        person.append(record)
    return person + seen(clock + np.array([0.0, 0.3, 5.0, 50.0]))


@st.composite
def doses(draw):
    record = {
        "evid": draw(st.sampled_from([1, 1, 1, 4])),
        "amt": draw(st.sampled_from([1.0, 10.0])),
        "cmt": draw(st.sampled_from([1, 2])),
        "rate": draw(st.sampled_from([0.0, 0.0, 0.5, 2.0, -1, -2])),
        "ss": draw(st.sampled_from([0, 0, 1, 2])),
        "F": draw(st.sampled_from([1.0, 0.5])),
        "LAG": draw(st.sampled_from([0.0, 0.0, 0.3, 5.0, 11.0])),
        "D": draw(st.sampled_from([0.1, 0.3, 5.0, 12.5])),
        "R": draw(st.sampled_from([1.0, 30.0])),
    }
    if record["ss"] or draw(st.booleans()):
        record["ii"] = draw(st.sampled_from([0.1, 1.0, 5.0, 12.0]))
        record["addl"] = draw(st.integers(0 if record["ss"] else 1, 4))
    return record


@settings(max_examples=60)
@given(st.lists(people(), min_size=1, max_size=4), st.sampled_from(["backward", "forward"]))
def test_random_tables(persons, covariates):
    check(*persons, covariates=covariates)
