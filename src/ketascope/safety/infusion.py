"""The preparation sheet of an infusion: volumes, concentration, pump rate.

>>> sheet = infusion_sheet(0.5, "mg/kg", minutes=40, weight=70, vial=50, target=1)
>>> sheet.drug_mg, sheet.drug_ml, sheet.diluent_ml, sheet.rate_ml_per_h
(35.0, 0.7, 34.3, 52.5)
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ketascope.errors import InputError
from ketascope.safety.plan_data import plan_data

if TYPE_CHECKING:
    from ketascope.patients import Patient

LEAST_ML = 0.1
"""A volume below this is not measured well with a 1 mL syringe: the sheet says so."""
BASES = ("actual", "ideal", "adjusted")


@dataclass(frozen=True, slots=True)
class Sheet:
    """An infusion, as it is drawn up and run.

    Parameters
    ----------
    dose : str
        As ordered.
    weight_kg, basis : float or None, str
        The weight that the dose uses.
    drug_mg : float
        Of base.
    vial_mg_per_ml, drug_ml : float
        Strength of the vial, and how much is drawn from it.
    diluent_ml, total_ml, concentration_mg_per_ml : float
    minutes, rate_ml_per_h, rate_mg_per_h : float
    remarks : tuple of str
    source : str
    by_basis : dict
        Dose in mg by actual, ideal and adjusted weight; None where it cannot be worked out.
    by_basis_lacks : dict
        For each weight without a dose, what must be known of the patient: ``["height", "sex"]``.
    """

    dose: str
    weight_kg: float | None
    basis: str
    drug_mg: float
    vial_mg_per_ml: float
    drug_ml: float
    diluent_ml: float
    total_ml: float
    concentration_mg_per_ml: float
    minutes: float
    rate_ml_per_h: float
    rate_mg_per_h: float
    remarks: tuple[str, ...]
    source: str
    by_basis: dict[str, float | None] = field(default_factory=dict)
    by_basis_lacks: dict[str, list[str]] = field(default_factory=dict)


def infusion_sheet(
    amount: float,
    unit: str,
    *,
    minutes: float,
    weight: float | None = None,
    basis: str = "actual",
    cap_mg: float | None = None,
    vial: float = 50.0,
    target: float = 1.0,
    patient: Patient | None = None,
) -> Sheet:
    """Work out how an infusion is drawn up and run.

    Parameters
    ----------
    amount, unit : float, {"mg", "mg/kg"}
        Of base.
    minutes : float
        How long it runs.
    weight : float, optional
        kg, for a dose by weight.
    basis : str
        Which weight that is, in words.
    cap_mg : float, optional
        The most that a dose by weight may be.
    vial : float
        Strength of the vial, mg/mL of base: 10, 50 or 100.
    target : float
        Concentration that is run, mg/mL.
    patient : Patient, optional
        For the dose by other weights.

    Raises
    ------
    InputError
        For amounts, weights, caps, times or strengths that cannot be; for a dose by weight without
        the weight; for a target that the vial cannot give, or that would leave a vial undiluted
        which must be diluted.
    """
    data = plan_data().infusion
    for name, value in (("the dose", amount), ("the duration", minutes), ("the vial", vial),
                        ("the target", target)):  # fmt: skip
        if not (math.isfinite(value) and value > 0):
            raise InputError(f"{value:g} is no value of {name}", where="infusion")
    if vial not in data.strengths_mg_per_ml:
        known = ", ".join(f"{s:g}" for s in data.strengths_mg_per_ml)
        raise InputError(f"no vial of {vial:g} mg/mL is on the label", hint=f"it has {known}")
    if vial >= data.must_dilute_mg_per_ml and target >= vial:
        raise InputError(
            f"{vial:g} mg/mL must be diluted before it goes into a vein",
            where="infusion",
            hint="choose a lower target",
        )
    if target > vial:
        raise InputError(
            f"a vial of {vial:g} mg/mL cannot give {target:g} mg/mL", hint="choose a lower target"
        )
    drug = _dose(amount, unit, weight, cap_mg)
    drawn, total = drug / vial, drug / target
    remarks = _remarks(vial, target, drawn, cap_mg, amount, unit, weight)
    by_basis = _by_basis(amount, unit, cap_mg, patient)
    return Sheet(
        dose=f"{amount:g} {unit}" + (f", at most {cap_mg:g} mg" if cap_mg else ""),
        weight_kg=weight if unit == "mg/kg" else None,
        basis=basis if unit == "mg/kg" else "",
        drug_mg=_round(drug),
        vial_mg_per_ml=vial,
        drug_ml=_round(drawn),
        diluent_ml=_round(total - drawn),
        total_ml=_round(total),
        concentration_mg_per_ml=target,
        minutes=minutes,
        rate_ml_per_h=_round(total / (minutes / 60)),
        rate_mg_per_h=_round(drug / (minutes / 60)),
        remarks=tuple(remarks),
        source=data.source,
        by_basis=by_basis,
        by_basis_lacks=_lacks(by_basis, patient),
    )


def _dose(amount: float, unit: str, weight: float | None, cap_mg: float | None) -> float:
    if unit == "mg":
        return amount
    if unit != "mg/kg":
        raise InputError(f"'{unit}' is no unit of a dose", hint="use mg or mg/kg")
    if cap_mg is not None and not (math.isfinite(cap_mg) and cap_mg > 0):
        raise InputError(f"{cap_mg:g} mg is no cap of a dose", where="infusion")
    if weight is not None and not (math.isfinite(weight) and weight > 0):
        raise InputError(f"{weight:g} kg is no weight", where="infusion")
    if weight is None:
        raise InputError(
            "a dose by weight needs the weight", where="infusion", hint="give it in kg"
        )
    dose = amount * weight
    return min(dose, cap_mg) if cap_mg else dose


def _round(value: float) -> float:
    """Four significant digits: finer than any pump or syringe."""
    return float(f"{value:.4g}")


def _remarks(
    vial: float,
    target: float,
    drawn: float,
    cap_mg: float | None,
    amount: float,
    unit: str,
    weight: float | None,
) -> list[str]:
    data = plan_data().infusion
    remarks = [
        f"Diluents of the label: {' or '.join(data.diluents)}.",
        f"Never in one syringe or line with {' or '.join(data.never_with)}.",
    ]
    if vial >= data.must_dilute_mg_per_ml:
        remarks.insert(0, f"{vial:g} mg/mL must be diluted before it goes into a vein.")
    if target not in data.target_mg_per_ml:
        known = " or ".join(f"{t:g}" for t in data.target_mg_per_ml)
        remarks.append(f"The label prepares {known} mg/mL; {target:g} mg/mL is the site's choice.")
    if drawn < LEAST_ML:
        lower = vial > min(data.strengths_mg_per_ml)
        way = "take a vial of lower strength" if lower else "dilute a known volume first"
        remarks.append(f"{drawn:.2g} mL is too little to measure well: {way}.")
    if cap_mg and unit == "mg/kg" and weight is not None and amount * weight > cap_mg:
        remarks.append(
            f"The cap of {cap_mg:g} mg holds: by weight it would be {_round(amount * weight):g} mg."
        )
    return remarks


def _by_basis(
    amount: float, unit: str, cap_mg: float | None, patient: Patient | None
) -> dict[str, float | None]:
    """The dose by each weight that the patient's size allows."""
    if patient is None or unit != "mg/kg":
        return {}
    import pandas as pd

    from ketascope.patients import weight_for

    row = pd.DataFrame(
        {"id": [1], "weight": [patient.weight], "height": [patient.height], "sex": [patient.sex]}
    )
    found: dict[str, float | None] = {}
    for basis in BASES:
        try:
            kilograms = float(weight_for(row, basis)[0])
        except InputError:
            found[basis] = None
            continue
        dose = amount * kilograms
        found[basis] = _round(min(dose, cap_mg) if cap_mg else dose)
    return found


def _lacks(by_basis: dict[str, float | None], patient: Patient | None) -> dict[str, list[str]]:
    """What is unknown of the patient, for each weight without a dose."""
    if patient is None:
        return {}
    from ketascope.patients.weights import missing_for

    known = {"weight": patient.weight, "height": patient.height, "sex": patient.sex}
    return {
        basis: list(missing_for(basis, known)) for basis, dose in by_basis.items() if dose is None
    }
