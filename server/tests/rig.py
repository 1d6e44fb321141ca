# SPDX-License-Identifier: GPL-2.0-or-later
"""A real slipwayd on free ports and a temporary store, and small clients for both of its interfaces."""
import hashlib
import http.client
import json
import os
import pathlib
import socket
import struct
import subprocess
import time

BUILD = pathlib.Path(os.environ.get("SLIPWAY_BUILD", "build/server/sanitized")).resolve()
MIB = 1 << 20
ENV = dict(os.environ, ASAN_OPTIONS="detect_leaks=1:exitcode=99", UBSAN_OPTIONS="print_stacktrace=1")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Answer:
    def __init__(self, status, body):
        self.status, self.body = status, body
        self.json = json.loads(body) if body[:1] in (b"{", b"[") else None

    @property
    def code(self):
        return self.json["error"]["code"]


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("slipwayd", timeout=70)
        self.unix_path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(70)
        self.sock.connect(self.unix_path)


class Slipwayd:
    def __init__(self, directory, store=None, silence=None):
        self.directory, self.port = pathlib.Path(directory), free_port()
        self.socket = str(self.directory / "sock")
        self.store = pathlib.Path(store or self.directory / "store")
        self.hosts = self.directory / "hosts"
        self.pid_file = self.directory / "dnsmasq.pid"
        self.silence, self.process = silence, None

    def start(self):
        self.log = open(self.directory / "log", "a")
        command = [BUILD / "slipwayd", "--listen", f"127.0.0.1:{self.port}", "--socket", self.socket, "--state",
                   self.directory / "state", "--store", self.store, "--dnsmasq-hostsdir", self.hosts]
        if self.pid_file.exists():
            command += ["--dnsmasq-pid", self.pid_file]
        if self.silence:
            command += ["--silence", str(self.silence)]
        self.process = subprocess.Popen(command, stderr=self.log, env=ENV)
        for _ in range(200):
            try:
                self.call("GET", "/v1/nothing")
                self.admin("GET", "/nothing")
                return self
            except OSError:
                assert self.process.poll() is None, self.text()
                time.sleep(0.05)
        raise AssertionError("slipwayd does not answer")

    def stop(self):
        self.process.terminate()
        status = self.process.wait(30)
        self.log.close()
        assert status == 0, self.text()

    def kill(self):
        self.process.kill()
        self.process.wait(30)
        self.log.close()

    def text(self):
        return (self.directory / "log").read_text()

    def call(self, method, path, body=None, token=None, headers=None, connection=None):
        c = connection or http.client.HTTPConnection("127.0.0.1", self.port, timeout=70)
        headers = dict(headers or {})
        if token:
            headers["Authorization"] = f"Bearer {token}"
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
        c.request(method, path, body, headers)
        response = c.getresponse()
        answer = Answer(response.status, response.read())
        if not connection:
            c.close()
        return answer

    def admin(self, method, path, body=None):
        return self.call(method, "/admin/v1" + path, body, connection=UnixConnection(self.socket))

    def slipway(self, *words):
        return subprocess.run([BUILD / "slipway", "--socket", self.socket, *words], capture_output=True, text=True,
                              timeout=60, env=ENV)

    def checkin(self, mac, **more):
        return self.call("POST", "/v1/checkin", {"protocol": 1, "boot_mac": mac, "macs": [mac], **more})

    def machine(self, name, mac):
        assert self.admin("POST", "/machines", {"mac": mac, "name": name}).status == 201

    def order(self, machine, *steps, **more):
        """The answer to the request for a job of these steps."""
        return self.admin("POST", "/jobs", {"steps": steps, "machines": [machine], **more})

    def running(self, kind, image, name, mac):
        """A machine with a running job: the job as its agent has it."""
        if self.admin("GET", f"/machines/{name}").status != 200:
            self.machine(name, mac)
        answer = self.order(name, {"step": kind, "image": image})
        assert answer.status == 201, answer.body
        return self.checkin(mac).json["job"]

    def event(self, job, seq, event, step="job", **more):
        return self.call("POST", f"/v1/jobs/{job['id']}/events",
                         {"start": job["starts"], "seq": seq, "event": event, "step": step, **more}, job["token"])

    def put_chunk(self, data, job, chunk_id=None):
        chunk_id = chunk_id or sha512_256(data).hex()
        return self.call("PUT", chunk_path(chunk_id), zstd(data), job["token"])

    def capture(self, image, chunks, name="pc-a", mac="52:54:00:00:00:0a"):
        """Runs a whole capture of one partition made of `chunks`."""
        job = self.running("capture", image, name, mac)
        assert self.event(job, 1, "start").status == 200
        for data in chunks:
            assert self.put_chunk(data, job).status in (200, 201)
        put_index(self, image, job, index(chunks))
        answer = self.call("PUT", f"/v1/images/{image}/manifest.json", manifest(image, index(chunks)), job["token"])
        assert answer.status == 201, answer.body
        assert self.event(job, 2, "finish", result="succeeded").status == 200
        return job


def make_version_3(db):
    """Takes out of a database what versions 4 and 5 brought, so that slipwayd has to bring it again."""
    db.execute("DROP INDEX jobs_one_per_machine")
    for column in ("steps", "boot_order", "confirm_token", "done", "continued"):
        db.execute(f"ALTER TABLE jobs DROP COLUMN {column}")
    for column in ("identity", "systems"):
        db.execute(f"ALTER TABLE machines DROP COLUMN {column}")
    db.execute("ALTER TABLE jobs ADD COLUMN disk TEXT")
    db.execute("CREATE UNIQUE INDEX jobs_one_per_machine ON jobs(machine) WHERE state IN ('queued', 'running', 'cancelling')")
    db.execute("PRAGMA user_version = 3")


def put_index(server, image, job, data, name="part1.caibx"):
    answer = server.call("PUT", f"/v1/images/{image}/files/{name}", data, job["token"])
    assert answer.status == 201, answer.body


def sha512_256(data):
    return hashlib.new("sha512_256", data).digest()


def zstd(data):
    return subprocess.run(["zstd", "-1", "-q", "-c", f"--stream-size={len(data)}"], input=data, capture_output=True,
                          check=True).stdout


def chunk_path(chunk_id):
    return f"/v1/chunks/{chunk_id[:4]}/{chunk_id}.cacnk"


def index(chunks):
    body, end = b"", 0
    for data in chunks:
        end += len(data)
        body += struct.pack("<Q", end) + sha512_256(data)
    head = struct.pack("<8Q", 48, 0x96824d9c7b129ff9, 0xb000000000000000, MIB, MIB, MIB, 2**64 - 1, 0xe75b9e112f17417d)
    return head + body + struct.pack("<5Q", 0, 0, 48, 16 + len(body) + 40, 0x4b4f050e5549ecd1)


def manifest(image, data, **changes):
    size = struct.unpack("<Q", data[-80:-72])[0] if len(data) > 104 else 0
    part = {"number": 1, "start": MIB, "size": size, "type": "x", "uuid": "y", "name": "root", "attributes": "0",
            "index": "part1.caibx", "sha256": hashlib.sha256(data).hexdigest(), "fs": None, "captured": "raw", "note": ""}
    whole = {"format": 1, "name": image, "created": "2026-11-22T10:00:00Z", "agent": "0.1.0",
             "source": {"machine": "pc-a", "uuid": "", "mac": ""}, "firmware": "uefi", "chunk_size": MIB,
             "disk": {"size": 1 << 32, "sector_size": 512, "model": "", "table": "gpt", "uuid": "z", "used": size},
             "boot": None, "partitions": [part]}
    whole.update(changes)
    return whole
