/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Identity objects from the server: what is taken, and what is named when it is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* Before cmocka, whose macro fail() would cover the function of that name. */
#include "agent/identity/identity_data.h"

#include <cmocka.h>

static struct identity_data data;
static struct failure why;

static int parse(const char *text)
{
    json_t *root = json_loads(text, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    int result;

    assert_non_null(root);
    identity_data_release(&data);
    result = identity_data_parse(root, &data, &why);
    json_decref(root);
    return result;
}

static void a_full_identity(void **state)
{
    const struct identity_network *n = &data.networks[0];

    (void)state;
    assert_int_equal(
        parse(
            "{\"host_name\": \"pc-b\", \"domain\": \"example.org\", \"locale\": \"de_DE.UTF-8\", \"keyboard\": \"de\","
            "\"time_zone\": \"Europe/Berlin\", \"networks\": [{\"mac\": \"52:54:00:00:00:0b\", \"dhcp4\": false,"
            "\"dhcp6\": true, \"addresses\": [\"192.0.2.5/24\", \"2001:db8::5/64\"], \"gateways\": [\"192.0.2.1\","
            "\"fe80::1\"], \"dns\": [\"192.0.2.1\"], \"search\": [\"example.org\"], \"vlan\": 12}, {\"mac\": null,"
            "\"vlan\": null}], \"authorized_keys\": [\"ssh-ed25519 AAAA c\"], \"users\": [{\"name\": \"ann\","
            "\"full_name\": \"Ann \\u00dc\", \"password_hash\": \"$6$a$b\", \"groups\": [\"sudo\"],"
            "\"authorized_keys\": [\"ssh-rsa AAAA\"], \"password\": \"p w\"}], \"product_key\":"
            "\"ABCDE-12345-ABCDE-12345-ABCDE\", \"join\": {\"domain\": \"corp\", \"user\": \"u\", \"password\": \"p\","
            "\"ou\": \"OU=x\"}, \"first_boot\": \"echo $(id)\", \"aclient\": true, \"fields\": {\"a\": \"\"},"
            "\"later\": [1]}"),
        0);
    assert_string_equal(data.host_name, "pc-b");
    assert_string_equal(data.time_zone, "Europe/Berlin");
    assert_true(data.network_count == 2 && n->address_count == 2 && n->gateway_count == 2 && n->vlan == 12);
    assert_true(!n->dhcp4 && n->dhcp6);
    assert_string_equal(n->addresses[1], "2001:db8::5/64");
    assert_string_equal(data.networks[1].mac, "");
    assert_int_equal(data.networks[1].vlan, 0);
    assert_int_equal(data.user_count, 1);
    assert_string_equal(data.users[0].full_name, "Ann \xc3\x9c");
    assert_string_equal(data.users[0].groups[0], "sudo");
    assert_string_equal(data.join_ou, "OU=x");
    assert_string_equal(data.first_boot, "echo $(id)");
    assert_true(data.aclient && data.field_count == 1);
    assert_string_equal(data.fields[0].value, "");
}

static void nothing_is_given(void **state)
{
    static const char *const nothing[] = {"null", "{}", "{\"host_name\": \"\", \"domain\": null, \"users\": null}"};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(parse(nothing[i]), 0);
        assert_string_equal(data.host_name, "");
        assert_string_equal(data.join_domain, "");
        assert_int_equal(data.network_count + data.user_count + data.key_count + data.field_count, 0);
    }
    identity_data_release(&data);
    assert_int_equal(identity_data_parse(NULL, &data, &why), 0);
    assert_string_equal(data.first_boot, "");
}

static void refused(const char *text, const char *member)
{
    assert_int_equal(parse(text), -1);
    assert_string_equal(why.reason, "internal");
    if (!strstr(why.message, member))
        fail_msg("\"%s\" does not name %s", why.message, member);
}

static void wrong_types(void **state)
{
    (void)state;
    refused("[]", "identity");
    refused("7", "identity");
    refused("{\"host_name\": 7}", "host_name");
    refused("{\"networks\": {}}", "networks");
    refused("{\"networks\": [7]}", "networks[0]");
    refused("{\"networks\": [{\"dhcp4\": \"yes\"}]}", "networks[0].dhcp4");
    refused("{\"networks\": [{\"addresses\": \"192.0.2.5/24\"}]}", "networks[0].addresses");
    refused("{\"networks\": [{\"vlan\": \"12\"}]}", "vlan");
    refused("{\"networks\": [{\"vlan\": 4095}]}", "vlan");
    refused("{\"networks\": [{\"vlan\": 0}]}", "vlan");
    refused("{\"users\": {}}", "users");
    refused("{\"users\": [null]}", "users[0]");
    refused("{\"users\": [{}]}", "users[0].name");
    refused("{\"join\": []}", "join");
    refused("{\"join\": {\"user\": \"u\"}}", "join.domain");
    refused("{\"aclient\": 1}", "aclient");
    refused("{\"fields\": []}", "fields");
    refused("{\"fields\": {\"a\": 1}}", "fields.a");
    refused("{\"authorized_keys\": [[]]}", "authorized_keys");
}

static void what_could_be_interpreted(void **state)
{
    (void)state;
    refused("{\"host_name\": \"pc\\nb\"}", "host_name");
    refused("{\"host_name\": \"pc\\u0000b\"}", "host_name");
    refused("{\"first_boot\": \"a\\nb\"}", "first_boot");
    refused("{\"fields\": {\"a\": \"line\\nmachine=other\"}}", "fields.a");
    refused("{\"fields\": {\"a b\": \"c\"}}", "fields.a b");
    refused("{\"users\": [{\"name\": \"a:0\"}]}", "name");
    refused("{\"users\": [{\"name\": \"ann\"}, {\"name\": \"Ann\"}]}", "users[1].name");
    refused("{\"networks\": [{\"gateways\": [\"192.0.2.1\", \"192.0.2.2\"]}]}", "gateways");
    refused("{\"networks\": [{\"search\": [\"a b\"]}]}", "search");
    refused("{\"networks\": [{\"addresses\": [\"192.0.2.5\"]}]}", "addresses");
    refused("{\"time_zone\": \"../../etc/shadow\"}", "time_zone");
}

/* `count` entries in a list. */
static const char *many(const char *before, const char *entry, unsigned count, const char *after)
{
    static char text[65536];
    size_t used = (size_t)snprintf(text, sizeof(text), "%s", before);

    for (unsigned i = 0; i < count; i++) {
        used += (size_t)snprintf(text + used, sizeof(text) - used, "%s", i ? "," : "");
        used += (size_t)snprintf(text + used, sizeof(text) - used, entry, i);
    }
    snprintf(text + used, sizeof(text) - used, "%s", after);
    return text;
}

static void too_many(void **state)
{
    static const struct {
        const char *before, *entry, *after, *member;
        unsigned max;
    } lists[] = {{"{\"fields\": {", "\"k%u\": \"v\"", "}}", "fields", IDENTITY_FIELDS},
                 {"{\"users\": [", "{\"name\": \"u%u\"}", "]}", "users", IDENTITY_USERS},
                 {"{\"networks\": [", "{\"vlan\": 1%u}", "]}", "networks", IDENTITY_NETWORKS},
                 {"{\"authorized_keys\": [", "\"ssh-rsa AAAA %u\"", "]}", "authorized_keys", IDENTITY_LIST},
                 {"{\"networks\": [{\"dns\": [", "\"10.0.0.%u\"", "]}]}", "dns", IDENTITY_LIST},
                 {"{\"networks\": [{\"gateways\": [", "\"10.0.0.%u\"", "]}]}", "gateways", 1}};

    (void)state;
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        assert_int_equal(parse(many(lists[i].before, lists[i].entry, lists[i].max, lists[i].after)), 0);
        refused(many(lists[i].before, lists[i].entry, lists[i].max + 1, lists[i].after), lists[i].member);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_identity),           cmocka_unit_test(nothing_is_given), cmocka_unit_test(wrong_types),
        cmocka_unit_test(what_could_be_interpreted), cmocka_unit_test(too_many),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
