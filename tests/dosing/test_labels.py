from pathlib import Path

import pytest

from ketascope.dosing import Regimen, check, labels, load_regimen, parse_regimen, schedule
from ketascope.errors import InputError
from ketascope.evidence import sources


@pytest.mark.parametrize("name", labels())
def test_every_label_is_a_canonical_regimen_within_bounds(name: str) -> None:
    label = labels()[name]
    assert str(label.regimen) == " ".join(label.text.split())
    assert check(label.regimen) == []
    assert load_regimen(name) == label.regimen


@pytest.mark.parametrize("name", labels())
def test_every_label_has_sources_in_the_bibliography(name: str) -> None:
    assert {reading.place.source for reading in labels()[name].sources} <= set(sources())


@pytest.mark.parametrize("name", [n for n in labels() if n.startswith("label:")])
def test_label_sessions_are_twice_weekly_then_weekly(name: str) -> None:
    days = [s.day for s in schedule(labels()[name].regimen).sessions]
    twice = [1, 4, 8, 11, 15, 18, 22, 25]
    assert days in (twice, [*twice, 29, 36, 43, 50])


def test_spravato_steps_up_after_day_1() -> None:
    laid = schedule(load_regimen("label:spravato-trd-us"))
    devices = [len(laid.of_session(s.index)) for s in laid.sessions]
    assert devices == [2] + [3] * 11
    at_65 = schedule(load_regimen("label:spravato-trd-eu-65"))
    assert [len(at_65.of_session(s.index)) for s in at_65.sessions] == [1] + [2] * 11


def test_six_infusions_take_twelve_days() -> None:
    laid = schedule(load_regimen("protocol:iv-murrough-2013-6"))
    assert [s.day for s in laid.sessions] == [1, 3, 5, 8, 10, 12]


def test_tablets_are_twice_weekly_from_day_8() -> None:
    days = [s.day for s in schedule(load_regimen("protocol:po-glue-2024-180")).sessions]
    assert days[:5] == [1, 2, 3, 4, 5]
    assert days[5:9] == [8, 11, 15, 18]
    assert len(days) == 5 + 24


def test_aliases_and_case() -> None:
    assert load_regimen(" Label:Spravato-TRD-US-84 ") == load_regimen("label:spravato-trd-us")


def test_unknown_names_are_answered_with_the_nearest() -> None:
    with pytest.raises(InputError, match="label:spravato-trd-us"):
        load_regimen("label:spravato-tdr-us")
    with pytest.raises(InputError, match="there are protocol:iv-zarate-2006"):
        load_regimen("protocol:zzz")


def test_words_and_files_come_through_the_same_door(tmp_path: Path) -> None:
    words = "ketamine 0.5 mg/kg iv over 40 min once"
    assert load_regimen(words) == parse_regimen(words)
    path = tmp_path / "mine.yaml"
    path.write_text("administrations: [{day: 1, drug: ketamine, route: im, amount: 50 mg}]")
    loaded = load_regimen(str(path))
    assert not isinstance(loaded, Regimen)
    assert loaded.schedule() == schedule(parse_regimen("ketamine 50 mg im once"))
    with pytest.raises(InputError, match=r"nothere\.yaml: the file cannot be read"):
        load_regimen(str(tmp_path / "nothere.yaml"))
