/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The network of a deployed Linux system, for each manager. */
#include "agent/identity/identity_network.h"

#include "agent/tests/identity_fixture.h"

#define WANTS "etc/systemd/system/multi-user.target.wants/"
#define NM "etc/NetworkManager/system-connections/"

static const char *const wants[] = {
    "etc/systemd",         "etc/systemd/system", "etc/systemd/system/multi-user.target.wants",
    "etc/systemd/network", "usr/sbin",           NULL};

/* A card with two addresses, a VLAN on another one, and DHCP on the one that the machine booted from. */
static void say_networks(void)
{
    say("{\"host_name\": \"pc-b\", \"networks\": [{\"mac\": \"52:54:00:00:00:0C\", \"addresses\": [\"192.0.2.5/24\", "
        "\"2001:db8::5/64\"], \"gateways\": [\"192.0.2.1\", \"2001:db8::1\"], \"dns\": [\"192.0.2.53\", "
        "\"2001:db8::53\"], "
        "\"search\": [\"example.org\", \"lab.example.org\"]}, {\"mac\": \"52:54:00:00:00:0d\", \"vlan\": 12, "
        "\"addresses\": "
        "[\"198.51.100.7/25\"]}, {\"dhcp4\": true, \"dhcp6\": true}]}");
}

static void enable(const char *unit)
{
    char path[128];

    folders(wants);
    snprintf(path, sizeof(path), WANTS "%s", unit);
    assert_int_equal(symlinkat("/lib/systemd/system/x", root, path), 0);
}

static void networkd(void **state)
{
    (void)state;
    enable("systemd-networkd.service");
    put(root, "etc/systemd/network/05-old.network", "[Match]\nMACAddress=52:54:00:00:00:0a\n[Network]\nDHCP=yes\n");
    put(root, "etc/systemd/network/80-dhcp.network", "[Match]\nName=en*\n[Network]\nDHCP=yes\n");
    put(root, "etc/systemd/network/00-slipway-9.network", "[Match]\nMACAddress=52:54:00:00:00:0a\n");
    put(root, "etc/resolv.conf", "nameserver 10.0.0.1\n");
    say_networks();
    apply();
    apply();
    assert_string_equal(get(root, "etc/systemd/network/00-slipway-0.network"),
                        "[Match]\nMACAddress=52:54:00:00:00:0c\nType=ether\n\n[Network]\nDHCP=no\nIPv6AcceptRA=no\n"
                        "Address=192.0.2.5/24\nAddress=2001:db8::5/64\nGateway=192.0.2.1\nGateway=2001:db8::1\n"
                        "DNS=192.0.2.53\nDNS=2001:db8::53\nDomains=example.org\nDomains=lab.example.org\n");
    assert_string_equal(get(root, "etc/systemd/network/00-slipway-1.network"),
                        "[Match]\nMACAddress=52:54:00:00:00:0d\nType=ether\n\n[Network]\nDHCP=no\n"
                        "LinkLocalAddressing=no\nVLAN=vlan12\n");
    assert_string_equal(get(root, "etc/systemd/network/00-slipway-1-vlan.netdev"),
                        "[NetDev]\nName=vlan12\nKind=vlan\n\n[VLAN]\nId=12\n");
    assert_string_equal(get(root, "etc/systemd/network/00-slipway-1-vlan.network"),
                        "[Match]\nName=vlan12\n\n[Network]\nDHCP=no\nAddress=198.51.100.7/25\n");
    assert_string_equal(get(root, "etc/systemd/network/00-slipway-2.network"),
                        "[Match]\nMACAddress=52:54:00:00:00:0b\nType=ether\n\n[Network]\nDHCP=yes\n");
    assert_string_equal(get(root, "etc/systemd/network/05-old.network"), "(none)");
    assert_string_not_equal(get(root, "etc/systemd/network/.slipway-disabled.05-old.network"), "(none)");
    assert_string_not_equal(get(root, "etc/systemd/network/80-dhcp.network"), "(none)");
    assert_string_equal(get(root, "etc/systemd/network/00-slipway-9.network"), "(none)");
    assert_string_equal(get(root, "etc/resolv.conf"), "search example.org lab.example.org\nnameserver 192.0.2.53\n"
                                                      "nameserver 2001:db8::53\n");
}

static void network_manager(void **state)
{
    static const char *const list[] = {"etc/NetworkManager", "etc/NetworkManager/system-connections", NULL};

    (void)state;
    enable("NetworkManager.service");
    folders(list);
    put(root, "usr/sbin/NetworkManager", "");
    put(root, NM "Wired", "[connection]\nid=Wired\ntype=ethernet\n");
    put(root, NM "Wifi.nmconnection", "[connection]\nid=Wifi\ntype=wifi\n");
    put(root, "etc/resolv.conf", "nameserver 10.0.0.1\n");
    say_networks();
    apply();
    assert_string_equal(get(root, NM "slipway-0.nmconnection"),
                        "[connection]\nid=slipway-0\nuuid=510b3a90-0000-4000-8000-52540000000c\ntype=ethernet\n"
                        "autoconnect-priority=100\n\n[ethernet]\nmac-address=52:54:00:00:00:0c\n\n[ipv4]\n"
                        "method=manual\naddress1=192.0.2.5/24\ngateway=192.0.2.1\ndns=192.0.2.53;\n"
                        "dns-search=example.org;lab.example.org;\n\n[ipv6]\nmethod=manual\naddress1=2001:db8::5/64\n"
                        "gateway=2001:db8::1\ndns=2001:db8::53;\ndns-search=example.org;lab.example.org;\n");
    assert_int_equal(mode_of(NM "slipway-0.nmconnection"), 0600);
    assert_string_equal(
        get(root, NM "slipway-1-vlan.nmconnection"),
        "[connection]\nid=slipway-1-vlan12\nuuid=510b3a90-000c-4000-8000-52540000000d\ntype=vlan\n"
        "interface-name=vlan12\n\n[vlan]\nid=12\nparent=510b3a90-0000-4000-8000-52540000000d\n\n[ipv4]\n"
        "method=manual\naddress1=198.51.100.7/25\n\n[ipv6]\nmethod=auto\n");
    assert_non_null(
        strstr(get(root, NM "slipway-1.nmconnection"), "[ipv4]\nmethod=disabled\n\n[ipv6]\nmethod=disabled\n"));
    assert_non_null(strstr(get(root, NM "slipway-2.nmconnection"), "[ipv4]\nmethod=auto\n\n[ipv6]\nmethod=auto\n"));
    assert_string_equal(get(root, NM "Wired"), "(none)");
    assert_string_not_equal(get(root, NM ".slipway-disabled.Wired"), "(none)");
    assert_string_not_equal(get(root, NM "Wifi.nmconnection"), "(none)");
    assert_string_equal(get(root, "etc/resolv.conf"), "nameserver 10.0.0.1\n");
}

static const char *text_at(const json_t *o, const char *key)
{
    return json_string_value(json_object_get(o, key));
}

static void netplan(void **state)
{
    static const char *const list[] = {"etc/netplan", NULL};
    const json_t *plan, *card, *vlan;
    json_t *file;

    (void)state;
    folders(wants);
    folders(list);
    put(root, "usr/sbin/netplan", "");
    put(root, "etc/netplan/50-cloud-init.yaml", "network: {version: 2}\n");
    say_networks();
    apply();
    assert_int_equal(mode_of("etc/netplan/01-slipway.yaml"), 0600);
    file = json_loads(get(root, "etc/netplan/01-slipway.yaml"), 0, NULL);
    plan = json_object_get(file, "network");
    assert_string_equal(text_at(plan, "renderer"), "networkd");
    card = json_object_get(json_object_get(plan, "ethernets"), "lan0");
    assert_string_equal(text_at(json_object_get(card, "match"), "macaddress"), "52:54:00:00:00:0c");
    assert_string_equal(json_string_value(json_array_get(json_object_get(card, "addresses"), 1)), "2001:db8::5/64");
    assert_string_equal(text_at(json_array_get(json_object_get(card, "routes"), 1), "to"), "::/0");
    assert_null(json_object_get(card, "set-name"));
    vlan = json_object_get(json_object_get(plan, "vlans"), "vlan12");
    assert_string_equal(text_at(vlan, "link"), "lan1");
    assert_string_equal(text_at(json_object_get(json_object_get(plan, "ethernets"), "lan1"), "set-name"), "lan1");
    assert_true(json_is_true(json_object_get(json_object_get(json_object_get(plan, "ethernets"), "lan2"), "dhcp6")));
    json_decref(file);
    assert_string_equal(get(root, "etc/netplan/50-cloud-init.yaml"), "(none)");
}

static void ifupdown(void **state)
{
    static const char *const list[] = {"etc/network", "etc/network/interfaces.d", "etc/udev", "etc/udev/rules.d", NULL};

    (void)state;
    folders(wants);
    folders(list);
    put(root, "usr/sbin/ifup", "");
    put(root, "etc/network/interfaces", "auto eth0\niface eth0 inet static\naddress 10.0.0.1/8\n");
    put(root, "etc/network/interfaces.d/eth0", "iface eth0 inet dhcp\n");
    put(root, "etc/udev/rules.d/70-persistent-net.rules", "x\n");
    say_networks();
    apply();
    assert_string_equal(
        get(root, "etc/network/interfaces"),
        "# Written when this machine was deployed.\nsource /etc/network/interfaces.d/*\n\nauto lo\niface lo inet "
        "loopback\n"
        "\nauto mac/52:54:00:00:00:0c=slipway0\n\niface slipway0 inet static\n\taddress 192.0.2.5/24\n\tgateway "
        "192.0.2.1\n"
        "\niface slipway0 inet6 static\n\taddress 2001:db8::5/64\n\tgateway 2001:db8::1\n"
        "\tdns-nameservers 192.0.2.53 2001:db8::53\n\tdns-search example.org lab.example.org\n"
        "\nauto mac/52:54:00:00:00:0d=slipway1\n\niface slipway1 inet manual\n\tup ip link set dev $IFACE up\n"
        "\tup ifup $IFACE.12=slipway1v\n\niface slipway1v inet static\n\taddress 198.51.100.7/25\n"
        "\nauto mac/52:54:00:00:00:0b=slipway2\n\niface slipway2 inet dhcp\n\niface slipway2 inet6 dhcp\n");
    assert_string_equal(get(root, "etc/network/interfaces.d/eth0"), "(none)");
    assert_string_equal(get(root, "etc/udev/rules.d/70-persistent-net.rules"), "(none)");
    assert_non_null(strstr(get(root, "etc/resolv.conf"), "nameserver 2001:db8::53\n"));
}

/* One card with a network of its own and a VLAN on it, named in either order. */
static void a_vlan_beside_the_card_s_own_network(void **state)
{
    static const char *const list[] = {"etc/NetworkManager", "etc/NetworkManager/system-connections", "etc/netplan",
                                       "etc/network", NULL};
    json_t *file, *plan;

    (void)state;
    enable("systemd-networkd.service");
    folders(list);
    say("{\"networks\": [{\"vlan\": 12, \"addresses\": [\"198.51.100.7/25\"]}, {\"mac\": \"52:54:00:00:00:0b\", "
        "\"addresses\": [\"192.0.2.5/24\"]}, {\"vlan\": 13, \"dhcp4\": true}]}");
    apply();
    assert_string_equal(get(root, "etc/systemd/network/00-slipway-0.network"), "(none)");
    assert_string_equal(get(root, "etc/systemd/network/00-slipway-1.network"),
                        "[Match]\nMACAddress=52:54:00:00:00:0b\nType=ether\n\n[Network]\nDHCP=no\n"
                        "Address=192.0.2.5/24\nVLAN=vlan12\nVLAN=vlan13\n");
    assert_non_null(strstr(get(root, "etc/systemd/network/00-slipway-0-vlan.network"), "Address=198.51.100.7/25\n"));
    put(root, "usr/sbin/NetworkManager", "");
    enable("NetworkManager.service");
    apply();
    assert_string_equal(get(root, NM "slipway-0.nmconnection"), "(none)");
    assert_non_null(strstr(get(root, NM "slipway-1.nmconnection"), "address1=192.0.2.5/24\n"));
    assert_non_null(
        strstr(get(root, NM "slipway-2-vlan.nmconnection"), "parent=510b3a90-0000-4000-8000-52540000000b\n"));
    put(root, "usr/sbin/netplan", "");
    apply();
    file = json_loads(get(root, "etc/netplan/01-slipway.yaml"), 0, NULL);
    plan = json_object_get(file, "network");
    assert_int_equal(json_object_size(json_object_get(plan, "ethernets")), 1);
    assert_string_equal(text_at(json_object_get(json_object_get(plan, "vlans"), "vlan13"), "link"), "lan1");
    assert_string_equal(
        json_string_value(json_array_get(
            json_object_get(json_object_get(json_object_get(plan, "ethernets"), "lan1"), "addresses"), 0)),
        "192.0.2.5/24");
    json_decref(file);
    assert_int_equal(unlinkat(root, "usr/sbin/netplan", 0) | unlinkat(root, "usr/sbin/NetworkManager", 0) |
                         unlinkat(root, WANTS "systemd-networkd.service", 0),
                     0);
    put(root, "usr/sbin/ifup", "");
    apply();
    assert_non_null(strstr(get(root, "etc/network/interfaces"),
                           "\nauto mac/52:54:00:00:00:0b=slipway1\n\niface slipway1 inet static\n\taddress "
                           "192.0.2.5/24\n\tup ifup $IFACE.12=slipway0v\n\tup ifup $IFACE.13=slipway2v\n"));
    say("{\"networks\": [{\"dhcp4\": true}, {\"mac\": \"52:54:00:00:00:0b\", \"dhcp4\": true}]}");
    apply_refused("networks 1 and 2 are both for the same card");
    say("{\"networks\": [{\"vlan\": 7}, {\"mac\": \"52:54:00:00:00:0c\", \"vlan\": 7}]}");
    apply_refused("networks 1 and 2 are both VLAN 7");
}

static void nobody_manages_it(void **state)
{
    (void)state;
    say_networks();
    apply_refused("nobody there would set up its network");
    say("{\"host_name\": \"x\"}");
    apply();
}

/* Without networks of its own, a machine has the image's. */
static void nothing_said_nothing_changed(void **state)
{
    (void)state;
    enable("systemd-networkd.service");
    put(root, "etc/systemd/network/05-old.network", "[Match]\nMACAddress=52:54:00:00:00:0a\n");
    apply();
    assert_string_not_equal(get(root, "etc/systemd/network/05-old.network"), "(none)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_TREE(networkd),
        WITH_TREE(network_manager),
        WITH_TREE(netplan),
        WITH_TREE(ifupdown),
        WITH_TREE(a_vlan_beside_the_card_s_own_network),
        WITH_TREE(nobody_manages_it),
        WITH_TREE(nothing_said_nothing_changed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
