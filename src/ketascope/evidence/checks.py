"""Whether numbers are documented: each function returns its complaints, an empty list for none.

The tests run them over every model and over the evidence base.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING

from ketascope.evidence.parameter import Parameter, Place, Variability
from ketascope.evidence.sources import Source, sources
from ketascope.evidence.substances import analytes, substances
from ketascope.units import registry

if TYPE_CHECKING:
    from ketascope.evidence.published import PublishedValue

# What a parameter may be, with the units whose dimension it must have.
ROLES: dict[str, tuple[str, ...]] = {
    "volume": ("L", "L/kg"),
    "clearance": ("L/h", "L/h/kg"),
    "rate constant": ("1/h",),
    "duration": ("h",),
    "fraction": ("1",),
    "concentration": ("mg/L", "mol/L"),
    "molar mass": ("g/mol",),
}

# What the first letters of a symbol say, as the field writes them; the longest match counts.
_BY_SYMBOL = (
    (re.compile(r"^V[A-Za-z0-9]*(_F)?$"), "volume"),
    (re.compile(r"^(CL|Q)[A-Za-z0-9]*(_F)?$"), "clearance"),
    (re.compile(r"^(k|K)(?!I$)[A-Za-z0-9]*(_[a-z0-9]+)?$"), "rate constant"),
    (re.compile(r"^(D[0-9]?|Dsw|Dpo|MTT|lag|t_?half|tlag)([_A-Za-z0-9]*)$"), "duration"),
    (re.compile(r"^(F|f)(?!_)[A-Za-z0-9]*(_[A-Za-z0-9]+)?$"), "fraction"),
    (re.compile(r"^(EC|IC|C)[0-9]{2}[_A-Za-z0-9]*$"), "concentration"),
)
_EFFECT = re.compile(r"^[a-z]+_on_(?P<target>\w+)$")

# Dimension of each quantity of a published value.
QUANTITIES: dict[str, tuple[str, ...]] = {
    "auc": ("mg*h/L", "mol*h/L"),
    "auc_ratio": ("1",),
    "bioavailability": ("1",),
    "clearance": ("L/h",),
    "clearance_per_weight": ("L/h/kg",),
    "cmax": ("mg/L", "mol/L"),
    "cmax_ratio": ("1",),
    "concentration": ("mg/L", "mol/L"),
    "half_life": ("h",),
    "half_life_ratio": ("1",),
    "proportion": ("1",),
    "ratio": ("1",),
    "tmax": ("h",),
    "volume": ("L",),
    "volume_per_weight": ("L/kg",),
}

_WEIGHTS = {"H": 1.008, "C": 12.011, "N": 14.007, "O": 15.999, "Cl": 35.45}


def role_of(name: str) -> str | None:
    """Return the role that the symbol of a parameter announces; None if it announces none.

    >>> role_of("Vcn_F"), role_of("CLK1"), role_of("ka_sw"), role_of("later_device")
    ('volume', 'clearance', 'rate constant', None)
    """
    return next((role for pattern, role in _BY_SYMBOL if pattern.match(name)), None)


def check_parameter(parameter: Parameter) -> list[str]:
    """Check one parameter of a model: words, number, unit, place, spread.

    Parameters
    ----------
    parameter : Parameter

    Returns
    -------
    list of str
        One clause for each thing that is wrong, begun with the name of the parameter.
    """
    p = parameter
    found = []
    if not p.name.isidentifier():
        found.append("its name is not an identifier")
    if not p.meaning.strip():
        found.append("it has no meaning in words")
    if not math.isfinite(p.value):
        found.append(f"its value {p.value} is not finite")
    if p.se is not None and not p.se >= 0:
        found.append(f"its standard error {p.se} is not a non-negative number")
    if p.status != "published" and not p.note.strip():
        found.append(f"it is {p.status} and has no note that says why")
    found += _unit(p) + check_place(p.place) + _spread(p)
    return [f"{p.name}: {text}" for text in found]


def check_parameters(parameters: Iterable[Parameter]) -> list[str]:
    """Check the parameters of one model, and that no two share a name."""
    listed = list(parameters)
    names = [p.name for p in listed]
    found = [f"{name}: it stands twice" for name in sorted(set(names)) if names.count(name) > 1]
    return found + [text for p in listed for text in check_parameter(p)]


def check_place(place: Place) -> list[str]:
    """Check that a place names a known source, where in it, and how it was read."""
    found = []
    if place.source not in sources():
        found.append(f"its source '{place.source}' is not in sources.bib")
    if not place.where.strip():
        found.append("its place does not say where in the source")
    if not place.how.strip():
        found.append("its place does not say how it was read")
    return found


def check_source(source: Source) -> list[str]:
    """Check one entry of the bibliography: title, authors, year, identifiers, what was checked."""
    found = [
        f"it has no {name}"
        for name, value in (
            ("title", source.title),
            ("author", source.authors),
            ("year", source.year),
            ("word on how far it was checked", source.checked),
        )
        if not value
    ]
    if source.doi and not re.fullmatch(r"10\.\d{4,9}/\S+", source.doi):
        found.append(f"'{source.doi}' is not a DOI")
    if source.pmid and not source.pmid.isdigit():
        found.append(f"'{source.pmid}' is not a PubMed id")
    if source.kind == "article" and not source.container:
        found.append("it is an article without a journal")
    return [f"{source.key}: {text}" for text in found]


def check_published(value: PublishedValue) -> list[str]:
    """Check one published value: source, analyte, and that its unit fits its quantity."""
    found = check_place(value.place)
    if value.analyte is not None and value.analyte not in analytes():
        found.append(f"its analyte '{value.analyte}' is not known")
    kinds = QUANTITIES.get(value.quantity)
    if kinds is not None and value.analyte is None and value.effect is None:
        found.append(f"a {value.quantity} needs an analyte")
    dimension = _dimension(value.unit)
    if dimension is None:
        found.append(f"its unit '{value.unit}' is not known")
    elif kinds is not None and value.effect is None and dimension not in map(_dimension, kinds):
        found.append(f"its unit '{value.unit}' is not that of a {value.quantity}")
    return [f"{value.id}: {text}" for text in found]


def check_evidence() -> list[str]:
    """Check the whole evidence base: sources, substances, published values."""
    from ketascope.evidence.published import published

    found = [text for source in sources().values() for text in check_source(source)]
    for substance in substances().values():
        found += [f"{substance.name}: {text}" for text in check_place(substance.place)]
        by_formula = formula_mass(substance.formula)
        if abs(by_formula - substance.molar_mass) > 0.01:
            found.append(f"{substance.name}: its formula weighs {by_formula:.3f} g/mol")
    return found + [text for value in published() for text in check_published(value)]


def formula_mass(formula: str) -> float:
    """Molar mass (g/mol) of a formula of H, C, N, O and Cl, from standard atomic weights.

    >>> round(formula_mass("C13H16ClNO"), 3)
    237.727
    """
    parts = re.findall(r"(Cl|[HCNO])(\d*)", formula)
    return sum(_WEIGHTS[element] * int(count or 1) for element, count in parts)


def _unit(p: Parameter) -> list[str]:
    """Complaints about unit, role and range."""
    dimension = _dimension(p.unit)
    if dimension is None:
        return [f"its unit '{p.unit}' is not known"]
    effect = _EFFECT.match(p.name)
    if effect:
        return _effect_unit(p.unit, effect["target"])
    role = role_of(p.name)
    if role is None:
        return []
    if dimension not in map(_dimension, ROLES[role]):
        return [f"its unit '{p.unit}' is not that of a {role}"]
    if role == "fraction":
        outside = not 0 <= p.value <= 1 and not p.note.strip()
        return [f"a fraction of {p.value:g} needs a note"] if outside else []
    return [] if p.value > 0 else [f"a {role} of {p.value:g} is not above 0"]


def _effect_unit(unit: str, target: str) -> list[str]:
    """An effect on a parameter is a pure number, or that parameter's unit per covariate."""
    role = role_of(target)
    allowed = {_dimension("1")}
    for base in ROLES.get(role or "", ()):
        allowed |= {_dimension(f"{base}{per}") for per in ("", "/year", "/kg")}
    if _dimension(unit) in allowed:
        return []
    return [f"its unit '{unit}' is not that of an effect on {target}"]


def _spread(p: Parameter) -> list[str]:
    """Complaints about the variability."""
    found = []
    levels = [v.level for v in p.variability]
    if len(set(levels)) < len(levels):
        found.append("it has two spreads at one level")
    for v in p.variability:
        found += _one_spread(p.value, v)
    return found


def _one_spread(value: float, v: Variability) -> list[str]:
    found = []
    if not (math.isfinite(v.sd) and v.sd > 0):
        found.append(f"the standard deviation {v.sd} of its spread is not above 0")
    if v.kind == "lognormal" and not value > 0:
        found.append("a log-normal spread needs a value above 0")
    if v.kind == "logit" and not 0 < value < 1:
        found.append("a logit spread needs a value between 0 and 1")
    return found


@lru_cache(maxsize=256)
def _dimension(unit: str) -> str | None:
    """Dimension of a unit as text; None if Pint does not know it."""
    import pint

    try:
        return str(registry().Quantity(1.0, unit).dimensionality)
    except (pint.UndefinedUnitError, AttributeError, ValueError, TypeError, SyntaxError):
        return None
