"""The equations of a model for its page: the methods that join its parameters, as they stand."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Iterator
from types import FunctionType

from ketascope.models import Model
from ketascope.models.structure import Structure

FIRST = ("individual", "flows", "drives", "inputs", "outputs", "responses")

INTRODUCTION = (
    "The methods that make the model of its parameters, as the program runs them. `p` holds a "
    "person's parameters in h, L and kg, `who` the covariates. A flow is a rate constant in 1/h "
    "times the amount in the compartment it leaves; an output is an amount over a volume in L; an "
    "input names a compartment, the fraction of the dose that arrives and, where the model gives "
    "them, its duration and lag in h. With the parameters below this is the whole model."
)


def equations(model: Model) -> str:
    """Return the section of a model's page that holds its equations."""
    parts = ["## Equations", INTRODUCTION]
    lender = getattr(model, "disposition", None)
    if lender is not None:
        parts.append(
            f"`self.disposition` is the model [{lender.name}]({lender.name}.md), whose equations "
            "are on its own page."
        )
    code = "\n\n".join(sources(model))
    parts.append(f"```python\n{code}\n```")
    return "\n\n".join(parts)


def sources(model: Model) -> Iterator[str]:
    """Yield the source of each method that the model adds to what every model has."""
    found = dict(methods(type(model)))
    order = [name for name in FIRST if name in found]
    order += [name for name in found if name not in FIRST]
    for name in order:
        for function in found[name]:
            yield textwrap.dedent(inspect.getsource(function)).rstrip()


def methods(kind: type) -> Iterator[tuple[str, list[FunctionType]]]:
    """Yield each method's name with its functions, the general before the special."""
    own: dict[str, list[FunctionType]] = {}
    for base in reversed(kind.__mro__):
        if base in (object, Model, Structure) or not issubclass(base, Structure):
            continue
        for name, value in vars(base).items():
            if isinstance(value, FunctionType):
                mine = own.setdefault(name, [])
                if "super()" not in inspect.getsource(value):
                    mine.clear()
                mine.append(value)
    yield from own.items()
