"""What a study measured, worked out for each simulated person."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ketascope.checks.arms import regimen_of
from ketascope.dosing import schedule
from ketascope.engine.summary import area, half_life
from ketascope.errors import Unsupported

if TYPE_CHECKING:
    import xarray as xr
    from numpy.typing import NDArray

    from ketascope.evidence.published import PublishedValue

    Values = NDArray[np.float64]

PARENTS = {
    "norketamine": "ketamine",
    "esnorketamine": "esketamine",
    "arnorketamine": "arketamine",
    "hydroxynorketamine": "ketamine",
    "eshydroxynorketamine": "esketamine",
    "arhydroxynorketamine": "arketamine",
}
"""Parent of each metabolite whose area is compared with its parent's."""
INTERNAL = {
    "auc": "ng*h/mL",
    "cmax": "ng/mL",
    "concentration": "ng/mL",
    "tmax": "h",
    "half_life": "h",
    "clearance": "L/h",
    "clearance_per_weight": "L/h/kg",
    "volume": "L",
    "volume_per_weight": "L/kg",
    "bioavailability": "1",
    "ratio": "1",
}
"""Unit in which each quantity is worked out."""


def measured(value: PublishedValue, result: xr.Dataset) -> Values:
    """Return the quantity of a published value for each simulated person.

    Parameters
    ----------
    value : PublishedValue
    result : xarray.Dataset
        From :func:`ketascope.checks.arms.simulated`.

    Returns
    -------
    ndarray, shape (people,), in the unit of ``INTERNAL``

    Raises
    ------
    Unsupported
        If it cannot be had from concentrations.
    """
    curve = Curve(value, result)
    found = {
        "cmax": curve.cmax,
        "tmax": curve.tmax,
        "concentration": curve.concentration,
        "auc": curve.auc,
        "half_life": curve.half_life,
        "clearance": curve.clearance,
        "clearance_per_weight": lambda: curve.clearance() / curve.weight,
        "volume": curve.volume,
        "volume_per_weight": lambda: curve.volume() / curve.weight,
        "ratio": curve.ratio,
    }.get(value.quantity)
    if found is None:
        raise Unsupported(f"{value.quantity} is not worked out from concentrations")
    return np.asarray(found(), dtype=float)


class Curve:
    """Concentrations of one analyte in the people of an arm, with what a value asks of them."""

    def __init__(self, value: PublishedValue, result: xr.Dataset) -> None:
        assert value.analyte is not None
        self.value, self.result = value, result
        self.times: Values = result["time"].to_numpy()
        self.conc: Values = self._of(value.analyte)
        plan = schedule(regimen_of(value.conditions))
        self.doses, self.end = plan.administrations, plan.sessions[-1].end
        self.weight: Values = result["weight"].to_numpy()
        self.shift = 0.0 if value.conditions.clock == "first dose" else self.end

    def _of(self, analyte: str) -> Values:
        return np.asarray(self.result[analyte].transpose("subject", "time").to_numpy())

    def _inside(self) -> NDArray[np.bool_]:
        window = self.value.conditions.window
        if window is None:
            return np.ones(self.times.shape, dtype=bool)
        low, high = (self.shift + hour for hour in window)
        return np.asarray((self.times >= low - 1e-9) & (self.times <= high + 1e-9))

    def cmax(self) -> Values:
        """Highest concentration, ng/mL; not that of a bolus, which is as high as sampling is early.

        The moment after a bolus has no concentration in plasma that models or studies agree on.
        """
        last = self.doses[-1]
        at_once = last.route == "intravenous" and last.duration == 0
        if at_once and self.value.conditions.window is None:
            raise Unsupported("the peak of a bolus depends on when the first sample was drawn")
        found: Values = self.conc[:, self._inside()].max(axis=1)
        return found

    def tmax(self) -> Values:
        """Hours from the clock's zero to the highest concentration."""
        inside = self._inside()
        peak = self.conc[:, inside].argmax(axis=1)
        return np.asarray(self.times[inside][peak] - self.shift)

    def concentration(self) -> Values:
        """Concentration at the hour of the value, ng/mL."""
        time = self.value.conditions.time
        assert time is not None
        return np.asarray(self.conc[:, np.abs(self.times - time - self.shift).argmin()])

    def auc(self, conc: Values | None = None) -> Values:
        """Area over the window, or to infinity without one, ng h/mL."""
        conc = self.conc if conc is None else conc
        inside = self._inside()
        found = area(self.times[inside], conc[:, inside])
        if self.value.conditions.window is not None:
            return found
        return found + conc[:, -1] / self._last_rate(conc)

    def _last_rate(self, conc: Values) -> Values:
        """Rate constant of the last two points, 1/h; the fall is log-linear by then."""
        before, last = conc[:, -2], conc[:, -1]
        with np.errstate(divide="ignore", invalid="ignore"):
            rate = np.log(before / last) / (self.times[-1] - self.times[-2])
        return np.where(rate > 0, rate, np.nan)

    def half_life(self) -> Values:
        """Half-life by regression as in a summary of exposure, h."""
        return half_life(self.times - self.end, self.conc, np.inf)

    def clearance(self) -> Values:
        """Dose over area to infinity, L/h; of a dose that is not IV it is over bioavailability."""
        # ng/mL times h is ug/L times h
        return 1000.0 * self._dose() / self._whole()

    def _whole(self) -> Values:
        rest = self.conc[:, -1] / self._last_rate(self.conc)
        return area(self.times, self.conc) + rest

    def _dose(self) -> Values:
        """Dose of the analyte, mg of base: half of a racemic dose is each enantiomer."""
        total = np.zeros_like(self.weight)
        for amount in (dose.amount for dose in self.doses):
            mg = amount.value * (self.weight if amount.unit == "mg/kg" else 1.0)
            total = total + (mg if amount.cap_mg is None else np.minimum(mg, amount.cap_mg))
        drugs = {str(dose.drug) for dose in self.doses}
        if drugs == {"ketamine"} and self.value.analyte in ("esketamine", "arketamine"):
            return np.asarray(0.5 * total)
        if drugs != {self.value.analyte}:
            raise Unsupported(f"{self.value.analyte} was not given, so it has no clearance")
        return np.asarray(total)

    def volume(self) -> Values:
        """Volume of distribution at steady state, L: clearance times mean residence time."""
        if [dose.route for dose in self.doses] != ["intravenous"]:
            raise Unsupported("a volume is worked out from one intravenous dose")
        moment = area(self.times, self.conc * self.times)
        rate = self._last_rate(self.conc)
        last = self.conc[:, -1]
        moment = moment + last * self.times[-1] / rate + last / rate**2
        residence = moment / self._whole() - self.doses[0].duration / 2
        return np.asarray(self.clearance() * residence)

    def ratio(self) -> Values:
        """Area of a metabolite over that of its parent."""
        parent = PARENTS.get(str(self.value.analyte))
        if parent is None or parent not in self.result:
            raise Unsupported(f"the model does not give the parent of {self.value.analyte}")
        return self.auc() / self.auc(self._of(parent))


def centre_of(statistic: str, people: Values) -> float:
    """Return the statistic that a study prints, over people; the median where it does not say."""
    if statistic == "mean":
        return float(np.mean(people))
    if statistic == "geometric mean":
        return float(np.exp(np.mean(np.log(people)))) if (people > 0).all() else float("nan")
    return float(np.median(people))
