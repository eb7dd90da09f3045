"""When a person may leave, and which readings are told at once, from ``data/session.yaml``."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ketascope.errors import InputError

Criterion = Literal["time", "pressure", "stable", "sedation", "dissociation", "respiration"]
Level = Literal["watch", "caution", "urgent"]
Phase = Literal["before", "after"]
JURISDICTIONS: Final = ("us", "eu", "uk", "ch")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ReadinessRule(_Strict):
    """The rule by which a person may leave after a drug by a route.

    Parameters
    ----------
    id, drug, route : str
    form : str or None
        Of a solution, tablet and so on; None is the licensed device.
    observe_h : float
        Least hours from ``clock``.
    clock : str
        Where the hours begin.
    judged_from_h : float
        Hours from ``clock`` before which no judgement or reading holds for leaving.
    judged_why : str
        On what ground.
    criteria : tuple of str
        All must be met.
    source, where, how, read_on : str
        Key in ``sources.bib`` (or ``site``), place, how it was read, and when.
    """

    id: str
    drug: str
    route: str
    form: str | None = None
    observe_h: float = Field(gt=0)
    clock: str
    judged_from_h: float = Field(ge=0)
    judged_why: str
    criteria: tuple[Criterion, ...]
    source: str
    where: str
    how: str
    read_on: str


class AlertRule(_Strict):
    """A reading that is told at once; bounds with ``above`` and ``below`` leave out the bound.

    ``pressure_missing`` tells of a first dose that is given without a pressure before it.
    """

    id: str
    level: Level
    phase: Phase
    jurisdictions: tuple[str, ...]
    drug: str | None = None
    age_from: float | None = None
    age_below: float | None = None
    systolic_above: float | None = None
    systolic_from: float | None = None
    systolic_rise_from: float | None = None
    diastolic_above: float | None = None
    diastolic_from: float | None = None
    diastolic_rise_from: float | None = None
    moaas_below: float | None = None
    saturation_below: float | None = None
    pressure_missing: bool = False
    message: str
    action: str
    source: str
    where: str
    how: str

    @model_validator(mode="after")
    def _has_a_bound(self) -> Self:
        bounds = [
            name for name in type(self).model_fields
            if name.startswith(("systolic", "diastolic", "moaas", "saturation"))
            and getattr(self, name) is not None
        ]  # fmt: skip
        if not bounds and not self.pressure_missing:
            raise ValueError("an alert needs a bound")
        return self

    def applies(self, *, drug: str, jurisdiction: str, age: float | None) -> bool:
        """Return whether it is for this drug, place and age; an unknown age is of every group."""
        if self.drug not in (None, drug):
            return False
        if "any" not in self.jurisdictions and jurisdiction not in self.jurisdictions:
            return False
        if age is None:
            return True
        low = self.age_from is None or age >= self.age_from
        return low and (self.age_below is None or age < self.age_below)


class _File(_Strict):
    readiness: tuple[ReadinessRule, ...]
    site_criteria: tuple[Criterion, ...]
    alerts: tuple[AlertRule, ...]


@lru_cache(maxsize=1)
def _file() -> _File:
    from importlib.resources import files

    import yaml

    path = files("ketascope.safety") / "data" / "session.yaml"
    data: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    try:
        return _File(**data)
    except ValidationError as error:
        first = error.errors()[0]
        spot = ".".join(str(part) for part in first["loc"])
        raise InputError(f"{spot}: {first['msg']}", where="session.yaml") from None


def readiness_rules() -> tuple[ReadinessRule, ...]:
    """Return every sourced rule."""
    return _file().readiness


def alert_rules() -> tuple[AlertRule, ...]:
    """Return every sourced alert."""
    return _file().alerts


def limit_before(*, drug: str, jurisdiction: str) -> bool:
    """Return whether a limit of pressure before a dose was read for a drug in a jurisdiction."""
    return any(
        rule.phase == "before" and not rule.pressure_missing
        for rule in alert_rules()
        if rule.applies(drug=drug, jurisdiction=jurisdiction, age=None)
    )


def marked_pressure() -> tuple[float, float]:
    """Return the pressures, mmHg, from which one after a dose is urgent, whatever it was before."""
    rules = [r for r in alert_rules() if r.level == "urgent" and r.phase == "after"]
    high = min(r.systolic_from for r in rules if r.systolic_from is not None)
    low = min(r.diastolic_from for r in rules if r.diastolic_from is not None)
    return high, low


def readiness_rule(
    drug: str,
    route: str,
    form: str | None = None,
    *,
    site_hours: float | None = None,
    site_reason: str = "",
) -> ReadinessRule:
    """Return the rule for a drug by a route: the sourced one, or the site's.

    Parameters
    ----------
    drug, route, form : str
    site_hours : float, optional
        Hours that the site sets: needed where no source does; elsewhere it may only lengthen.
    site_reason : str
        On what ground.

    Raises
    ------
    InputError
        Where no source sets hours and the site does not either; where the site's are shorter than
        the sourced ones.

    >>> readiness_rule("esketamine", "intranasal").observe_h
    2.0
    >>> readiness_rule("ketamine", "intravenous", site_hours=1.5, site_reason="protocol").source
    'site'
    """
    found = next(
        (r for r in readiness_rules() if (r.drug, r.route, r.form) == (drug, route, form)), None
    )
    if site_hours is not None and not 0 < site_hours <= 48:
        raise InputError(f"{site_hours:g} h is no time of observation", hint="give 0 to 48 h")
    if found is None:
        if site_hours is None or not site_reason.strip():
            raise InputError(
                f"no source sets how long a person is watched after {drug} {route}",
                where="readiness",
                hint="the site sets the hours and says on what ground",
            )
        return ReadinessRule(
            id="site", drug=drug, route=route, form=form, observe_h=site_hours,
            clock="the end of the dose", judged_from_h=site_hours,
            judged_why="a last look when the site's hours are over",
            criteria=_file().site_criteria, source="site",
            where=site_reason, how="set by the site", read_on="",
        )  # fmt: skip
    if site_hours is None:
        return found
    if site_hours < found.observe_h:
        raise InputError(
            f"{site_hours:g} h is less than the {found.observe_h:g} h of {found.source}",
            where="readiness",
            hint="a site may only watch for longer",
        )
    return found.model_copy(update={"observe_h": site_hours, "how": f"{found.how}; longer here"})
