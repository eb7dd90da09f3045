"""Other treatments beside ketamine: shares, differences and numbers needed to treat, from trials.

>>> from ketascope.effects.other_treatments import other_treatments
>>> escape = next(t for t in other_treatments() if t["id"] == "escape_trd")
>>> escape["outcomes"][0]["needed_to_treat"]["text"]
'11 (6.4 to 32) treated with the first for one more'
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ketascope.effects.scores import Estimate, wilson
from ketascope.effects.shares import NO_COUNTS, NO_DIFFERENCE, difference, needed

if TYPE_CHECKING:
    from ketascope.evidence.other_treatments import Outcome, Share, Trial

FROM_MEMORY: Final = "from memory, not checked"
TEXT: Final = (
    "Trials that put ketamine or esketamine against another treatment come first: only they "
    "compare the two. Below stand other treatments against their own control, which differs from "
    "trial to trial, so their numbers needed to treat cannot be held beside each other.",
    "Numbers needed to treat are worked out from counts with Newcombe's interval, or from a "
    "printed difference; where the interval of the difference holds none, no number is given.",
)


def other_treatments(kind: str | None = None) -> list[dict[str, Any]]:
    """Return trials of other treatments, head to head and indirect.

    Parameters
    ----------
    kind : {"head-to-head", "reference", "indirect"}, optional
        Only these.

    Returns
    -------
    list of dict
        ``id``, ``title``, ``kind``, ``treatment``, ``people``, ``masking``, ``arms``,
        ``comparable``, ``source``; ``outcomes``: ``what``, ``definition``, ``week``, ``good``,
        ``counts``, ``arms`` (``arm``, ``share``, ``low``, ``high``, ``count``, ``n``),
        ``compared`` (the two arms, or None), ``difference`` (``value``, ``low``, ``high``, as
        fractions, first arm less second, or None), ``needed_to_treat`` (``number``, ``low``,
        ``high``, ``more``, ``text``), ``where``, ``how``, ``checked``; ``scores`` and ``pooled``
        as in the data.
    """
    from ketascope.evidence.other_treatments import trials

    return [_trial(one) for one in trials() if kind is None or one.kind == kind]


def report_other_treatments() -> dict[str, Any]:
    """Return the same for a report: ``title``, ``text``, ``trials`` and ``sources``, as JSON."""
    found = other_treatments()
    return {
        "title": "Other treatments beside it",
        "text": list(TEXT),
        "trials": found,
        "sources": list(dict.fromkeys(one["source"] for one in found)),
    }


def _trial(one: Trial) -> dict[str, Any]:
    kept = one.model_dump(exclude={"outcomes"}, mode="json")
    return {**kept, "outcomes": [_outcome(outcome, list(one.arms)) for outcome in one.outcomes]}


def _outcome(one: Outcome, order: list[str]) -> dict[str, Any]:
    kept = one.model_dump(exclude={"arms", "difference"}, mode="json")
    there = [arm for arm in order if arm in one.arms]
    compared = _pair(there)
    found, text = _difference(one, compared)
    return {
        **kept,
        "arms": [_share(arm, one.arms[arm]) for arm in there],
        "compared": list(compared) if compared else None,
        "difference": None if found is None else found._asdict(),
        "needed_to_treat": _needed(found, text),
    }


def _pair(there: list[str]) -> tuple[str, str] | None:
    """The arms that are compared: the first, and its control or rival."""
    if len(there) < 2:
        return None
    return there[0], "control" if "control" in there else there[1]


def _share(arm: str, one: Share) -> dict[str, Any]:
    head = {"arm": arm, "count": one.count, "n": one.n}
    if one.count is None or one.n is None:
        return {**head, "share": (one.percent or 0.0) / 100, "low": None, "high": None}
    found = wilson(one.count, one.n)
    return {**head, "share": found.value, "low": found.low, "high": found.high}


def _difference(one: Outcome, compared: tuple[str, str] | None) -> tuple[Estimate | None, str]:
    """Difference of the compared arms as fractions, or why there is none."""
    if compared is None:
        return None, "no control in what was read"
    first, second = (one.arms[arm] for arm in compared)
    if first.count is not None and second.count is not None and first.n and second.n:
        return difference(first.count, first.n, second.count, second.n), ""
    if one.difference is not None:
        p = one.difference
        return Estimate(p.value / 100, p.low / 100, p.high / 100), ""
    return None, NO_COUNTS


def _needed(found: Estimate | None, why: str) -> dict[str, Any]:
    if found is None:
        return {"number": None, "low": None, "high": None, "more": None, "text": why}
    turned = needed(found)
    text = NO_DIFFERENCE
    if turned.more is not None:
        text = f"{turned.text} treated with the first for one {'more' if turned.more else 'fewer'}"
    return {
        "number": turned.number, "low": turned.low, "high": turned.high, "more": turned.more,
        "text": text,
    }  # fmt: skip
