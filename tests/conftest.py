"""Fixtures that any test may use: what a machine may lack, a browser, a folder of one's own."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings
from needs import FINDERS, need, required

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

# No display is needed to draw, and a slow machine is no reason for a property to fail.
os.environ.setdefault("MPLBACKEND", "Agg")
# The same examples in every run of `make test`, so that it passes or fails by the code alone;
# HYPOTHESIS_PROFILE=search looks for new ones, a thousand for each property.
settings.register_profile("ketascope", deadline=None, derandomize=True)
settings.register_profile("search", deadline=None, max_examples=1000, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ketascope"))


def pytest_configure() -> None:
    unknown = required() - set(FINDERS)
    if unknown:
        raise pytest.UsageError(
            f"KETASCOPE_REQUIRE asks for {', '.join(sorted(unknown))}; "
            f"known are {', '.join(sorted(FINDERS))}."
        )


@pytest.fixture(scope="module", autouse=True)
def _few_programs() -> Iterator[None]:
    """Let compiled programs go after each file: their memory maps are limited for a process."""
    yield
    if "jax" in sys.modules:
        sys.modules["jax"].clear_caches()


@pytest.fixture(scope="session")
def nonmem_data() -> Path:
    """Folder with NONMEM's own answers for dosing events."""
    return need("nonmem")


@pytest.fixture(scope="session")
def bench_data() -> Path:
    """Folder with the speed benchmark's population and reference."""
    return need("bench_data")


@pytest.fixture(scope="session")
def browser() -> Iterator[Chrome]:
    """Headless Chromium, driven by Selenium; one for the whole run."""
    chromium = need("browser")
    from selenium.webdriver import Chrome, ChromeOptions
    from selenium.webdriver.chrome.service import Service

    options = ChromeOptions()
    options.binary_location = str(chromium)
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = Chrome(options=options, service=Service(shutil.which("chromedriver")))
    yield driver
    driver.quit()
