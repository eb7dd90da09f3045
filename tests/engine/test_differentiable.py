"""Derivatives of concentrations with respect to parameters, against finite differences."""

import jax
import numpy as np
import pytest

import ketascope as ks
from ketascope.dosing import parse_regimen
from ketascope.engine.differentiable import curve
from ketascope.errors import InputError
from ketascope.models import get
from ketascope.models.individuals import typical_values

CASES = {
    "perez_ruixo_2021": ("esketamine 56 mg intranasal once", {"age": 70, "race": "japanese"}),
    "simons_2022": ("esketamine 50 mg sublingual film once", {"weight": 60}),
    "otto_2021": ("esketamine 10 mg iv over 30 min once", {"weight": 90}),
    "domino_1984": ("ketamine 0.5 mg/kg iv over 40 min once", {}),
}
TIMES = [0.3, 0.6, 1.0, 3.0, 12.0]


@pytest.mark.parametrize("name", CASES)
def test_values_and_derivatives(name):
    text, covariates = CASES[name]
    model, patient = get(name), ks.Patient.of(covariates)
    result = ks.simulate(text, patient, typical=True, model=name, times=TIMES)
    expected = np.stack([result[a].to_numpy()[0] for a in model.analytes])
    values = typical_values(model)
    names = list(values)
    f = curve(model, parse_regimen(text), TIMES, patient)
    with jax.enable_x64(True):
        together = jax.jit(lambda v: f(dict(zip(names, v, strict=True))))
        start = np.array([values[n] for n in names])
        assert np.asarray(together(start)) == pytest.approx(expected, rel=1e-10, abs=1e-10)
        slopes = np.asarray(jax.jit(jax.jacfwd(together))(start))
        for i, parameter in enumerate(names):
            step = np.zeros_like(start)
            step[i] = 1e-5 * abs(start[i])
            above, below = (np.asarray(together(start + s)) for s in (step, -step))
            numeric = (above - below) / (2 * step[i])
            size = np.abs(numeric).max()
            assert slopes[:, :, i] == pytest.approx(numeric, rel=1e-6, abs=1e-6 * size + 1e-9), (
                parameter
            )


def test_reverse_mode_agrees_with_forward_mode():
    f = curve(get("kamp_2020"), parse_regimen("ketamine 35 mg iv over 40 min once"), [0.5, 2.0])
    with jax.enable_x64(True):
        reverse = jax.jacrev(lambda v: f({"CL": v[0], "V1": v[1]}))(np.array([84.0, 25.0]))
        forward = jax.jacfwd(lambda v: f({"CL": v[0], "V1": v[1]}))(np.array([84.0, 25.0]))
        assert np.asarray(reverse) == pytest.approx(np.asarray(forward), rel=1e-12)


def test_too_few_squarings_are_not_a_wrong_number():
    regimen = parse_regimen("ketamine 35 mg iv over 40 min once")
    f = curve(get("domino_1984"), regimen, [24.0], squarings=2)
    with jax.enable_x64(True):
        assert np.isnan(np.asarray(f({}))).all()


def test_an_unknown_parameter_is_refused():
    f = curve(get("kamp_2020"), parse_regimen("ketamine 35 mg iv over 40 min once"), [0.5])
    with pytest.raises(InputError, match="has no parameter Vmax"):
        f({"Vmax": 1.0})
