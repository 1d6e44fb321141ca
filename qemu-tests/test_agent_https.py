# SPDX-License-Identifier: GPL-2.0-or-later
"""The agent as it is shipped against nginx over TLS: authorities of the system, of the site, and servers that are not to be
trusted. The agent sees an /etc like automation's."""
import hashlib
import subprocess

from lab import nginx, paths
from lab.station import MINUTE, Station

MIB = 1 << 20
URL = f"https://localhost:{nginx.PORT}"


def shell(command, cwd):
    subprocess.run(["bash", "-eu", "-o", "pipefail", "-c", command], cwd=cwd, check=True, capture_output=True)


def make_certificates(directory):
    """An authority, a server of its, and an authority that nobody knows."""
    for name in ("site", "other"):
        shell(f"openssl req -x509 -newkey rsa:2048 -nodes -keyout {name}.key -out {name}.pem -subj '/CN={name} authority' "
              "-days 30 -addext basicConstraints=critical,CA:TRUE", directory)
    shell("openssl req -newkey rsa:2048 -nodes -keyout server.key -out server.csr -subj /CN=localhost; "
          "printf subjectAltName=DNS:localhost > names; "
          "openssl x509 -req -in server.csr -CA site.pem -CAkey site.key -days 30 -extfile names -out server.crt; "
          "cat server.key server.crt > server.pem", directory)


def make_etc(directory, bundle, site=None):
    """A folder in place of /etc: `bundle` as the system's file of authorities, `site` as the site's own."""
    (directory / "ssl" / "certs").mkdir(parents=True)
    (directory / "hosts").write_text("127.0.0.1 localhost\n")
    (directory / "ssl" / "certs" / "ca-certificates.crt").write_bytes(bundle.read_bytes())
    if site:
        (directory / "slipway" / "ca").mkdir(parents=True)
        (directory / "slipway" / "ca" / "site.crt").write_bytes(site.read_bytes())


def agent(station, etc, *words):
    command = f'mount --bind {etc} /etc; exec "$@"'
    return subprocess.run(["env", "-u", "SSL_CERT_FILE", "ip", "netns", "exec", station.netns, "unshare", "-m", "bash", "-euc", command, "agent", paths.AGENT,
                           *map(str, words)], capture_output=True, text=True, timeout=MINUTE, check=False)


def check_deploys(station, root, disk, etcs):
    image = (root / "disk.raw").read_bytes()
    for name in ("system", "site"):
        disk.write_bytes(bytes(8 * MIB))
        done = agent(station, etcs[name], "deploy", "--yes", "--source", f"{URL}/disk.raw", disk)
        assert done.returncode == 0 and disk.read_bytes() == image, done.stderr
    disk.write_bytes(b"\xff" * (8 * MIB))
    for name, url in (("none", f"{URL}/disk.raw"), ("system", f"https://127.0.0.1:{nginx.PORT}/disk.raw")):
        done = agent(station, etcs[name], "deploy", "--yes", "--source", url, disk)
        assert done.returncode == 1 and "certificate is not to be trusted" in done.stderr, done.stderr
        assert url in done.stderr and disk.read_bytes() == b"\xff" * (8 * MIB)


def check_server(station, etcs):
    """slipwayd behind it: the agent talks to it, or says at once why it does not."""
    done = agent(station, etcs["site"], "inspect", "--store", URL, "--image", "none")
    assert done.returncode == 1 and "no-such-image" in done.stderr, done.stderr
    done = agent(station, etcs["none"], "inspect", "--store", URL, "--image", "none")
    assert done.returncode == 1 and "certificate is not to be trusted" in done.stderr, done.stderr


def test_https(tmp_path):
    make_certificates(tmp_path)
    root, disk = tmp_path / "web", tmp_path / "disk"
    root.mkdir()
    shell("truncate -s 8M disk.raw; sgdisk -n1:2048:+5M disk.raw; head -c 5M /dev/urandom | dd of=disk.raw bs=1M seek=1 "
          "conv=notrunc", root)
    (root / "SHA256SUMS").write_text(hashlib.sha256((root / "disk.raw").read_bytes()).hexdigest() + "  disk.raw\n")
    etcs = {name: tmp_path / f"etc-{name}" for name in ("system", "site", "none")}
    make_etc(etcs["system"], tmp_path / "site.pem")
    make_etc(etcs["site"], tmp_path / "other.pem", tmp_path / "site.pem")
    make_etc(etcs["none"], tmp_path / "other.pem")
    with Station(tmp_path) as station:
        web = nginx.Nginx(station.netns, tmp_path, root, tmp_path / "server.pem")
        web.start()
        try:
            check_deploys(station, root, disk, etcs)
            check_server(station, etcs)
        finally:
            web.stop()
