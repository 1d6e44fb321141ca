# SPDX-License-Identifier: GPL-2.0-or-later
"""The real slipwayd, the slipway command, and the administrator's interface that the command speaks."""
import http.client
import json
import shutil
import socket
import subprocess
import tempfile
import time
import weakref
from pathlib import Path

from . import paths
from .netns import Process, command_in
from .timeouts import SOON

PORT = 8077
OVER = ("succeeded", "failed", "cancelled")


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=30)
        self.path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Slipwayd:
    """slipwayd in `netns`. `pxe` is the dnsmasq whose answers it steers, or None."""

    def __init__(self, netns, directory, pxe=None, store=None, address="0.0.0.0", port=PORT):
        self.netns, self.directory, self.address, self.port = netns, directory, address, port
        # A socket's path has at most 107 characters: that of the folder where this was built may be longer.
        short = tempfile.mkdtemp(prefix="slipway-", dir="/tmp")
        weakref.finalize(self, shutil.rmtree, short, ignore_errors=True)
        self.socket = Path(short) / "sock"
        self.store = store or directory / "store"
        self.log = directory / "slipwayd.log"
        self.options = ["--listen", f"{address}:{port}", "--socket", self.socket, "--state", directory / "state",
                        "--store", self.store]
        if pxe:
            self.options += ["--dnsmasq-hostsdir", pxe.hosts, "--dnsmasq-pid", pxe.pid_file]
        self.process = None

    def start(self):
        self.process = Process(self.netns, [paths.SLIPWAYD, *self.options], self.log)
        self.process.wait_until(self.answers, SOON, "an answer on its socket")
        return self

    def answers(self):
        try:
            self.get("machines")
            return True
        except (OSError, http.client.HTTPException):
            return False

    def stop(self):
        if self.process:
            self.process.stop()
            self.process = None

    def kill(self):
        """As a power cut would end it."""
        self.process.kill()
        self.process = None

    def command(self, *words, check=True):
        """Runs the slipway command; returns its finished process."""
        command = [paths.SLIPWAY, "--socket", self.socket, *words]
        done = subprocess.run(command_in(self.netns, command), capture_output=True, text=True, timeout=60)
        if check and done.returncode:
            raise AssertionError(f"slipway {' '.join(map(str, words))}: status {done.returncode}: {done.stderr}")
        return done

    def get(self, path):
        connection = UnixConnection(self.socket)
        try:
            connection.request("GET", f"/admin/v1/{path}")
            answer = connection.getresponse()
            body = json.loads(answer.read() or b"{}")
        finally:
            connection.close()
        if answer.status >= 400:
            raise AssertionError(f"GET /admin/v1/{path}: {answer.status} {body}")
        return body

    def machines(self):
        return {machine["name"]: machine for machine in self.get("machines")["machines"]}

    def job(self, number):
        return self.get(f"jobs/{number}")

    def newest_job(self, machine=None):
        jobs = [job for job in self.get("jobs")["jobs"] if machine in (None, job["machine"])]
        return max(jobs, key=lambda job: job["id"])

    def wait_job(self, number, seconds, states=OVER):
        """Waits until the job is in one of `states`; returns it."""
        return self.wait(lambda: (job := self.job(number))["state"] in states and job, seconds,
                         lambda: f"job {number} to be {' or '.join(states)}; it is {self.job(number)}")

    def wait_machine(self, name, seconds):
        """Waits until the machine has checked in; returns it."""
        return self.wait(lambda: (m := self.machines().get(name)) and m.get("last_seen") and m, seconds,
                         lambda: f"a check-in of {name}; there are {list(self.machines())}")

    @staticmethod
    def wait(found, seconds, what):
        end = time.monotonic() + seconds
        while not (result := found()):
            if time.monotonic() > end:
                raise AssertionError(f"waited {seconds} s for {what()}")
            time.sleep(0.05)
        return result
