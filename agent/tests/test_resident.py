# SPDX-License-Identifier: GPL-2.0-or-later
"""What a production system says to the server: resident --once, and confirm."""
import http.server
import json
import os
import pathlib
import shutil
import subprocess
import threading
import time

import pytest

AGENT = pathlib.Path(os.environ.get("SLIPWAY_AGENT", "build/agent/slipway-agent")).resolve()
FOLDER = "usr/local/lib/slipway"
TOKEN = "ab" * 32


class Server(http.server.ThreadingHTTPServer):
    """Answers every request with `answer`, and remembers what it was asked."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.answer, self.asked = (200, {}), []
        self.address = f"127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.asked.append((self.path, self.headers.get("Authorization"), body))
        status, answer = self.server.answer
        data = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


@pytest.fixture
def server():
    server = Server()
    yield server
    server.shutdown()
    server.server_close()


def agent(*words):
    return subprocess.run([AGENT, *map(str, words)], capture_output=True, text=True, timeout=60)


def error(code, message):
    return {"error": {"code": code, "message": message}}


@pytest.mark.parametrize("waiting, status", [(True, 0), (False, 3)])
def test_whether_a_job_waits(server, waiting, status, tmp_path):
    server.answer = (200, {"machine": {"id": 1, "name": "pc", "new": False}, "waiting": waiting, "job": 7})
    config = tmp_path / "resident.conf"
    config.write_text(f"# comment\n server = {server.address} \ninterval=5\n")
    done = agent("resident", "--once", "--config", config)
    assert done.returncode == status, done.stderr
    path, _, body = server.asked[0]
    assert path == "/v1/checkin" and json.loads(body)["resident"] is True


@pytest.mark.parametrize("answer, words", [
    ((404, error("no-such-machine", "no machine with that MAC")), "no machine with that MAC"),
    ((200, {"waiting": True}), "does not say whether a job waits"),
    ((200, {"waiting": "yes"}), "does not say whether a job waits"),
    ((200, {}), "does not say whether a job waits")])
def test_answers_that_are_none(server, answer, words):
    server.answer = answer
    done = agent("resident", "--once", "--server", server.address)
    assert done.returncode == 1 and words in done.stderr


@pytest.mark.parametrize("text, words", [
    ("server=10.0.0.2\ninterval=0\n", "interval=0"), ("server=10.0.0.2\nwarning=-1\n", "warning=-1"),
    ("server=10.0.0.2\nwarning=999999\n", "warning=999999"), ("server=a b\n", "server=a b"), ("", "no server is named")])
def test_configurations_that_make_no_sense(tmp_path, text, words):
    config = tmp_path / "resident.conf"
    config.write_text(text)
    done = agent("resident", "--once", "--config", config)
    assert done.returncode == 2 and words in done.stderr
    assert agent("resident", "--once", "--config", tmp_path / "none").returncode == 2


class Machine:
    """A production system whose restart only leaves a line, and whose users are not those of this computer."""

    def __init__(self, server, folder):
        self.server, self.folder, self.log = server, folder, folder / "log"
        self.agent = shutil.copy(AGENT, folder / "slipway-agent")  # it looks for systemctl beside itself first
        (folder / "systemctl").write_text(f"#!/bin/sh\necho $1 >> {folder}/restarts\nexit $(cat {folder}/status)\n")
        (folder / "systemctl").chmod(0o755)
        (folder / "status").write_text("0")
        (folder / "firmware").mkdir()
        self.state = folder / "lib" / "state"
        self.configure("")

    def configure(self, more):
        (self.folder / "conf").write_text(f"server={self.server.address}\ninterval=1\nwarning=1\nstate={self.state}\n"
                                          f"terminals=\nfirmware={self.folder}/firmware\n{more}")

    def start(self):
        with open(self.log, "wb") as log:
            return subprocess.Popen([self.agent, "resident", "--config", self.folder / "conf"], stdout=log, stderr=log)

    def runs(self):
        """The agent's life until it ends; its exit status."""
        agent = self.start()
        try:
            return agent.wait(60)
        finally:
            agent.kill()

    def restarts(self):
        path = self.folder / "restarts"
        return path.read_text().splitlines() if path.exists() else []

    def says(self, words):
        """Starts the agent, waits for the words, and ends it."""
        agent = self.start()
        try:
            for _ in range(600):
                if words in self.log.read_text():
                    return
                assert agent.poll() is None, self.log.read_text()
                time.sleep(0.1)
            raise AssertionError(self.log.read_text())
        finally:
            agent.kill()
            agent.wait()


@pytest.fixture
def machine(server, tmp_path):
    server.answer = waiting_for(7)
    return Machine(server, tmp_path)


def waiting_for(job):
    return 200, {"machine": {"id": 1, "name": "pc", "new": False}, "waiting": True, "job": job}


def put_network_entry(folder, number, card):
    """Boot over a card with IPv4, as load options say it (UEFI specification 3.1.3, 10.3.4)."""
    mac = bytes([3, 11, 37, 0]) + bytes.fromhex(card.replace(":", "")).ljust(33, b"\0")
    path = mac + bytes([3, 12, 27, 0]) + bytes(23) + bytes([0x7f, 0xff, 4, 0])
    option = (1).to_bytes(4, "little") + len(path).to_bytes(2, "little") + "PXE\0".encode("utf-16-le") + path
    (folder / f"Boot{number:04X}-8be4df61-93ca-11d2-aa0d-00e098032b8c").write_bytes(bytes([7, 0, 0, 0]) + option)


def test_a_waiting_job_restarts_the_machine(machine):
    put_network_entry(machine.folder / "firmware", 4, "52:54:00:00:00:04")
    put_network_entry(machine.folder / "firmware", 5, "52:54:00:00:00:05")
    machine.server.answer[1]["boot_mac"] = "52:54:00:00:00:05"
    assert machine.runs() == 0
    said = machine.log.read_text()
    assert "restarts for maintenance in 1 s" in said and "next start: Boot0005, network (BootNext)" in said
    assert machine.restarts() == ["reboot"]
    following = machine.folder / "firmware/BootNext-8be4df61-93ca-11d2-aa0d-00e098032b8c"
    assert following.read_bytes() == bytes([7, 0, 0, 0, 5, 0])


def test_a_machine_that_never_gets_there_is_not_restarted_for_ever(machine):
    for _ in range(3):
        assert machine.runs() == 0
        assert "no entry for network boot; the firmware's boot order decides" in machine.log.read_text()
    machine.says("job 7 still waits after 3 restarts")
    assert machine.restarts() == ["reboot"] * 3
    machine.server.answer = waiting_for(8)
    assert machine.runs() == 0
    assert machine.restarts() == ["reboot"] * 4


def test_a_restart_that_cannot_be_remembered_is_none(machine):
    machine.state.parent.write_text("no folder")
    machine.says("cannot be remembered")
    assert machine.restarts() == []


def test_a_refused_restart_fails(machine):
    (machine.folder / "status").write_text("4")
    assert machine.runs() == 1
    assert "ended with status 4" in machine.log.read_text()


def test_a_job_that_goes_away_calls_the_restart_off(machine):
    machine.configure("warning=3\n")
    agent = machine.start()
    try:
        for _ in range(600):
            if "restarts for maintenance" in machine.log.read_text():
                machine.server.answer = (200, {"waiting": False})
            if "called off" in machine.log.read_text():
                break
            time.sleep(0.1)
        assert "the restart was called off" in machine.log.read_text() and agent.poll() is None
    finally:
        agent.kill()
        agent.wait()
    assert machine.restarts() == []


def test_a_server_that_is_away_is_waited_for(machine):
    machine.server.answer = (500, error("internal", "out of order"))
    machine.says("out of order; trying again every 1 s")


@pytest.fixture
def system(server, tmp_path):
    """A system as the identity step leaves it for confirm."""
    root = tmp_path / "root"
    units = root / "etc/systemd/system"
    for folder in (root / FOLDER, units / "multi-user.target.wants"):
        folder.mkdir(parents=True)
    (root / FOLDER / "slipway-confirm").write_text("program")
    (root / FOLDER / "confirm").write_text(f"server=http://{server.address}\njob=7\ntoken={TOKEN}\n")
    (units / "slipway-confirm.service").write_text("unit")
    (units / "other.service").write_text("unit")
    (units / "multi-user.target.wants/slipway-confirm.service").symlink_to("/etc/systemd/system/slipway-confirm.service")
    return root


def left(root):
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if not path.is_dir() or path.is_symlink())


def test_confirm_tells_and_goes(server, system):
    server.answer = (200, {})
    done = agent("confirm", "--root", system)
    assert done.returncode == 0, done.stderr
    assert server.asked == [("/v1/jobs/7/confirm", f"Bearer {TOKEN}", b"")]
    assert left(system) == ["etc/systemd/system/other.service"]
    assert not (system / FOLDER).exists()


def test_confirm_goes_when_nobody_wants_to_know(server, system):
    server.answer = (409, error("job-over", "too late"))
    done = agent("confirm", "--root", system)
    assert done.returncode == 1 and "too late" in done.stderr
    assert left(system) == ["etc/systemd/system/other.service"]


def test_confirm_stays_when_somebody_else_answers(server, system):
    """A portal on the way: the unit's next try must find all that it needs."""
    server.answer = (302, {})
    before = left(system)
    done = agent("confirm", "--root", system)
    assert done.returncode == 1 and "HTTP status 302" in done.stderr
    assert len(server.asked) == 1 and left(system) == before


def test_confirm_without_an_order(server, system):
    (system / FOLDER / "confirm").write_text("server=x\njob=7/../8\ntoken=1\n")
    done = agent("confirm", "--root", system)
    assert done.returncode == 1 and "makes no sense" in done.stderr
    assert server.asked == [] and (system / FOLDER / "slipway-confirm").exists()
