/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/protocol/checkin.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"

#define ANSWER_LIMIT (4u << 20) /* files of a job come with it */
#define ANSWER_SECONDS 20
#define PROTOCOL 1

static json_t *macs_array(const struct inventory *i)
{
    json_t *array = json_array();

    for (unsigned k = 0; k < i->mac_count; k++)
        json_array_append_new(array, json_string(i->macs[k]));
    return array;
}

static json_t *disks_array(const struct inventory *i)
{
    json_t *array = json_array();
    const struct disk *d;

    for (unsigned k = 0; k < i->disk_count; k++) {
        d = &i->disks[k];
        json_array_append_new(array, json_pack("{s:s, s:I, s:i, s:s, s:s, s:s}", "path", d->path, "size",
                                               (json_int_t)d->size, "sector_size", (int)d->sector_size, "model",
                                               d->model, "serial", d->serial, "wwn", d->wwn));
    }
    return array;
}

char *checkin_body(const struct inventory *i)
{
    json_t *root =
        json_pack("{s:i, s:s, s:s, s:o, s:s, s:s, s:s, s:s, s:s, s:I, s:i, s:s, s:o}", "protocol", PROTOCOL, "agent",
                  SLIPWAY_VERSION, "uuid", i->uuid, "macs", macs_array(i), "boot_mac", i->boot_mac, "serial", i->serial,
                  "vendor", i->vendor, "product", i->product, "firmware", i->firmware, "memory_bytes",
                  (json_int_t)i->memory_bytes, "cpus", (int)i->cpus, "address", i->address, "disks", disks_array(i));
    char *body = root ? json_dumps(root, JSON_COMPACT) : NULL;

    json_decref(root);
    return body;
}

static void read_assignment(const json_t *root, struct assignment *ret)
{
    const json_t *job = json_object_get(root, "job");
    const char *idle = json_string_value(json_object_get(root, "when_idle"));

    memset(ret, 0, sizeof(*ret));
    ret->reboot_when_idle = idle && strcmp(idle, "reboot") == 0;
    if (!job || json_is_null(job))
        return;
    ret->job_bad = job_parse(job, &ret->job, &ret->why) != 0;
    ret->has_job = !ret->job_bad;
}

static int read_machine(const json_t *root, struct machine_identity *ret, struct failure *f)
{
    const json_t *machine = json_object_get(root, "machine");
    const json_t *id = json_object_get(machine, "id");
    const char *name = json_string_value(json_object_get(machine, "name"));
    struct text t;

    if (!json_is_integer(id) || json_integer_value(id) < 1 || !name)
        return fail(f, "server", "the server's answer to the check-in names no machine");
    ret->id = (uint64_t)json_integer_value(id);
    text_init(&t, ret->name, sizeof(ret->name));
    text_untrusted(&t, name, strlen(name));
    ret->is_new = json_is_true(json_object_get(machine, "new"));
    return 0;
}

/* Parses the answer of a request that went well. The caller releases with json_decref(). */
static json_t *read_answer(int status, const struct buffer *answer, struct failure *f)
{
    json_error_t error;
    json_t *root;

    if (status < 0 || status >= 400)
        return NULL;
    root = json_loadb((const char *)answer->data, answer->size, 0, &error);
    if (status == 200 && json_is_object(root))
        return root;
    if (status != 200)
        fail(f, "server", "the server answered with HTTP status %d", status);
    else
        fail(f, "server", "the server's answer is no JSON object: %s", root ? "another type" : error.text);
    json_decref(root);
    return NULL;
}

int checkin_send(struct http *h, const struct inventory *i, struct machine_identity *ret_machine,
                 struct assignment *ret, struct failure *f)
{
    struct buffer answer = {0};
    char *body = checkin_body(i);
    json_t *root;
    int result = -1;

    if (!body)
        return fail(f, "out-of-memory", "no memory for the check-in");
    root = read_answer(
        http_request(h, "POST", "/v1/checkin", body, strlen(body), ANSWER_LIMIT, ANSWER_SECONDS, &answer, f), &answer,
        f);
    if (root && read_machine(root, ret_machine, f) == 0) {
        read_assignment(root, ret);
        result = 0;
    }
    json_decref(root);
    free(answer.data);
    free(body);
    return result;
}

int checkin_wait(struct http *h, uint64_t machine, unsigned wait_seconds, struct assignment *ret, struct failure *f)
{
    struct buffer answer = {0};
    char path[80];
    json_t *root;

    snprintf(path, sizeof(path), "/v1/machines/%llu/job?wait=%u", (unsigned long long)machine, wait_seconds);
    root = read_answer(http_request(h, "GET", path, NULL, 0, ANSWER_LIMIT, wait_seconds + ANSWER_SECONDS, &answer, f),
                       &answer, f);
    if (root)
        read_assignment(root, ret);
    free(answer.data);
    if (!root)
        return -1;
    json_decref(root);
    return 0;
}
