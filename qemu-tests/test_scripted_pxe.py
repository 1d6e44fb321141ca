# SPDX-License-Identifier: GPL-2.0-or-later
"""What no real server sends, by the scripted one. Each boot goes through a row of behaviours: after every error a key
makes Slipway begin again. Rows that boot end in a file that is not there, so that its name shows who was believed."""
import pytest

from lab import dnsmasq, says, unaided
from lab.firmware import on_each
from lab.netns import SUBNET, ip
from lab.scripted_pxe import (ACK, CLIENT, GROUP, MAIN, NAK, OFFER, ScriptedPxe, both, item, lease, menu, reply, servers,
                              tag, tags)
from lab.timeouts import FIRMWARE, NETWORK, SOON

MAC = "52:54:00:00:01:0e"
MUTE, ABSENT, ELSEWHERE, NO_GATEWAY = f"{SUBNET}.5", f"{SUBNET}.99", "192.0.2.1", f"{SUBNET}.250"
FIRST, SECOND = f"{SUBNET}.3", f"{SUBNET}.4"
FORCED = menu((9, b"only")), b"\0"
PLAIN = {"discover": [lease(OFFER, pxe=False), reply(OFFER, siaddr=MAIN)], "request": [lease(ACK, pxe=False)]}


def discovery(control, boot, ways):
    """A single item of type 9; `ways` are the tags that lead to its boot server."""
    return {**both(options=tags({6: bytes([control]), **ways, 9: FORCED[0], 10: FORCED[1]})), "boot": boot}


def boot_reply(file, layer=0, **fields):
    return reply(ACK, file, options=tags({71: item(9, layer)}), **fields)


def long_menu():
    """As many bytes as tag 9 can have in one option 43: controls, UTF-8 and more rows than fit a screen."""
    rows = [(0, b"Local"), (0x8000, b"\x1b[2JWipe?\x07"), (0x8001, "Größe 機".encode())]
    rows += [(0x8100 + n, b"Item %d" % n) for n in range(4, 18)]
    return menu(*rows, (0x8200, b"L" * (249 - len(menu(*rows)) - 3)))


@pytest.fixture
def pxe(lab):
    """Starts a script with a TFTP server beside it, and a machine whose Slipway hears of nobody else."""
    def start(script, firmware):
        for address in (FIRST, SECOND):
            ip("address", "add", f"{address}/24", "dev", "eth0", netns=lab.server_netns)
        files = lab.directory / "no-files"
        files.mkdir()
        lab.serve(dnsmasq.Dnsmasq(lab.server_netns, lab.directory, "tftp",
                                  ["port=0", "enable-tftp", f"tftp-root={files}"]))
        server = lab.serve(ScriptedPxe(lab.server_netns, lab.directory, script))
        machine = unaided.machine(lab, "scripted", MAC, firmware, rom_address=CLIENT).start()
        machine.expect(firmware.greeting, FIRMWARE)
        return machine, server

    return start


def fails(machine, code, server, received):
    """Waits for the whole report of an error, and makes Slipway try again at once."""
    machine.expect(says.error(code, rf"Server: +{server}[\r\n]", rf"Received: +{received}", r"Cause: +\w", r"Cure: +\w"),
                   NETWORK)
    machine.expect(says.TRYING_AGAIN, SOON)
    machine.serial.send(" ")


def wants(machine, file, server=MAIN):
    """Waits for the plan; the file is not there."""
    machine.expect(rf"boot file {file} on {server}[\r\n]", NETWORK)
    fails(machine, "PXE-E3B", server, "error 1")


@on_each
def test_errors(lab, pxe, firmware):
    torn = tags({6: b"\x03", 9: menu((0, b"Local")) + b"\0\x09\x40torn"})
    no_timeout = tags({9: menu((0, b"Local")), 10: b""})
    gateway = tag(3, bytes(map(int, NO_GATEWAY.split("."))))
    lab.network.add_server("mute", 5)
    machine, server = pxe([
        both(options=torn),
        {**PLAIN, "proxy": [reply(ACK, options=no_timeout)]},
        {**PLAIN, "proxy": [reply(ACK, options=tags({6: b"\x03"}, bytes([9, 40, 0, 0])))]},
        {**PLAIN, "proxy": [reply(ACK, options=tags({10: b"\x03Prompt"}))]},
        {**PLAIN, "proxy": [reply(ACK)]},
        both(options=tags({6: b"\x07", 9: FORCED[0], 10: FORCED[1]})),
        both("absent.conf", siaddr=ABSENT),
        both("absent.conf", siaddr=ELSEWHERE, options=gateway),
        both("mute.conf", siaddr=MUTE),
    ], firmware)
    fails(machine, "PXE-E74", MAIN, r"option 43 tag 9 of 15 bytes: it ends inside item 2")
    fails(machine, "PXE-E74", MAIN, r"option 43 tag 10 of 0 bytes")
    fails(machine, "PXE-E74", MAIN, r"option 43 ends inside its tag 9")
    fails(machine, "PXE-E74", MAIN, r"option 43 tag 10, a prompt, but no menu")
    fails(machine, "PXE-E53", MAIN, r"PXE data with neither boot file name nor menu")
    fails(machine, "PXE-E77", MAIN, r"discovery control 7")
    # A PXE ROM's API tells nothing of ARP.
    unreachable = "PXE-E32" if firmware.bios else "PXE-E11"
    fails(machine, unreachable, ABSENT, r".*absent\.conf")
    fails(machine, unreachable, ELSEWHERE, r".*absent\.conf")
    fails(machine, "PXE-E32", MUTE, r".*mute\.conf")
    asked = [q for kind in ("discover", "request", "proxy") for q in server.questions(kind)]
    told = {tuple(q[name] for name in ("class", "user", "arch", "undi", "uuid")) for q in asked}
    assert len(asked) > 20 and len(told) == 1, told
    assert bytes.fromhex(asked[0]["class"]).decode() == firmware.vendor_class
    assert int(asked[0]["arch"], 16) == int(firmware.vendor_class.split(":")[2]) and len(asked[0]["uuid"]) == 34


def garbage(message):
    """Packets cut before their options, and larger than any client asks for: in one Ethernet frame, and in fragments."""
    return [lease(message, "garbage.conf", size=size) for size in (0, 1, 100, 239, 1473, 4000, 30000)]


def overloaded():
    """Option 43 in the options, in file and in sname (RFC 3396); the boot file's name is option 67 in file."""
    pieces = tags({6: b"\x08", 8: servers(9, SECOND)})[2:]
    over = {"file": tag(43, pieces[4:7]) + tag(67, b"overloaded.conf"), "sname": b"\0" + tag(43, pieces[7:])}
    return both(options=tag(43, pieces[:4]), overload=over)


@on_each
def test_offers(pxe, firmware):
    other = {"server": FIRST, "source": FIRST}
    nak = both("after-nak.conf")
    machine, server = pxe([
        {"discover": garbage(OFFER) + [lease(OFFER, "whole.conf")], "request": garbage(ACK) + [lease(ACK, "whole.conf")]},
        overloaded(),
        {"discover": [reply(0, "bootp.conf", yiaddr=f"{SUBNET}.22", siaddr=MAIN, server=None, pxe=False)]},
        {"discover": [lease(OFFER, pxe=False), lease(OFFER, "better.conf", **other)],
         "request": [lease(ACK, "better.conf", **other)]},
        {**both("relayed.conf", giaddr=f"{SUBNET}.254", source=SECOND)},
        {"discover": nak["discover"], "request": [reply(NAK, pxe=False)]},
        nak,
        {"discover": [lease(OFFER, pxe=False), reply(OFFER, "proxy.conf", siaddr=MAIN)], "request": [lease(ACK)]},
        {"discover": [lease(OFFER)], "request": [lease(ACK)], "proxy": [reply(ACK, "binl.conf")]},
        {"discover": [lease(OFFER, pxe=False), reply(OFFER), reply(OFFER, server=SECOND, source=SECOND)],
         "request": [lease(ACK, pxe=False)], "proxy": [reply(ACK, "next-proxy.conf", to=SECOND, server=SECOND)]},
        discovery(1, [boot_reply("grouped.conf", to=GROUP)], {7: bytes(map(int, GROUP.split(".")))}),
        discovery(3, [boot_reply("second.conf", to=SECOND, server=SECOND)], {8: servers(9, FIRST, SECOND)}),
        discovery(4, [boot_reply("any.conf", server=FIRST)], {8: servers(9)}),
        discovery(2, [boot_reply("layer1.conf", 1), reply(ACK, "other.conf", options=tags({71: item(8)})),
                      boot_reply("layer0.conf", 0x8000)], {}),
        {**both(options=tags({9: long_menu(), 10: b"\xff"})),
         "boot": [reply(ACK, "item.conf", options=tags({71: item(0x8100 + 16)}))]},
        {**both(options=tags({9: menu((0, b"Local"), (9, b"Nine")), 10: b"\xfePress F8, please"})),
         "boot": [boot_reply("nine.conf")]},
    ], firmware)
    wants(machine, r"whole\.conf")
    wants(machine, r"overloaded\.conf", SECOND)
    wants(machine, r"bootp\.conf")
    wants(machine, r"better\.conf", FIRST)
    wants(machine, r"relayed\.conf")
    wants(machine, r"after-nak\.conf")
    wants(machine, r"proxy\.conf")
    wants(machine, r"binl\.conf")
    wants(machine, r"next-proxy\.conf", SECOND)
    wants(machine, r"grouped\.conf")
    wants(machine, r"second\.conf", SECOND)
    wants(machine, r"any\.conf", FIRST)
    wants(machine, r"layer0\.conf")
    choose_from_the_long_menu(machine, firmware.keys)
    wants(machine, r"item\.conf")
    choose_at_the_prompt(machine, firmware.keys)
    wants(machine, r"nine\.conf")
    assert [q["to"] for q in server.questions("boot", 10)][0] == GROUP
    assert [q["to"] for q in server.questions("boot", 11)][:2] == [FIRST, SECOND]
    for q in server.questions("boot", 13):
        assert q["option43"] == "470400090000ff" and q["user"]


def choose_from_the_long_menu(machine, keys):
    machine.expect(r"2  \?\[2JWipe\?\?", SOON)
    machine.expect(r"3  Gr..e \S ", SOON)
    machine.expect(r"Item 1 of 18", SOON)
    for names, selected in ((["page down"], 17), (["down"], 18), (["page up"], 2), (["up"], 1), (["end"], 18),
                            (["up", "up"], 16)):
        machine.serial.send("".join(keys[name] for name in names))
        machine.expect(rf"Item {selected} of 18", SOON)
    machine.serial.send("\r")


def choose_at_the_prompt(machine, keys):
    machine.expect(r"Press F8, please", SOON)
    machine.expect(r"In 25\d s: Local   \(F8/M: menu", SOON)
    machine.serial.send(keys["F8"])
    machine.expect(r"2  Nine", SOON)
    machine.serial.send("2")
