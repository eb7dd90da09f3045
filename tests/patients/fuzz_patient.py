"""Mutated patient files: whatever is in them, only InputError may come out.

``python tests/patients/fuzz_patient.py 100000 7`` runs 100,000 of them from seed 7.
"""

from __future__ import annotations

import random
import sys

from ketascope.errors import InputError
from ketascope.patients import parse_patient

GOOD = (
    b"age: 45\nweight: 154 lb\nheight: 5 ft 7 in\nsex: F\nrace: african american\n",
    b'{"age": 45, "weight": "70 kg", "height": 170, "sex": "male", "notes": ["a", "b"]}',
    b"{age: 18 months, weight: 10.5, name: A1}\n",
    b"id: 3\nsetting: day ward\nnotes:\n  - first\n  - 'second: line'\n",
)
PIECES = (
    *b"& * [ ] { } : , - ' ~ = | > ? ! %".split(),
    *(b"&a", b"*a", b"<<: ", b"? ", b"- ", b"|\n", b">-\n", b"---\n", b"...\n", b"%YAML 9.9\n"),
    *(b"!!python/name:os.system ", b"!!binary ", b"!!set ", b"!!timestamp ", b"!!int "),
    *(b"NaN", b"Infinity", b"-.inf", b"1e999", b"0x1F", b"0o17", b"1:30:30", b"1_000", b"true"),
    *(b"2001-02-30", b"2001-01-01T25:00:00Z", b"9" * 400, b"9" * 5000, b"[" * 300, b"{a: " * 300),
    *(b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\x85", b"\t", b"\r", b'"', b"\\u0000", b"\\ud800"),
    *("\u2028".encode(), "\U0001f600".encode(), "\u0664\u0665".encode()),
    *(b"resourceType: Patient\n", b"weight", b"age: ", b"+.5e3 stone", b"5'7\"", b"ft in"),
)


def mutate(content: bytes, chance: random.Random) -> bytes:
    """Change a file in one to six places."""
    data = bytearray(content)
    for _ in range(chance.randint(1, 6)):
        at = chance.randint(0, len(data))
        match chance.randint(0, 5):
            case 0:
                data[at:at] = chance.choice(PIECES)
            case 1:
                del data[at : at + chance.randint(1, 8)]
            case 2:
                data[at : at + 1] = bytes([chance.randint(0, 255)])
            case 3:
                data[at:at] = data[at : at + chance.randint(1, 40)]
            case 4:
                data[at : at + chance.randint(0, 6)] = chance.choice(PIECES)
            case _:
                data += chance.choice(GOOD)[chance.randint(0, 30) :]
    return bytes(data)


def fuzz(n: int, seed: int) -> int:
    """Read ``n`` mutated files; return how many were refused.

    Raises
    ------
    AssertionError
        With the content, if anything but InputError came out.
    """
    chance = random.Random(seed)
    refused = 0
    for _ in range(n):
        if chance.random() < 0.1:
            content = chance.randbytes(chance.randint(0, 200))
        else:
            content = mutate(chance.choice(GOOD), chance)
        try:
            parse_patient(content, "fuzz")
        except InputError as error:
            refused += 1
            text = str(error)
            if not text.startswith("fuzz") or "\n" in text or len(text) > 500:
                raise AssertionError(f"{text!r} from {content!r}") from error
        except Exception as error:
            raise AssertionError(f"{type(error).__name__} from {content!r}") from error
    return refused


if __name__ == "__main__":
    print(fuzz(int(sys.argv[1]), int(sys.argv[2])), "refused")  # noqa: T201
