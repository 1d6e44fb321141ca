# SPDX-License-Identifier: GPL-2.0-or-later
"""A job is cancelled in the middle: it ends as cancelled, nothing half done passes for whole."""
import signal

from lab.station import used_blocks

MIB = 1 << 20


def cancel(station, number, agent):
    station.slipwayd.command("job", "cancel", number)
    assert station.slipwayd.job(number)["state"] == "cancelling"
    agent.signal(signal.SIGCONT)
    return station.finish(number, agent)


def test_cancelled_capture(station, large):
    number = station.capture("pc-a", "image")
    agent = station.agent("pc-a", [large])
    station.halt(agent, lambda: station.chunks() > 20)
    assert cancel(station, number, agent)["state"] == "cancelled"
    assert station.images() == []
    station.captured("pc-a", "image", large)


def test_cancelled_deploy(station, large):
    station.captured("pc-a", "image", large)
    target = station.disk("target.img", 800 * MIB)
    number = station.deploy("image", "pc-b")
    agent = station.agent("pc-b", [target])
    station.halt(agent, lambda: used_blocks(target) > 20 * MIB)
    assert cancel(station, number, agent)["state"] == "cancelled"
    with open(target, "rb") as file:
        assert not any(file.read(MIB)), "a cancelled deploy left something that could boot"


def test_cancelled_before_it_starts(station, small):
    number = station.capture("pc-a", "image")
    station.slipwayd.command("job", "cancel", number)
    assert station.slipwayd.job(number)["state"] == "cancelled"
