# SPDX-License-Identifier: GPL-2.0-or-later
"""The lab's network: one namespace with a bridge and a tap for each machine; each server in a namespace of its own.

    slipway-PID-net    br0 10.77.0.254, fd77::254; tap0, tap1 ... for QEMU
    slipway-PID-NAME   eth0, a veth whose other end is on br0
"""
import itertools
import os
import re
import signal
import subprocess
import time

PREFIX = "slipway"
SUBNET = "10.77.0"


def ip(*words, netns=None, check=True):
    command = ["ip"] + (["-n", netns] if netns else []) + [str(word) for word in words]
    return subprocess.run(command, check=check, capture_output=True, text=True).stdout


def remove_left_behind():
    """Removes the namespaces, and ends the processes in them, of runs that died without cleaning up."""
    for name in ip("netns", "list").split():
        match = re.fullmatch(rf"{PREFIX}-(\d+)-\w+", name)
        if match and not os.path.exists(f"/proc/{match[1]}"):
            remove(name)


def remove(name):
    """Removes one namespace; whatever still runs in it is ended first, or the namespace would live on without a name."""
    for pid in ip("netns", "pids", name, check=False).split():
        try:
            os.kill(int(pid), signal.SIGKILL)
        except ProcessLookupError:
            pass
    ip("netns", "delete", name, check=False)


class Network:
    """The namespaces of one lab. Use as a context manager."""
    ids = itertools.count()

    def __init__(self):
        remove_left_behind()
        self.tag = f"{PREFIX}-{os.getpid()}"
        self.names = []
        self.taps = itertools.count()
        self.name = self.add_namespace(f"net{next(self.ids)}")
        ip("link", "add", "br0", "type", "bridge", "stp_state", "0", "forward_delay", "0", netns=self.name)
        ip("address", "add", f"{SUBNET}.254/24", "dev", "br0", netns=self.name)
        ip("address", "add", "fd77::254/64", "dev", "br0", "nodad", netns=self.name)
        ip("link", "set", "br0", "up", netns=self.name)

    def add_namespace(self, suffix):
        name = f"{self.tag}-{suffix}"
        ip("netns", "add", name)
        self.names.append(name)
        ip("link", "set", "lo", "up", netns=name)
        return name

    def add_server(self, suffix, address):
        """A namespace with eth0 on the bridge; `address` is the last number of its IPv4 address, or None for none."""
        name = self.add_namespace(f"{suffix}{next(self.ids)}")
        port = f"p{next(self.taps)}"
        ip("link", "add", port, "type", "veth", "peer", "name", "eth0", "netns", name, netns=self.name)
        ip("link", "set", port, "master", "br0", "up", netns=self.name)
        if address is not None:
            ip("address", "add", f"{SUBNET}.{address}/24", "dev", "eth0", netns=name)
            ip("address", "add", f"fd77::{address}/64", "dev", "eth0", "nodad", netns=name)
        ip("link", "set", "eth0", "up", netns=name)
        return name

    def add_far_server(self, suffix, subnet, address):
        """A namespace in another subnet, behind the bridge's namespace as router; broadcasts do not come there."""
        name = self.add_namespace(f"{suffix}{next(self.ids)}")
        port = f"far{next(self.taps)}"
        ip("link", "add", port, "type", "veth", "peer", "name", "eth0", "netns", name, netns=self.name)
        ip("address", "add", f"{subnet}.254/24", "dev", port, netns=self.name)
        ip("link", "set", port, "up", netns=self.name)
        ip("address", "add", f"{subnet}.{address}/24", "dev", "eth0", netns=name)
        ip("link", "set", "eth0", "up", netns=name)
        ip("route", "add", "default", "via", f"{subnet}.254", netns=name)
        subprocess.run(command_in(self.name, ["sysctl", "-qw", "net.ipv4.ip_forward=1"]), check=True)
        return name

    def add_tap(self):
        """A tap on the bridge, for a machine that runs in the namespace `self.name`."""
        tap = f"tap{next(self.taps)}"
        ip("tuntap", "add", tap, "mode", "tap", netns=self.name)
        ip("link", "set", tap, "master", "br0", "up", netns=self.name)
        return tap

    def set_port(self, tap, state):
        """What a spanning tree makes of a machine's port: "listening" or "forwarding". QEMU must have opened the tap."""
        number = {"listening": 1, "forwarding": 3}[state]
        subprocess.run(["bridge", "-n", self.name, "link", "set", "dev", tap, "state", str(number)], check=True)

    def close(self):
        for name in reversed(self.names):
            remove(name)
        self.names = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def command_in(netns, command):
    """The command line that runs `command` in a namespace and ends with the lab, however the lab ends."""
    return ["ip", "netns", "exec", netns, "setpriv", "--pdeathsig", "KILL"] + [str(word) for word in command]


class Process:
    """A server in a namespace, its output in a log file."""

    def __init__(self, netns, command, log, **options):
        self.netns, self.log = netns, log
        log.parent.mkdir(parents=True, exist_ok=True)
        with open(log, "ab") as out:
            self.process = subprocess.Popen(command_in(netns, command), stdin=subprocess.DEVNULL, stdout=out,
                                            stderr=subprocess.STDOUT, **options)
        self.name = str(command[0])

    @property
    def pid(self):
        return self.process.pid

    def alive(self):
        return self.process.poll() is None

    def wait_until(self, ready, seconds, what):
        """Waits until `ready()` is true; says what the server wrote when it ends instead, or never is."""
        end = time.monotonic() + seconds
        while not ready():
            if not self.alive() or time.monotonic() > end:
                raise RuntimeError(f"{self.name}: {what} did not come to be; it wrote:\n{self.log.read_text()[-2000:]}")
            time.sleep(0.05)

    def signal(self, number):
        self.process.send_signal(number)

    def stop(self, seconds=5):
        """Ends it: asked first, then killed."""
        if self.alive():
            self.process.terminate()
            try:
                self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                self.process.kill()
        return self.process.wait()

    def kill(self):
        self.process.kill()
        return self.process.wait()
