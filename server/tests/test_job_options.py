# SPDX-License-Identifier: GPL-2.0-or-later
"""How a job is done: what the server takes from an administrator, refuses, and hands to the agent."""
import json
import sqlite3

import pytest

from rig import make_version_3

MAC = "52:54:00:00:00:0a"
SUM = "ab" * 32


@pytest.fixture
def ready(server):
    server.machine("pc-a", MAC)
    server.machine("pc-b", "52:54:00:00:00:0b")
    server.capture("debian", [b"x" * 1000], "pc-c", "52:54:00:00:00:0c")
    return server


def post(server, kind="deploy", image="debian", **options):
    return server.order("pc-a", {"step": kind, "image": image, **options})


def test_options_reach_the_agent(ready):
    view = post(ready, grow=2, keep=[1, 3]).json["jobs"][0]
    assert view["steps"] == [{"step": "deploy", "image": "debian", "grow": 2, "keep": [1, 3]}]
    job = ready.checkin(MAC).json["job"]
    assert job["steps"] == view["steps"] and job["done"] == 0
    ready.admin("POST", f"/jobs/{job['id']}/cancel")
    ready.checkin(MAC)
    assert post(ready, "capture", "new", level=19, bad_sectors="zero", leave=["ssh-host-keys"], as_is=False).status == 201
    step = ready.checkin(MAC).json["job"]["steps"][0]
    assert (step["level"], step["bad_sectors"], step["leave"], step["as_is"]) == (19, "zero", ["ssh-host-keys"], False)


def test_a_source_instead_of_an_image(ready):
    source = {"url": "http://10.0.0.1/debian.qcow2", "sha256": SUM}
    view = post(ready, image=None, source=source).json["jobs"][0]
    assert view["image"] == source["url"] and view["steps"][0]["source"] == source
    job = ready.checkin(MAC).json["job"]
    assert job["steps"] == [{"step": "deploy", "source": source}]
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
    assert (view["steps"][0]["grow"], view["steps"][0]["keep"]) == ("none", [1, 2])
    shown = ready.slipway("job", "show", str(view["id"])).stdout
    assert 'step 1: deploy, image: "debian", grow: "none", keep: [1,2]\nfinish: reboot\n' in shown
    done = ready.slipway("deploy", "https://x.example/a.raw.xz", "pc-b", "--sha256", SUM, "--grow", "none")
    assert done.returncode == 0 and "deploy https://x.example/a.raw.xz on pc-b" in done.stdout
    assert ready.admin("GET", "/jobs?machine=pc-b").json["jobs"][0]["steps"][0]["grow"] == "none"
    assert ready.slipway("deploy", "debian", "pc-b", "--no-checksum").returncode == 2
    done = ready.slipway("deploy", "https://x.example/a.raw.xz", "pc-b", "--keep", "1")
    assert done.returncode == 1 and "one disk as a whole" in done.stderr
    done = ready.slipway("capture", "pc-c", "other", "--level", "fast")
    assert done.returncode == 1 and "1 to 19" in done.stderr
    done = ready.slipway("capture", "pc-c", "other", "--disk", "size=256G")
    assert done.returncode == 1 and '"size" must be a number of bytes' in done.stderr
    assert ready.slipway("job", "wait", "1x").returncode == 2


def test_a_database_of_before_keeps_its_jobs(ready):
    """Version 3 had one capture or deploy in a job, its disks and options in columns."""
    assert post(ready).status == 201
    assert ready.order("pc-b", {"step": "deploy", "image": "debian"}).status == 201
    ready.stop()
    with sqlite3.connect(next((ready.directory / "state").glob("*.db"))) as db:
        make_version_3(db)
        db.execute("""UPDATE jobs SET options = '{"grow":2,"keep":[1]}', disk = '{"serial":"a"}' WHERE machine_name = 'pc-a'""")
        db.execute("""UPDATE jobs SET image = 'http://x/y', options = '{"source":{"url":"http://x/y"}}', disk = '[{"serial":"a"}]'
                   WHERE machine_name = 'pc-b'""")
    ready.start()
    job = ready.checkin(MAC).json["job"]
    assert job["steps"] == [{"step": "deploy", "image": "debian", "grow": 2, "keep": [1], "disk": {"serial": "a"}}]
    job = ready.checkin("52:54:00:00:00:0b").json["job"]
    assert job["steps"][0] == {"step": "deploy", "image": None, "source": {"url": "http://x/y"}, "disks": [{"serial": "a"}]}
