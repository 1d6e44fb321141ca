# SPDX-License-Identifier: GPL-2.0-or-later
"""A Windows from the server's database to its own files: what `slipway machine set` was told is where Windows looks for it."""
import subprocess
import xml.etree.ElementTree as ElementTree

from lab import windows_disk

MIB = 1 << 20
NS = "{urn:schemas-microsoft-com:unattend}"


def deployed(station, sysprepped):
    """The NTFS volume of pc-b, after a deploy to a larger disk."""
    source = windows_disk.build(station.directory / "source.img", station.directory / "work", sysprepped)
    station.captured("pc-a", "windows", source)
    station.slipwayd.command("machine", "set", "pc-b", "time_zone=Europe/Vienna", "address=192.0.2.7/24", "gateway=192.0.2.1",
                             "user.anna.password=a<b&c", "first_boot=echo %COMPUTERNAME% & ver", "field.asset=4711")
    target = station.disk("target.img", 96 * MIB)
    job = station.run(station.deploy("windows", "pc-b"), "pc-b", [target])
    assert job["state"] == "succeeded", job
    machine = next(machine for machine in station.slipwayd.get("machines")["machines"] if machine["name"] == "pc-b")
    assert [system["name"] for system in machine["systems"]] == ["Windows 10 Pro"], machine
    assert machine["systems"][0]["sysprepped"] == sysprepped
    volume = station.directory / "volume"
    with open(target, "rb") as disk:
        disk.seek(MIB)
        volume.write_bytes(disk.read(90 * MIB))
    config = windows_disk.read(volume, "slipway.cfg")
    assert b"host_name=pc-b\r\n" in config and b"asset=4711\r\n" in config, config
    return volume


def values(answer):
    """Every element with a value: name to values."""
    found = {}
    for element in ElementTree.fromstring(answer).iter():
        if element.text and element.text.strip():
            found.setdefault(element.tag.removeprefix(NS), []).append(element.text)
    return found


def test_generalised_windows_gets_an_answer_file(station):
    volume = deployed(station, sysprepped=True)
    found = values(windows_disk.read(volume, "Windows/Panther/unattend.xml"))
    assert found["ComputerName"] == ["pc-b"] and found["TimeZone"] == ["W. Europe Standard Time"], found
    assert found["Identifier"] == ["52-54-00-00-03-0B", "1"] and found["IpAddress"] == ["192.0.2.7/24"], found
    assert found["NextHopAddress"] == ["192.0.2.1"] and found["Value"] == ["a<b&c"], found
    script = windows_disk.read(volume, "Windows/Setup/Scripts/slipway-first-boot.cmd")
    assert b" & echo %COMPUTERNAME% & ver\r\n" in script, script


def test_windows_in_use_gets_its_name(station):
    volume = deployed(station, sysprepped=False)
    hive = station.directory / "SYSTEM"
    hive.write_bytes(windows_disk.read(volume, "Windows/System32/config/SYSTEM"))
    for key, value, name in ((r"Services\Tcpip\Parameters", "Hostname", "pc-b"),
                             (r"Services\Tcpip\Parameters", "NV Hostname", "pc-b"),
                             (r"Control\ComputerName\ComputerName", "ComputerName", "PC-B")):
        found = subprocess.run(["hivexget", hive, rf"\{windows_disk.CURRENT}\{key}", value], check=True, capture_output=True,
                               text=True).stdout
        assert found.strip() == name
