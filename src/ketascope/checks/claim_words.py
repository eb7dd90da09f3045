"""Numbers, lists and commands as claims print them."""

from __future__ import annotations

import shlex


def two_figures(value: float) -> str:
    """Return a number with two figures, without an exponent.

    >>> two_figures(1124.8), two_figures(0.25), two_figures(1e-9)
    ('1100', '0.25', 'under 0.001')
    """
    if value != 0 and abs(value) < 0.001:
        return "under 0.001"
    text = f"{value:.2g}"
    return f"{float(text):.0f}" if "e+" in text else text


def in_command(*words: str) -> str:
    """Return words as a shell command of this program.

    >>> in_command("regimen", "ketamine 50 mg im once")
    "ketascope regimen 'ketamine 50 mg im once'"
    """
    return shlex.join(["ketascope", *words])


def listed(parts: list[str]) -> str:
    """Return a list in words.

    >>> listed(["a", "b", "c"]), listed(["a"])
    ('a, b and c', 'a')
    """
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def in_sentence(regimen: str) -> str:
    """Return a regimen as it stands in a sentence.

    >>> in_sentence("ketamine 50 mg im once")
    'ketamine 50 mg im'
    """
    return regimen.removesuffix(" once")
