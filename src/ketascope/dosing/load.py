"""One door for regimens, however they are given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ketascope.dosing.labels import Label, label
from ketascope.dosing.language import parse_regimen
from ketascope.dosing.values import Regimen

if TYPE_CHECKING:
    from ketascope.dosing.regimen_file import ListedRegimen


def load_regimen(text: str) -> Regimen | ListedRegimen:
    """Read a regimen given as a name, a file or words.

    Parameters
    ----------
    text : str
        ``label:spravato-trd-us`` or another name in :func:`ketascope.dosing.labels`, the path of
        a YAML file (``.yaml`` or ``.yml``), or words.

    Raises
    ------
    InputError
        For an unknown name, an unreadable file or words that cannot be used.
    """
    given = text.strip()
    name = find_label(given)
    if name is not None:
        return name.regimen
    if "\n" not in given and given.lower().endswith((".yaml", ".yml")):
        # Only a file needs its schema, which takes a while to load.
        from ketascope.dosing.regimen_file import read_regimen_file

        return read_regimen_file(given)
    return parse_regimen(text)


def find_label(text: str) -> Label | None:
    """Return the label regimen or protocol that a text names, or None if it is no name.

    Raises
    ------
    InputError
        For a name that is not known.
    """
    given = text.strip()
    return label(given) if given.lower().startswith(("label:", "protocol:")) else None
