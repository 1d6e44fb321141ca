/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Values that hurt (core/tests/identity_values.json): each taken or refused; those that are taken written for every
 * kind of system, and read back by programs that know the files (identity_reference.py). */
#include "agent/identity/identity_linux.h"
#include "agent/identity/windows_answer.h"
#include "agent/identity/windows_names.h"

#include "agent/tests/identity_fixture.h"

#define VALUES "core/tests/identity_values.json"

static json_t *rows;

/* What a row says, with the value for every "?", as a new reference. */
static json_t *filled(const json_t *part, const char *value)
{
    const char *key, *text = json_string_value(part);
    json_t *entry, *ret;
    size_t i;

    if (json_is_object(part)) {
        ret = json_object();
        json_object_foreach((json_t *)part, key, entry)
            json_object_set_new(ret, strcmp(key, "?") ? key : value, filled(entry, value));
        return ret;
    }
    if (json_is_array(part)) {
        ret = json_array();
        json_array_foreach(part, i, entry) json_array_append_new(ret, filled(entry, value));
        return ret;
    }
    return text ? json_string(strcmp(text, "?") ? text : value) : json_deep_copy(part);
}

static int parse(const json_t *row, const char *value, struct failure *f)
{
    json_t *object = filled(json_object_get(row, "identity"), value);
    struct identity_data parsed;
    int result = identity_data_parse(object, &parsed, f);

    identity_data_release(&parsed);
    json_decref(object);
    return result;
}

static void each_is_taken_or_refused(void **state)
{
    const char *key;
    json_t *row, *value;
    struct failure f;
    size_t i, k;

    (void)state;
    json_array_foreach(rows, i, row)
    {
        key = json_string_value(json_object_get(row, "key"));
        json_array_foreach(json_object_get(row, "right"), k, value) if (parse(row, json_string_value(value), &f))
            fail_msg("%s: \"%s\": %s", key, json_string_value(value), f.message);
        json_array_foreach(json_object_get(row, "refused"), k, value)
        {
            if (!parse(row, json_string_value(value), &f))
                fail_msg("%s: \"%s\" was taken", key, json_string_value(value));
            assert_string_equal(f.reason, "internal");
            assert_null(strpbrk(f.message, "\r\n\t\x1b"));
        }
    }
}

static const json_t *right(const char *key)
{
    json_t *row;
    size_t i;

    json_array_foreach(rows, i, row) if (!strcmp(json_string_value(json_object_get(row, "key")),
                                                 key)) return json_object_get(row, "right");
    fail_msg("no row %s", key);
    return NULL;
}

/* The value of that number, from the beginning again behind the last one. */
static json_t *value_of(const char *key, size_t i)
{
    return json_array_get(right(key), i % json_array_size(right(key)));
}

static json_t *user(size_t i)
{
    return json_pack("{s:o, s:O, s:O, s:O, s:[O], s:[O]}", "name", json_sprintf("u%zu", i), "full_name",
                     value_of("user.ann.full_name", i), "password_hash", value_of("user.ann.password_hash", i),
                     "password", value_of("user.ann.password", i), "groups", value_of("user.ann.groups", i),
                     "authorized_keys", value_of("authorized_key", i));
}

/* An identity with the `i`-th of all values, and those of which it may have many. */
static json_t *hurting(const char *host_name, size_t i)
{
    json_t *users = json_array(), *fields = json_object(), *keys = json_array();

    for (size_t k = 0; k < json_array_size(right("user.ann.full_name")); k++)
        json_array_append_new(users, user(k));
    for (size_t k = 0; k < json_array_size(right("field.a")); k++) {
        char name[32];
        snprintf(name, sizeof(name), "field%zu", k);
        json_object_set(fields, name, value_of("field.a", k));
    }
    for (size_t k = 0; k < json_array_size(right("authorized_key")); k++)
        json_array_append(keys, value_of("authorized_key", k));
    return json_pack("{s:s, s:O, s:O, s:s, s:s, s:[{s:[O, O], s:[O, O], s:[O, O], s:[O]}], s:o, s:o, s:o, s:O, s:b, "
                     "s:{s:O, s:O, s:O}}",
                     "host_name", host_name, "domain", value_of("domain", i), "locale", value_of("locale", i),
                     "keyboard", "us-intl", "time_zone", "Europe/Berlin", "networks", "addresses",
                     value_of("address", 0), value_of("address", 1), "gateways", value_of("gateway", 0),
                     value_of("gateway", 1), "dns", value_of("dns", 0), value_of("dns", 1), "search",
                     value_of("search", 0), "users", users, "fields", fields, "authorized_keys", keys, "first_boot",
                     value_of("first_boot", i), "aclient", 1, "join", "domain", value_of("join.domain", i), "user",
                     value_of("user.ann.password", i), "password", value_of("user.ann.password", i + 1));
}

static void add(const char *folder, const char *name)
{
    char path[256];

    snprintf(path, sizeof(path), "cd %s/root && mkdir -p %s && : > %s/%s", top, folder, folder, name);
    assert_int_equal(system(path), 0);
}

/* Nothing but what decides who is written for. */
static void furnish(const char *kind)
{
    static const struct {
        const char *kind, *folder, *name;
    } marks[] = {{"networkd", "etc/systemd/system/multi-user.target.wants", "systemd-networkd.service"},
                 {"nm", "etc/systemd/system/multi-user.target.wants", "NetworkManager.service"},
                 {"nm", "usr/sbin", "NetworkManager"},
                 {"netplan", "usr/sbin", "netplan"},
                 {"netplan", "etc/netplan", "x"},
                 {"ifupdown", "usr/sbin", "ifup"},
                 {"ifupdown", "etc/network", "interfaces"},
                 {"cloud", "usr/bin", "cloud-init"},
                 {"cloud", "etc/cloud", "cloud.cfg"}};

    add("usr/share/zoneinfo/Europe", "Berlin");
    add("usr/lib/systemd", "systemd");
    put(root, "etc/passwd", "root:x:0:0:root:/root:/bin/sh\n");
    put(root, "etc/shadow", "root:*:19000:0:99999:7:::\n");
    put(root, "etc/group", "root:x:0:\nsudo:x:27:\n");
    put(root, "etc/gshadow", "root:*::\nsudo:*::\n");
    for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
        if (!strcmp(marks[i].kind, kind))
            add(marks[i].folder, marks[i].name);
}

static void read_back(const char *kind, const json_t *object)
{
    char path[128], command[256];

    snprintf(path, sizeof(path), "%s/object.json", top);
    assert_int_equal(json_dump_file(object, path, 0), 0);
    snprintf(command, sizeof(command), "/usr/bin/python3 agent/tests/identity_reference.py %s %s", kind, top);
    assert_int_equal(system(command), 0);
}

static void say_object(const json_t *object)
{
    char *text = json_dumps(object, 0);

    assert_non_null(text);
    say(text);
    free(text);
}

/* Once more over what is there: it must not grow. */
static void write_and_read_back(const char *kind, const char *host_name, size_t i)
{
    json_t *object = hurting(host_name, i);

    assert_non_null(object);
    say_object(object);
    furnish(kind);
    apply();
    apply();
    read_back(kind, object);
    json_decref(object);
}

#define LONGEST "a23456789-123456789-123456789-123456789-123456789-123456789-123"
#define SYSTEM(kind)                                                                                                   \
    static void for_##kind(void **state)                                                                               \
    {                                                                                                                  \
        for (size_t i = 0; i < 3; i++) {                                                                               \
            if (i)                                                                                                     \
                assert_int_equal(remove_tree(state) | make_tree(state), 0);                                            \
            write_and_read_back(#kind, i % 2 ? "pc-b" : LONGEST, i);                                                   \
        }                                                                                                              \
    }

SYSTEM(networkd)
SYSTEM(nm)
SYSTEM(netplan)
SYSTEM(ifupdown)
SYSTEM(cloud)

/* NetBIOS: 15 characters, and no dots. */
static void for_windows(void **state)
{
    struct buffer text = {0};
    struct failure f;
    json_t *object = hurting("a23456789-12345", 2);
    FILE *file;
    char path[128];

    (void)state;
    say_object(object);
    if (windows_answer_make(&id, "x86_64", &text, &f))
        fail_msg("%s", f.message);
    snprintf(path, sizeof(path), "%s/root/unattend.xml", top);
    file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(text.data, 1, text.size, file), text.size);
    fclose(file);
    free(text.data);
    read_back("windows", object);
    for (size_t i = 0; i < 2; i++) {
        json_object_set_new(object, "host_name", json_string(i ? "a.b" : "a23456789-123456"));
        say_object(object);
        assert_int_equal(windows_answer_make(&id, "x86_64", &text, &f), -1);
        assert_non_null(strstr(f.message, data.host_name));
    }
    json_decref(object);
}

static int load(void **state)
{
    (void)state;
    rows = json_load_file(VALUES, 0, NULL);
    return rows ? 0 : -1;
}

static int unload(void **state)
{
    (void)state;
    json_decref(rows);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_is_taken_or_refused),
        WITH_TREE(for_networkd),
        WITH_TREE(for_nm),
        WITH_TREE(for_netplan),
        WITH_TREE(for_ifupdown),
        WITH_TREE(for_cloud),
        WITH_TREE(for_windows),
    };

    return cmocka_run_group_tests(tests, load, unload);
}
