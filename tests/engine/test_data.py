"""Data sets of events against a slow simulator that shares nothing with the engine."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from engine import events
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

import ketascope as ks
from ketascope.models.individuals import Layers, draw
from ketascope.models.user import (
    OUT,
    Concentration,
    Covariates,
    Entry,
    Residual,
    UserModel,
    parameter,
)


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


class TestChangingCovariates:
    """Covariates that change in a straight line, against SciPy's general solver."""

    RECORDS = (
        dosed(rate=20.0, WT=60.0),
        {"time": 4.0, "WT": 60.0},
        {"time": 12.0, "WT": 140.0},
        dosed(12.0, cmt=1, LAG=3.0, WT=140.0),
        {"time": 30.0, "WT": 35.0},
        {"time": 30.0, "WT": 50.0},
        {"time": 48.0, "WT": 50.0},
    )

    def wanted(self):
        """Between 30 h and 30 h the weight jumps; from 48 h on it stays."""
        state, found, clock, weight = np.zeros(3), [], 0.0, 60.0
        for record in self.RECORDS:
            time, last = record["time"], weight
            cuts = sorted({clock, time, *(t for t in (5.0, 15.0) if clock < t < time)})
            for a, b in itertools.pairwise(cuts):
                feed = np.array([0.0, 20.0 if b <= 5.0 else 0.0, 0.0])

                def rate(t, x, feed=feed, clock=clock, time=time, last=last, record=record):
                    w = last + (t - clock) / (time - clock) * (record["WT"] - last)
                    return matrix_of({"WT": w}) @ x + feed

                solved = solve_ivp(rate, (a, b), state, method="DOP853", rtol=1e-12, atol=1e-12)
                state = solved.y[:, -1]
                if b == 15.0:
                    state = state + np.array([100.0, 0.0, 0.0])
            clock, weight = time, record["WT"]
            found.append(state)
        return np.array(found)

    def test_agree_with_a_general_solver(self):
        found = ks.simulate_data(MODEL, table(self.RECORDS), covariates="linear")
        np.testing.assert_allclose(found[["A1", "A2", "A3"]], self.wanted(), rtol=2e-7, atol=1e-9)

    def test_do_not_depend_on_who_else_is_there(self):
        """Others may need more parts of a step, or fewer."""
        alone = ks.simulate_data(MODEL, table(self.RECORDS), covariates="linear")
        wild = [{**r, "WT": 20.0 + 9.0 * (i % 2) * r["time"]} for i, r in enumerate(self.RECORDS)]
        calm = [{**r, "WT": 70.0, "LAG": 3.0} for r in self.RECORDS]
        three = ks.simulate_data(MODEL, table(wild, self.RECORDS, calm), covariates="linear")
        assert three[three["ID"] == 2]["A2"].tolist() == alone["A2"].tolist()
        still = ks.simulate_data(MODEL, table(calm))
        assert three[three["ID"] == 3]["A2"].tolist() == still["A2"].tolist()

    def test_change_nothing_where_they_do_not_change(self):
        people, columns = table(*SCENARIOS.values()), list(MODEL.covariates)
        steady = people.assign(**people.groupby("ID")[columns].transform("first"))
        backward = ks.simulate_data(MODEL, steady)
        linear = ks.simulate_data(MODEL, steady, covariates="linear")
        assert linear["A2"].tolist() == backward["A2"].tolist()

    def test_a_jump_cannot_be_followed(self):
        class Threshold(Reversible):
            def individual(self, p, who):
                return p.replace(CL=p.CL * np.where(who.WT > 75.3, 9.0, 1.0))

        records = table([dosed(WT=70.0), {"time": 9.0, "WT": 80.0}])
        with pytest.raises(ks.InputError, match=r"ID 1 at 9 h.*add records"):
            ks.simulate_data(Threshold(), records, covariates="linear")


class Varying(Reversible):
    """With spread between people, between occasions, and residual error."""

    parameters = (
        parameter("CL", 5, "L/h", "clearance", cv=0.3, occasion_cv=0.2, se=0.5),
        *Reversible.parameters[1:],
        parameter("SD", 0.1, "1", "proportional error"),
    )
    residuals = {"A2": Residual(proportional="SD")}  # noqa: RUF012


class TestSpread:
    PEOPLE = table(*(SCENARIOS["bolus"] for _ in range(3))).assign(
        OCC=lambda d: (d["TIME"] > 20.0).astype(int)
    )

    def test_people_differ_unless_they_are_typical(self):
        drawn = ks.simulate_data(Varying(), self.PEOPLE, seed=3)
        assert drawn.groupby("TIME")["A2"].nunique()[10.0] == 3
        typical = ks.simulate_data(Varying(), self.PEOPLE, seed=3, typical=True)
        assert typical.groupby("TIME")["A2"].nunique()[10.0] == 1
        assert typical["A2"].tolist() == ks.simulate_data(MODEL, self.PEOPLE)["A2"].tolist()

    def test_the_same_seed_the_same_numbers_whatever_the_blocks(self):
        model = Varying()
        first = ks.simulate_data(model, self.PEOPLE, seed=3)
        for how in ({"block": 1}, {"block": 2, "workers": 2}):
            again = ks.simulate_data(model, self.PEOPLE, seed=3, **how)
            assert again["A2"].tolist() == first["A2"].tolist()
        other = ks.simulate_data(model, self.PEOPLE, seed=4)
        assert (other["A2"] != first["A2"]).any()

    def test_a_person_is_drawn_once_and_an_occasion_anew(self):
        """One compartment's worth of rates, seen in how the amounts of two occasions fall."""
        data = self.PEOPLE
        drawn = ks.simulate_data(Varying(), data, seed=3)
        p = draw(
            Varying(), Covariates(*[np.full(6, np.nan)] * 5, more={"WT": np.full(6, 70.0)}),
            np.repeat([0, 1, 2], 2), seed=3, occasions=np.tile([0, 1], 3), layers=Layers(),
        )  # fmt: skip
        clearances = np.asarray(p.CL).reshape(3, 2)
        for i, (first, second) in enumerate(clearances):
            person = data[data["ID"] == i + 1].rename(columns={"TIME": "time"}).to_dict("records")
            wanted = events.simulate(
                lambda r, a=first, b=second: matrix_of({"WT": 14.0 * (b if r["OCC"] else a)}),
                person, 3,
            )  # fmt: skip
            np.testing.assert_allclose(drawn[drawn["ID"] == i + 1]["A2"], wanted[:, 1], rtol=1e-9)

    def test_residual_error_is_beside_the_values(self):
        exact = ks.simulate_data(Varying(), self.PEOPLE, seed=3)
        seen = ks.simulate_data(Varying(), self.PEOPLE, seed=3, residual=True)
        assert list(seen.columns) == ["ID", "TIME", "A1", "A2", "A3", "A2_observed"]
        assert seen["A2"].tolist() == exact["A2"].tolist()
        error = (seen["A2_observed"] / seen["A2"] - 1.0).to_numpy()
        assert np.unique(error).size > 100
        assert np.std(error) == pytest.approx(0.1, rel=0.2)

    def test_replicates_redraw_typical_values(self):
        two = ks.simulate_data(Varying(), self.PEOPLE, seed=3, replicates=2)
        assert list(two.columns[:3]) == ["REPLICATE", "ID", "TIME"]
        assert two["REPLICATE"].tolist() == [1] * len(self.PEOPLE) + [2] * len(self.PEOPLE)
        halves = np.split(two["A2"].to_numpy(), 2)
        assert (halves[0] != halves[1]).any()

    def test_what_was_run_is_said(self):
        attrs = ks.simulate_data(Varying(), self.PEOPLE, seed=3, covariates="forward").attrs
        assert attrs["model"] == "reversible"
        assert attrs["seed"] == 3
        assert attrs["source"] == "data"
        assert attrs["covariates"] == "forward"
        assert attrs["version"] == ks.__version__


def model(**methods):
    return type("Bad", (Reversible,), methods)()


NEVER = {("depot", "central"): 1.0, ("central", "periphery"): 0.3}


@pytest.mark.parametrize(
    ("bad", "records", "words"),
    [
        (MODEL, table([dosed()]).drop(columns="WT"), "no column 'WT'.*F, LAG, D, R"),
        (MODEL, {"ID": [1], "TIME": [0]}, "data: there is no column 'WT'.*add one of that name"),
        (MODEL, table([dosed(WT="heavy")]), "data: the column 'WT', .* holds no number; give"),
        (MODEL, table([dosed(), {"time": 1.0, "WT": np.nan}]), "row 2, column WT: .*missing"),
        (MODEL, table([dosed(), dosed(1.0, LAG=-1.0)]), "row 2: the lag of 'central' is -1"),
        (MODEL, table([dosed(F=-0.1)]), "the bioavailability of 'central' is -0.1"),
        (MODEL, table([dosed(rate=-2, D=0.0)]), "duration .*'central' is 0; .*above 0"),
        (
            model(entries=lambda self, p, who: {}),
            table([dosed(), dosed(1.0, rate=-1)]),
            r"row 2: .*'central' no rate \(RATE -1\)",
        ),
        (
            model(entries=lambda self, p, who: {"blood": Entry()}),
            table([dosed()]),
            "'blood' without declaring it",
        ),
        (
            model(flows=lambda self, p: NEVER),
            table([dosed()], [dosed(), dosed(5.0, ss=1, ii=4.0)]),
            "row 3: there is no steady state for ID 2 at 5 h",
        ),
        (
            model(flows=lambda self, p: {("central", OUT): np.where(p.CL > 9, -1.0, 1.0)}),
            table([dosed()], [dosed(), {"time": 1.0, "WT": 140.0}]),
            "row 3: the rate out of 'central' is -1 for ID 2",
        ),
        (
            model(outputs=lambda self, p: {"C": Concentration("central", p.CL * np.nan)}),
            table([dosed()]),
            "model reversible, data, row 1: C of ID 1 at 0 h is nan",
        ),
    ],
)
def test_what_cannot_be_solved_is_one_sentence(bad, records, words):
    with pytest.raises(ks.InputError, match=words) as told:
        ks.simulate_data(bad, records)
    assert "\n" not in str(told.value)


def test_compartments_that_a_dose_does_not_reach_need_no_elimination():
    """A metabolite that stays, and an effect that follows: only what is reached must lose."""

    class Rest(Reversible):
        compartments = {**Reversible.compartments, "kept": "mg", "urine": "mg"}  # noqa: RUF012

        def flows(self, p):
            return {**super().flows(p), ("kept", "urine"): 1.0}

    records = table([dosed(ss=1, ii=8.0, rate=5.0), *seen([0, 5])])
    found = ks.simulate_data(Rest(), records)
    assert found["A2"].tolist() == ks.simulate_data(MODEL, records)["A2"].tolist()


def test_models_by_name_and_compartments_by_name():
    data = {
        "ID": ["7", "7"], "TIME": [0, 2], "AMT": [100, 0],
        "CMT": ["depot", "."], **{c: [COLUMNS[c]] * 2 for c in MODEL.covariates},
    }  # fmt: skip
    assert ks.simulate_data(MODEL, data)["A1"].tolist() == pytest.approx([100, 100 * np.exp(-1.6)])
    weighed = {"ID": [7, 7], "TIME": [0, 1], "AMT": [35, 0], "Weight": [70, 70]}
    found = ks.simulate_data("domino_1984", weighed)
    assert found["ID"].tolist() == [7, 7]
    same = ks.simulate("ketamine 35 mg iv bolus once", model="domino_1984", times=[0, 1])
    np.testing.assert_allclose(found["ketamine"], same["ketamine"].to_numpy().ravel(), rtol=1e-12)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"covariates": "sideways"}, "backward, forward or linear"),
        ({"workers": 0}, "workers is 0"),
        ({"replicates": 1.5}, "replicates is 1.5"),
        ({"residual": True}, "no residual error"),
        ({"seed": -1}, "seed"),
    ],
)
def test_options_that_cannot_be(arguments, words):
    with pytest.raises(ks.InputError, match=words):
        ks.simulate_data(MODEL, table([dosed()]), **arguments)
