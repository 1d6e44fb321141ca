# SPDX-License-Identifier: GPL-2.0-or-later
"""How a job is done, from the slipway command through slipwayd to the agent and the disk. Needs root and loop devices."""
import base64
import hashlib
import http.server
import json
import os
import pathlib
import signal
import subprocess
import threading
import time

import pytest

from rig import BUILD, ENV

AGENT = pathlib.Path(os.environ.get("SLIPWAY_AGENT", "build/agent/sanitized/slipway-agent")).resolve()
MAC = "52:54:00:00:00:0a"
MIB = 1 << 20


def shell(command, cwd):
    subprocess.run(["bash", "-eu", "-o", "pipefail", "-c", command], cwd=cwd, check=True, stdout=subprocess.DEVNULL,
                   env=dict(os.environ, PATH=os.environ["PATH"] + ":/sbin:/usr/sbin"), stderr=subprocess.DEVNULL)


@pytest.fixture
def work(server, tmp_path):
    """A Debian-like disk, small: an ext4 root with /etc, and what an HTTP server has of it."""
    d = tmp_path / "work"
    d.mkdir()
    shell("""mkdir -p tree/etc web; echo NAME=Debian > tree/etc/os-release; echo old > tree/etc/hostname
        echo 127.0.0.1 localhost > tree/etc/hosts; for i in $(seq 40); do seq $((i * 7)) $((i * 900)) > tree/f$i; done
        truncate -s 48M disk; sgdisk -n1:2048:+40M -t1:8300 disk; truncate -s 40M p1; mkfs.ext4 -q -F -d tree p1
        dd if=p1 of=disk bs=1M seek=1 conv=notrunc; qemu-img convert -c -O qcow2 disk web/disk.qcow2
        cd web; sha256sum disk.qcow2 > SHA256SUMS""", d)
    server.machine("pc-a", MAC)
    return d


@pytest.fixture
def web(work):
    """Python's own server sends no parts of a file, which qcow2 needs: this one does."""
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *args):
            pass

        def do_GET(self):
            path = work / "web" / self.path.lstrip("/")
            data = path.read_bytes() if path.is_file() else b""
            part = self.headers.get("Range")
            if part and data:
                first, last = part.removeprefix("bytes=").split("-")
                data = data[int(first):int(last) + 1 if last else None]
            self.send_response(404 if not path.is_file() else 206 if part else 200)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

    s = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=s.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{s.server_port}"
    s.shutdown()
    s.server_close()


def slipway(server, *words):
    done = subprocess.run([BUILD / "slipway", "--json", "--socket", server.socket, *map(str, words)], text=True,
                          capture_output=True, timeout=60, env=ENV)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["jobs"][0]["id"]


def command(server, disk, *more):
    return [AGENT, "run", "--server", f"127.0.0.1:{server.port}", "--mac", MAC, "--disk", f"{disk.name},serial=a", "--once", *more]


def run(server, disk, *more):
    return subprocess.run(command(server, disk, *more), cwd=disk.parent, capture_output=True, text=True, timeout=200)


def wait_until(condition):
    """Generous: a slow machine is no failure."""
    deadline = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def job(server, number):
    return server.admin("GET", f"/jobs/{number}").json


def test_a_streamed_source_comes_up_as_itself(server, work, web):
    target = work / "target"
    target.write_bytes(b"\xff" * (64 * MIB))
    number = slipway(server, "deploy", f"{web}/disk.qcow2", "pc-a")
    agent = run(server, target)
    state = job(server, number)
    assert agent.returncode == 0 and state["state"] == "succeeded", agent.stdout
    shell("sgdisk -v target > log; grep -q 'No problems found' log; dd if=target of=t1 bs=1M skip=1 count=40; e2fsck -fn t1;"
          "[ $(debugfs -R 'cat /etc/hostname' t1) = pc-a ]; debugfs -R 'cat /slipway.cfg' t1 > cfg;"
          "debugfs -R 'dump /f40 f40' t1; cmp f40 tree/f40", work)
    assert f"{web}/disk.qcow2" in (work / "cfg").read_text()
    system, = server.admin("GET", "/machines/pc-a").json["systems"]
    assert (system["name"], system["kind"], system["disk"], system["partition"]) == ("Debian", "linux", 0, 1)


def test_what_a_machine_is_told_to_be_is_in_its_files(server, work):
    """From `slipway machine set` to the files of a deployed system, whose network is systemd-networkd's."""
    shell("""mkdir -p tree/etc/systemd/system/multi-user.target.wants tree/usr/lib/systemd; touch tree/usr/lib/systemd/systemd
        ln -s /x tree/etc/systemd/system/multi-user.target.wants/systemd-networkd.service
        for i in passwd shadow group; do touch tree/etc/$i; done
        truncate -s 40M p2; mkfs.ext4 -q -F -d tree p2; dd if=p2 of=disk bs=1M seek=1 conv=notrunc""", work)
    slipway(server, "capture", "pc-a", "image")
    assert run(server, work / "disk").returncode == 0
    done = server.slipway("machine", "set", "pc-a", "domain=example.org", "address=192.0.2.5/24", "gateway=192.0.2.1", "dns=192.0.2.53",
                          "user.ann.full_name=Ann $(id) <\"'&>", "user.ann.password_hash=$6$salt$hash", "field.room=\u00dc 1",
                          "authorized_key=ssh-ed25519 AAAA k", "first_boot=echo $(id) > '/x y'", "aclient=true")
    assert done.returncode == 0, done.stderr
    (work / "target").write_bytes(bytes(48 * MIB))
    number = slipway(server, "deploy", "image", "pc-a")
    agent = run(server, work / "target")
    assert agent.returncode == 0 and job(server, number)["state"] == "succeeded", agent.stdout
    shell("dd if=target of=t1 bs=1M skip=1 count=40; e2fsck -fn t1", work)

    def content(path):
        return subprocess.run(["debugfs", "-R", f"cat {path}", work / "t1"], capture_output=True, check=True,
                              env=dict(os.environ, PATH=os.environ["PATH"] + ":/sbin:/usr/sbin")).stdout.decode()

    assert content("/etc/systemd/network/00-slipway-0.network") == (
        f"[Match]\nMACAddress={MAC}\nType=ether\n\n[Network]\nDHCP=no\nAddress=192.0.2.5/24\nGateway=192.0.2.1\nDNS=192.0.2.53\n")
    assert content("/etc/passwd") == "ann:x:1000:1000:Ann $(id) <\"'&>:/home/ann:/bin/sh\n"
    assert content("/etc/shadow").startswith("ann:$6$salt$hash:")
    assert content("/root/.ssh/authorized_keys") == "ssh-ed25519 AAAA k\n"
    assert content("/var/lib/slipway/first-boot") == "echo $(id) > '/x y'\n"
    assert content("/etc/hosts").endswith("127.0.1.1\tpc-a.example.org pc-a\n")
    assert "room=\u00dc 1\n" in content("/slipway.cfg") and "ComputerName=pc-a\r\n" in content("/AClient.cfg")


def test_a_machine_is_known_by_its_systems(server, work):
    """From the manifest of a capture."""
    slipway(server, "capture", "pc-a", "image")
    assert server.admin("GET", "/machines/pc-a").json["systems"] == []
    agent = run(server, work / "disk")
    assert agent.returncode == 0, agent.stdout
    system, = server.admin("GET", "/machines/pc-a").json["systems"]
    assert (system["name"], system["kind"], system["disk"], system["partition"]) == ("Debian", "linux", 0, 1)
    shown = subprocess.run([BUILD / "slipway", "--socket", server.socket, "machine", "show", "pc-a"], text=True,
                           capture_output=True, timeout=60, env=ENV).stdout
    assert "Debian on partition 1 of disk 1" in shown


def test_a_source_with_another_checksum(server, work, web):
    target = work / "target"
    target.write_bytes(b"\xff" * (64 * MIB))
    number = slipway(server, "deploy", f"{web}/disk.qcow2", "pc-a", "--sha256", "0" * 64)
    assert run(server, target).returncode == 1
    state = job(server, number)
    assert (state["state"], state["reason"]) == ("failed", "bad-image") and "checksum" in state["message"]
    data = target.read_bytes()
    assert not any(data[:MIB]) and not any(data[-MIB:])
    (work / "web" / "SHA256SUMS").unlink()
    number = slipway(server, "deploy", f"{web}/disk.qcow2", "pc-a")
    assert run(server, target).returncode == 1
    assert job(server, number)["reason"] == "no-checksum", job(server, number)["message"]
    number = slipway(server, "deploy", f"{web}/disk.qcow2", "pc-a", "--no-checksum")
    assert run(server, target).returncode == 0


def test_level_keep_and_grow(server, work):
    sizes = {}
    for level in (1, 19):
        number = slipway(server, "capture", "pc-a", f"level{level}", "--level", level, "--bad-sectors", "zero")
        agent = run(server, work / "disk")
        assert agent.returncode == 0, agent.stdout
        assert job(server, number)["steps"][0]["level"] == level
        sizes[level] = sum(p.stat().st_size for p in server.store.glob("chunks.castr/*/*.cacnk"))
        if level == 1:
            assert server.admin("DELETE", "/images/level1").json["swept"]
    assert sizes[19] < 0.95 * sizes[1]
    # A partition of the target that the image does not have stays, entry and bytes.
    target = work / "target"
    shell("truncate -s 128M target; sgdisk -n1:2048:+8M -n7:202752:+4M -c7:mine target;"
          "head -c 4M /dev/urandom > mine; dd if=mine of=target bs=512 seek=202752 conv=notrunc", work)
    slipway(server, "deploy", "level19", "pc-a", "--keep", "7", "--grow", "none")
    agent = run(server, target)
    assert agent.returncode == 0, agent.stdout
    shell("sgdisk -i7 target > entry; grep -q mine entry; dd if=target of=mine2 bs=512 skip=202752 count=8192; cmp mine mine2;"
          "[ $(partx -g -o SECTORS -n1 target) = 81920 ]", work)


def test_unpacked_sums_are_not_mixed_up(work):
    """The fixture's own sum, so that a wrong one above is wrong for the right reason."""
    told = (work / "web" / "SHA256SUMS").read_text().split()[0]
    assert told == hashlib.sha256((work / "web" / "disk.qcow2").read_bytes()).hexdigest()


def order(server, *steps):
    answer = server.order("pc-a", *steps)
    assert answer.status == 201, answer.body
    return answer.json["jobs"][0]["id"]


def output(server, number, step):
    return server.admin("GET", f"/jobs/{number}/files/output-{step}.txt").body.decode()


def test_commands_in_automation(server, work):
    number = order(server, {"step": "run", "command": "echo out; echo err >&2; printf '%s\n' \"$0 $HOME\"; exit 3", "success": [3]},
                   {"step": "put", "path": str(work / "put"), "content": "aGk=", "mode": "0640", "owner": "7:8"},
                   {"step": "get", "path": str(work / "put"), "name": "got"},
                   {"step": "wait", "seconds": 1},
                   {"step": "run", "command": "true $(touch never); echo last words; exit 4"},
                   {"step": "run", "command": "touch never2"})
    agent = run(server, work / "disk", "--commands")
    state = job(server, number)
    assert agent.returncode == 1 and (state["state"], state["reason"]) == ("failed", "command"), agent.stdout
    assert "status 4: last words" in state["message"] and state["done"] == 4
    assert output(server, number, 1) == "out\nerr\n/bin/sh /root\n" and "last words" in output(server, number, 5)
    assert (work / "put").read_bytes() == b"hi" and (work / "put").stat().st_mode & 0o7777 == 0o640
    assert ((work / "put").stat().st_uid, (work / "put").stat().st_gid) == (7, 8)
    assert server.admin("GET", f"/jobs/{number}/files/got").body == b"hi"
    # Every start has its finish.
    events = state["events"]
    for step in ("job", "run", "put", "get", "wait"):
        count = [sum(e["step"] == step and e["event"] == kind for e in events) for kind in ("start", "finish")]
        assert count[0] == count[1] > 0, (step, count)


def test_a_large_file_comes_with_the_job(server, work):
    data = os.urandom(1500000)
    number = order(server, {"step": "put", "path": str(work / "large"), "content": base64.b64encode(data).decode()})
    agent = run(server, work / "disk", "--commands")
    assert agent.returncode == 0 and (work / "large").read_bytes() == data, agent.stdout


def test_a_time_limit_ends_the_whole_group(server, work):
    number = order(server, {"step": "run", "timeout": 2, "command": f"(sleep 600; touch {work}/late) & echo $! > {work}/pid; sleep 600"})
    agent = run(server, work / "disk", "--commands")
    state = job(server, number)
    assert (state["state"], state["reason"]) == ("failed", "timeout"), agent.stdout
    pid = int((work / "pid").read_text())
    assert not pathlib.Path(f"/proc/{pid}").exists() or "Z" in pathlib.Path(f"/proc/{pid}/stat").read_text().split(")")[1][:3]


def test_output_is_bounded(server, work):
    number = order(server, {"step": "run", "command": "head -c 3000000 /dev/zero | tr '\\0' x"})
    assert run(server, work / "disk", "--commands").returncode == 0
    text = output(server, number, 1)
    assert len(text) < 1100000 and text.endswith("more than 1 MiB]\n") and job(server, number)["state"] == "succeeded"


def test_by_hand_nothing_runs_unasked(server, work):
    for step in ({"step": "run", "command": f"touch {work}/ran"}, {"step": "put", "path": f"{work}/ran", "content": ""},
                 {"step": "get", "path": "/etc/shadow", "name": "shadow"}):
        number = order(server, step)
        assert run(server, work / "disk").returncode == 1
        state = job(server, number)
        assert state["reason"] == "command" and "--commands" in state["message"]
    assert not (work / "ran").exists() and server.admin("GET", f"/jobs/{number}/files").json["files"] == []


def test_a_command_that_is_cancelled(server, work):
    number = order(server, {"step": "run", "command": f"touch {work}/began; sleep 600"})
    with subprocess.Popen(command(server, work / "disk", "--commands"), cwd=work, stdout=subprocess.PIPE, text=True) as agent:
        wait_until((work / "began").exists)
        server.admin("POST", f"/jobs/{number}/cancel")
        wait_until(lambda: job(server, number)["state"] == "cancelled")
        assert agent.wait(60) == 1


def test_a_wait_that_somebody_ends(server, work):
    number = order(server, {"step": "wait"}, {"step": "wait", "seconds": 1})
    with subprocess.Popen(command(server, work / "disk"), cwd=work, stdout=subprocess.PIPE, text=True) as agent:
        wait_until(lambda: server.admin("POST", f"/jobs/{number}/continue").status == 200)
        assert agent.wait(120) == 0
    assert job(server, number)["done"] == 2


def test_steps_in_the_deployed_system(server, work):
    """The chroot's shell is the host's busybox-like minimum: the test's root has a static program of its own."""
    shell("""mkdir -p root/bin root/etc root/dev root/proc; echo NAME=Debian > root/etc/os-release; echo old > root/etc/hostname
        printf '%s\n' '#include <stdio.h>' '#include <unistd.h>' 'int main(int c, char **v) { FILE *f = fopen("/ran", "w");' \
        'fprintf(f, "%s", v[c - 1]); printf("%d %s\\n", c, v[1]); return access("/etc/hostname", R_OK) ? 9 : 5; }' > sh.c
        gcc -static -o root/bin/sh sh.c; truncate -s 40M p1; rm p1; truncate -s 40M p1; mkfs.ext4 -q -F -d root p1
        dd if=p1 of=disk bs=1M seek=1 conv=notrunc""", work)
    number = order(server, {"step": "run", "where": "system", "command": "echo \"$(id)\"; exit", "success": [5]},
                   {"step": "put", "where": "system", "path": "/etc/motd", "content": "aGk=", "mode": "0600", "owner": "5:6"},
                   {"step": "get", "where": "system", "path": "/ran", "name": "ran"})
    agent = run(server, work / "disk")
    assert agent.returncode == 0 and job(server, number)["state"] == "succeeded", agent.stdout
    assert output(server, number, 1) == "3 -c\n"
    assert server.admin("GET", f"/jobs/{number}/files/ran").body == b'echo "$(id)"; exit'
    shell("""dd if=disk of=p2 bs=1M skip=1 count=40; e2fsck -fn p2; [ "$(debugfs -R 'cat /etc/motd' p2)" = hi ]
        debugfs -R 'stat /etc/motd' p2 > stat; grep -q 'Mode:  0600' stat; grep -q 'User:     5   Group:     6' stat""", work)
    number = order(server, {"step": "get", "where": "system", "path": "/etc", "name": "etc"})
    assert run(server, work / "disk").returncode == 1 and job(server, number)["reason"] == "file"


def test_finished_steps_are_not_done_twice(server, work):
    number = order(server, {"step": "run", "command": f"echo once >> {work}/count"},
                   {"step": "run", "command": f"[ -e {work}/began ] && exit; echo $$ > {work}/began; exec sleep 600"},
                   {"step": "run", "command": f"echo last >> {work}/count"})
    with subprocess.Popen(command(server, work / "disk", "--commands"), cwd=work, stdout=subprocess.PIPE, text=True) as agent:
        wait_until((work / "began").exists)
        wait_until(lambda: job(server, number)["done"] == 1)
        agent.kill()
    os.kill(int((work / "began").read_text()), signal.SIGKILL)  # a power cut would have ended it, too
    again = run(server, work / "disk", "--commands")
    state = job(server, number)
    assert again.returncode == 0 and (state["state"], state["starts"], state["done"]) == ("succeeded", 2, 3), again.stdout
    assert (work / "count").read_text() == "once\nlast\n"


def test_files_go_into_the_system_that_was_just_deployed(server, work):
    """On a block device whose partitions this kernel may not know."""
    slipway(server, "capture", "pc-a", "image", "--as-is")
    assert run(server, work / "disk").returncode == 0
    (work / "target").write_bytes(bytes(96 * MIB))
    attach = ["losetup", "--show", "-f", work / "target"]
    loop = subprocess.run(attach, capture_output=True, text=True, check=True).stdout.strip()
    try:
        number = order(server, {"step": "deploy", "image": "image"},
                       {"step": "put", "where": "system", "path": "/etc/motd", "content": "aGk="},
                       {"step": "get", "where": "system", "path": "/etc/motd", "name": "motd"},
                       {"step": "get", "where": "system", "path": "/slipway.cfg", "name": "cfg"})
        agent = run(server, pathlib.Path(loop))
        assert agent.returncode == 0, agent.stdout
    finally:
        subprocess.run(["losetup", "-d", loop], check=True)
    assert server.admin("GET", f"/jobs/{number}/files/motd").body == b"hi"
    assert f"job={number}\n".encode() in server.admin("GET", f"/jobs/{number}/files/cfg").body
