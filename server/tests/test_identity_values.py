# SPDX-License-Identifier: GPL-2.0-or-later
"""Values that hurt (core/tests/identity_values.json), by each way into the server: taken as they are, or refused."""
import csv
import io
import json
import pathlib

import pytest
import yaml

ROWS = json.loads((pathlib.Path(__file__).parents[2] / "core/tests/identity_values.json").read_text())
NAMES, KEYS = ROWS[0], ROWS[1:]
MAC = "52:54:00:00:00:0a"


def filled(part, value):
    """The row's identity with the value in it."""
    if isinstance(part, dict):
        return {k.replace("?", value): filled(v, value) for k, v in part.items()}
    if isinstance(part, list):
        return [filled(p, value) for p in part]
    return part.replace("?", value) if isinstance(part, str) else part


def holds(whole, part):
    """Whether `part` is in `whole`, which may have more members."""
    if isinstance(part, dict):
        return all(k in whole and holds(whole[k], v) for k, v in part.items())
    if isinstance(part, list):
        return len(whole) >= len(part) and all(map(holds, whole, part))
    return whole == part


def pairs(row, value):
    """The keys to set: a second network needs a first one."""
    set_ = {row["key"].replace("?", value): row.get("value", value)}
    return {"address": "dhcp", **set_} if row["key"].startswith("net2.") else set_


def given(server, name, mac):
    job = server.running("deploy", "debian", name, mac)
    server.admin("POST", f"/jobs/{job['id']}/cancel")
    assert server.checkin(mac).json["job"] is None
    return job["identity"]


@pytest.fixture
def ready(server):
    server.capture("debian", [b"x"], "pc-source", "52:54:00:00:00:ff")
    return server


def test_taken_as_they_are(ready):
    for row in KEYS:
        for value in row["right"]:
            ready.machine("pc", MAC)
            answer = ready.admin("PATCH", "/machines/pc", {"set": pairs(row, value)})
            assert answer.status == 200, (row["key"], value, answer.body)
            identity = given(ready, "pc", MAC)
            assert holds(identity, filled(row["identity"], value)), (row["key"], value, identity)
            assert ready.admin("DELETE", "/machines/pc").status == 200


def test_refused(ready):
    ready.machine("pc", MAC)
    before = ready.admin("GET", "/machines/pc").json
    for row in KEYS:
        for value in row["refused"]:
            answer = ready.admin("PATCH", "/machines/pc", {"set": pairs(row, value)})
            assert (answer.status, answer.code) == (400, "bad-request"), (row["key"], value, answer.body)
            assert ready.admin("GET", "/machines/pc").json == before, (row["key"], value)


def test_names_of_machines(ready):
    for name in NAMES["refused"]:
        assert ready.admin("POST", "/machines", {"mac": MAC, "name": name}).status == 400, name
        assert ready.slipway("machine", "add", MAC, name).returncode != 0, name
    for name in NAMES["right"]:
        assert ready.slipway("machine", "add", MAC, name).returncode == 0, name
        assert given(ready, name, MAC)["host_name"] == name
        assert ready.admin("DELETE", f"/machines/{name}").status == 200


def test_by_the_command(ready):
    """All that can stand beside each other, as one person's command line."""
    ready.machine("pc", MAC)
    words = {}
    for row in KEYS:
        words = {**pairs(row, row["right"][-1]), **words}
    done = ready.slipway("machine", "set", "pc", *(f"{k}={v}" for k, v in words.items()))
    assert done.returncode == 0, done.stderr
    identity = given(ready, "pc", MAC)
    for row in KEYS:
        value = row["right"][-1]
        if not row["key"].startswith(("user.", "net2.")):
            assert holds(identity, filled(row["identity"], value)), (row["key"], value)
    assert {"ann", "a" * 32} == {u["name"] for u in identity["users"]}


def test_as_a_room(ready, tmp_path):
    """A row for each value, in a CSV file as Python's csv module writes it."""
    values = [(row, v) for row in KEYS if "?" not in row["key"] for v in row["right"]]
    keys = ["address"] + sorted({row["key"] for row, _ in values} - {"address"})
    room, mac = io.StringIO(newline=""), "52:54:00:00:{:02x}:{:02x}".format
    table = csv.writer(room)
    table.writerow(["mac", "name", *keys])
    for i, (row, value) in enumerate(values):
        cells = pairs(row, value)
        table.writerow([mac(1 + i // 256, i % 256), f"pc-{i}", *(cells.get(k, "") for k in keys)])
    (tmp_path / "room.csv").write_text(room.getvalue(), newline="")
    done = ready.slipway("machine", "import", str(tmp_path / "room.csv"))
    assert done.returncode == 0, done.stderr
    for i, (row, value) in enumerate(values):
        identity = given(ready, f"pc-{i}", mac(1 + i // 256, i % 256))
        assert holds(identity, filled(row["identity"], value)), (row["key"], value, identity)


def test_commands_of_a_job_file(ready, tmp_path):
    """A list of steps in YAML, as PyYAML writes it: what a command is made of is the shell's business alone."""
    commands = next(row["right"] for row in KEYS if row["key"] == "first_boot")
    ready.machine("pc", MAC)
    (tmp_path / "job.yaml").write_text(yaml.safe_dump({"steps": [{"step": "run", "command": c} for c in commands]},
                                                      allow_unicode=True))
    done = ready.slipway("job", "submit", str(tmp_path / "job.yaml"), "pc")
    assert done.returncode == 0, done.stderr
    assert [step["command"] for step in ready.checkin(MAC).json["job"]["steps"]] == commands
