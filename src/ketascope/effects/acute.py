"""Acute effects as curves, from simulated concentrations: ``ketascope.acute_effects``."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from ketascope.draws import check_seed
from ketascope.effects.calibrated import calibration
from ketascope.effects.effect import Driving, Effect, Given, Occasion
from ketascope.engine.summary import analytes_of
from ketascope.errors import InputError, Unsupported

if TYPE_CHECKING:
    import xarray as xr
    from numpy.typing import NDArray

    Values = NDArray[np.float64]

MODULES: Final = (
    "dissociation",
    "sedation",
    "pressure",
    "heart_rate",
    "perception",
    "analgesia",
    "consciousness",
    "breathing",
)
"""Modules of this package that list effects in ``EFFECTS``, in the order of a report."""
Uncertainty = Literal["drawn", "central"]
SETTINGS: Final = {
    "hypertension": "history of hypertension (1) or none (0)",
    "benzodiazepine": "benzodiazepine taken within hours (1) or none (0)",
    "opioid": "opioid taken (1) or none (0)",
    "alcohol": "alcohol taken (1) or none (0)",
    "healthy": "healthy volunteers (1) or patients (0)",
    "rated": "single ratings of dissociation with their scatter (1) or the level behind them (0)",
}
"""What else may be told of everybody; an effect without data on it says so."""


@lru_cache(maxsize=1)
def known_effects() -> dict[str, Effect]:
    """Return every effect that is worked out as a curve, by name."""
    found: dict[str, Effect] = {}
    for name in MODULES:
        module = import_module(f"ketascope.effects.{name}")
        found |= {effect.name: effect for effect in module.EFFECTS}
    return found


def acute_effects(
    result: xr.Dataset,
    *,
    names: Iterable[str] | None = None,
    settings: Mapping[str, float] | None = None,
    uncertainty: Uncertainty = "drawn",
    draw: int | None = None,
    seed: int | None = None,
) -> xr.Dataset:
    """Work out acute effects over time from simulated concentrations.

    Parameters
    ----------
    result : xarray.Dataset
        From :func:`ketascope.simulate`: people over time, analytes in ng/mL.
    names : iterable of str, optional
        By default every effect.
    settings : mapping, optional
        ``hypertension``, ``benzodiazepine``, ``opioid``, ``alcohol``, ``healthy``, ``rated``: 0 or
        1; see :data:`SETTINGS`.
    uncertainty : {"drawn", "central"}
        ``"drawn"`` gives each person a draw of the calibrated parameters, so that a band over
        people holds what the fit does not know; ``"central"`` uses the estimates.
    draw : int, optional
        Use this draw of the parameters for everybody, to see what a figure owes to the fit.
    seed : int, optional
        By default that of the result.

    Returns
    -------
    xarray.Dataset
        One variable an effect, dims (subject, time), in the unit of its attribute ``units``;
        ``kind`` says published or calibrated. Attributes, as JSON: ``not_predicted`` (reason by
        effect), ``how`` (a sentence by effect), ``limits``, ``sources``, ``warnings``.

    Raises
    ------
    InputError
        For an effect or a setting that there is not; for quantiles or replicates.
    Unsupported
        If none of the effects that were asked for can be predicted; the message says why.
    """
    import xarray as xr

    known = known_effects()
    wanted = _wanted(names, known)
    driving = driving_from(result, settings=settings, seed=seed)
    found: dict[str, Any] = {}
    reasons: dict[str, str] = {}
    for name in wanted:
        effect = known[name]
        reason = effect.why_not(driving)
        if reason is not None:
            reasons[name] = reason
            continue
        theta = theta_for(effect, driving, uncertainty=uncertainty, draw=draw)
        values = np.asarray(effect.curve(driving, theta), dtype=float)
        attrs = {"units": effect.unit, "long_name": effect.display, "kind": effect.kind}
        found[name] = (("subject", "time"), values, attrs)
    if not found:
        raise Unsupported(
            "none of these effects is predicted",
            hint="; ".join(f"{name}: {why}" for name, why in reasons.items()),
        )
    kept = [name for name in ("time", "id", "age", "weight", "height", "sex", "race")
            if name in result.coords]  # fmt: skip
    data = xr.Dataset(found, {name: result.coords[name] for name in kept})
    data.attrs = _attributes(result, known, found, reasons, driving, uncertainty)
    return data


def extrapolated(
    result: xr.Dataset, settings: Mapping[str, float] | None = None
) -> tuple[str, ...]:
    """Return what of the doses the effects that are predicted were not fitted with, in sentences.

    Parameters
    ----------
    result : xarray.Dataset
        From :func:`ketascope.simulate`.
    settings : mapping, optional
        As in :func:`acute_effects`.
    """
    driving = driving_from(result, settings=settings)
    predicted = (e for e in known_effects().values() if e.why_not(driving) is None)
    told = (effect.extrapolated(driving) for effect in predicted)
    return tuple(dict.fromkeys(text for text in told if text is not None))


def _wanted(names: Iterable[str] | None, known: Mapping[str, Effect]) -> list[str]:
    wanted = list(known) if names is None else list(names)
    for name in wanted:
        if name not in known:
            raise InputError(f"there is no effect '{name}'", hint=f"there are {', '.join(known)}")
    return wanted


def driving_from(
    result: xr.Dataset,
    *,
    settings: Mapping[str, float] | None = None,
    seed: int | None = None,
) -> Driving:
    """Return what effects are worked out from; parameters as in :func:`acute_effects`.

    Raises
    ------
    InputError
        For a setting that there is not, and for a result that is not of people over time.
    """
    for name, value in (settings or {}).items():
        if name not in SETTINGS:
            raise InputError(
                f"there is no setting '{name}'", hint=f"there are {', '.join(SETTINGS)}"
            )
        if value not in (0, 1):
            raise InputError(f"{value!r} is not a value of {name}", hint="give 0 or 1")
    names = analytes_of(result)
    if any(set(result[name].dims) != {"subject", "time"} for name in names):
        raise InputError(
            "effects are of people over time",
            hint="simulate people, without quantiles and replicates",
        )
    told = json.loads(str(result.attrs["sessions"]))
    sessions = tuple(Occasion(s["index"], s["time"], s["end"], s["day"]) for s in told)
    fields = ("session", "time", "drug", "route", "form", "amount", "unit", "minutes")
    doses = tuple(
        Given(**{f: row[f] for f in fields}) for row in json.loads(str(result.attrs["doses"]))
    )
    covariates = {c: result[c].to_numpy() for c in ("age", "weight", "height", "sex", "race")}
    return Driving(
        times=result["time"].to_numpy(),
        drug=doses[0].drug,
        doses=doses,
        concentrations={n: result[n].transpose("subject", "time").to_numpy() for n in names},
        sampling=str(result.attrs.get("sampling", "not stated")),
        sessions=sessions,
        covariates=covariates,
        index=np.arange(result.sizes["subject"], dtype=np.int64),
        seed=check_seed(int(result.attrs["seed"]) if seed is None else seed),
        settings=dict(settings or {}),
        random=str(result.attrs.get("variability", "none")) != "none",
    )


def theta_for(
    effect: Effect,
    driving: Driving,
    *,
    uncertainty: Uncertainty = "drawn",
    draw: int | None = None,
) -> dict[str, Values]:
    """Return the parameters of an effect, shape (people,), as :func:`acute_effects` uses them."""
    if effect.calibration is None:
        return {}
    fitted = calibration(effect.calibration)
    if draw is not None:
        return fitted.draws_of(np.full(driving.people, draw), driving.seed)
    if uncertainty == "central" or not driving.random:
        return {k: np.full(driving.people, v) for k, v in fitted.central().items()}
    return fitted.draws_of(driving.index, driving.seed)


def curves(driving: Driving, names: Iterable[str], *, draw: int) -> dict[str, Values]:
    """Return effects that are predicted over time, shape (people, times), under one draw of all.

    What :func:`acute_effects` gives with ``draw``, without its data set: for many draws.
    """
    known = known_effects()
    return {
        name: np.asarray(
            known[name].curve(driving, theta_for(known[name], driving, draw=draw)), dtype=float
        )
        for name in names
    }


def sources_behind(effect: Effect) -> tuple[str, ...]:
    """Return the sources of an effect, and of the points and models its calibration rests on."""
    more = calibration(effect.calibration).sources if effect.calibration else ()
    return tuple(dict.fromkeys([*effect.sources, *more]))


def _attributes(
    result: xr.Dataset,
    known: Mapping[str, Effect],
    found: Mapping[str, Any],
    reasons: Mapping[str, str],
    driving: Driving,
    uncertainty: Uncertainty,
) -> dict[str, Any]:
    kept = ("regimen", "drug", "model", "seed", "version", "disclaimer", "sessions", "variability")
    sources = dict.fromkeys(s for name in found for s in sources_behind(known[name]))
    beyond = [told for name in found if (told := known[name].extrapolated(driving)) is not None]
    warnings = [*json.loads(str(result.attrs.get("warnings", "[]"))), *beyond]
    return {
        "title": "Ketascope acute effects",
        **{key: result.attrs[key] for key in kept if key in result.attrs},
        "uncertainty": uncertainty,
        "settings": json.dumps(dict(driving.settings)),
        "not_predicted": json.dumps(dict(reasons), ensure_ascii=False),
        "how": json.dumps({name: known[name].text for name in found}, ensure_ascii=False),
        "limits": json.dumps({n: list(known[n].limits) for n in found}, ensure_ascii=False),
        "sources": json.dumps(list(sources)),
        "warnings": json.dumps(warnings, ensure_ascii=False),
    }
