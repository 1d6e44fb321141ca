# SPDX-License-Identifier: GPL-2.0-or-later
"""Capture, deploy and deploy again: the agent over HTTP to slipwayd on this machine, partclone with zstd, and casync, in turn, on a
real Debian's ext4 and on NTFS. `make bench-imaging [BENCH_ROUNDS=3] [BENCH_TOOLS=ours,partclone,casync] [BENCH_VOLUMES=ext4,ntfs]`

Volumes, stores and targets are files on one disk, the volumes in the page cache; everybody ends in a flush. The agent is the
static one that is shipped; what slipwayd spends is counted with it and said beside it. The others write their image into a file
or store of this machine and have no server.

Every round writes into an empty store in a folder of its own, and nothing is deleted before the end: an ext4 without a journal
looks through the inodes that were freed in the last minutes for each file that it makes, which would be counted as work."""
import os
import random
import resource
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

from lab import paths
from lab.station import MACS, MINUTE, Station

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
TOOLS = os.environ.get("BENCH_TOOLS", "ours,partclone,casync").split(",")
VOLUMES = os.environ.get("BENCH_VOLUMES", "ext4,ntfs").split(",")
SOURCE = paths.BUILD / "bench-imaging"
MIB = 1 << 20
TICKS = os.sysconf("SC_CLK_TCK")


class Result:
    """What one run cost: wall and processor seconds (slipwayd's apart), bytes of output or fetched, the agent's peak memory."""

    def __init__(self, wall, cpu, server=0.0, size=0, memory=0):
        self.wall, self.cpu, self.server, self.size, self.memory = wall, cpu, server, size, memory


def warm(path):
    with open(path, "rb", buffering=0) as file:
        while file.read(8 * MIB):
            pass


def shell(command):
    """Runs a pipeline; any part of it that fails fails the benchmark."""
    before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = subprocess.run(["bash", "-c", "set -eu -o pipefail; " + command], capture_output=True, text=True, check=False)
    wall, after = time.monotonic() - begin, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(f"bench_imaging: {command}: status {done.returncode}:\n{done.stderr[-2000:]}")
    return Result(wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def tree_size(path):
    return sum(file.stat().st_size for file in path.rglob("*") if file.is_file())


def changed(source, target, share, seed):
    """Changes `share` of the used blocks of `target`, in extents of 1 MiB that begin at any block of 4 KiB: what an update of some
    packages does. Returns the bytes changed."""
    used = [offset for offset in range(2 * MIB, source.stat().st_size - 3 * MIB, MIB) if has_data(source, offset)]
    picked = random.Random(seed).sample(used, max(1, int(len(used) * share)))
    with open(target, "r+b") as file:
        for offset in picked:
            file.seek(offset + 4096 * random.Random(offset).randrange(256))
            file.write(random.Random(offset).randbytes(MIB))
        os.fsync(file.fileno())
    return len(picked) * MIB


def has_data(path, offset):
    with open(path, "rb") as file:
        try:
            return os.lseek(file.fileno(), offset, os.SEEK_DATA) < offset + MIB
        except OSError:
            return False


class Ours:
    """The agent and slipwayd."""

    def __init__(self, work, station):
        self.work, self.station = work, station

    def server_seconds(self):
        fields = Path(f"/proc/{self.station.slipwayd.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def agent(self, *words):
        """Runs the agent by hand or as a machine; returns its cost and what it said."""
        log = self.work / "agent.log"
        server, begin = self.server_seconds(), time.monotonic()
        with open(log, "wb") as out:
            process = subprocess.Popen(["ip", "netns", "exec", self.station.netns, paths.AGENT, *map(str, words)],
                                       stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT)
            _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - begin
        if status:
            raise SystemExit("bench_imaging: the agent failed:\n" + log.read_text()[-3000:])
        return Result(wall, usage.ru_utime + usage.ru_stime, self.server_seconds() - server, memory=usage.ru_maxrss * 1024)

    def capture(self, name):
        job = self.station.capture("pc-a", "image")
        result = self.agent("run", "--server", "127.0.0.1", "--mac", MACS["pc-a"], "--firmware", "uefi", "--once", "--disk",
                            SOURCE / f"{name}.disk")
        self.station.slipwayd.wait_job(job, MINUTE, ("succeeded",))
        result.size = tree_size(self.station.slipwayd.store)
        return result

    def deploy(self, name, target):
        before = self.sent()
        result = self.agent("deploy", "--store", "http://127.0.0.1:8077", "--image", "image", "--yes", target)
        result.size = self.sent() - before
        return result

    def sent(self):
        """Bytes that the namespace's loopback has carried: everything between the agent and slipwayd, in both directions."""
        return int(subprocess.run(["ip", "netns", "exec", self.station.netns, "cat", "/sys/class/net/lo/statistics/tx_bytes"],
                                  check=True, capture_output=True, text=True).stdout)


class Partclone:
    def __init__(self, work):
        self.image = work / "partclone.zst"

    def capture(self, name):
        result = shell(f"partclone.{name} -c -s {SOURCE}/{name}.volume -o - -L /dev/null | zstd -q -T0 -1 -f -o {self.image}; "
                       f"sync {self.image}")
        result.size = self.image.stat().st_size
        return result

    def deploy(self, name, target):
        return shell(f"zstd -q -dc {self.image} | partclone.{name} -r -s - -O {target} -L /dev/null; sync {target}")


class Casync:
    def __init__(self, work):
        self.store, self.index = work / "casync.castr", work / "casync.caibx"

    def capture(self, name):
        result = shell(f"casync make --chunk-size=1048576 --store={self.store} {self.index} {SOURCE}/{name}.volume; "
                       f"sync -f {self.store}")
        result.size = tree_size(self.store)
        return result

    def deploy(self, name, target):
        del name
        return shell(f"casync extract --store={self.store} {self.index} {target}; sync {target}")


def fresh(target, name, tool):
    target.unlink(missing_ok=True)
    with open(target, "wb") as file:
        file.truncate((SOURCE / f"{name}.{'disk' if tool == 'ours' else 'volume'}").stat().st_size)


def measure_round(name, tools, target, results):
    for tool, run in tools.items():
        results.setdefault(("capture", tool), []).append(run.capture(name))
        fresh(target, name, tool)
        results.setdefault(("deploy", tool), []).append(run.deploy(name, target))
        if tool == "casync":
            continue
        changed(SOURCE / f"{name}.{'disk' if tool == 'ours' else 'volume'}", target, 0.01, ROUNDS)
        results.setdefault(("redeploy-1pct", tool), []).append(run.deploy(name, target))


def check_target(name, target):
    """The deployed file system is whole: what was measured did its work."""
    volume = target.with_suffix(".volume")
    subprocess.run(["dd", f"if={target}", f"of={volume}", "bs=1M", "skip=1", "conv=sparse", "status=none",
                    f"count={(SOURCE / f'{name}.volume').stat().st_size // MIB}"], check=True)
    check = ["e2fsck", "-fn", volume] if name == "ext4" else ["ntfsfix", "-n", volume]
    subprocess.run(check, check=True, capture_output=True)
    volume.unlink()


def median(results, what, field):
    return statistics.median(getattr(result, field) for result in results[what])


def say_ratio(step, name, results, of):
    """One line for a step, of our median against another tool's."""
    ours, peer = (step, "ours"), (step, of)
    wall, other = median(results, ours, "wall"), median(results, peer, "wall")
    cpu, server, other_cpu = (median(results, *what) for what in ((ours, "cpu"), (ours, "server"), (peer, "cpu")))
    size = ""
    if step == "capture":
        size = (f", output {median(results, ours, 'size') / median(results, peer, 'size'):.3f}: "
                f"{median(results, ours, 'size') / 1e6:.0f} MB, {median(results, peer, 'size') / 1e6:.0f} MB")
    print(f"ratio {step}-{name} {wall / other:.3f} (ours {wall:.2f} s, {of} {other:.2f} s, "
          f"cpu {(cpu + server) / other_cpu:.3f}: agent {cpu:.2f} s + slipwayd {server:.2f} s, {of} {other_cpu:.2f} s{size})",
          flush=True)


STEPS = ("capture", "deploy", "redeploy-1pct")


def report(name, results, tools):
    print(f"{name}, medians of {ROUNDS}:")
    for step in STEPS:
        for of in tools:
            if "ours" in tools and of != "ours" and (step, of) in results:
                say_ratio(step, name, results, of)
    if "ours" not in tools:
        return
    fetched, image = median(results, ("redeploy-1pct", "ours"), "size"), median(results, ("capture", "ours"), "size")
    print(f"redeploy-1pct-{name} fetched {100 * fetched / image:.2f} % of the image's bytes ({fetched / 1e6:.1f} of "
          f"{image / 1e6:.0f} MB)")
    print(f"peak memory of the agent, {name}: " + ", ".join(
        f"{step} {max(result.memory for result in results[step, 'ours']) / MIB:.0f} MiB" for step in STEPS), flush=True)


def run_round(name, work, results):
    """One round of all tools, in `work`, which is empty; the target keeps what the last of them wrote."""
    with Station(work) as station:
        tools = {"ours": Ours(work, station), "partclone": Partclone(work), "casync": Casync(work)}
        tools = {tool: tools[tool] for tool in TOOLS}
        target = work / "target"
        measure_round(name, tools, target, results)
        if "ours" in tools:
            fresh(target, name, "ours")
            tools["ours"].deploy(name, target)
            check_target(name, target)


def measure(name, work):
    results = {}
    for suffix in ("disk", "volume"):
        warm(SOURCE / f"{name}.{suffix}")
    for number in range(1, ROUNDS + 1):
        folder = work / f"{name}-{number}"
        folder.mkdir(parents=True)
        run_round(name, folder, results)
        print(f"  {name}, round {number}: " + ", ".join(
            f"{step} {tool} {values[-1].wall:.2f} s (cpu {values[-1].cpu:.2f} + {values[-1].server:.2f})"
            for (step, tool), values in results.items()), flush=True)
    report(name, results, TOOLS)


def main():
    work = SOURCE / "run"
    shutil.rmtree(work, ignore_errors=True)
    try:
        for name in VOLUMES:
            measure(name, work)
    finally:
        shutil.rmtree(work)
    return 0


if __name__ == "__main__":
    sys.exit(main())
