/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/identity.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "agent/hosts_file.h"
#include "agent/ssh_keys.h"
#include "agent/tree.h"

#define HOSTS_LIMIT (1u << 20)
#define DEFAULT_HOSTS "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n"

bool identity_is_system(int root)
{
    return tree_is_folder(root, "etc") &&
           (tree_exists(root, "etc/os-release") || tree_exists(root, "usr/lib/os-release"));
}

static int cannot(struct failure *f, const char *what)
{
    return fail(f, "identity", "cannot write %s of the deployed system: %s", what, strerror(errno));
}

static int write_hosts(int root, const char *host_name, struct failure *f)
{
    struct buffer old = {0}, new = {0};
    const char *text = DEFAULT_HOSTS;
    int result = -1;

    if (tree_read(root, "etc/hosts", &old, HOSTS_LIMIT) == 0)
        text = (const char *)old.data;
    else if (errno != ENOENT)
        goto out;
    if (!hosts_file_rename(text, host_name, &new))
        goto out;
    result = tree_write(root, "etc", "hosts", new.data, new.size, 0644);
out:
    if (result != 0)
        cannot(f, "/etc/hosts");
    free(old.data);
    free(new.data);
    return result;
}

static int write_host_name(int root, const char *host_name, struct failure *f)
{
    char line[80];

    if (!host_name[0])
        return 0;
    snprintf(line, sizeof(line), "%.64s\n", host_name);
    if (tree_write(root, "etc", "hostname", line, strlen(line), 0644) != 0)
        return cannot(f, "/etc/hostname");
    return write_hosts(root, host_name, f);
}

/* machine-id(5): 32 lower-case hexadecimal digits and a newline; made as a version 4 UUID, as systemd does. */
static int make_machine_id(char ret[34])
{
    uint8_t id[16];

    if (getrandom(id, sizeof(id), 0) != sizeof(id))
        return -1;
    id[6] = (uint8_t)((id[6] & 0x0f) | 0x40);
    id[8] = (uint8_t)((id[8] & 0x3f) | 0x80);
    for (unsigned i = 0; i < 16; i++)
        snprintf(ret + 2 * i, 3, "%02x", id[i]);
    strcpy(ret + 32, "\n");
    return 0;
}

/* D-Bus has a copy where it is no link to the first one. */
static bool dbus_has_copy(int root)
{
    int folder = tree_open(root, "var/lib/dbus", O_RDONLY | O_DIRECTORY);
    struct stat s;
    bool is_file;

    if (folder < 0)
        return false;
    is_file = fstatat(folder, "machine-id", &s, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(s.st_mode);
    close(folder);
    return is_file;
}

static int write_machine_id(int root, struct failure *f)
{
    char id[34];

    if (make_machine_id(id) != 0 || tree_write(root, "etc", "machine-id", id, 33, 0444) != 0)
        return cannot(f, "/etc/machine-id");
    if (dbus_has_copy(root) && tree_write(root, "var/lib/dbus", "machine-id", id, 33, 0444) != 0)
        return cannot(f, "/var/lib/dbus/machine-id");
    return 0;
}

/* Two machines that start from the same seed may make the same "random" numbers. */
static int remove_random_seed(int root, struct failure *f)
{
    if (tree_remove(root, "var/lib/systemd", "random-seed", "") < 0 ||
        tree_remove(root, "var/lib/urandom", "random-seed", "") < 0)
        return cannot(f, "the random seed");
    return 0;
}

static bool append_line(struct buffer *b, const char *key, const char *value)
{
    return buffer_append(b, key, strlen(key)) && buffer_append(b, "=", 1) && buffer_append(b, value, strlen(value)) &&
           buffer_append(b, "\n", 1);
}

static bool format_cfg(const struct identity *id, struct buffer *ret)
{
    char job[24], deployed[32];
    time_t now = time(NULL);
    struct tm tm;
    bool ok;

    snprintf(job, sizeof(job), "%llu", (unsigned long long)id->job);
    strftime(deployed, sizeof(deployed), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &tm));
    ok = append_line(ret, "machine", id->machine) && append_line(ret, "host_name", id->data->host_name) &&
         append_line(ret, "image", id->image) && append_line(ret, "job", job) &&
         append_line(ret, "deployed", deployed) && append_line(ret, "server", id->server);
    for (unsigned i = 0; ok && i < id->data->field_count; i++)
        ok = append_line(ret, id->data->fields[i].key, id->data->fields[i].value);
    return ok;
}

static int write_cfg(const struct identity *id, int root, struct failure *f)
{
    struct buffer text = {0};
    int result = 0;

    if (!format_cfg(id, &text) || tree_write(root, ".", "slipway.cfg", text.data, text.size, 0644) != 0)
        result = cannot(f, "/slipway.cfg");
    free(text.data);
    return result;
}

int identity_apply(const struct identity *id, int root, struct failure *f)
{
    if (write_host_name(root, id->data->host_name, f) != 0 || write_machine_id(root, f) != 0 ||
        remove_random_seed(root, f) != 0 || ssh_keys_renew(root, f) != 0)
        return -1;
    return write_cfg(id, root, f);
}
