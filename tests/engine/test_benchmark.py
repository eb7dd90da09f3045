"""The benchmark's model, its exact answers, and the outside reference where it is at hand."""

import csv

import numpy as np
import pytest
from engine.toys import dose, run
from needs import need
from scipy.integrate import solve_ivp

from benchmarks import show
from benchmarks.exact import by_exponential, by_formula, error
from benchmarks.linear24h import benchmark_model, prepared
from benchmarks.people import CONSTANTS, DOSE, RATES, STATES, TIMES, people
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


@pytest.mark.outside_data
def test_four_weeks_against_the_outside_reference(bench_data):
    """Eight infusions, every hour for 28 days, 20 people, to 1e-10 of each state's maximum."""
    with (bench_data / "reference_first20.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file, skipinitialspace=True))
    states = np.array([[float(row[name]) for name in STATES] for row in rows]).reshape(20, 673, 6)
    with (bench_data / "population.csv").open(newline="", encoding="utf-8") as file:
        who = list(csv.DictReader(file))[:20]
    starts = [0.0, 72.0, 168.0, 240.0, 336.0, 408.0, 504.0, 576.0]
    doses = [dose(start, DOSE, 40 / 60, session=k) for k, start in enumerate(starts)]
    values = {name: np.array([float(row[name]) for row in who]) for name in ("CL", "V1")}
    found = run(benchmark_model(), doses, np.arange(673.0), values, people=20)
    for i in range(20):
        # the reference was integrated at tolerances of 1e-12
        assert error(found[i], states[i].T) < 1e-10


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
    page = show.page(show.document([row, absent]))
    assert "| case | peer | not found |" in page
    assert "2 (1 to 3, 3 runs)" in page
