"""The benchmark's model, its exact answers, and the outside reference where it is at hand."""

import numpy as np
import pytest
from needs import need
from scipy.integrate import solve_ivp

from benchmarks import child, course28d, full28d, growth, roadrunner28d, show
from benchmarks.exact import by_exponential, by_formula, error
from benchmarks.linear24h import prepared
from benchmarks.peers import Peer
from benchmarks.people import CONSTANTS, DOSE, RATES, STATES, TIMES, drawn, people
from benchmarks.roadrunner24h import sbml, simulate
from benchmarks.rows import Row, Target


@pytest.fixture(scope="module")
def some(tmp_path_factory):
    patch = pytest.MonkeyPatch()
    patch.delenv("KETASCOPE_BENCH_DATA", raising=False)
    clearance, volume, _ = people(12)
    patch.undo()
    return clearance, volume


def test_people_without_outside_data(monkeypatch):
    monkeypatch.delenv("KETASCOPE_BENCH_DATA", raising=False)
    clearance, volume, origin = people(10_000)
    for values, median in ((clearance, 80.0), (volume, 15.0)):
        assert np.median(values) == pytest.approx(median, rel=0.02)
        assert values.std() / values.mean() == pytest.approx(0.3, rel=0.05)
    assert people(7)[0].tolist() == clearance[:7].tolist()
    assert "CV 30 %" in origin


def test_three_answers_agree(some):
    """A matrix exponential, a closed form, and an integration of the formulas as written."""
    clearance, volume = (values[3] for values in some)
    code = [compile(RATES[name], name, "eval") for name in STATES]

    def slope(time, x, rate):
        values = {**CONSTANTS, "CL": clearance, "V1": volume, "RATE": rate,
                  **dict(zip(STATES, x, strict=True))}  # fmt: skip
        return [eval(c, {}, values) for c in code]

    times = TIMES[[8, 12, 60, 288]]
    exact = by_exponential(clearance, volume, times)
    assert error(by_formula(clearance, volume, times), exact) < 1e-11
    how = {"method": "DOP853", "rtol": 1e-13, "atol": 1e-13}
    first = solve_ivp(slope, (0, times[0]), np.zeros(6), args=(DOSE / times[0],), **how).y[:, -1]
    rest = solve_ivp(slope, (times[0], 24.0), first, t_eval=times[1:], args=(0.0,), **how).y
    assert error(np.column_stack([first, rest]), exact) < 1e-10


def test_the_engine_is_exact_on_the_benchmark(some):
    clearance, volume = some
    found = prepared(clearance, volume)()
    assert found.shape == (len(TIMES), len(STATES), 12)
    for i in range(12):
        assert error(found[:, :, i].T, by_exponential(clearance[i], volume[i])) < 1e-11


@pytest.mark.peer
def test_the_peer_solves_the_same_equations(some):
    need("peer")
    import roadrunner

    model = roadrunner.RoadRunner(sbml())
    model.timeCourseSelections = list(STATES)
    found = simulate(model, some[0][:3], some[1][:3])
    for i in range(3):
        assert error(found[i].T, by_exponential(some[0][i], some[1][i])) < 1e-4


@pytest.fixture(scope="module")
def few():
    """Two people of full28d and their references, (states, times) each."""
    clearance, volume, _ = drawn(2)
    return (
        clearance,
        volume,
        [course28d.reference(*who) for who in zip(clearance, volume, strict=True)],
    )


def test_the_reference_is_exact_in_its_linear_states(few):
    """SciPy's integration beside the sum of exact answers to one infusion each."""
    clearance, volume, reference = few
    later = [course28d.TIMES[course28d.TIMES >= start] - start for start in course28d.STARTS]
    exact = sum(
        np.pad(by_exponential(clearance[1], volume[1], t), ((0, 0), (673 - len(t), 0)))
        for t in later
    )
    assert error(reference[1][:6], exact) < 1e-10
    assert (reference[1][6, 0], reference[1][7, 0]) == (100.0, 0.0)


def test_four_weeks_within_the_stated_error(few):
    """Responses to 1e-6 of their maximum, amounts to rounding."""
    clearance, volume, reference = few
    found = full28d.prepared(clearance, volume)()
    assert found.shape == (673, 8, 2)
    for i in range(2):
        assert error(found[:, :, i].T, reference[i]) < 1e-6
        assert error(found[:, :6, i].T, reference[i][:6]) < 1e-10


@pytest.mark.peer
def test_the_peer_does_not_step_over_an_infusion(few):
    need("peer")
    clearance, volume, reference = few
    found = roadrunner28d.simulate(roadrunner28d.loaded(1e-8), clearance, volume)
    for i in range(2):
        assert error(found[i].T, reference[i]) < 1e-6


def test_diffrax_solves_the_same_equations(few):
    """In a process of its own, for it sets the precision of JAX."""
    found, _ = child.worker("diffrax28d", "--people", 2, "--runs", 1, "--tolerance", 1e-7)
    assert found["error"] < 1e-5


@pytest.mark.outside_data
def test_four_weeks_against_the_outside_reference(bench_data, monkeypatch):
    """20 people: amounts to 1e-10 of each state's maximum, responses to 1e-6."""
    monkeypatch.setenv("KETASCOPE_BENCH_DATA", str(bench_data))
    outside = course28d.outside_reference()
    clearance, volume, _ = people(20)
    found = full28d.prepared(clearance, volume)()
    for i in range(20):
        # the reference was integrated at tolerances of 1e-12
        assert error(found[:, :6, i].T, outside[i][:6]) < 1e-10
        assert error(found[:, :, i].T, outside[i]) < 1e-6
    told = full28d.errors(found[:, :, 0][:, :, None], clearance, volume)
    assert told["checked"] == 1
    assert told["error_outside"] <= told["error"] < 1e-6


def test_quantiles_are_of_everybody():
    found, _ = child.worker("quantiles28d", "--people", 40, "--runs", 1)
    assert found["error"] == 0.0
    assert found["passes"] == 1


def test_a_row_says_what_was_met():
    row = Row("case", "program", (1.0, 3.0, 2.0), 2, 100.0, 1e-8, 50.0, "note",
              (Target("seconds", 3.0), Target("error", 1e-9), Target("ratio", 100.0, at_least=True),
               Target("peak_mib", 200.0)))  # fmt: skip
    assert row.median == 2.0
    assert [met for _, met in row.judged()] == [True, False, False, True]
    assert row.as_dict()["targets"][2] == {"figure": "ratio", "limit": "≥ 100×", "met": False}
    assert show.cells(row.as_dict())[2] == "2 (1 to 3, 3 runs)"
    absent = Row("case", "peer", note="not found: make bench installs it")
    assert show.cells(absent.as_dict())[2] == "not found"
    assert absent.judged() == []
    later = Row("case", "program", note="needs a GPU: a million people")
    assert show.cells(later.as_dict())[2] == "needs a GPU"
    long = Row("case", "program", (1234.5,))
    assert show.cells(long.as_dict())[2] == "1,234 (1 run)"
    page = show.page(show.document([row, absent]))
    assert "| case | peer | not found |" in page
    assert "2 (1 to 3, 3 runs)" in page


def test_a_peer_that_takes_fewer_people_is_scaled_up(monkeypatch):
    ours, asked = Row("case", "ketascope", (2.0,)), []

    def worker(module, *arguments):
        asked.extend([module, *arguments])
        return {
            "seconds": [1.0, 3.0],
            "cores": 1,
            "error": 1e-7,
            "version": "2",
            "first": 9.0,
        }, 50.0

    monkeypatch.setattr(child, "worker", worker)
    row = Peer("Some", "numpy", "some28d", 500, 1e-8).beside(ours, people=100, runs=2)
    assert asked == ["some28d", "--people", 100, "--runs", 2, "--tolerance", 1e-8]
    assert (row.case, row.program, row.seconds) == ("case", "Some 2, 1e-08", (100.0, 300.0))
    assert row.ratio == 100.0
    assert row.note == "100 people, seconds times 100; tolerances of 1e-08"
    assert row.more == {"first": 9.0, "people": 100}
    none = Peer("Some", "no_such_package", "some28d", 500).beside(ours, people=100, runs=2)
    assert none.note == "not found: make bench installs it"


def test_growth_is_drawn_and_shown(tmp_path):
    points = {name: [[n, 1e-4 * n] for n in counts] for name, counts in growth.SWEEPS.items()}
    found = {"base": growth.BASE, "cores": 2, "points": points}
    growth.draw(found, tmp_path / "growth.png")
    assert (tmp_path / "growth.png").stat().st_size > 5_000
    document = show.document([])
    assert "(images/growth.png)" in show.page(document, found)
    assert "growth" not in show.page(document)


def test_what_is_measured_of_growth():
    assert growth.seconds(people=3, doses=2, times=8, runs=1) > 0
