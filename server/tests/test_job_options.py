# SPDX-License-Identifier: GPL-2.0-or-later
"""How a job is done: what the server takes from an administrator, refuses, and hands to the agent."""
import json
import sqlite3

import pytest

MAC = "52:54:00:00:00:0a"
SUM = "ab" * 32


@pytest.fixture
def ready(server):
    server.machine("pc-a", MAC)
    server.machine("pc-b", "52:54:00:00:00:0b")
    server.capture("debian", [b"x" * 1000], "pc-c", "52:54:00:00:00:0c")
    return server


def post(server, kind="deploy", image="debian", **options):
    body = {"kind": kind, "machines": ["pc-a"], **options}
    if image:
        body["image"] = image
    return server.admin("POST", "/jobs", body)


def test_options_reach_the_agent(ready):
    view = post(ready, grow=2, keep=[1, 3]).json["jobs"][0]
    assert (view["grow"], view["keep"]) == (2, [1, 3])
    job = ready.checkin(MAC).json["job"]
    assert (job["image"], job["grow"], job["keep"]) == ("debian", 2, [1, 3]) and "level" not in job
    ready.admin("POST", f"/jobs/{job['id']}/cancel")
    ready.checkin(MAC)
    assert post(ready, "capture", "new", level=19, bad_sectors="zero").status == 201
    job = ready.checkin(MAC).json["job"]
    assert (job["level"], job["bad_sectors"]) == (19, "zero")


def test_a_source_instead_of_an_image(ready):
    source = {"url": "http://10.0.0.1/debian.qcow2", "sha256": SUM}
    view = post(ready, image=None, source=source).json["jobs"][0]
    assert view["image"] is None and view["source"] == source
    job = ready.checkin(MAC).json["job"]
    assert job["image"] is None and job["source"] == source
    assert "http://10.0.0.1/debian.qcow2" in ready.slipway("job", "list").stdout


@pytest.mark.parametrize("kind,image,options", [
    ("capture", "new", {"level": 0}), ("capture", "new", {"level": 20}), ("capture", "new", {"level": "3"}),
    ("capture", "new", {"level": 1.5}), ("deploy", "debian", {"level": 3}),
    ("capture", "new", {"bad_sectors": "skip"}), ("capture", "new", {"bad_sectors": True}),
    ("deploy", "debian", {"bad_sectors": "zero"}), ("capture", "new", {"grow": "none"}),
    ("deploy", "debian", {"grow": 0}), ("deploy", "debian", {"grow": 129}), ("deploy", "debian", {"grow": "last"}),
    ("deploy", "debian", {"keep": []}), ("deploy", "debian", {"keep": [1, 1]}), ("deploy", "debian", {"keep": [0]}),
    ("deploy", "debian", {"keep": 1}), ("deploy", "debian", {"keep": ["1"]}),
    ("deploy", None, {"source": "http://x/y"}), ("deploy", None, {"source": {}}),
    ("deploy", None, {"source": {"url": "ftp://x/y"}}), ("deploy", None, {"source": {"url": "http://x/a b"}}),
    ("deploy", None, {"source": {"url": "http://x/" + "y" * 1000}}),
    ("deploy", None, {"source": {"url": "http://x/y", "sha256": SUM.upper()}}),
    ("deploy", None, {"source": {"url": "http://x/y", "sha256": "ab"}}),
    ("deploy", None, {"source": {"url": "http://x/y", "unchecked": 1}}),
    ("deploy", None, {"source": {"url": "http://x/y", "token": "z"}}),
    ("deploy", "debian", {"source": {"url": "http://x/y"}}),
    ("deploy", None, {"source": {"url": "http://x/y"}, "grow": 1}),
    ("deploy", None, {"source": {"url": "http://x/y"}, "keep": [1]}),
    ("deploy", None, {"source": {"url": "http://x/y"}, "disks": [{"serial": "a"}, {"serial": "b"}]}),
    ("capture", None, {"source": {"url": "http://x/y"}}), ("deploy", None, {}),
])
def test_refusals(ready, kind, image, options):
    answer = post(ready, kind, image, **options)
    assert answer.status == 400 and answer.code == "bad-request", answer.body
    assert ready.admin("GET", "/machines/pc-a").json["job"] is None


def test_the_command(ready):
    done = ready.slipway("--json", "deploy", "debian", "pc-a", "--grow", "none", "--keep", "1,2")
    assert done.returncode == 0, done.stderr
    view = json.loads(done.stdout)["jobs"][0]
    assert (view["grow"], view["keep"]) == ("none", [1, 2])
    assert 'finish: reboot, grow: "none", keep: [1,2]' in ready.slipway("job", "show", str(view["id"])).stdout
    done = ready.slipway("deploy", "https://x.example/a.raw.xz", "pc-b", "--sha256", SUM)
    assert done.returncode == 0 and "deploy https://x.example/a.raw.xz on pc-b" in done.stdout
    assert ready.slipway("deploy", "debian", "pc-b", "--no-checksum").returncode == 2
    done = ready.slipway("deploy", "https://x.example/a.raw.xz", "pc-b", "--grow", "1")
    assert done.returncode == 1 and "one disk as a whole" in done.stderr
    done = ready.slipway("capture", "pc-c", "other", "--level", "fast")
    assert done.returncode == 1 and "1 to 19" in done.stderr


def test_a_database_of_before_keeps_its_jobs(ready):
    assert post(ready).status == 201
    ready.stop()
    with sqlite3.connect(next((ready.directory / "state").glob("*.db"))) as db:
        db.execute("ALTER TABLE jobs DROP COLUMN options")
        db.execute("PRAGMA user_version = 2")
    ready.start()
    job = ready.checkin(MAC).json["job"]
    assert job["image"] == "debian" and "grow" not in job
