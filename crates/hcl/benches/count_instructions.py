#!/usr/bin/env python3
"""How many instructions the evaluation of a unit takes, by terrane's language and by `hcl::eval`.

Unlike times they are the same on a machine that does other work as well. Needs valgrind, which counts
only within the function that evaluates a unit and throws away what came of it. Each side evaluates
the same hundred units, alone, so that neither finds its memory as the other left it; that both come
to the same is looked at by the bench `evaluate` itself.
"""
import json
import os
import re
import subprocess
import sys
import tempfile

BENCHES = ("tree", "three_dependencies", "single_file")
# The function that evaluates one unit.
COUNTED = "*evaluate::counted*"
# So many units are evaluated.
UNITS = 100


def built():
    """The program with the benches; callgrind needs the names of its functions."""
    command = ["cargo", "bench", "-p", "terrane-hcl", "--bench", "evaluate", "--no-run"]
    names = {"CARGO_PROFILE_BENCH_STRIP": "none", "CARGO_PROFILE_BENCH_DEBUG": "line-tables-only"}
    done = subprocess.run(
        [*command, "--message-format=json"],
        env={**os.environ, **names},
        stdout=subprocess.PIPE,
        check=True,
    )
    messages = map(json.loads, done.stdout.splitlines())
    programs = [message.get("executable") for message in messages]
    return next(program for program in programs if program)


def count(program, bench, side, folder):
    """Instructions of one unit."""
    out = os.path.join(folder, "callgrind")
    tool = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}"]
    only = ["--collect-atstart=no", f"--toggle-collect={COUNTED}"]
    command = [*tool, *only, program, "passes", bench, side, str(UNITS)]
    subprocess.run(command, input=b"\n", capture_output=True, check=True)
    with open(out, encoding="utf-8") as lines:
        total = re.search(r"^(?:totals|summary): (\d+)", lines.read(), re.MULTILINE)
    return int(total[1]) / UNITS


def main():
    program = built()
    print("instructions to evaluate one unit")
    print(f"{'':20} {'terrane':>10} {'hcl::eval':>12} {'ratio':>7}")
    with tempfile.TemporaryDirectory() as folder:
        for bench in sys.argv[1:] or BENCHES:
            ours = count(program, bench, "terrane", folder)
            theirs = count(program, bench, "hcl::eval", folder)
            print(f"{bench:20} {ours:10,.0f} {theirs:12,.0f} {theirs / ours:7.1f}", flush=True)


if __name__ == "__main__":
    main()
