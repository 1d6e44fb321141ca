/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The identity of Linux systems of many kinds, as a tree of files: each item goes alone, and nothing else with it. */
#include "agent/anonymous/anonymous_items.h"

#include "agent/tests/identity_fixture.h"

#define NM "etc/NetworkManager/system-connections/"

static char removed[256];

static void shell(const char *commands)
{
    char command[4096];

    snprintf(command, sizeof(command), "set -e; cd %s/root; %s", top, commands);
    if (system(command))
        fail_msg("failed: %s", commands);
}

/* A file for each thing that is one machine's own: its content is the name of its item; "stays" is nobody's. */
static void make_system(void)
{
    shell(
        "put() { f=$1; shift; for i; do mkdir -p \"$(dirname \"$i\")\"; echo $f > \"$i\"; done; }; rm -r etc var; "
        "mkdir -p etc var/lib; put machine-id etc/machine-id var/lib/dbus/machine-id; "
        "put ssh-host-keys etc/ssh/ssh_host_rsa_key etc/ssh/ssh_host_ed25519_key.pub "
        "etc/dropbear/dropbear_rsa_host_key; "
        "put network-state var/lib/dhcp/dhclient.eth0.leases var/lib/dhcp/dhclient6.eth0.leases "
        "var/lib/dhclient/dhclient--eth0.lease var/lib/NetworkManager/internal-1-eth0.lease "
        "var/lib/NetworkManager/secret_key var/lib/NetworkManager/timestamps var/lib/NetworkManager/seen-bssids "
        "var/lib/dhcpcd/eth0.lease var/lib/dhcpcd/duid var/lib/dhcpcd/secret etc/dhcpcd.duid "
        "var/lib/wicked/duid.xml var/lib/wicked/iaid.xml var/lib/wicked/lease-eth0-dhcp-ipv4.xml; "
        "put random-seed var/lib/systemd/random-seed var/lib/urandom/random-seed boot/efi/loader/random-seed "
        "boot/loader/random-seed efi/loader/random-seed; put credential-secret var/lib/systemd/credential.secret; "
        "put network-rules etc/udev/rules.d/70-persistent-net.rules; "
        "put cloud-init var/lib/cloud/instances/i-1/sem/x var/lib/cloud/data/instance-id var/lib/cloud/sem/x "
        "etc/netplan/50-cloud-init.yaml etc/network/interfaces.d/50-cloud-init; "
        "ln -s instances/i-1 var/lib/cloud/instance; put host-name etc/hostname; "
        "put slipway slipway.cfg AClient.cfg var/lib/cloud/seed/nocloud/user-data etc/cloud/cloud.cfg.d/99-slipway.cfg "
        "var/lib/slipway/first-boot etc/systemd/system/slipway-first-boot.service "
        "etc/systemd/system/slipway-confirm.service usr/local/lib/slipway/slipway-confirm "
        "usr/local/lib/slipway/confirm "
        "etc/systemd/network/00-slipway-0.network " NM "slipway-0.nmconnection etc/netplan/01-slipway.yaml; "
        "put stays etc/ssh/sshd_config etc/ssh/moduli var/lib/NetworkManager/NetworkManager.state "
        "etc/slipway/resident.conf "
        "etc/systemd/network/80-dhcp.network etc/udev/rules.d/80-mine.rules var/lib/cloud/scripts/x etc/fstab "
        "etc/cloud/cloud.cfg etc/cloud/cloud.cfg.d/90_dpkg.cfg etc/passwd root/.ssh/authorized_keys "
        "var/lib/dbus/other var/lib/systemd/timesync/clock usr/local/lib/other; mkdir -p var/log; put logs "
        "var/log/syslog");
}

static void forget(unsigned wanted)
{
    if (anonymous_items_remove(root, wanted, removed, sizeof(removed)))
        fail_msg("%s", removed);
}

/* What is left of an item: files that hold its name. */
static void expect_left(const char *name, bool left)
{
    char commands[256];

    snprintf(commands, sizeof(commands), "n=$(grep -rlx %s . | wc -l); [ $n %s 0 ]", name, left ? "-gt" : "=");
    shell(commands);
}

static void each_goes_alone(void **state)
{
    static const char *const names[] = {"machine-id",        "ssh-host-keys", "network-state", "random-seed",
                                        "credential-secret", "network-rules", "cloud-init",    "host-name",
                                        "slipway",           "logs"};
    static const size_t count = sizeof(names) / sizeof(names[0]);
    char all[256] = "";

    for (size_t i = 0; i < count; i++) {
        unsigned bit = i + 1 < count ? anonymous_item_parse(names[i]) : ANONYMOUS_LOGS;
        if (i)
            assert_int_equal(remove_tree(state) | make_tree(state), 0);
        make_system();
        assert_int_not_equal(bit, 0);
        forget(bit);
        assert_string_not_equal(removed, "");
        for (size_t k = 0; k < count; k++)
            expect_left(names[k], k != i);
        shell("[ $(grep -rlx stays . | wc -l) = 15 ]");
        forget(bit);
        assert_string_equal(removed, "");
        if (bit != ANONYMOUS_LOGS)
            snprintf(all + strlen(all), sizeof(all) - strlen(all), "%s%s", i ? ", " : "", names[i]);
    }
    assert_string_equal(all, anonymous_item_names());
}

static void ids_that_are_none(void **state)
{
    (void)state;
    shell("echo uninitialized > etc/machine-id; ln -s /etc/machine-id var/lib/dbus/machine-id");
    forget(ANONYMOUS_MACHINE_ID);
    assert_string_equal(removed, "");
    shell("[ $(cat etc/machine-id) = uninitialized ]; [ -L var/lib/dbus/machine-id ]; "
          "echo 00000000000000000000000000000001 > etc/machine-id");
    forget(ANONYMOUS_MACHINE_ID);
    assert_string_equal(removed, "machine-id");
    shell("[ -f etc/machine-id ]; [ ! -s etc/machine-id ]; [ -L var/lib/dbus/machine-id ]; rm etc/machine-id");
    forget(ANONYMOUS_MACHINE_ID);
    assert_string_equal(removed, "");
}

/* Deployed, captured: the address that the deploy gave must not come to every machine that gets the image. */
static void networks_of_a_deploy_come_back_as_they_were(void **state)
{
    static const char *const places[] = {"etc/network/interfaces", "etc/netplan/50-mine.yaml", NM "Wired"};

    (void)state;
    shell("mkdir -p usr/sbin etc/network/interfaces.d etc/NetworkManager/system-connections etc/netplan; : > "
          "usr/sbin/ifup; "
          "echo '# mine' > etc/network/interfaces; echo 'network: {version: 2}' > etc/netplan/50-mine.yaml; "
          "echo type=ethernet > " NM "Wired");
    say("{\"networks\": [{\"addresses\": [\"192.0.2.5/24\"]}], \"first_boot\": \"\"}");
    for (int i = 0; i < 2; i++)
        apply();
    for (size_t i = 1; i < 3; i++)
        assert_string_equal(get(root, places[i]), "(none)");
    assert_non_null(strstr(get(root, places[0]), "192.0.2.5"));
    forget(ANONYMOUS_SLIPWAY);
    assert_string_equal(get(root, places[0]), "# mine\n");
    assert_string_equal(get(root, places[1]), "network: {version: 2}\n");
    assert_string_equal(get(root, places[2]), "type=ethernet\n");
    shell("! grep -r 192.0.2.5 .; [ -z \"$(find . -name '*slipway*')\" ]");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_TREE(each_goes_alone),
        WITH_TREE(ids_that_are_none),
        WITH_TREE(networks_of_a_deploy_come_back_as_they_were),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
