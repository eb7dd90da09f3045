"""Covariances at both levels, joint uncertainty and residual error, against closed forms."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from models.toys import MANY, drawn, parameter, toy
from scipy import stats

from ketascope.draws import normal
from ketascope.errors import InputError
from ketascope.evidence.parameter import Variability
from ketascope.models.individuals import (
    random_effects,
    residual,
    square_root,
    typical_values,
)
from ketascope.models.parts import Covariance, Individual, Joint, Residual

SUBJECT, OCCASION = "subject", "occasion"


def lognormal(sd, level=SUBJECT):
    return Variability("lognormal", sd, level)


def two(level, correlation, first=0.3, second=0.2):
    return toy(
        parameter("CL", 80.0, lognormal(first, level)),
        parameter("F", 0.5, Variability("logit", 0.7, level)),
        parameter("V", 15.0, lognormal(second, level)),
        covariances=(Covariance("CL", "V", correlation * first * second, level),),
    )


@pytest.mark.parametrize("correlation", [-1.0, -0.4, 0.8, 1.0])
def test_covariance_between_occasions(correlation):
    p = drawn(two(OCCASION, correlation), occasions=3)
    logs = [np.log(p[name] / value) for name, value in (("CL", 80.0), ("V", 15.0))]
    assert logs[0].shape == (3, len(MANY))
    for k in range(3):
        assert np.std(logs[0][k]) == pytest.approx(0.3, rel=0.02)
        found = np.corrcoef(logs[0][k], logs[1][k])[0, 1]
        assert found == pytest.approx(correlation, abs=0.02)
    assert abs(np.corrcoef(logs[0][0], logs[1][1])[0, 1]) < 0.03
    assert abs(np.corrcoef(logs[0][0], p["F"][0])[0, 1]) < 0.03


@pytest.mark.parametrize("correlation", [-1.0, 1.0])
def test_full_correlation_between_people(correlation):
    """A singular covariance matrix: one effect is a multiple of the other."""
    p = drawn(two(SUBJECT, correlation), MANY[:500])
    first, second = np.log(p["CL"] / 80.0), np.log(p["V"] / 15.0)
    assert second == pytest.approx(correlation * first * 0.2 / 0.3, abs=1e-7)


def test_covariance_of_normal_and_logit_effects():
    model = toy(
        parameter("B", 3.0, Variability("normal", 2.0)),
        parameter("F", 0.4, Variability("logit", 0.5)),
        covariances=(Covariance("B", "F", 0.6),),
    )
    p = drawn(model)
    eta = [p["B"] - 3.0, np.log(p["F"] / (1 - p["F"])) - math.log(0.4 / 0.6)]
    assert np.cov(eta) == pytest.approx(np.array([[4.0, 0.6], [0.6, 0.25]]), rel=0.05)


def test_levels_are_independent_of_each_other():
    model = toy(
        parameter("CL", 1.0, lognormal(0.3), lognormal(0.1, OCCASION)),
        parameter("V", 1.0, lognormal(0.3), lognormal(0.1, OCCASION)),
        covariances=(Covariance("CL", "V", 0.08), Covariance("CL", "V", -0.009, OCCASION)),
    )
    p = drawn(model, occasions=2)
    cl, v = np.log(p["CL"]), np.log(p["V"])
    assert np.cov(cl[0], v[0])[0, 1] == pytest.approx(0.08 - 0.009, rel=0.05)
    # of two occasions of a person, what is common is the person's own
    assert np.cov(cl[0], v[1])[0, 1] == pytest.approx(0.08, rel=0.05)


@settings(max_examples=25)
@given(
    st.lists(st.tuples(st.integers(0, 300), st.integers(0, 5)), min_size=1, max_size=20),
    st.integers(0, 2**63 - 1),
)
def test_pairs_of_person_and_occasion_are_cut_from_the_whole(pairs, seed):
    """Any subset, in any order, with a person several times, gives the very same numbers."""
    model = two(OCCASION, 0.5)
    subjects, occasions = (np.array(x) for x in zip(*pairs, strict=True))
    whole = drawn(model, MANY[:301], seed=seed, occasions=6)
    part = drawn(model, subjects, seed=seed, occasions=occasions)
    for name in whole.names():
        assert (part[name] == whole[name][occasions, subjects]).all()


@st.composite
def semidefinite(draw):
    """A matrix B B^T of any rank, with variances over many powers of ten."""
    n = draw(st.integers(1, 6))
    rank = draw(st.integers(1, n))
    numbers = st.floats(-2, 2, allow_nan=False).filter(lambda x: x == 0 or abs(x) > 1e-3)
    half = np.array(draw(st.lists(numbers, min_size=n * rank, max_size=n * rank)))
    scale = np.array(
        draw(st.lists(st.sampled_from([1e-4, 0.1, 1.0, 30.0]), min_size=n, max_size=n))
    )
    half = scale[:, None] * half.reshape(n, rank)
    return half @ half.T


@settings(max_examples=150)
@given(semidefinite())
def test_the_root_of_a_semidefinite_matrix(matrix):
    root = square_root(matrix, where="here")
    assert (np.triu(root, 1) == 0).all()
    size = np.sqrt(np.outer(np.diag(matrix), np.diag(matrix)))
    assert (abs(root @ root.T - matrix) <= 1e-9 * size + 1e-300).all()


@settings(max_examples=100)
@given(semidefinite(), st.floats(0.01, 10))
def test_a_matrix_with_a_negative_direction_is_refused(matrix, excess):
    """One more parameter, whose covariance with the first is larger than the two allow."""
    n = len(matrix)
    larger = np.zeros((n + 1, n + 1))
    larger[:n, :n] = matrix
    larger[n, n] = 1.0
    larger[0, n] = larger[n, 0] = math.sqrt(max(matrix[0, 0], 1e-8)) * (1.0 + excess)
    with pytest.raises(InputError, match=r"here: .* not positive semi-definite"):
        square_root(larger, where="here")


def test_a_matrix_that_is_not_symmetric_is_refused():
    with pytest.raises(InputError, match="not symmetric"):
        square_root(np.array([[1.0, 0.1], [0.2, 1.0]]), where="here")
    with pytest.raises(InputError, match="not symmetric"):
        square_root(np.array([[np.nan]]), where="here")


def test_a_positive_definite_matrix_has_its_cholesky_factor():
    matrix = np.array([[4.0, 1.0], [1.0, 3.0]])
    assert (square_root(matrix, where="") == np.linalg.cholesky(matrix)).all()


def test_a_covariance_at_a_level_where_nothing_varies():
    model = two(SUBJECT, 0.5)
    type(model).covariances = (Covariance("CL", "V", 0.01, OCCASION),)
    with pytest.raises(InputError, match="CL does not vary between occasions; these do: none"):
        random_effects(model, OCCASION)


def joint_model(scale, matrix):
    return toy(
        parameter("CL", 1.5, unit="L/min", se=0.3),
        parameter("V", 20.0, unit="L"),
        parameter("KA", 1.0, unit="1/h", se=0.2),
        joint=Joint(("CL", "V"), matrix, scale),
    )


def replicates(model, n=4000):
    values = [typical_values(model, 4, k) for k in range(n)]
    return {name: np.array([v[name] for v in values]) for name in values[0]}


def test_joint_uncertainty_of_logarithms():
    matrix = ((0.04, -0.018), (-0.018, 0.01))
    found = replicates(joint_model("log", matrix))
    logs = np.log([found["CL"] / 90.0, found["V"] / 20.0])
    assert np.cov(logs) == pytest.approx(np.array(matrix), rel=0.07)
    assert logs.mean(axis=1) == pytest.approx([0, 0], abs=0.01)
    # what the matrix does not name keeps its own standard error
    sigma = math.sqrt(math.log1p(0.2**2))
    assert stats.kstest(np.log(found["KA"]) / sigma, "norm").pvalue > 1e-3
    assert abs(np.corrcoef(found["KA"], found["CL"])[0, 1]) < 0.05


def test_joint_uncertainty_on_the_natural_scale():
    """In the units that are printed: L/min for CL, which is 60 L/h inside."""
    matrix = ((0.01, 0.12), (0.12, 4.0))
    found = replicates(joint_model("natural", matrix))
    pair = np.array([found["CL"] / 60.0, found["V"]])
    assert np.cov(pair) == pytest.approx(np.array(matrix), rel=0.1)
    assert pair.mean(axis=1) == pytest.approx([1.5, 20.0], rel=0.01)
    assert stats.kstest((pair[0] - 1.5) / 0.1, "norm").pvalue > 1e-3


def test_joint_uncertainty_takes_the_place_of_the_standard_error():
    """With no uncertainty in the matrix nothing moves, whatever standard error is printed."""
    found = replicates(joint_model("log", ((0.0, 0.0), (0.0, 0.0))), 20)
    assert (found["CL"] == 90.0).all()
    assert (found["V"] == 20.0).all()


def test_joint_uncertainty_of_one_is_the_addressed_number():
    value = typical_values(joint_model("log", ((0.04, 0.0), (0.0, 0.0))), 7, 3)["CL"]
    assert value == pytest.approx(90.0 * math.exp(0.2 * normal(7, [3], "theta:CL")[0]), rel=1e-14)


def test_a_volume_redrawn_below_0_is_refused():
    with pytest.raises(InputError, match=r'replicate \d+ redraws CL as -.* L/min; .*scale="log"'):
        replicates(joint_model("natural", ((4.0, 0.0), (0.0, 0.0))), 50)


ERRORS = {
    "additive": Residual(additive="A"),
    "proportional": Residual(proportional="B"),
    "combined": Residual(additive="A", proportional="B"),
    "log": Residual(log="B"),
}


def measured(name, values, subjects, records, seed=1, p=None):
    model = toy(
        parameter("A", 2.0, unit="ug/L"), parameter("B", 0.15), residuals={"CP": ERRORS[name]}
    )
    p = p or Individual({"A": 2.0, "B": 0.15})
    return residual(model, "CP", values, p, seed, subjects, records)


@pytest.mark.parametrize("name", ERRORS)
@pytest.mark.parametrize("value", [0.0, 5.0, 800.0])
def test_residual_error_has_its_closed_form(name, value):
    subjects, records = np.repeat(np.arange(200), 100), np.tile(np.arange(100), 200)
    found = measured(name, np.full(20_000, value), subjects, records)
    if name == "log":
        if value:
            assert stats.kstest(np.log(found / value) / 0.15, "norm").pvalue > 1e-3
            assert found.mean() == pytest.approx(value * math.exp(0.15**2 / 2), rel=0.01)
        else:
            assert (found == 0.0).all()
        return
    additive, proportional = 2.0 * (name != "proportional"), 0.15 * value * (name != "additive")
    sd = math.sqrt(additive**2 + proportional**2)
    if sd == 0.0:
        assert (found == 0.0).all()
        return
    assert stats.kstest((found - value) / sd, "norm").pvalue > 1e-3


def test_residual_error_differs_between_records_and_subjects():
    subjects, records = np.repeat(np.arange(2), 5000), np.tile(np.arange(5000), 2)
    error = measured("additive", np.zeros(10_000), subjects, records).reshape(2, 5000)
    assert abs(np.corrcoef(error)[0, 1]) < 0.05
    assert abs(np.corrcoef(error[0][1:], error[0][:-1])[0, 1]) < 0.05


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 30)), max_size=30), st.integers(0, 99))
def test_a_record_has_its_error_whatever_else_is_in_the_data_set(pairs, seed):
    subjects = np.array([i for i, _ in pairs], dtype=int)
    records = np.array([k for _, k in pairs], dtype=int)
    values = 10.0 + subjects + records
    found = measured("combined", values, subjects, records, seed)
    alone = [
        measured("combined", [v], [i], [k], seed)[0]
        for v, i, k in zip(values, subjects, records, strict=True)
    ]
    assert found.tolist() == alone


def test_a_standard_deviation_may_differ_between_people():
    p = {"A": np.array([0.0, 1.0]), "B": np.array([0.0, 0.0])}
    found = measured("combined", [7.0, 7.0], [0, 1], [4, 4], p=p)
    assert found.tolist() == [7.0, 7.0 + normal(1, [1], "eps:CP", 4)[0]]


def test_a_value_without_residual_error_or_without_a_value_stays():
    model = toy(parameter("A", 2.0))
    assert residual(model, "CP", [1.0, 2.0], {}, 0, [0, 0], [0, 1]).tolist() == [1.0, 2.0]
    assert np.isnan(measured("log", [np.nan], [0], [0])).all()
