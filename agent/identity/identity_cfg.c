/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "agent/identity/identity_linux.h"

/* The value of `key` in text of lines key=value, as far as the line's end. Returns false when there is none. */
static bool find_value(const char *text, const char *key, char *ret, size_t size)
{
    size_t n = strlen(key), length;

    for (; *text; text += length + (text[length] == '\n')) {
        length = strcspn(text, "\n");
        if (length > n && !memcmp(text, key, n) && text[n] == '=' && length - n - 1 < size) {
            snprintf(ret, size, "%.*s", (int)(length - n - 1), text + n + 1);
            ret[strcspn(ret, "\r")] = '\0';
            return true;
        }
    }
    return false;
}

static bool is_value(const char *text, const char *key, const char *expected)
{
    char value[1100];

    return find_value(text, key, value, sizeof(value)) && !strcmp(value, expected);
}

static bool is_repeated(const struct identity *id, const char *text)
{
    char job[24];

    snprintf(job, sizeof(job), "%llu", (unsigned long long)id->job);
    return is_value(text, "job", job) && is_value(text, "machine", id->machine) &&
           is_value(text, "server", id->server) && is_value(text, "image", id->image);
}

bool identity_is_repeated(const struct identity *id, int root)
{
    struct identity_draft old;
    struct failure ignored;
    bool repeated = !identity_read(root, "slipway.cfg", &old, &ignored) && is_repeated(id, (const char *)old.b.data);

    free(old.b.data);
    return repeated;
}

void identity_cfg_print(const struct identity *id, const char *repeated, const char *end, struct identity_draft *ret)
{
    const struct identity_data *d = id->data;
    char deployed[32];
    time_t now = time(NULL);
    struct tm tm;

    strftime(deployed, sizeof(deployed), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &tm));
    if (is_repeated(id, repeated))
        find_value(repeated, "deployed", deployed, sizeof(deployed));
    identity_print(ret, "machine=%s%shost_name=%s%s", id->machine, end, d->host_name, end);
    if (d->domain[0])
        identity_print(ret, "domain=%s%s", d->domain, end);
    identity_print(ret, "image=%s%sjob=%llu%sdeployed=%s%sserver=%s%s", id->image, end, (unsigned long long)id->job,
                   end, deployed, end, id->server, end);
    for (unsigned i = 0; i < d->field_count; i++)
        identity_print(ret, "%s=%s%s", d->fields[i].key, d->fields[i].value, end);
}

static void print_list(struct identity_draft *ret, const char *key, const char *const *list, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        identity_print(ret, "%s%s%s", i ? "," : key, i ? "" : "=", list[i]);
    if (count)
        identity_print(ret, "\r\n");
}

void identity_aclient_print(const struct identity *id, struct identity_draft *ret)
{
    const struct identity_data *d = id->data;

    identity_print(ret, "Name=%s\r\nComputerName=%s\r\n", id->machine, d->host_name);
    if (d->domain[0])
        identity_print(ret, "Domain=%s\r\n", d->domain);
    for (unsigned i = 0; i < d->network_count; i++) {
        const struct identity_network *n = &d->networks[i];
        identity_print(ret, "Adapter=%s\r\nDHCP=%s\r\n", n->mac[0] ? n->mac : id->boot_mac, n->dhcp4 ? "Yes" : "No");
        print_list(ret, "IPAddress", n->addresses, n->address_count);
        print_list(ret, "Gateway", n->gateways, n->gateway_count);
        print_list(ret, "DNS", n->dns, n->dns_count);
    }
    identity_print(ret, "Server=%s\r\n", id->server);
}

int identity_cfg_write(const struct identity *id, int root, struct failure *f)
{
    struct identity_draft old, text = {.failed = false}, aclient = {.failed = false};

    if (id->data->aclient) {
        identity_aclient_print(id, &aclient);
        if (identity_file(root, ".", "AClient.cfg", &aclient, 0644, f))
            return -1;
    }
    /* What is no file of ours is replaced like one that is not there. */
    if (identity_read(root, "slipway.cfg", &old, f))
        old = (struct identity_draft){.failed = false};
    identity_cfg_print(id, old.b.data ? (const char *)old.b.data : "", "\n", &text);
    free(old.b.data);
    return identity_file(root, ".", "slipway.cfg", &text, 0644, f);
}
