# SPDX-License-Identifier: GPL-2.0-or-later
"""What machines tell by UDP of their network boots: recorded for machines that are known, and nothing else happens."""
import random
import socket
import sqlite3
import struct
import time

from rig import make_version_3


MAC = "52:54:00:00:00:0a"


def confirmation(mac, file, message=8):
    """The DHCPINFORM of a PXE client that has its boot file."""
    packet = struct.pack("!BBBBIHH4s12s16s192s", 1, 1, 6, 0, 1, 0, 0, socket.inet_aton("10.77.0.21"), b"",
                         bytes.fromhex(mac.replace(":", "")), b"")
    packet += bytes([99, 130, 83, 99, 53, 1, message, 60, 9]) + b"PXEClient" + bytes([93, 2, 0, 7, 67, len(file)])
    return packet + file + b"\xff"


def send(server, *packets):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        for packet in packets:
            s.sendto(packet, ("127.0.0.1", server.port))


def boot(server, name="pc-a"):
    return server.admin("GET", f"/machines/{name}").json["boot"]


def wait_boot(server, file):
    end = time.monotonic() + 20
    while not (seen := boot(server)) or seen["file"] != file:
        assert time.monotonic() < end, f"waited for {file}, there is {seen}"
        time.sleep(0.05)
    return seen


def events(server, job):
    return [(e["event"], e["message"]) for e in server.admin("GET", f"/jobs/{job}").json["events"]]


def test_boot_of_a_known_machine_is_shown(server):
    server.machine("pc-a", MAC)
    assert boot(server) is None
    assert "boot file" not in server.slipway("machine", "show", "pc-a").stdout
    job = server.order("pc-a", {"step": "capture", "image": "i"}).json["jobs"][0]["id"]
    send(server, confirmation(MAC, b"automation.conf"))
    seen = wait_boot(server, "automation.conf")
    assert seen["from"] == "127.0.0.1" and seen["time"].startswith("20")
    assert "automation.conf, fetched by 127.0.0.1 at 20" in server.slipway("machine", "show", "pc-a").stdout
    assert events(server, job) == [("boot", "boot file automation.conf fetched by 127.0.0.1")]
    assert "boot file automation.conf fetched by 127.0.0.1" in server.slipway("job", "show", str(job)).stdout
    assert server.admin("GET", f"/jobs/{job}").json["state"] == "queued"
    assert server.text().count("has fetched its boot file automation.conf") == 1


def test_strangers_and_garbage_change_nothing(server):
    server.machine("pc-a", MAC)
    good = confirmation(MAC, b"last.conf")
    packets = [confirmation("52:54:00:00:00:0b", b"x"), confirmation(MAC, b"x", message=3), b"x", bytes(2000)]
    packets += [good[:cut] for cut in range(0, len(good) - 1, 7)]
    packets += [random.Random(seed).randbytes(300) for seed in range(20)]
    send(server, *packets)
    time.sleep(0.3)
    assert boot(server) is None
    send(server, good)
    wait_boot(server, "last.conf")
    assert len(server.admin("GET", "/machines").json["machines"]) == 1


def test_untrusted_names_are_made_printable(server):
    server.machine("pc-a", MAC)
    send(server, confirmation(MAC, b"a\xff\x1b[31m\n\"b"))
    assert boot_file_of(server) == 'a??[31m?"b'


def boot_file_of(server):
    end = time.monotonic() + 20
    while not (seen := boot(server)):
        assert time.monotonic() < end
        time.sleep(0.05)
    return seen["file"]


def test_a_flood_is_bounded(server):
    """One machine's boots are recorded once a second; a thousand datagrams hold up nobody."""
    server.machine("pc-a", MAC)
    start = time.monotonic()
    send(server, *[confirmation(MAC, b"file%d" % i) for i in range(1000)])
    assert boot_file_of(server) == "file0"
    time.sleep(0.5)
    seconds = time.monotonic() - start
    assert 1 <= server.text().count("has fetched its boot file") <= 1 + seconds
    time.sleep(1.1)
    send(server, confirmation(MAC, b"afterwards"))
    wait_boot(server, "afterwards")


def test_a_job_keeps_one_boot_for_each_start(server):
    server.machine("pc-a", MAC)
    job = server.order("pc-a", {"step": "capture", "image": "i"}).json["jobs"][0]["id"]
    for file in ("one", "two", "three"):
        send(server, confirmation(MAC, file.encode()))
        wait_boot(server, file)
        time.sleep(1.1)
    assert events(server, job) == [("boot", "boot file three fetched by 127.0.0.1")]
    server.checkin(MAC)
    send(server, confirmation(MAC, b"four"))
    wait_boot(server, "four")
    assert events(server, job) == [("boot", f"boot file {file} fetched by 127.0.0.1") for file in ("three", "four")]


def test_a_deleted_machine_takes_its_boot_along(server):
    server.machine("pc-a", MAC)
    send(server, confirmation(MAC, b"one"))
    wait_boot(server, "one")
    assert server.admin("DELETE", "/machines/pc-a").status == 200
    server.machine("pc-a", MAC)
    assert boot(server) is None


def test_database_of_version_1_is_taken_over(server):
    server.machine("pc-a", MAC)
    server.stop()
    path = server.directory / "state" / "slipway.db"
    with sqlite3.connect(path) as db:
        make_version_3(db)
        db.execute("DROP TABLE boots")
        db.execute("ALTER TABLE jobs DROP COLUMN options")
        db.execute("PRAGMA user_version = 1")
    server.start()
    send(server, confirmation(MAC, b"one"))
    wait_boot(server, "one")


def test_port_in_use_is_told_and_harmless(server):
    """The port belongs to somebody else: everything but the confirmations works."""
    other = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.stop()
    other.bind(("127.0.0.1", server.port))
    try:
        server.start()
        assert "no confirmations of boots: cannot listen on the UDP port" in server.text()
        server.machine("pc-a", MAC)
        assert boot(server) is None
    finally:
        other.close()
