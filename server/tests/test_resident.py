# SPDX-License-Identifier: GPL-2.0-or-later
"""The check-in of a resident agent: it learns that a job waits, and nothing else changes."""
MAC, OTHER = "52:54:00:00:00:0a", "52:54:00:00:00:0b"
DEPLOY = {"step": "deploy", "image": "debian"}


def ask(server, mac=MAC, **more):
    return server.checkin(mac, resident=True, **more)


def test_a_resident_learns_that_a_job_waits(server):
    server.capture("debian", [b"x" * 4096], "pc-b", OTHER)
    server.machine("pc-a", MAC)
    assert ask(server).json == {"machine": {"id": 2, "name": "pc-a", "new": False}, "waiting": False}
    waiting = server.order("pc-a", DEPLOY)
    assert waiting.status == 201
    for _ in range(5):  # more often than a job may start
        answer = ask(server).json
        assert (answer["waiting"], answer["job"]) == (True, waiting.json["jobs"][0]["id"])
        assert answer["boot_mac"] == MAC
    job = server.checkin(MAC).json["job"]
    assert job["starts"] == 1
    # The job is being done: nobody has to be brought to it, and the agent that does it keeps it.
    assert ask(server).json["waiting"] is False
    assert server.event(job, 1, "start").status == 200


def test_the_card_of_the_last_network_boot_is_told(server):
    server.capture("debian", [b"x" * 4096], "pc-a", MAC)
    server.checkin(OTHER, macs=[MAC, OTHER])
    assert server.order("pc-a", DEPLOY).status == 201
    assert ask(server).json["boot_mac"] == OTHER


def test_a_resident_changes_no_inventory(server):
    server.machine("pc-a", MAC)
    server.checkin(MAC, memory_bytes=5, serial="S1")
    before = server.admin("GET", "/machines/pc-a").json
    ask(server, memory_bytes=6, serial="S2", address="10.0.0.9", macs=[MAC, "52:54:00:00:00:0c"])
    after = server.admin("GET", "/machines/pc-a").json
    assert after["inventory"] == before["inventory"] and after["macs"] == before["macs"]
    assert after["address"] == "10.0.0.9"


def test_a_stranger_is_not_taken_in(server):
    answer = ask(server)
    assert (answer.status, answer.code) == (404, "no-such-machine")
    assert server.admin("GET", "/machines").json["machines"] == []
