# SPDX-License-Identifier: GPL-2.0-or-later
"""Boot files by HTTP on a BIOS machine: an iPXE ROM's file calls fetch them. Everything that can go wrong in one boot,
then the boot itself; and a ROM without file calls."""
from lab import says
from lab.timeouts import BOOT, FIRMWARE, NETWORK
from lab.web_server import HOST, PORT, WebServer, name_url

MAC = "52:54:00:00:08:0a"
URL = f"http://{HOST}:{PORT}/boot/automation.conf".replace(".", r"\.")


def test_bios_http(lab):
    name_url(lab, HOST)
    web = WebServer(lab)
    lab.start()
    machine = lab.machine("old", MAC, bios=True).start()
    machine.expect(says.BIOS_GREETING, FIRMWARE)
    # Nobody listens: the connection is refused.
    machine.expect(says.error("PXE-E32", HOST.replace(".", r"\."), r"FILE_OPEN:\s+PXENV_STATUS_TFTP_CANNOT_", URL),
                   NETWORK)
    web.start()
    for mode, code, words in (("404", "PXE-E3B", r"PXENV_STATUS_TFTP_FILE_NOT_FOUND\s+\(3b\)"),
                              ("403", "PXE-E3C", r"PXENV_STATUS_TFTP_ACCESS_VIOLATION\s+\(3c\)"),
                              ("cut", "PXE-E35", r"FILE_READ:\s+PXENV_STATUS_TFTP_CANNOT_READ"),
                              ("stall", "PXE-E35", r"silent after\s+\d+\s+bytes of")):
        web.mode(mode)
        machine.expect(says.TRYING_AGAIN, NETWORK)
        machine.serial.send(" ")
        machine.expect(says.error(code, HOST.replace(".", r"\."), words), NETWORK)
    # The answer for one file is late; what comes of the other meanwhile must not fill the ROM's memory.
    web.mode("slow")
    machine.expect(says.TRYING_AGAIN, NETWORK)
    machine.serial.send(" ")
    machine.expect(rf"boot file {URL} on {HOST}", NETWORK)
    machine.expect(says.STARTING_KERNEL, NETWORK)
    lab.slipwayd.wait_machine("new-" + MAC.replace(":", ""), BOOT)
    assert web.has_served_all()


def test_bios_http_without_file_calls(lab):
    """slipway.0 that asks for file calls by another number than this ROM has them."""
    program = (lab.tftp / "slipway.0").read_bytes()
    asks = bytes.fromhex("b247d491")
    assert program.count(asks) == 1
    (lab.tftp / "slipway.0").write_bytes(program.replace(asks, bytes(4)))
    name_url(lab, HOST)
    lab.start()
    machine = lab.machine("older", MAC, bios=True).start()
    machine.expect(says.error("SLW-E05", r"this PXE ROM has no HTTP \(iPXE's have\):\s+" + URL, "Cause:", "Cure:"),
                   FIRMWARE + NETWORK)
