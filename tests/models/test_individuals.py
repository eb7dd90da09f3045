"""Parameters of people: typical values, spread between people and occasions, covariates."""

import math

import numpy as np
import pytest
from models.toys import MANY, NOBODY, drawn, parameter, toy, who
from scipy import stats

from ketascope.errors import InputError
from ketascope.evidence.parameter import Variability
from ketascope.models import get, library
from ketascope.models.individuals import draw, typical_values
from ketascope.models.structure import Covariance


def test_typical_values_are_the_printed_ones_in_internal_units():
    values = typical_values(get("simons_2022"))
    assert values["CLK1"] == pytest.approx(1.48 * 60.0)
    assert values["D1"] == pytest.approx(13.1 / 60.0)
    assert values["KA1"] == pytest.approx(0.04 * 60.0)
    assert values["VK1"] == 11.6
    assert list(values) == [p.name for p in get("simons_2022").parameters]


def test_without_spread_a_parameter_is_one_number():
    p = drawn(get("kamp_2020"), MANY[:5])
    assert p["CL"].tolist() == [84.0] * 5
    assert typical_values(get("kamp_2020"))["CL"] == 84.0


@pytest.mark.parametrize("cv", [0.1, 0.3, 1.2])
def test_lognormal_spread_has_the_printed_coefficient_of_variation(cv):
    """The typical value is the median, and sd over mean is the CV."""
    value = drawn(toy(parameter("CL", 80.0, Variability.from_cv(cv))))["CL"]
    assert np.median(value) == pytest.approx(80.0, rel=0.03)
    assert value.std() / value.mean() == pytest.approx(cv, rel=0.1)
    sigma = math.sqrt(math.log(1.0 + cv**2))
    assert stats.kstest(np.log(value / 80.0) / sigma, "norm").pvalue > 1e-3


def test_lognormal_spread_from_a_printed_variance():
    value = drawn(toy(parameter("CL", 80.0, Variability.from_variance(0.09))))["CL"]
    assert np.log(value / 80.0).std() == pytest.approx(0.3, rel=0.02)


def test_logit_spread_stays_between_0_and_1():
    value = drawn(toy(parameter("F", 0.54, Variability("logit", 1.5))))["F"]
    assert value.min() > 0.0
    assert value.max() < 1.0
    eta = np.log(value / (1 - value)) - math.log(0.54 / 0.46)
    assert stats.kstest(eta / 1.5, "norm").pvalue > 1e-3


def test_normal_spread_is_added():
    value = drawn(toy(parameter("B", 3.0, Variability("normal", 2.0))))["B"]
    assert stats.kstest((value - 3.0) / 2.0, "norm").pvalue > 1e-3


def test_parameters_are_independent_unless_the_source_prints_a_covariance():
    spread = Variability.from_variance(0.09)
    p = drawn(toy(parameter("CL", 1.0, spread), parameter("V", 1.0, spread)))
    assert abs(np.corrcoef(np.log(p["CL"]), np.log(p["V"]))[0, 1]) < 0.03


@pytest.mark.parametrize("correlation", [-0.7, 0.5, 0.99])
def test_a_printed_covariance(correlation):
    first, second = 0.3, 0.2
    model = toy(
        parameter("CL", 80.0, Variability("lognormal", first)),
        parameter("between", 1.0, Variability("lognormal", 0.1)),
        parameter("V", 15.0, Variability("lognormal", second)),
        covariances=(Covariance("CL", "V", correlation * first * second),),
    )
    p = drawn(model)
    logs = np.log([p["CL"], p["V"], p["between"]])
    assert logs.std(axis=1) == pytest.approx([first, second, 0.1], rel=0.02)
    found = np.corrcoef(logs)
    assert found[0, 1] == pytest.approx(correlation, abs=0.02)
    assert abs(found[:2, 2]).max() < 0.03


def test_the_covariances_of_otto_2021():
    p = drawn(get("otto_2021"))
    for first, second, value in (("V1", "CL", 0.02261), ("Vn", "CLn", 0.04456)):
        found = np.cov(np.log(p[first]), np.log(p[second]))
        assert found[0, 1] == pytest.approx(value, rel=0.05)
    assert abs(np.corrcoef(np.log(p["V1"]), np.log(p["Vn"]))[0, 1]) < 0.03


def test_spread_between_occasions():
    model = toy(parameter("F", 0.5, Variability("lognormal", 0.4, "occasion")))
    value = drawn(model, occasions=3)["F"]
    assert value.shape == (3, len(MANY))
    logs = np.log(value / 0.5)
    assert logs.std(axis=1) == pytest.approx([0.4] * 3, rel=0.02)
    assert np.abs(np.corrcoef(logs) - np.eye(3)).max() < 0.03


def test_spread_between_people_and_between_occasions_add_up():
    model = toy(parameter("F", 0.5, Variability("lognormal", 0.3),
                          Variability("lognormal", 0.4, "occasion")))  # fmt: skip
    logs = np.log(drawn(model, occasions=4)["F"] / 0.5)
    assert logs.std() == pytest.approx(0.5, rel=0.02)
    assert logs.mean(axis=0).std() == pytest.approx(math.sqrt(0.09 + 0.16 / 4), rel=0.02)
    assert np.cov(logs[0], logs[1])[0, 1] == pytest.approx(0.09, rel=0.05)


def test_more_occasions_begin_with_the_fewer():
    model = get("simons_2022")
    few, many = (drawn(model, MANY[:9], occasions=k)["F1"] for k in (2, 5))
    assert (many[:2] == few).all()


@pytest.mark.parametrize("name", library())
def test_a_person_is_the_same_in_any_company(name):
    model = get(name)
    whole = drawn(model, MANY[:64], occasions=2)
    for subjects in (MANY[:1], MANY[10:17], MANY[[63, 5, 5, 0]]):
        part = drawn(model, subjects, occasions=2)
        for parameter_name in whole.names():
            value = np.asarray(whole[parameter_name])
            mine = np.asarray(part[parameter_name])
            expected = value if value.ndim == 0 else value[..., subjects]
            assert (mine == expected).all(), parameter_name


@pytest.mark.parametrize("name", [n for n, m in library().items() if m.has_variability])
def test_every_spread_of_the_library_is_drawn_as_printed(name):
    """Standard deviation of the logarithm (or logit) over people, before covariates differ."""
    model = get(name)
    p = drawn(model, occasions=1)
    for declared in model.parameters:
        if not declared.variability:
            continue
        value = np.asarray(p[declared.name]).reshape(-1)
        logit = declared.variability[0].kind == "logit"
        eta = np.log(value / (1 - value)) if logit else np.log(value)
        wanted = math.sqrt(sum(v.sd**2 for v in declared.variability))
        # where a covariate holds a value back (blood flow above a floor) the spread stays near
        assert eta.std() == pytest.approx(wanted, rel=0.03), declared.name


def test_no_layer_draws_nothing():
    p = drawn(get("simons_2022"), MANY[:4], layers=NOBODY)
    values = typical_values(get("simons_2022"))
    for name in p.names():
        assert np.unique(p[name]).tolist() == pytest.approx([values[name]]), name


def test_typical_values_can_be_replaced():
    model = toy(parameter("CL", 80.0, Variability.from_cv(0.3)))
    plain, double = drawn(model, MANY[:9]), drawn(model, MANY[:9], typical={"CL": 160.0})
    assert double["CL"] == pytest.approx(2.0 * plain["CL"], rel=1e-15)


def test_replicates_are_lognormal_about_the_printed_value():
    model = toy(parameter("CL", 1.5, unit="L/min", se=0.3), parameter("V", 20.0, unit="L"))
    values = [typical_values(model, 4, k) for k in range(2000)]
    cl = np.array([v["CL"] for v in values])
    assert {v["V"] for v in values} == {20.0}
    sigma = math.sqrt(math.log1p(0.2**2))
    assert stats.kstest(np.log(cl / 90.0) / sigma, "norm").pvalue > 1e-3
    assert typical_values(model, 4, 7) == values[7]
    assert typical_values(model, 5, 7) != values[7]
    assert typical_values(model, 4) == {"CL": 90.0, "V": 20.0}


def test_replicates_need_a_standard_error():
    with pytest.raises(InputError, match="toy as read prints no standard errors"):
        typical_values(toy(parameter("CL", 1.0)), 0, 0)


def test_another_seed_is_another_person():
    model = get("perez_ruixo_2021")
    one, other = drawn(model, MANY[:50], seed=1), drawn(model, MANY[:50], seed=2)
    assert (one["Vc"] != other["Vc"]).all()


def typical(name, **columns):
    n = max(np.size(v) for v in columns.values())
    return draw(get(name), who(n, **columns), np.arange(n), seed=0, layers=NOBODY)


def test_weight_in_clements_domino_and_kamp():
    weight = [50.0, 70.0, 100.0]
    assert typical("clements_1981", weight=weight)["V1"] == pytest.approx(
        [1.7522 * 50, 1.7522 * 70, 175.22]
    )
    assert typical("domino_1984", weight=weight)["V1"] == pytest.approx([3.15, 4.41, 6.3])
    kamp = typical("kamp_2020", weight=weight)
    assert kamp["CL"] == pytest.approx([60.0, 84.0, 120.0])
    assert kamp["V3"] / kamp["Q3"] == pytest.approx([157 / 79] * 3)


def test_weight_in_otto_and_simons():
    ratio = 100.0 / 70.0
    for name, volumes, clearances, rest in (
        ("otto_2021", ["V1", "Vn"], ["CL", "CLn"], ["Vp1", "Q1", "Vpn", "Qn"]),
        ("simons_2022", ["VK1", "VH2"], ["CLK1", "CLN2", "CLH1"], ["MTT_NK", "KA1", "F1"]),
    ):
        p = typical(name, weight=[70.0, 100.0])
        for names, factor in ((volumes, ratio), (clearances, ratio**0.75), (rest, 1.0)):
            for one in names:
                value = np.broadcast_to(p[one], 2)
                assert value[1] / value[0] == pytest.approx(factor, rel=1e-12), one


def test_age_and_ancestry_in_perez_ruixo():
    """Qh falls by 2.19 L/h a year above 60; three factors for Asian and Japanese people."""
    p = typical("perez_ruixo_2021", age=[20.0, 60.0, 61.0, 80.0, 300.0])
    assert p["Qh"] == pytest.approx([151.0, 151.0, 148.81, 107.2, 15.1])
    race = ["white", "black", "other", "asian", "japanese"]
    p = typical("perez_ruixo_2021", race=race)
    model = get("perez_ruixo_2021")
    base = typical_values(model)
    asian = np.array([0, 0, 0, 1, 1])
    japanese = np.array([0, 0, 0, 0, 1])
    assert p["FRn"] == pytest.approx(0.54 * 1.34**japanese)
    assert p["kel"] == pytest.approx(base["kel"] * 0.36**asian)
    assert p["CLn_F"] == pytest.approx(base["CLn_F"] * base["asian_on_CLn"] ** asian)
    assert np.unique(p["Vc"]).tolist() == [192.0]
