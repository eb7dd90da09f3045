"""The plan as one HTML file, and as text for a terminal."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final

from markupsafe import Markup

from ketascope.evidence import source
from ketascope.report.numbers import join
from ketascope.report.references import link, reference
from ketascope.report.templating import environment, template_file
from ketascope.safety.plan_record import plan_record

if TYPE_CHECKING:
    from ketascope.safety.plan import Plan

HEADINGS: Final = {
    "preparation": "Preparation",
    "staff": "People on site",
    "equipment": "Equipment",
    "form": "Forms",
    "check": "Asked at every session",
    "aftercare": "Afterwards",
    "alarm": "Alarm",
}


def plan_page(
    plan: Plan, *, as_of: str | None = None, predicted: dict[str, Any] | None = None
) -> str:
    """Return the plan as the text of one self-contained HTML file.

    Parameters
    ----------
    plan : Plan
        From :func:`ketascope.safety.plan.plan`.
    as_of : str, optional
    predicted : dict, optional
        From :func:`ketascope.report.plan_predicted.predicted_for`.
    """
    context = plan_context(plan, as_of=as_of, predicted=predicted)
    return environment().get_template("plan.html").render(
        **context, css=Markup(template_file("report.css"))
    )  # fmt: skip


def plan_context(
    plan: Plan, *, as_of: str | None = None, predicted: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Return what the template of a plan reads."""
    record = plan_record(plan, as_of=as_of, predicted=predicted)
    days, keys = _days(record["visits"]), _sources(record)
    return {
        **record,
        "zone": plan.visits[0].start.tzinfo is not None,
        "visits": [_visit(visit) for visit in record["visits"]],
        "checks": [
            _named(step) | {"date": said(date.fromisoformat(step["date"]))}
            for step in record["checks"]
        ],
        "once": [_named(step) for step in record["once"]],
        "days": days,
        "source_keys": keys,
        "references": [(reference(item), link(item), item.checked) for item in map(source, keys)],
        "infusions": [
            {key: _plain(value) for key, value in sheet.items()}
            | {"lacking": {basis: _lacking(sheet, basis) for basis in sheet["by_basis_lacks"]}}
            for sheet in record["infusions"]
        ],
        "out_of_range": [_named(alert) for alert in record["out_of_range"]],
    }


def _days(visits: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A dosing day for each kind of session: sessions with the same steps are alike."""
    kinds: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for visit in visits:
        ids = tuple(step["id"] for step in (*visit["moments"], *visit["steps"], *visit["due"]))
        kinds.setdefault(ids, []).append(visit)
    return [_day(alike, len(kinds)) for alike in kinds.values()]


def _day(alike: list[dict[str, Any]], kinds: int) -> dict[str, Any]:
    first, numbers = alike[0], [visit["number"] for visit in alike]
    steps = [_named(step) for step in first["steps"]]
    title = f"Session {first['number']}, {first['dose']}"
    if len(numbers) > 1 and kinds == 1:
        title += "; the others are alike, with the times of their own dose"
    elif len(numbers) > 1:
        title += f"; alike, with the times of their own dose: {', '.join(map(str, numbers[1:]))}"
    return {
        "title": f"{title}.",
        "moments": [_named(step) | {"clock": _clock(step)} for step in first["moments"]],
        "by_what": [
            (title, [step for step in steps if step["what"] == what])
            for what, title in HEADINGS.items()
            if any(step["what"] == what for step in steps)
        ],
    }


def _sources(record: dict[str, Any]) -> list[str]:
    visits = record["visits"]
    steps = [s for v in visits for s in (*v["moments"], *v["steps"], *v["due"])]
    rest = (*record["checks"], *record["once"], *record["out_of_range"], *record["help_lines"])
    told = [item["source"] for item in (*steps, *rest, *record["infusions"])]
    return list(dict.fromkeys(told))


def _named(step: dict[str, Any]) -> dict[str, Any]:
    return step | {"source_short": source(step["source"]).short}


def _plain(value: Any) -> Any:
    return f"{value:g}" if isinstance(value, float) else value


def _clock(step: dict[str, Any]) -> str:
    at = datetime.fromisoformat(step["at"])
    until = step["until"] and datetime.fromisoformat(step["until"])
    return f"{at:%H:%M}–{until:%H:%M}" if until else f"{at:%H:%M}"


def said(day: date) -> str:
    """Return a day as ``Mon 1 Mar 2027``."""
    return f"{day:%a} {day.day} {day:%b %Y}"


def _visit(visit: dict[str, Any]) -> dict[str, Any]:
    start = datetime.fromisoformat(visit["start"])
    leave = visit["leave_from"] and datetime.fromisoformat(visit["leave_from"])
    return {
        **visit,
        "date": said(start.date()),
        "begins": f"{start:%H:%M}",
        "leaves": f"{leave:%H:%M}" if leave else None,
        "due": [
            {"what": "form", "by": said(date.fromisoformat(item["by"]))} for item in visit["due"]
        ],
    }


def plan_text(context: dict[str, Any]) -> str:
    """Return the plan for a terminal, from :func:`plan_context`."""
    lines = [
        f"Plan: {context['regimen']} ({context['jurisdiction'].upper()})",
        context["disclaimer"],
        *([context["screened"]["text"]] if context["screened"] else []),
        "",
    ]
    for visit in context["visits"]:
        leaves = (
            f"leaves from {visit['leaves']}" if visit["leaves"] else "leaves when the site says"
        )
        due = "".join(f"; form due by {item['by']}" for item in visit["due"])
        lines.append(
            f"{visit['number']:>3}  {visit['date']}  {visit['begins']}  {visit['dose']}; "
            f"{leaves}{due}"
        )
    for day in context["days"]:
        lines += ["", f"A dosing day: {day['title']}"]
        lines += [f"  {s['clock']:<11} {_told(s)}" for s in day["moments"]]
        for title, steps in day["by_what"]:
            lines += [f"  {title}:", *(f"    {_told(step)}" for step in steps)]
    for title, key in (("Over the course", "checks"), ("Once", "once")):
        if context[key]:
            lines += ["", title]
            lines += [f"  {s.get('date', '')} {_told(s)}".rstrip() for s in context[key]]
    for sheet in context["infusions"]:
        lines += ["", "Infusion", *_sheet(sheet)]
    lines += ["", "Out of range"]
    lines += [
        f"  {a['level']}, {a['phase']} the dose: {a['message']} {a['action']} [{a['source_short']}]"
        for a in context["out_of_range"]
    ]
    if context["help_lines"]:
        lines += ["", "Whom to call"]
        lines += [f"  {h['name']}: {h['reach']}" for h in context["help_lines"]]
    if context["predicted"]:
        lines += ["", "What the simulation gives, beside the rules and never instead of them"]
        predicted = context["predicted"]
        lines += [f"  {text}" for text in (predicted["who"], *predicted["lines"]) if text]
        lines += [f"  Not predicted: {text}" for text in predicted["not_predicted"]]
    if context["open"]:
        lines += ["", "Open: no source answers it", *(f"  {text}" for text in context["open"])]
    return "\n".join(lines)


def _told(step: dict[str, Any]) -> str:
    interval = f" ({step['interval']})" if step["interval"] else ""
    memory = "" if step["checked"] else "; in part from memory"
    return f"{step['text']}{interval} [{step['source_short']}{memory}]"


def _sheet(sheet: dict[str, Any]) -> list[str]:
    return [
        f"  {sheet['drug_mg']} mg of base ({sheet['dose']}): draw {sheet['drug_ml']} mL from "
        f"{sheet['vial_mg_per_ml']} mg/mL, add {sheet['diluent_ml']} mL, "
        f"{sheet['total_ml']} mL of {sheet['concentration_mg_per_ml']} mg/mL",
        f"  pump {sheet['rate_ml_per_h']} mL/h over {sheet['minutes']} min",
        *(
            f"  by {basis} weight: {f'{dose:g} mg' if dose is not None else _lacking(sheet, basis)}"
            for basis, dose in sheet["by_basis"].items()
        ),
        *(f"  {remark}" for remark in sheet["remarks"]),
    ]


def _lacking(sheet: dict[str, Any], basis: str) -> str:
    """Say what a dose by another weight needs, and how to give it."""
    names = sheet["by_basis_lacks"].get(basis, [])
    known = {"height": "height: 170 cm", "sex": "sex: female", "weight": "weight: 80 kg"}
    give = " and ".join(f"'{known[name]}'" for name in names)
    what = join(names)
    return f"not worked out: {what} unknown; add to the patient's file, as {give}"
