"""Feed the clip reader, the picture reader and the text front with broken input for a stated time.

    python -m tests.fuzz.run [--seconds 60] [--target clip|picture|text] [--seed N]

Each target runs in a process of its own for its share of the time.  A finding is every exception that is no answer,
a case that takes too long, a crash and a hang; it is made small and written to build/fuzz/.  Prints cases per second;
exits with 1 when something was found.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import pickle
import random
import resource
import subprocess
import sys
import time
import traceback
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded

ROOT = Path(__file__).parents[2]
FOUND = ROOT / "build" / "fuzz"
MEMORY = 4 << 30
GRACE = 60.0
"""Seconds after which a process that does not end hangs: loading and making a finding small take some."""
ROUND = 200
NAMES = ["clip", "picture", "text"]
FOUND_SOMETHING = 3
ENVIRONMENT = dict(os.environ, OMP_THREAD_LIMIT="1", OPENBLAS_NUM_THREADS="1")


class TooSlow(Exception):
    """A case took too long."""


class Fuzzer:
    """Runs one target in rounds until the time is over; each kind of finding is noted once."""

    def __init__(self, name: str, seconds: float, seed: int) -> None:
        from tests.fuzz.targets import TARGETS

        self.name, self.target = name, TARGETS[name]
        self.last = FOUND / f"{name}.last"
        """The case in hand: what is left to look at after a crash."""
        self.cases = 0
        self.kinds: set[str] = set()
        self._dice = random.Random(seed)
        self._begin = time.monotonic()
        self._end = self._begin + seconds

    def run(self) -> int:
        """Return how many kinds of findings there were."""
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        FOUND.mkdir(parents=True, exist_ok=True)
        while time.monotonic() < self._end:
            self._round()
        seconds = time.monotonic() - self._begin
        rate, found = self.cases / seconds, len(self.kinds)
        print(
            f"{self.name}: {self.cases} cases in {seconds:.0f} s, {rate:.1f} a second, {found} findings",
            flush=True,
        )
        self.last.unlink(missing_ok=True)
        return len(self.kinds)

    def _round(self) -> None:
        held: list[Any] = []

        @seeded(self._dice.getrandbits(64))
        @settings(
            max_examples=ROUND,
            deadline=None,
            database=None,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
            report_multiple_bugs=False,
        )
        @given(self.target.cases())
        def search(case: Any) -> None:
            if time.monotonic() > self._end and not held:
                return
            try:
                self._try(case)
            except BaseException as error:
                # one kind a round: while it is made small, others would take its place
                if kind_of(error) in self.kinds or (held and kind_of(error) != kind_of(held[1])):
                    return
                held[:] = [case, error]
                raise

        try:
            search()
        except BaseException:
            if not held:
                raise
            self._note(held[0], held[1])

    def _try(self, case: Any) -> None:
        self.cases += 1
        self.last.write_bytes(pickle.dumps(case))
        begin = time.process_time()
        self.target.run(case)
        if time.process_time() - begin > self.target.slow:
            raise TooSlow(f"{time.process_time() - begin:.1f} s")

    def _note(self, case: Any, error: BaseException) -> None:
        self.kinds.add(kind_of(error))
        data = pickle.dumps(case)
        path = FOUND / f"{self.name}-{hashlib.sha256(data).hexdigest()[:12]}.pickle"
        path.write_bytes(data)
        print(f"{self.name}: {kind_of(error)}\n  {error}\n  {case!r:.400}\n  kept in {path}", flush=True)


def kind_of(error: BaseException) -> str:
    """Its type and the line that raised it."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "nowhere"
    return f"{type(error).__name__} at {place}"


def run_apart(name: str, seconds: float, seed: int) -> bool:
    """Run one target in a process; say whether nothing was found."""
    FOUND.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "tests.fuzz.run", "--inside", "--target", name]
    command += ["--seconds", str(seconds), "--seed", str(seed)]
    # decoders complain of every damaged file
    with (FOUND / f"{name}.log").open("w") as log:
        try:
            code = subprocess.run(command, cwd=ROOT, env=ENVIRONMENT, stderr=log, timeout=seconds + GRACE).returncode
        except subprocess.TimeoutExpired:
            print(f"{name}: hangs; the case is kept in {FOUND / name}.last")
            return False
    if code not in (0, FOUND_SOMETHING):
        print(f"{name}: ended with {code}; the case is kept in {FOUND / name}.last, its output in {name}.log")
    return code == 0


def main() -> None:
    """Run as a program."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--target", choices=NAMES)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().getrandbits(32))
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.inside:
        sys.exit(FOUND_SOMETHING if Fuzzer(asked.target, asked.seconds, asked.seed).run() else 0)
    names = [asked.target] if asked.target else NAMES
    print(f"seed {asked.seed}", flush=True)
    clean = [run_apart(name, asked.seconds / len(names), asked.seed) for name in names]
    sys.exit(0 if all(clean) else 1)


if __name__ == "__main__":
    main()
