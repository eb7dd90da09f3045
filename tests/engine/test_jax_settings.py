"""Importing and running changes nothing for the rest of a program that uses JAX."""

import json
import os
import subprocess
import sys

import pytest

SETTINGS = {
    "nothing set": None,
    "64 bits on": ("jax_enable_x64", True),
    "strict promotion": ("jax_numpy_dtype_promotion", "strict"),
    "strict ranks": ("jax_numpy_rank_promotion", "raise"),
    "nans are errors": ("jax_debug_nans", True),
    "no jit": ("jax_disable_jit", True),
    "low precision": ("jax_default_matmul_precision", "bfloat16"),
    "checks on": ("jax_enable_checks", True),
}
CODE = f"""
import json
import jax, jax.numpy as jnp

def state():
    names = [n for n in dir(jax.config) if n.startswith("jax_")]
    return {{n: repr(getattr(jax.config, n)) for n in names}}

untouched = state()
import ketascope as ks
from ketascope.engine import compiled, differentiable, export, grid, simulate, solve, summary
found = {{"import": [n for n, v in state().items() if untouched[n] != v]}}

def one(setting):
    compiled._programs.clear()
    old = setting and getattr(jax.config, setting[0])
    if setting:
        jax.config.update(*setting)
    before = state()
    try:
        result = ks.simulate("ketamine 35 mg iv over 40 min once", 3, times=[0.0, 1.0])
        values = result["ketamine"].to_numpy().tolist()
    except Exception as error:
        values = f"{{type(error).__name__}}: {{error}}"
    changed = [n for n, v in state().items() if before[n] != v]
    if setting:
        jax.config.update(setting[0], old)
    return {{"values": values, "changed": changed, "mine": str(jnp.zeros(1).dtype)}}

for name, setting in {SETTINGS!r}.items():
    found[name] = one(setting)
with jax.enable_x64(True):
    found["inside a scope"] = one(None)
found["after a scope"] = one(None)
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def found():
    """What a program sees that imports Ketascope and simulates under one setting after another."""
    done = subprocess.run(
        [sys.executable, "-c", CODE], capture_output=True, text=True, check=False,
        env={**os.environ, "KETASCOPE_CACHE": "off"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


def test_importing_changes_no_setting(found):
    assert found["import"] == []


def test_a_run_changes_no_setting(found):
    plain = found["nothing set"]
    assert plain["changed"] == []
    assert plain["mine"] == "float32"
    assert plain["values"][0][1] > 1.0


@pytest.mark.parametrize("setting", [name for name in SETTINGS if name != "nothing set"])
def test_the_users_own_settings_neither_matter_nor_change(setting, found):
    assert found[setting]["values"] == found["nothing set"]["values"]
    assert found[setting]["changed"] == []


def test_a_scope_of_64_bits_around_a_run_ends_where_it_did(found):
    assert found["inside a scope"]["mine"] == "float64"
    assert found["after a scope"]["mine"] == "float32"
    assert found["inside a scope"]["values"] == found["after a scope"]["values"]


def test_an_error_leaves_the_setting_too():
    import jax

    import ketascope as ks

    with pytest.raises(ks.InputError):
        ks.simulate("esketamine 84 mg intranasal once", 2, times=[-1.0])
    assert jax.config.jax_enable_x64 is False
