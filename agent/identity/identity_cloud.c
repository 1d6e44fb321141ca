/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/tree.h"
#include "agent/identity/identity_linux.h"
#include "agent/identity/identity_network.h"

#define SEED "var/lib/cloud/seed/nocloud"
#define CONFIG "etc/cloud/cloud.cfg.d"

static json_t *strings(const char *const *list, unsigned count)
{
    json_t *array = json_array();

    for (unsigned i = 0; i < count; i++)
        json_array_append_new(array, json_string(list[i]));
    return array;
}

static json_t *user(const struct identity_user *u)
{
    json_t *o = json_pack("{s:s, s:s}", "name", u->name, "shell", "/bin/bash");

    if (u->full_name[0])
        json_object_set_new(o, "gecos", json_string(u->full_name));
    if (u->password_hash[0]) {
        json_object_set_new(o, "hashed_passwd", json_string(u->password_hash));
        json_object_set_new(o, "lock_passwd", json_false());
    }
    if (u->group_count)
        json_object_set_new(o, "groups", strings(u->groups, u->group_count));
    if (u->key_count)
        json_object_set_new(o, "ssh_authorized_keys", strings(u->authorized_keys, u->key_count));
    return o;
}

/* Host keys are new already; cloud-init would make them once more, at the first start, when somebody may have asked for
 * them already. */
static json_t *user_data(const struct identity_data *d)
{
    json_t *o = json_pack("{s:b}", "ssh_deletekeys", 0), *users = json_array();

    if (d->host_name[0])
        json_object_set_new(o, "hostname", json_string(d->host_name));
    if (d->host_name[0] && d->domain[0])
        json_object_set_new(o, "fqdn", json_sprintf("%s.%s", d->host_name, d->domain));
    if (d->locale[0])
        json_object_set_new(o, "locale", json_string(d->locale));
    if (d->time_zone[0])
        json_object_set_new(o, "timezone", json_string(d->time_zone));
    if (d->key_count)
        json_object_set_new(o, "disable_root", json_false());
    json_array_append_new(users, json_string("default"));
    for (unsigned i = 0; i < d->user_count; i++)
        json_array_append_new(users, user(&d->users[i]));
    if (d->user_count)
        json_object_set(o, "users", users);
    json_decref(users);
    return o;
}

/* JSON is YAML, with quotes that need no second thought. Takes the reference. */
static int write_json(int root, const char *folder, const char *name, const char *head, json_t *o, mode_t mode,
                      struct failure *f)
{
    struct identity_draft t = {.failed = false};
    char *text = json_dumps(o, JSON_INDENT(1));

    json_decref(o);
    if (text)
        identity_print(&t, "%s%s\n", head, text);
    t.failed = !text || t.failed;
    free(text);
    return identity_file(root, folder, name, &t, mode, f);
}

/* An instance that cloud-init has not seen: it does again what it does once. */
static int write_meta_data(const struct identity *id, int root, struct failure *f)
{
    json_t *o =
        json_pack("{s:o}", "instance-id", json_sprintf("slipway-%s-%llu", id->machine, (unsigned long long)id->job));

    if (o && id->data->host_name[0])
        json_object_set_new(o, "local-hostname", json_string(id->data->host_name));
    return write_json(root, SEED, "meta-data", "", o, 0644, f);
}

int identity_cloud_write(const struct identity *id, int root, bool network, struct failure *f)
{
    struct identity_draft source = {.failed = false};
    int seed;

    if (write_meta_data(id, root, f) ||
        write_json(root, SEED, "user-data", "#cloud-config\n", user_data(id->data), 0600, f))
        return -1;
    seed = tree_remove(root, SEED, "network-config", "");
    if (seed < 0)
        return fail(f, "identity", "cannot remove the image's network-config: %s", strerror(errno));
    if (network && id->data->network_count &&
        write_json(root, SEED, "network-config", "", identity_network_plan(id, true), 0600, f))
        return -1;
    identity_print(&source, "datasource_list: [NoCloud, None]\n");
    if (!network && id->data->network_count)
        identity_print(&source, "network: {config: disabled}\n");
    return identity_file(root, CONFIG, "99-slipway.cfg", &source, 0644, f);
}
