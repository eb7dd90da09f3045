"""Compiled programs on disk: kept, read back, mended, or done without."""

import json
import os
import pickle
import subprocess
import sys
from collections import OrderedDict
from pathlib import Path

import numpy as np
import pytest

import ketascope as ks
from ketascope.engine import compiled

CODE = """
import json
import ketascope as ks
from ketascope.engine import compiled
{extra}
result = ks.simulate("ketamine 35 mg iv over 40 min once", 3, times=[0.0, 1.0, 2.0])
print(json.dumps(result["ketamine"].to_numpy().tolist()))
"""
NOTHING_NEW = "compiled._build = None  # anything that has to be compiled now is an error"


def double(x, *, add):
    """A program that compiles quickly."""
    return 2.0 * x + add


GIVEN = np.array([1.0, 2.5])
WANTED = [2.7, 5.7]


def programs(folder):
    return sorted(path for path in Path(folder).rglob("*") if path.is_file())


@pytest.fixture
def start(monkeypatch):
    """Run a program as a new process would with this cache; returns how often it was compiled."""

    def begin(cache, shape=(2,), **environment):
        for name, value in {"KETASCOPE_CACHE": str(cache), **environment}.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(compiled, "_programs", OrderedDict())
        compiled.cache_folder.cache_clear()
        compiled._surroundings.cache_clear()
        built = []

        def counting(*arguments):
            built.append(arguments[0][0])
            return build(*arguments)

        monkeypatch.setattr(compiled, "_build", counting)
        given = np.resize(GIVEN, shape)
        with compiled.double_precision():
            found = compiled.compiled(double, {"add": 0.7}, (given,))(given)
            assert np.asarray(found).dtype == np.float64
        assert np.asarray(found).tolist() == np.resize(WANTED, shape).tolist()
        return len(built)

    build = compiled._build
    yield begin
    monkeypatch.undo()
    compiled.cache_folder.cache_clear()
    compiled._surroundings.cache_clear()


def test_the_first_start_compiles_and_stores(start, tmp_path):
    assert start(tmp_path) == 1
    (program,) = programs(tmp_path)
    assert program.stat().st_mode & 0o077 == 0, "nobody else may write what is loaded"
    assert start(tmp_path) == 0
    assert programs(tmp_path) == [program]


def test_another_shape_has_its_own_program(start, tmp_path):
    assert [start(tmp_path), start(tmp_path, (5,)), start(tmp_path), start(tmp_path, (5,))] == [
        1, 1, 0, 0,
    ]  # fmt: skip
    assert len(programs(tmp_path)) == 2


@pytest.mark.parametrize(
    "content",
    [b"", b"not a program", pickle.dumps(None), pickle.dumps((b"x", None, None)), None],
    ids=["empty", "text", "another pickle", "another program", "cut short"],
)
def test_a_file_that_cannot_be_read_back_is_compiled_anew(content, start, tmp_path):
    start(tmp_path)
    (program,) = programs(tmp_path)
    whole = program.read_bytes()
    program.write_bytes(whole[:-200] if content is None else content)
    assert start(tmp_path) == 1
    assert program.stat().st_size == pytest.approx(len(whole), rel=0.2), "the file was mended"
    assert start(tmp_path) == 0


@pytest.mark.parametrize("word", ["off", "OFF"])
def test_off_writes_nothing(word, start, tmp_path):
    homes = dict.fromkeys(("HOME", "XDG_CACHE_HOME", "LOCALAPPDATA"), str(tmp_path))
    assert start(word, **homes) == 1
    assert programs(tmp_path) == []


def test_without_a_wish_the_users_cache_folder_is_used(start, tmp_path):
    homes = dict.fromkeys(("HOME", "XDG_CACHE_HOME", "LOCALAPPDATA"), str(tmp_path))
    assert start("", **homes) == 1
    (program,) = programs(tmp_path)
    assert "ketascope" in program.parts


def test_a_folder_that_cannot_be_made_is_done_without(start, tmp_path):
    occupied = tmp_path / "file"
    occupied.write_text("not a folder")
    assert start(occupied) == 1
    assert start(occupied / "below") == 1
    assert programs(tmp_path) == [occupied]


def test_a_folder_without_the_right_to_write_is_done_without(start, tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda *a, **k: False)
    assert start(tmp_path) == 1
    assert programs(tmp_path) == []


def test_a_full_disk_is_done_without_and_leaves_nothing(start, tmp_path, monkeypatch):
    def full(*arguments, **named):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(compiled.os, "replace", full)
    assert start(tmp_path) == 1
    assert programs(tmp_path) == []


def test_another_setting_of_the_compiler_has_its_own_program(start, tmp_path):
    start(tmp_path)
    assert start(tmp_path, XLA_FLAGS="--xla_cpu_enable_fast_math=false") == 1
    assert len(programs(tmp_path)) == 2


def test_differential_equations_are_kept_too(start, tmp_path, monkeypatch):
    equations = Path(__file__).parents[2] / "examples/models/saturable_elimination.py"

    def solve():
        monkeypatch.setattr(compiled, "_programs", OrderedDict())
        monkeypatch.setattr(compiled, "_build", lambda *a: built.append(a[0][0]) or build(*a))
        table = ks.simulate_data(equations, {"ID": [1, 1], "TIME": [0, 3], "AMT": [100, 0]})
        return table["CP"].tolist()

    build, built = compiled._build, []
    start(tmp_path)
    first = solve()
    assert len(built) == 1
    assert solve() == first
    assert len(built) == 1, "the same equations, loaded from the file anew, are not compiled again"


def simulate(cache, extra=""):
    """Simulate in a new process; anything on standard error fails."""
    done = subprocess.run(
        [sys.executable, "-c", CODE.format(extra=extra)], capture_output=True, text=True,
        check=False, env={**os.environ, "KETASCOPE_CACHE": str(cache)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stderr == ""
    return json.loads(done.stdout)


def test_a_new_process_compiles_nothing_and_agrees_to_the_last_bit(tmp_path):
    first = simulate(tmp_path)
    assert len(programs(tmp_path)) == 1
    assert simulate(tmp_path, NOTHING_NEW) == first


def test_only_the_programs_used_last_are_held(monkeypatch):
    """Each takes memory maps, of which a process may have so many."""
    held = OrderedDict()
    monkeypatch.setattr(compiled, "_programs", held)
    monkeypatch.setattr(compiled, "MOST_PROGRAMS", 2)

    def run(add):
        with compiled.double_precision():
            program = compiled.compiled(double, {"add": add}, (GIVEN,))
            np.testing.assert_allclose(program(GIVEN), 2.0 * GIVEN + add)

    for add in (1.0, 2.0, 1.0, 3.0):
        run(add)
    assert [dict(key[1])["add"] for key in held] == [1.0, 3.0]
    run(2.0)
    assert [dict(key[1])["add"] for key in held] == [3.0, 2.0]
