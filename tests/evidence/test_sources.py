"""The bibliography: every entry is whole, and reads well in each form that is given out."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest
from pybtex.database import parse_string

from ketascope.errors import InputError
from ketascope.evidence import bibtex, source, sources
from ketascope.evidence.checks import check_source
from ketascope.evidence.sources import Source

KEYS = list(sources())

NEEDED = """
    perez_ruixo_2021 simons_2022 otto_2021 fanta_2015 domino_1982 domino_1984 clements_1981
    kamp_2020 kamp_2020_bja zanos_2018 zarate_2006 krystal_1994 spravato_us_label
    spravato_eu_smpc ketalar_label nlmixr2lib opentiva devine_1974 pai_paloucek_2000
    janmahasatian_2005 fryar_2021 fryar_2025 traynor_1995 mosteller_1987 pubchem_ketamine
    pubchem_ketamine_hcl pubchem_norketamine pubchem_hydroxynorketamine murrough_2013
    xue_ye_2013 al_mohy_higham_2009 salmon_2011
""".split()


@pytest.mark.parametrize("key", NEEDED)
def test_what_the_package_cites_is_there(key: str) -> None:
    assert source(key).key == key


@pytest.mark.parametrize("key", KEYS)
def test_an_entry_is_whole(key: str) -> None:
    assert check_source(source(key)) == []


def test_short_names_differ() -> None:
    shorts = [entry.short for entry in sources().values()]
    assert len(set(shorts)) == len(shorts)


def test_a_citation_is_one_line_in_journal_style() -> None:
    assert source("perez_ruixo_2021").citation == (
        "Perez-Ruixo C, Rossenu S, Zannikos P, et al. Population Pharmacokinetics of Esketamine "
        "Nasal Spray and its Metabolite Noresketamine in Healthy Subjects and Patients with "
        "Treatment-Resistant Depression. Clinical Pharmacokinetics 2021;60(4):501-516. "
        "doi:10.1007/s40262-020-00953-4."
    )


@pytest.mark.parametrize(
    ("key", "short"),
    [
        ("perez_ruixo_2021", "Perez-Ruixo 2021"),
        ("clements_1981", "Clements & Nimmo 1981"),
        ("singh_2022", "Singh 2022"),
        ("spravato_us_label", "Spravato label (US)"),
        ("nlmixr2lib", "nlmixr2lib"),
    ],
)
def test_short_names(key: str, short: str) -> None:
    assert source(key).short == short


@pytest.mark.parametrize("key", KEYS)
def test_no_form_shows_latex(key: str) -> None:
    entry = source(key)
    texts = [entry.citation, entry.short, entry.checked, *entry.authors]
    assert not [text for text in texts if re.search(r"[{}\\]|``|''|--", text)]


def test_authors_keep_particles_and_suffixes() -> None:
    assert "van Velzen, M." in source("simons_2022").authors
    assert source("zarate_2006").authors[0] == "Zarate, C. A., Jr."
    assert source("zarate_2006").citation.startswith("Zarate CA Jr, Singh JB,")


def test_csl_is_json_without_empty_members() -> None:
    for entry in sources().values():
        item = json.loads(json.dumps(entry.csl()))
        assert item["id"] == entry.key
        assert item["title"]
        assert all(item.values())


def test_csl_of_an_article() -> None:
    item = source("zarate_2006").csl()
    assert item["type"] == "article-journal"
    assert item["author"][0] == {"family": "Zarate", "given": "C. A.", "suffix": "Jr."}
    assert item["issued"] == {"date-parts": [[2006]]}
    assert (item["volume"], item["issue"], item["page"]) == ("63", "8", "856-864")
    assert item["DOI"] == "10.1001/archpsyc.63.8.856"


def test_csl_of_a_body_and_of_a_report() -> None:
    assert source("pubchem_ketamine").csl()["author"] == [{"literal": "PubChem"}]
    report = source("fryar_2025").csl()
    assert (report["type"], report["number"]) == ("report", "50")
    assert report["collection-title"] == "Vital and Health Statistics, Series 3"


def test_bibtex_gives_everything_or_what_is_asked() -> None:
    assert list(parse_string(bibtex(), "bibtex").entries) == KEYS
    some = ["otto_2021", "fanta_2015"]
    assert list(parse_string(bibtex(some), "bibtex").entries) == some


def test_an_unknown_key_names_the_nearest() -> None:
    with pytest.raises(InputError, match=r"no source 'perez_ruixo_2020'.*perez_ruixo_2021"):
        source("perez_ruixo_2020")
    with pytest.raises(InputError, match="no source"):
        bibtex(["otto_2021", "nothing_like_it"])


def test_what_sources_returns_can_be_changed_without_harm() -> None:
    sources().clear()
    assert list(sources()) == KEYS


def test_an_entry_with_little_in_it_still_reads() -> None:
    bare = Source("a_key", "misc", "A title")
    assert bare.short == "a_key"
    assert bare.citation == "A title."
    assert bare.csl() == {"id": "a_key", "type": "document", "title": "A title"}


def test_importing_evidence_loads_nothing_heavy() -> None:
    code = (
        "import sys, ketascope.evidence as e; "
        "heavy = {'pybtex', 'pydantic', 'pint', 'yaml', 'numpy', 'pandas', 'jax'}; "
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
