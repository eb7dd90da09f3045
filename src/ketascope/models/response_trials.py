"""Trials of a model's responses, and of whatever a compiled program will run."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from ketascope.models.attempts import Attempt, choices, kind_of
from ketascope.models.checks import check_names
from ketascope.models.parts import Array, Concentration, Individual
from ketascope.models.responses import Hazard, Response, Turnover, functions_of
from ketascope.models.structure import OdeModel


def check_clashes(
    attempt: Attempt, outputs: Mapping[Any, Any], responses: Mapping[Any, Any]
) -> None:
    """Refuse a name that stands for two things in what a response may read, or in a table."""
    model = attempt.model
    check_names(outputs, "outputs", "output", attempt.places, more=("time",))
    check_names(responses, "responses", "response", attempt.places, more=("time",))
    survival = [f"{n}_survival" for n, r in responses.items() if isinstance(r, Hazard)]
    columns = [*outputs, *responses, *survival]
    taken = {
        "parameter": [p.name for p in model.parameters],
        "column of a data set": [n for n in columns if n.upper() in ("ID", "TIME")],
        "compartment": list(model.compartments) if responses else [],
        "output": [*outputs, *survival],
    }
    for member, names in (("outputs", list(outputs)), ("responses", list(responses))):
        for name in names:
            for what, others in taken.items():
                if name in others and not (member == "outputs" and what == "output"):
                    raise attempt.places.refuse(
                        member,
                        f"'{name}' is also the name of a{'n' * (what[0] in 'aeiou')} {what}",
                        hint="give each its own name",
                        word=name,
                    )
    for name in model.residuals:
        if name not in columns:
            raise attempt.places.refuse(
                "residuals",
                f"'{name}' is neither an output nor a response",
                hint=choices(name, columns, "names"),
                word=name,
            )


def check_responses(
    attempt: Attempt,
    outputs: Mapping[str, Concentration],
    responses: Mapping[str, Response],
    amount: float,
) -> None:
    """Check what the functions of the responses return, at some amount everywhere."""
    import numpy as np

    here = np.float64(amount) if attempt.people is None else np.full(attempt.people, amount)
    signals: dict[str, Any] = dict.fromkeys(attempt.model.compartments, here)
    for name, output in outputs.items():
        signals[name] = 1000.0 * here / output.volume
    signals["time"] = 1.0
    at = f"where every amount is {amount:g}"
    for name, response in responses.items():
        if not isinstance(response, Response):
            raise attempt.places.refuse(
                "responses",
                f"response '{name}' is {kind_of(response)}",
                hint="give Direct, Turnover or Hazard of ketascope.models.user",
                word=name,
            )
        s = attempt.named(Individual(signals), "s", "signal")
        value: Any = 0.0
        for part, function in functions_of(response).items():
            value = attempt.call("responses", partial(function, s))
            what = f"the {part} of response '{name}' {at}"
            if part in ("loss", "hazard"):
                attempt.at_least(value, 0.0, "responses", what, hint="it is not negative")
            else:
                attempt.numbers(value, "responses", what, word=name)
        if isinstance(response, Turnover):
            value = response.initial
            attempt.numbers(value, "responses", f"the initial value of response '{name}'")
        signals[name] = 0.0 if isinstance(response, Hazard) else value


def trace(attempt: Attempt, p: Individual) -> None:
    """Run equations and responses as a compiled program would."""
    import jax

    model = attempt.model
    compartments = dict.fromkeys(model.compartments, 1.0)
    some = next(iter(compartments))

    def equations(values: dict[str, Array], amounts: dict[str, Array]) -> Any:
        x = attempt.named(Individual(amounts), "x", "compartment")
        assert isinstance(model, OdeModel)
        return dict(model.derivatives(1.0, x, attempt.named(Individual(values), "p", "parameter")))

    def effects(values: dict[str, Array], amounts: dict[str, Array]) -> Any:
        traced = attempt.named(Individual(values), "p", "parameter")
        signals = {**amounts, **dict.fromkeys(model.outputs(traced), amounts[some])}
        signals["time"] = amounts[some]
        for name, response in model.responses(traced).items():
            s = attempt.named(Individual(signals), "s", "signal")
            signals[name], *_ = (f(s) for f in functions_of(response).values())
        return signals

    values = {name: p[name] for name in p.names()}
    if isinstance(model, OdeModel):
        attempt.call("derivatives", lambda: jax.eval_shape(equations, values, compartments))
    attempt.call("responses", lambda: jax.eval_shape(effects, values, compartments))
