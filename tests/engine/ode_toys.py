"""Steps laid by hand, and models written as differential equations, for tests of their solution."""

from __future__ import annotations

from typing import Any, ClassVar

import jax.numpy as jnp
import numpy as np

from ketascope.engine.ode import Walked, walk_ode
from ketascope.engine.ode_numerics import Numerics
from ketascope.engine.timeline import SteadyStates, Steps
from ketascope.models.responses import Direct, Hazard, Turnover, emax
from ketascope.models.structure import OUT, Concentration, Individual, Structure
from ketascope.models.user import UserModel, UserOdeModel, parameter

FINE = Numerics(rtol=1e-11, atol=1e-13)


class Step:
    """What happens in one step of one person."""

    def __init__(
        self,
        hours: float = 0.0,
        feed: tuple[float, ...] = (),
        jump: tuple[float, ...] = (),
        reset: bool = False,
        steady: int = 0,
        add: bool = False,
        pset: int | None = None,
    ) -> None:
        self.hours, self.feed, self.jump = hours, feed, jump
        self.reset, self.steady, self.add, self.pset = reset, steady, add, pset


def lay(people: list[list[Step]], n: int, begin: float = 0.0) -> Steps:
    """Put the steps of people side by side, filled up with nothing; person i has set i."""
    size = (max(len(person) for person in people), len(people))
    ints, flags = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=bool)
    wide = np.zeros((size[0], n, size[1]))
    steps = Steps(
        np.zeros(size), np.full(size, begin), ints + np.arange(size[1]), wide.copy(), flags.copy(),
        ints.copy(), flags.copy(), wide.copy(), ints - 1,
    )  # fmt: skip
    for i, person in enumerate(people):
        clock = begin
        for k, step in enumerate(person):
            steps.dt[k, i], steps.start[k, i] = step.hours, clock
            clock += step.hours
            steps.feed[k, : len(step.feed), i] = step.feed
            steps.jump[k, : len(step.jump), i] = step.jump
            steps.reset[k, i], steps.steady[k, i] = step.reset, step.steady
            steps.add[k, i] = step.add
            if step.pset is not None:
                steps.pset[k, i] = step.pset
    return steps


def repeats(*rows: tuple[Any, ...]) -> SteadyStates:
    """Steady states: (person, interval, since, compartment, size, rate, duration)."""
    table = [np.array(column) for column in zip(*rows, strict=True)] or [np.zeros(0)] * 7
    person, interval, since, into, size, rate, duration = table
    whole = np.int64
    return SteadyStates(
        person.astype(whole), person.astype(whole), interval.astype(float), since.astype(float),
        into.astype(whole), size.astype(float), rate.astype(float), duration.astype(float),
    )  # fmt: skip


def walk(
    model: Structure,
    p: dict[str, Any],
    people: list[list[Step]],
    *rows: tuple[Any, ...],
    numerics: Numerics = FINE,
    begin: float = 0.0,
) -> Walked:
    steps = lay(people, len(model.compartments), begin)
    ids = [f"{10 * (i + 1)}" for i in range(len(people))]
    return walk_ode(model, Individual(p), steps, repeats(*rows), ids=ids, numerics=numerics)


def drawn(model: Structure, people: int, spread: float = 0.3) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(3)
    factors = np.exp(spread * rng.standard_normal((len(model.parameters), people)))
    return {q.name: q.value * f for q, f in zip(model.parameters, factors, strict=True)}


def of(p: dict[str, np.ndarray], i: int) -> dict[str, float]:
    return {name: float(v[i]) for name, v in p.items()}


class Linear(UserModel):
    name = "linear"
    parameters = (
        parameter("KA", 1.1),
        parameter("CL", 5.0),
        parameter("Q", 8.0),
        parameter("V1", 20.0),
        parameter("V2", 50.0),
        parameter("KE", 0.3),
    )
    compartments: ClassVar = {"depot": "", "central": "", "tissue": "", "effect": ""}

    def flows(self, p):
        return {
            ("depot", "central"): p.KA,
            ("central", OUT): p.CL / p.V1,
            ("central", "tissue"): p.Q / p.V1,
            ("tissue", "central"): p.Q / p.V2,
            ("effect", OUT): p.KE,
        }

    def drives(self, p):
        return {("central", "effect"): p.KE}

    def outputs(self, p):
        return {"CP": Concentration("central", p.V1)}

    @staticmethod
    def matrix(p: dict[str, float]) -> np.ndarray:
        k10, k12, k21 = p["CL"] / p["V1"], p["Q"] / p["V1"], p["Q"] / p["V2"]
        return np.array(
            [
                [-p["KA"], 0, 0, 0],
                [p["KA"], -k10 - k12, k21, 0],
                [0, k12, -k21, 0],
                [0, p["KE"], 0, -p["KE"]],
            ]
        )


LINEAR = Linear()


class Saturable(UserOdeModel):
    name = "saturable"
    parameters = (
        parameter("KA", 1.0),
        parameter("VMAX", 12.0),
        parameter("KM", 1.5),
        parameter("V", 30.0),
        parameter("BASE", 2.0),
        parameter("SWING", 0.0),
    )
    compartments: ClassVar = {"depot": "", "central": ""}
    initial: ClassVar = {"depot": 1.0, "central": "BASE"}

    def derivatives(self, t, x, p):
        c = x.central / p.V
        rate = p.VMAX * (1.0 + p.SWING * jnp.sin(t * 2.0 * jnp.pi / 24.0)) * c / (p.KM + c)
        return {"depot": -p.KA * x.depot, "central": p.KA * x.depot - rate}

    def outputs(self, p):
        return {"CP": Concentration("central", p.V)}

    @staticmethod
    def right_side(p: dict[str, float], feed: float = 0.0):
        def rates(t: float, x: np.ndarray) -> list[float]:
            c = x[1] / p["V"]
            rate = p["VMAX"] * (1 + p["SWING"] * np.sin(t * 2 * np.pi / 24)) * c / (p["KM"] + c)
            return [-p["KA"] * x[0], p["KA"] * x[0] - rate + feed]

        return rates


SATURABLE = Saturable()


class Answering(Saturable):
    name = "answering"

    def responses(self, p):
        return {
            "block": Direct(lambda s: emax(s.CP, maximum=0.8, half=700.0, hill=1.5)),
            "score": Turnover(lambda s: 4.0 * (1.0 - s.block), lambda s: 0.5, 8.0),
            "event": Hazard(lambda s: 0.01 * s.score + 1e-3 * s.depot * (s.time > 1.0)),
        }


class Counting(Saturable):
    name = "counting"
    compartments: ClassVar = {"depot": "", "central": "", "auc": ""}

    def derivatives(self, t, x, p):
        return {**super().derivatives(t, x, p), "auc": x.central / p.V}
