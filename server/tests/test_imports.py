# SPDX-License-Identifier: GPL-2.0-or-later
"""Images from files and into files, through a real slipwayd, the slipway command and the agent."""
import hashlib
import json
import os
import pathlib
import subprocess

import pytest

from rig import BUILD, ENV, Slipwayd, index, manifest, put_index, zstd, chunk_path, sha512_256

AGENT = pathlib.Path(os.environ.get("SLIPWAY_AGENT", "build/agent/sanitized/slipway-agent")).resolve()
PATH = os.environ["PATH"] + ":/sbin:/usr/sbin"


def shell(command, cwd):
    subprocess.run(["bash", "-eu", "-o", "pipefail", "-c", command], cwd=cwd, env=dict(os.environ, PATH=PATH), check=True,
                   stdout=subprocess.DEVNULL)


def slipway(server, *words):
    return subprocess.run([BUILD / "slipway", "--socket", server.socket, *map(str, words)], capture_output=True, text=True,
                          timeout=120, env=dict(ENV, SLIPWAY_AGENT=str(AGENT)))


@pytest.fixture(scope="module")
def disk(tmp_path_factory):
    d = tmp_path_factory.mktemp("disk")
    shell("""mkdir tree; for i in $(seq 40); do seq $((i * 7)) $((i * 170)) > tree/f$i; done
        truncate -s 40M disk.raw; sgdisk -n1:2048:+8M -t1:ef00 -n2:18432:+28M -t2:8300 disk.raw
        truncate -s 8M p1; mkfs.vfat p1; mcopy -i p1 tree/f1 ::/; truncate -s 28M p2; mkfs.ext4 -q -F -d tree p2
        dd if=p1 of=disk.raw bs=1M seek=1 conv=notrunc; dd if=p2 of=disk.raw bs=1M seek=9 conv=notrunc
        printf code | dd of=disk.raw conv=notrunc; xz -k -T1 disk.raw; qemu-img convert -c -O qcow2 disk.raw disk.qcow2
        zstd -q disk.raw; gzip -k disk.raw""", d)
    return d


def indexes(server, image):
    parts = server.admin("GET", f"/images/{image}").json["manifest"]["partitions"]
    return [(p["number"], p["start"], p["size"], p["uuid"], p["sha256"]) for p in parts]


def test_round_trip(server, disk, tmp_path):
    for name in ("raw", "raw.xz", "raw.zst", "raw.gz", "qcow2"):
        image = "from-" + name.replace(".", "-")
        done = slipway(server, "image", "import", disk / f"disk.{name}", "--name", image)
        assert done.returncode == 0, done.stderr
        assert indexes(server, image) == indexes(server, "from-raw")
    assert slipway(server, "image", "export", "from-qcow2", tmp_path / "whole").returncode == 0
    assert slipway(server, "image", "export", "from-raw", tmp_path / "set", "--split", "15M").returncode == 0
    whole = (tmp_path / "whole").read_bytes()
    names = ["set.img", "set.002", "set.003"]
    assert sorted(p.name for p in tmp_path.glob("set.*")) == sorted(names)
    assert b"".join((tmp_path / name).read_bytes() for name in names) == whole and len(whole) == 40 << 20
    # Everything but free blocks is as it was: both file systems, the table, the boot code.
    raw = (disk / "disk.raw").read_bytes()
    assert whole[:440] == raw[:440] and whole[1024:17408] == raw[1024:17408]
    assert whole[-16896:-512] == raw[-16896:-512]
    shell(f"""dd if={tmp_path}/whole of=t1 bs=1M skip=1 count=8; dd if={tmp_path}/whole of=t2 bs=1M skip=9 count=28
        cmp p2 t2 || e2fsck -fn t2; fsck.vfat -n t1; rm -rf out; mkdir out; debugfs -R 'rdump / out' t2 2>&1
        rm -rf out/lost+found; diff -r tree out; mcopy -n -i t1 ::/f1 f1.back; cmp f1.back tree/f1; rm f1.back""", disk)
    done = slipway(server, "image", "import", tmp_path / "set.img", "--name", "back")
    assert done.returncode == 0, done.stderr
    assert indexes(server, "back") == indexes(server, "from-raw")
    again = slipway(server, "image", "export", "back", tmp_path / "set", "--split", "15M")
    assert again.returncode == 1 and "is there already" in again.stderr
    assert (tmp_path / "set.img").read_bytes() == whole[:15 << 20]


def test_what_goes_wrong(server, disk, tmp_path):
    assert slipway(server, "image", "import", disk / "disk.raw").returncode == 2
    done = slipway(server, "image", "import", disk / "disk.raw", "--name", "bad/name")
    assert done.returncode == 1 and "cannot be an image's name" in done.stderr
    done = slipway(server, "image", "import", disk / "disk.qcow2", "--name", "x", "--sha256", "0" * 64)
    assert done.returncode == 1 and "does not have the checksum" in done.stderr
    done = slipway(server, "image", "import", disk / "nothing", "--name", "x")
    assert done.returncode == 1 and "there is no file" in done.stderr
    assert server.admin("GET", "/images").json["images"] == []
    jobs = server.admin("GET", "/jobs").json["jobs"]
    assert [(j["state"], j["reason"], j["machine"], j["import"]) for j in jobs] == [("failed", "import", "import", True)] * 2
    # The name is free again, and what is there already is not replaced.
    right = hashlib.sha256((disk / "disk.qcow2").read_bytes()).hexdigest()
    assert slipway(server, "image", "import", disk / "disk.qcow2", "--name", "x", "--sha256", right).returncode == 0
    done = slipway(server, "image", "import", disk / "disk.raw", "--name", "x")
    assert done.returncode == 1 and "exists already" in done.stderr
    done = slipway(server, "image", "export", "none", tmp_path / "file")
    assert done.returncode == 1 and "no-such-image" in done.stderr and not (tmp_path / "file").exists()
    done = slipway(server, "--json", "image", "export", "x", tmp_path / "file")
    assert done.returncode == 0
    assert json.loads(done.stdout.splitlines()[-1])["result"] == "succeeded"


def test_a_damaged_store_leaves_no_file(server, disk, tmp_path):
    assert slipway(server, "image", "import", disk / "disk.raw", "--name", "x").returncode == 0
    largest = max(server.store.glob("chunks.castr/*/*.cacnk"), key=lambda p: p.stat().st_size)
    largest.unlink()
    done = slipway(server, "image", "export", "x", tmp_path / "out", "--split", "10M")
    assert done.returncode == 1 and "bad-chunk" in done.stderr
    assert list(tmp_path.glob("out*")) == []


def test_the_interface(server):
    begun = server.admin("POST", "/imports", {"image": "new"})
    assert begun.status == 201 and begun.json["url"] == f"http://127.0.0.1:{server.port}"
    assert server.admin("GET", "/server").json["url"] == begun.json["url"]
    job, path = begun.json, f"/imports/{begun.json['id']}"
    assert server.admin("POST", "/imports", {"image": "new"}).code == "image-exists"
    assert server.admin("POST", path, {"result": "done"}).code == "bad-request"
    data = b"y" * 5000
    put = server.call("PUT", chunk_path(sha512_256(data).hex()), zstd(data), job["token"])
    assert put.status == 201
    put_index(server, "new", job, index([data]))
    assert server.admin("POST", path, {"result": "running"}).json["state"] == "running"
    # A word is not enough.
    assert server.admin("POST", path, {"result": "succeeded"}).json["state"] == "failed"
    assert server.admin("POST", path, {"result": "succeeded"}).code == "job-over"
    assert server.admin("POST", path, {"result": "running"}).code == "job-over"
    assert server.call("PUT", "/v1/images/new/manifest.json", manifest("new", index([data])), job["token"]).code == "job-over"
    # Cancelled at once: there is no machine that would have to be asked.
    job = server.admin("POST", "/imports", {"image": "new"}).json
    assert server.admin("POST", f"/jobs/{job['id']}/cancel").json["state"] == "cancelled"
    assert server.call("PUT", chunk_path(sha512_256(data).hex()), zstd(data), job["token"]).code == "job-over"
    # A capture of a machine is no import.
    other = server.running("capture", "other", "pc-a", "52:54:00:00:00:0a")
    assert server.admin("POST", f"/imports/{other['id']}", {"result": "failed"}).code == "no-such-job"


def test_an_import_that_unpacks_for_long_is_not_silent(tmp_path):
    """The agent sends nothing for longer than a job may be silent; the command does."""
    server = Slipwayd(tmp_path, silence=20).start()
    agent = tmp_path / "agent"
    agent.write_text("#!/bin/sh\nsleep 26\nexit 3\n")
    agent.chmod(0o755)
    done = subprocess.run([BUILD / "slipway", "--socket", server.socket, "image", "import", "file", "--name", "x"],
                          capture_output=True, text=True, timeout=120, env=dict(ENV, SLIPWAY_AGENT=str(agent)))
    assert (done.returncode, done.stderr) == (3, "")
    job = server.admin("GET", "/jobs").json["jobs"][0]
    assert (job["state"], job["reason"]) == ("failed", "import")
    server.stop()
