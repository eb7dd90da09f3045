"""Regimens, routes or patients side by side: ``ketascope.compare``.

The same virtual people, with the same random numbers, go through every arm, so a difference is a
person's own where the arms share a model of exposure; where they do not, a remark says so. Three
kinds of interval are kept apart: over *people* (5 to 95 % of the differences of each person), of
the *fit* (a share or a median under draws of the calibrated parameters, the same draw in every
arm), and of *trials* (how far trials are apart, of the course of symptoms).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from ketascope.checks.compare_acute import acute_lines
from ketascope.checks.compare_burden import burden_lines
from ketascope.checks.compare_course import course_lines
from ketascope.checks.compare_lines import Line, ends
from ketascope.checks.compare_ready import ready_lines
from ketascope.effects.acute import extrapolated
from ketascope.engine.summary import MEASURES, analytes_of, exposure
from ketascope.errors import InputError

if TYPE_CHECKING:
    import xarray as xr

    from ketascope.patients import Patient, Population

PEOPLE: Final = 300
"""Virtual people in each arm, unless asked otherwise."""
MOST: Final = 6
"""Arms that a page has room for."""
GROUPS: Final = {
    "exposure": "Exposure, first session",
    "effects": "Acute effects, first session",
    "readiness": "Readiness to leave, first session",
    "course": "Course of symptoms",
    "burden": "Burden",
}


@dataclass(frozen=True)
class Arm:
    """One arm: its letter, the regimen in words, who takes it, and the simulation."""

    letter: str
    regimen: str
    who: str
    result: xr.Dataset


@dataclass(frozen=True)
class Comparison:
    """Arms, lines of the table of differences, and remarks.

    Parameters
    ----------
    arms : tuple of Arm
    lines : tuple of Line
        In the order of :data:`GROUPS`; differences are against the first arm.
    remarks : tuple of str
        What to know before the arms are compared.
    settings : mapping
    """

    arms: tuple[Arm, ...]
    lines: tuple[Line, ...]
    remarks: tuple[str, ...] = ()
    settings: Mapping[str, float] = field(default_factory=dict)

    def records(self) -> list[dict[str, Any]]:
        """Return the lines as ``ketascope compare --format json`` gives them."""
        letters = [arm.letter for arm in self.arms]
        return [line.record(letters) for line in self.lines]


def compare(
    regimens: Sequence[str],
    people: Patient | Population | int | Sequence[Patient] | None = None,
    *,
    n: int | None = None,
    seed: int = 0,
    model: str | None = None,
    settings: Mapping[str, float] | None = None,
    beside: Sequence[str] = (),
    force: bool = False,
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Comparison:
    """Put regimens side by side in the same people, or one regimen in several patients.

    Parameters
    ----------
    regimens : sequence of str
        Two or more; or one, with a list of patients.
    people : as for :func:`ketascope.simulate`, or a list of patients
        By default 300 virtual adults.
    n : int, optional
        With a patient: virtual people who share what is known of the patient (300).
    seed : int
    model : str, optional
        For every arm, instead of the default of each.
    settings : mapping, optional
        What else is known of everybody, as for :func:`ketascope.acute_effects`.
    beside, force, workers
        As for :func:`ketascope.simulate`.
    progress : callable, optional
        Called with (arms done, arms in all).

    Returns
    -------
    Comparison

    Raises
    ------
    InputError
        For one arm, or more than there is room for, and as :func:`ketascope.simulate`.
    """
    from ketascope.engine.simulate import simulate

    pairs = _pairs(regimens, people)
    arms = []
    for k, (regimen, who) in enumerate(pairs):
        result = simulate(
            regimen, who, n=_count(who, n), seed=seed, model=model, beside=tuple(beside),
            force=force, workers=workers,
        )  # fmt: skip
        arms.append(Arm(chr(ord("A") + k), str(result.attrs["regimen"]), _who(who, result), result))
        if progress is not None:
            progress(k + 1, len(pairs))
    told = dict(settings or {})
    lines = [
        *_exposure_lines(arms),
        *acute_lines([arm.result for arm in arms], told),
        *ready_lines([arm.result for arm in arms], told),
        *course_lines([arm.result for arm in arms], seed),
        *burden_lines([arm.result for arm in arms]),
    ]
    order = list(GROUPS)
    lines.sort(key=lambda line: order.index(line.group))
    return Comparison(tuple(arms), tuple(lines), _remarks(arms, told), told)


def _pairs(regimens: Sequence[str], people: Any) -> list[tuple[str, Any]]:
    if isinstance(regimens, str):
        regimens = [regimens]
    many = list(people) if isinstance(people, list | tuple) else [people]
    pairs = [(regimen, who) for regimen in regimens for who in many]
    if len(pairs) < 2:
        raise InputError(
            "one arm cannot be compared", hint="give two regimens, or one and two patients"
        )
    if len(pairs) > MOST:
        raise InputError(f"{len(pairs)} arms do not fit a page", hint=f"give at most {MOST}")
    return pairs


def _count(who: Any, n: int | None) -> int | None:
    """How many people, where it is not said by the people themselves."""
    from ketascope.patients import Patient

    return (n or PEOPLE) if who is None or isinstance(who, Patient) else n


def _who(who: Any, result: xr.Dataset) -> str:
    fixed = json.loads(str(result.attrs["fixed"]))
    count = result.sizes["subject"]
    head = f"{count:,} virtual people" if count > 1 else "one person"
    if not fixed:
        return head
    told = []
    for name in fixed:
        values = result[name].to_numpy()
        if len(set(values.tolist())) == 1:
            told.append(f"{name} {values[0]:g}" if values.dtype.kind == "f" else str(values[0]))
    return f"{head}: {', '.join(told)}" if told else head


def _exposure_lines(arms: Sequence[Arm]) -> list[Line]:
    """Peak and area of the drug given; differences as ratios, where it is the same analyte."""
    lines = []
    names = [analytes_of(arm.result)[0] for arm in arms]
    for measure in ("cmax", "auc24"):
        title, unit, _ = MEASURES[measure]
        people = []
        for arm, name in zip(arms, names, strict=True):
            frame = exposure(arm.result)
            people.append(frame.loc[frame["analyte"] == name, measure].to_numpy())
        values = tuple(ends(one) for one in people)
        differences = []
        for name, one in zip(names[1:], people[1:], strict=True):
            alike = name == names[0] and len(one) == len(people[0])
            differences.append(ends(one / people[0]) if alike else None)
        lines.append(
            Line(
                "exposure",
                f"{title} of {' / '.join(dict.fromkeys(names))}",
                unit,
                values,
                tuple(differences),
                "ratio",
                "people",
                "" if len(set(names)) == 1 else "Different drugs: concentrations are not compared.",
            )
        )
    return lines


def _remarks(arms: Sequence[Arm], settings: Mapping[str, float] | None = None) -> tuple[str, ...]:
    """What must be known before the arms are compared."""
    told: dict[str, None] = {}
    drugs = {str(arm.result.attrs["drug"]) for arm in arms}
    if len(drugs) > 1:
        told[f"The arms give different drugs ({' and '.join(sorted(drugs))})."] = None
    models = {str(arm.result.attrs["model"]) for arm in arms}
    if len(models) > 1:
        sites = {str(arm.result.attrs["sampling"]) for arm in arms}
        if len(sites) > 1:
            told["The models sample at different sites: peaks differ for that reason too."] = None
        told[
            "The arms use different models of exposure. A person has the same size and age in "
            "each, but not the same place in the spread of each model, so differences are in part "
            "those of strangers and their intervals too wide."
        ] = None
    if any(arm.result.sizes["subject"] == 1 for arm in arms):
        told["One person: there is no spread, and a share of people is 0 or 100 %."] = None
    for arm in arms:
        if str(arm.result.attrs["variability"]) == "covariates only":
            told[
                f"{arm.letter}: the model of exposure knows no spread between people, so its "
                "intervals of exposure are too narrow."
            ] = None
    warned: dict[str, list[str]] = {}
    for arm in arms:
        known = json.loads(str(arm.result.attrs["warnings"]))
        for warning in (*known, *extrapolated(arm.result, settings)):
            warned.setdefault(warning, []).append(arm.letter)
    return (*told, *(f"{', '.join(letters)}: {text}" for text, letters in warned.items()))
