"""Eight weeks of nasal esketamine in many people, from words to a dataset (one JSON line)."""

from __future__ import annotations

import argparse
import json
import time

REGIMEN = "esketamine 56 mg intranasal twice weekly for 4 weeks then 84 mg weekly for 4 weeks"


def main() -> None:
    """Time the warm call in one process."""
    from benchmarks.linear24h import use_cores

    parser = argparse.ArgumentParser()
    parser.add_argument("--people", type=int, required=True)
    parser.add_argument("--runs", type=int, required=True)
    parser.add_argument("--cores", type=int, default=2)
    given = parser.parse_args()
    cores = use_cores(given.cores)

    import ketascope as ks

    begin = time.perf_counter()
    result = ks.simulate(REGIMEN, given.people, seed=1)
    first = time.perf_counter() - begin
    seconds = []
    for _ in range(given.runs):
        begin = time.perf_counter()
        ks.simulate(REGIMEN, given.people, seed=1)
        seconds.append(time.perf_counter() - begin)
    print(
        json.dumps(
            {
                "seconds": seconds,
                "first": first,
                "cores": cores,
                "times": result.sizes["time"],
            }
        )
    )


if __name__ == "__main__":
    main()
