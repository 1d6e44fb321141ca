# SPDX-License-Identifier: GPL-2.0-or-later
"""slipwayd or the agent dies in the middle of a job: the job goes on, and what comes out is whole."""
import signal
import time

from lab import casync
from lab.station import MINUTE, used_blocks

MIB = 1 << 20


def restart_slipwayd(station, agent):
    """slipwayd is gone for some seconds, as after a power cut."""
    station.slipwayd.kill()
    agent.signal(signal.SIGCONT)
    time.sleep(3)
    station.slipwayd.start()


def test_slipwayd_dies_during_a_capture(station, large):
    number = station.capture("pc-a", "image")
    agent = station.agent("pc-a", [large])
    station.halt(agent, lambda: station.chunks() > 20)
    restart_slipwayd(station, agent)
    assert station.finish(number, agent)["state"] == "succeeded"
    assert "trying again" in agent.log.read_text()
    assert casync.verify(station.slipwayd.store, "image", large, station.directory)[1] == []


def test_slipwayd_dies_during_a_deploy(station, large):
    station.captured("pc-a", "image", large)
    target = station.disk("target.img", 800 * MIB)
    number = station.deploy("image", "pc-b")
    agent = station.agent("pc-b", [target])
    station.halt(agent, lambda: used_blocks(target) > 20 * MIB)
    restart_slipwayd(station, agent)
    assert station.finish(number, agent)["state"] == "succeeded"
    assert target.read_bytes()[512:520] == b"EFI PART"


def test_agent_dies_and_comes_back(station, large):
    number = station.capture("pc-a", "image")
    agent = station.agent("pc-a", [large])
    station.halt(agent, lambda: station.chunks() > 20)
    agent.kill()
    assert station.slipwayd.job(number)["state"] == "running"
    job = station.run(number, "pc-a", [large])
    assert (job["state"], job["starts"]) == ("succeeded", 2)
    assert casync.verify(station.slipwayd.store, "image", large, station.directory)[1] == []


def test_agent_dies_for_ever(station, large):
    number = station.capture("pc-a", "image")
    for start in range(3):
        agent = station.agent("pc-a", [large])
        station.slipwayd.wait(lambda: station.slipwayd.job(number)["starts"] == start + 1, MINUTE, lambda: "the next start")
        agent.kill()
    agent = station.agent("pc-a", [large])
    job = station.slipwayd.wait_job(number, MINUTE)
    assert (job["state"], job["reason"]) == ("failed", "too-many-starts")
    agent.kill()
