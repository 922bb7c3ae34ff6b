#!/usr/bin/env python3
"""What a run over many units costs: terrane's own CPU and memory, and the wait at each link.

    benches/run_estate.py                      200 and 1,000 units, and a chain of 40
    benches/run_estate.py --sizes 10000 --runs 1
    benches/run_estate.py --counts --sizes 1000 --accounts 12

terrane, built for release, plans generated estates of four accounts, of which every unit has a
state in the lab's bucket. The example `quick_engine` plays terraform. Each run is also checked:
every unit ran once and after its upstreams, each role was assumed once, each upstream's state was
read once. Needs Linux for the CPU of terrane's own process, children apart.

TERRANE_ESTATE_GENERATOR names another generator of estates, called as
`GENERATOR gen FOLDER --units N --shape landing|chain …`, which leaves the truth in estate.json.
"""
import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TARGET = os.environ.get("CARGO_TARGET_DIR", os.path.join(ROOT, "target"))
# `debug` spares the release build where only counts are wanted.
PROFILE = os.environ.get("TERRANE_BENCH_PROFILE", "release")
RELEASE = os.path.join(TARGET, PROFILE)
GENERATOR = os.environ.get("TERRANE_ESTATE_GENERATOR")
REGION = "us-east-1"

# Terragrunt 1.1 with a stand-in for terraform, 2 CPUs, as recorded: CPU of the whole process tree
# per unit, 120 ms without dependencies up to 853 ms in a landing zone of 256 units.
TERRAGRUNT_CPU_MS = (120, 853)
# From an upstream's end to its downstream's beginning.
TERRAGRUNT_WAIT_MS = (500, 1000)


def main():
    options = argparse.ArgumentParser(description="What a run over many units costs.")
    options.add_argument("--sizes", default="200,1000", help="numbers of units")
    options.add_argument("--chain", type=int, default=40, help="units in the chain")
    options.add_argument("--runs", type=int, default=3, help="warm runs; medians are told")
    options.add_argument("--parallelism", type=int, default=10)
    options.add_argument("--accounts", type=int, default=4)
    options.add_argument("--counts", action="store_true",
                         help="only count: four commands, each role assumed once in each")
    options = options.parse_args()
    build()
    if options.counts:
        for size in options.sizes.split(","):
            count(int(size), options)
        return
    print(HEAD)
    for size in [int(size) for size in options.sizes.split(",")]:
        estate_row("%d units" % size, options, ["--units", str(size), "--shape", "landing"])
    length = str(options.chain)
    estate_row("chain of %s" % length, options,
               ["--units", length, "--shape", "chain", "--depth", length, "--chain-ms", "0"])
    print("\nTerragrunt 1.1, recorded: %d to %d ms of CPU per unit (whole tree), %d to %d ms a link"
          % (TERRAGRUNT_CPU_MS + TERRAGRUNT_WAIT_MS))


HEAD = ("%-14s %-5s %8s %14s %14s %8s %14s %9s %6s" %
        ("estate", "", "wall", "own CPU/unit", "tree CPU/unit", "memory", "a link (95 %)",
         "sessions", "reads"))


def estate_row(name, options, arguments):
    """Plans one estate several times, checks each run, and prints what they cost."""
    with tempfile.TemporaryDirectory(prefix="terrane-estate-") as folder:
        estate = Estate(os.path.join(folder, "estate"), arguments)
        with Lab(estate, folder) as lab:
            runs = [Run(estate, lab, folder, options.parallelism)
                    for _ in range(options.runs + 1)]
    print_row(name, "cold", runs[:1], estate)
    print_row(name, "warm", runs[1:], estate)


def count(size, options):
    """Runs four commands over one estate; each role is assumed once in each of them."""
    arguments = ["--units", str(size), "--shape", "landing", "--accounts", str(options.accounts)]
    with tempfile.TemporaryDirectory(prefix="terrane-estate-") as folder:
        estate = Estate(os.path.join(folder, "estate"), arguments)
        with Lab(estate, folder) as lab:
            for command in COMMANDS:
                run = Run(estate, lab, folder, options.parallelism, command)
                print("%5d units, %2d accounts, %-7s %6.2f s  %d sessions" % (
                    size, options.accounts, command[0], run.wall_s, run.sessions), flush=True)


COMMANDS = [["plan"], ["apply", "--non-interactive"], ["output"], ["destroy", "--non-interactive"]]


def print_row(name, how, runs, estate):
    if not runs:
        return

    def median(what):
        return statistics.median(what(run) for run in runs)

    units = len(estate.units)
    print("%-14s %-5s %6.2f s %11.2f ms %11.2f ms %5.0f MB %14s %9d %6d" % (
        name, how, median(lambda run: run.wall_s), median(lambda run: run.own_cpu_ms) / units,
        median(lambda run: run.tree_cpu_ms) / units, median(lambda run: run.memory_mb),
        wait_of(runs, estate), runs[0].sessions, runs[0].reads), flush=True)


def wait_of(runs, estate):
    """Only in a chain nothing else is in the way: elsewhere units also wait for a free place."""
    waits = sorted(wait for run in runs for wait in run.waits_ms)
    if len(estate.units) != len(estate.upstreams()) + 1:
        return "-"
    return "%.1f (%.1f) ms" % (statistics.median(waits), waits[int(len(waits) * 0.95)])


def build():
    for arguments in (["--bin", "terrane", "--example", "quick_engine"],
                      ["-p", "terrane-lab", "--example", "serve"]):
        how = [] if PROFILE == "debug" else ["--release"]
        subprocess.run(["cargo", "build", *how, "--quiet", *arguments], cwd=ROOT, check=True)


class Estate:
    """A generated tree, with its truth: units, their roles and upstreams."""

    def __init__(self, folder, arguments):
        self.folder = folder
        generator = [sys.executable, GENERATOR] if GENERATOR else [sys.executable, __file__]
        command = [*generator, "gen", folder, *arguments]
        if GENERATOR:
            command += ["--provider", "none", "--state-role", "--module", "source"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        with open(os.path.join(folder, "estate.json")) as file:
            truth = json.load(file)
        self.units = {unit["path"]: unit["dependencies"] for unit in truth["units"]}
        self.doers = sorted({unit["role"] for unit in truth["units"]})
        self.state_role, self.bucket = truth["state_role"], truth["bucket"]
        self.shared = account_of(self.state_role)
        self.hub = "arn:aws:iam::%s:role/infrastructure-assumer-role" % self.shared
        with open(os.path.join(folder, "terrane.hcl"), "w") as file:
            file.write('assumer_role = "%s"\n' % self.hub)

    def upstreams(self):
        return {upstream for upstreams in self.units.values() for upstream in upstreams}


class Run:
    """One `run-all`, measured and checked."""

    def __init__(self, estate, lab, folder, parallelism, words=("plan",)):
        log = os.path.join(folder, "calls.tsv")
        if os.path.exists(log):
            os.remove(log)
        lab.forget()
        environment = {
            **lab.variables, "PATH": os.environ["PATH"], "HOME": folder, "QUICK_ENGINE_LOG": log,
            "TERRANE_TF_PATH": os.path.join(RELEASE, "examples", "quick_engine")}
        command = [os.path.join(RELEASE, "terrane"), "run-all", *words,
                   "--parallelism", str(parallelism)]
        told = os.path.join(folder, "words")
        with open(told, "w") as file:
            began = time.monotonic()
            process = subprocess.Popen(command, cwd=estate.folder, env=environment,
                                       stdin=subprocess.DEVNULL, stdout=file, stderr=file)
            # Ended, and not yet gone: its own time is still told apart from its children's.
            os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
            self.wall_s = time.monotonic() - began
            self.own_cpu_ms = own_cpu_ms(process.pid)
            _, status, usage = os.wait4(process.pid, 0)
        self.tree_cpu_ms = (usage.ru_utime + usage.ru_stime) * 1000
        self.memory_mb = usage.ru_maxrss / 1024
        if status != 0:
            with open(told) as file:
                sys.exit("terrane ended with %d\n%s" % (status, file.read()[-4000:]))
        # What is destroyed goes the other way, and what is applied is read anew.
        if words[0] == "plan":
            self.check_order(estate, log)
        self.check_calls(estate, lab, reads=words[0] == "plan")

    def check_order(self, estate, log):
        first, last = {}, {}
        with open(log) as file:
            for line in file:
                unit, command, began, ended = line.rstrip("\n").split("\t")
                if unit:
                    first[unit] = min(first.get(unit, int(began)), int(began))
                    last[unit] = max(last.get(unit, 0), int(ended))
        expect(first.keys() == estate.units.keys(), "every unit ran",
               first.keys() ^ estate.units.keys())
        self.waits_ms = []
        for unit, upstreams in estate.units.items():
            if upstreams:
                ended = max(last[upstream] for upstream in upstreams)
                expect(ended <= first[unit], unit + " waited for its upstreams", [ended])
                self.waits_ms.append((first[unit] - ended) / 1e6)

    def check_calls(self, estate, lab, reads):
        calls = lab.record()
        refused = [call for call in calls if call["status"] in (400, 401, 403)]
        expect(not refused, "nobody was refused", refused[:3])
        assumed = sorted(call["resource"] for call in calls if call["action"] == "sts:AssumeRole")
        expect(assumed == sorted([estate.hub, estate.state_role, *estate.doers]),
               "each role was assumed once", assumed)
        read = sorted(call["resource"] for call in calls if call["action"] == "s3:GetObject")
        wanted = sorted("arn:aws:s3:::%s/%s/terraform.tfstate" % (estate.bucket, unit)
                        for unit in estate.upstreams())
        expect(read == wanted or not reads, "each upstream's state was read once",
               [len(read), len(wanted), *read[:3]])
        self.sessions, self.reads = len(assumed), len(read)


class Lab:
    """The lab as a process of its own, so that its work is not counted."""

    def __init__(self, estate, folder):
        world = os.path.join(folder, "world.json")
        with open(world, "w") as file:
            json.dump(world_of(estate), file)
        program = os.path.join(RELEASE, "examples", "serve")
        self.process = subprocess.Popen([program, world], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        self.variables = json.loads(self.process.stdout.readline())
        for unit in estate.units:
            key = "objects/%s/%s/terraform.tfstate" % (estate.bucket, unit)
            self.control("PUT", key, json.dumps(state_of(unit)).encode())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()

    def control(self, method, what, body=None):
        url = "%s/_lab/%s" % (self.variables["AWS_ENDPOINT_URL"], what)
        request = urllib.request.Request(url, data=body, method=method)
        with urllib.request.urlopen(request) as answer:
            return answer.read()

    def forget(self):
        self.control("DELETE", "record")

    def record(self):
        return [json.loads(line) for line in self.control("GET", "record").splitlines()]


def world_of(estate):
    accounts = sorted({account_of(role) for role in [estate.state_role, *estate.doers]})
    operator = "arn:aws:iam::%s:user/operator" % estate.shared
    bucket = "arn:aws:s3:::" + estate.bucket
    targets = [estate.state_role, *estate.doers]
    roles = [{"arn": estate.hub, "trust": trusting(operator),
              "policies": [allowing("sts:AssumeRole", targets)]},
             {"arn": estate.state_role, "trust": trusting(estate.hub),
              "policies": [allowing("s3:*", [bucket, bucket + "/*"])]}]
    roles += [{"arn": doer, "trust": trusting(estate.hub), "policies": [allowing("ssm:*", "*")]}
              for doer in estate.doers]
    key = {"access_key_id": "AKIAOPERATOR00000001", "secret_access_key": "operator-secret-key-1"}
    return {"region": REGION, "accounts": {"a%d" % n: id for n, id in enumerate(accounts)},
            "users": [{"arn": operator, "keys": [key],
                       "policies": [allowing("sts:AssumeRole", estate.hub)]}],
            "roles": roles, "operator": key["access_key_id"],
            "buckets": [{"name": estate.bucket, "account": estate.shared, "region": REGION,
                         "versioned": True}]}


def allowing(action, resource):
    return {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": action, "Resource": resource}]}


def trusting(principal):
    return {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"}]}


def state_of(unit):
    def output(value, kind):
        return {"value": value, "type": kind}

    return {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": unit,
            "resources": [], "outputs": {
                "id": output("id-" + unit, "string"), "name": output(unit, "string"),
                "arn": output("arn:aws:x:::" + unit, "string"),
                "subnet_ids": output(["a", "b"], ["list", "string"]),
                "tags": output({}, ["map", "string"])}}


def own_cpu_ms(pid):
    with open("/proc/%d/stat" % pid) as file:
        fields = file.read().rsplit(")", 1)[1].split()
    user, system = int(fields[11]), int(fields[12])
    return (user + system) * 1000 / os.sysconf("SC_CLK_TCK")


def account_of(role):
    return role.split(":")[4]


def expect(holds, what, found):
    if not holds:
        sys.exit("not so: %s\nfound: %s" % (what, json.dumps(list(found), default=str, indent=1)))


# A generator of our own, for when none is named: the first units of each account are needed by many.

ROOT_FILE = """\
locals {
  account = read_terragrunt_config(find_in_parent_folders("account.hcl")).locals
}
iam_role = "arn:aws:iam::${local.account.account_id}:role/doer-role"
remote_state {
  backend  = "s3"
  generate = { path = "backend.tf", if_exists = "overwrite_terragrunt" }
  config = {
    bucket       = "generated-estate-state"
    key          = "${path_relative_to_include()}/terraform.tfstate"
    region       = "us-east-1"
    encrypt      = true
    use_lockfile = true
    role_arn     = "STATE_ROLE"
  }
}
terraform {
  source = "${dirname(find_in_parent_folders("root.hcl"))}/modules//unit"
}
inputs = {
  estate_unit = path_relative_to_include()
  tags        = { account = local.account.account_id, by = "terrane" }
}
"""

DEPENDENCY = """\
dependency "%(label)s" {
  config_path  = "%(path)s"
  mock_outputs = { id = "mock", subnet_ids = ["a"] }
}
"""


def generate(folder, units, shape, count):
    accounts = ["0-shared", "1-dev", "2-stage", "3-prod"]
    accounts += ["%d-more" % n for n in range(len(accounts), count)]
    numbers = {name: "%012d" % (111111111111 + 10101010101 * n) for n, name in enumerate(accounts)}
    state_role = "arn:aws:iam::%s:role/state-mgmt-role" % numbers["0-shared"]
    chance = random.Random(1)
    paths, truth = [], []
    for number in range(units):
        path = "%s/unit-%05d" % (accounts[number % len(accounts)], number)
        if shape == "chain":
            upstreams = paths[-1:]
        else:
            near = paths[max(0, number - 60):] + paths[:8]
            upstreams = sorted(set(chance.sample(near, min(len(near), chance.randint(0, 4)))))
        write(folder, path + "/terragrunt.hcl", unit_file(path, upstreams))
        role = "arn:aws:iam::%s:role/doer-role" % numbers[path.split("/")[0]]
        truth.append({"path": path, "role": role, "dependencies": upstreams})
        paths.append(path)
    for name in accounts:
        write(folder, name + "/account.hcl", 'locals {\n  account_id = "%s"\n}\n' % numbers[name])
    write(folder, "root.hcl", ROOT_FILE.replace("STATE_ROLE", state_role))
    write(folder, "modules/unit/main.tf", 'variable "estate_unit" {}\n')
    write(folder, "estate.json", json.dumps(
        {"units": truth, "state_role": state_role, "bucket": "generated-estate-state"}))


def unit_file(path, upstreams):
    text = ['include "root" {\n  path = find_in_parent_folders("root.hcl")\n}\n']
    labels = ["up%d" % number for number in range(len(upstreams))]
    for label, upstream in zip(labels, upstreams):
        there = os.path.relpath("/" + upstream, "/" + path)
        text.append(DEPENDENCY % {"label": label, "path": there})
    ids = ", ".join("dependency.%s.outputs.id" % label for label in labels)
    text.append("inputs = {\n  upstreams = [%s]\n}\n" % ids)
    return "\n".join(text)


def write(folder, path, text):
    path = os.path.join(folder, path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        file.write(text)


def generate_as_asked():
    options = argparse.ArgumentParser(description="Writes an estate.")
    options.add_argument("gen")
    options.add_argument("folder")
    options.add_argument("--units", type=int, required=True)
    options.add_argument("--shape", choices=["landing", "chain"], required=True)
    options.add_argument("--accounts", type=int, default=4)
    options = options.parse_known_args()[0]
    generate(options.folder, options.units, options.shape, options.accounts)


if __name__ == "__main__":
    if sys.argv[1:2] == ["gen"]:
        generate_as_asked()
    else:
        main()
