"""Trials of a model's methods: each is called for one person and for three, before any run.

What is wrong with a method shows here in one sentence, with its line, and not as a failure or as
numbers that mean nothing in the middle of a run.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from typing import Any

from ketascope.models.attempts import Attempt, kind_of
from ketascope.models.checks import STANDARD
from ketascope.models.individuals import typical_values
from ketascope.models.parts import OUT, Array, Concentration, Covariates, Entry, Individual
from ketascope.models.places import Places
from ketascope.models.response_trials import check_clashes, check_responses, trace
from ketascope.models.structure import OdeModel, Structure, reference_person

PEOPLE = 3


def try_methods(model: Structure, places: Places) -> None:
    """Call every method of a model at typical values and check what it returns.

    Raises
    ------
    InputError
    """
    import numpy as np

    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        for people in (None, PEOPLE):
            trial = _Trial(model, places, people)
            trial.run()
        if isinstance(model, OdeModel) or has_responses(model):
            trace(trial, trial.p)


def has_responses(model: Structure) -> bool:
    """Whether a model writes responses."""
    return type(model).responses is not Structure.responses


class _Who:
    """Covariates that are declared, and no others."""

    def __init__(self, values: Mapping[str, Array], races: Callable[..., Array]) -> None:
        self._values = dict(values)
        if "race" in values:
            self.of_race = races

    def __getattr__(self, name: str) -> Array:
        try:
            return self.__dict__["_values"][name]
        except KeyError:
            raise AttributeError(f"there is no covariate '{name}'") from None


class _Trial(Attempt):
    """One call of each method."""

    def __init__(self, model: Structure, places: Places, people: int | None) -> None:
        super().__init__(model, places, people)
        self.who, self.p = self._people()

    def run(self) -> None:
        """Check flows, outputs, entries, derivatives and responses."""
        model = self.model
        self._flows("flows")
        self._flows("drives")
        outputs = self.mapping("outputs", lambda: model.outputs(self.p))
        self._outputs(outputs)
        self._entries()
        if isinstance(model, OdeModel):
            for amount in (None, 1.0):
                self._derivatives(model, amount)
        responses = self.mapping("responses", lambda: model.responses(self.p))
        check_clashes(self, outputs, responses)
        for amount in (0.0, 1.0):
            check_responses(self, outputs, responses, amount)

    def _people(self) -> tuple[Any, Individual]:
        import numpy as np

        def spread(value: Any) -> Any:
            if self.people is not None:
                return np.full(self.people, value)
            # a number of NumPy gives nan, as an array does, where Python's own would raise
            return value if isinstance(value, str) else np.float64(value)

        person = reference_person(self.model)
        declared = {
            name: spread(value) for name, value in person.items() if name in self.model.covariates
        }
        full = Covariates(*(spread(person[name]) for name in STANDARD))
        who = self.named(_Who(declared, full.of_race), "who", "covariate", declared)
        values = {k: spread(v) for k, v in typical_values(self.model).items()}
        p = self.named(Individual(values), "p", "parameter")
        found = self.call("individual", lambda: self.model.individual(p, who))
        if not isinstance(found, Individual):
            raise self.places.refuse(
                "individual",
                f"individual returns {kind_of(found)}",
                hint="end with `return p.replace(CL=...)`",
            )
        for name in found.names():
            self.numbers(found[name], "individual", f"parameter {name}", word=name)
        self.named(found, "p", "parameter")
        return who, found

    def _flows(self, member: str) -> None:
        method = getattr(self.model, member)
        for pair, rate in self.mapping(member, lambda: method(self.p)).items():
            if not isinstance(pair, tuple) or len(pair) != 2 or pair[0] == pair[1]:
                raise self.places.refuse(
                    member,
                    f"{member} has the key {pair!r}",
                    hint="write (from, to) with two different compartments",
                )
            start, end = pair
            self.compartment(start, member)
            if end != OUT or member == "drives":
                self.compartment(end, member)
            self.at_least(
                rate,
                0.0,
                member,
                f"the rate from '{start}' to '{end}'",
                hint="a rate is not negative",
            )

    def _outputs(self, outputs: Mapping[Any, Any]) -> None:
        if not outputs and not has_responses(self.model):
            raise self.places.refuse(
                "outputs",
                "nothing is measured",
                hint='return {"CP": Concentration("central", p.V)}',
            )
        for name, output in outputs.items():
            if not isinstance(output, Concentration):
                raise self.places.refuse(
                    "outputs",
                    f"output '{name}' is {kind_of(output)}",
                    hint='give Concentration("central", p.V)',
                    word=name,
                )
            self.compartment(output.compartment, "outputs")
            self.at_least(
                output.volume,
                0.0,
                "outputs",
                f"the volume of output '{name}'",
                above=True,
                hint="a volume is greater than 0",
            )

    def _entries(self) -> None:
        entries = self.mapping("entries", lambda: self.model.entries(self.p, self.who))
        for name, entry in entries.items():
            self.compartment(name, "entries")
            if not isinstance(entry, Entry):
                raise self.places.refuse(
                    "entries",
                    f"the entry of '{name}' is {kind_of(entry)}",
                    hint="give Entry(bioavailability=..., lag=...)",
                    word=name,
                )
            for part, above in (
                ("bioavailability", False),
                ("lag", False),
                ("duration", True),
                ("rate", True),
            ):
                value = getattr(entry, part)
                if value is not None:
                    self.at_least(
                        value,
                        0.0,
                        "entries",
                        f"the {part} of '{name}'",
                        above=above,
                        hint="it is greater than 0" if above else "it is not negative",
                    )

    def _derivatives(self, model: OdeModel, amount: float | None) -> None:
        """Check the rates of change at the start, or at some amount everywhere."""
        import numpy as np

        def begin(name: str) -> Any:
            value = model.initial.get(name, 0.0) if amount is None else amount
            number = self.p[value] if isinstance(value, str) else np.float64(value)
            return number if self.people is None else np.broadcast_to(number, (self.people,))

        amounts = {name: begin(name) for name in model.compartments}
        x = self.named(Individual(amounts), "x", "compartment")
        rates = self.mapping("derivatives", lambda: model.derivatives(1.0, x, self.p))
        for name in rates:
            self.compartment(name, "derivatives")
        missing = [name for name in model.compartments if name not in rates]
        if missing:
            raise self.places.refuse(
                "derivatives",
                f"there is no rate of change for {', '.join(missing)}",
                hint="return one for each compartment; 0 for one that does not change",
            )
        at = "at the start" if amount is None else f"where every amount is {amount:g}"
        for name, rate in rates.items():
            self.numbers(rate, "derivatives", f"the rate of change of '{name}' {at}", word=name)
