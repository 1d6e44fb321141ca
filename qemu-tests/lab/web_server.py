# SPDX-License-Identifier: GPL-2.0-or-later
"""A web server that has the boot files, or refuses, breaks off, stalls and is late with them."""
import http.server
import os
import sys
import time
from pathlib import Path

from .server import Server

HOST = "10.77.0.2"
PORT = 8080
NAMES = ("automation.conf", "vmlinuz", "initramfs.zst")


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serves the current folder, or misbehaves as the file ../mode says."""

    def do_GET(self):
        mode = Path("../mode").read_text()
        if mode.isdigit():
            self.send_error(int(mode))
        elif mode in ("cut", "stall") and self.path.endswith("vmlinuz"):
            body = Path("." + self.path).read_bytes()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[:1000000])
            time.sleep(60 if mode == "stall" else 0)
            self.close_connection = True
        elif mode == "slow" and self.path.endswith("initramfs.zst"):
            time.sleep(3)
            super().do_GET()
        elif mode == "nameless":
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"title without Content-Length\n")
        else:
            super().do_GET()


class WebServer(Server):
    """In the namespace of the boot server, beside its TFTP, with the boot files that TFTP then no longer has."""

    def __init__(self, lab):
        self.folder, self.mode_file = lab.directory / "www", lab.directory / "mode"
        super().__init__(lab.server_netns, lab.directory / "http.log",
                         [sys.executable, "-m", "lab.web_server", self.folder], PORT, "tcp")
        (self.folder / "boot").mkdir(parents=True)
        for name in NAMES:
            (lab.tftp / name).rename(self.folder / "boot" / name)
        self.mode("ok")

    def mode(self, mode):
        self.mode_file.write_text(mode)

    def has_served_all(self):
        asked = self.log.read_text()
        return all(f'"GET /boot/{name} HTTP/1.1" 200' in asked for name in NAMES)


def name_url(lab, host, scheme="http"):
    """Lets the ProxyDHCP name a URL to the boot client."""
    config = lab.pxe.config.read_text()
    assert ",automation.conf\n" in config
    lab.pxe.config.write_text(config.replace(",automation.conf\n", f",{scheme}://{host}:{PORT}/boot/automation.conf\n"))


if __name__ == "__main__":
    os.chdir(sys.argv[1])
    http.server.ThreadingHTTPServer(("", PORT), Handler).serve_forever()
