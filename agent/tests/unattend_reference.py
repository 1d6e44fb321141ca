#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Holds an answer file against Microsoft's "Unattended Windows Setup Reference": which components may be in which pass,
which elements they have, in which order where the order counts, and of what type their values are. Then prints each
value on a line: pass/component/element/...=value."""

import re
import sys
import xml.etree.ElementTree as ElementTree

NS = "{urn:schemas-microsoft-com:unattend}"
WCM = "{http://schemas.microsoft.com/WMIConfig/2002/State}"
TEXT, BOOL, NUMBER = r".*", r"true|false", r"[0-9]+"


class List:
    """Entries of one kind, each with wcm:action="add" and, if `keyed`, its own wcm:keyValue."""

    def __init__(self, name, content, keyed=False):
        self.name, self.content, self.keyed = name, content, keyed


# The order in these tables is the one that the reference shows; for Interface of TCPIP it prescribes it.
COMPONENTS = {
    ("specialize", "Microsoft-Windows-Shell-Setup"): {
        "ComputerName": r"\*|[A-Za-z0-9-]{1,15}",
        "ProductKey": r"([A-Z0-9]{5}-){4}[A-Z0-9]{5}",
        "TimeZone": r"[A-Z][A-Za-z. ()]+",
    },
    ("specialize", "Microsoft-Windows-UnattendedJoin"): {
        "Identification": {
            "Credentials": {"Domain": TEXT, "Password": TEXT, "Username": TEXT},
            "JoinDomain": TEXT,
            "MachineObjectOU": TEXT,
        }
    },
    ("specialize", "Microsoft-Windows-TCPIP"): {
        "Interfaces": List(
            "Interface",
            {
                "Ipv4Settings": {"DhcpEnabled": BOOL},
                "Ipv6Settings": {"DhcpEnabled": BOOL},
                "Identifier": r"([0-9A-F]{2}-){5}[0-9A-F]{2}",
                "UnicastIpAddresses": List("IpAddress", r"[0-9a-fA-F.:]+/[0-9]+", keyed=True),
                "Routes": List("Route", {"Identifier": NUMBER, "NextHopAddress": r"[0-9a-fA-F.:]+", "Prefix": r"[0-9.:]+/0"}),
            },
        )
    },
    ("specialize", "Microsoft-Windows-DNS-Client"): {
        "DNSDomain": TEXT,
        "DNSSuffixSearchOrder": List("DomainName", TEXT, keyed=True),
        "Interfaces": List(
            "Interface",
            {
                "Identifier": r"([0-9A-F]{2}-){5}[0-9A-F]{2}",
                "DNSServerSearchOrder": List("IpAddress", r"[0-9a-fA-F.:]+", keyed=True),
            },
        ),
    },
    ("oobeSystem", "Microsoft-Windows-International-Core"): {
        "InputLocale": r"[0-9a-fA-F]{4}:[0-9a-fA-F]{8}",
        "SystemLocale": r"[a-z]{2,3}(-[A-Z][a-z]{3})?-[A-Z]{2}",
        "UserLocale": r"[a-z]{2,3}(-[A-Z][a-z]{3})?-[A-Z]{2}",
    },
    ("oobeSystem", "Microsoft-Windows-Shell-Setup"): {
        "FirstLogonCommands": List("SynchronousCommand", {"CommandLine": TEXT, "Description": TEXT, "Order": NUMBER}),
        "OOBE": {
            "HideEULAPage": BOOL,
            "HideLocalAccountScreen": BOOL,
            "HideOnlineAccountScreens": BOOL,
            "HideWirelessSetupInOOBE": BOOL,
            "ProtectYourPC": r"[123]",
        },
        "UserAccounts": {
            "LocalAccounts": List(
                "LocalAccount",
                {"Password": {"Value": TEXT, "PlainText": BOOL}, "DisplayName": TEXT, "Group": TEXT, "Name": TEXT},
            )
        },
    },
}


def check_list(element, content, path):
    keys = []
    for child in element:
        assert child.tag == NS + content.name, f"{path}: {child.tag} in a list of {content.name}"
        assert child.get(WCM + "action") == "add", f"{path}: an entry without wcm:action"
        keys.append(child.get(WCM + "keyValue"))
        check(child, content.content, f"{path}/{content.name}")
    assert keys == ([str(i + 1) for i in range(len(keys))] if content.keyed else [None] * len(keys)), f"{path}: keys {keys}"
    assert keys, f"{path}: an empty list"


def check(element, content, path):
    if isinstance(content, str):
        text = element.text or ""
        assert len(element) == 0 and re.fullmatch(content, text), f"{path}: {text!r} is no {content}"
        print(f"{path}={text}")
        return
    if isinstance(content, List):
        check_list(element, content, path)
        return
    names = [child.tag.removeprefix(NS) for child in element]
    assert set(names) <= set(content), f"{path}: unknown {set(names) - set(content)}"
    assert names == [name for name in content if name in names], f"{path}: the order {names}, or one twice"
    for child, name in zip(element, names):
        check(child, content[name], f"{path}/{name}")


def main(path, arch):
    with open(path, "rb") as f:
        data = f.read()
    assert data.startswith(b'<?xml version="1.0" encoding="utf-8"?>\r\n')
    assert data.count(b"\n") == data.count(b"\r\n"), "a line that does not end as Windows' do"
    root = ElementTree.fromstring(data)
    assert root.tag == NS + "unattend" and not root.attrib
    passes = [settings.get("pass") for settings in root]
    assert passes == ["specialize", "oobeSystem"], passes
    for settings in root:
        assert settings.tag == NS + "settings"
        for component in settings:
            name = component.get("name")
            expected = {"name": name, "processorArchitecture": arch, "publicKeyToken": "31bf3856ad364e35",
                        "language": "neutral", "versionScope": "nonSxS"}
            assert component.tag == NS + "component" and component.attrib == expected, component.attrib
            check(component, COMPONENTS[settings.get("pass"), name], f"{settings.get('pass')}/{name}")


main(*sys.argv[1:])
