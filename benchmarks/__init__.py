"""Speed and scale, measured: ``python -m benchmarks`` (or ``make bench``) prints one table.

Every measurement runs in a process of its own, so that its peak memory is its own. Results are
kept in ``benchmarks/results``, and ``docs/speed.md`` is written from the latest.
"""
