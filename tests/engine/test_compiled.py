"""Compiled programs on disk: kept, read back, mended, or done without."""

import json
import os
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import ketascope as ks
from ketascope.engine import compiled

TEXT = "ketamine 35 mg iv over 40 min once"
CODE = f"""
import json
import ketascope as ks
from ketascope.engine import compiled

compiled._build = None  # anything that has to be compiled now is an error
result = ks.simulate({TEXT!r}, 3, times=[0.0, 1.0, 2.0])
print(json.dumps(result["ketamine"].to_numpy().tolist()))
"""


def programs(folder):
    return sorted(path for path in Path(folder).rglob("*") if path.is_file())


@pytest.fixture
def start(monkeypatch):
    """Simulate as a new process would with this cache; returns the values and what was compiled."""

    def begin(cache, **environment):
        for name, value in {"KETASCOPE_CACHE": str(cache), **environment}.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(compiled, "_programs", {})
        compiled.cache_folder.cache_clear()
        compiled._surroundings.cache_clear()
        built = []

        def counting(*arguments):
            built.append(arguments[0][0])
            return build(*arguments)

        monkeypatch.setattr(compiled, "_build", counting)
        result = ks.simulate(TEXT, 3, times=[0.0, 1.0, 2.0])
        return result["ketamine"].to_numpy().tolist(), len(built)

    build = compiled._build
    yield begin
    monkeypatch.undo()
    compiled.cache_folder.cache_clear()
    compiled._surroundings.cache_clear()


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    """A stored program: its name in the cache and its bytes, and what it gave."""
    folder = tmp_path_factory.mktemp("cache")
    code = CODE.replace("compiled._build = None", "")
    text = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True,
        env={**os.environ, "KETASCOPE_CACHE": str(folder)},
    ).stdout  # fmt: skip
    (program,) = programs(folder)
    return program.relative_to(folder), program.read_bytes(), json.loads(text)


def place(stored, folder, content=None):
    target = folder / stored[0]
    target.parent.mkdir(parents=True)
    target.write_bytes(stored[1] if content is None else content)
    return target


def test_the_first_start_compiles_and_stores(start, tmp_path):
    values, built = start(tmp_path)
    assert built == 1
    (program,) = programs(tmp_path)
    assert program.stat().st_mode & 0o077 == 0, "nobody else may write what is loaded"
    assert start(tmp_path) == (values, 0)
    assert programs(tmp_path) == [program]


def test_a_new_process_compiles_nothing(stored, tmp_path):
    place(stored, tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", CODE], capture_output=True, text=True, check=False,
        env={**os.environ, "KETASCOPE_CACHE": str(tmp_path)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    assert json.loads(done.stdout) == stored[2]
    assert done.stderr == ""


def test_processes_agree_to_the_last_bit(start, stored, tmp_path):
    assert start(tmp_path)[0] == stored[2]


@pytest.mark.parametrize(
    "content",
    [b"", b"not a program", pickle.dumps(None), pickle.dumps((b"x", None, None)), None],
    ids=["empty", "text", "another pickle", "another program", "cut short"],
)
def test_a_file_that_cannot_be_read_back_is_compiled_anew(content, start, stored, tmp_path):
    broken = place(stored, tmp_path, stored[1][:-200] if content is None else content)
    assert start(tmp_path) == (stored[2], 1)
    assert broken.stat().st_size > 1000, "the file was mended"
    assert start(tmp_path) == (stored[2], 0)


@pytest.mark.parametrize("word", ["off", "OFF"])
def test_off_writes_nothing(word, start, stored, tmp_path):
    homes = dict.fromkeys(("HOME", "XDG_CACHE_HOME", "LOCALAPPDATA"), str(tmp_path))
    assert start(word, **homes) == (stored[2], 1)
    assert programs(tmp_path) == []


def test_without_a_wish_the_users_cache_folder_is_used(start, stored, tmp_path):
    homes = dict.fromkeys(("HOME", "XDG_CACHE_HOME", "LOCALAPPDATA"), str(tmp_path))
    assert start("", **homes) == (stored[2], 1)
    (program,) = programs(tmp_path)
    assert "ketascope" in program.parts


def test_a_folder_that_cannot_be_made_is_done_without(start, stored, tmp_path):
    occupied = tmp_path / "file"
    occupied.write_text("not a folder")
    assert start(occupied) == (stored[2], 1)
    assert start(occupied / "below") == (stored[2], 1)
    assert programs(tmp_path) == [occupied]


def test_a_folder_without_the_right_to_write_is_done_without(start, stored, tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda *a, **k: False)
    assert start(tmp_path) == (stored[2], 1)
    assert programs(tmp_path) == []


def test_a_full_disk_is_done_without_and_leaves_nothing(start, stored, tmp_path, monkeypatch):
    def full(*arguments, **named):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(compiled.os, "replace", full)
    assert start(tmp_path) == (stored[2], 1)
    assert programs(tmp_path) == []


def test_another_setting_of_the_compiler_has_its_own_program(start, stored, tmp_path):
    place(stored, tmp_path)
    assert start(tmp_path, XLA_FLAGS="--xla_cpu_enable_fast_math=false")[1] == 1
    assert len(programs(tmp_path)) == 2


def test_one_program_serves_other_people_and_other_doses(start, tmp_path):
    start(tmp_path)
    ks.simulate("ketamine 20 mg iv over 40 min once", 7, seed=3, times=[0.0, 1.0, 2.0])
    assert len(programs(tmp_path)) == 1
    few = ks.simulate(TEXT, 3, times=[0.0, 1.0, 2.0])
    assert np.isfinite(few["ketamine"].to_numpy()).all()
