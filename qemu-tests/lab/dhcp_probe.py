# SPDX-License-Identifier: GPL-2.0-or-later
"""A PXE client's questions, asked from a script: what would this machine be told to boot?"""
import os
import socket
import struct
import subprocess
import sys

COOKIE = bytes([99, 130, 83, 99])
DISCOVER, REQUEST, INFORM = 1, 3, 8


def build(kind, mac, user_class, address="0.0.0.0", architecture=7):
    """A DISCOVER, or the REQUEST that goes to port 4011, of a UEFI x64 client; `architecture` 0: of a BIOS."""
    head = struct.pack("!BBBBIHH4s12s16s192s", 1, 1, 6, 0, 0x51110000 + kind, 0, 0x8000, socket.inet_aton(address),
                       b"", mac, b"")
    options = bytes([53, 1, kind]) + bytes([55, 7, 1, 3, 43, 54, 60, 66, 67])
    options += bytes([60, 32]) + b"PXEClient:Arch:%05d:UNDI:003016" % architecture
    options += bytes([93, 2, 0, architecture, 94, 3, 1, 3, 16])
    options += bytes([97, 17, 0]) + mac + bytes(10)
    if user_class:
        options += bytes([77, len(user_class) + 1, len(user_class)]) + user_class.encode()  # RFC 3004
    return head + COOKIE + options + b"\xff"


def parse(packet):
    """(boot file, {option: bytes}) of an answer."""
    name = packet[108:236].split(b"\0")[0].decode()
    options, at = {}, 240
    while at < len(packet) and packet[at] != 255:
        if packet[at] == 0:
            at += 1
            continue
        options[packet[at]] = packet[at + 2:at + 2 + packet[at + 1]]
        at += 2 + packet[at + 1]
    return name, options


def confirmations(mac, user_class, address):
    """"The boot file is in", without and with a boot item of dnsmasq's own numbers (core/confirmation.h)."""
    packet = build(INFORM, mac, user_class, address)[:-1]
    for item in (b"", bytes([43, 7, 71, 4, 0x80, 1, 0, 0, 255])):
        yield packet + item + bytes([67, 15]) + b"automation.conf" + b"\xff"


def answer_to(s, request):
    """The answer with the request's transaction number."""
    while (packet := s.recv(2000))[4:8] != request[4:8]:
        pass
    return parse(packet)


def ask(interface, server, mac, user_class, confirm="", architecture="7"):
    """One line: what the ProxyDHCP `server` says on port 4011 to the client with `mac` ('' for user_class: the firmware).
    "broadcast" as server: what is offered on port 67 to a DISCOVER. `confirm`: after two confirmations of a download."""
    address = subprocess.run(["ip", "-4", "-o", "addr", "show", interface], check=True, capture_output=True,
                             text=True).stdout.split()[3].split("/")[0]
    mac = bytes.fromhex(mac.replace(":", ""))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.settimeout(20)
        if server == "broadcast":
            s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
            s.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface.encode())
            s.bind(("", 68))
            request, to = build(DISCOVER, mac, user_class, architecture=int(architecture)), ("255.255.255.255", 67)
        else:
            s.bind((address, 68))
            request, to = build(REQUEST, mac, user_class, address), (server, 4011)
        if confirm:
            for packet in confirmations(mac, user_class, address):
                s.sendto(packet, to)
        s.sendto(request, to)
        name, options = answer_to(s, request)
    name = name or options.get(67, b"").split(b"\0")[0].decode()
    return f"file={name} option43={options.get(43, b'').hex()} class={options.get(60, b'').decode()}"


def ask_from(netns, server, mac, user_class="", *more):
    """The same from inside a namespace."""
    result = subprocess.run(["ip", "netns", "exec", netns, sys.executable, os.path.abspath(__file__), "eth0", server, mac,
                             user_class, *more], capture_output=True, text=True, timeout=60)
    if result.returncode:
        raise TimeoutError(f"no answer from {server} for {mac}: {result.stderr[-300:]}")
    return result.stdout.strip()


if __name__ == "__main__":
    print(ask(*sys.argv[1:]))
