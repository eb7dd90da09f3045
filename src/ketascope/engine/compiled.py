"""Compiled programs, kept on disk so that the second start is quick.

A program is compiled once for each shape of its arguments and stored in the user's cache folder
(``KETASCOPE_CACHE`` names another, or ``off``). Nothing global is set in JAX: 64-bit numbers are
switched on around the engine's own calls only, and storing goes through JAX's serialisation of
executables. A file that cannot be read back is compiled anew.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import pickle
import platform
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jax

from ketascope import __version__

if TYPE_CHECKING:
    from jax.stages import Compiled, Lowered

OPTIONS: dict[str, str | bool] = {"xla_cpu_prefer_vector_width": "512"}
"""Where a processor has wide vectors, they are used."""

MOST_PROGRAMS = 200
"""How many programs are held ready. Each takes memory maps, of which a process has so many."""

_programs: OrderedDict[tuple[Any, ...], Compiled] = OrderedDict()
_lock = threading.Lock()
_making: dict[tuple[Any, ...], threading.Lock] = {}
"""One lock for each program that is being made: different ones are made side by side."""


@contextlib.contextmanager
def double_precision() -> Iterator[None]:
    """Use 64-bit numbers inside the block, in this thread only, whatever the user has set."""
    with (
        jax.enable_x64(True),
        jax.numpy_dtype_promotion("standard"),
        jax.numpy_rank_promotion("allow"),
        jax.disable_jit(False),
    ):
        yield


def compiled(
    function: Callable[..., Any], static: dict[str, Any], args: Any, *, reuse: tuple[int, ...] = ()
) -> Compiled:
    """Return a function compiled for arguments of these shapes.

    Parameters
    ----------
    function : callable
        Takes ``args`` by position and ``static`` by name.
    static : dict
        Hashable arguments that the program is built around.
    args : tuple
        Arguments, or stand-ins with shape and dtype.
    reuse : tuple of int
        Positions of arguments whose memory the results may take over.

    Notes
    -----
    Must be called, and the result too, inside :func:`double_precision`.
    """
    leaves, tree = jax.tree.flatten(args)
    shapes = tuple((leaf.shape, str(leaf.dtype)) for leaf in leaves)
    key = (function.__name__, tuple(sorted(static.items())), shapes, str(tree))
    program = _held(key)
    if program is not None:
        return program
    with _lock:
        mine = _making.setdefault(key, threading.Lock())
    with mine:
        # another thread may have made it in the meantime
        program = _held(key) or _find(key, function, static, args, reuse)
    with _lock:
        _programs[key] = program
        _making.pop(key, None)
        while len(_programs) > MOST_PROGRAMS:
            _programs.popitem(last=False)
    return program


def _held(key: tuple[Any, ...]) -> Compiled | None:
    """Return a program that is ready, as the one used last."""
    with _lock:
        program = _programs.get(key)
        if program is not None:
            _programs.move_to_end(key)
        return program


def _find(
    key: tuple[Any, ...],
    function: Callable[..., Any],
    static: dict[str, Any],
    args: Any,
    reuse: tuple[int, ...],
) -> Compiled:
    """Load a program from the disk, or build and store it."""

    def program(*given: Any) -> Any:
        return function(*given, **static)

    program.__name__ = function.__name__
    jitted = jax.jit(program, donate_argnums=reuse)
    if static.get("program") is None:
        return _load(key) or _build(key, jitted.lower(*args))
    # functions of a model are part of the program: what was traced of them tells it apart, and the
    # names of its arguments
    lowered = jitted.lower(*args)
    traced = ("traced", hashlib.sha256(lowered.as_text().encode()).hexdigest(), key[-1])
    return _load(traced) or _build(traced, lowered)


def _build(key: tuple[Any, ...], lowered: Lowered) -> Compiled:
    result = lowered.compile(compiler_options=OPTIONS)
    _store(key, result)
    return result


@lru_cache(maxsize=1)
def cache_folder() -> Path | None:
    """Return the folder of stored programs, or None if there can be none."""
    wish = os.environ.get("KETASCOPE_CACHE", "")
    if wish.lower() == "off":
        return None
    if wish:
        folder = Path(wish)
    else:
        import platformdirs

        folder = Path(platformdirs.user_cache_dir("ketascope"))
    folder = folder / "compiled"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError:
        return None
    return folder if os.access(folder, os.W_OK) else None


@lru_cache(maxsize=1)
def _surroundings() -> str:
    """Everything a stored program depends on beside its own shape."""
    from importlib.metadata import version

    source = b"".join(path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py")))
    device = jax.devices()[0]
    with contextlib.suppress(OSError):
        source += Path("/proc/cpuinfo").read_bytes().split(b"\n\n")[0].partition(b"flags")[2]
    parts = (
        __version__,
        jax.__version__,
        version("jaxlib"),
        platform.machine(),
        platform.system(),
        device.platform,
        device.device_kind,
        os.environ.get("XLA_FLAGS", ""),
        hashlib.sha256(source).hexdigest(),
    )
    return "|".join(parts)


def _path(key: tuple[Any, ...]) -> Path | None:
    folder = cache_folder()
    if folder is None:
        return None
    name = hashlib.sha256(f"{_surroundings()}|{key!r}".encode()).hexdigest()[:40]
    return folder / f"{name}.program"


def _load(key: tuple[Any, ...]) -> Compiled | None:
    path = _path(key)
    if path is None or not path.exists():
        return None
    from jax.experimental.serialize_executable import deserialize_and_load

    try:
        # a stored program is only ever read back from the user's own private folder
        program: Compiled = deserialize_and_load(*pickle.loads(path.read_bytes()))
        return program
    except Exception:
        # whatever is wrong with a stored file, compiling again mends it
        return None


def _store(key: tuple[Any, ...], program: Compiled) -> None:
    path = _path(key)
    if path is None:
        return
    from jax.experimental.serialize_executable import serialize

    temporary: Path | None = None
    try:
        content = pickle.dumps(serialize(program))
        handle, name = tempfile.mkstemp(dir=path.parent)
        temporary = Path(name)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        temporary.replace(path)
    except Exception:
        # a program that cannot be stored still runs; the next start compiles it again
        if temporary is not None:
            temporary.unlink(missing_ok=True)
