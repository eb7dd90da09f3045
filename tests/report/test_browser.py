"""The page in a browser: values under the pointer, a telephone, paper."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import xarray as xr
from selenium.webdriver import Chrome
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def pages(
    tmp_path_factory: pytest.TempPathFactory,
    page_of: Callable[[str], str],
    beside: str,
) -> dict[str, str]:
    """Addresses of pages on disk."""
    folder = tmp_path_factory.mktemp("report")
    found = {}
    for name in ("course", "infusions", "film", "year"):
        path = Path(folder, f"{name}.html")
        text = beside if name == "infusions" else page_of(name)
        path.write_text(text, encoding="utf-8")
        found[name] = path.as_uri()
    return found


@pytest.fixture
def window(browser: Chrome) -> Iterator[Chrome]:
    """The browser, its size put back afterwards."""
    yield browser
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


def size(window: Chrome, width: int, height: int = 900) -> None:
    window.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600},
    )


def hover(window: Chrome, figure: str, across: float, down: float) -> Any:
    """Move the pointer to a place of a figure, in shares of its size; return the box of values."""
    element = window.find_element(By.ID, figure)
    window.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
    area = element.size
    x, y = int((across - 0.5) * area["width"]), int((down - 0.5) * area["height"])
    ActionChains(window).move_to_element_with_offset(element, x, y).perform()
    return window.find_element(By.CSS_SELECTOR, f"#{figure} + .values")


def complaints(window: Chrome) -> list[str]:
    return [entry["message"] for entry in window.get_log("browser")]


def test_values_stand_under_the_pointer(window: Chrome, pages: dict[str, str]) -> None:
    size(window, 1000)
    window.get(pages["course"])
    box = hover(window, "exposure-wide", 0.25, 0.5)
    assert box.is_displayed()
    text = box.text
    assert "after the start" in text
    assert "S-ketamine (esketamine):" in text
    assert "S-norketamine (noresketamine):" in text
    assert text.count("50 %:") == 2
    assert text.count("90 %:") == 2
    guides = window.find_elements(By.CSS_SELECTOR, "#exposure-wide .guide")
    assert len(guides) == 2
    assert not hover(window, "course-wide", 0.01, 0.5).is_displayed()
    assert complaints(window) == []


def test_the_value_is_the_one_of_the_data(
    window: Chrome, pages: dict[str, str], results: dict[str, xr.Dataset]
) -> None:
    size(window, 1000)
    window.get(pages["infusions"])
    box = hover(window, "exposure-wide", 0.5, 0.5)
    first = box.text.splitlines()
    hours = float(first[0].split()[0])
    result = results["infusions"]
    value = float(result["ketamine"].sel(time=hours, method="nearest").squeeze())
    assert first[1] == f"Ketamine (R + S): {value:.1f} ng/mL"
    assert any(line.startswith("Domino 1984: ") for line in first)


def test_sessions_of_a_long_course_are_named(window: Chrome, pages: dict[str, str]) -> None:
    size(window, 1000)
    window.get(pages["year"])
    assert "Session 56, day" in hover(window, "course-wide", 0.975, 0.3).text


def test_the_keyboard_moves_the_guide(window: Chrome, pages: dict[str, str]) -> None:
    size(window, 1000)
    window.get(pages["film"])
    host = window.find_element(By.CSS_SELECTOR, "#figure-exposure .wide")
    box = window.find_element(By.CSS_SELECTOR, "#exposure-wide + .values")
    host.send_keys(Keys.ARROW_RIGHT)
    before = box.text
    host.send_keys(Keys.ARROW_RIGHT)
    assert box.text != before
    host.send_keys(Keys.ESCAPE)
    assert not box.is_displayed()


@pytest.mark.parametrize("name", ["course", "infusions", "film", "year"])
@pytest.mark.parametrize("width", [360, 390])
def test_a_telephone_shows_narrow_figures_and_scrolls_only_down(
    window: Chrome, pages: dict[str, str], name: str, width: int
) -> None:
    size(window, width, 780)
    window.get(pages[name])
    assert window.find_element(By.ID, "exposure-narrow").is_displayed()
    assert not window.find_element(By.ID, "exposure-wide").is_displayed()
    page = window.execute_script("return document.documentElement.scrollWidth")
    assert page <= width
    outside = window.execute_script(
        "return [...document.querySelectorAll('main *')].filter(e => !e.closest('.scroll') && "
        "!e.closest('svg') && e.getBoundingClientRect().right > innerWidth + 1)"
        ".map(e => e.outerHTML)"
    )
    assert outside == []
    assert hover(window, "exposure-narrow", 0.5, 0.2).is_displayed()


def test_the_box_of_values_stays_within_the_figure(window: Chrome, pages: dict[str, str]) -> None:
    size(window, 360, 780)
    window.get(pages["course"])
    for across in (0.15, 0.5, 0.95):
        box = hover(window, "exposure-narrow", across, 0.3)
        right = window.execute_script("return arguments[0].getBoundingClientRect().right", box)
        left = window.execute_script("return arguments[0].getBoundingClientRect().left", box)
        assert 0 <= left
        assert right <= 360


def test_paper_has_the_wide_figures(window: Chrome, pages: dict[str, str]) -> None:
    size(window, 500)
    window.get(pages["course"])
    window.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    assert window.find_element(By.ID, "exposure-wide").is_displayed()
    assert not window.find_element(By.ID, "exposure-narrow").is_displayed()
    printed = window.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True})
    pdf = base64.b64decode(printed["data"])
    assert pdf.startswith(b"%PDF")
    # seven figures, and tables of reactions, of long use and of trials, folded lists unfolded
    assert 10 <= pdf.count(b"/Type /Page\n") + pdf.count(b"/Type /Page>") <= 35


def test_paper_has_the_folded_table(window: Chrome, pages: dict[str, str]) -> None:
    size(window, 1000)
    window.get(pages["course"])
    opened = "return document.querySelector('details').open"
    assert not window.execute_script(opened)
    window.execute_script("window.dispatchEvent(new Event('beforeprint'))")
    assert window.execute_script(opened)
    window.execute_script("window.dispatchEvent(new Event('afterprint'))")
    assert not window.execute_script(opened)


def test_it_reads_without_the_script(window: Chrome, pages: dict[str, str]) -> None:
    window.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        size(window, 1000)
        window.get(pages["course"])
        assert window.find_element(By.ID, "exposure-wide").is_displayed()
        assert not window.find_elements(By.CLASS_NAME, "values")
    finally:
        window.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
