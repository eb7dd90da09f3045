"""The order of the layers, and that importing the package stays cheap."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

ROOT = Path(__file__).parents[1]
HEAVY = "jax pandas matplotlib pint scipy xarray pyarrow pydantic numpy".split()


def test_imports_go_one_way() -> None:
    assert lint_imports(str(ROOT / "pyproject.toml"), no_cache=True) == EXIT_STATUS_SUCCESS


def test_every_room_of_the_package_has_a_layer(tmp_path: Path) -> None:
    """The contract would notice a room that it does not know."""
    import tomllib

    contract = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"][
        "contracts"
    ][0]
    assert contract["exhaustive"]
    listed = " ".join(contract["layers"]).replace("(", " ").replace(")", " ").split()
    found = {p.stem for p in (ROOT / "src/ketascope").iterdir() if p.name[0] not in "_."}
    assert found - {"py"} - set(listed) == set()


def test_importing_the_package_loads_nothing_heavy() -> None:
    loaded = _python(
        f"import sys, ketascope; print([m for m in {HEAVY} if m in sys.modules], end='')"
    )
    assert loaded == "[]"


def test_help_loads_nothing_heavy() -> None:
    loaded = _python(
        "import sys\n"
        "from ketascope.cli import main\n"
        "sys.argv = ['ketascope', '--help']\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        f"print([m for m in {HEAVY} if m in sys.modules], end='')"
    )
    assert loaded.endswith("[]")


def test_importing_the_package_takes_under_half_a_second() -> None:
    code = "import time; t = time.perf_counter(); import ketascope; print(time.perf_counter() - t)"
    assert min(float(_python(code)) for _ in range(3)) < 0.5


def _python(code: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    ).stdout
