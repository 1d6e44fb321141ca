# SPDX-License-Identifier: GPL-2.0-or-later
"""bstrap.0 behind iPXE's PXE 2.1 ROM, and behind one that behaves like a PXE 1.x ROM."""
import contextlib
import re

from lab import dnsmasq, nbp_payload, paths, says
from lab.netns import SUBNET
from lab.scripted_pxe import ACK, MAIN, OFFER, ScriptedPxe, item, menu, reply, servers, tags
from lab.timeouts import FIRMWARE, NETWORK, SOON

MAC = "52:54:00:00:09:01"
F8, DOWN = "\x1b[19~", "\x1b[B"


def edit(lab, *changes):
    """Replaces lines of the PXE service's configuration, each of which must be there."""
    config = lab.pxe.config.read_text()
    for old, new in changes:
        assert old in config
        config = config.replace(old, new)
    lab.pxe.config.write_text(config)


def test_bstrap_new_rom(lab):
    """Nothing but the file's name differs from slipway.0: the server offers bstrap.0 again, which means slipway.0."""
    edit(lab, ('pxe-service=tag:!slipway,x86PC,"Slipway",slipway.0', 'pxe-service=tag:!slipway,x86PC,"Slipway",bstrap.0'))
    lab.start()
    machine = lab.machine("new", MAC, bios=True).start()
    machine.expect(says.BSTRAP_GREETING + rf"  {MAC}  started from the network by !PXE", FIRMWARE)
    machine.expect(says.boots("slipway.0", "10.77.0.2"), NETWORK)
    machine.expect(says.BIOS_GREETING + rf"  {MAC}  started from the network by !PXE", NETWORK)
    machine.expect(says.boots("automation.conf", "10.77.0.2"), NETWORK)
    machine.expect(says.STARTING_KERNEL, NETWORK)
    assert "PXE-E" not in machine.serial.text
    log = lab.pxe.log.read_text()
    assert log.count(f"sent {lab.tftp / 'bstrap.0'}") == 1
    assert log.count(f"sent {lab.tftp / 'slipway.0'}") == 1


def choose(machine, downs):
    """Opens the menu behind the prompt, and takes the item that many lines down, by the serial console."""
    machine.expect("Press F8", NETWORK)
    machine.expect("In [0-9]+ s: Slipway", SOON)
    machine.serial.send(F8)
    machine.expect(r"1  Slipway[\s\S]*5  Local boot[\s\S]*Item 1 of 5", SOON)
    machine.serial.send(DOWN * downs + "\r")


def choose_on_the_screen(machine):
    """The same by keyboard and screen, for the second item."""
    keys = re.escape("(F8/M: menu, Enter: now, Esc: cancel)\n")
    machine.expect("In [0-9]+ s: Slipway", NETWORK)
    machine.expect_on_screen(rf"^{says.BSTRAP_GREETING}.*\nPress F8\nIn [0-9]+ s: Slipway   {keys}", SOON)
    machine.press("f8")
    machine.expect("Item 1 of 5", SOON)
    machine.press("down")
    items = "Boot menu\n1  Slipway\n2  Huge\n3  Missing\n4  Entry\n5  Local boot\n\nItem 2 of 5   "
    keys = re.escape("(arrows, then Enter; 1-9: at once; Esc: cancel)\n")
    machine.expect_on_screen(rf"^{says.BSTRAP_GREETING}.*\n\n{items}{keys}", SOON)
    machine.press("ret")


def test_bstrap_old_rom(lab):
    """Prompt, menu and discovery for a PXE 1.x ROM, items that cannot be started, and in the end slipway.0."""
    services = [("Slipway", "slipway.0"), ("Huge", "huge.0"), ("Missing", "missing.0"), ("Entry", "automation.conf"),
                ("Local boot", 0)]
    edit(lab, ('pxe-service=tag:!slipway,x86PC,"Slipway",slipway.0',
               "\n".join(['dhcp-userclass=set:bstrap,bstrap',
                          'pxe-service=tag:!slipway,tag:!bstrap,x86PC,"Old ROM",old_rom.0',
                          *(f'pxe-service=tag:bstrap,x86PC,"{text}",{file}' for text, file in services)])),
         ('pxe-prompt="Slipway",0', 'pxe-prompt=tag:bstrap,"Press F8",250\npxe-prompt=tag:!bstrap,"Slipway",0'))
    (lab.tftp / "old_rom.0").write_bytes(paths.OLD_ROM.read_bytes() + paths.BSTRAP_0.read_bytes())
    (lab.tftp / "huge.0").write_bytes(bytes(700 << 10))
    lab.start()
    machine = lab.machine("old", MAC, bios=True, screen=True).start()
    machine.expect(says.BSTRAP_GREETING + rf"  {MAC}  started from the network by PXENV\+", FIRMWARE)
    choose_on_the_screen(machine)
    machine.expect(says.error("PXE-E79", "716800 bytes; there are [0-9]+ bytes", "Cause:"), NETWORK)
    machine.expect(says.TRYING_AGAIN, SOON)
    machine.press("spc")
    for downs, report in ((2, says.error("PXE-E3B", "10.77.0.2", "error 1", "Cause:")),
                          (3, says.error("PXE-E79", "automation.conf: bstrap.0 starts boot programs", "Cause:")),
                          (4, says.error("SLW-E03", "no disks", "Cause:"))):
        choose(machine, downs)
        machine.expect(report, NETWORK)
        machine.expect(says.TRYING_AGAIN, SOON)
        machine.serial.send(" ")
    choose(machine, 0)
    machine.expect(says.boots("slipway.0", "10.77.0.2"), NETWORK)
    machine.expect(says.BIOS_GREETING + rf"  {MAC}  started from the network by PXENV\+", NETWORK)
    machine.expect(says.boots("automation.conf", "10.77.0.2"), NETWORK)
    machine.expect(says.STARTING_KERNEL, NETWORK)


def test_bstrap_servers(lab):
    """A TFTP server that is silent; then a forced item, the boot server for its type and its layers, and a boot program that
    looks at how it is entered."""
    mute = f"{SUBNET}.5"
    forced = {6: b"\x07", 8: servers(9, MAIN), 9: menu((9, b"only")), 10: b"\0"}
    script = [{"discover": [reply(OFFER, "slipway.0", siaddr=mute)]},
              {"discover": [reply(OFFER, options=tags(forced))],
               "proxy": [reply(ACK, options=tags(forced))],
               "boot": [reply(ACK, "bstrap.0", options=tags({71: item(9)})),
                        reply(ACK, "layer.1", options=tags({71: item(9, 1)}))]}]
    nbp_payload.build(lab.tftp / "layer.1", 128 << 10)
    lab.network.add_server("mute", 5)
    with open(lab.dhcp.config, "a", encoding="ascii") as config:
        config.write("dhcp-userclass=set:bstrap,bstrap\n"
                     f"dhcp-boot=tag:!bstrap,bstrap.0,,{MAIN}\n")
    with contextlib.ExitStack() as stack:
        for server in (lab.dhcp,
                       dnsmasq.Dnsmasq(lab.server_netns, lab.directory, "tftp", ["port=0", "enable-tftp",
                                                                                 f"tftp-root={lab.tftp}"]),
                       scripted := ScriptedPxe(lab.server_netns, lab.directory, script)):
            stack.callback(server.start().stop)
        machine = lab.machine("servers", MAC, bios=True).start()
        machine.expect(says.BSTRAP_GREETING, FIRMWARE)
        machine.expect(says.error("PXE-E32", mute, "Cause:", "Cure:"), NETWORK)
        machine.expect(says.TRYING_AGAIN, SOON)
        machine.serial.send(" ")
        machine.expect(says.boots("layer.1", MAIN), NETWORK)
        machine.expect(nbp_payload.says(), NETWORK)
        asked = scripted.questions("boot")
        assert asked[0]["to"] == MAIN and asked[0]["user"] == b"\x06bstrap".hex()
        assert asked[0]["option43"].startswith("470400090000")
        assert asked[1]["to"] == MAIN and asked[1]["option43"].startswith("470400090001")
