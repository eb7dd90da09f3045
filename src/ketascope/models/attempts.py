"""Calls of a model's methods, and sentences for what is wrong with what they do or return."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ketascope.errors import InputError
from ketascope.models.individuals import typical_values
from ketascope.models.places import Places
from ketascope.models.structure import Structure, reference_person

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_MANY = 30
"""How many names a sentence lists."""


class Attempt:
    """Calls of a model's methods for one person (``people`` None) or several."""

    def __init__(self, model: Structure, places: Places, people: int | None) -> None:
        self.model, self.places, self.people = model, places, people
        self._known: list[tuple[Any, str, str, list[str]]] = []

    def named(self, thing: Any, symbol: str, what: str, names: Iterable[str] | None = None) -> Any:
        """Remember what an object stands for, to explain a name that it does not have."""
        self._known.append((thing, symbol, what, list(thing.names() if names is None else names)))
        return thing

    def call(self, member: str, function: Callable[[], Any]) -> Any:
        """Call something of a member; what it raises becomes one sentence with its line."""
        try:
            return function()
        except InputError as error:
            raise self.places.refuse(member, error.message, hint=error.hint) from None
        except (Exception, SystemExit) as error:
            message, hint = self._explain(member, error)
            line = self.places.last_line(error)
            raise self.places.refuse(member, message, hint=hint, line=line) from error

    def mapping(self, member: str, function: Callable[[], Any]) -> Mapping[Any, Any]:
        """Call something that returns a dictionary."""
        found = self.call(member, function)
        if not isinstance(found, Mapping):
            raise self.places.refuse(
                member, f"{member} returns {kind_of(found)}", hint="return a dictionary"
            )
        return found

    def numbers(
        self, value: Any, member: str, what: str, *, word: str | None = None
    ) -> NDArray[np.float64]:
        """Check that a value is a finite number, or one for each person."""
        import numpy as np

        try:
            numbers = np.asarray(value, dtype=float)
        except (TypeError, ValueError):
            raise self.places.refuse(member, f"{what} is {kind_of(value)}", word=word) from None
        if numbers.shape not in {(), (self.people or 1,)} or (
            self.people is None and numbers.shape
        ):
            raise self.places.refuse(
                member,
                f"{what} has the shape {numbers.shape} for "
                f"{'one person' if self.people is None else f'{self.people} people'}",
                hint="return one number, or one for each person",
                word=word,
            )
        if not np.isfinite(numbers).all():
            raise self.places.refuse(
                member, f"{what} is {numbers.reshape(-1)[0]:g} {self.typical()}", word=word
            )
        return numbers

    def at_least(
        self, value: Any, low: float, member: str, what: str, *, above: bool = False, hint: str
    ) -> None:
        """Check that a value is a finite number that is not too small."""
        numbers = self.numbers(value, member, what)
        smallest = float(numbers.min())
        if smallest < low or (above and smallest == low):
            raise self.places.refuse(member, f"{what} is {smallest:g} {self.typical()}", hint=hint)

    def typical(self) -> str:
        """Say at which values something was tried."""
        person = reference_person(self.model)
        names = [f"{name} {person[name]}" for name in self.model.covariates]
        known = f" (where {', '.join(names)}; `reference` may name others)" if names else ""
        return f"at typical values{known}"

    def compartment(self, name: Any, member: str) -> None:
        """Check that a compartment is there."""
        if name not in self.model.compartments:
            raise self.places.refuse(
                member,
                f"{member} names the compartment {name!r}, which there is not",
                hint=choices(str(name), list(self.model.compartments), "compartments"),
                word=name if isinstance(name, str) else None,
            )

    def _explain(self, member: str, error: BaseException) -> tuple[str, str | None]:
        text = str(error).split("\n")[0].rstrip(".")
        kind = type(error).__name__
        if isinstance(error, (AttributeError, KeyError)):
            found = self._unknown_name(error)
            if found:
                return f"{member} uses {found[0]}", found[1]
        if "truth value" in text or kind == "TracerBoolConversionError":
            return (
                f"{member} uses `if`, `and`, `or` or `not` on a value that differs between people",
                "use where(condition, then, otherwise) of ketascope.models.user",
            )
        if (
            "length-1 array" in text
            or "0-dimensional" in text
            or kind.startswith("Tracer")
            or (kind == "ConcretizationTypeError")
        ):
            return (
                f"{member} calls a function that takes one number, not the values of many people",
                "take exp, log, sqrt, minimum, maximum and where from ketascope.models.user",
            )
        return f"{member} fails with {kind}{f': {text}' if text else ''}", None

    def _unknown_name(self, error: AttributeError | KeyError) -> tuple[str, str] | None:
        if isinstance(error, KeyError):
            text = str(error.args[0]) if error.args else ""
            name = text.removeprefix("the model has no parameter ")
            symbol, what, names = "p", "parameter", list(typical_values(self.model))
            if name == text or name in names:
                return None
        else:
            known = [found for found in self._known if found[0] is error.obj]
            if not known:
                return None
            name, (_, symbol, what, names) = str(error.name), known[0]
        return f"{symbol}.{name}, which is no {what}", choices(name, names, f"{what}s")


def choices(name: str, names: Iterable[str], what: str) -> str:
    """Say which names there are, and the likely one first."""
    known = list(names)
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    more = f", and {len(known) - _MANY} more" if len(known) > _MANY else ""
    all_of_them = f"the {what} are {', '.join(known[:_MANY]) or 'none'}{more}"
    return f"did you mean {close[0]}? {all_of_them}" if close else all_of_them


def kind_of(value: Any) -> str:
    """Say what kind of thing something is."""
    if value is None:
        return "nothing"
    name = type(value).__name__
    return f"{'an' if name[0] in 'aeiouAEIOU' else 'a'} {name}"
