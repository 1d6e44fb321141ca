# SPDX-License-Identifier: GPL-2.0-or-later
"""The agent as an ordinary process beside the real slipwayd, without firmware and kernel: for everything that a job can
meet on its way."""
import shutil
import signal
import subprocess
import time

from . import paths
from .netns import Network, Process
from .slipwayd import OVER, Slipwayd

MACS = {"pc-a": "52:54:00:00:03:0a", "pc-b": "52:54:00:00:03:0b"}
MINUTE = 60


class Station:
    """A namespace with slipwayd, which knows pc-a and pc-b. Use as a context manager."""

    def __init__(self, directory, store=None):
        self.directory = directory
        self.network = Network()
        self.netns = self.network.add_namespace("station")
        self.slipwayd = Slipwayd(self.netns, directory, store=store, address="127.0.0.1")
        self.agents = []

    def __enter__(self):
        try:
            self.slipwayd.start()
            for name, mac in MACS.items():
                self.slipwayd.command("machine", "add", mac, name)
        except BaseException:
            self.network.close()
            raise
        return self

    def __exit__(self, *_):
        for agent in self.agents:
            if agent.alive():
                agent.signal(signal.SIGCONT)
                agent.kill()
        self.slipwayd.stop()
        self.network.close()

    def disk(self, name, size):
        """An empty disk that is a file."""
        path = self.directory / name
        with open(path, "wb") as file:
            file.truncate(size)
        return path

    def agent(self, name, disks):
        """Starts the agent for one job of machine `name`; each disk has its file's stem as serial number."""
        words = [paths.AGENT, "run", "--server", "127.0.0.1", "--mac", MACS[name], "--firmware", "uefi", "--once"]
        for disk in disks:
            words += ["--disk", f"{disk},serial={disk.stem}"]
        agent = Process(self.netns, words, self.directory / f"agent-{name}-{len(self.agents)}.log")
        self.agents.append(agent)
        return agent

    def capture(self, name, image, *options):
        """As it is: what these scenarios compare is bytes."""
        self.slipwayd.command("capture", name, image, "--as-is", *options)
        return self.slipwayd.newest_job(name)["id"]

    def deploy(self, image, name, *options):
        self.slipwayd.command("deploy", image, name, *options)
        return self.slipwayd.newest_job(name)["id"]

    def finish(self, job, agent, seconds=3 * MINUTE):
        """Waits for the end of a job and of its agent; returns the job."""
        try:
            agent.process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError("the agent does not end; it said:\n" + agent.log.read_text()[-3000:]) from None
        result = self.slipwayd.job(job)
        assert result["state"] in OVER, "the agent ended, the job did not:\n" + agent.log.read_text()[-3000:]
        assert (agent.process.returncode == 0) == (result["state"] == "succeeded"), agent.log.read_text()
        return result

    def run(self, job, name, disks):
        """Lets the agent do a job that is queued; returns the job when it is over."""
        return self.finish(job, self.agent(name, disks))

    def captured(self, name, image, disk):
        """Captures `disk` and requires success."""
        job = self.run(self.capture(name, image), name, [disk])
        assert job["state"] == "succeeded", job
        return job

    def images(self):
        return [image["name"] for image in self.slipwayd.get("images")["images"]]

    def chunks(self):
        return sum(1 for _ in (self.slipwayd.store / "chunks.castr").glob("*/*.cacnk"))

    def halt(self, agent, reached, seconds=MINUTE):
        """Stops the agent (SIGSTOP) as soon as `reached()` is true: the middle of a job, for as long as one needs."""
        end = time.monotonic() + seconds
        while not reached():
            assert agent.alive(), "the agent ended before the middle:\n" + agent.log.read_text()
            assert time.monotonic() < end, "the agent never came to the middle:\n" + agent.log.read_text()
            time.sleep(0.002)
        agent.signal(signal.SIGSTOP)

    def keep(self, target):
        """Keeps the logs of a scenario that failed."""
        target.mkdir(parents=True, exist_ok=True)
        for log in self.directory.glob("*.log"):
            shutil.copyfile(log, target / log.name)


def used_blocks(path):
    """Bytes of a sparse file that have been written: how far a deploy is."""
    return path.stat().st_blocks * 512
