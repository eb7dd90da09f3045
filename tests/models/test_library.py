"""Every model of the library is declared whole, documented and runs."""

import numpy as np
import pytest

from ketascope.dosing import Administration, Amount
from ketascope.errors import InputError
from ketascope.evidence import source
from ketascope.evidence.checks import check_parameter
from ketascope.evidence.parameter import Parameter, Place
from ketascope.evidence.substances import analyte
from ketascope.models import get, library
from ketascope.models.describe import details
from ketascope.models.individuals import Layers, draw
from ketascope.models.structure import OUT, TO_INTERNAL, Covariates, internal
from ketascope.units import convert

MODELS = list(library().values())
INTERNAL_UNITS = {
    "1": "1",
    "L": "L",
    "L/kg": "L/kg",
    "L/h": "L/h",
    "L/min": "L/h",
    "L/h/year": "L/h/year",
    "1/h": "1/h",
    "1/min": "1/h",
    "h": "h",
    "min": "h",
    "1/day": "1/h",
    "day": "h",
    "kg": "kg",
    "mg": "mg",
    "mg/L": "ug/L",
    "ug/L": "ug/L",
    "ng/mL": "ug/L",
    "ug/mL": "ug/L",
    "umol/L": "umol/L",
    "mL": "L",
    "mL/h": "L/h",
    "mL/min": "L/h",
    "mL/kg": "L/kg",
    "mL/min/kg": "L/h/kg",
    "L/day": "L/h",
    "L/min/kg": "L/h/kg",
    "L/year": "L/year",
    "L/min/year": "L/h/year",
    "1/min/year": "1/h/year",
    "ug/L/year": "ug/L/year",
    "ug": "mg",
    "g": "mg",
    "umol": "umol",
    "mg/h": "mg/h",
    "mg/day": "mg/h",
    "ug/h": "mg/h",
    "umol/h": "umol/h",
    "cm": "cm",
    "L/h/kg": "L/h/kg",
    "year": "year",
    "mmHg": "mmHg",
    "g/mol": "g/mol",
}


def adults(n=3):
    return Covariates(
        np.full(n, 45.0),
        np.full(n, 70.0),
        np.full(n, 170.0),
        np.full(n, "female"),
        np.array(["white", "asian", "japanese"] * n)[:n],
    )


def dose(model, route):
    form = model.forms.get(route)
    return Administration(0.0, model.drug, route, Amount(10.0, "mg"), 0.0, 0, 0, form)


@pytest.mark.parametrize("unit", TO_INTERNAL)
def test_the_factor_of_a_unit_is_the_one_pint_gives(unit):
    assert TO_INTERNAL[unit] == pytest.approx(convert(1.0, unit, INTERNAL_UNITS[unit]), rel=1e-14)


def test_a_unit_no_model_may_use_is_refused():
    place = Place("otto_2021", "Table 3", "read")
    with pytest.raises(InputError, match="has the unit 'furlong'"):
        internal(Parameter("V1", 1.0, "furlong", "volume", place))


def test_the_models_of_the_first_version_are_there():
    assert set(library()) >= {
        "perez_ruixo_2021",
        "simons_2022",
        "otto_2021",
        "ashraf_2018",
        "domino_1984",
        "clements_1981",
        "kamp_2020",
    }


def test_an_unknown_model_is_refused_with_the_names():
    with pytest.raises(InputError, match="the models are arketamine_iv_assembled, ashraf"):
        get("mickey_1928")
    with pytest.raises(InputError, match="did you mean herd_2007"):
        get("herd_2008")
    with pytest.raises(InputError, match=r"a file that ends in \.py"):
        get("events.csv")


@pytest.mark.parametrize("model", MODELS, ids=lambda m: m.name)
class TestDeclaration:
    def test_names_and_sources(self, model):
        assert model.name == type(model).__module__.rpartition(".")[2]
        assert source(model.source).doi or source(model.source).pmid
        assert model.drug in ("ketamine", "esketamine", "arketamine")
        assert model.people.text
        assert model.leaves_out
        assert model.not_for

    def test_parameters_are_documented(self, model):
        names = [p.name for p in model.parameters]
        assert len(names) == len(set(names))
        complaints = [c for p in model.parameters for c in check_parameter(p)]
        assert complaints == []

    def test_what_is_typical_only_has_no_spread(self, model):
        assert model.has_variability == (model.status == "population model")

    def test_flows_join_declared_compartments(self, model):
        p = draw(model, adults(), np.arange(3), seed=1, layers=Layers())
        for start, end in [*model.flows(p), *model.drives(p)]:
            assert start in model.compartments
            assert end in model.compartments or end == OUT

    def test_outputs_are_the_analytes_in_order(self, model):
        p = draw(model, adults(), np.arange(3), seed=1, layers=Layers(people=False))
        assert tuple(model.outputs(p)) == model.analytes
        for name, measured in model.outputs(p).items():
            assert analyte(name).display
            assert measured.compartment in model.compartments

    def test_every_route_goes_somewhere(self, model):
        p = draw(model, adults(), np.arange(3), seed=1, layers=Layers(people=False))
        for route in model.routes:
            paths = model.inputs(p, dose(model, route))
            assert paths
            assert {path.compartment for path in paths} <= set(model.compartments)
            assert all(np.all(np.asarray(path.fraction) >= 0) for path in paths)

    def test_the_description_says_where_each_number_comes_from(self, model):
        told = details(model)
        assert told["name"] == model.name
        assert all(row["source"] and row["where"] and row["how"] for row in told["parameters"])


def test_a_nasal_fraction_is_never_above_one():
    model = get("perez_ruixo_2021")
    n = 4000
    who = Covariates(*(np.full(n, v) for v in (45.0, 70.0, 170.0, "female", "japanese")))
    p = draw(model, who, np.arange(n), seed=3, layers=Layers())
    nose, swallowed = model.inputs(p, dose(model, "intranasal"))
    assert nose.fraction.max() == 1.0
    assert swallowed.fraction.min() == 0.0


def test_blood_flow_falls_with_age_above_sixty_only():
    model = get("perez_ruixo_2021")
    ages = np.array([30.0, 60.0, 70.0, 86.0])
    who = Covariates(ages, *(np.full(4, v) for v in (70.0, 170.0, "female", "white")))
    p = draw(model, who, np.arange(4), seed=0, layers=Layers(people=False))
    assert p.Qh == pytest.approx([151.0, 151.0, 151.0 - 21.9, 151.0 - 2.19 * 26])
