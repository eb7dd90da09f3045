"""Every model of the library, by every route it has, against diffrax and SciPy.

The reference reads the parameters off the result (``p_NAME``), lays out the course by itself and
integrates it; the engine's numbers must agree to 1e-10 of each analyte's maximum.
"""

import numpy as np
import pytest
from engine.exact import amounts, by_expm, concentrations, diffrax_step

import ketascope as ks
from ketascope.dosing import parse_regimen, schedule
from ketascope.models import library
from ketascope.models.structure import internal

WAYS = {
    "intravenous": "{drug} 30 mg iv over 40 min",
    "intranasal": "{drug} 56 mg intranasal",
    "oral": "{drug} 60 mg oral solution",
    "sublingual": "{drug} 50 mg sublingual film",
    "buccal": "{drug} 50 mg buccal film",
    "intramuscular": "{drug} 30 mg im",
    "rectal": "{drug} 100 mg rectal",
}
CASES = [(name, route) for name, model in library().items() for route in model.routes]
EARLY = [np.arange(0, 3, 0.25) + 24 * day for day in range(3)]
LATE = [0.05, 1 / 3, 6, 12, 18, 23, 24.1, 30, 49.7, 60, 72]
TIMES = np.unique(np.concatenate([*EARLY, LATE]))


def regimen(name, route):
    words = WAYS[route].format(drug=library()[name].drug)
    return f"{words} daily for 3 days"


def parameters(model, result, subject, occasions):
    """Parameters of one person by occasion, in internal units."""
    values = {p.name: np.full(occasions, internal(p)) for p in model.parameters}
    for name in values:
        if f"p_{name}" in result.coords:
            # one number a person, or one a person and session
            values[name][:] = result[f"p_{name}"].to_numpy()[..., subject]
    found = [{name: float(v[k]) for name, v in values.items()} for k in range(occasions)]
    return found.__getitem__


def expected(result, subject, step):
    model = library()[result.attrs["model"]]
    plan = schedule(parse_regimen(result.attrs["regimen"]))
    of = parameters(model, result, subject, len(plan.sessions))
    starts = [session.time for session in plan.sessions]
    if not model.varies_by_occasion or result.attrs["variability"] == "none":
        starts = []
    mg = [dose.amount.value for dose in plan.administrations]
    found = amounts(model, of, plan.administrations, mg, TIMES, starts, step)
    return concentrations(model, of, found, TIMES, starts)


def check(result, subject, step):
    for analyte, values in expected(result, subject, step).items():
        found = result[analyte].to_numpy()[subject]
        assert values.max() > 1.0, "the reference has something in it"
        assert found == pytest.approx(values, rel=0, abs=1e-10 * values.max()), analyte


@pytest.mark.parametrize(("name", "route"), CASES)
def test_a_typical_adult_against_diffrax(name, route):
    result = ks.simulate(regimen(name, route), typical=True, model=name, times=TIMES, force=True)
    check(result, 0, diffrax_step(len(library()[name].compartments)))


@pytest.mark.parametrize(("name", "route"), CASES)
def test_random_people_against_diffrax_and_scipy(name, route):
    result = ks.simulate(regimen(name, route), 5, seed=11, model=name, times=TIMES, force=True)
    if library()[name].has_variability:
        assert result[library()[name].analytes[0]].isel(time=3).to_numpy().std() > 0
    check(result, 4, diffrax_step(len(library()[name].compartments)))
    for subject in range(5):
        check(result, subject, by_expm)


@pytest.mark.parametrize("name", ["perez_ruixo_2021", "simons_2022"])
def test_the_times_asked_for_do_not_change_the_values(name):
    """A week later the value is the same, whether or not anything was asked for in between."""
    text = regimen(name, library()[name].routes[0])
    sparse = ks.simulate(text, 8, seed=3, model=name, times=[0.0, 60.0, 240.0], force=True)
    dense = ks.simulate(text, 8, seed=3, model=name, times=np.linspace(0.0, 240.0, 721),
                        force=True)  # fmt: skip
    for analyte in library()[name].analytes:
        peak = dense[analyte].max("time").to_numpy()[:, None]
        values = sparse[analyte].to_numpy()
        other = dense[analyte].isel(time=[0, 180, 720]).to_numpy()
        assert (np.abs(values - other) <= 1e-12 * peak + 1e-9 * other).all()
        assert (values >= 0).all()
