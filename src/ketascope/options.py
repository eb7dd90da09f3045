"""The arguments and options that commands declare, each said once."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer


class Format(StrEnum):
    """Formats of listings."""

    text = "text"
    json = "json"


class Summary(StrEnum):
    """Summaries of a simulation."""

    nca = "nca"
    quantiles = "quantiles"


class Carry(StrEnum):
    """Which covariates hold between two records of a data set."""

    backward = "backward"
    forward = "forward"
    linear = "linear"


RegimenArgument = Annotated[
    str,
    typer.Argument(
        metavar="REGIMEN",
        help="In words, label:NAME or a YAML file; see 'ketascope regimen'.",
    ),
]
RegimenOrData = Annotated[
    str | None,
    typer.Argument(
        metavar="[REGIMEN]",
        help="In words, label:NAME or a YAML file; see 'ketascope regimen'. Or give --data.",
    ),
]
PatientOption = Annotated[
    str | None,
    typer.Option("--patient", metavar="FILE", help="YAML, JSON or FHIR R4; - is standard input."),
]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Fix one covariate, for example age=45."),
]
PeopleOption = Annotated[
    str | None,
    typer.Option("--people", metavar="FILE", help="CSV or Parquet, one row a person."),
]
CountOption = Annotated[
    int | None, typer.Option("-n", metavar="N", help="Number of virtual people (default 1000).")
]
SeedOption = Annotated[int, typer.Option("--seed", metavar="S", help="Seed of all random numbers.")]
ModelOption = Annotated[
    str | None, typer.Option("--model", metavar="NAME", help="Instead of the default model.")
]
ModelsOption = Annotated[
    str | None,
    typer.Option(
        "--model",
        metavar="NAME",
        help="Instead of the default model; all is every model that may answer (--summary nca).",
    ),
]
ALL_MODELS = "all"
TypicalOption = Annotated[
    bool, typer.Option("--typical", help="One person, typical parameters, no random effects.")
]
WithOption = Annotated[
    list[str] | None,
    typer.Option(
        "--with",
        metavar="DRUG",
        help="Another medicine that is taken; see 'ketascope interactions'.",
    ),
]
ForceOption = Annotated[
    bool, typer.Option("--force", help="Go on with a dose above its sourced bound.")
]
WorkersOption = Annotated[
    int | None, typer.Option("--workers", metavar="N", help="Threads (default: all cores).")
]
DataOption = Annotated[
    str | None,
    typer.Option(
        "--data",
        metavar="FILE",
        help="Data set with events, instead of a regimen; needs --model, which may be FILE.py.",
    ),
]
CarryOption = Annotated[
    Carry | None,
    typer.Option("--covariates", help="Covariates between records of a data set (backward)."),
]
ResidualOption = Annotated[
    bool, typer.Option("--residual", help="With --data: add columns with residual error.")
]
RtolOption = Annotated[
    float | None,
    typer.Option(
        "--rtol",
        metavar="X",
        help="Relative tolerance of numerical solutions (1e-6; with --data 1e-8).",
    ),
]
AtolOption = Annotated[
    float | None,
    typer.Option(
        "--atol",
        metavar="X",
        help="Absolute tolerance, in the unit of the result (1e-9; with --data 1e-10).",
    ),
]
FormatOption = Annotated[Format, typer.Option("--format", help="How to print.")]
ToldOption = Annotated[
    list[str] | None,
    typer.Option(
        "--told",
        metavar="KEY=1",
        help="What else is known: hypertension, benzodiazepine, opioid, alcohol, healthy, rated; "
        "0 or 1.",
    ),
]
