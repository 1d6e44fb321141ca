# SPDX-License-Identifier: GPL-2.0-or-later
"""The two dnsmasq of the lab: one that gives out addresses and nothing else, and Slipway's PXE service."""
import re
import signal

from . import paths
from .netns import SUBNET, Process
from .timeouts import SOON

DNSMASQ = "/usr/sbin/dnsmasq"
ROUTER = ("enable-ra", "dhcp-range=fd77::,ra-only")


class Dnsmasq:
    """One dnsmasq in its namespace; `options` are lines of its configuration file."""

    def __init__(self, netns, directory, name, options):
        self.netns, self.directory, self.name = netns, directory, name
        self.pid_file = directory / f"{name}.pid"
        self.config = directory / f"{name}.conf"
        self.log = directory / f"{name}.log"
        self.config.write_text("\n".join(options) + "\n")
        self.process = None

    def start(self):
        command = [DNSMASQ, "--keep-in-foreground", f"--conf-file={self.config}", "--user=root", "--log-facility=-",
                   "--log-dhcp", f"--pid-file={self.pid_file}", "--interface=eth0", "--bind-interfaces"]
        self.process = Process(self.netns, command, self.log)
        self.process.wait_until(self.pid_file.exists, SOON, "its pid file")
        return self

    def reread(self):
        self.process.signal(signal.SIGHUP)

    def stop(self):
        if self.process:
            self.process.stop()
            self.process = None
        self.pid_file.unlink(missing_ok=True)


def router(netns, directory):
    """Router advertisements and nothing else."""
    return Dnsmasq(netns, directory, "router", ["port=0", *ROUTER])


def ip_server(netns, directory, extra=()):
    """Addresses only: no boot server, no file. Router advertisements too, for clients that wait for a router."""
    leases = directory / "dhcp.leases"
    return Dnsmasq(netns, directory, "dhcp", [
        "port=0", f"dhcp-range={SUBNET}.100,{SUBNET}.199,255.255.255.0,1h", f"dhcp-option=option:router,{SUBNET}.254",
        f"dhcp-option=option:dns-server,{SUBNET}.1", "no-ping", "dhcp-authoritative", f"dhcp-leasefile={leases}",
        *ROUTER, *extra])


def name_boot_file(dhcp, file, *more):
    """Lets an ip_server() name slipway.efi to the firmware and `file` to slipway.efi, both on .2: no ProxyDHCP. `more`
    are lines of the configuration file."""
    lines = ["dhcp-userclass=set:slipway,Slipway", f"dhcp-boot=tag:!slipway,slipway.efi,,{SUBNET}.2",
             f"dhcp-boot=tag:slipway,{file},,{SUBNET}.2", *more]
    with open(dhcp.config, "a", encoding="ascii") as config:
        config.write("\n".join(lines) + "\n")


def template_lines(gives_addresses):
    """The lines of server/dnsmasq.conf.example; `gives_addresses`: those for one dnsmasq that does everything."""
    lines = paths.DNSMASQ_TEMPLATE.read_text().splitlines()
    if not gives_addresses:
        return lines
    kept = [line for line in lines if not line.startswith(("dhcp-range=", "pxe-service="))]
    return [re.sub(r"^#(?=[a-z])", "", line) for line in kept]


def pxe_options(values, gives_addresses=False):
    """server/dnsmasq.conf.example, word for word but for the values of the given keys, each of which must be there."""
    lines, left = [], dict(values)
    for line in template_lines(gives_addresses):
        key = line.split("=")[0]
        if key in values:
            line = f"{key}={left.pop(key, values[key])}"
        lines.append(line)
    if left:
        raise ValueError(f"{paths.DNSMASQ_TEMPLATE} has no line for {', '.join(left)}")
    return lines


def pxe_server(netns, directory, tftp_root, extra=()):
    """ProxyDHCP and TFTP, as server/dnsmasq.conf.example says it. `hosts` of the result is slipwayd's to fill."""
    hosts = directory / "dhcp-hosts"
    hosts.mkdir(exist_ok=True)
    options = pxe_options({"dhcp-range": f"{SUBNET}.0,proxy", "tftp-root": tftp_root, "dhcp-hostsdir": hosts,
                           "pid-file": directory / "pxe.pid"})
    server = Dnsmasq(netns, directory, "pxe", [*options, *extra])
    server.hosts = hosts
    return server


def only_server(netns, directory, tftp_root, extra=()):
    """One dnsmasq for addresses, boot data and TFTP, as the end of server/dnsmasq.conf.example says it."""
    hosts = directory / "dhcp-hosts"
    hosts.mkdir(exist_ok=True)
    options = pxe_options({"dhcp-range": f"{SUBNET}.100,{SUBNET}.199,255.255.255.0,1h", "tftp-root": tftp_root,
                           "dhcp-hostsdir": hosts, "pid-file": directory / "pxe.pid"}, gives_addresses=True)
    server = Dnsmasq(netns, directory, "pxe", [
        *options, f"dhcp-leasefile={directory / 'dhcp.leases'}", "no-ping", "dhcp-authoritative", *ROUTER, *extra])
    server.hosts = hosts
    return server
