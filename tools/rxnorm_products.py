"""Write the RxNorm product codes of the medicines that are screened (run by hand).

``python tools/rxnorm_products.py medication-list.js`` reads the list of RxNorm names (Apache-2.0)
of github.com/cds-hooks/sandbox, src/assets, and writes ``patients/data/rxnorm_products.yaml``.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import yaml

DATA = Path(__file__).parents[1] / "src/ketascope/patients/data"
HEAD = """\
# RxNorm product codes of the substances in medicines.yaml, as records of prescriptions carry them.
# Written by tools/rxnorm_products.py from the names in src/assets/medication-list.js of
# github.com/cds-hooks/sandbox (Apache-2.0), commit 3b7e2554: every product whose RxNorm name
# holds the substance, products for the skin, the eye or the ear left out. The list holds products
# that are swallowed for the most part; others are matched by their text, and the record says so.
"""
ELSEWHERE = re.compile(r"ophthalmic|otic|topical|shampoo|cream|foam|lotion|\bgel\b", re.IGNORECASE)


def main() -> None:
    """Read the list that is named on the command line; write the data."""
    text = Path(sys.argv[1]).read_text(encoding="utf-8").split("pillToComponentSets")[0]
    names = [
        (int(code), name.replace("\\'", "'"))
        for code, name in re.findall(r"^\s+(\d+): '(.*)',?\s*$", text, re.MULTILINE)
    ]
    medicines = yaml.safe_load((DATA / "medicines.yaml").read_text(encoding="utf-8"))
    lines = [HEAD]
    for substance, row in medicines["substances"].items():
        words = [substance, *(other for other in row.get("also", ()) if other[0].islower())]
        pattern = re.compile(rf"(?<![\w-])({'|'.join(map(re.escape, words))})\b", re.IGNORECASE)
        form = row.get("form", "")
        found = sorted(
            code
            for code, name in names
            if pattern.search(name) and not ELSEWHERE.search(name) and form in name.lower()
        )
        if found:
            lines.append(f"{yaml.safe_dump(substance).splitlines()[0]}: >-")
            lines += wrapped(" ".join(map(str, found)))
    (DATA / "rxnorm_products.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def wrapped(text: str) -> list[str]:
    """Return text in indented lines of at most 100 characters."""
    import textwrap

    return textwrap.wrap(text, width=100, initial_indent="  ", subsequent_indent="  ")


if __name__ == "__main__":
    main()
