"""Compiled programs with responses: each model has its own, in memory and on disk."""

import os
import subprocess
import sys
from collections import OrderedDict
from pathlib import Path

import numpy as np
import pytest
from engine.toys import dose, number, run, toy

from ketascope.engine import compiled
from ketascope.models.responses import Direct
from ketascope.models.structure import OUT

TIMES = [0.0, 1.0, 3.0]
CODE = """
import sys
sys.path.insert(0, {tests!r})
from engine.test_response_programs import TIMES, doses, model, run
print(run(model(lambda p, s: p.slope * s.body), doses, TIMES)[0, 1].tolist())
"""


def model(value, name="slope"):
    """One compartment with a response without memory."""
    return toy(
        ["body"], lambda p: {("body", OUT): 0.3}, "body", parameters=[number(name, 2.0)],
        responses=lambda self, p: {"R": Direct(lambda s: value(p, s))},
    )  # fmt: skip


doses = [dose(0.0, 10.0)]
BODY = 10.0 * np.exp(-0.3 * np.array(TIMES))


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    """An empty folder for programs."""
    return tmp_path_factory.mktemp("programs")


@pytest.fixture
def answer(cache, monkeypatch):
    """Solve a model, as a new process would if asked to; returns values and how many compiled."""
    monkeypatch.setenv("KETASCOPE_CACHE", str(cache))
    compiled.cache_folder.cache_clear()
    built = []
    build = compiled._build
    monkeypatch.setattr(compiled, "_build", lambda *a: built.append(a) or build(*a))
    monkeypatch.setattr(compiled, "_programs", OrderedDict())

    def solve(model, *, anew=False, **values):
        if anew:
            monkeypatch.setattr(compiled, "_programs", OrderedDict())
        built.clear()
        return run(model, doses, TIMES, values)[0, 1], len(built)

    yield solve
    monkeypatch.undo()
    compiled.cache_folder.cache_clear()


def files(folder):
    return [path for path in Path(folder).rglob("*") if path.is_file()]


def test_models_of_the_same_shape_do_not_share_a_program(answer, cache):
    one, other = model(lambda p, s: p.slope * s.body), model(lambda p, s: p.slope + s.body)
    for anew in (False, True, True):
        for asked, wanted in ((one, 2.0 * BODY), (other, 2.0 + BODY)):
            assert answer(asked, anew=anew)[0] == pytest.approx(wanted, rel=1e-12)
    assert len(files(cache)) == 2


def test_a_model_made_anew_finds_its_program_on_disk(answer, cache):
    found, built = answer(model(lambda p, s: p.slope * s.body), anew=True)
    assert found == pytest.approx(2.0 * BODY, rel=1e-12)
    before = len(files(cache))
    found, built = answer(model(lambda p, s: p.slope * s.body), anew=True, slope=3.0)
    assert found == pytest.approx(3.0 * BODY, rel=1e-12)
    assert (built, len(files(cache))) == (0, before)


def test_a_number_of_the_functions_own_is_part_of_the_program(answer):
    for slope in (2.0, 2.0 + 1e-9):
        found, _ = answer(model(lambda p, s, slope=slope: p.slope * slope * s.body), anew=True)
        assert found == pytest.approx(2.0 * slope * BODY, rel=1e-13)


def test_a_table_of_the_functions_own_is_part_of_the_program(answer):
    """Long constants are told apart too, wherever they differ."""
    import jax.numpy as jnp

    for middle in (0.0, 7.0):
        table = np.linspace(0.0, 1.0, 400)
        table[200] = middle

        def value(p, s, table=table):
            return p.slope * jnp.asarray(table)[200] + 0.0 * s.body

        found, _ = answer(model(value), anew=True)
        assert found == pytest.approx(np.full(3, 2.0 * middle), rel=1e-12)


def test_another_name_of_a_parameter_is_no_obstacle(answer):
    """The same arithmetic, but a program takes its arguments by name."""
    answer(model(lambda p, s: p.slope * s.body), anew=True)
    found, _ = answer(model(lambda p, s: p.steep * s.body, "steep"), anew=True)
    assert found == pytest.approx(2.0 * BODY, rel=1e-12)


def test_a_new_process_finds_the_program_of_another(tmp_path):
    code = CODE.format(tests=str(Path(__file__).parents[1]))
    answers = []
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=False,
            env={**os.environ, "KETASCOPE_CACHE": str(tmp_path)},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-2000:]
        answers.append((done.stdout, [path.name for path in files(tmp_path)]))
    assert answers[0] == answers[1]
    assert len(answers[0][1]) == 1
