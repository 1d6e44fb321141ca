# SPDX-License-Identifier: GPL-2.0-or-later
"""What a production system says to the server: resident --once, and confirm."""
import http.server
import json
import os
import pathlib
import subprocess
import threading

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
    server.answer = (200, {"machine": {"id": 1, "name": "pc", "new": False}, "waiting": waiting})
    config = tmp_path / "resident.conf"
    config.write_text(f"# comment\n server = {server.address} \ninterval=5\n")
    done = agent("resident", "--once", "--config", config)
    assert done.returncode == status, done.stderr
    path, _, body = server.asked[0]
    assert path == "/v1/checkin" and json.loads(body)["resident"] is True


@pytest.mark.parametrize("answer, words", [
    ((404, error("no-such-machine", "no machine with that MAC")), "no machine with that MAC"),
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
