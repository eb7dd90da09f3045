r"""A user's model from a Python file.

>>> from ketascope.models.load import split
>>> split("models/pkpd.py:Minto"), split(r"C:\models\pkpd.py:Minto")[1], split(r"C:\pkpd.py")[1]
(('models/pkpd.py', 'Minto'), 'Minto', None)
"""

from __future__ import annotations

import hashlib
import inspect
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from ketascope.errors import InputError
from ketascope.models.checks import check_model
from ketascope.models.places import Places
from ketascope.models.structure import Model, OdeModel, Structure
from ketascope.models.user import UserModel, UserOdeModel

_NAMED = re.compile(r"(?P<file>.+\.py):(?P<name>[^/\\]*)", re.IGNORECASE | re.DOTALL)
_BASES = (Structure, OdeModel, Model, UserModel, UserOdeModel)
HINT = "give FILE.py, or FILE.py:NAME if it holds several models"


def is_file(text: str) -> bool:
    """Whether a model is named as a file of a user's own, and not by its name in the library."""
    file, name = split(text)
    return name is not None or file.lower().endswith(".py") or "/" in file or "\\" in file


def split(text: str) -> tuple[str, str | None]:
    """Part ``FILE.py:NAME`` into the file and the name; a drive keeps its colon."""
    named = _NAMED.fullmatch(text)
    return (named["file"], named["name"]) if named else (text, None)


def load_model(text: str | Path) -> Structure:
    """Load, check and return a model of a user's own.

    Parameters
    ----------
    text : str or Path
        ``FILE.py``, or ``FILE.py:NAME`` for one of several: the name of a class, of a function
        made a model by :func:`ketascope.models.user.ode_model`, or of an instance.

    Raises
    ------
    InputError
        If there is no such file, it cannot be run, it holds no model or several, or the model is
        not usable; one sentence with the line.
    """
    file, name = split(str(text))
    path = Path(file)
    source = _read(path, file)
    module = _run(path, file, source)
    found = _choose(_candidates(module), name, module, file)
    model = _instance(found, file, source)
    _complete(model, path)
    check_model(model, Places(model, file, source))
    return model


def _read(path: Path, file: str) -> str:
    if path.is_dir():
        raise InputError(f"'{file}' is a folder", hint=HINT)
    if not path.exists():
        raise InputError(f"there is no file '{file}'", hint=HINT)
    if path.suffix.lower() != ".py":
        raise InputError(f"'{file}' is not a Python file", hint=HINT)
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise InputError("the file is not text in UTF-8", where=file) from None
    except OSError as error:
        raise InputError(f"the file cannot be read: {error.strerror}", where=file) from None
    return text.removeprefix("\ufeff")


def _run(path: Path, file: str, source: str) -> ModuleType:
    """Run the file as a module of its own name."""
    key = hashlib.blake2b(str(path.resolve()).encode(), digest_size=6).hexdigest()
    module = ModuleType(f"ketascope_model_{key}")
    module.__file__ = str(path)
    # what is looked up by the module's name (dataclasses, pickle, inspect) must find it
    sys.modules[module.__name__] = module
    try:
        code = compile(source, file, "exec", dont_inherit=True)
        with _beside(path.resolve().parent):
            exec(code, module.__dict__)
    except SyntaxError as error:
        at = f", line {error.lineno}" if error.lineno else ""
        written = f": {error.text.strip()}" if error.text and error.text.strip() else ""
        raise InputError(
            f"this is not Python ({error.msg}){written}", where=f"{error.filename or file}{at}"
        ) from None
    except ValueError as error:
        # a null character
        raise InputError(f"this is not Python ({error})", where=file) from None
    except (Exception, SystemExit) as error:
        line = Places(_Nothing(), file).last_line(error)
        text = str(error).split("\n")[0].rstrip(".")
        raise InputError(
            f"running the file fails with {type(error).__name__}{f': {text}' if text else ''}",
            where=f"{file}, line {line}" if line else file,
        ) from error
    return module


@contextmanager
def _beside(folder: Path) -> Iterator[None]:
    """Let the file import what lies beside it, as Python itself does for a program."""
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        if str(folder) in sys.path:
            sys.path.remove(str(folder))


def _candidates(module: ModuleType) -> dict[str, Any]:
    """Models that the file itself holds, by name: instances, and classes without an instance."""
    here: dict[str, Any] = {
        name: value
        for name, value in vars(module).items()
        if isinstance(value, Structure) and type(value).__module__ == module.__name__
    }
    # the same model under two names counts once
    instances = {id(value): (name, value) for name, value in reversed(here.items())}
    found: dict[str, Any] = dict(
        sorted(instances.values(), key=lambda pair: list(here).index(pair[0]))
    )
    made = {type(value) for value in found.values()}
    for name, value in vars(module).items():
        if (
            inspect.isclass(value)
            and issubclass(value, Structure)
            and value.__module__ == module.__name__
            and not made & {value, *value.__subclasses__()}
            and value not in found.values()
        ):
            found[name] = value
    return found


def _choose(found: dict[str, Any], name: str | None, module: ModuleType, file: str) -> Any:
    if name is not None:
        chosen = found.get(name, vars(module).get(name))
        if isinstance(chosen, Structure) or (
            inspect.isclass(chosen) and issubclass(chosen, Structure) and chosen not in _BASES
        ):
            return chosen
        raise InputError(
            f"there is no model '{name}' in the file",
            where=file,
            hint=f"it holds {', '.join(found) or 'none'}",
        )
    if not found:
        raise InputError(
            "there is no model in the file",
            where=file,
            hint="write a class that builds on UserModel, or a function under @ode_model, of "
            "ketascope.models.user",
        )
    if len(found) > 1:
        names = ", ".join(f"{file}:{known}" for known in found)
        raise InputError(
            f"the file holds {len(found)} models", where=file, hint=f"name one: {names}"
        )
    return next(iter(found.values()))


def _instance(found: Any, file: str, source: str) -> Structure:
    if isinstance(found, Structure):
        return found
    missing = sorted(found.__abstractmethods__)
    if missing:
        examples = {
            "flows": 'return {("central", OUT): p.CL / p.V}',
            "outputs": 'return {"CP": Concentration("central", p.V)}',
            "derivatives": 'return {"central": -p.CL / p.V * x.central}',
        }
        line = inspect.getsourcelines(found)[1] if found.__module__ in sys.modules else None
        at = f", line {line}" if line else ""
        raise InputError(
            f"the model has no method {' and no method '.join(missing)}",
            where=f"{file}{at}, {found.__name__}",
            hint=f"write {missing[0]}, for example `{examples[missing[0]]}`"
            if missing[0] in examples
            else None,
        )
    try:
        model: Structure = found()
    except (Exception, SystemExit) as error:
        raise InputError(
            f"{found.__name__}() fails with {type(error).__name__}: {error}", where=file
        ) from error
    return model


def _complete(model: Structure, path: Path) -> None:
    """Give a model that does not say its name or title those of its class."""
    kind: Any = type(model)
    if not getattr(model, "name", ""):
        kind.name = path.stem if kind.__name__.lower() == "model" else kind.__name__
    if not getattr(model, "title", ""):
        words = inspect.cleandoc(kind.__dict__.get("__doc__") or kind.name).split("\n")[0]
        kind.title = words.rstrip(".")


class _Nothing(UserModel):
    """Stands for a model while there is none yet."""

    def flows(self, p: Any) -> dict[tuple[str, str], Any]:
        return {}

    def outputs(self, p: Any) -> dict[str, Any]:
        return {}
