"""The regimen language: words in, a :class:`~ketascope.dosing.values.Regimen` out.

    esketamine 56 mg intranasal twice weekly for 4 weeks then 84 mg weekly for 4 weeks
    ketamine 0.5 mg/kg iv over 40 min 3 times weekly for 2 weeks

The grammar is ``grammar.lark``; the words are in ``vocabulary.py``; ``build.py`` gives them their
meaning. A phase after ``then`` takes over what it does not name: the drug, the route with its
form, the duration, or the whole dose. A dose after ``and`` takes over the drug and the route.
Doses are of base unless ``hydrochloride`` is named.
"""

from __future__ import annotations

import difflib
import re
from functools import cache
from typing import TYPE_CHECKING

from ketascope.dosing.vocabulary import TERMINALS
from ketascope.errors import InputError

if TYPE_CHECKING:
    from lark import Lark, Token, Tree, UnexpectedToken

    from ketascope.dosing.values import Amount, Rate, Regimen

#: Longest text that is read; a regimen in words is far shorter.
MAX_LENGTH = 2000
_WEEKDAY = re.compile(
    r"(?:mon|tue|tues|wed|wednes|thu|thur|thurs|fri|sat|satur|sun|week)(?:days?|ends?)?\W*$",
    re.IGNORECASE,
)


class RegimenError(InputError):
    """A regimen's words cannot be used.

    Attributes
    ----------
    text : str
        The words.
    start, end : int
        The place in ``text``, counted from 0; the message counts columns from 1.
    """

    def __init__(
        self, message: str, text: str, start: int, end: int, *, hint: str | None = None
    ) -> None:
        self.text, self.start, self.end = text, start, max(end, start + 1)
        super().__init__(message, where=f"regimen, column {start + 1}", hint=hint)

    def __str__(self) -> str:
        text = super().__str__()
        return text[:-1] if text.endswith("?.") else text

    @property
    def pointer(self) -> str:
        """The words with a row of carets under the place."""
        shown = re.sub(r"\s", " ", self.text)
        return f"{shown}\n{' ' * self.start}{'^' * (self.end - self.start)}"


@cache
def _parser() -> Lark:
    # Lark takes a tenth of a second to load, and only a regimen in words needs it.
    from importlib.resources import files

    from lark import Lark

    return Lark(
        files("ketascope.dosing").joinpath("grammar.lark").read_text(encoding="utf-8"),
        parser="lalr",
        lexer="basic",
        start=["regimen", "amount", "length", "unknown"],
        maybe_placeholders=False,
    )


def parse_regimen(text: str) -> Regimen:
    """Read a regimen in words.

    Parameters
    ----------
    text : str
        Words, in any case and with any spacing.

    Returns
    -------
    Regimen
        ``parse_regimen(str(regimen)) == regimen`` holds for every regimen.

    Raises
    ------
    RegimenError
        Names the word, its column and what would fit there.
    """
    from ketascope.dosing.phases import build_regimen

    clean = _prepared(text)
    return build_regimen(_tree(clean, "regimen"), clean)


def parse_dose(text: str) -> Amount | Rate:
    """Read a dose alone, such as ``0.5 mg/kg of ideal weight max 60 mg`` (of base)."""
    from ketascope.dosing.build import build_dose

    clean = _prepared(text)
    return build_dose(_tree(clean, "amount"), clean)


def parse_minutes(text: str) -> float:
    """Read a duration alone, such as ``40 min`` or ``2 h``; returns minutes."""
    from ketascope.dosing.build import build_minutes

    clean = _prepared(text)
    return build_minutes(_tree(clean, "length"), clean)


def _prepared(text: str) -> str:
    """Blank what carries no meaning, keeping every column where it is."""
    if not text.strip():
        raise InputError(
            "the regimen is empty",
            hint="write one such as 'ketamine 0.5 mg/kg iv over 40 min once'",
        )
    if len(text) > MAX_LENGTH:
        raise InputError(
            f"the regimen has {len(text):,} characters, more than the {MAX_LENGTH:,} that are read",
            hint="write long lists of doses in a YAML regimen file",
        )
    text = re.sub(r"\.(\s*)$", r" \1", text)
    return re.sub(r",(?=\s*(?:then\b|followed\b|$))", " ", text, flags=re.IGNORECASE)


def _tree(text: str, start: str) -> Tree[Token]:
    from lark import UnexpectedToken

    try:
        return _parser().parse(text, start=start)
    except UnexpectedToken as failure:
        raise _unexpected(text, failure) from None


def _unexpected(text: str, failure: UnexpectedToken) -> RegimenError:
    token = failure.token
    fits = _fitting(failure)
    if token.type == "$END":
        end = len(text.rstrip())
        return RegimenError(
            "the regimen stops here but is not complete", text, end, end + 1, hint=_would_fit(fits)
        )
    at, word = token.start_pos or 0, str(token)
    special = _special(text, at, word, token.type)
    if special:
        message, hint = special
        return RegimenError(message, text, at, at + len(word), hint=hint)
    if token.type == "UNKNOWN":
        near = _nearest(word, failure.accepts or set())
        message = f"'{_short(word)}' is not a word that is known here"
        hint = f"did you mean '{near}'?" if near else _would_fit(fits)
        return RegimenError(message, text, at, at + len(word), hint=hint)
    return RegimenError(
        f"'{_short(word)}' does not fit here", text, at, at + len(word), hint=_would_fit(fits)
    )


def _special(text: str, at: int, word: str, kind: str) -> tuple[str, str] | None:
    """Messages for slips that have a better answer than what the grammar expects."""
    before, after = text[:at], text[at + len(word) :]
    if kind == "COMMA" and re.search(r"[0-9]\s*$", before) and re.match(r"[0-9]", after):
        return "a comma cannot divide a number here", "write decimals with a point, such as 0.5"
    if kind == "NUMBER" and word[0] in "-\u2212\u2013" and re.search(r"[0-9]$", before):
        return "a range is not a dose that can be given", "give one number"
    if kind == "UNKNOWN" and re.match(r"(mg|ug|mcg|g|microgram)s?/", word, re.IGNORECASE):
        return (
            f"'{_short(word)}' is not a unit that is known here",
            "use mg, mg/kg, or a rate such as mg/h, mg/kg/h or ug/kg/min",
        )
    if kind == "UNKNOWN" and _WEEKDAY.match(word):
        return (
            f"'{_short(word)}' is a day of the week, and weekdays are not part of the language",
            "say how often, such as 'weekly' or 'twice weekly', or count 'on days 1, 4, 8'",
        )
    if kind == "UNKNOWN" and re.match(r"[0-9.]*ml(/|$)", word, re.IGNORECASE):
        return "a volume does not say how much drug is given", "give the dose in mg"
    return None


def _fitting(failure: UnexpectedToken) -> list[str]:
    """Plain names of what would fit, without the parts that the phase already has."""
    seen: set[str] = set()
    stack = getattr(failure.interactive_parser, "parser_state", None)
    for value in getattr(stack, "value_stack", []):
        for token in _tokens(value):
            if token.type in ("THEN", "AND"):
                seen.clear()
            elif token.type in TERMINALS:
                seen.add(TERMINALS[token.type][0])
    names: list[str] = []
    extras: list[str] = []
    for terminal, (gives, name, _) in TERMINALS.items():
        wanted = gives in ("detail", "link") or gives not in seen
        if terminal in (failure.accepts or ()) and wanted and name:
            into = extras if gives in ("salt", "weight", "maximum", "form") else names
            if name not in into:
                into.append(name)
    return names or extras


def _tokens(value: object) -> list[Token]:
    from lark import Token, Tree

    if isinstance(value, Token):
        return [value]
    if isinstance(value, Tree):
        return [t for child in value.children for t in _tokens(child)]
    if isinstance(value, list):
        return [t for child in value for t in _tokens(child)]
    return []


def _would_fit(names: list[str]) -> str:
    if not names:
        return "see the examples in the documentation"
    shown = names[:6]
    listed = shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} or {shown[-1]}"
    return f"here {listed} would fit"


def _nearest(word: str, accepts: set[str]) -> str | None:
    """The known word most like an unknown one, of those that fit or, failing that, of all."""
    plain = word.lower().strip(".;:()'\"")
    fitting = [w for t in accepts if t in TERMINALS for w in TERMINALS[t][2]]
    every = [w for _, _, words in TERMINALS.values() for w in words]
    for words in (sorted(fitting), sorted(every)):
        near = difflib.get_close_matches(plain, words, n=1, cutoff=0.72)
        if near:
            return near[0]
    return None


def _short(word: str) -> str:
    return word if len(word) <= 30 else f"{word[:27]}..."
