"""A GPU gives what the processor gives."""

import os
import subprocess
import sys

import numpy as np
import pytest
from needs import need

COURSE = """
import sys, numpy as np, ketascope as ks
found = ks.simulate("ketamine 35 mg iv over 40 min twice weekly for 2 weeks", 2000, seed=1,
                    model="examples/models/benchmark.py", times=np.arange(0.0, 337.0))
np.savez(sys.argv[1], **{name: found[name].to_numpy() for name in found.data_vars})
"""


@pytest.mark.gpu
def test_a_gpu_agrees_with_the_processor(tmp_path):
    need("gpu")
    answers = []
    for name, platforms in (("device", "cuda"), ("processor", "cpu")):
        path = tmp_path / f"{name}.npz"
        environment = {**os.environ, "JAX_PLATFORMS": platforms}
        subprocess.run([sys.executable, "-c", COURSE, str(path)], check=True, env=environment)
        with np.load(path) as found:
            answers.append({key: found[key] for key in found})
    device, processor = answers
    assert device.keys() == processor.keys()
    for name, values in processor.items():
        assert np.abs(device[name] - values).max() <= 1e-9 * np.abs(values).max()
