# SPDX-License-Identifier: GPL-2.0-or-later
"""Holds the files of a system that was given an identity against that identity, each read by a parser of its format: what
stands in it is the value and nothing else. Called as: identity_reference.py KIND FOLDER, with object.json and root/ in it."""
import configparser
import json
import pathlib
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

import yaml

kind, folder = sys.argv[1], pathlib.Path(sys.argv[2])
root, said = folder / "root", json.loads((folder / "object.json").read_text())
NETWORK = said["networks"][0]
FULL_NAME = said["host_name"] + ("" if "." in said["host_name"] else "." + said["domain"])
USERS, KEYS = said["users"], said["authorized_keys"]


def text(path):
    return (root / path).read_bytes().decode()


def same(found, expected):
    assert found == expected, f"{kind}: {found!r} is not {expected!r}"


class Lists(dict):
    """A section of an INI file in which a key may stand more than once."""

    def __setitem__(self, key, value):
        if isinstance(value, list) and key in self:
            self[key].extend(value)
        else:
            super().__setitem__(key, value)


def ini(path):
    parser = configparser.RawConfigParser(strict=False, empty_lines_in_values=False, delimiters="=", dict_type=Lists,
                                          comment_prefixes=("#", ";"))
    parser.optionxform = str
    parser.read_string(text(path))
    return {name: {k: v.split("\n") for k, v in parser.items(name)} for name in parser.sections()}


def accounts(name, fields):
    """A file of lines with colons, as getpwnam(3) and its like read it."""
    lines = [line.split(":") for line in text(f"etc/{name}").splitlines()]
    assert all(len(line) == fields for line in lines), lines
    assert len({line[0] for line in lines}) == len(lines), "one twice"
    return {line[0]: line for line in lines}


def check_keys(path, keys):
    same(text(path).splitlines(), keys)
    listed = subprocess.run(["ssh-keygen", "-l", "-f", root / path], capture_output=True, check=True).stdout
    same(len(listed.splitlines()), len(keys))


def check_users():
    passwd, shadow = accounts("passwd", 7), accounts("shadow", 9)
    group, gshadow = accounts("group", 4), accounts("gshadow", 4)
    for user in USERS:
        line = passwd[user["name"]]
        same(line[4:6], [user["full_name"], f"/home/{user['name']}"])
        same(shadow[user["name"]][1], user["password_hash"])
        same(group[user["name"]][2], line[3])
        check_keys(f"home/{user['name']}/.ssh/authorized_keys", user["authorized_keys"])
    for table in (group, gshadow):
        same(table["sudo"][3].split(","), [u["name"] for u in USERS])
    same(len(passwd), len(USERS) + 1)


def check_everywhere():
    same(text("etc/hostname"), said["host_name"] + "\n")
    same([line.split() for line in text("etc/hosts").splitlines() if line.startswith("127.0.1.1")],
         [["127.0.1.1", FULL_NAME, said["host_name"]]])
    same(text("var/lib/slipway/first-boot"), said["first_boot"] + "\n")
    same(ini("etc/systemd/system/slipway-first-boot.service")["Service"]["ExecStart"], ["/bin/sh /var/lib/slipway/first-boot.done"])
    check_keys("root/.ssh/authorized_keys", KEYS)
    shell = subprocess.run(["sh", "-c", '. "$0"; printf %s "$LANG"', root / "etc/locale.conf"], capture_output=True, check=True)
    same(shell.stdout.decode(), said["locale"])
    fields = dict(line.split("=", 1) for line in reversed(text("slipway.cfg").split("\n")[:-1]))
    for key, value in (("machine", "pc-b"), ("host_name", said["host_name"]), ("domain", said["domain"]), ("job", "7")):
        same(fields[key], value)
    same({k: v for k, v in fields.items() if k.startswith("field")}, said["fields"])
    aclient = [line.split("=", 1) for line in text("AClient.cfg").split("\r\n")[:-1]]
    same(aclient[1:3], [["ComputerName", said["host_name"]], ["Domain", said["domain"]]])
    assert "\n" not in text("AClient.cfg").replace("\r\n", "")


def check_networkd():
    network = ini("etc/systemd/network/00-slipway-0.network")["Network"]
    same([network[k] for k in ("Address", "Gateway", "DNS", "Domains")],
         [NETWORK[k] for k in ("addresses", "gateways", "dns", "search")])


def check_nm():
    file = ini("etc/NetworkManager/system-connections/slipway-0.nmconnection")
    for i, family in enumerate(("ipv4", "ipv6")):
        same([file[family][k] for k in ("address1", "gateway", "dns", "dns-search")],
             [[NETWORK["addresses"][i]], [NETWORK["gateways"][i]], [NETWORK["dns"][i] + ";"],
              ["".join(s + ";" for s in NETWORK["search"])]])


def check_netplan():
    card = yaml.safe_load(text("etc/netplan/01-slipway.yaml"))["network"]["ethernets"]["lan0"]
    same([card["addresses"], [r["via"] for r in card["routes"]], card["nameservers"]],
         [NETWORK["addresses"], NETWORK["gateways"], {"addresses": NETWORK["dns"], "search": NETWORK["search"]}])


def check_ifupdown():
    words = [line.split(None, 1) for line in text("etc/network/interfaces").splitlines() if line.startswith("\t")]
    same([[v for k, v in words if k == key] for key in ("address", "gateway", "dns-search")],
         [NETWORK["addresses"], NETWORK["gateways"], [" ".join(NETWORK["search"])]])


def check_cloud():
    assert text("var/lib/cloud/seed/nocloud/user-data").startswith("#cloud-config\n")
    user_data, meta, network = (yaml.safe_load(text(f"var/lib/cloud/seed/nocloud/{name}"))
                                for name in ("user-data", "meta-data", "network-config"))
    same(meta, {"instance-id": "slipway-pc-b-7", "local-hostname": said["host_name"]})
    same([user_data[k] for k in ("hostname", "fqdn", "locale", "timezone")],
         [said["host_name"], FULL_NAME, said["locale"], said["time_zone"]])
    same(user_data["users"][0], "default")
    for found, user in zip(user_data["users"][1:], USERS, strict=True):
        same([found[k] for k in ("name", "gecos", "hashed_passwd", "groups", "ssh_authorized_keys")],
             [user[k] for k in ("name", "full_name", "password_hash", "groups", "authorized_keys")])
    same(network["ethernets"]["lan0"]["addresses"], NETWORK["addresses"])
    same(yaml.safe_load(text("etc/cloud/cloud.cfg.d/99-slipway.cfg")), {"datasource_list": ["NoCloud", "None"]})


def check_windows():
    ns = "{urn:schemas-microsoft-com:unattend}"
    tree = ElementTree.parse(root / "unattend.xml")
    values = {name: [e.text or "" for e in tree.iter(ns + name)] for name in (
        "ComputerName", "DNSDomain", "DisplayName", "Name", "Value", "JoinDomain", "Username", "Password", "IpAddress")}
    account = said["join"]["user"].rpartition("\\")[2] if "\\" not in said["join"]["user"] else said["join"]["user"].partition("\\")[2]
    same(values["ComputerName"] + values["DNSDomain"], [said["host_name"], said["domain"]])
    same(values["DisplayName"], [u["full_name"] for u in USERS])
    same(values["Name"], [u["name"] for u in USERS])
    same(values["Value"], [u["password"] for u in USERS])
    same(values["JoinDomain"] + values["Username"] + values["Password"][:1],
         [said["join"]["domain"], account, said["join"]["password"]])
    same(values["IpAddress"], NETWORK["addresses"] + NETWORK["dns"])


if kind == "windows":
    check_windows()
else:
    check_everywhere()
    if kind != "cloud":
        check_users()
    globals()["check_" + kind]()
