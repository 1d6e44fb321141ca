# SPDX-License-Identifier: GPL-2.0-or-later
"""nginx with static files, on a port of its own; with a certificate, over TLS and as a proxy for slipwayd."""
from .server import Server
from .unpacked import unpack

PORT = 8080


class Nginx(Server):
    def __init__(self, netns, directory, root, certificate=None):
        """`certificate`: a PEM file with the key and the certificate."""
        ssl = f"ssl_certificate {certificate}; ssl_certificate_key {certificate};" if certificate else ""
        state = directory / "nginx"
        state.mkdir()
        folders = "\n".join(f"  {kind}_temp_path {state}/{kind};"
                            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        config = directory / "nginx.conf"
        config.write_text(f"""daemon off;
master_process off;
user root;
pid {state}/pid;
error_log stderr;
events {{ }}
http {{
{folders}
  access_log {directory}/nginx-access.log;
  server {{ listen {PORT}{" ssl" if certificate else ""}; root {root}; {ssl} location /v1/ {{ proxy_pass http://127.0.0.1:8077; }} }}
}}
""")
        self.access = directory / "nginx-access.log"
        super().__init__(netns, directory / "nginx.log", [unpack("nginx") / "usr/sbin/nginx", "-c", config], PORT, "tcp")
