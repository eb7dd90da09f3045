"""What some tests need and not every machine has.

``need("browser")`` returns the thing, or skips the test with the reason. A name listed in the
environment variable ``KETASCOPE_REQUIRE`` (comma-separated) may not be missing: the test fails.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest


def _browser() -> Path | str:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None or shutil.which("chromedriver") is None:
        return "no Chromium with chromedriver on this machine"
    return Path(chromium)


def _folder(variable: str) -> Callable[[], Path | str]:
    def find() -> Path | str:
        value = os.environ.get(variable)
        if not value:
            return f"{variable} names no folder"
        folder = Path(value)
        return folder if folder.is_dir() else f"{variable}={value} is no folder"

    return find


def _peer() -> Path | str:
    found = importlib.util.find_spec("roadrunner")
    if found is None or found.origin is None:
        return "libroadrunner is not installed (make bench installs it)"
    return Path(found.origin)


def _gpu() -> Path | str:
    import jax

    devices = [device for device in jax.devices() if device.platform == "gpu"]
    return Path(str(devices[0])) if devices else "JAX finds no GPU here"


FINDERS: dict[str, Callable[[], Path | str]] = {
    "browser": _browser,
    "nonmem": _folder("KETASCOPE_NMTESTS"),
    "fhir": _folder("KETASCOPE_FHIR"),
    "bench_data": _folder("KETASCOPE_BENCH_DATA"),
    "peer": _peer,
    "gpu": _gpu,
}


def required() -> set[str]:
    """Names that may not be missing here."""
    names = os.environ.get("KETASCOPE_REQUIRE", "").split(",")
    return {name.strip() for name in names if name.strip()}


def need(name: str) -> Path:
    """The path of what a test needs; skips the test, or fails it where the thing is required."""
    found = FINDERS[name]()
    if isinstance(found, Path):
        return found
    if name in required():
        pytest.fail(f"{found}, and KETASCOPE_REQUIRE asks for {name}", pytrace=False)
    pytest.skip(found)
