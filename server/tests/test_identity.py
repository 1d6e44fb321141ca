# SPDX-License-Identifier: GPL-2.0-or-later
"""What machines are to be: set by keys, imported as a room, named by pattern, and handed out with a deploy only."""
A, B = "52:54:00:00:00:0a", "52:54:00:00:00:0b"
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA ann@pc, \"x\""


def change(server, name="pc-a", **keys):
    return server.admin("PATCH", f"/machines/{name}", {"set": {k.replace("__", "."): v for k, v in keys.items()}})


def given(server, mac=A, name="pc-a"):
    """The identity as the machine's agent gets it."""
    if server.admin("GET", "/images/debian").status == 404:
        server.capture("debian", [b"x"], "pc-source", "52:54:00:00:00:ff")
    job = server.running("deploy", "debian", name, mac)
    server.admin("POST", f"/jobs/{job['id']}/cancel")
    assert server.checkin(mac).json["job"] is None
    return job["identity"]


def test_all_keys_reach_the_agent(server):
    server.machine("pc-a", A)
    words = {"domain": "example.org", "locale": "de_DE.UTF-8", "keyboard": "de", "time_zone": "Europe/Berlin",
             "address": "192.0.2.5/24,2001:db8::5/64", "gateway": "192.0.2.1,fe80::1", "dns": "192.0.2.1",
             "search": "example.org,lab.example.org", "vlan": "12", "net2.mac": "52-54-00-AA-BB-CC", "net2.address": "dhcp",
             "authorized_key": KEY, "authorized_key.2": "ssh-rsa AAAA two", "user.ann.full_name": "Ann \u00dc & <co>",
             "user.ann.password_hash": "$6$salt$hash", "user.ann.groups": "sudo,adm", "user.ann.authorized_key": KEY,
             "user.j.doe.password": "p w", "product_key": "ABCDE-12345-ABCDE-12345-ABCDE", "join.domain": "corp",
             "join.user": "joiner", "join.password": "s3cret", "join.ou": "OU=x", "first_boot": "echo $(id)", "aclient": "true",
             "field.asset": "1234"}
    done = server.slipway("machine", "set", "pc-a", *(f"{k}={v}" for k, v in words.items()))
    assert done.returncode == 0, done.stderr
    for secret in ("$6$salt", "p w", "s3cret", "ABCDE-12345"):
        assert secret not in done.stdout and secret not in server.slipway("--json", "machine", "show", "pc-a").stdout
        assert secret not in server.slipway("--json", "machine", "list").stdout and secret not in server.text()
    assert "(set)" in done.stdout and "Europe/Berlin" in done.stdout
    assert given(server) == {
        "host_name": "pc-a", "domain": "example.org", "locale": "de_DE.UTF-8", "keyboard": "de",
        "time_zone": "Europe/Berlin", "networks": [
            {"addresses": ["192.0.2.5/24", "2001:db8::5/64"], "dhcp4": False, "dhcp6": False,
             "gateways": ["192.0.2.1", "fe80::1"], "dns": ["192.0.2.1"], "search": ["example.org", "lab.example.org"],
             "vlan": 12}, {"mac": "52:54:00:aa:bb:cc", "dhcp4": True, "dhcp6": False}],
        "authorized_keys": [KEY, "ssh-rsa AAAA two"],
        "users": [{"name": "ann", "full_name": "Ann \u00dc & <co>", "password_hash": "$6$salt$hash", "groups": ["sudo", "adm"],
                   "authorized_keys": [KEY]}, {"name": "j.doe", "password": "p w"}],
        "product_key": "ABCDE-12345-ABCDE-12345-ABCDE",
        "join": {"domain": "corp", "user": "joiner", "password": "s3cret", "ou": "OU=x"}, "first_boot": "echo $(id)",
        "aclient": True, "fields": {"asset": "1234"}}
    # Nothing of it goes with a job that deploys nothing.
    assert server.running("capture", "new", "pc-a", A)["identity"] is None


def test_nobody_else_reads_the_secrets(server):
    server.machine("pc-a", A)
    state = server.directory / "state"
    assert {p.name: oct(p.stat().st_mode & 0o777) for p in state.glob("slipway.db*")}.items() >= {("slipway.db", "0o600")}
    assert all(p.stat().st_mode & 0o077 == 0 for p in state.glob("slipway.db*"))
    server.stop()
    (state / "slipway.db").chmod(0o644)  # as an earlier version made it
    server.start()
    assert (state / "slipway.db").stat().st_mode & 0o777 == 0o600


def test_an_empty_value_removes(server):
    server.machine("pc-a", A)
    assert change(server, domain="a.org", address="192.0.2.5/24", dns="192.0.2.1", user__ann__full_name="Ann",
                  authorized_key=KEY, join__domain="x", join__ou="y", aclient="true", field__a="1").status == 200
    assert change(server, domain="", address="", user__ann="", authorized_key="", join__domain="", join__ou="", aclient="",
                  field__a=None).status == 200
    # What is left of the network asks for its address.
    assert given(server) == {"host_name": "pc-a", "networks": [{"dns": ["192.0.2.1"], "dhcp4": True}], "fields": {}}
    assert change(server, dns="").status == 200
    assert given(server) == {"host_name": "pc-a", "fields": {}}


REFUSED = [
    ("domain", "a b"), ("domain", "a..b"), ("locale", "../x"), ("keyboard", "de;x"), ("time_zone", "../../etc/passwd"),
    ("address", "192.0.2.5"), ("address", "192.0.2.5/33"), ("address", "dhcp;"), ("gateway", "192.0.2.1,192.0.2.2"),
    ("gateway", "x"), ("dns", "1.2.3.4,,1.2.3.5"), ("search", "a b"), ("vlan", "4095"), ("vlan", "0"), ("vlan", "x"), ("mac", "52:54"),
    ("authorized_key", "AAAA"), ("authorized_key", "ssh-rsa AAAA\nssh-rsa BBBB"), ("authorized_key.2", KEY),
    ("authorized_key.x", KEY), ("authorized_key.17", KEY), ("user.ann.password_hash", "secret"), ("user.ann.full_name", "a:b"),
    ("user.1a.full_name", "x"), ("user.ann", "x"), ("user.ann.shell", "/bin/sh"), ("user.ann.groups", "a b"), ("user..groups", "a"),
    ("product_key", "123"), ("join.user", "x"), ("first_boot", "a\nb"), ("aclient", "yes"), ("field.a b", "x"),
    ("field.a", "x" * 257), ("field.a", "a\u2028b"), ("net9.address", "dhcp"), ("net3.dns", "1.2.3.4"), ("net0.dns", "1.2.3.4"),
    ("host_name", "x"), ("asset", "1"), ("", "x")]


def test_refused(server):
    server.machine("pc-a", A)
    before = server.admin("GET", "/machines/pc-a").json
    for key, value in REFUSED:
        answer = server.admin("PATCH", "/machines/pc-a", {"set": {key: value}})
        assert (answer.status, answer.code) == (400, "bad-request"), (key, value, answer.body)
        assert server.admin("GET", "/machines/pc-a").json == before, (key, value)


def test_networks_that_clash(server):
    server.machine("pc-a", A)
    for keys in ({"address": "dhcp", "net2.address": "192.0.2.5/24"}, {"vlan": "7", "net2.mac": B, "net2.vlan": "7"},
                 {"mac": B, "address": "dhcp", "net2.mac": B.upper(), "net2.dns": "192.0.2.1"}):
        answer = server.admin("PATCH", "/machines/pc-a", {"set": keys})
        assert answer.status == 400 and "networks 1 and 2 are both" in answer.json["error"]["message"], answer.body
    beside = {"address": "192.0.2.5/24", "net2.vlan": "7", "net2.address": "198.51.100.7/25", "net3.vlan": "8"}
    assert server.admin("PATCH", "/machines/pc-a", {"set": beside}).status == 200
    assert [n.get("vlan") for n in given(server)["networks"]] == [None, 7, 8]


def test_limits(server):
    server.machine("pc-a", A)
    users = {f"user.u{i}.full_name": "x" for i in range(33)}
    assert server.admin("PATCH", "/machines/pc-a", {"set": users}).status == 400
    del users["user.u0.full_name"]
    assert server.admin("PATCH", "/machines/pc-a", {"set": users}).status == 200
    fields = {f"field.f{i}": "x" for i in range(65)}
    assert server.admin("PATCH", "/machines/pc-a", {"set": fields}).status == 400
    assert server.admin("PATCH", "/machines/pc-a", {"set": {"a": 1}}).status == 400
    assert server.admin("PATCH", "/machines/pc-a", {"set": []}).status == 400


ROOM = f"""\ufeffmac,name,address,user.ann.full_name,field.seat\r
{A},lab-1,192.0.2.11/24,"Ann ""the"" B, C",1\r
\r
{B.upper().replace(":", "-")},lab-2,dhcp,,"2"\r
"""


def room(server, tmp_path, text):
    file = tmp_path / "room.csv"
    file.write_text(text, newline="")
    return server.slipway("machine", "import", str(file))


def test_a_room_is_imported(server, tmp_path):
    server.machine("old-name", B)
    done = room(server, tmp_path, ROOM)
    assert done.returncode == 0 and done.stdout == "1 machines added, 1 changed\n", done.stderr
    assert given(server, A, "lab-1") == {
        "host_name": "lab-1", "networks": [{"addresses": ["192.0.2.11/24"], "dhcp4": False, "dhcp6": False}],
        "users": [{"name": "ann", "full_name": 'Ann "the" B, C'}], "fields": {"seat": "1"}}
    assert given(server, B, "lab-2")["networks"] == [{"dhcp4": True, "dhcp6": False}]
    assert server.checkin(A).json["machine"]["new"] is False
    assert (server.hosts / "machine-2").read_text() == A + "\n"


ROOMS_REFUSED = [
    (ROOM.replace("lab-2", "lab_2"), 4, "cannot be a machine's name"), (ROOM.replace("lab-2", "LAB-1"), 4, "exists already"),
    (ROOM.replace("dhcp", "dhpc"), 4, "address must be"), (ROOM.replace(A, "x"), 2, "no MAC address"),
    (ROOM.replace("field.seat", "seat"), 2, "is no key"), (ROOM.replace(',"2"', ""), 4, "4 cells under a header of 5"),
    (ROOM.replace(',"2"', ',"2'), 5, "a quote does not end"), (ROOM.replace(',"2"', ',"2"x'), 4, "behind a cell's last quote"),
    (ROOM.replace("field.seat", "name"), 1, "twice"), (ROOM.replace("mac,", "card,"), 1, "mac and name"),
    (ROOM.replace(B.upper().replace(":", "-"), A.upper()), 4, f"{A} is in line 2 already"),
    ("mac\0,name\n", 1, "not CSV in UTF-8"), ("", 1, "mac and name")]


def test_all_of_a_room_or_none(server, tmp_path):
    for text, line, problem in ROOMS_REFUSED:
        done = room(server, tmp_path, text)
        assert done.returncode == 1 and f"line {line}: " in done.stderr and problem in done.stderr, done.stderr
        assert server.admin("GET", "/machines").json["machines"] == []


def test_a_room_with_semicolons(server, tmp_path):
    """As spreadsheets write it where the comma belongs to numbers."""
    done = room(server, tmp_path, f'mac;name;dns;user.ann.full_name\n{A};lab-1;192.0.2.1,192.0.2.2;"B; Ann"\n')
    assert done.returncode == 0, done.stderr
    assert given(server, A, "lab-1")["users"] == [{"name": "ann", "full_name": "B; Ann"}]
    done = room(server, tmp_path, "mac,name\n")
    assert done.returncode == 1 and "no machine under the header" in done.stderr


def test_names_by_pattern(server):
    assert "no pattern" in server.slipway("machine", "pattern").stdout
    for bad in ("lab", "{n}{n}", "lab-{n", "lab_{n}", "{n}-", "{n:2}", "{n:00}", "a" * 60 + "{n}", "lab-{m}", "lab-{n}}"):
        done = server.slipway("machine", "pattern", bad)
        assert done.returncode == 1 and "makes no names" in done.stderr, bad
    assert server.slipway("machine", "pattern", "lab1-{n:02}").stdout == "lab1-{n:02}\n"
    server.machine("LAB1-02", "52:54:00:00:01:00")
    name = lambda i: server.checkin(f"52:54:00:00:02:{i:02x}").json["machine"]["name"]
    assert [name(1), name(2), name(1)] == ["lab1-01", "lab1-03", "lab1-01"]
    server.stop()
    server.start()
    assert [name(3), name(2)] == ["lab1-04", "lab1-03"]
    assert server.admin("DELETE", "/machines/lab1-01").status == 200
    assert name(4) == "lab1-01"
    assert server.admin("GET", "/machines/lab1-01").json["state"] == "new"
    server.slipway("machine", "pattern", "")
    assert name(5) == "new-525400000205"
