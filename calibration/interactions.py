"""Fit what other medicines do to exposure: multipliers on named parameters of named models.

Run from the root of the repository: ``python calibration/interactions.py``. It reads the ratios in
``src/ketascope/evidence/data/published/interactions.yaml`` and models of the library, writes
``calibration/results/interactions.yaml`` and prints the ``effects``, which are kept in
``src/ketascope/models/interactions.yaml`` (a test compares the two).

What is fitted
    The dose and route of a study; people who differ as the model's source prints for what medicines
    change; with the medicine, parameters are multiplied. The ratio is that of the means that the
    study prints. That of areas is met exactly, or by least squares of logarithms where there are
    more ratios than multipliers.
Liver and gut wall
    ``ashraf_2018`` has an intrinsic clearance in each. Where areas by mouth and by vein were both
    measured, they tell the two apart. Where only areas and peaks by mouth were, the multipliers
    that meet the area and come nearest to the peak are taken. Both lie on one side of 1: a medicine
    that inhibits the one does not induce the other.
Norketamine
    Its intrinsic clearance in the liver is multiplied so that the ratio of its areas is met, where
    one is printed.
Spread
    The same multiplier for everybody: no study prints how it differs between people. Where a source
    prints a range of its ratio, the fit is repeated at both ends; where two studies measured the
    same ratio, with each alone.

Everything here is worked out by eigenvalues, apart from the program's own solver; a test holds the
program's own curves against it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from scipy.optimize import brentq, least_squares, minimize_scalar

from ketascope.dosing import parse_regimen, schedule
from ketascope.evidence.published import PublishedValue, published
from ketascope.models import Model, get
from ketascope.models.parts import OUT, Covariates, Individual, internal

RESULT = Path(__file__).parent / "results" / "interactions.yaml"
HOURS = np.concatenate([np.arange(0.0, 2.0, 1 / 60), np.arange(2.0, 6.0, 1 / 12)])
"""Times at which a peak is looked for: every minute, then every five."""
NODES = 9
WEAKEST, STRONGEST = 0.01, 60.0
"""Multipliers that are looked at."""


@dataclass(frozen=True)
class Knobs:
    """Parameters that a medicine changes, each group by one multiplier."""

    liver: tuple[str, ...]
    gut: tuple[str, ...] = ()
    metabolite: tuple[str, ...] = ()


KNOBS = {
    "ashraf_2018": Knobs(("CLint_H",), ("CLint_gut",), ("CLint_H_NK",)),
    "perez_ruixo_2021": Knobs(("kel", "kmet"), (), ("CLn_F",)),
    "otto_2021": Knobs(("CL",), (), ("CLn",)),
    "simons_2022": Knobs(("CLK1",), (), ("CLN1",)),
}
MOUTH, VEIN = ("oral",), ("intravenous",)
FITS: tuple[tuple[str, str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("clarithromycin", "ashraf_2018", MOUTH, ("clarithromycin_oral",)),
    ("St John's wort", "ashraf_2018", MOUTH, ("st_johns_wort_oral",)),
    ("grapefruit juice", "ashraf_2018", MOUTH, ("grapefruit_juice_oral",)),
    ("rifampicin", "ashraf_2018", MOUTH + VEIN,
     ("rifampicin_oral", "rifampicin_iv", "rifampicin_iv_2h")),
    ("rifampicin", "perez_ruixo_2021", VEIN, ("rifampicin_iv", "rifampicin_iv_2h")),
    ("rifampicin", "otto_2021", VEIN, ("rifampicin_iv", "rifampicin_iv_2h")),
    ("rifampicin", "simons_2022", VEIN, ("rifampicin_iv", "rifampicin_iv_2h")),
    ("ticlopidine", "perez_ruixo_2021", ("intranasal",), ("ticlopidine_nasal",)),
)  # fmt: skip
"""Medicine, model, routes that the fit holds for, arms of interactions.yaml."""


class People:
    """The people of a study with one model: exact curves and areas for any multipliers.

    They differ by the spread between people of the parameters that medicines change, at the nodes
    of a Gauss-Hermite rule; in everything else they are typical people of the study.
    """

    def __init__(self, model: Model, value: PublishedValue) -> None:
        self.model, self.statistic = model, value.statistic
        given = value.conditions.patient
        one = {
            "age": 45.0, "weight": 70.0, "height": 170.0, "sex": "female", "race": "white", **given
        }  # fmt: skip
        who = Covariates(*(one[c] for c in ("age", "weight", "height", "sex", "race")))
        printed = Individual({p.name: internal(p) for p in model.parameters})
        own = model.individual(printed, who)
        typical = Individual({name: float(np.squeeze(own[name])) for name in own.names()})
        self.p, self.mass = spread_out(model, typical)
        self.weight = float(one["weight"])
        self.doses = schedule(parse_regimen(value.conditions.regimen)).administrations

    def solved(self, multiply: Mapping[str, float]) -> Any:
        """Return eigenvalues, both sets of vectors, inputs and outputs, people first."""
        p = self.p.replace(**{name: self.p[name] * m for name, m in multiply.items()})
        place = {name: i for i, name in enumerate(self.model.compartments)}
        rates = np.zeros((len(self.mass), len(place), len(place)))
        for (start, end), rate in self.model.flows(p).items():
            rates[:, place[start], place[start]] -= rate
            if end != OUT:
                rates[:, place[end], place[start]] += rate
        values, vectors = np.linalg.eig(rates)
        inputs = []
        for dose in self.doses:
            per_kg = dose.amount.unit == "mg/kg"
            amount = dose.amount.value * (self.weight if per_kg else 1.0)
            for into in self.model.inputs(p, dose):
                lasts = dose.duration if into.duration is None else into.duration
                size = amount * into.fraction
                inputs.append((place[into.compartment], size, dose.time, float(np.ravel(lasts)[0])))
        outputs = {
            name: (place[c.compartment], c.volume) for name, c in self.model.outputs(p).items()
        }
        return values, vectors, np.linalg.inv(vectors), inputs, outputs

    def curves(self, analyte: str, times: np.ndarray, multiply: Mapping[str, float]) -> np.ndarray:
        """Concentrations (people, times); ug/L where the model is in mg (a ratio has no unit)."""
        values, vectors, inverse, inputs, outputs = self.solved(multiply)
        row, volume = outputs[analyte]
        total = np.zeros((len(self.mass), len(times)), dtype=complex)
        for compartment, size, start, lasts in inputs:
            weights = vectors[:, row] * inverse[:, :, compartment] * _column(size)
            after = np.maximum(times - start, 0.0)[None, :, None]
            grown = np.exp(values[:, None, :] * after)
            if lasts > 0:
                ended = np.exp(values[:, None, :] * np.maximum(after - lasts, 0.0))
                grown = (grown - ended) / (values[:, None, :] * lasts)
            total += np.where(times >= start, np.einsum("ptk,pk->pt", grown, weights), 0.0)
        return np.asarray(1000.0 * total.real / _column(volume))

    def areas(self, analyte: str, multiply: Mapping[str, float]) -> np.ndarray:
        """Areas to infinity."""
        values, vectors, inverse, inputs, outputs = self.solved(multiply)
        row, volume = outputs[analyte]
        total = sum(
            size * (vectors[:, row] * inverse[:, :, compartment] / -values).sum(axis=1)
            for compartment, size, _, _ in inputs
        )
        return np.asarray(1000.0 * np.real(total) / volume)

    def half_lives(self, multiply: Mapping[str, float]) -> np.ndarray:
        """Half-lives of the slowest phase of the parent."""
        values, vectors, inverse, inputs, outputs = self.solved(multiply)
        row, _ = outputs[self.model.analytes[0]]
        weights = np.abs(
            sum(_column(size) * vectors[:, row] * inverse[:, :, c] for c, size, _, _ in inputs)
        )
        held = weights > 1e-9 * weights.max(axis=1, keepdims=True)
        return np.asarray(math.log(2) / np.where(held, -values.real, np.inf).min(axis=1))

    def measure(self, value: PublishedValue, multiply: Mapping[str, float]) -> float:
        """Return the exposure that a ratio is of, with multipliers: the mean that is printed."""
        analyte, window = str(value.analyte), value.conditions.window
        if value.quantity == "half_life_ratio":
            found = self.half_lives(multiply)
        elif value.quantity == "cmax_ratio":
            found = self.curves(analyte, HOURS, multiply).max(axis=1)
        elif window is None:
            found = self.areas(analyte, multiply)
        else:
            fine = np.linspace(window[0], window[1], 601)
            found = np.trapezoid(self.curves(analyte, fine, multiply), fine, axis=1)
        if value.statistic == "geometric mean":
            return float(np.exp(self.mass @ np.log(found)))
        return float(self.mass @ found)


def spread_out(model: Model, typical: Individual) -> tuple[Individual, np.ndarray]:
    """Return people who differ by what medicines change, and how much each counts."""
    knobs = KNOBS[model.name]
    names = [
        p.name for p in model.parameters if p.name in (*knobs.liver, *knobs.gut) and p.variability
    ]
    nodes, mass = np.polynomial.hermite_e.hermegauss(NODES)
    grid = np.meshgrid(*[nodes] * len(names), indexing="ij")
    weights = np.ones_like(grid[0])
    changed = {}
    for axis, name in enumerate(names):
        (variability,) = model.parameter(name).variability
        changed[name] = (typical[name] * np.exp(variability.sd * grid[axis])).ravel()
        shape = [NODES if i == axis else 1 for i in range(len(names))]
        weights = weights * (mass / mass.sum()).reshape(shape)
    whole = {name: np.full(weights.size, typical[name]) for name in typical.names()}
    return Individual({**whole, **changed}), weights.ravel()


def _column(value: Any) -> Any:
    """Let one number a person stand over a further axis."""
    return np.asarray(value)[..., None]


class Fit:
    """One medicine, one model, and the ratios that the multipliers are fitted to."""

    def __init__(
        self, model: str, arms: Sequence[str], changed: Mapping[str, float] | None = None
    ) -> None:
        self.knobs = KNOBS[model]
        own = get(model)
        self.values = [
            v
            for v in published()
            if v.id.split(".")[:1] == ["interactions"]
            and v.id.split(".")[1] in arms
            and v.analyte in own.analytes
        ]
        self.ratio = {v.id: v.value for v in self.values} | dict(changed or {})
        self.people = {v.id: People(own, v) for v in self.values}
        self.without = {v.id: self.people[v.id].measure(v, {}) for v in self.values}

    def spread(self, liver: float, gut: float, metabolite: float = 1.0) -> dict[str, float]:
        """Return the multiplier of each parameter."""
        k = self.knobs
        groups = ((k.liver, liver), (k.gut, gut), (k.metabolite, metabolite))
        return {name: m for names, m in groups for name in names}

    def gives(self, value: PublishedValue, multiply: Mapping[str, float]) -> float:
        """Return the ratio that multipliers give under the conditions of a published one."""
        return self.people[value.id].measure(value, multiply) / self.without[value.id]

    def miss(self, value: PublishedValue, multiply: Mapping[str, float]) -> float:
        """Logarithm of the ratio given over the ratio published."""
        return math.log(self.gives(value, multiply) / self.ratio[value.id])

    def fitted(self, analyte: str, quantity: str) -> list[PublishedValue]:
        """Published ratios of one kind that are there to be fitted."""
        return [
            v
            for v in self.values
            if (v.analyte, v.quantity, v.used_for) == (analyte, quantity, "fit")
        ]

    def run(self) -> dict[str, float]:
        """Return the multiplier of each parameter that is changed."""
        parent, child = self.people[self.values[0].id].model.analytes[:2]
        areas, peaks = self.fitted(parent, "auc_ratio"), self.fitted(parent, "cmax_ratio")
        routes = {self.people[v.id].doses[0].route for v in areas}
        if len(areas) == 1 and peaks and self.knobs.gut:
            liver, gut = self._by_area_and_peak(areas[0], peaks[0])
        elif len(routes) > 1:
            liver, gut = self._by_areas(areas)
        else:
            liver, gut = self._by_liver(areas), 1.0
        found = self.spread(liver, gut)
        of_child = self.fitted(child, "auc_ratio")
        if of_child and self.knobs.metabolite:
            found |= self._by_metabolite(of_child, found)
        return {name: m for name, m in found.items() if m != 1.0}

    def _by_liver(self, areas: Sequence[PublishedValue]) -> float:
        def miss(x: np.ndarray) -> list[float]:
            return [self.miss(v, self.spread(math.exp(x[0]), 1.0)) for v in areas]

        return math.exp(least_squares(miss, [0.0], xtol=1e-14, ftol=1e-14, gtol=1e-14).x[0])

    def _by_areas(self, areas: Sequence[PublishedValue]) -> tuple[float, float]:
        """By mouth and by vein: both multipliers."""

        def miss(x: np.ndarray) -> list[float]:
            return [self.miss(v, self.spread(*np.exp(x))) for v in areas]

        start = [0.5 if self.ratio[areas[0].id] < 1 else -0.5] * 2
        fit = least_squares(miss, start, xtol=1e-14, ftol=1e-14, gtol=1e-14)
        liver, gut = np.exp(fit.x)
        return float(liver), float(gut)

    def _by_area_and_peak(self, area: PublishedValue, peak: PublishedValue) -> tuple[float, float]:
        """By mouth alone: the area exactly, and of what meets it what is nearest to the peak."""
        inhibits = self.ratio[area.id] > 1

        def liver_for(gut: float) -> float:
            return _root(lambda m: self.miss(area, self.spread(m, gut)))

        if inhibits:
            low, high = 0.0, 1.0
        else:
            low, high = 1.0, _root(lambda g: self.miss(area, self.spread(1.0, g)))

        def miss(gut: float) -> float:
            return self.miss(peak, self.spread(liver_for(gut), gut)) ** 2

        inner = minimize_scalar(miss, bounds=(low, high), method="bounded", options={"xatol": 1e-6})
        gut = min((low, high, float(inner.x)), key=miss)
        return liver_for(gut), gut

    def _by_metabolite(
        self, areas: Sequence[PublishedValue], found: Mapping[str, float]
    ) -> dict[str, float]:
        def miss(m: float) -> float:
            changed = dict.fromkeys(self.knobs.metabolite, m)
            return sum(self.miss(v, {**found, **changed}) for v in areas)

        return dict.fromkeys(self.knobs.metabolite, _root(miss))


def _root(miss: Callable[[float], float]) -> float:
    """Find the multiplier at which a monotone miss is 0."""
    found = brentq(lambda x: miss(math.exp(x)), math.log(WEAKEST), math.log(STRONGEST), xtol=1e-13)
    return float(math.exp(found))


def uncertainty(model: str, arms: Sequence[str], fit: Fit) -> dict[str, Any]:
    """Return the multipliers at the ends of a printed range, or of each of several studies."""
    ranged = [
        v
        for v in fit.values
        if v.quantity == "auc_ratio" and v.interval is not None and v.used_for == "fit"
    ]
    if ranged:
        (value,) = ranged
        assert value.interval is not None
        runs = [Fit(model, arms, {value.id: end}).run() for end in value.interval]
        return {"ends_of_the_printed_range_of_the_area": _ends(runs, fit.knobs)}
    if fit.knobs.gut or len(arms) < 2:
        return {}
    runs = [Fit(model, [arm]).run() for arm in arms]
    return {"each_study_alone": _ends(runs, fit.knobs)}


def _ends(runs: Sequence[Mapping[str, float]], knobs: Knobs) -> dict[str, list[float]]:
    """Least and greatest multiplier of each parameter of the parent."""
    found = {}
    for name in (*knobs.liver, *knobs.gut):
        values = [run.get(name, 1.0) for run in runs]
        if min(values) != max(values):
            found[name] = [_short(min(values)), _short(max(values))]
    return found


def calibrate() -> dict[str, Any]:
    """Return the effects, with what they give beside what was published."""
    effects, fits = [], []
    for medicine, model, routes, arms in FITS:
        fit = Fit(model, arms)
        rounded = {name: _short(m) for name, m in fit.run().items()}
        multiply = {name: m for name, m in rounded.items() if m != 1.0}
        gives = {v.id: _short(fit.gives(v, multiply), 3) for v in fit.values}
        effects.append(
            {
                "medicine": medicine,
                "model": model,
                "routes": list(routes),
                "basis": "calibrated",
                "multiply": multiply,
                "gives": gives,
            }
        )
        compared = {
            v.id: {"published": v.value, "fitted": gives[v.id], "used_for": v.used_for}
            for v in fit.values
        }
        bounds = uncertainty(model, arms, fit)
        fits.append({"medicine": medicine, "model": model, "ratios": compared, **bounds})
    return {"effects": effects, "fits": fits}


def _short(value: float, digits: int = 4) -> float:
    """Round to significant digits."""
    return float(f"{value:.{digits}g}")


def main() -> None:
    """Write the result file and print the effects."""
    result = calibrate()
    header = (
        "# Written by calibration/interactions.py from the published ratios in\n"
        "# src/ketascope/evidence/data/published/interactions.yaml: a calibration of this "
        "project.\n"
    )
    text = yaml.safe_dump(result, sort_keys=False, default_flow_style=None, width=100)
    RESULT.write_text(header + text, encoding="utf-8")
    effects = {"effects": result["effects"]}
    print(yaml.safe_dump(effects, sort_keys=False, default_flow_style=None, width=100))


if __name__ == "__main__":
    main()
