# SPDX-License-Identifier: GPL-2.0-or-later
"""Jobs as lists of steps at the server: what is taken, how far they are, what they leave behind, how they end."""
import json
import os
import sqlite3
import time

from test_boots import confirmation, send

A, B = "52:54:00:00:00:0a", "52:54:00:00:00:0b"
RUN = {"step": "run", "command": "true"}


def start(server, *steps, **more):
    if server.admin("GET", "/machines/pc-a").status == 404:
        server.machine("pc-a", A)
    answer = server.order("pc-a", *steps, **more)
    assert answer.status == 201, answer.body
    return server.checkin(A).json["job"]


def state(server, job):
    return server.admin("GET", f"/jobs/{job['id']}").json


REFUSED = [
    ({}, "capture, deploy"), ({"step": "wipe"}, "capture, deploy"), ({"step": "run"}, "needs"), ({**RUN, "command": ""}, "command"),
    ({**RUN, "command": "x" * 32769}, "command"), ({**RUN, "where": "moon"}, "where"), ({**RUN, "timeout": 0}, "timeout"),
    ({**RUN, "success": []}, "success"), ({**RUN, "success": [256]}, "success"), ({**RUN, "image": "x"}, "belongs to no run"),
    ({"step": "put", "path": "/a"}, "content"), ({"step": "put", "path": "a", "content": ""}, "path"),
    ({"step": "put", "path": "/a/../b", "content": ""}, "path"), ({"step": "put", "path": "/a", "content": "a"}, "base64"),
    ({"step": "put", "path": "/a", "content": "aGk=", "mode": "4755"}, "mode"),
    ({"step": "put", "path": "/a", "content": "aGk=", "owner": "root"}, "owner"), ({"step": "get", "path": "/a", "name": "../a"}, "name"),
    ({"step": "get", "path": "/a\nb", "name": "a"}, "path"), ({"step": "wait", "seconds": 0}, "seconds"),
    ({"step": "deploy", "image": "x", "identity": 1}, "identity"), ({"step": "capture", "image": "x", "leave": ["A"]}, "leave"),
    ({"step": "capture", "image": "x", "as_is": "yes"}, "as_is")]


def test_steps_refused(server):
    server.machine("pc-a", A)
    for step, problem in REFUSED:
        answer = server.order("pc-a", RUN, step)
        assert (answer.status, answer.code) == (400, "bad-request"), (step, answer.body)
        assert "step 2" in answer.json["error"]["message"] and problem in answer.json["error"]["message"], answer.body


def test_lists_and_endings_refused(server):
    server.machine("pc-a", A)
    for steps, more in (([], {}), ([RUN] * 65, {}), ([RUN], {"finish": "kexecc"}), ([RUN], {"confirm": 1}),
                        ([RUN], {"boot_order": "first"}), ([RUN], {"finish": "hold", "confirm": True}),
                        ([{"step": "capture", "image": "a"}, {"step": "capture", "image": "b"}], {})):
        assert server.order("pc-a", *steps, **more).code == "bad-request", (steps, more)
    large = {"step": "put", "path": "/a", "content": "A" * (2 << 20)}
    assert server.order("pc-a", large, {**large, "content": "A" * (3 << 19)}).code == "bad-request"
    job = start(server, large, RUN)
    assert len(job["steps"][0]["content"]) == 2 << 20
    server.event(job, 1, "finish", result="failed", reason="file")
    job = start(server, RUN, finish="kexec", boot_order="disk-first")
    assert (job["finish"], job["boot_order"], job["confirm"]) == ("kexec", "disk-first", False) and "confirm_token" not in job


def test_an_agent_that_starts_again_goes_on(server):
    job = start(server, RUN, RUN, RUN)
    server.event(job, 1, "start")
    server.event(job, 2, "start", "run", number=1)
    server.event(job, 3, "finish", "run", number=1, result="succeeded")
    server.event(job, 4, "start", "run", number=2)
    assert server.event(job, 5, "start", "run", number=65).status == 400
    assert state(server, job)["done"] == 1
    again = server.checkin(A).json["job"]
    assert (again["starts"], again["done"]) == (2, 1)
    server.event(again, 1, "finish", "run", number=2, result="failed", reason="command")
    assert state(server, again)["done"] == 1


def test_an_image_that_is_there_is_not_captured_again(server):
    """The agent was cut off behind the capture: the steps behind it are done by the next one."""
    job = start(server, {"step": "capture", "image": "i"}, RUN)
    image = server.store / "images" / "i"
    image.mkdir()
    (image / "manifest.json").write_text("{}")
    again = server.checkin(A).json["job"]
    assert again["done"] == 1 and again["id"] == job["id"]


def test_no_image_of_a_job_is_deleted(server):
    for i, name in enumerate(("one", "two")):
        server.capture(name, [bytes([i])], "pc-source", B)
    job = start(server, {"step": "deploy", "image": "one"}, {"step": "deploy", "image": "two"})
    for name in ("one", "two"):
        assert server.admin("DELETE", f"/images/{name}").code == "image-in-use"
    server.event(job, 1, "finish", result="failed", reason="disk-error")
    assert server.admin("DELETE", "/images/two").status == 200


def test_waiting_for_somebody(server):
    job = start(server, {"step": "wait"}, {"step": "wait"})
    server.event(job, 1, "start", "wait", number=1)
    assert server.event(job, 2, "progress", "wait").json == {"cancel": False}
    done = server.slipway("job", "continue", str(job["id"]))
    assert done.returncode == 0, done.stderr
    assert server.event(job, 3, "progress", "wait").json == {"cancel": False, "continue": 1}
    server.event(job, 4, "finish", "wait", number=1, result="succeeded")
    assert server.admin("POST", f"/jobs/{job['id']}/continue").status == 200
    assert server.event(job, 5, "progress", "wait").json["continue"] == 2
    server.event(job, 6, "finish", result="succeeded")
    assert server.admin("POST", f"/jobs/{job['id']}/continue").code == "job-not-waiting"
    other = start(server, {"step": "wait", "seconds": 5})
    assert server.admin("POST", f"/jobs/{other['id']}/continue").code == "job-not-waiting"


def put(server, job, name, data, offset=0, last=True, token=None):
    return server.call("PUT", f"/v1/jobs/{job['id']}/files/{name}?offset={offset}{'&last=1' if last else ''}", data,
                       token or job["token"])


def test_files_of_a_job(server, tmp_path):
    job = start(server, RUN)
    first, second = os.urandom(100000), os.urandom(5000)
    assert put(server, job, "log", first, last=False).status == 200
    assert server.admin("GET", f"/jobs/{job['id']}/files").json == {"files": []}
    for _ in range(2):
        assert put(server, job, "log", second, len(first)).status == 200
    assert put(server, job, "output-1.txt", b"hello\n\x1b[2J\tworld\n").status == 200
    assert server.admin("GET", f"/jobs/{job['id']}/files").json["files"] == [
        {"name": "log", "size": 105000}, {"name": "output-1.txt", "size": 17}]
    assert "log" in server.slipway("job", "files", str(job["id"])).stdout
    shown = server.slipway("job", "show", str(job["id"])).stdout
    assert "output-1.txt:\nhello\n?[2J\tworld\n" in shown
    target = tmp_path / "fetched"
    assert server.slipway("job", "fetch", str(job["id"]), "log", str(target)).returncode == 0
    assert target.read_bytes() == first + second
    assert server.slipway("job", "fetch", str(job["id"]), "log", str(target)).returncode == 1  # never over a file
    missing = server.slipway("job", "fetch", str(job["id"]), "none", str(tmp_path / "none"))
    assert missing.returncode == 1 and "has left no file none" in missing.stderr and not (tmp_path / "none").exists()
    assert all(p.stat().st_mode & 0o077 == 0 for p in (server.store / "jobs" / "1").iterdir())
    # The files outlive the job, its token does not.
    server.event(job, 1, "finish", result="succeeded")
    assert put(server, job, "late", b"x").code == "job-over"
    assert server.admin("GET", f"/jobs/{job['id']}/files/output-1.txt").body.startswith(b"hello")


def test_files_refused(server):
    job = start(server, RUN)
    other = server.order("pc-b", RUN) if server.machine("pc-b", B) is None else None
    assert other.status == 201
    assert put(server, job, "a", b"x", 5).code == "out-of-order"
    assert put(server, job, "a", b"x", last=False).status == 200 and put(server, job, "a", b"x", 2).code == "out-of-order"
    for name in ("..", ".a", "a%2fb", "%2e%2e%2fx", "x" * 65):
        assert put(server, job, name, b"x").status in (400, 404), name
    assert put(server, job, "a", b"x", 4 << 30).code == "too-large"
    assert put(server, {"id": 2}, "a", b"x", token=job["token"]).code == "bad-token"
    assert put(server, job, "a", b"x", token="0" * 64).code == "bad-token"
    assert server.call("PUT", f"/v1/jobs/{job['id']}/files/a", b"x", job["token"]).code == "bad-request"
    assert put(server, job, "a", b"x" * (4 * 1024 * 1024 + 1)).code == "too-large"


def confirming(server, **more):
    job = start(server, {"step": "wait", "seconds": 1}, confirm=True, **more)
    assert len(job["confirm_token"]) == 64 and job["confirm_token"] != job["token"]
    server.event(job, 1, "finish", result="succeeded")
    return job


def confirm(server, job, token=None):
    return server.call("POST", f"/v1/jobs/{job['id']}/confirm", b"", token or job["confirm_token"])


def test_the_production_system_confirms(server):
    job = start(server, {"step": "wait", "seconds": 1}, confirm=True)
    assert confirm(server, job).code == "job-over"  # too early
    assert "confirm_token" not in json.dumps(state(server, job)) and job["confirm_token"] not in server.text()
    server.event(job, 1, "finish", result="succeeded")
    view = state(server, job)
    assert (view["state"], view["ended"]) == ("confirming", None)
    assert (server.hosts / "machine-1").read_text() == A + "\n"  # it boots its disk meanwhile
    assert server.checkin(A).json["job"] is None
    assert server.order("pc-a", RUN).code == "machine-busy"
    assert confirm(server, job, job["token"]).code == "bad-token"
    assert confirm(server, job, "0" * 64).code == "bad-token"
    for _ in range(2):
        assert confirm(server, job).status == 200
    assert state(server, job)["state"] == "succeeded"
    assert server.call("POST", "/v1/jobs/x/confirm", b"", "a").code == "no-such-job"


def test_the_boot_client_confirms(server):
    job = confirming(server)
    send(server, confirmation(A, b"slipway.efi"))
    deadline = time.monotonic() + 60
    while state(server, job)["state"] != "succeeded":
        assert time.monotonic() < deadline, state(server, job)
        time.sleep(0.05)
    assert "boot client" in state(server, job)["message"]


def test_nobody_confirms(server):
    job = confirming(server)
    with sqlite3.connect(server.directory / "state" / "slipway.db") as db:
        db.execute("UPDATE jobs SET heard = heard - 1790000")
    time.sleep(1.5)
    assert state(server, job)["state"] == "confirming"
    with sqlite3.connect(server.directory / "state" / "slipway.db") as db:
        db.execute("UPDATE jobs SET heard = heard - 20000")
    deadline = time.monotonic() + 60
    while state(server, job)["state"] == "confirming":
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert (state(server, job)["state"], state(server, job)["reason"]) == ("failed", "not-confirmed")
    assert confirm(server, job).code == "job-over"


def test_a_failed_job_needs_no_confirmation(server):
    job = start(server, RUN, confirm=True)
    server.event(job, 1, "finish", result="failed", reason="command")
    assert state(server, job)["state"] == "failed"
    job = confirming(server)
    assert server.admin("POST", f"/jobs/{job['id']}/cancel").json["state"] == "cancelled"


ORDER = """\
# A room's machines
steps:
  - step: run
    command: |
      echo "it's $HOME"
      exit 3
    success: [0, 3]
    timeout: 60
  - {step: put, path: /etc/motd, file: %s, mode: 0600, where: system}
  - step: wait
machines: [pc-a]
finish: poweroff
"""


def test_an_order_in_yaml(server, tmp_path):
    server.machine("pc-a", A)
    server.machine("pc-b", B)
    (tmp_path / "motd").write_bytes(b"hi\x00\xff")
    (tmp_path / "order.yaml").write_text(ORDER % (tmp_path / "motd"))
    done = server.slipway("job", "submit", str(tmp_path / "order.yaml"))
    assert done.returncode == 0, done.stderr
    job = server.checkin(A).json["job"]
    assert job["finish"] == "poweroff" and job["steps"] == [
        {"step": "run", "command": 'echo "it\'s $HOME"\nexit 3\n', "success": [0, 3], "timeout": 60},
        {"step": "put", "path": "/etc/motd", "content": "aGkA/w==", "mode": "0600", "where": "system"}, {"step": "wait"}]
    (tmp_path / "order.json").write_text(json.dumps({"steps": [{**RUN, "command": "echo \U0001f600"}], "machines": ["pc-a"]}))
    done = server.slipway("job", "submit", str(tmp_path / "order.json"), "pc-b", "--finish", "hold")
    assert done.returncode == 0 and "run  on pc-b" in done.stdout, done.stdout + done.stderr
    job = server.checkin(B).json["job"]
    assert job["finish"] == "hold" and job["steps"][0]["command"] == "echo \U0001f600"


ORDERS_REFUSED = [
    ("steps: [", "line 2"), ("[1]", "no mapping"), ("steps: [{step: run}]\nmachine: [pc-a]", "none of steps"),
    ("steps: [{step: run, step: put}]", "twice"), ("a: &a [b]\nsteps: {? [x] : y}", "must be a word"),
    ("steps: [{step: put, path: /a, file: /no/such/file}]\nmachines: [pc-a]", "cannot read"),
    ("a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\n"
     "d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: [*e,*e,*e,*e,*e,*e,*e,*e,*e]", "too much"),
    ("steps: " + "[" * 40 + "]" * 40, "too deep"), ("&a [*a]", "too deep"), ("# nothing\n", "is empty"),
    ("steps: [{step: run, command: !!binary aGk=}]", "line 1: tags"), ("steps: !order [x]", "line 1: tags"),
    ("machines: [pc-a]\n---\nsteps: [{step: wait}]\n", "line 3: a second document"), ("machines: [x]\n--- [", "did not find")]


def test_orders_refused(server, tmp_path):
    for text, problem in ORDERS_REFUSED:
        (tmp_path / "order").write_text(text)
        done = server.slipway("job", "submit", str(tmp_path / "order"))
        assert done.returncode in (1, 2) and problem in done.stderr, done.stderr
