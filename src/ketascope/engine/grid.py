"""The default times of a simulation: fine after each dose, coarse later.

After the start of each session, and again after the end of an infusion of over an hour: every
minute for 1 h, every 5 min to 3 h, every 15 min to 6 h, every hour to 24 h, every 4 h to 72 h, then
every 12 h; until the next session starts. The end of each infusion and the last spray are on the
grid, so the peak of an infusion is met exactly.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ketascope.errors import InputError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    from ketascope.dosing.schedule import Schedule

BANDS = ((1.0, 1.0), (3.0, 5.0), (6.0, 15.0), (24.0, 60.0), (72.0, 240.0))
"""Until which hour after the start of a session, every how many minutes."""
LATER_MINUTES = 720.0
LONG_INPUT = 1.0
"""An infusion of more hours than this has a fine grid after its end too."""
MAX_TIMES = 2_000_000


def after_dose(until: float) -> NDArray[np.float64]:
    """Return the grid of one session: hours after its start, from 0 up to ``until`` (excluded)."""
    import numpy as np

    pieces = []
    begin = 0.0
    for end, minutes in (*BANDS, (float("inf"), LATER_MINUTES)):
        stop = min(end, until)
        if stop <= begin:
            break
        count = int(np.ceil(round((stop - begin) * 60.0 / minutes, 9)))
        pieces.append(begin + np.arange(count) * (minutes / 60.0))
        begin = end
    return np.concatenate(pieces)


def default_times(schedule: Schedule, tail: float = 24.0) -> NDArray[np.float64]:
    """Return the default times of a course, h, strictly increasing.

    Parameters
    ----------
    schedule : Schedule
    tail : float
        Hours to follow after the start of the last session, at least; after the end of an
        infusion of over an hour.
    """
    import numpy as np

    marks: list[float] = []
    for session in schedule.sessions:
        marks.append(session.time)
        if session.end - session.time > LONG_INPUT:
            marks.append(session.end)
    marks = sorted(set(marks))
    last = schedule.sessions[-1]
    end = max(schedule.horizon, last.time + tail)
    if last.end - last.time > LONG_INPUT:
        end = max(end, last.end + tail)
    pieces = [
        start + after_dose(stop - start)
        for start, stop in zip(marks, [*marks[1:], end], strict=True)
    ]
    ends = [session.end for session in schedule.sessions]
    return np.unique(np.round(np.concatenate([*pieces, ends, [0.0, end]]), 12))


def parse_times(text: str) -> NDArray[np.float64]:
    """Read ``a:b:step`` (b included) or a comma-separated list of hours.

    Raises
    ------
    InputError
        If it is neither, goes backwards, or has more than two million times.
    """
    import numpy as np

    fields = text.split(":") if ":" in text else text.split(",")
    try:
        numbers = [float(field) for field in fields]
    except ValueError:
        numbers = []
    if not numbers or not np.all(np.isfinite(numbers)):
        raise InputError(
            f"'{text}' is not a list of times",
            where="--times",
            hint="write hours as first:last:step, for example 0:24:0.1, or as 0,0.5,1",
        )
    if ":" not in text:
        return check_times(np.asarray(numbers))
    if len(numbers) != 3:
        raise InputError(
            f"'{text}' has {len(numbers)} parts",
            where="--times",
            hint="write first:last:step, for example 0:24:0.1",
        )
    first, last, step = numbers
    if step <= 0 or last < first:
        raise InputError(
            f"'{text}' does not go forwards", where="--times", hint="step > 0 and last >= first"
        )
    count = (last - first) / step
    if count > MAX_TIMES:
        raise InputError(
            f"'{text}' asks for more than {MAX_TIMES:,} times",
            where="--times",
            hint="use a longer step",
        )
    times = first + step * np.arange(int(np.floor(round(count, 6))) + 1)
    if last - times[-1] > 1e-9 * max(1.0, last):
        times = np.append(times, last)
    else:
        times[-1] = last
    return check_times(times)


def check_times(times: ArrayLike) -> NDArray[np.float64]:
    """Return the times if they are finite, from 0 up and strictly increasing.

    Raises
    ------
    InputError
        If they are not; the sentence names the first that is wrong.
    """
    import numpy as np

    try:
        times = np.asarray(times, dtype=float).reshape(-1)
    except (TypeError, ValueError):
        raise InputError(
            f"{str(times)[:60]!r} are not numbers", where="times", hint="give hours, as [0, 0.5, 1]"
        ) from None
    if times.size == 0:
        raise InputError("there are no times", where="times", hint="give at least one, in hours")
    bad = np.flatnonzero(~np.isfinite(times) | (times < 0))
    if bad.size:
        raise InputError(
            f"number {bad[0] + 1} is {times[bad[0]]:g}",
            where="times",
            hint="times are hours from 0 (the first dose) up",
        )
    back = np.flatnonzero(np.diff(times) <= 0)
    if back.size:
        k = int(back[0])
        raise InputError(
            f"{times[k + 1]:g} h comes after {times[k]:g} h",
            where="times",
            hint="times must increase, each once",
        )
    return times
