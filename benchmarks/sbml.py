"""Formulas and a course of infusions as SBML: a rate rule for each state, an event a switch."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence

MATH = 'xmlns="http://www.w3.org/1998/Math/MathML"'
OPERATORS = {ast.Add: "plus", ast.Sub: "minus", ast.Mult: "times", ast.Div: "divide"}
TIME = '<csymbol encoding="text" definitionURL="http://www.sbml.org/sbml/symbols/time">t</csymbol>'


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


def event(number: int, time: float, rate: float) -> str:
    """The rate of infusion changes at a time; the integrator stops there and starts anew."""
    trigger = f"<math {MATH}><apply><geq/>{TIME}<cn>{time!r}</cn></apply></math>"
    return (
        f'<event id="switch{number}" useValuesFromTriggerTime="true">'
        f'<trigger initialValue="false" persistent="true">{trigger}</trigger>'
        f'<listOfEventAssignments><eventAssignment variable="RATE">{math(repr(rate))}'
        "</eventAssignment></listOfEventAssignments></event>"
    )


def document(
    name: str,
    rates: Mapping[str, str],
    values: Mapping[str, float],
    switches: Sequence[tuple[float, float]],
) -> str:
    """A model of states that follow ``rates``.

    Parameters
    ----------
    name : str
    rates : mapping
        Right-hand side of each state.
    values : mapping
        Every parameter, the first ``RATE`` and the states at time 0.
    switches : sequence of (float, float)
        Hours above 0 and the ``RATE`` from then on.
    """
    parameters = "".join(
        f'<parameter id="{key}" value="{value!r}" constant="false"/>'
        for key, value in values.items()
    )
    rules = "".join(
        f'<rateRule variable="{state}">{math(formula)}</rateRule>'
        for state, formula in rates.items()
    )
    events = "".join(event(k, *switch) for k, switch in enumerate(switches))
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<sbml xmlns="http://www.sbml.org/sbml/level3/version1/core" level="3" version="1">'
        f'<model id="{name}"><listOfParameters>{parameters}</listOfParameters>'
        f"<listOfRules>{rules}</listOfRules><listOfEvents>{events}</listOfEvents></model></sbml>"
    )
