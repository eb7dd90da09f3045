"""Who is simulated and how, by the options that several commands share."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from ketascope.console import progress_bar
from ketascope.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    import xarray as xr

DEFAULT_PEOPLE = 1000


def people_asked_for(
    patient: str | None,
    settings: list[str] | None,
    people: str | None,
    count: int | None,
    typical: bool,
) -> dict[str, Any]:
    """Resolve who is simulated: arguments ``people``, ``n`` and ``typical`` of simulate."""
    from ketascope.patients import Patient, Population, parse_settings, read_patient

    if people is not None:
        clash = [
            name
            for name, value in (("--patient", patient), ("--set", settings), ("-n", count))
            if value is not None
        ]
        if clash:
            raise InputError(f"--people cannot go with {clash[0]}", hint="the file says who it is")
        return {"people": Population.read(people), "typical": typical}
    if typical and count is not None:
        raise InputError("--typical is one person and -n asks for many", hint="leave one out")
    if count is not None and count < 1:
        raise InputError(f"{count} people were asked for", where="-n", hint="give 1 or more")
    who = read_patient(patient) if patient else Patient()
    if settings:
        who = who.updated(parse_settings(settings))
    if typical:
        return {"people": who}
    return {"people": who, "n": count or DEFAULT_PEOPLE}


def simulated(
    regimen: str,
    options: dict[str, Any],
    *,
    with_drugs: list[str] | None,
    quantiles: tuple[float, ...] | None = None,
    **arguments: Any,
) -> xr.Dataset:
    """Simulate with a progress bar, with what is known of medicines taken beside it.

    With quantiles, only those over people are worked out, and nobody's curve is held.
    """
    from ketascope.engine.simulate import simulate
    from ketascope.engine.simulate_quantiles import simulate_quantiles

    run: Callable[..., xr.Dataset] = simulate
    if quantiles is not None:
        run = partial(simulate_quantiles, quantiles=quantiles)

    beside = tuple(with_drugs or ())
    with progress_bar("Simulating people") as progress:
        return run(regimen, **options, **arguments, beside=beside, progress=progress)


def told_settings(told: list[str] | None) -> dict[str, float]:
    """Read ``KEY=VALUE`` settings; InputError for what cannot be read."""
    found: dict[str, float] = {}
    for text in told or ():
        key, sign, value = text.partition("=")
        try:
            found[key.strip()] = float(value) if sign else 1.0
        except ValueError:
            raise InputError(f"'{text}' is not KEY=0 or KEY=1", where="--told") from None
    return found
