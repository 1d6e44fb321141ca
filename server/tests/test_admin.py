# SPDX-License-Identifier: GPL-2.0-or-later
"""The administrator's interface and the slipway command against a real slipwayd, and what dnsmasq gets to read."""
import json
import os
import pathlib
import re
import shlex
import stat
import subprocess
import threading
import time

import pytest

from rig import BUILD, MIB, Slipwayd, chunk_path, index, manifest, put_index, sha512_256

A, B, C = "52:54:00:00:00:0a", "52:54:00:00:00:0b", "52:54:00:00:00:0c"
DATA = [bytes([i]) * MIB for i in (1, 2)]


def refusal(answer):
    return answer.status, answer.code


def test_socket_is_for_owner_and_group(server):
    assert stat.S_IMODE(os.stat(server.socket).st_mode) == 0o660
    second = subprocess.run([BUILD / "slipwayd", "--listen", "127.0.0.1:0", "--socket", server.socket, "--state",
                             server.directory / "other"], capture_output=True, text=True, timeout=30)
    assert second.returncode == 1 and "another slipwayd" in second.stderr


def test_machines(server):
    server.machine("pc-a", A)
    assert refusal(server.admin("POST", "/machines", {"mac": B, "name": "PC-A"})) == (409, "machine-exists")
    assert refusal(server.admin("POST", "/machines", {"mac": A, "name": "pc-b"})) == (409, "machine-exists")
    for name in ("", "a b", "-a", "a-", "a" * 64, "../x", "a_b", "pc.a", "é"):
        assert refusal(server.admin("POST", "/machines", {"mac": B, "name": name})) == (400, "bad-request"), name
    for body in ({}, {"mac": A}, {"mac": "x", "name": "pc-b"}, {"mac": 1, "name": 2}):
        assert refusal(server.admin("POST", "/machines", body)) == (400, "bad-request")
    assert refusal(server.admin("PATCH", "/machines/pc-x", {"name": "y"})) == (404, "no-such-machine")
    assert refusal(server.admin("PATCH", "/machines/pc-a", {"set": {"field.a\n": "1"}})) == (400, "bad-request")
    assert refusal(server.admin("PATCH", "/machines/pc-a", {"set": {"field.a": "1\n2"}})) == (400, "bad-request")
    assert server.admin("PATCH", "/machines/pc-a", {"set": {"field.a": "1", "field.b": "2"}}).json["fields"] == {"a": "1", "b": "2"}
    assert server.admin("PATCH", "/machines/pc-a", {"set": {"field.a": None}}).json["fields"] == {"b": "2"}
    assert server.admin("PATCH", "/machines/pc-a", {"name": "pc-z"}).json["name"] == "pc-z"
    assert server.admin("DELETE", "/machines/pc-z").status == 200
    assert refusal(server.admin("DELETE", "/machines/pc-z")) == (404, "no-such-machine")


def test_jobs_refused(server):
    server.capture("debian", DATA)
    server.machine("pc-b", B)
    def create(machines=["pc-b"], finish=None, **step):
        return server.admin("POST", "/jobs", {"steps": [{"step": "deploy", "image": "debian", **step}],
                                              "machines": machines, "finish": finish})

    for bad in (dict(step="wipe"), dict(image="../x"), dict(machines=[]), dict(machines="pc-b"), dict(machines=[1]),
                dict(machines=["pc-b", B]), dict(finish="explode"), dict(disk={}), dict(disk={"serial": 5}),
                dict(disk={"colour": "red"}), dict(disk={"size": -1}), dict(disks=[]), dict(disks={"serial": "a"}),
                dict(disks=[{"serial": "a"}, {}]), dict(disks=[{"serial": "a"}] * 17),
                dict(disks=[{"serial": "a"}], disk={"serial": "b"}),
                dict(step="capture", image="x", machines=["pc-a", "pc-b"])):
        assert refusal(create(**bad)) == (400, "bad-request"), bad
    assert refusal(create(image="none")) == (404, "no-such-image")
    assert refusal(create(machines=["pc-b", "pc-x"])) == (404, "no-such-machine")
    assert refusal(create(step="capture")) == (409, "image-exists")
    assert len(server.admin("GET", "/jobs").json["jobs"]) == 1
    assert create(machines=[B.upper()], disk={"serial": "x"}).status == 201
    assert refusal(create()) == (409, "machine-busy")
    assert refusal(create(machines=["pc-a", "pc-b"])) == (409, "machine-busy")
    assert len(server.admin("GET", "/jobs").json["jobs"]) == 2
    assert refusal(server.admin("DELETE", "/machines/pc-b")) == (409, "machine-busy")
    assert refusal(server.admin("DELETE", "/images/debian")) == (409, "image-in-use")
    assert refusal(server.admin("GET", "/jobs/99")) == (404, "no-such-job")
    assert refusal(server.admin("POST", "/jobs/x/cancel")) == (404, "no-such-job")
    assert server.admin("POST", "/jobs/2/cancel").json["state"] == "cancelled"
    assert server.order("pc-a", {"step": "capture", "image": "new"}).status == 201
    assert refusal(create(step="capture", image="new")) == (409, "image-exists")


def test_delete_frees_only_what_no_image_needs(server):
    server.capture("one", DATA)
    server.capture("two", DATA[1:])
    assert server.admin("DELETE", "/images/one").json["chunks"] == 1
    assert len(list((server.store / "chunks.castr").rglob("*.cacnk"))) == 1
    assert refusal(server.admin("GET", "/images/one")) == (404, "no-such-image")
    assert refusal(server.admin("DELETE", "/images/one")) == (404, "no-such-image")
    assert refusal(server.admin("DELETE", "/images/..%2ftwo")) == (404, "not-found")
    answer = server.admin("DELETE", "/images/two").json
    assert answer["swept"] and answer["chunks"] == 1 and answer["bytes"] > 0


def wait_until(condition, seconds=60):
    """Generous: a slow machine is no failure."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_sweep_waits_for_a_running_capture(server):
    server.capture("one", DATA)
    job = server.running("capture", "two", "pc-b", B)
    server.put_chunk(DATA[0][:5], job)
    assert server.admin("DELETE", "/images/one").json == {"swept": False, "chunks": 0, "bytes": 0}
    time.sleep(1.5)
    assert len(list((server.store / "chunks.castr").rglob("*.cacnk"))) == 3
    server.event(job, 1, "finish", result="failed", reason="disk-error")
    wait_until(lambda: not list((server.store / "chunks.castr").rglob("*.cacnk")))


def reads_folder(server, folder):
    """Whether slipwayd has this folder open."""
    links = pathlib.Path(f"/proc/{server.process.pid}/fd").iterdir()
    return any(os.path.lexists(p) and os.readlink(p) == str(folder) for p in links)


def test_image_deleted_during_a_sweep_is_swept_later(server):
    """A sweep has read the first image and is held at the last one; both are deleted, and a capture runs before what
    they leave could be swept."""
    chunks = [bytes([i]) * MIB for i in range(10, 13)]
    for image, data in zip(("one", "two", "three"), chunks):
        server.capture(image, [data])
    images = (server.store / "images").resolve()
    order = os.listdir(images)
    first, asked, last = order
    left = chunks[("one", "two", "three").index(first)]
    pipe = server.directory / "pipe"
    os.mkfifo(pipe)
    (images / last / "part1.caibx").unlink()
    os.link(pipe, images / last / "part1.caibx")
    answers = {}
    delete = lambda name: answers.update({name: server.admin("DELETE", f"/images/{name}")})
    threads = {name: threading.Thread(target=delete, args=(name,)) for name in order}
    threads[asked].start()
    wait_until(lambda: reads_folder(server, images / last))
    job = server.running("capture", "new", "pc-b", B)
    threads[first].start()
    threads[last].start()
    wait_until(lambda: os.listdir(images) == [])
    with open(pipe, "r+b", buffering=0):
        for thread in threads.values():
            thread.join(60)
    assert [answers[name].status for name in order] == [200] * 3, server.text()
    assert [answers[name].json["swept"] for name in order] == [False, True, False]
    assert server.call("GET", chunk_path(sha512_256(left).hex())).status == 200
    assert server.put_chunk(DATA[0], job).status == 201
    put_index(server, "new", job, index(DATA[:1]))
    assert server.call("PUT", "/v1/images/new/manifest.json", manifest("new", index(DATA[:1])), job["token"]).status == 201
    assert server.event(job, 1, "finish", result="succeeded").status == 200
    wait_until(lambda: server.call("GET", chunk_path(sha512_256(left).hex())).status == 404)
    assert server.call("GET", chunk_path(sha512_256(DATA[0]).hex())).status == 200


def test_pxe_answer_follows_the_job(tmp_path):
    hups = tmp_path / "hups"
    code = ("import signal, sys, time\nfile = open(sys.argv[1], 'w', buffering=1)\n"
            "signal.signal(signal.SIGHUP, lambda *_: file.write('hup\\n'))\nfile.write('ready\\n')\nwhile True: time.sleep(1)")
    dnsmasq = subprocess.Popen(["/usr/bin/python3", "-c", code, hups])
    (tmp_path / "dnsmasq.pid").write_text(f"{dnsmasq.pid}\n")
    count = lambda: hups.read_text().count("hup")
    wait_until(lambda: hups.exists() and hups.read_text())
    server = Slipwayd(tmp_path).start()
    try:
        server.machine("pc-a", A)
        server.checkin(A, macs=[A, B])
        lines = lambda: sorted((server.hosts / "machine-1").read_text().split())
        assert lines() == [A, B]
        wait_until(count)
        before = count()
        job = server.running("capture", "debian", "pc-a", A)
        assert lines() == []
        server.event(job, 1, "finish", result="failed", reason="disk-error")
        assert lines() == [A, B]
        wait_until(lambda: count() > before)
        assert [p.name for p in server.hosts.iterdir()] == ["machine-1"]
        server.stop()
        (server.hosts / "machine-77").write_text(C)
        server.start()
        assert [p.name for p in server.hosts.iterdir()] == ["machine-1"] and lines() == [A, B]
        assert server.admin("DELETE", "/machines/pc-a").status == 200
        assert list(server.hosts.iterdir()) == []
        assert [p.name for p in tmp_path.iterdir() if p.name.startswith("hosts.")] == []
        server.stop()
    finally:
        dnsmasq.kill()
        dnsmasq.wait()


def test_command(server):
    run = server.slipway
    assert run("--help").returncode == 0 and "machine list" in run("--help").stdout
    for words in ((), ("fly",), ("machine",), ("machine", "add", A), ("capture", "x"), ("deploy", "x"), ("job", "show"),
                  ("image", "x", "y"), ("machine", "set", "pc-a", "x"), ("--no-such-option",),
                  ("capture", "a", "b", "--disk", "serial")):
        assert run(*words).returncode == 2, words
    assert run("machine", "add", A, "pc-a").returncode == 0
    bad = run("machine", "add", B, "pc_b")
    assert bad.returncode == 1 and "only letters, digits and '-'" in bad.stderr
    unknown = run("capture", "pc-x", "debian")
    assert unknown.returncode == 1 and unknown.stderr == "slipway: no machine named pc-x; known: pc-a\n"
    assert run("machine", "set", "pc-a", "field.asset=12").returncode == 0
    assert run("capture", "pc-a", "debian", "--disk", "serial=a,size=5", "--finish", "hold").returncode == 0
    job = json.loads(run("--json", "job", "show", "1").stdout)
    assert job["steps"] == [{"step": "capture", "image": "debian", "disk": {"serial": "a", "size": 5}}]
    assert job["finish"] == "hold"
    assert "queued" in run("job", "list").stdout
    assert run("job", "cancel", "1").returncode == 0
    assert run("job", "wait", "1").returncode == 1
    assert run("machine", "rename", "pc-a", "pc-z").returncode == 0 and "pc-z" in run("machine", "list").stdout
    server.capture("debian", DATA, "pc-z", A)
    assert run("job", "wait", "2").returncode == 0
    assert "debian" in run("image", "list").stdout and "part" in run("image", "show", "debian").stdout.lower()
    deleted = run("image", "delete", "debian")
    assert deleted.returncode == 0 and "2 chunks removed" in deleted.stdout
    assert run("machine", "delete", "pc-z").returncode == 0


def test_command_waits_for_its_jobs(server):
    server.capture("debian", DATA)
    deploy = subprocess.Popen([BUILD / "slipway", "--socket", server.socket, "deploy", "debian", "pc-a", "--wait"],
                              stdout=subprocess.PIPE, text=True)
    wait_until(lambda: server.admin("GET", "/jobs").json["jobs"][0]["state"] == "queued")
    job = server.checkin(A).json["job"]
    server.event(job, 1, "finish", result="failed", reason="no-disk", message="there is no disk\x1b[2J")
    out = deploy.communicate(timeout=60)[0]
    assert deploy.returncode == 1 and "failed: no-disk" in out


@pytest.mark.parametrize("program", ["slipway", "slipwayd"])
def test_help_fits_a_terminal(program):
    done = subprocess.run([BUILD / program, "--help"], capture_output=True, text=True, check=True)
    assert [line for line in done.stdout.splitlines() if len(line) > 79] == []
    source = (pathlib.Path(__file__).parents[1] / {"slipway": "cli.c", "slipwayd": "options.c"}[program]).read_text()
    options = re.findall(r'{"([a-z0-9-]+)", (?:no|required)_argument', source)
    assert len(options) > 8 and [name for name in options if f"--{name}" not in done.stdout] == []


def test_command_without_server(tmp_path):
    run = subprocess.run([BUILD / "slipway", "--socket", tmp_path / "none", "job", "list"], capture_output=True, text=True)
    assert run.returncode == 1 and "no slipwayd answers" in run.stderr


def test_newer_database_is_refused(server):
    server.stop()
    subprocess.run(["/usr/bin/python3", "-c", "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]);"
                    "c.execute('PRAGMA user_version = 99'); c.commit()",
                    server.directory / "state" / "slipway.db"], check=True)
    run = subprocess.run([BUILD / "slipwayd", "--state", server.directory / "state", "--socket", server.socket],
                         capture_output=True, text=True, timeout=30)
    assert run.returncode == 1 and "version 99" in run.stderr


def test_the_unit_starts_it_with_options_that_it_has():
    unit = (pathlib.Path(__file__).parents[1] / "slipwayd.service").read_text()
    words = shlex.split(re.search("^ExecStart=(.*)$", unit, re.MULTILINE)[1])
    assert words[0].endswith("/slipwayd") and len(words) > 5
    run = subprocess.run([BUILD / "slipwayd", *words[1:], "--version"], capture_output=True, text=True, timeout=30)
    assert run.returncode == 0 and run.stdout.startswith("slipwayd "), run.stderr


@pytest.mark.parametrize("options", [["--listen", "x"], ["--listen", "1.2.3.4"], ["--listen", "0.0.0.0:99999"],
                                     ["--silence", "0"], ["--store", ""], ["extra"], ["--nonsense"]])
def test_wrong_options(options):
    run = subprocess.run([BUILD / "slipwayd", *options], capture_output=True, text=True, timeout=30)
    assert run.returncode == 2 and run.stderr
