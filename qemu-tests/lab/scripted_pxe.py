# SPDX-License-Identifier: GPL-2.0-or-later
"""A PXE server that says what it is told to say: for packets that no real server sends.

Its script is a list of rows; a DISCOVER with a new transaction number goes on to the next row (the last one stays). A row
has the replies to each kind of question:

    {"discover": [reply(...)], "request": [...], "proxy": [...], "boot": [...]}

"proxy" is the question on port 4011, "boot" the one with a boot item (option 43 tag 71). Every question is written to the
log, one line each. Only the user classes of Slipway's clients are served: the firmware's own PXE hears nothing."""
import ast
import select
import socket
import struct
import sys

from .dhcp_probe import COOKIE, DISCOVER, REQUEST, parse
from .netns import SUBNET, Process
from .paths import ROOT
from .timeouts import SOON

OFFER, ACK, NAK = 2, 5, 6
MAIN, CLIENT = f"{SUBNET}.2", f"{SUBNET}.21"
GROUP = "239.1.1.2"
USER_CLASSES = b"\x07Slipway", b"\x06bstrap"
IP_PKTINFO = 8
FIELDS = {"class": 60, "user": 77, "arch": 93, "undi": 94, "uuid": 97}


def tag(code, value):
    """An option, or a tag of option 43."""
    return bytes([code, len(value)]) + value


def tags(values, rest=b"\xff"):
    """Option 43 out of {tag: bytes}; `rest` instead of its END."""
    return tag(43, b"".join(tag(code, value) for code, value in values.items()) + rest)


def menu(*items):
    """Tag 9 out of (type, description)."""
    return b"".join(struct.pack("!HB", kind, len(text)) + text for kind, text in items)


def item(kind, layer=0):
    """Tag 71."""
    return struct.pack("!HH", kind, layer)


def servers(kind, *addresses):
    """One entry of tag 8."""
    return struct.pack("!HB", kind, len(addresses)) + b"".join(map(socket.inet_aton, addresses))


def reply(message, file="", server=MAIN, yiaddr=None, pxe=True, options=b"", **fields):
    """One packet. `fields`: siaddr, giaddr; source, the address it is sent from; to, the only destination of a question
    that it answers; overload, {"file": options, "sname": options} for these two fields of the header; size, to which the
    packet is cut or filled up."""
    return {"message": message, "file": file, "server": server, "yiaddr": yiaddr, "pxe": pxe, "options": options, **fields}


def lease(message, file="", **fields):
    """An offer or DHCPACK with an address."""
    return reply(message, file, yiaddr=CLIENT, **fields)


def both(file="", **fields):
    """The rows of a server that says the same in its offer and in its DHCPACK."""
    return {"discover": [lease(OFFER, file, **fields)], "request": [lease(ACK, file, **fields)]}


def build(question, r):
    """The packet for a reply, as bytes."""
    head, over = bytearray(question[:236]), r.get("overload", {})
    head[0], head[12:16], head[44:236] = 2, bytes(4), bytes(192)
    for at, field in ((16, "yiaddr"), (20, "siaddr"), (24, "giaddr")):
        head[at:at + 4] = socket.inet_aton(r.get(field) or "0.0.0.0")
    name = r["file"].encode()
    head[108:108 + len(name)] = name
    for at, field, bit in ((108, "file", 1), (44, "sname", 2)):
        head[at:at + len(over.get(field, b""))] = over.get(field, b"")
    options = tag(53, bytes([r["message"]])) if r["message"] else b""
    if over:
        options += tag(52, bytes([("file" in over) | 2 * ("sname" in over)]))
    if r["server"]:
        options += tag(54, socket.inet_aton(r["server"]))
    if r["yiaddr"]:
        options += tag(1, bytes([255, 255, 255, 0])) + tag(51, struct.pack("!I", 3600))
    if r["pxe"]:
        options += tag(60, b"PXEClient")
    packet = bytes(head) + COOKIE + options + r["options"] + b"\xff"
    return packet[:r.get("size")].ljust(r.get("size", 0), b"\0")


def kind_of(options, port):
    message = options.get(53, b"\0")[0]
    if message == DISCOVER:
        return "discover"
    if message != REQUEST:
        return f"message-{message}"
    if 43 in options:
        return "boot"
    return "proxy" if port == 4011 else "request"


def describe(kind, row, destination, options):
    words = [f"row={row}", kind, f"to={destination}"]
    words += [f"{name}={options.get(code, b'').hex()}" for name, code in FIELDS.items()]
    if kind == "boot":
        words.append(f"option43={options[43].hex()}")
    return " ".join(words)


class Server:
    def __init__(self, script):
        self.script, self.row, self.xid = script, -1, None
        self.sockets = {port: self.open(port) for port in (67, 4011)}

    @staticmethod
    def open(port):
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"eth0")
        s.setsockopt(socket.IPPROTO_IP, IP_PKTINFO, 1)
        group = struct.pack("4s4s", socket.inet_aton(GROUP), socket.inet_aton(MAIN))
        s.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, group)
        s.bind(("", port))
        return s

    def answer(self, port):
        """Takes one question and sends what the present row has for it."""
        packet, ancillary, _, sender = self.sockets[port].recvmsg(2000, 100)
        destination = socket.inet_ntoa(ancillary[0][2][8:12])
        options = parse(packet)[1] if len(packet) > 240 else {}
        if options.get(77) not in USER_CLASSES:
            return
        kind = kind_of(options, port)
        if kind == "discover" and packet[4:8] != self.xid:
            self.row, self.xid = min(self.row + 1, len(self.script) - 1), packet[4:8]
        print(describe(kind, self.row, destination, options), flush=True)
        if self.row < 0:
            return
        for r in self.script[self.row].get(kind, []):
            if r.get("to", destination) == destination:
                self.send(port, build(packet, r), r, destination, sender)

    def send(self, port, packet, r, destination, sender):
        source = r.get("source") or (destination if destination.startswith(SUBNET) else MAIN)
        info = struct.pack("I4s4s", 0, socket.inet_aton(source), bytes(4))
        to = sender if sender[0] != "0.0.0.0" else ("255.255.255.255", 68)
        self.sockets[port].sendmsg([packet], [(socket.IPPROTO_IP, IP_PKTINFO, info)], 0, to)

    def run(self):
        print("ready", flush=True)
        while True:
            for s in select.select(list(self.sockets.values()), [], [])[0]:
                self.answer(s.getsockname()[1])


class ScriptedPxe:
    """The server in a namespace whose eth0 has the address MAIN. `script` as above."""

    def __init__(self, netns, directory, script):
        self.netns, self.log, self.script = netns, directory / "scripted.log", directory / "scripted.script"
        self.script.write_text(repr(script))
        self.process = None

    def start(self):
        self.process = Process(self.netns, [sys.executable, "-m", "lab.scripted_pxe", self.script], self.log,
                               cwd=ROOT / "qemu-tests")
        self.process.wait_until(lambda: "ready" in self.log.read_text(), SOON, "the scripted server")
        return self

    def questions(self, kind, row=None):
        """What was asked: a list of {"to": address, "class": hex, ...}."""
        lines = [line.split() for line in self.log.read_text().splitlines() if f" {kind} " in line]
        asked = [dict(word.split("=") for word in words if "=" in word) for words in lines]
        return [q for q in asked if row is None or q["row"] == str(row)]

    def stop(self):
        if self.process:
            self.process.stop()
            self.process = None


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        Server(ast.literal_eval(file.read())).run()
