"""Simulates sweeps for a while: python -m tests.simulation [--seconds S] [--first SEED] [--seed SEED]"""

import argparse
import sys
import time
import traceback

from tests.simulation.run import simulate


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--first", type=int, default=0, help="seed to begin with")
    parser.add_argument("--seed", type=int, help="simulate this one alone")
    asked = parser.parse_args()
    if asked.seed is not None:
        simulate(asked.seed)
        return
    began, seed, failed = time.monotonic(), asked.first, []
    while time.monotonic() < began + asked.seconds:
        try:
            simulate(seed)
        except Exception:
            failed.append(seed)
            print(f"python -m tests.simulation --seed {seed}\n{traceback.format_exc(limit=-4)}", flush=True)
        seed += 1
    minutes = (time.monotonic() - began) / 60
    count = seed - asked.first
    print(f"{count} sweeps in {minutes:.1f} minutes, {len(failed)} failed: {failed}")
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
