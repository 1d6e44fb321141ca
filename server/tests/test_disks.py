# SPDX-License-Identifier: GPL-2.0-or-later
"""Images and jobs of several disks."""
import hashlib
import json
import os

import pytest

from rig import MIB, chunk_path, index, manifest, put_index, sha512_256

FIRST, SECOND = [os.urandom(MIB)], [os.urandom(MIB), os.urandom(5000)]


def second_manifest(image, data, **changes):
    whole = manifest(image, data)
    whole["partitions"][0]["index"] = "disk2-part1.caibx"
    whole.update(changes)
    return json.dumps(whole).encode()


def entry(data, name="disk2.json"):
    return {"manifest": name, "sha256": hashlib.sha256(data).hexdigest()}


def stage(server, job, image, second):
    for data in FIRST + SECOND:
        assert server.put_chunk(data, job).status in (200, 201)
    put_index(server, image, job, index(FIRST))
    put_index(server, image, job, index(SECOND), "disk2-part1.caibx")
    put_index(server, image, job, index(FIRST), "left-over.caibx")
    return server.call("PUT", f"/v1/images/{image}/files/disk2.json", second, job["token"])


def commit(server, job, image, *entries):
    body = manifest(image, index(FIRST), disks=list(entries))
    return server.call("PUT", f"/v1/images/{image}/manifest.json", body, job["token"])


def test_image_of_two_disks(server):
    job = server.running("capture", "both", "pc-a", "52:54:00:00:00:0a")
    second = second_manifest("both", index(SECOND))
    assert stage(server, job, "both", second).status == 201
    assert server.call("GET", "/v1/images/both/files/disk2.json").code == "no-such-image"
    assert commit(server, job, "both", entry(second)).status == 201
    assert server.call("GET", "/v1/images/both/files/disk2.json").body == second
    assert server.call("GET", "/v1/images/both/files/disk2-part1.caibx").body == index(SECOND)
    assert server.call("GET", "/v1/images/both/files/left-over.caibx").code == "no-such-file"
    assert server.call("GET", "/v1/images/both/files/disk3.json").code == "no-such-file"
    server.event(job, 1, "finish", result="succeeded")
    shown = server.admin("GET", "/images/both").json
    assert (shown["disks"], shown["disk_size"], shown["partitions"]) == (2, 2 << 32, 2)
    assert shown["manifest"]["name"] == "both" and shown["further"] == [json.loads(second)]
    out = server.slipway("image", "show", "both").stdout
    assert out.count("disk of 4.0 GiB, table gpt, sectors of 512 bytes") == 2, out


def test_its_chunks_live_as_long_as_it(server):
    job = server.running("capture", "both", "pc-a", "52:54:00:00:00:0a")
    second = second_manifest("both", index(SECOND))
    stage(server, job, "both", second)
    assert commit(server, job, "both", entry(second)).status == 201
    server.event(job, 1, "finish", result="succeeded")
    server.capture("other", FIRST + [os.urandom(100)], "pc-b", "52:54:00:00:00:0b")
    assert server.admin("DELETE", "/images/other").json["chunks"] == 1
    for data in FIRST + SECOND:
        assert server.call("GET", chunk_path(sha512_256(data).hex())).status == 200
    assert server.admin("DELETE", "/images/both").json["chunks"] == len(FIRST + SECOND)


@pytest.mark.parametrize("change", ["no chunk", "no index", "not uploaded", "other hash", "other name", "nested", "image",
                                    "no json", "too many"])
def test_refused(server, change):
    job = server.running("capture", "both", "pc-a", "52:54:00:00:00:0a")
    changes = {"nested": {"disks": []}, "image": {"name": "else"}}.get(change, {})
    second = b"{" if change == "no json" else second_manifest("both", index(SECOND), **changes)
    if change == "no index":
        second = second.replace(b"disk2-part1", b"disk2-part2")
    if change == "no chunk":
        second = second_manifest("both", index([os.urandom(MIB)]))
    if change != "not uploaded":
        assert stage(server, job, "both", second).status == 201
    if change == "no chunk":
        put_index(server, "both", job, index([os.urandom(MIB)]), "disk2-part1.caibx")
    named = [entry(second + b" " if change == "other hash" else second,
                   "disk3.json" if change == "other name" else "disk2.json")]
    answer = commit(server, job, "both", *named * (16 if change == "too many" else 1))
    assert (answer.status, answer.code) == (400, "bad-manifest"), answer.body
    assert server.call("GET", "/v1/images/both/manifest.json").code == "no-such-image"


def test_names_of_files(server):
    job = server.running("capture", "both", "pc-a", "52:54:00:00:00:0a")
    for name in ("disk1.json", "disk17.json", "disk02.json", "disk2.json.json", "manifest2.json", "disk.json"):
        answer = server.call("PUT", f"/v1/images/both/files/{name}", b"{}", job["token"])
        assert (answer.status, answer.code) == (400, "bad-index"), name
    answer = server.call("PUT", "/v1/images/both/files/disk2.json", b"x" * (4 * MIB + 1), job["token"])
    assert (answer.status, answer.code) == (413, "too-large")


def test_jobs_name_several_disks(server):
    server.machine("pc-a", "52:54:00:00:00:0a")
    out = server.slipway("--json", "capture", "pc-a", "both", "--disk", "serial=a", "--disk", "path=/dev/vdb,size=5")
    rules = [{"serial": "a"}, {"path": "/dev/vdb", "size": 5}]
    steps = [{"step": "capture", "image": "both", "disks": rules}]
    assert json.loads(out.stdout)["jobs"][0]["steps"] == steps
    assert server.checkin("52:54:00:00:00:0a").json["job"]["steps"] == steps
    many = [word for i in range(17) for word in ("--disk", f"serial=s{i}")]
    refused = server.slipway("capture", "pc-a", "more", *many)
    assert refused.returncode == 2 and "at most 16 disks" in refused.stderr
