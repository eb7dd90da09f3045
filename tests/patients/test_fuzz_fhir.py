"""Fuzzing of FHIR records: a few with every test run, many with ``make soak``."""

from __future__ import annotations

import json
import random
import time

import pytest
from patients.fhir_cases import bundle, condition, observation, patient, pressure, request
from patients.fhir_cases import concept as code_of
from patients.fuzz_fhir import fuzz
from patients.fuzz_patient import mutate

from ketascope.errors import InputError
from ketascope.patients.record import parse_record


def test_a_few_records_with_anything_in_them() -> None:
    fuzz(150)


@pytest.mark.soak
def test_many_records_with_anything_in_them() -> None:
    fuzz(20_000)


def bytes_changed(n: int, seed: int) -> int:
    """Read ``n`` bundles whose bytes were changed; return how many were refused."""
    chance = random.Random(seed)
    good = bundle(
        patient(), condition(code_of("http://snomed.info/sct", "59621000")), pressure(120, 80),
        request(code_of("http://www.whocc.no/atc", "N05BA01")),
    )  # fmt: skip
    refused = 0
    for _ in range(n):
        content = mutate(good, chance)
        try:
            parse_record(content, "fuzz")
        except InputError as error:
            refused += 1
            text = str(error)
            if not text.startswith("fuzz") or "\n" in text:
                raise AssertionError(f"{text!r} from {content!r}") from error
    return refused


def test_a_few_bundles_with_changed_bytes() -> None:
    assert 0 < bytes_changed(300, seed=1) < 300


@pytest.mark.soak
def test_many_bundles_with_changed_bytes() -> None:
    assert bytes_changed(50_000, seed=2) > 0


def test_a_bundle_in_a_bundle_is_not_opened() -> None:
    inner = json.loads(bundle(patient("p2")))
    record = parse_record(bundle(patient(), inner))
    assert record.not_screened[-1].reason == "is a bundle in a bundle, which is not opened"


@pytest.mark.soak
def test_a_bundle_of_2_megabytes_is_read_in_the_time_that_a_screen_leaves() -> None:
    codes = ("29463-7", "8302-2", "8867-4", "1742-6", "718-7", "2951-2", "6690-2", "4548-4")
    filler = {"note": [{"text": "x" * 1_300}]}
    resources = []
    for year in range(1990, 2026):
        day = {"effectiveDateTime": f"{year}-03-04", **filler}
        resources += [{**observation(code, 70, "kg"), **day} for code in codes * 3]
        resources += [{**pressure(128, 82), **day}] * 12
        resources += [{**request(code_of("http://www.whocc.no/atc", "N05BA01")), **filler}] * 6
    content = bundle(patient(), *resources)
    assert len(content) > 2_000_000
    parse_record(content)
    times = []
    for _ in range(5):
        start = time.process_time()
        parse_record(content)
        times.append(time.process_time() - start)
    assert min(times) < 0.15
