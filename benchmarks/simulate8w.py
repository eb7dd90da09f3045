"""Eight weeks of nasal esketamine in many people, from words to a dataset (one JSON line)."""

from __future__ import annotations

from benchmarks.timed import arguments, tell, timed

REGIMEN = "esketamine 56 mg intranasal twice weekly for 4 weeks then 84 mg weekly for 4 weeks"


def main() -> None:
    """Time the warm call in one process."""
    given = arguments()

    import ketascope as ks

    result, timing = timed(lambda: ks.simulate(REGIMEN, given.people, seed=1), given.runs)
    tell({**timing, "cores": given.cores, "times": result.sizes["time"]})


if __name__ == "__main__":
    main()
