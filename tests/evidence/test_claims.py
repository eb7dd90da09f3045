"""Claims: every one is there, in order, cited, and judged by evidence of the right kind."""

from __future__ import annotations

import re

import pytest

from ketascope.errors import InputError
from ketascope.evidence import sources
from ketascope.evidence.claims import (
    ASIDE,
    STRENGTHS,
    TOPICS,
    VERDICTS,
    Claim,
    claim,
    claims_named,
    known_claims,
    read_claims,
)

CLAIMS = list(known_claims().values())
IDS = [one.id for one in CLAIMS]
TOPIC_OF = {
    "mechanism": range(1, 9),
    "dose": range(9, 16),
    "effects": range(16, 23),
    "risk": range(23, 30),
    "outcome": range(30, 33),
    "networks": range(33, 37),
}

GOOD = """
- id: "1"
  about: people
  claim: Something is said of a medicine.
  verdict: qualified
  why: It holds for some and not for others, and the studies that were read are small and short.
  evidence_for:
    - finding: Half of the people who took it felt better.
      source: anand_2023
      where: abstract
      how: read
      strength: randomised trial
      species: people
      setting: adults
      n: 20
"""


def test_every_claim_is_covered_and_stands_under_its_topic() -> None:
    assert {one.number for one in CLAIMS} == set(range(1, 37))
    for one in CLAIMS:
        assert one.number in TOPIC_OF[one.topic], one.id


def test_claims_come_in_order_and_parts_are_lettered_from_a() -> None:
    assert IDS == sorted(IDS, key=lambda name: (int(re.sub(r"\D", "", name)), name))
    for number in range(1, 37):
        letters = [
            name[len(str(number)) :] for name in IDS if re.fullmatch(rf"{number}[a-z]?", name)
        ]
        assert letters == [""] or letters == list("abcdefgh"[: len(letters)]), number
        assert letters != ["a"], number


@pytest.mark.parametrize("one", CLAIMS, ids=IDS)
def test_every_source_is_in_the_bibliography(one: Claim) -> None:
    assert set(one.sources) - set(sources()) == set()


@pytest.mark.parametrize("one", CLAIMS, ids=IDS)
def test_a_claim_has_evidence_or_says_that_there_is_none(one: Claim) -> None:
    if not one.evidence:
        assert one.verdict == "not assessable"
        assert not one.reached
    assert one.reached == (one.not_reached == "")
    if one.verdict == "not assessable":
        assert not one.reached


@pytest.mark.parametrize("one", CLAIMS, ids=IDS)
def test_a_claim_on_people_needs_people(one: Claim) -> None:
    kinds = {e.strength for e in one.evidence_for if e.species == "people"} - set(ASIDE)
    if one.about == "people" and one.verdict == "supported":
        assert kinds
    if one.about == "animals" and one.verdict == "supported":
        assert {e.species for e in one.evidence_for} & {"rat", "mouse", "monkey"}


@pytest.mark.parametrize("one", CLAIMS, ids=IDS)
def test_words_are_plain_and_reasons_are_short(one: Claim) -> None:
    assert 2 <= len(re.findall(r"[.?!](?:\s|$)", one.why)) <= 5
    for text in (one.claim, one.why, one.not_reached, *(e.finding for e in one.evidence)):
        assert text == " ".join(text.split())
        assert text == "" or text.endswith(".")
        assert not re.search(
            r"\b(?:miracle|breakthrough|game.changer|proven|safe and effective)\b", text, re.I
        )


def test_nothing_stands_twice() -> None:
    texts = [one.claim for one in CLAIMS]
    assert len(set(texts)) == len(texts)
    for one in CLAIMS:
        findings = [(e.source, e.finding) for e in one.evidence]
        assert len(set(findings)) == len(findings), one.id


def test_every_word_is_explained() -> None:
    assert {one.verdict for one in CLAIMS} == set(VERDICTS)
    assert {e.strength for one in CLAIMS for e in one.evidence} == set(STRENGTHS)
    assert list(dict.fromkeys(one.topic for one in CLAIMS)) == list(TOPICS)


def test_mixed_findings_are_carried_on_both_sides() -> None:
    """What trials disagree on is not smoothed over."""
    for name in ("9b", "22", "30", "32b", "8b", "7a"):
        one = claim(name)
        assert one.evidence_for, name
        assert one.evidence_against, name
        assert one.verdict != "supported" or name == "32b"


def test_one_claim_or_all_its_parts() -> None:
    assert claim(" 7B ").id == "7b"
    assert [one.id for one in claims_named("7")] == ["7a", "7b", "7c", "7d"]
    assert [one.id for one in claims_named("30")] == ["30"]
    with pytest.raises(InputError, match="no claim '7'; it is split into 7a, 7b"):
        claim("7")
    with pytest.raises(InputError, match="no claim '37'"):
        claims_named("37")


def test_a_file_is_read() -> None:
    (one,) = read_claims(GOOD, "risk.yaml")
    assert (one.id, one.topic, one.evidence[0].n) == ("1", "risk", 20)
    assert one.reached


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("qualified", "true", "verdict"),
        ("randomised trial", "anecdote", "evidence_for.0.strength"),
        ("n: 20", "n: 0", "evidence_for.0.n"),
        ("where: abstract", "where: ''", "evidence_for.0.where"),
        ('id: "1"', 'id: "0"', "id"),
        ("about: people", "about: people\n  extra: 1", "extra"),
        ("about: people", "about: people\n  reached: false", "what was not reached has to be said"),
        ("verdict: qualified", "verdict: contested", "evidence on both sides"),
        ("- id", "claims:\n- id", "holds a list"),
        ("claim: S", "claim: [S", "not YAML"),
    ],
)
def test_a_broken_file_is_refused(old: str, new: str, said: str) -> None:
    with pytest.raises(InputError, match=re.escape(said)):
        read_claims(GOOD.replace(old, new, 1), "risk.yaml")


@pytest.mark.parametrize(
    ("species", "strength"),
    [("rat", "controlled experiment"), ("people", "review"), ("cells", "in vitro")],
)
def test_animals_cells_and_reviews_support_no_claim_on_people(species: str, strength: str) -> None:
    text = GOOD.replace("qualified", "supported")
    assert read_claims(text, "risk.yaml")[0].verdict == "supported"
    weak = text.replace("species: people", f"species: {species}")
    weak = weak.replace("strength: randomised trial", f"strength: {strength}")
    with pytest.raises(InputError, match="evidence from people only"):
        read_claims(weak, "risk.yaml")


def test_without_evidence_there_is_no_verdict_but_that() -> None:
    bare = GOOD[: GOOD.index("  evidence_for")]
    with pytest.raises(InputError, match="without evidence cannot be qualified"):
        read_claims(bare, "risk.yaml")
    told = (
        bare.replace("qualified", "not assessable")
        + "  reached: false\n  not_reached: All of it.\n"
    )
    assert read_claims(told, "risk.yaml")[0].evidence == ()
