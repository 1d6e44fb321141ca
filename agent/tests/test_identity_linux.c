/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Accounts, locale, first-boot command and cloud-init's seed of a deployed Linux system. */
#include "agent/base/tree.h"
#include "agent/identity/account_file.h"
#include "agent/identity/identity_linux.h"
#include "agent/identity/locale_list.h"

#include "agent/tests/identity_fixture.h"

#define KEY "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ5tZ1xk3mXbqZ0Y9oQe5N8ZfVb0o0b1dQ6m5k2cX3uT "
#define HASH "$y$j9T$abcdefghijkl$0123456789012345678901234567890123456789012"

static void make_accounts(void)
{
    put(root, "etc/passwd", "root:x:0:0:root:/root:/bin/bash\nold:x:1000:1000:Old,,,:/home/old:/bin/sh\n");
    put(root, "etc/shadow", "root:*:19000:0:99999:7:::\nold:!:19000:0:99999:7:::\n");
    put(root, "etc/group", "root:x:0:\nsudo:x:27:old\nold:x:1000:\nadm:x:4:");
    put(root, "etc/gshadow", "root:*::\nsudo:*::old\nold:!::\nadm:*::\n");
    assert_int_equal(fchmodat(root, "etc/shadow", 0640, 0), 0);
    assert_int_equal(fchownat(root, "etc/shadow", 0, 42, 0), 0);
}

static void expect_owner(const char *path, unsigned uid, unsigned gid, unsigned mode)
{
    struct stat s;

    assert_int_equal(fstatat(root, path, &s, AT_SYMLINK_NOFOLLOW), 0);
    assert_int_equal(s.st_uid, uid);
    assert_int_equal(s.st_gid, gid);
    assert_int_equal(s.st_mode & 07777, mode);
}

static void users(void **state)
{
    const char *shadow;

    (void)state;
    make_accounts();
    say("{\"host_name\": \"pc-b\", \"users\": [{\"name\": \"ann\", \"full_name\": \"Ann \\u00c4 $(id) <&>'\\\"\", "
        "\"password_hash\": \"" HASH "\", \"groups\": [\"sudo\", \"adm\", \"nosuch\"], \"authorized_keys\": [\"" KEY
        "ann\"]}, {\"name\": \"old\", \"groups\": [\"sudo\"], \"authorized_keys\": [\"" KEY "old\"]}]}");
    for (int i = 0; i < 2; i++) {
        apply();
        assert_string_equal(get(root, "etc/passwd"),
                            "root:x:0:0:root:/root:/bin/bash\nold:x:1000:1000:Old,,,:/home/old:/bin/sh\n"
                            "ann:x:1001:1001:Ann \xc3\x84 $(id) <&>'\":/home/ann:/bin/sh\n");
        assert_string_equal(get(root, "etc/group"), "root:x:0:\nsudo:x:27:old,ann\nold:x:1000:\nadm:x:4:ann\n"
                                                    "ann:x:1001:\n");
        assert_string_equal(get(root, "etc/gshadow"), "root:*::\nsudo:*::old,ann\nold:!::\nadm:*::ann\nann:!::\n");
        shadow = get(root, "etc/shadow");
        assert_ptr_equal(strstr(shadow, "root:*:19000:0:99999:7:::\nold:!:19000:0:99999:7:::\nann:" HASH ":2"), shadow);
        assert_non_null(strstr(shadow, ":0:99999:7:::\n"));
        expect_owner("etc/shadow", 0, 42, 0640);
        expect_owner("home/ann", 1001, 1001, 0700);
        expect_owner("home/ann/.ssh", 1001, 1001, 0700);
        expect_owner("home/ann/.ssh/authorized_keys", 1001, 1001, 0600);
        assert_string_equal(get(root, "home/ann/.ssh/authorized_keys"), KEY "ann\n");
        assert_string_equal(get(root, "home/old/.ssh/authorized_keys"), KEY "old\n");
    }
    assert_int_equal(tree_count(root, "etc", ".slipway", ""), 0);
}

/* What a user has left in the home is no way out of it, nor onto others' files. */
static void a_home_full_of_links(void **state)
{
    static const char *const list[] = {"home", "home/old", "root", NULL};

    (void)state;
    make_accounts();
    folders(list);
    assert_int_equal(symlinkat("../../../outside", root, "home/old/.ssh"), 0);
    say("{\"users\": [{\"name\": \"old\", \"authorized_keys\": [\"" KEY "old\"]}]}");
    apply_refused("home/old");
    assert_int_equal(faccessat(top_fd, "outside/authorized_keys", F_OK, 0), -1);
    assert_int_equal(unlinkat(root, "home/old/.ssh", 0), 0);
    assert_int_equal(symlinkat("../../etc", root, "home/old/.ssh"), 0);
    apply_refused("home/old");
    expect_owner("etc", 0, 0, 0755);
    assert_int_equal(mkdirat(root, "root/.ssh", 0777), 0);
    assert_int_equal(symlinkat("../../etc/passwd", root, "root/.ssh/authorized_keys"), 0);
    say("{\"authorized_keys\": [\"" KEY "r\"]}");
    apply();
    assert_string_equal(get(root, "etc/passwd"),
                        "root:x:0:0:root:/root:/bin/bash\nold:x:1000:1000:Old,,,:/home/old:/bin/sh\n");
    assert_int_equal(mode_of("root/.ssh"), 0700);
    assert_int_equal(mode_of("root/.ssh/authorized_keys"), 0600);
    assert_string_equal(get(root, "root/.ssh/authorized_keys"), KEY "r\n");
}

static void keys_are_added_to_those_of_root(void **state)
{
    static const char *const list[] = {"root", "root/.ssh", NULL};

    (void)state;
    folders(list);
    put(root, "root/.ssh/authorized_keys", KEY "image");
    say("{\"authorized_keys\": [\"" KEY "a\", \"" KEY "image\"]}");
    apply();
    apply();
    assert_string_equal(get(root, "root/.ssh/authorized_keys"), KEY "image\n" KEY "a\n");
}

static void accounts_that_are_no_text(void **state)
{
    (void)state;
    make_accounts();
    say("{\"users\": [{\"name\": \"ann\"}]}");
    put(root, "etc/group", "root");
    apply();
    assert_string_equal(get(root, "etc/group"), "root\nann:x:1001:\n");
    unlinkat(root, "etc/passwd", 0);
    assert_int_equal(mkfifoat(root, "etc/passwd", 0644), 0);
    apply_refused("etc/passwd");
}

static void account_numbers(void **state)
{
    char value[8];

    (void)state;
    assert_true(account_number_taken("a:x:5\nb:x:1000:", 2, 1000));
    assert_false(account_number_taken("a:x\nb:x:99999999999999991000:", 2, 1000));
    assert_false(account_field("a:x", "a", 2, value, sizeof(value)));
    assert_false(account_field("a:12345678", "a", 1, value, sizeof(value)));
    assert_false(account_field("ab:1\n", "a", 1, value, sizeof(value)));
}

static void time_zone_locale_keyboard(void **state)
{
    static const char *const list[] = {"usr/share", "usr/share/zoneinfo", "usr/share/zoneinfo/Europe", "etc/default",
                                       NULL};
    char target[64] = "";

    (void)state;
    folders(list);
    put(root, "usr/share/zoneinfo/Europe/Berlin", "TZif");
    put(root, "etc/timezone", "Etc/UTC\n");
    put(root, "etc/default/locale", "#  c\nLANG=C\nLC_TIME=C\n");
    put(root, "etc/default/keyboard", "XKBMODEL=\"pc105\"\nXKBLAYOUT=\"us\"\n");
    say("{\"time_zone\": \"Europe/Berlin\", \"locale\": \"de_DE.UTF-8\", \"keyboard\": \"us-intl\"}");
    apply();
    apply();
    assert_int_equal(readlinkat(root, "etc/localtime", target, sizeof(target) - 1), 35);
    assert_string_equal(target, "../usr/share/zoneinfo/Europe/Berlin");
    assert_string_equal(get(root, "etc/timezone"), "Europe/Berlin\n");
    assert_string_equal(get(root, "etc/default/locale"), "#  c\nLC_TIME=C\nLANG=\"de_DE.UTF-8\"\n");
    assert_string_equal(get(root, "etc/default/keyboard"),
                        "XKBMODEL=\"pc105\"\nXKBLAYOUT=\"us\"\nXKBVARIANT=\"intl\"\n");
    say("{\"time_zone\": \"Europe/Nowhere\"}");
    apply_refused("Europe/Nowhere");
    say("{\"time_zone\": \"Europe\"}");
    apply_refused("Europe");
}

static void put_bytes(const char *path, const uint8_t *bytes, size_t size)
{
    int fd = openat(root, path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

    assert_int_equal(write(fd, bytes, size), size);
    close(fd);
}

/* An archive as localedef makes it, with nothing but its head and its names. */
static void locales_of_the_image(void **state)
{
    static const char *const list[] = {"usr/lib/locale", "usr/lib/locale/C.utf8", "usr/lib/locale/fr_FR.utf8", NULL};
    static const char names[] = "de_DE.utf8\0sr_RS.utf8@latin\0it_IT.iso885915@euro";
    uint8_t archive[256] = {0x09, 0x01, 0x02, 0xde, [20] = 100, [24] = sizeof(names)};

    (void)state;
    assert_true(locale_list_has(root, "de_DE.UTF-8"));
    folders(list);
    assert_true(locale_list_has(root, "fr_FR.UTF-8") && locale_list_has(root, "C.UTF-8") && locale_list_has(root, "C"));
    assert_false(locale_list_has(root, "de_DE.UTF-8"));
    memcpy(archive + 100, names, sizeof(names));
    put_bytes("usr/lib/locale/locale-archive", archive, sizeof(archive));
    assert_true(locale_list_has(root, "de_DE.UTF-8") && locale_list_has(root, "sr_RS.UTF-8@latin"));
    assert_true(locale_list_has(root, "it_IT.ISO-8859-15@euro") && locale_list_has(root, "de_DE.utf8"));
    assert_false(locale_list_has(root, "de_DE") || locale_list_has(root, "DE.UTF-8") ||
                 locale_list_has(root, "nl_NL.UTF-8"));
    /* What makes no sense says nothing, and is not trusted. */
    archive[20] = 250;
    put_bytes("usr/lib/locale/locale-archive", archive, sizeof(archive));
    assert_true(locale_list_has(root, "nl_NL.UTF-8"));
    archive[27] = 0xff;
    put_bytes("usr/lib/locale/locale-archive", archive, sizeof(archive));
    assert_true(locale_list_has(root, "nl_NL.UTF-8"));
    put_bytes("usr/lib/locale/locale-archive", archive, 7);
    assert_true(locale_list_has(root, "nl_NL.UTF-8"));
}

static void locale_of_systemd(void **state)
{
    (void)state;
    say("{\"locale\": \"fr_FR.UTF-8\", \"keyboard\": \"fr\"}");
    apply();
    assert_string_equal(get(root, "etc/locale.conf"), "LANG=\"fr_FR.UTF-8\"\n");
    assert_string_equal(get(root, "etc/vconsole.conf"), "KEYMAP=\"fr\"\n");
    assert_string_equal(get(root, "etc/default/locale"), "(none)");
    say("{\"keyboard\": \"0407:00000407\"}");
    apply();
    assert_string_equal(get(root, "etc/vconsole.conf"), "KEYMAP=\"fr\"\n");
}

static void first_boot(void **state)
{
    static const char *const list[] = {"usr/lib/systemd", NULL};
    char target[64] = "";

    (void)state;
    say("{\"first_boot\": \"echo '%n $(id)' \\\"a\\\" > /tmp/x; touch /y\"}");
    apply_refused("systemd");
    folders(list);
    put(root, "usr/lib/systemd/systemd", "");
    apply();
    assert_string_equal(get(root, "var/lib/slipway/first-boot"), "echo '%n $(id)' \"a\" > /tmp/x; touch /y\n");
    assert_int_equal(mode_of("var/lib/slipway/first-boot"), 0700);
    assert_null(strstr(get(root, "etc/systemd/system/slipway-first-boot.service"), "$(id)"));
    assert_true(readlinkat(root, "etc/systemd/system/multi-user.target.wants/slipway-first-boot.service", target, 63) >
                0);
    assert_string_equal(target, "../slipway-first-boot.service");
}

static void selinux(void **state)
{
    static const char *const list[] = {"etc/selinux", NULL};

    (void)state;
    folders(list);
    put(root, "etc/selinux/config", "# SELINUX=enforcing\nSELINUX=disabled\n");
    apply();
    assert_string_equal(get(root, ".autorelabel"), "(none)");
    put(root, "etc/selinux/config", "SELINUXTYPE=targeted\nSELINUX=enforcing\n");
    apply();
    assert_string_equal(get(root, ".autorelabel"), "");
}

static json_t *load(const char *path, const char *head)
{
    const char *text = get(root, path);
    json_t *o;

    assert_int_equal(strncmp(text, head, strlen(head)), 0);
    o = json_loads(text + strlen(head), 0, NULL);
    assert_non_null(o);
    return o;
}

static void cloud_init(void **state)
{
    static const char *const list[] = {"usr/bin", "etc/cloud", "etc/cloud/cloud.cfg.d", NULL};
    json_t *o;

    (void)state;
    folders(list);
    make_accounts();
    put(root, "usr/bin/cloud-init", "");
    put(root, "etc/cloud/cloud.cfg.d/90_dpkg.cfg", "datasource_list: [ EC2 ]\n");
    say("{\"host_name\": \"pc-b\", \"domain\": \"example.org\", \"locale\": \"de_DE.UTF-8\", \"users\": [{\"name\": "
        "\"ann\", "
        "\"full_name\": \"A \\\" ' # - {} \\\\ \\ud83d\\ude00\", \"password_hash\": \"" HASH
        "\", \"groups\": [\"sudo\"]}], \"networks\": [{\"mac\": \"52:54:00:00:00:0C\", \"addresses\": "
        "[\"192.0.2.5/24\"], "
        "\"gateways\": [\"192.0.2.1\"]}]}");
    apply();
    o = load("var/lib/cloud/seed/nocloud/meta-data", "");
    assert_string_equal(json_string_value(json_object_get(o, "instance-id")), "slipway-pc-b-7");
    assert_string_equal(json_string_value(json_object_get(o, "local-hostname")), "pc-b");
    json_decref(o);
    o = load("var/lib/cloud/seed/nocloud/user-data", "#cloud-config\n");
    assert_string_equal(json_string_value(json_object_get(o, "fqdn")), "pc-b.example.org");
    assert_true(json_is_false(json_object_get(o, "ssh_deletekeys")));
    assert_string_equal(json_string_value(json_object_get(json_array_get(json_object_get(o, "users"), 1), "gecos")),
                        "A \" ' # - {} \\ \xf0\x9f\x98\x80");
    json_decref(o);
    assert_non_null(strstr(get(root, "var/lib/cloud/seed/nocloud/user-data"), "\xf0\x9f\x98\x80"));
    o = load("var/lib/cloud/seed/nocloud/network-config", "");
    assert_string_equal(
        json_string_value(json_object_get(json_object_get(json_object_get(o, "ethernets"), "lan0"), "gateway4")),
        "192.0.2.1");
    json_decref(o);
    assert_string_equal(get(root, "etc/cloud/cloud.cfg.d/99-slipway.cfg"), "datasource_list: [NoCloud, None]\n");
    assert_int_equal(mode_of("var/lib/cloud/seed/nocloud/user-data"), 0600);
    /* Accounts are cloud-init's, the rest is there before it starts. */
    assert_null(strstr(get(root, "etc/passwd"), "ann"));
    assert_string_equal(get(root, "etc/hostname"), "pc-b\n");
    assert_non_null(strstr(get(root, "etc/hosts"), "127.0.1.1\tpc-b.example.org pc-b\n"));
}

static void cloud_init_that_leaves_the_network_alone(void **state)
{
    static const char *const list[] = {"usr/bin", "etc/cloud", "etc/cloud/cloud.cfg.d", NULL};

    (void)state;
    folders(list);
    put(root, "usr/bin/cloud-init", "");
    put(root, "etc/cloud/cloud.cfg.d/99-no.cfg", "network:\n  config: disabled\n");
    say("{\"networks\": [{\"dhcp4\": true}]}");
    apply_refused("nobody there would set up its network");
    assert_string_equal(get(root, "var/lib/cloud/seed/nocloud/network-config"), "(none)");
    put(root, "etc/cloud/cloud-init.disabled", "");
    assert_false(identity_cloud_is_there(root));
}

/* Each way to switch it off, and what only looks like one. */
static void cloud_init_that_is_switched_off(void **state)
{
    static const char *const list[] = {
        "usr/bin",   "etc/cloud", "etc/cloud/cloud.cfg.d", "etc/systemd", "etc/systemd/system", "boot",
        "boot/grub", NULL};

    (void)state;
    folders(list);
    put(root, "usr/bin/cloud-init", "");
    assert_true(identity_cloud_is_there(root) && identity_cloud_does_network(root));
    put(root, "etc/cloud/ds-identify.cfg", "# policy: disabled\npolicy: enabled\n");
    put(root, "etc/cloud/cloud.cfg", "# network: {config: disabled}\n");
    assert_int_equal(symlinkat("/lib/systemd/system/x", root, "etc/systemd/system/cloud-init.service"), 0);
    put(root, "boot/vmlinuz-1", "");
    put(root, "boot/grub/grub.cfg",
        "menuentry 'a' {\n linux /boot/vmlinuz-1 root=/dev/sda1 no-cloud-init=disabled\n}\n");
    assert_true(identity_cloud_is_there(root) && identity_cloud_does_network(root));
    put(root, "boot/grub/grub.cfg", "menuentry 'a' {\n linux /boot/vmlinuz-1 ro network-config=disabled quiet\n}\n");
    assert_true(identity_cloud_is_there(root) && !identity_cloud_does_network(root));
    put(root, "boot/grub/grub.cfg", "menuentry 'a' {\n linux /boot/vmlinuz-1 ro cloud-init=disabled\n}\n");
    assert_false(identity_cloud_is_there(root));
    put(root, "boot/grub/grub.cfg", "");
    assert_true(identity_cloud_is_there(root));
    put(root, "etc/cloud/ds-identify.cfg", "policy: disabled\n");
    assert_false(identity_cloud_is_there(root));
    put(root, "etc/cloud/ds-identify.cfg", "");
    assert_int_equal(symlinkat("/dev/null", root, "etc/systemd/system/cloud-init-main.service"), 0);
    assert_false(identity_cloud_is_there(root));
    put(root, "etc/cloud/cloud.cfg", "network: {config: disabled}\n");
    assert_false(identity_cloud_does_network(root));
    make_accounts();
    say("{\"users\": [{\"name\": \"ann\"}]}");
    apply();
    assert_non_null(strstr(get(root, "etc/passwd"), "\nann:"));
    assert_string_equal(get(root, "var/lib/cloud/seed/nocloud/user-data"), "(none)");
}

static void cloud_init_that_knows_no_vlan(void **state)
{
    static const char *const list[] = {"usr/bin",
                                       "etc/cloud",
                                       "etc/cloud/cloud.cfg.d",
                                       "etc/systemd",
                                       "etc/systemd/network",
                                       "etc/systemd/system",
                                       "etc/systemd/system/multi-user.target.wants",
                                       NULL};

    (void)state;
    folders(list);
    put(root, "usr/bin/cloud-init", "");
    put(root, "etc/systemd/system/multi-user.target.wants/systemd-networkd.service", "");
    say("{\"networks\": [{\"addresses\": [\"192.0.2.5/24\"], \"vlan\": 12}]}");
    for (int i = 0; i < 2; i++) {
        apply();
        assert_string_equal(get(root, "var/lib/cloud/seed/nocloud/network-config"), "(none)");
        assert_string_equal(get(root, "etc/cloud/cloud.cfg.d/99-slipway.cfg"),
                            "datasource_list: [NoCloud, None]\nnetwork: {config: disabled}\n");
        assert_string_not_equal(get(root, "etc/systemd/network/00-slipway-0-vlan.netdev"), "(none)");
    }
    say("{\"networks\": [{\"dhcp4\": true}]}");
    apply();
    assert_string_not_equal(get(root, "var/lib/cloud/seed/nocloud/network-config"), "(none)");
    assert_string_equal(get(root, "etc/systemd/network/00-slipway-0-vlan.netdev"), "(none)");
}

static void aclient_cfg(void **state)
{
    (void)state;
    say("{\"host_name\": \"pc-b\", \"aclient\": true, \"networks\": []}");
    apply();
    assert_string_equal(get(root, "AClient.cfg"), "Name=pc-b\r\nComputerName=pc-b\r\nServer=http://10.77.0.2:8077\r\n");
}

/* The longest names there are; what is longer has been refused before it comes here. */
static void the_longest_names(void **state)
{
    char name[64], json[256], line[80];

    (void)state;
    memset(name, 'n', 63);
    name[63] = '\0';
    snprintf(json, sizeof(json), "{\"host_name\": \"%s\", \"domain\": \"example.org\"}", name);
    say(json);
    apply();
    snprintf(line, sizeof(line), "%s\n", name);
    assert_string_equal(get(root, "etc/hostname"), line);
    snprintf(line, sizeof(line), " %.32s", name);
    assert_non_null(strstr(get(root, "etc/hosts"), line));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_TREE(users),
        WITH_TREE(a_home_full_of_links),
        WITH_TREE(keys_are_added_to_those_of_root),
        WITH_TREE(accounts_that_are_no_text),
        cmocka_unit_test(account_numbers),
        WITH_TREE(time_zone_locale_keyboard),
        WITH_TREE(locales_of_the_image),
        WITH_TREE(locale_of_systemd),
        WITH_TREE(first_boot),
        WITH_TREE(selinux),
        WITH_TREE(cloud_init),
        WITH_TREE(cloud_init_that_leaves_the_network_alone),
        WITH_TREE(cloud_init_that_is_switched_off),
        WITH_TREE(cloud_init_that_knows_no_vlan),
        WITH_TREE(aclient_cfg),
        WITH_TREE(the_longest_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
