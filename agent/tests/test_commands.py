# SPDX-License-Identifier: GPL-2.0-or-later
"""slipway-agent capture, deploy, verify and inspect as a person calls them, with the store in a directory."""
import fcntl
import http.server
import json
import os
import pathlib
import pty
import re
import shutil
import struct
import subprocess
import termios
import threading
import time

import pytest

AGENT = pathlib.Path(os.environ.get("SLIPWAY_AGENT", "build/agent/slipway-agent")).resolve()
MIB = 1 << 20


def shell(command, cwd):
    env = dict(os.environ, PATH=os.environ["PATH"] + ":/sbin:/usr/sbin")
    subprocess.run(["bash", "-eu", "-o", "pipefail", "-c", command], cwd=cwd, env=env, check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def agent(*words, **options):
    return subprocess.run([AGENT, *map(str, words)], capture_output=True, text=True, timeout=120, **options)


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """FAT, ext4 and noise on a GPT disk with a gap in its numbers, captured as image "lab"."""
    d = tmp_path_factory.mktemp("kept")
    shell("""mkdir tree store; for i in $(seq 40); do seq $((i * 7)) $((i * 170)) > tree/f$i; done; truncate -s 48M disk
        sgdisk -n1:2048:+8M -t1:ef00 -c1:'EFI System' -n2:18432:+28M -c2:root -n4:75776:+4M disk
        truncate -s 8M p1; mkfs.vfat p1; mcopy -i p1 tree/f1 ::/; truncate -s 28M p2; mkfs.ext4 -q -F -L top -d tree p2
        dd if=p1 of=disk bs=1M seek=1 conv=notrunc; dd if=p2 of=disk bs=1M seek=9 conv=notrunc
        head -c 4M /dev/urandom | dd of=disk bs=1M seek=37 conv=notrunc""", d)
    done = agent("capture", "--store", d / "store", "--image", "lab", d / "disk")
    assert done.returncode == 0, done.stderr
    assert "image lab is complete" in done.stdout
    return d


@pytest.fixture
def store(kept, tmp_path):
    shutil.copytree(kept / "store", tmp_path / "store")
    return tmp_path / "store"


def lab(store):
    return "--store", store, "--image", "lab"


def deployed(store, tmp_path):
    disk = tmp_path / "disk"
    disk.write_bytes(b"\xff" * (48 * MIB))
    done = agent("deploy", *lab(store), "--yes", disk)
    assert done.returncode == 0, done.stderr
    return disk


def chunks_of(store, index):
    return chunks_of_image(store, "lab", index)


def chunks_of_image(store, image, index):
    data = (store / "images" / image / index).read_bytes()[64:-40]
    ids = [data[i + 8:i + 40].hex() for i in range(0, len(data), 40)]
    return [store / "chunks.castr" / i[:4] / f"{i}.cacnk" for i in ids]


def findings(*words):
    done = agent("verify", "--json", *words)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert lines[-1]["type"] == "result" and lines[-1]["command"] == "verify"
    found = [line for line in lines if line["type"] == "finding"]
    assert lines[-1]["findings"] == len(found)
    assert done.returncode == (1 if found else 0)
    return found


def test_a_good_image_and_a_good_disk(store, tmp_path):
    assert findings(*lab(store)) == []
    assert findings(*lab(store), deployed(store, tmp_path)) == []
    done = agent("verify", *lab(store))
    assert done.returncode == 0 and re.search(r"image lab: .* in \d+ chunks, all good", done.stdout)


def test_the_disk_it_came_from(kept, store):
    """What its file systems do not use is not compared."""
    assert findings(*lab(store), kept / "disk") == []


def test_every_damage_is_named(store):
    noise, files = chunks_of(store, "part4.caibx"), chunks_of(store, "part2.caibx")
    noise[1].unlink()
    noise[3].write_bytes(noise[2].read_bytes())
    files[0].write_bytes(files[0].read_bytes()[:100])
    found = findings(*lab(store))
    assert sorted((f["kind"], f["partition"], f["offset"]) for f in found) == [
        ("damaged", 2, 0), ("damaged", 4, 3 * MIB), ("missing", 4, MIB)]
    assert {f["chunk"] for f in found} == {noise[1].stem, noise[3].stem, files[0].stem}
    done = agent("verify", *lab(store))
    assert done.returncode == 1 and "3 of its parts are damaged or missing" in done.stderr
    assert f"partition 4, byte {3 * MIB}: its content has another hash, chunk {noise[3].stem}" in done.stdout


def test_a_damaged_index_does_not_hide_the_rest(store):
    chunks_of(store, "part4.caibx")[0].unlink()
    index = store / "images" / "lab" / "part1.caibx"
    index.write_bytes(index.read_bytes()[:-1])
    assert sorted((f["kind"], f["partition"]) for f in findings(*lab(store))) == [("index", 1), ("missing", 4)]


def test_a_changed_disk(store, tmp_path):
    disk = deployed(store, tmp_path)
    with open(disk, "r+b") as f:
        for at in (39 * MIB + 7, 9 * MIB + 1024, 3):
            f.seek(at)
            f.write(b"change")
    found = findings(*lab(store), disk)
    assert sorted((f["kind"], f["partition"], f["offset"]) for f in found) == [
        ("differs", 0, 0), ("differs", 2, 0), ("differs", 4, 2 * MIB)]
    shell(f"sgdisk -d4 -n4:77824:+1M -c2:other {disk}", tmp_path)
    kinds = [(f["kind"], f["partition"]) for f in findings(*lab(store), disk)]
    assert ("partition", 4) in kinds and ("partition", 2) in kinds and ("table", 0) not in kinds
    shell(f"sgdisk -U R {disk}", tmp_path)
    assert ("table", 0) in [(f["kind"], f["partition"]) for f in findings(*lab(store), disk)]


def test_what_cannot_be_looked_at(store, tmp_path):
    for words, why in (((*lab(store), tmp_path / "none"), "cannot be opened"),
                       (("--store", store, "--image", "none"), "no-such-image"),
                       (("--store", tmp_path / "none", "--image", "lab"), "cannot be opened"),
                       ((*lab(store), store / "images" / "lab" / "manifest.json", store), "disk-count")):
        done = agent("verify", *words)
        assert done.returncode == 1 and why in done.stderr, done.stderr


def test_inspect(kept, store):
    done = agent("inspect", kept / "disk")
    assert done.returncode == 0
    assert re.search(r"^   2 .* ext4 .* root$", done.stdout, re.M), done.stdout
    assert re.search(r"^   4 .* - .*\n +taken whole: no file system recognised$", done.stdout, re.M), done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 79
    disk = json.loads(agent("inspect", "--json", kept / "disk").stdout)
    image = json.loads(agent("inspect", "--json", *lab(store)).stdout)
    assert [p["fs"] for p in disk["partitions"]] == [p["fs"] for p in image["partitions"]]
    assert image["name"] == "lab" and [p["number"] for p in disk["partitions"]] == [1, 2, 4]
    assert "image      lab" in agent("inspect", *lab(store)).stdout
    done = agent("inspect", store)
    assert done.returncode == 1 and "neither a disk nor a file" in done.stderr


def test_several_disks(kept, tmp_path):
    """Shown one after another, and exported to files of their own."""
    shell("truncate -s 20M second; sgdisk -n1:2048:+8M -c1:data second; head -c 3M /dev/urandom | "
          "dd of=second bs=1M seek=2 conv=notrunc", tmp_path)
    two = "--store", tmp_path, "--image", "two"
    done = agent("capture", *two, kept / "disk", tmp_path / "second")
    assert done.returncode == 0, done.stderr
    shown = agent("inspect", *two).stdout
    assert re.search(r" root$.*^disk 2 of 2$.* data$", shown, re.M | re.S), shown
    text = agent("inspect", "--json", *two).stdout
    first, end = json.JSONDecoder().raw_decode(text)
    second = json.loads(text[end:])
    assert [len(m["partitions"]) for m in (first, second)] == [3, 1] and second["name"] == "two"
    done = agent("export", *two, tmp_path / "out")
    assert done.returncode == 0, done.stderr
    for file, disk, number in (("out", kept / "disk", 3), ("out-disk2", tmp_path / "second", 1)):
        assert (tmp_path / file).stat().st_size == disk.stat().st_size
        tables = [json.loads(agent("inspect", "--json", each).stdout) for each in (tmp_path / file, disk)]
        assert tables[0]["partitions"] == tables[1]["partitions"] and len(tables[0]["partitions"]) == number
    assert (tmp_path / "out-disk2").read_bytes()[MIB:9 * MIB] == (tmp_path / "second").read_bytes()[MIB:9 * MIB]
    done = agent("export", "--json", *two, "--split", "9M", tmp_path / "set.img")
    assert done.returncode == 0 and json.loads(done.stdout.splitlines()[-1])["files"] == 6 + 3, done.stdout
    parts = [tmp_path / f"set-disk2.{end}" for end in ("img", "002", "003")]
    assert b"".join(part.read_bytes() for part in parts) == (tmp_path / "out-disk2").read_bytes()
    for chunk in chunks_of_image(tmp_path, "two", "disk2-part1.caibx"):
        chunk.unlink(missing_ok=True)
    done = agent("export", *two, tmp_path / "none")
    assert done.returncode == 1 and "bad-chunk" in done.stderr and not list(tmp_path.glob("none*"))


def test_a_name_on_a_disk_cannot_speak_to_the_terminal(tmp_path):
    shell("truncate -s 8M disk; printf 'label: gpt\nstart=2048, name=\"a\\x1b[31mred\"\n' | sfdisk disk", tmp_path)
    done = agent("inspect", tmp_path / "disk")
    assert done.returncode == 0 and "\x1b" not in done.stdout and "a?[31mred" in done.stdout


def test_command_lines(store, tmp_path):
    disk = tmp_path / "disk"
    disk.write_bytes(b"\xff" * MIB)
    for words in (("capture", disk), ("capture", "--store", store, disk), ("deploy", *lab(store)),
                  ("deploy", *lab(store), "--source", "x", disk), ("deploy", "--source", "x", "--keep", "1", disk),
                  ("deploy", *lab(store), "--no-checksum", disk), ("deploy", *lab(store), "--keep", "0", disk),
                  ("deploy", *lab(store), "--grow", "last", disk), ("capture", *lab(store), "--level", "20", disk),
                  ("capture", *lab(store), "--bad-sectors", "skip", disk), ("verify",), ("inspect",),
                  ("inspect", disk, *lab(store)), ("import", *lab(store)), ("export", *lab(store), "--split", "1X", disk),
                  ("deploy", "--source", "x", "--sha256", "12", disk), ("nonsense",), ()):
        done = agent(*words)
        assert done.returncode == 2 and done.stdout == "" and done.stderr, words
    # Nobody is there to say yes.
    done = agent("deploy", *lab(store), disk, stdin=subprocess.DEVNULL)
    assert done.returncode == 1 and "say --yes" in done.stderr
    done = agent("deploy", *lab(store), disk, input="no\n")
    assert done.returncode == 1
    assert disk.read_bytes() == b"\xff" * MIB


def test_json_lines(store, tmp_path):
    disk = tmp_path / "disk"
    disk.write_bytes(b"\xff" * (48 * MIB))
    done = agent("deploy", "--json", "--yes", *lab(store), disk)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert lines[0]["type"] == "progress" and lines[0]["bytes_done"] == 0 and lines[0]["seconds_left"] is None
    before = [line for line in lines if line["type"] == "progress"][-1]
    assert before["bytes_done"] == before["bytes_total"] > 0 and before["part_done"] == before["part_total"] > 0
    assert lines[0]["part_done"] == 0 and lines[0]["part_total"] == 8 * MIB
    assert lines[-1] == {"type": "result", "command": "deploy", "result": "succeeded"}
    done = agent("deploy", "--json", "--yes", "--store", store, "--image", "none", disk)
    last = json.loads(done.stdout.splitlines()[-1])
    assert (last["result"], last["reason"]) == ("failed", "no-such-image") and "no-such-image" in done.stderr


def on_a_terminal(words, keys=b""):
    """What a person sees on 80 columns: the bytes that a terminal gets."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 25, 80, 0, 0))
    process = subprocess.Popen([AGENT, *map(str, words)], stdin=slave, stdout=slave, stderr=slave,
                               env=dict(os.environ, TERM="linux"), start_new_session=True)
    os.close(slave)
    if keys:
        os.write(master, keys)
    seen = b""
    while True:
        try:
            data = os.read(master, 65536)
        except OSError:
            break
        if not data:
            break
        seen += data
    os.close(master)
    return process.wait(30), seen.decode()


def test_on_a_terminal(store, tmp_path):
    disk = tmp_path / "disk"
    disk.write_bytes(b"\xff" * (48 * MIB))
    status, seen = on_a_terminal(("deploy", *lab(store), disk), b"yes\n")
    assert status == 0
    assert "will be destroyed" in seen and "Type yes to go on: " in seen
    rows = re.split(r"\r\n|\r|\n", re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", seen))
    assert max(map(len, rows)) <= 79 + len(str(disk))
    assert any(re.fullmatch(r"deploy \[=+\] 100%  .* of .*/s.*", row) for row in rows), rows
    assert any(row.startswith("partition ") for row in rows)
    assert "\x1b[1;32mlab is on" in seen


class SlowStore(http.server.BaseHTTPRequestHandler):
    """A server's read-only half over a store in a directory; each chunk takes a while."""
    protocol_version = "HTTP/1.1"
    root = None

    def log_message(self, *args):
        pass

    def do_GET(self):
        path = self.path.removeprefix("/v1/").replace("files/", "").replace("chunks/", "chunks.castr/")
        if "cacnk" in path:
            time.sleep(0.5)
        data = (self.root / path).read_bytes()
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def test_stopped_by_ctrl_c(store, tmp_path):
    SlowStore.root = store
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), SlowStore)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    disk = tmp_path / "disk"
    disk.write_bytes(b"\xff" * (48 * MIB))
    process = subprocess.Popen([AGENT, "deploy", "--json", "--yes", "--threads", "1", "--store",
                                f"http://127.0.0.1:{server.server_port}", "--image", "lab", disk], text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert '"progress"' in process.stdout.readline()
    process.send_signal(2)
    out, err = process.communicate(timeout=60)
    server.shutdown()
    server.server_close()
    assert process.returncode == 130 and '"cancelled"' in out and "interrupted" in err
    data = disk.read_bytes()
    assert not any(data[:MIB]) and not any(data[-MIB:])
    # What is there now is no obstacle.
    assert agent("deploy", "--yes", *lab(store), disk).returncode == 0
    assert findings(*lab(store), disk) == []
