# SPDX-License-Identifier: GPL-2.0-or-later
"""The agents' interface of docs/protocol.md against a real slipwayd: what works, and every refusal."""
import json
import os
import socket
import struct
import subprocess
import threading
import time

import pytest

from rig import MIB, Slipwayd, chunk_path, index, manifest, put_index, sha512_256, zstd

A, B = "52:54:00:00:00:0a", "52:54:00:00:00:0b"
DATA = [bytes([i]) * MIB for i in (1, 2)] + [b"end" * 1000]


def test_unknown_machine_is_made_and_found_again(server):
    first = server.checkin(A, uuid="2A5C1111-2222-3333-4444-555566667777").json
    assert first["machine"]["name"] == "new-52540000000a" and first["machine"]["new"]
    assert first["job"] is None and first["when_idle"] == "wait"
    other_nic = server.checkin(B, uuid="2a5c1111-2222-3333-4444-555566667777").json
    assert other_nic["machine"]["id"] == first["machine"]["id"]
    assert server.checkin(B).json["machine"]["id"] == first["machine"]["id"]


def test_one_uuid_on_many_boards(server):
    """With other cards a machine is the same only by a disk of its own: it would get the other one's job."""
    uuid = "03000200-0400-0500-0006-000700080009"
    disks = lambda *serials: [{"path": "/dev/sda", "serial": serial, "wwn": ""} for serial in serials]
    server.machine("pc-a", A)
    server.checkin(A, uuid=uuid, disks=disks("one", ""))
    assert server.order("pc-a", {"step": "capture", "image": "i"}).status == 201
    other = server.checkin(B, uuid=uuid, disks=disks("two", "")).json
    assert other["machine"]["name"] == "new-52540000000b" and other["job"] is None
    assert server.checkin("52:54:00:00:00:0c", uuid=uuid, disks=disks("one")).json["machine"]["name"] == "new-52540000000c"


def test_a_machine_with_another_card_and_its_own_disk(server):
    uuid = "2a5c1111-2222-3333-4444-555566667777"
    server.machine("pc-a", A)
    server.checkin(A, uuid=uuid, disks=[{"serial": "", "wwn": "naa.5"}, {"serial": "two"}])
    assert server.checkin(B, uuid=uuid, disks=[{"serial": "x", "wwn": "naa.5"}]).json["machine"]["name"] == "pc-a"


def test_uuid_of_zeros_is_none(server):
    zeros = "00000000-0000-0000-0000-000000000000"
    assert server.checkin(A, uuid=zeros).json["machine"]["id"] != server.checkin(B, uuid=zeros).json["machine"]["id"]


def test_known_machine_without_job_goes_into_production(server):
    server.machine("pc-a", A)
    answer = server.checkin(A.upper()).json
    assert answer["machine"] == {"id": 1, "name": "pc-a", "new": False} and answer["when_idle"] == "reboot"


def test_capture_and_deploy(server):
    job = server.capture("debian", DATA)
    assert server.call("GET", "/v1/images/debian/files/part1.caibx").body == index(DATA)
    assert server.call("GET", chunk_path(sha512_256(DATA[0]).hex())).body == zstd(DATA[0])
    assert json.loads(server.call("GET", "/v1/images/debian/manifest.json").body)["name"] == "debian"
    assert server.admin("GET", f"/jobs/{job['id']}").json["state"] == "succeeded"
    assert server.admin("PATCH", "/machines/pc-a", {"set": {"field.asset": "1234"}}).status == 200
    deploy = server.running("deploy", "debian", "pc-a", A)
    assert deploy["identity"] == {"host_name": "pc-a", "fields": {"asset": "1234"}} and deploy["starts"] == 1
    assert server.call("GET", "/v1/images/debian/manifest.json", token=deploy["token"]).status == 200
    assert server.event(deploy, 1, "finish", result="succeeded").json == {"cancel": False}


def test_casync_reads_the_store_over_http(server, tmp_path):
    server.capture("debian", DATA)
    (tmp_path / "p.caibx").write_bytes(index(DATA))
    subprocess.run(["casync", "extract", f"--store=http://127.0.0.1:{server.port}/v1/chunks", tmp_path / "p.caibx",
                    tmp_path / "p.raw"], check=True)
    assert (tmp_path / "p.raw").read_bytes() == b"".join(DATA)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff\xfe", b'{"a": 1, "a": 2}', b"[" * 100000])
def test_garbage_json(server, body):
    answer = server.call("POST", "/v1/checkin", body)
    assert (answer.status, answer.code) == (400, "bad-request")


@pytest.mark.parametrize("one, end", [("[", "]"), ('{"a":', "}")])
def test_deep_json(server, one, end):
    """Far below what the body's size allows, and below jansson's own limit: slipwayd must not run out of stack."""
    nested = lambda depth: one * depth + "1" + end * depth
    for depth in (32, 2000, 40000):
        answer = server.call("POST", "/v1/checkin", '{"boot_mac": "%s", "disks": [], "x": %s}' % (A, nested(depth)))
        assert (answer.status, answer.code) == (400, "bad-request") and "32 levels" in answer.json["error"]["message"]
    quoted = json.dumps(one * 2000 + '"\\')
    assert server.call("POST", "/v1/checkin", '{"boot_mac": "%s", "x": [%s, %s]}' % (A, quoted, nested(30))).status == 200
    job = server.running("capture", "debian", "pc-a", B)
    answer = server.call("PUT", "/v1/images/debian/manifest.json", '{"x": %s}' % nested(2000), job["token"])
    assert (answer.status, answer.code) == (400, "bad-manifest")


@pytest.mark.parametrize("body", [{}, {"boot_mac": 1}, {"boot_mac": "52:54"}, {"boot_mac": A, "macs": [1]},
                                  {"boot_mac": A, "macs": "x"}, {"boot_mac": A, "protocol": 2},
                                  {"boot_mac": A, "disks": {}}, {"boot_mac": A, "macs": [A] * 100},
                                  {"boot_mac": A, "address": "a\nb"}])
def test_malformed_checkin(server, body):
    answer = server.call("POST", "/v1/checkin", body)
    assert (answer.status, answer.code) == (400, "bad-request")
    assert server.admin("GET", "/machines").json["machines"] == []


def test_tokens(server):
    job = server.running("capture", "debian", "pc-a", A)
    server.machine("pc-b", B)
    chunk = chunk_path(sha512_256(DATA[0]).hex())
    for token in (None, "0" * 64, "", "x' OR 1=1 --"):
        for method, path, body in (("POST", f"/v1/jobs/{job['id']}/events", {}), ("POST", "/v1/chunks/missing", {}),
                                   ("PUT", chunk, b"x"), ("PUT", "/v1/images/debian/files/a.caibx", b""),
                                   ("PUT", "/v1/images/debian/manifest.json", {})):
            answer = server.call(method, path, body, token)
            assert (answer.status, answer.code) == (401, "bad-token"), path
    assert server.call("POST", f"/v1/jobs/{job['id'] + 1}/events", {}, job["token"]).code == "bad-token"
    assert server.call("PUT", "/v1/images/other/manifest.json", {}, job["token"]).code == "bad-token"
    assert server.call("PUT", "/v1/images/other/files/a.caibx", index(DATA), job["token"]).code == "bad-token"


def test_deploy_token_cannot_write(server):
    server.capture("debian", DATA)
    job = server.running("deploy", "debian", "pc-a", A)
    assert server.put_chunk(DATA[0], job).code == "bad-token"
    assert server.call("PUT", "/v1/chunks", b"", job["token"]).code == "bad-token"


def test_chunks(server):
    job = server.running("capture", "debian", "pc-a", A)
    ids = [sha512_256(d).hex() for d in DATA]
    assert server.put_chunk(DATA[1], job).status == 201
    assert server.put_chunk(DATA[1], job).status == 200
    missing = server.call("POST", "/v1/chunks/missing", {"ids": ids}, job["token"]).json
    assert missing == {"missing": [ids[0], ids[2]]}
    for bad in ({"ids": ids * 400}, {"ids": ["x"]}, {"ids": [1]}, {}, {"ids": ids[0]}, {"ids": [ids[0].upper()]}):
        assert server.call("POST", "/v1/chunks/missing", bad, job["token"]).code == "bad-request"
    answer = server.call("GET", chunk_path(ids[0]))
    assert (answer.status, answer.code) == (404, "no-such-chunk")


def test_wrong_chunk_bytes(server):
    job = server.running("capture", "debian", "pc-a", A)
    good = sha512_256(DATA[0]).hex()
    frame = zstd(DATA[0])
    unsized = subprocess.run(["zstd", "-q", "-c", "--no-content-size"], input=DATA[0], capture_output=True).stdout
    big = b"\0" * (MIB + 1)
    for body in (zstd(DATA[1]), b"", b"no zstd", frame[:-1], frame + b"x", frame + frame, unsized, zstd(big)):
        answer = server.call("PUT", chunk_path(good), body, job["token"])
        assert (answer.status, answer.code) == (400, "bad-chunk"), body[:20]
    assert server.call("PUT", chunk_path(sha512_256(big).hex()), zstd(big), job["token"]).code == "bad-chunk"
    assert server.call("GET", chunk_path(good)).status == 404
    assert list((server.store / "tmp").iterdir()) == []


def test_truncated_upload_stores_nothing(server):
    job = server.running("capture", "debian", "pc-a", A)
    chunk_id = sha512_256(os.urandom(9)).hex()
    with socket.create_connection(("127.0.0.1", server.port)) as s:
        s.sendall(f"PUT {chunk_path(chunk_id)} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {job['token']}\r\n"
                  "Content-Length: 1000\r\n\r\nhalf".encode())
        s.shutdown(socket.SHUT_WR)
        assert b" 201 " not in s.recv(1000)
    assert server.call("GET", chunk_path(chunk_id)).status == 404
    assert list((server.store / "tmp").iterdir()) == []


def test_huge_bodies(server):
    job = server.running("capture", "debian", "pc-a", A)
    for method, path, size in (("PUT", chunk_path("ab" * 32), 2 * MIB + 1), ("POST", "/v1/checkin", MIB),
                               ("PUT", "/v1/images/debian/manifest.json", 4 * MIB + 1),
                               ("PUT", "/v1/images/debian/files/a.caibx", 256 * MIB + 1)):
        answer = server.call(method, path, b" " * size, job["token"])
        assert (answer.status, answer.code) == (413, "too-large"), path
    assert server.admin("POST", "/jobs", b" " * (4 * MIB + 1)).code == "too-large"


def test_endless_body_is_cut(server):
    with socket.create_connection(("127.0.0.1", server.port)) as s, pytest.raises(OSError):
        s.sendall(b"POST /v1/checkin HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(400):
            s.sendall(b"100000\r\n" + b" " * MIB + b"\r\n")


@pytest.mark.parametrize("path", [
    "/v1/images/../chunks/x", "/v1/images/%2e%2e/manifest.json", "/v1/images/..%2f..%2fetc/manifest.json",
    "/v1/images/debian/files/..%2f..%2f..%2fslipway.db", "/v1/images/debian/files/manifest.json",
    "/v1/images/debian/files/%2e%2e", "/v1/chunks/../../../../etc/passwd", "/v1/chunks/%2e%2e/passwd",
    "/v1/images//manifest.json", "/", "//", "/v1", "/v1/images/debian%00x/files/x", "/admin/v1/machines",
    "/v1/images/" + "a" * 5000 + "/manifest.json"])
def test_paths_lead_nowhere(server, path):
    server.capture("debian", DATA)
    answer = server.call("GET", path)
    assert answer.status == 404 and answer.code in ("not-found", "no-such-image", "no-such-file", "no-such-chunk")


def test_names_of_uploads(server):
    job = server.running("capture", "debian", "pc-a", A)
    away = server.call("PUT", "/v1/images/debian/files/..%2f..%2fx.caibx", index(DATA), job["token"])
    assert (away.status, away.code) == (404, "not-found")
    for name in (".caibx", "a.txt", "a%0a.caibx", "a" * 70 + ".caibx"):
        answer = server.call("PUT", f"/v1/images/debian/files/{name}", index(DATA), job["token"])
        assert (answer.status, answer.code) == (400, "bad-index"), name
    broken = index(DATA)
    for data in (b"", broken[:-1], broken + b"x", b"\0" + broken[1:], broken[:-8] + b"\0" * 8, broken[40:]):
        answer = server.call("PUT", "/v1/images/debian/files/a.caibx", data, job["token"])
        assert (answer.status, answer.code) == (400, "bad-index")
    assert list((server.store / "tmp").iterdir()) == []


def test_manifest_refusals(server):
    job = server.running("capture", "debian", "pc-a", A)
    put = lambda body: server.call("PUT", "/v1/images/debian/manifest.json", body, job["token"])
    good = manifest("debian", index(DATA))
    assert "was not uploaded" in put(good).json["error"]["message"]
    put_index(server, "debian", job, index(DATA))
    server.put_chunk(DATA[0], job)
    answer = put(good)
    assert (answer.status, answer.code) == (400, "bad-manifest")
    assert sha512_256(DATA[1]).hex() in answer.json["error"]["message"]
    for data in DATA:
        server.put_chunk(data, job)
    part = good["partitions"][0]
    for change in ({"name": "other"}, {"format": 2}, {"chunk_size": 1}, {"disk": None}, {"partitions": {}},
                   {"partitions": [dict(part, sha256="0" * 64)]}, {"partitions": [dict(part, size=5)]},
                   {"partitions": [dict(part, index="../part1.caibx")]}, {"partitions": [7]}, {"boot": {}}):
        answer = put(dict(good, **change))
        assert (answer.status, answer.code) == (400, "bad-manifest"), change
    assert put(b"no json").code == "bad-manifest"
    assert server.call("GET", "/v1/images/debian/manifest.json").code == "no-such-image"
    assert put(good).status == 201
    assert put(good).status == 200
    assert put(dict(good, created="later")).code == "image-exists"
    put_again = server.call("PUT", "/v1/images/debian/files/part1.caibx", index(DATA), job["token"])
    assert (put_again.status, put_again.code) == (409, "image-exists")
    assert server.call("GET", "/v1/images/debian/files/part9.caibx").code == "no-such-file"


def test_success_without_an_image_is_not_believed(server):
    job = server.running("capture", "debian", "pc-a", A)
    assert server.event(job, 1, "finish", result="succeeded").status == 200
    shown = server.admin("GET", f"/jobs/{job['id']}").json
    assert (shown["state"], shown["reason"]) == ("failed", "bad-image")


def test_systems_of_a_machine(server):
    job = server.running("capture", "debian", "pc-a", A)
    good = {"kind": "linux", "name": "Debian", "partition": 2, "disk": 0, "sysprepped": False}
    for bad in ({}, "x", [1], [{}], [{"kind": "linux"}], [{**good, "name": "x" * 300}], [{**good, "more": {}}], [good] * 17):
        assert server.event(job, 1, "finish", "identity", result="succeeded", systems=bad).status == 400, bad
    assert server.event(job, 1, "finish", "identity", result="succeeded", systems=[good]).status == 200
    assert server.admin("GET", "/machines/pc-a").json["systems"] == [good]
    assert server.event(job, 2, "finish", "deploy", result="succeeded").status == 200
    assert server.admin("GET", "/machines/pc-a").json["systems"] == [good]


def test_events(server):
    job = server.running("capture", "debian", "pc-a", A)
    assert server.event(job, 1, "start").json == {"cancel": False}
    assert server.event(job, 2, "progress", "capture", bytes_done=5, bytes_total=10, rate=7, seconds_left=1,
                        message="partition 1").status == 200
    shown = server.admin("GET", f"/jobs/{job['id']}").json
    assert (shown["bytes_done"], shown["rate"], shown["seconds_left"], shown["step"]) == (5, 7, 1, "capture")
    assert server.event(job, 2, "progress", "capture", bytes_done=1, bytes_total=10).status == 200
    assert server.admin("GET", f"/jobs/{job['id']}").json["bytes_done"] == 5
    assert server.event(job, 3, "progress", "capture", message="left out: machine-id").status == 200
    shown = server.admin("GET", f"/jobs/{job['id']}").json
    assert (shown["message"], shown["bytes_done"], shown["seconds_left"]) == ("left out: machine-id", 5, 1)
    for bad in (dict(event="stop"), dict(step="A b"), dict(seq=0), dict(start=9), dict(message="x" * 2000),
                dict(event="finish"), dict(event="finish", result="failed"), dict(event="finish", result="well")):
        body = {"start": 1, "seq": 4, "event": "progress", "step": "capture", **bad}
        answer = server.call("POST", f"/v1/jobs/{job['id']}/events", body, job["token"])
        assert (answer.status, answer.code) == (400, "bad-request"), bad
    # Of many lines about one part, and each is new, the first is kept; the job shows the last.
    for seq in range(4, 9):
        words = f"partition {2 if seq > 5 else 1} of 2, ext4: {seq}%, {seq} MB of 1 GB"
        assert server.event(job, seq, "progress", "capture", bytes_done=seq, bytes_total=10, message=words).status == 200
    assert server.admin("GET", f"/jobs/{job['id']}").json["message"] == words
    assert server.event(job, 9, "finish", result="failed", reason="disk-error", message="sector 5").status == 200
    assert server.event(job, 9, "finish", result="failed", reason="disk-error").status == 200
    over = server.event(job, 10, "progress")
    assert (over.status, over.code) == (409, "job-over")
    assert server.put_chunk(DATA[0], job).code == "job-over"
    shown = server.admin("GET", f"/jobs/{job['id']}").json
    assert (shown["state"], shown["reason"], shown["message"]) == ("failed", "disk-error", "sector 5")
    assert [e["message"].partition(":")[0] for e in shown["events"]] == [
        "", "partition 1", "left out", "partition 1 of 2, ext4", "partition 2 of 2, ext4", "sector 5"]


def test_cancel_in_the_middle(server):
    job = server.running("capture", "debian", "pc-a", A)
    server.event(job, 1, "start")
    put_index(server, "debian", job, index(DATA))
    assert server.admin("POST", f"/jobs/{job['id']}/cancel").json["state"] == "cancelling"
    assert server.event(job, 2, "progress", "capture").json == {"cancel": True}
    assert server.event(job, 3, "finish", result="cancelled").status == 200
    assert server.admin("GET", f"/jobs/{job['id']}").json["state"] == "cancelled"
    assert list((server.store / "staging").iterdir()) == []
    assert server.admin("POST", f"/jobs/{job['id']}/cancel").json["state"] == "cancelled"


def test_agent_that_restarts_while_cancelling_has_stopped(server):
    job = server.running("capture", "debian", "pc-a", A)
    server.admin("POST", f"/jobs/{job['id']}/cancel")
    assert server.checkin(A).json["job"] is None
    assert server.admin("GET", f"/jobs/{job['id']}").json["state"] == "cancelled"


def test_three_starts(server):
    job = server.running("capture", "debian", "pc-a", A)
    again = [server.checkin(A).json["job"] for _ in range(2)]
    assert [j["starts"] for j in again] == [2, 3] and again[0]["token"] == job["token"]
    assert server.event(job, 1, "progress").code == "job-over"
    assert server.event(again[1], 1, "start").status == 200
    assert server.checkin(A).json["job"] is None
    shown = server.admin("GET", f"/jobs/{job['id']}").json
    assert (shown["state"], shown["reason"]) == ("failed", "too-many-starts")


def test_silence(tmp_path):
    server = Slipwayd(tmp_path, silence=6).start()
    job = server.running("capture", "debian", "pc-a", A)
    shown = lambda: server.admin("GET", f"/jobs/{job['id']}").json
    for seq in range(1, 5):
        time.sleep(2)
        assert server.event(job, seq, "progress", "capture").status == 200
    deadline = time.monotonic() + 60
    while shown()["state"] == "running":
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert (shown()["state"], shown()["reason"]) == ("failed", "silent")
    assert server.event(job, 9, "progress").code == "job-over"
    server.stop()


def long_poll(server, machine, wait, results):
    begin = time.monotonic()
    answer = server.call("GET", f"/v1/machines/{machine}/job?wait={wait}")
    results.append((answer, time.monotonic() - begin))


def test_long_poll_wakes_at_once(server):
    machine, results = server.checkin(A).json["machine"], []
    poll = threading.Thread(target=long_poll, args=(server, machine["id"], 30, results))
    poll.start()
    time.sleep(0.5)
    assert server.order(machine["name"], {"step": "capture", "image": "i"}).status == 201
    poll.join(60)
    answer, seconds = results[0]
    assert answer.json["job"]["steps"][0]["step"] == "capture" and seconds < 20


def test_long_poll_ends(server):
    results = []
    machine = server.checkin(A).json["machine"]["id"]
    long_poll(server, machine, 1, results)
    assert results[0][0].json == {"job": None, "when_idle": "wait"} and 0.9 < results[0][1] < 30
    assert server.call("GET", "/v1/machines/99/job").code == "no-such-machine"
    assert server.call("GET", "/v1/machines/x/job").code == "no-such-machine"
    assert server.call("GET", f"/v1/machines/{machine}/job?wait=x").code == "bad-request"


def test_older_poll_of_a_machine_that_was_reset_gets_nothing(server):
    machine, old, new = server.checkin(A).json["machine"], [], []
    threads = [threading.Thread(target=long_poll, args=(server, machine["id"], 20, r)) for r in (old, new)]
    for t in threads:
        t.start()
        time.sleep(1)
    server.order(machine["name"], {"step": "capture", "image": "i"})
    for t in threads:
        t.join(60)
    assert old[0][0].json["job"] is None and new[0][0].json["job"]["starts"] == 1


def test_job_is_not_handed_to_a_machine_that_hung_up(server):
    machine = server.checkin(A).json["machine"]
    s = socket.create_connection(("127.0.0.1", server.port))
    s.sendall(f"GET /v1/machines/{machine['id']}/job?wait=60 HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    time.sleep(0.3)
    s.close()
    server.order(machine["name"], {"step": "capture", "image": "i"})
    time.sleep(1.5)
    assert server.checkin(A).json["job"]["starts"] == 1


def test_stop_ends_long_polls(server):
    machine = server.checkin(A).json["machine"]["id"]
    poll = socket.create_connection(("127.0.0.1", server.port))
    poll.sendall(f"GET /v1/machines/{machine}/job?wait=60 HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    time.sleep(0.3)
    begin = time.monotonic()
    server.stop()
    assert time.monotonic() - begin < 30
    poll.settimeout(30)
    while poll.recv(1000):
        pass


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_restart_in_the_middle(server, end):
    job = server.running("capture", "debian", "pc-a", A)
    server.event(job, 1, "start")
    for data in DATA[:2]:
        server.put_chunk(data, job)
    put_index(server, "debian", job, index(DATA))
    torn = server.store / "chunks.castr" / sha512_256(DATA[1]).hex()[:4] / (sha512_256(DATA[1]).hex() + ".cacnk")
    if end == "kill":
        torn.write_bytes(b"")
    getattr(server, end)()
    server.start()
    assert server.event(job, 1, "start").status == 200
    if end == "kill":
        assert not torn.exists()
    for data in DATA:
        assert server.put_chunk(data, job).status in (200, 201)
    answer = server.call("PUT", "/v1/images/debian/manifest.json", manifest("debian", index(DATA)), job["token"])
    assert answer.status == 201
    assert server.event(job, 2, "finish", result="succeeded").status == 200
    assert server.admin("GET", f"/jobs/{job['id']}").json["state"] == "succeeded"


def test_store_that_is_full(tmp_path):
    store = tmp_path / "full"
    store.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", store], check=True)
    try:
        server = Slipwayd(tmp_path, store=store).start()
        job = server.running("capture", "debian", "pc-a", A)
        answers = [server.put_chunk(os.urandom(300 * 1024), job) for _ in range(6)]
        assert answers[0].status == 201
        assert (answers[-1].status, answers[-1].code) == (507, "store-full")
        (store / "filler").write_bytes(b"")
        with open(store / "filler", "wb", buffering=0) as f, pytest.raises(OSError):
            while True:
                f.write(b"x" * 4096)
        answer = server.call("PUT", "/v1/images/debian/files/a.caibx", index(DATA[:2] * 100), job["token"])
        assert (answer.status, answer.code) == (507, "store-full")
        assert list((store / "tmp").iterdir()) == []
        (store / "filler").unlink()
        server.event(job, 1, "finish", result="failed", reason="store-full")
        deadline = time.monotonic() + 60
        while list((store / "chunks.castr").rglob("*.cacnk")):
            assert time.monotonic() < deadline, "the failed capture's chunks stay"
            time.sleep(0.2)
        server.stop()
    finally:
        subprocess.run(["umount", store], check=True)


def test_slow_client_holds_up_nobody(server):
    slow = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(50)]
    for s in slow:
        s.sendall(b"POST /v1/checkin HTTP/1.1\r\nHost: x\r\nContent-Length: 10000\r\n\r\nx")
    begin = time.monotonic()
    assert server.checkin(A).status == 200 and time.monotonic() - begin < 20
    for s in slow:
        s.close()


def batch(*chunks):
    """The body of POST /v1/chunks: (id, frame) of each."""
    return b"".join(chunk_id + len(frame).to_bytes(4, "little") + frame for chunk_id, frame in chunks)


def test_chunks_in_one_request(server):
    job = server.running("capture", "debian", "pc-a", A)
    chunks = [os.urandom(MIB) for _ in range(6)] + [os.urandom(1000), b""]
    whole = [(sha512_256(data), zstd(data)) for data in chunks]
    assert server.put_chunk(chunks[2], job).status == 201
    assert server.call("PUT", "/v1/chunks", batch(*whole), job["token"]).json == {"stored": 7}
    assert server.call("PUT", "/v1/chunks", batch(*whole), job["token"]).json == {"stored": 0}
    for chunk_id, frame in whole:
        assert server.call("GET", chunk_path(chunk_id.hex())).body == frame
    assert server.call("PUT", "/v1/chunks", b"", job["token"]).json == {"stored": 0}


def test_one_wrong_chunk_refuses_the_request(server):
    job = server.running("capture", "debian", "pc-a", A)
    chunks = [os.urandom(MIB) for _ in range(8)]
    whole = [(sha512_256(data), zstd(data)) for data in chunks]
    for place in range(8):
        wrong = list(whole)
        wrong[place] = (whole[place][0], zstd(chunks[place - 1]))
        answer = server.call("PUT", "/v1/chunks", batch(*wrong), job["token"])
        assert (answer.status, answer.code) == (400, "bad-chunk")
    for body in (batch(*whole)[:-1], batch(*whole) + b"x", batch(*whole, (b"\0" * 32, b"")), batch(*whole)[:35],
                 whole[0][0] + b"\xff\xff\xff\xff" + whole[0][1]):
        assert server.call("PUT", "/v1/chunks", body, job["token"]).code == "bad-request"
    for chunk_id, _ in whole:
        assert server.call("GET", chunk_path(chunk_id.hex())).status == 404


def test_agent_cut_off_behind_its_manifest(server):
    job = server.running("capture", "debian", "pc-a", A)
    for data in DATA:
        assert server.put_chunk(data, job).status == 201
    put_index(server, "debian", job, index(DATA))
    assert server.call("PUT", "/v1/images/debian/manifest.json", manifest("debian", index(DATA)), job["token"]).status == 201
    assert server.checkin(A).json["job"] is None
    assert server.admin("GET", f"/jobs/{job['id']}").json["state"] == "succeeded"
    assert server.admin("GET", "/images/debian").status == 200


def test_a_manifest_repeated_while_it_is_being_checked(server):
    """So many chunks that the check of the first one has not ended when the second one comes."""
    job = server.running("capture", "debian", "pc-a", A)
    for data in DATA[:2]:
        assert server.put_chunk(data, job).status == 201
    two, count = index(DATA[:2]), 400000
    ids = [two[64 + 40 * i + 8:64 + 40 * i + 40] for i in (0, 1)]
    items = b"".join(struct.pack("<Q", (i + 1) * MIB) + ids[i % 2] for i in range(count))
    whole = two[:64] + items + struct.pack("<5Q", 0, 0, 48, 16 + len(items) + 40, 0x4b4f050e5549ecd1)
    put_index(server, "debian", job, whole)
    statuses = []

    def put():
        statuses.append(server.call("PUT", "/v1/images/debian/manifest.json", manifest("debian", whole), job["token"]).status)

    threads = [threading.Thread(target=put) for _ in range(2)]
    for thread in threads:
        thread.start()
        time.sleep(0.1)
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200, 201], server.text()
    assert server.admin("GET", "/images/debian").status == 200
    assert not list((server.store / "staging").iterdir())
