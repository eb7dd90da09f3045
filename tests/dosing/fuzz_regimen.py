"""Fuzz the regimen language: whatever the text, the answer is a regimen or an InputError."""

from __future__ import annotations

import random

from ketascope.dosing import parse_regimen
from ketascope.errors import InputError

SEEDS = (
    "esketamine 56 mg intranasal twice weekly for 4 weeks then 84 mg weekly for 4 weeks",
    "ketamine 0.5 mg/kg of ideal weight max 60 mg iv over 40 min 3 times weekly for 2 weeks",
    "ketamine 0.1 mg/kg iv bolus and 0.15 mg/kg/h iv over 60 min once",
    "(R,S)-ketamine hydrochloride 57.67 mg im on days 1, 4 and 8",
    "Spravato 84 mg twice a week for 4 weeks, then fortnightly for 8 weeks.",
    "S-ketamine 30 mg oral solution 3 times daily for 6 weeks",
    "ketamine 10 ug/kg/min sc for 2 h every 6 h for 10 doses",
    "ketamine 0.5 mg/kg of lean body mass iv 40 min once then weekly x 6",
    "esketamine 56 mg intranasal on day 1 then 84 mg on days 4, 8, 11 of the course",
    "arketamine 50 mg sublingual film every other day 6 doses",
)
WORDS = tuple(sorted({word for seed in SEEDS for word in seed.split()}))
CHARACTERS = "abmgkhivx 0123456789.,/-+()[]{}\"'\\;:%&\n\t\x00µéß漢\u2212\u00d7\U0001f600٣"


def mutated(rng: random.Random) -> str:
    """Return a text near a regimen, or far from one."""
    if rng.random() < 0.1:
        return "".join(rng.choice(CHARACTERS) for _ in range(rng.randrange(60)))
    words = rng.choice(SEEDS).split()
    for _ in range(rng.choice((1, 1, 1, 2, 3, 5))):
        at = rng.randrange(len(words) + 1)
        choice = rng.randrange(6)
        if choice == 0 and len(words) > 1:
            del words[min(at, len(words) - 1)]
        elif choice == 1:
            words.insert(at, rng.choice(WORDS))
        elif choice == 2:
            words[at - 1] = rng.choice(WORDS)
        elif choice == 3:
            words[at:at] = rng.choice(SEEDS).split()[rng.randrange(6) :]
        elif choice == 4:
            words[at - 1] = str(rng.choice([0, 1, 2, 1e-9, 1e9, 10**30, -3, "1e999", "1,000"]))
        else:
            word = list(words[at - 1])
            spot = rng.randrange(len(word) + 1)
            word[spot : spot + rng.randrange(2)] = rng.choice(CHARACTERS)
            words[at - 1] = "".join(word)
    return " ".join(words)


def _check_sentence(text: str, message: str) -> None:
    assert message.endswith((".", "?")), (text, message)
    assert "Token(" not in message, (text, message)
    assert len(message) < 500, (text, message)


def fuzz(n: int, seed: int) -> int:
    """Parse ``n`` texts; return how many were regimens.

    Raises
    ------
    AssertionError
        With the text, if anything but InputError is raised, a message is not one sentence, or a
        regimen does not survive printing and reading.
    """
    rng = random.Random(seed)
    accepted = 0
    for _ in range(n):
        text = mutated(rng)
        try:
            regimen = parse_regimen(text)
        except InputError as refusal:
            _check_sentence(text, str(refusal))
            continue
        except Exception as crash:
            raise AssertionError(f"{type(crash).__name__} for {text!r}: {crash}") from crash
        again = parse_regimen(str(regimen))
        assert again == regimen, (text, str(regimen), str(again))
        accepted += 1
    return accepted
