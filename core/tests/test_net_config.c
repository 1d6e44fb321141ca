/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "core/net_config.h"

static const uint8_t mac[6] = {0x52, 0x54, 0x00, 0x12, 0xab, 0xff};

static struct net_config full_config(void)
{
    return (struct net_config){
        .address = {{10, 77, 0, 21}},
        .netmask = {{255, 255, 240, 0}},
        .gateway = {{10, 77, 0, 1}},
        .dns = {{{10, 77, 0, 1}}, {{9, 9, 9, 9}}},
        .boot_server = {{10, 77, 0, 2}},
        .lease_seconds = UINT32_MAX,
        .host_name = "pc-a.lab",
    };
}

static void assert_config_equal(const struct net_config *a, const struct net_config *b)
{
    assert_memory_equal(&a->address, &b->address, 4);
    assert_memory_equal(&a->netmask, &b->netmask, 4);
    assert_memory_equal(&a->gateway, &b->gateway, 4);
    assert_memory_equal(a->dns, b->dns, 8);
    assert_memory_equal(&a->boot_server, &b->boot_server, 4);
    assert_memory_equal(&a->dhcp_server, &b->dhcp_server, 4);
    assert_int_equal(a->lease_seconds, b->lease_seconds);
    assert_int_equal(a->mtu, b->mtu);
    assert_string_equal(a->host_name, b->host_name);
    assert_string_equal(a->domain, b->domain);
}

static void format(char *buf, size_t size, const struct net_config *c, const char *options)
{
    struct text t;

    text_init(&t, buf, size);
    net_config_format(&t, c, mac, options);
    assert_false(t.cut);
}

static void a_full_configuration_is_written(void **state)
{
    (void)state;
    struct net_config c = full_config();
    char buf[512];

    format(buf, sizeof(buf), &c, "quiet");
    assert_string_equal(buf, " ip=10.77.0.21:10.77.0.2:10.77.0.1:255.255.240.0:pc-a.lab::off:10.77.0.1:9.9.9.9"
                             " BOOTIF=01-52-54-00-12-ab-ff slipway.server=10.77.0.2");
}

static void a_vlan_is_handed_on(void **state)
{
    (void)state;
    struct net_config c = full_config(), back;
    uint8_t found[6];
    bool has_mac;
    char buf[512];

    c.vlan = 4094;
    format(buf, sizeof(buf), &c, "");
    assert_non_null(strstr(buf, " slipway.vlan=4094"));
    assert_true(net_config_parse(buf, &back, found, &has_mac));
    assert_int_equal(back.vlan, 4094);
    c.vlan = 0;
    format(buf, sizeof(buf), &c, "");
    assert_null(strstr(buf, "vlan"));
}

static void a_vlan_that_is_none_counts_as_missing(void **state)
{
    static const char *const bad[] = {"", "slipway.vlan", "slipway.vlan=", "slipway.vlan=0", "slipway.vlan=4095",
                                      "slipway.vlan=70000", "slipway.vlan=7a", "slipway.vlan=-1", "vlan=7"};

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(net_config_vlan(bad[i]), 0);
    assert_int_equal(net_config_vlan("ip=dhcp slipway.vlan=7 quiet"), 7);
}

static void a_server_that_was_given_stays(void **state)
{
    (void)state;
    struct net_config c = full_config();
    char buf[512];

    format(buf, sizeof(buf), &c, "slipway.server=images.lab quiet");
    assert_null(strstr(buf, "slipway.server"));
    format(buf, sizeof(buf), &c, "quiet slipway.server=");
    assert_null(strstr(buf, "slipway.server"));
    format(buf, sizeof(buf), &c, "xslipway.server=1 slipway.servers=2 a=slipway.server=3");
    assert_non_null(strstr(buf, " slipway.server=10.77.0.2"));
}

static void what_is_missing_is_left_empty(void **state)
{
    (void)state;
    struct net_config c = {.address = {{10, 0, 0, 5}}, .netmask = {{255, 0, 0, 0}}};
    char buf[512];

    format(buf, sizeof(buf), &c, "");
    assert_string_equal(buf, " ip=10.0.0.5:::255.0.0.0:::off:: BOOTIF=01-52-54-00-12-ab-ff");
    c.address = (struct ip4){{0}};
    format(buf, sizeof(buf), &c, "");
    assert_string_equal(buf, " BOOTIF=01-52-54-00-12-ab-ff");
}

/* A host name comes from the network; it must not be able to add a parameter. */
static void a_host_name_cannot_break_out(void **state)
{
    (void)state;
    static const char *const names[] = {"a init=/bin/sh", "a:b", "a\nb", "a\"b", "\xc3\xa9"};
    struct net_config c = full_config();
    char buf[512];

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        strcpy(c.host_name, names[i]);
        format(buf, sizeof(buf), &c, "");
        assert_non_null(strstr(buf, ":255.255.240.0:::off:"));
    }
}

static void what_does_not_fit_is_told(void **state)
{
    (void)state;
    struct net_config c = full_config();
    char buf[40];
    struct text t;

    text_init(&t, buf, sizeof(buf));
    net_config_format(&t, &c, mac, "");
    assert_true(t.cut);
}

static void what_was_written_is_read_back(void **state)
{
    (void)state;
    struct net_config c, back;
    char buf[512];
    uint8_t back_mac[6];
    bool has_mac;

    for (unsigned mask = 0; mask < 32; mask++) {
        c = full_config();
        if (mask & 1)
            c.gateway = (struct ip4){{0}};
        if (mask & 2)
            c.dns[0] = (struct ip4){{0}};
        if (mask & 4)
            c.dns[1] = (struct ip4){{0}};
        if (mask & 8)
            c.boot_server = (struct ip4){{0}};
        if (mask & 16)
            c.host_name[0] = '\0';
        format(buf, sizeof(buf), &c, "");
        memset(&back, 0xee, sizeof(back));
        assert_true(net_config_parse(buf, &back, back_mac, &has_mac));
        assert_config_equal(&c, &back);
        assert_true(has_mac);
        assert_memory_equal(back_mac, mac, 6);
    }
}

static void a_host_name_of_63_is_read_and_of_64_is_not(void **state)
{
    (void)state;
    char line[128] = "ip=10.0.0.5::::";
    struct net_config c;
    uint8_t m[6];
    bool has_mac;

    memset(line + 15, 'h', 63);
    assert_true(net_config_parse(line, &c, m, &has_mac));
    assert_int_equal(strlen(c.host_name), 63);
    line[15 + 63] = 'h';
    assert_false(net_config_parse(line, &c, m, &has_mac));
}

/* Checks ADDRESS/NETMASK/GATEWAY as text. */
static void assert_parses(const char *line, const char *want)
{
    struct net_config c;
    uint8_t m[6];
    bool has_mac;
    char buf[64];
    struct text t;

    if (!net_config_parse(line, &c, m, &has_mac))
        fail_msg("%s was not taken", line);
    text_init(&t, buf, sizeof(buf));
    text_ip4(&t, c.address);
    text_char(&t, '/');
    text_ip4(&t, c.netmask);
    text_char(&t, '/');
    text_ip4(&t, c.gateway);
    assert_string_equal(buf, want);
}

static void the_kernels_shorter_forms_are_read(void **state)
{
    (void)state;
    assert_parses("ip=10.0.0.5", "10.0.0.5/255.0.0.0/0.0.0.0");
    assert_parses("ip=172.16.0.5", "172.16.0.5/255.255.0.0/0.0.0.0");
    assert_parses("ip=192.168.0.5", "192.168.0.5/255.255.255.0/0.0.0.0");
    assert_parses("ip=10.0.0.5::10.0.0.1:255.255.255.0", "10.0.0.5/255.255.255.0/10.0.0.1");
    assert_parses("ro ip=10.0.0.5:10.0.0.2:10.0.0.1:255.255.0.0:pc:eth0:none quiet", "10.0.0.5/255.255.0.0/10.0.0.1");
    assert_parses("ip=10.0.0.5:::255.0.0.0::eth0:off:10.0.0.1:10.0.0.2:10.0.0.3\n", "10.0.0.5/255.0.0.0/0.0.0.0");
    assert_parses("ip=10.0.0.5::::::dhcp", "10.0.0.5/255.0.0.0/0.0.0.0");
    assert_parses("ip=0.0.0.1:0.0.0.0:255.255.255.255:255.255.255.255", "0.0.0.1/255.255.255.255/255.255.255.255");
}

static void the_last_one_counts(void **state)
{
    (void)state;
    assert_parses("ip=dhcp ip=10.0.0.6\tip=10.0.0.5", "10.0.0.5/255.0.0.0/0.0.0.0");
}

static void anything_else_is_left_alone(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "", " ", "quiet", "ip", "ip=", "ip=dhcp", "ip=on", "ip=off", "ip=any", "xip=10.0.0.5", "nip=1 ip=::::pc::dhcp",
        "ip=10.0.0", "ip=10.0.0.", "ip=10.0.0.256", "ip=10.0.0.1000", "ip=10.0.0.5.", "ip=10.0.0.5x", "ip=10..0.5",
        "ip=-1.0.0.5", "ip=0.0.0.0", "ip=10.0.0.5:server", "ip=10.0.0.5::x", "ip=10.0.0.5:::x", "ip=10.0.0.5::::a_b",
        "ip=10.0.0.5::::::maybe", "ip=10.0.0.5:::::::x", "ip=10.0.0.5::::::::x", "ip=10.0.0.5:::::::::x",
        "ip=10.0.0.5::::::::::x", "ip=[fd77::5]::[fd77::1]:64", "ip=10.0.0.5 ip=dhcp",
    };
    struct net_config c, untouched;
    uint8_t m[6];
    bool has_mac;

    memset(&c, 0xee, sizeof(c));
    untouched = c;
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        if (net_config_parse(lines[i], &c, m, &has_mac))
            fail_msg("%s was taken", lines[i]);
        assert_memory_equal(&c, &untouched, sizeof(c));
        assert_false(has_mac);
    }
}

static void bootif_stands_for_itself(void **state)
{
    (void)state;
    static const char *const bad[] = {"BOOTIF=", "BOOTIF=01-52-54-00-12-ab", "BOOTIF=01-52-54-00-12-ab-ff-00",
                                      "BOOTIF=01-52-54-00-12-ab-fg", "BOOTIF=01-52-54-00-12-ab-/f",
                                      "BOOTIF=20-52-54-00-12-ab-ff", "BOOTIF=01:52:54:00:12:ab:ff", "bootif=x"};
    struct net_config c;
    uint8_t m[6];
    bool has_mac;

    assert_false(net_config_parse("BOOTIF=01-52-54-00-12-AB-fF", &c, m, &has_mac));
    assert_true(has_mac);
    assert_memory_equal(m, mac, 6);
    memset(m, 0xee, sizeof(m));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_false(net_config_parse(bad[i], &c, m, &has_mac));
        assert_false(has_mac);
        assert_int_equal(m[0], 0xee);
    }
}

static void a_value_is_copied_whole_or_not_at_all(void **state)
{
    (void)state;
    char value[8] = "before";

    assert_true(cmdline_value("a=1 slipway.server=1.2.3.4 b=2", "a", value, sizeof(value)));
    assert_string_equal(value, "1");
    assert_true(cmdline_value("x key=1234567\n", "key", value, sizeof(value)));
    assert_string_equal(value, "1234567");
    assert_false(cmdline_value("key=12345678", "key", value, sizeof(value)));
    assert_string_equal(value, "1234567");
    assert_true(cmdline_value("key=1 key=", "key", value, sizeof(value)));
    assert_string_equal(value, "");
    assert_false(cmdline_value("key", "key", value, sizeof(value)));
    assert_false(cmdline_value("keys=1 ke=2", "key", value, sizeof(value)));
    assert_false(cmdline_value("key=", "key", value, 0));
}

static void an_address_is_local_or_behind_the_gateway(void **state)
{
    struct net_config c = {.address = {{10, 77, 0, 21}}, .netmask = {{255, 255, 254, 0}}};

    (void)state;
    assert_true(net_config_is_local(&c, (struct ip4){{10, 77, 0, 2}}));
    assert_true(net_config_is_local(&c, (struct ip4){{10, 77, 1, 254}}));
    assert_false(net_config_is_local(&c, (struct ip4){{10, 77, 2, 2}}));
    assert_false(net_config_is_local(&c, (struct ip4){{11, 77, 0, 2}}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_is_local_or_behind_the_gateway),
        cmocka_unit_test(a_full_configuration_is_written),
        cmocka_unit_test(a_vlan_is_handed_on),
        cmocka_unit_test(a_vlan_that_is_none_counts_as_missing),
        cmocka_unit_test(a_server_that_was_given_stays),
        cmocka_unit_test(what_is_missing_is_left_empty),
        cmocka_unit_test(a_host_name_cannot_break_out),
        cmocka_unit_test(what_does_not_fit_is_told),
        cmocka_unit_test(what_was_written_is_read_back),
        cmocka_unit_test(a_host_name_of_63_is_read_and_of_64_is_not),
        cmocka_unit_test(the_kernels_shorter_forms_are_read),
        cmocka_unit_test(the_last_one_counts),
        cmocka_unit_test(anything_else_is_left_alone),
        cmocka_unit_test(bootif_stands_for_itself),
        cmocka_unit_test(a_value_is_copied_whole_or_not_at_all),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
