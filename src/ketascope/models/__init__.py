"""The library of published models.

>>> from ketascope.models import library
>>> sorted(library())[:3]
['arketamine_iv_assembled', 'ashraf_2018', 'clements_1981']
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import lru_cache

from ketascope.errors import InputError
from ketascope.models.structure import Model

__all__ = ["Model", "get", "library"]


@lru_cache(maxsize=1)
def library() -> dict[str, Model]:
    """Return every model by name: one for each file of :mod:`ketascope.models.pk`."""
    from ketascope.models import pk

    models = [
        importlib.import_module(f"{pk.__name__}.{module.name}").model
        for module in pkgutil.iter_modules(pk.__path__)
    ]
    return {model.name: model for model in models}


def get(name: str) -> Model:
    """Return a model by name.

    Raises
    ------
    InputError
        If the library has none of that name; the sentence names the nearest, or all.
    """
    try:
        return library()[name]
    except KeyError:
        from difflib import get_close_matches

        near = get_close_matches(name, library(), n=2)
        if near:
            hint = f"did you mean {' or '.join(near)}"
        elif "." in name:
            hint = "a model of your own is a file that ends in .py"
        else:
            hint = f"the models are {', '.join(library())}"
        raise InputError(f"there is no model '{name}'", hint=hint) from None
