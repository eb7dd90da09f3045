"""libroadrunner on the case linear24h (run as a module: one JSON line).

The model is SBML with a rate rule for each state, which libroadrunner compiles; the infusion ends
by an event. For each person the model is reset, two parameters are set and the course is
simulated with the default integrator (CVODE) at its default tolerances: of the ways its
documentation shows, the quickest here (reactions instead of rules, the Adams method, two calls
without an event and the newer compiler were slower or no faster).
"""

from __future__ import annotations

import argparse
import ast
import json
import time
from typing import Any

import numpy as np

from benchmarks.exact import by_exponential, error
from benchmarks.linear24h import CHECKED
from benchmarks.people import CONSTANTS, DOSE, HOURS, MEDIANS, RATES, STATES, TIMES, people

MATH = 'xmlns="http://www.w3.org/1998/Math/MathML"'
OPERATORS = {ast.Add: "plus", ast.Sub: "minus", ast.Mult: "times", ast.Div: "divide"}


def mathml(node: ast.expr) -> str:
    """Turn a parsed formula into MathML."""
    if isinstance(node, ast.BinOp):
        name = OPERATORS[type(node.op)]
        return f"<apply><{name}/>{mathml(node.left)}{mathml(node.right)}</apply>"
    if isinstance(node, ast.Name):
        return f"<ci>{node.id}</ci>"
    if isinstance(node, ast.Constant):
        return f"<cn>{node.value}</cn>"
    raise ValueError(f"no MathML for {ast.dump(node)}")


def math(formula: str) -> str:
    """A formula as an SBML math element."""
    return f"<math {MATH}>{mathml(ast.parse(formula, mode='eval').body)}</math>"


def sbml() -> str:
    """The model, its infusion running from time 0 and ended by an event."""
    values = {**MEDIANS, **CONSTANTS, "RATE": DOSE / HOURS, **dict.fromkeys(STATES, 0.0)}
    parameters = "".join(
        f'<parameter id="{name}" value="{value!r}" constant="false"/>'
        for name, value in values.items()
    )
    rules = "".join(
        f'<rateRule variable="{name}">{math(formula)}</rateRule>' for name, formula in RATES.items()
    )
    time_symbol = (
        '<csymbol encoding="text" definitionURL="http://www.sbml.org/sbml/symbols/time">t</csymbol>'
    )
    trigger = f"<math {MATH}><apply><geq/>{time_symbol}<cn>{HOURS!r}</cn></apply></math>"
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<sbml xmlns="http://www.sbml.org/sbml/level3/version1/core" level="3" version="1">'
        f'<model id="linear24h"><listOfParameters>{parameters}</listOfParameters>'
        f"<listOfRules>{rules}</listOfRules>"
        '<listOfEvents><event id="end" useValuesFromTriggerTime="true">'
        f'<trigger initialValue="false" persistent="true">{trigger}</trigger>'
        f'<listOfEventAssignments><eventAssignment variable="RATE">{math("0")}</eventAssignment>'
        "</listOfEventAssignments></event></listOfEvents></model></sbml>"
    )


def simulate(model: Any, clearance: Any, volume: Any) -> Any:
    """Every state of every person, shape (people, times, states)."""
    result = np.empty((len(clearance), len(TIMES), len(STATES)))
    for i in range(len(clearance)):
        model.reset()
        model["CL"], model["V1"], model["RATE"] = clearance[i], volume[i], DOSE / HOURS
        result[i] = model.simulate(0.0, TIMES[-1], len(TIMES))
    return result


def main() -> None:
    """Time the warm loop over people, then hold its numbers against the exact ones."""
    import roadrunner

    parser = argparse.ArgumentParser()
    parser.add_argument("--people", type=int, required=True)
    parser.add_argument("--runs", type=int, required=True)
    given = parser.parse_args()
    clearance, volume, origin = people(given.people)
    begin = time.perf_counter()
    model = roadrunner.RoadRunner(sbml())
    model.timeCourseSelections = list(STATES)
    simulate(model, clearance[:10], volume[:10])
    first = time.perf_counter() - begin
    seconds = []
    for _ in range(given.runs):
        begin = time.perf_counter()
        found = simulate(model, clearance, volume)
        seconds.append(time.perf_counter() - begin)
    checked = range(0, given.people, max(1, given.people // CHECKED))
    errors = [error(found[i].T, by_exponential(clearance[i], volume[i])) for i in checked]
    print(
        json.dumps(
            {
                "seconds": seconds,
                "first": first,
                "cores": 1,
                "people": origin,
                "version": roadrunner.__version__,
                "error": max(errors),
            }
        )
    )


if __name__ == "__main__":
    main()
