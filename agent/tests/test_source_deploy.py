# SPDX-License-Identifier: GPL-2.0-or-later
"""slipway-agent deploy --source: images from elsewhere, over HTTP and from files, whole and broken."""
import hashlib
import http.server
import os
import pathlib
import signal
import subprocess
import threading

import pytest

AGENT = pathlib.Path(os.environ.get("SLIPWAY_AGENT", "build/agent/slipway-agent")).resolve()
MIB = 1 << 20
ENV = dict(os.environ, PATH=os.environ["PATH"] + ":/sbin:/usr/sbin")


def shell(command, cwd):
    subprocess.run(["bash", "-eu", "-o", "pipefail", "-c", command], cwd=cwd, env=ENV, check=True,
                   stdout=subprocess.DEVNULL)


class Handler(http.server.BaseHTTPRequestHandler):
    """Files of `root`; `ranges` off ignores Range; a name in `cut` ends that many bytes into its first transfer; `shift`
    begins parts elsewhere than asked."""
    root, ranges, cut, asked, shift = None, True, {}, [], 0
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def do_GET(self):
        path = self.root / self.path.lstrip("/")
        self.asked.append((self.path, self.headers.get("Range")))
        if self.path == "/moved.raw":
            self.send_response(302)
            self.send_header("Location", "/disk.raw")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        if not path.is_file():
            self.send_error(404)
            return
        data, first = path.read_bytes(), 0
        part = self.headers.get("Range") if self.ranges else None
        if part:
            first, last = part.removeprefix("bytes=").split("-")
            first, last = int(first) - self.shift, int(last) if last else len(data) - 1
            whole, data = len(data), data[first:last + 1]
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {first}-{last}/{whole}")
        else:
            self.send_response(200)
        self.send_header("ETag", '"one"')
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        stop = self.cut.pop(self.path, None)
        if stop is not None and first == 0 or stop == "always":
            data = data[:100000 if stop == "always" else stop]
            self.close_connection = True
        self.wfile.write(data)


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    """A GPT disk of 40 MiB with FAT and ext4, and everything that can be made of it."""
    d = tmp_path_factory.mktemp("source")
    shell("""mkdir tree; for i in $(seq 60); do seq $((i * 7)) $((i * 170)) > tree/f$i; done
        truncate -s 40M disk.raw; sgdisk -n1:2048:+8M -t1:ef00 -n2:18432:+28M -t2:8300 disk.raw
        truncate -s 8M p1; mkfs.vfat p1; mcopy -i p1 tree/f1 ::/; truncate -s 28M p2; mkfs.ext4 -q -F -d tree p2
        dd if=p1 of=disk.raw bs=1M seek=1 conv=notrunc; dd if=p2 of=disk.raw bs=1M seek=9 conv=notrunc
        printf code | dd of=disk.raw conv=notrunc
        gzip -k disk.raw; xz -k -T1 disk.raw; zstd -q disk.raw
        (head -c 20M disk.raw | gzip; tail -c +$((20 * 1048576 + 1)) disk.raw | gzip) > two.raw.gz
        qemu-img convert -O qcow2 disk.raw plain.qcow2
        qemu-img convert -O qcow2 -o compat=0.10 disk.raw old.qcow2
        qemu-img convert -c -O qcow2 disk.raw deflate.qcow2
        qemu-img convert -c -O qcow2 -o compression_type=zstd,cluster_size=2M disk.raw zstd.qcow2
        qemu-img convert -O qcow2 -o cluster_size=512 disk.raw small.qcow2
        qemu-img create -q -f qcow2 -b plain.qcow2 -F qcow2 backed.qcow2
        qemu-img create -q -f qcow2 -o data_file=data.raw external.qcow2 40M
        qemu-img convert -O vmdk disk.raw disk.vmdk; gzip -k plain.qcow2
        split -b 15M -d -a 3 --numeric-suffixes=1 disk.raw part.; mv part.001 part.img
        head -c 56M /dev/urandom > noise; sgdisk -n1:2048:+5M noise
        sha256sum *.raw *.gz *.xz *.zst *.qcow2 disk.vmdk > SHA256SUMS""", d)
    return d


@pytest.fixture
def server(work):
    Handler.root, Handler.ranges, Handler.cut, Handler.asked, Handler.shift = work, True, {}, [], 0
    s = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=s.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{s.server_port}"
    s.shutdown()
    s.server_close()


@pytest.fixture
def target(work, tmp_path):
    """A disk of noise with a table of its own."""
    path = tmp_path / "target"
    path.write_bytes((work / "noise").read_bytes())
    return path


def deploy(source, disk, *options, grow="none"):
    return subprocess.run([AGENT, "deploy", "--yes", "--source", str(source), "--grow", grow, *options, str(disk)],
                          text=True, env=ENV, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120)


def whole(disk, work):
    """The image's data is on the larger disk, and its table reaches to the end."""
    image, data = (work / "disk.raw").read_bytes(), disk.read_bytes()
    assert data[:446] == image[:446]
    assert data[MIB:39 * MIB] == image[MIB:39 * MIB]
    check = subprocess.run(["sgdisk", "-v", disk], env=ENV, capture_output=True, text=True)
    assert "No problems found" in check.stdout, check.stdout
    for number in ("1", "2"):
        there, wanted = (subprocess.run(["sgdisk", "-i", number, d], env=ENV, capture_output=True, text=True).stdout
                         for d in (disk, work / "disk.raw"))
        assert there == wanted


def unbootable(disk):
    data = disk.read_bytes()
    assert not any(data[:MIB]) and not any(data[-MIB:])


FORMATS = ["disk.raw", "disk.raw.gz", "two.raw.gz", "disk.raw.xz", "disk.raw.zst", "plain.qcow2", "old.qcow2",
           "deflate.qcow2", "zstd.qcow2", "small.qcow2"]


@pytest.mark.parametrize("name", FORMATS)
def test_over_http(work, server, target, name):
    done = deploy(f"{server}/{name}", target)
    assert done.returncode == 0, done.stderr
    assert "SHA256SUMS" in done.stdout
    whole(target, work)


@pytest.mark.parametrize("name", FORMATS + ["part.img"])
def test_from_a_file(work, target, name):
    done = deploy(work / name, target, *(["--no-checksum"] if name == "part.img" else []))
    assert done.returncode == 0, done.stderr
    whole(target, work)


def test_same_size_is_byte_for_byte(work, tmp_path):
    disk = tmp_path / "same"
    disk.write_bytes(b"\xff" * (40 * MIB))
    assert deploy(work / "deflate.qcow2", disk).returncode == 0
    assert disk.read_bytes() == (work / "disk.raw").read_bytes()


def test_checksums(work, server, target, tmp_path):
    before = target.read_bytes()
    right = hashlib.sha256((work / "disk.raw.xz").read_bytes()).hexdigest()
    alone = tmp_path / "alone"
    alone.mkdir()
    (alone / "disk.raw").write_bytes((work / "disk.raw").read_bytes())
    refused = deploy(alone / "disk.raw", target)
    assert refused.returncode == 1 and "no-checksum" in refused.stderr and target.read_bytes() == before
    assert deploy(f"{server}/disk.raw.xz", target, "--sha256", right).returncode == 0
    whole(target, work)
    (alone / "disk.raw.sha256").write_text(hashlib.sha256((work / "disk.raw").read_bytes()).hexdigest() + "\n")
    assert deploy(alone / "disk.raw", target).returncode == 0
    (alone / "disk.raw.sha256").unlink()
    (alone / "SHA512SUMS").write_text(hashlib.sha512((work / "disk.raw").read_bytes()).hexdigest() + " *disk.raw\n")
    assert deploy(alone / "disk.raw", target).returncode == 0
    for name in ("disk.raw", "disk.raw.xz", "deflate.qcow2"):
        wrong = deploy(f"{server}/{name}", target, "--sha256", "0" * 64)
        assert wrong.returncode == 1 and "does not have the checksum" in wrong.stderr
        unbootable(target)


@pytest.mark.parametrize("name", ["disk.raw.gz", "disk.raw.xz", "disk.raw.zst", "plain.qcow2", "deflate.qcow2"])
def test_cut_and_damaged(work, tmp_path, target, name):
    data = (work / name).read_bytes()
    half = tmp_path / name
    half.write_bytes(data[:len(data) * 2 // 3])
    done = deploy(half, target, "--no-checksum")
    assert done.returncode == 1 and "bad-image" in done.stderr, done.stderr
    data = bytearray(data)
    data[len(data) // 2:len(data) // 2 + 64] = os.urandom(64)
    half.write_bytes(data)
    sums = tmp_path / "SHA256SUMS"
    sums.write_bytes((work / "SHA256SUMS").read_bytes())
    done = deploy(half, target)
    assert done.returncode == 1 and "bad-image" in done.stderr, done.stderr
    unbootable(target)


def test_broken_connection_is_taken_up_again(work, server, target):
    for name in ("disk.raw", "plain.qcow2"):
        Handler.cut = {f"/{name}": 1000000}
        done = deploy(f"{server}/{name}", target)
        assert done.returncode == 0, done.stderr
        assert "going on at byte" in done.stdout
        whole(target, work)
    Handler.shift, Handler.cut = 512, {"/disk.raw": 3000000}
    done = deploy(f"{server}/disk.raw", target)
    assert done.returncode == 1 and "cannot go on" in done.stderr
    unbootable(target)
    Handler.shift, Handler.ranges, Handler.cut = 0, False, {"/disk.raw": 3000000}
    done = deploy(f"{server}/disk.raw", target)
    assert done.returncode == 1 and "cannot go on" in done.stderr
    unbootable(target)


def test_refused_before_anything_is_written(work, server, target, tmp_path):
    before = target.read_bytes()
    for name, why in (("backed.qcow2", "backing file"), ("external.qcow2", "another file"), ("disk.vmdk", "VMDK"),
                      ("plain.qcow2.gz", "unpack it first"), ("none.raw", "no such file")):
        done = deploy(f"{server}/{name}", target)
        assert done.returncode == 1 and why in done.stderr, done.stderr
    Handler.ranges = False
    done = deploy(f"{server}/plain.qcow2", target)
    assert done.returncode == 1 and "does not send parts" in done.stderr
    assert target.read_bytes() == before
    small = tmp_path / "small"
    small.write_bytes(before[:30 * MIB])
    for name in ("disk.raw", "plain.qcow2"):
        done = deploy(work / name, small)
        assert done.returncode == 1 and "target-too-small" in done.stderr
    assert small.read_bytes() == before[:30 * MIB]
    # Only the stream tells how long a packed image is.
    done = deploy(work / "disk.raw.gz", small)
    assert done.returncode == 1 and "target-too-small" in done.stderr
    unbootable(small)


def test_another_sector_size(work, target):
    loop = subprocess.run(["losetup", "--find", "--show", "-b", "4096", target], check=True, capture_output=True, text=True,
                          env=ENV).stdout.strip()
    try:
        before = target.read_bytes()
        done = deploy(work / "disk.raw", loop)
        assert done.returncode == 1 and "sector-size" in done.stderr and target.read_bytes() == before
        # The table of a qcow2 image comes with its data.
        done = deploy(work / "plain.qcow2", loop)
        assert done.returncode == 1 and "sector-size" in done.stderr
        unbootable(target)
    finally:
        subprocess.run(["losetup", "-d", loop], check=True, env=ENV)


def test_redirect(work, server, target):
    done = deploy(f"{server}/moved.raw", target, "--no-checksum")
    assert done.returncode == 0, done.stderr
    whole(target, work)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_stopped_in_the_middle(work, target, number):
    """The server falls silent there, so that the middle lasts."""
    class Silent(Handler):
        def do_GET(self):
            self.send_response(200 if self.path == "/disk.raw" else 404)
            self.send_header("Content-Length", "41943040" if self.path == "/disk.raw" else "0")
            self.end_headers()
            if self.path == "/disk.raw":
                self.wfile.write((work / "disk.raw").read_bytes()[:5 * MIB])
                gone.wait(60)

    gone = threading.Event()
    s = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Silent)
    threading.Thread(target=s.serve_forever, daemon=True).start()
    agent = subprocess.Popen([AGENT, "deploy", "--yes", "--no-checksum", "--json", "--grow", "none", "--source",
                              f"http://127.0.0.1:{s.server_port}/disk.raw", target], stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, text=True)
    for line in agent.stdout:
        if '"progress"' in line and '"bytes_done":0,' not in line:
            break
    agent.send_signal(number)
    out, err = agent.communicate(timeout=60)
    gone.set()
    s.shutdown()
    s.server_close()
    if number == signal.SIGINT:
        assert agent.returncode == 130 and "cancelled" in out and "interrupted" in err
    unbootable(target)
    assert deploy(work / "disk.raw", target).returncode == 0
    whole(target, work)


def grown_files(disk, start, tmp_path):
    """Checks the ext4 at `start` and returns its size in bytes and the names in its root."""
    volume = tmp_path / "volume"
    volume.write_bytes(disk.read_bytes()[start:])
    shell("e2fsck -fn volume", tmp_path)
    info = subprocess.run(["dumpe2fs", "-h", volume], env=ENV, capture_output=True, text=True, check=True).stdout
    fields = dict(line.split(":", 1) for line in info.splitlines() if ":" in line)
    names = subprocess.run(["debugfs", "-R", "ls -p /", volume], env=ENV, capture_output=True, text=True, check=True)
    return int(fields["Block count"]) * int(fields["Block size"]), names.stdout.count("/f")


@pytest.mark.parametrize("name", ["disk.raw", "disk.raw.xz", "deflate.qcow2"])
def test_grows(work, target, tmp_path, name):
    """The last partition and its file system get the rest of a larger disk, which ends with the table's backup."""
    done = deploy(work / name, target, grow="auto")
    assert done.returncode == 0, done.stderr
    assert "partition 2 grows from 29360128 to" in done.stdout
    check = subprocess.run(["sgdisk", "-v", "-p", target], env=ENV, capture_output=True, text=True)
    assert "No problems found" in check.stdout, check.stdout
    assert target.read_bytes()[:446] == (work / "disk.raw").read_bytes()[:446]
    size, files = grown_files(target, 9 * MIB, tmp_path)
    assert size == 46 * MIB and files == 60
    for number in ("1", "2"):
        there, wanted = (subprocess.run(["sgdisk", "-i", number, d], env=ENV, capture_output=True, text=True).stdout
                         for d in (target, work / "disk.raw"))
        assert [line for line in there.splitlines() if "GUID" in line or "name" in line] == [
            line for line in wanted.splitlines() if "GUID" in line or "name" in line]


def test_grows_what_it_is_told_to(work, target, tmp_path):
    assert deploy(work / "disk.raw", target, grow="2").returncode == 0
    assert grown_files(target, 9 * MIB, tmp_path)[0] == 46 * MIB
    refused = deploy(work / "disk.raw", target, grow="1")
    assert refused.returncode == 1 and "bad-layout" in refused.stderr and "partition 1" in refused.stderr
    unbootable(target)


@pytest.mark.parametrize("kind", ["primary", "logical"])
def test_grows_in_an_mbr(work, target, tmp_path, kind):
    """Of a logical partition the extended one grows, too, and its boot record says so."""
    disk = tmp_path / "mbr.raw"
    extended = "start=18432,size=59392,type=5\nstart=20480,size=57344,type=83" if kind == "logical" else \
        "start=20480,size=57344,type=83"
    (tmp_path / "layout").write_text(f"label: dos\nstart=2048,size=16384,type=c\n{extended}\n")
    shell(f"truncate -s 40M mbr.raw; sfdisk -q mbr.raw < layout; dd if={work}/p1 of=mbr.raw bs=1M seek=1 conv=notrunc; "
          f"dd if={work}/p2 of=mbr.raw bs=1M seek=10 conv=notrunc", tmp_path)
    done = deploy(disk, target, "--no-checksum", grow="auto")
    assert done.returncode == 0, done.stderr
    check = subprocess.run(["sfdisk", "-V", target], env=ENV, capture_output=True, text=True)
    assert check.returncode == 0, check.stdout + check.stderr
    table = subprocess.run(["sfdisk", "-d", target], env=ENV, capture_output=True, text=True).stdout
    assert f"start=       20480, size=       {46 * 2048}" in table, table
    size, files = grown_files(target, 10 * MIB, tmp_path)
    assert size == 46 * MIB and files == 60


def test_what_cannot_grow(work, target, tmp_path):
    """A partition behind the root, which would have to move, and one that nobody wants larger."""
    disk = tmp_path / "swap.raw"
    shell(f"truncate -s 44M swap.raw; sgdisk -n1:2048:+8M -n2:18432:+28M -n3:0:+2M -t3:8200 swap.raw; "
          f"dd if={work}/p2 of=swap.raw bs=1M seek=9 conv=notrunc", tmp_path)
    assert deploy(disk, target, "--no-checksum", grow="auto").returncode == 0
    assert target.read_bytes()[9 * MIB:37 * MIB] == (work / "p2").read_bytes()
    assert deploy(work / "p2", target, "--no-checksum", grow="auto").returncode == 0
    assert target.read_bytes()[:28 * MIB] == (work / "p2").read_bytes()
