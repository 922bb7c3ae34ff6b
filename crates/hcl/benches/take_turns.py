#!/usr/bin/env python3
"""How long the evaluation of a unit takes, by terrane's language and by `hcl::eval`, in turns.

A machine that does other work as well is now faster and now slower, by a half or more. So each side
is a process of its own, and they evaluate all units in turns. Of each turn the first pass does not
count: it finds the processor's caches as the other side left them. What is printed is the median of
the times of a unit on either side, and the median and the middle half of the ratios of all turns.
"""
import statistics
import subprocess
import sys

# Nothing is to be left beside the script that is read here.
sys.dont_write_bytecode = True
from count_instructions import BENCHES, built

# So many units, and so many turns.
SIZES = ((100, 41), (1_000, 21), (10_000, 9))
# So many passes of a turn count, of which the median is taken: fewer of the side that takes long.
PASSES = {"terrane": 3, "hcl::eval": 1}


class Side:
    """A process that evaluates all units when it is told to."""

    def __init__(self, program, bench, side, units):
        command = [program, "passes", bench, side, str(units)]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True)
        self.units = units
        self.passes = PASSES[side]
        # The first answer waits for the units to be parsed.
        self.one_pass()

    def one_pass(self):
        """The microseconds of a unit."""
        print(file=self.process.stdin, flush=True)
        return int(self.process.stdout.readline()) / 1_000 / self.units

    def turn(self):
        """The same, of a turn."""
        self.one_pass()
        return statistics.median(self.one_pass() for _ in range(self.passes))

    def end(self):
        """Ends the process."""
        self.process.stdin.close()
        self.process.wait()


def take_turns(program, bench, units, turns):
    """The times of both sides in each turn."""
    ours, theirs = (Side(program, bench, side, units) for side in PASSES)
    pairs = [(ours.turn(), theirs.turn()) for _ in range(turns)]
    ours.end()
    theirs.end()
    return pairs


def main():
    program = built()
    print("microseconds to evaluate one unit, medians")
    print(f"{'':26} {'terrane':>8} {'hcl::eval':>10} {'ratio':>6}   half of the ratios")
    for bench in sys.argv[1:] or BENCHES:
        for units, turns in SIZES:
            pairs = take_turns(program, bench, units, turns)
            ours, theirs = (statistics.median(side) for side in zip(*pairs))
            least, ratio, most = statistics.quantiles(theirs / ours for ours, theirs in pairs)
            print(
                f"{bench:19}{units:7,} {ours:8.1f} {theirs:10.1f} {ratio:6.1f}"
                f"   {least:.1f} to {most:.1f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
