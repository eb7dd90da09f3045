"""The model of the speed benchmark: IV ketamine, two metabolites, and an effect compartment.

It describes no patient: its numbers are round ones, of the size of published ones, fixed so that
every program that is compared solves the same equations. It is also an example of a model that is
not part of the library; ``benchmarks/linear24h.py`` hands it to the engine.

Three compartments of ketamine; 80 % of what is cleared becomes norketamine, all of which becomes
hydroxynorketamine; a hypothetical effect-site concentration follows the plasma with a half-life of
7 minutes and takes nothing from it. A response is driven by that concentration (its production
rises with it, up to twofold), and tolerance to it builds up over a day and shifts the concentration
of half effect.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ketascope.evidence.parameter import Parameter, Place, Variability
from ketascope.models.responses import Response, Signals, Turnover, emax
from ketascope.models.structure import (
    OUT,
    Array,
    Concentration,
    Individual,
    Into,
    Model,
    People,
)

if TYPE_CHECKING:
    from ketascope.dosing.schedule import Administration

CHOSEN = Place(
    "ketascope_benchmark",
    "examples/models/benchmark.py",
    "a round number chosen for comparisons of speed; no publication stands behind it",
)
SPREAD = (Variability.from_cv(0.30),)

P = Parameter


class Benchmark(Model):
    """Three-compartment ketamine, norketamine, hydroxynorketamine and an effect compartment."""

    name = "benchmark"
    title = "Model of the speed benchmark (describes no patient)"
    source = "ketascope_benchmark"
    drug = "ketamine"
    routes = ("intravenous",)
    analytes = ("ketamine", "norketamine", "hydroxynorketamine")
    sampling = "not stated"
    status = "typical values only"
    people = People("nobody: the numbers are made for comparisons of speed")
    parameters = (
        P("CL", 80.0, "L/h", "clearance of ketamine", CHOSEN, SPREAD, status="assumed"),
        P("V1", 15.0, "L", "central volume", CHOSEN, SPREAD, status="assumed"),
        P("Q2", 180.0, "L/h", "exchange with the shallow volume", CHOSEN, status="assumed"),
        P("V2", 60.0, "L", "shallow volume", CHOSEN, status="assumed"),
        P("Q3", 70.0, "L/h", "exchange with the deep volume", CHOSEN, status="assumed"),
        P("V3", 150.0, "L", "deep volume", CHOSEN, status="assumed"),
        P("FM", 0.8, "1", "share that becomes norketamine", CHOSEN, status="assumed"),
        P("CLN", 60.0, "L/h", "clearance of norketamine", CHOSEN, status="assumed"),
        P("VN", 60.0, "L", "volume of norketamine", CHOSEN, status="assumed"),
        P("CLH", 30.0, "L/h", "clearance of hydroxynorketamine", CHOSEN, status="assumed"),
        P("VH", 50.0, "L", "volume of hydroxynorketamine", CHOSEN, status="assumed"),
        P("KE0", 6.0, "1/h", "rate at which the effect site follows", CHOSEN, status="assumed"),
        P("KOUT", 2.0, "1/h", "loss of the response", CHOSEN, status="assumed"),
        P("E0", 100.0, "1", "response without drug", CHOSEN, status="assumed"),
        P("EMAX", 1.0, "1", "most by which production rises", CHOSEN, status="assumed"),
        P("EC50", 100.0, "ug/L", "half of that without tolerance", CHOSEN, status="assumed"),
        P("KTOL", 0.05, "1/h", "rate at which tolerance follows", CHOSEN, status="assumed"),
        P("T50", 50.0, "ug/L", "tolerance that doubles EC50", CHOSEN, status="assumed"),
    )
    compartments: Mapping[str, str] = {
        "CENT": "central ketamine, mg",
        "P2": "shallow ketamine, mg",
        "P3": "deep ketamine, mg",
        "NK": "norketamine, mg",
        "HNK": "hydroxynorketamine, mg",
        "CE": "effect-site concentration of ketamine, ug/L",
        "TOL": "tolerance, ug/L",
    }
    leaves_out = ("Covariates.", "Molar masses: metabolites are in mg.")
    not_for = ("Anything but comparisons of speed and accuracy between programs.",)

    def flows(self, p: Individual) -> Mapping[tuple[str, str], Array]:
        """First-order rates, 1/h."""
        formed = p.FM * p.CL / p.V1
        return {
            ("CENT", "P2"): p.Q2 / p.V1,
            ("P2", "CENT"): p.Q2 / p.V2,
            ("CENT", "P3"): p.Q3 / p.V1,
            ("P3", "CENT"): p.Q3 / p.V3,
            ("CENT", "NK"): formed,
            ("CENT", OUT): p.CL / p.V1 - formed,
            ("NK", "HNK"): p.CLN / p.VN,
            ("HNK", OUT): p.CLH / p.VH,
            ("CE", OUT): p.KE0,
            ("TOL", OUT): p.KTOL,
        }

    def drives(self, p: Individual) -> Mapping[tuple[str, str], Array]:
        """The effect site follows the plasma, 1000 * CENT / V1 in ug/L; tolerance follows it."""
        return {("CENT", "CE"): p.KE0 * 1000.0 / p.V1, ("CE", "TOL"): p.KTOL}

    def inputs(self, p: Individual, dose: Administration) -> tuple[Into, ...]:
        """IV into the central compartment."""
        return (Into("CENT"),)

    def outputs(self, p: Individual) -> Mapping[str, Concentration]:
        """Plasma."""
        return {
            "ketamine": Concentration("CENT", p.V1),
            "norketamine": Concentration("NK", p.VN),
            "hydroxynorketamine": Concentration("HNK", p.VH),
        }

    def responses(self, p: Individual) -> Mapping[str, Response]:
        """A turnover whose production rises with the effect site, less so with tolerance."""

        def production(s: Signals) -> Array:
            half = p.EC50 * (1.0 + s.TOL / p.T50)
            return p.KOUT * p.E0 * (1.0 + emax(s.CE, maximum=p.EMAX, half=half))

        return {"RESP": Turnover(production, lambda s: p.KOUT, p.E0)}


model = Benchmark()
