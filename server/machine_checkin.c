/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/machine_checkin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/job_assign.h"
#include "server/log.h"
#include "server/machine_by_uuid.h"
#include "server/machines.h"
#include "server/name_pattern.h"
#include "server/names.h"
#include "server/pxe.h"

#define MACS_MAX 64

struct caller {
    char macs[MACS_MAX][MAC_TEXT]; /* the one it booted from first */
    unsigned mac_count;
    char uuid[UUID_TEXT]; /* empty: none */
    char *inventory;
    const char *address;
    const json_t *disks; /* NULL: it says nothing of them */
};

static int read_macs(struct caller *c, json_t *body, struct refusal *r)
{
    const char *boot = json_string_value(json_object_get(body, "boot_mac"));
    json_t *macs = json_object_get(body, "macs"), *mac;
    size_t i;

    if (!boot)
        return refuse(r, 400, "bad-request", "\"boot_mac\" is required");
    if (!name_mac(boot, c->macs[0]))
        return refuse(r, 400, "bad-request", "\"boot_mac\" '%.40s' is no MAC address", boot);
    c->mac_count = 1;
    if (macs && !json_is_array(macs))
        return refuse(r, 400, "bad-request", "\"macs\" must be an array");
    json_array_foreach(macs, i, mac)
    {
        if (c->mac_count == MACS_MAX)
            return refuse(r, 400, "bad-request", "more than %d MAC addresses", MACS_MAX);
        if (!json_is_string(mac) || !name_mac(json_string_value(mac), c->macs[c->mac_count]))
            return refuse(r, 400, "bad-request", "\"macs\" holds something that is no MAC address");
        c->mac_count++;
    }
    return 0;
}

static int read_caller(struct caller *c, json_t *body, struct refusal *r)
{
    const char *uuid = json_string_value(json_object_get(body, "uuid"));
    json_t *protocol = json_object_get(body, "protocol"), *disks = json_object_get(body, "disks");

    if (protocol && json_integer_value(protocol) != 1)
        return refuse(r, 400, "bad-request", "\"protocol\" is not 1, which is all that this server speaks");
    if (disks && !json_is_array(disks))
        return refuse(r, 400, "bad-request", "\"disks\" must be an array");
    if (read_macs(c, body, r))
        return -1;
    if (uuid)
        name_uuid(uuid, c->uuid);
    c->address = row_text(body, "address");
    if (!name_is_line(c->address, 64))
        return refuse(r, 400, "bad-request", "\"address\" is no address");
    c->disks = disks;
    c->inventory = json_dumps(body, JSON_COMPACT);
    return c->inventory ? 0 : refuse(r, 500, "internal", "out of memory");
}

/* By any MAC, the one it booted from first; then as a machine with other cards. Sets *ret to 0 when it is not known. */
static int find(struct server *s, const struct caller *c, int64_t *ret, struct refusal *r)
{
    json_t *row;

    *ret = 0;
    for (unsigned i = 0; i < c->mac_count && *ret == 0; i++) {
        row = database_row(s->database, r, "SELECT machine FROM macs WHERE mac = ?", "s", c->macs[i]);
        if (!row)
            return -1;
        *ret = row_integer(row, "machine");
        json_decref(row);
    }
    return *ret || !c->uuid[0] ? 0 : machine_by_uuid(s, c->uuid, c->disks, ret, r);
}

/* By the site's pattern; else new-525400123456, a number behind it when somebody has given that name to another
 * machine. */
static int make(struct server *s, const struct caller *c, int64_t *ret, struct refusal *r)
{
    char name[64];
    size_t n;

    if (name_pattern_next(s, name, r))
        return -1;
    if (name[0]) {
        if (database_run(s->database, r, "INSERT INTO machines(name, known) VALUES(?, 0)", "s", name) < 0)
            return -1;
        *ret = database_inserted(s->database);
        return 0;
    }
    strcpy(name, "new-");
    n = strlen(name);

    for (const char *m = c->macs[0]; *m; m++) {
        if (*m != ':')
            name[n++] = *m;
    }
    name[n] = 0;
    for (unsigned try = 2;; try++) {
        int made = database_run(s->database, r, "INSERT OR IGNORE INTO machines(name, known) VALUES(?, 0)", "s", name);

        if (made < 0)
            return -1;
        if (made == 1)
            break;
        snprintf(name + n, sizeof(name) - n, "-%u", try);
    }
    *ret = database_inserted(s->database);
    return 0;
}

static int save(struct server *s, const struct caller *c, int64_t id, struct refusal *r)
{
    for (unsigned i = 0; i < c->mac_count; i++) {
        if (database_run(s->database, r, "INSERT OR IGNORE INTO macs VALUES(?, ?)", "si", c->macs[i], id) < 0)
            return -1;
    }
    return database_run(s->database, r,
                        "UPDATE machines SET uuid = COALESCE(?, uuid), address = ?, inventory = ?, last_seen = ?,"
                        " waits = NOT known WHERE id = ?",
                        "sssii", c->uuid[0] ? c->uuid : NULL, c->address, c->inventory, clock_ms(), id);
}

static int register_caller(struct server *s, const struct caller *c, int64_t *ret, struct refusal *r)
{
    if (database_begin(s->database, true, r))
        return -1;
    if (find(s, c, ret, r) || (*ret == 0 && make(s, c, ret, r)) || save(s, c, *ret, r) < 0) {
        database_rollback(s->database);
        return -1;
    }
    return database_commit(s->database, r);
}

static json_t *answer(struct server *s, int64_t id, const char *peer, const struct caller *c, struct refusal *r)
{
    json_t *row = machines_get(s, id, r), *job = row ? assign_job(s, id, r) : NULL, *json = NULL;

    if (job) {
        log_line("check-in %s (%s) from %s: %s", row_text(row, "name"), c->macs[0], peer,
                 json_is_null(job) ? "no job" : row_text(job, "kind"));
        json =
            json_pack("{s:{s:I, s:s, s:b}, s:O, s:s}", "machine", "id", (json_int_t)id, "name", row_text(row, "name"),
                      "new", !row_integer(row, "known"), "job", job, "when_idle", assign_when_idle(row));
    }
    json_decref(job);
    json_decref(row);
    return json;
}

static json_t *answer_automation(struct server *s, const struct caller *c, const char *peer, struct refusal *r)
{
    int64_t id;

    if (register_caller(s, c, &id, r))
        return NULL;
    waiters_enter(&s->waiters, id);
    pxe_write(s, id);
    pxe_reload(s);
    return answer(s, id, peer, c, r);
}

/* The card that it came to automation by, else the one that it was made known with: where the network boot is. */
static json_t *boot_mac(struct server *s, int64_t id, struct refusal *r)
{
    return database_row(
        s->database, r,
        "SELECT COALESCE(CASE WHEN json_valid(inventory) THEN json_extract(inventory, '$.boot_mac') END,"
        " (SELECT mac FROM macs WHERE machine = machines.id ORDER BY macs.rowid LIMIT 1)) AS mac"
        " FROM machines WHERE id = ?",
        "i", id);
}

/* A system in production wants to know whether it is needed in automation: nothing is handed out, counted or ended. */
static json_t *answer_resident(struct server *s, const struct caller *c, struct refusal *r)
{
    json_t *row = NULL, *job = NULL, *mac = NULL, *json = NULL;
    int64_t id;

    if (find(s, c, &id, r))
        return NULL;
    if (id == 0) {
        refuse(r, 404, "no-such-machine", "no machine with the MAC address %s or this UUID is known", c->macs[0]);
        return NULL;
    }
    if (database_run(s->database, r, "UPDATE machines SET last_seen = ?, address = ? WHERE id = ?", "isi", clock_ms(),
                     c->address, id) >= 0)
        row = machines_get(s, id, r);
    if (row)
        job = database_row(s->database, r, "SELECT id FROM jobs WHERE machine = ? AND state = 'queued' ORDER BY id",
                           "i", id);
    if (job)
        mac = boot_mac(s, id, r);
    if (mac)
        json = json_pack("{s:{s:I, s:s, s:b}, s:b}", "machine", "id", (json_int_t)id, "name", row_text(row, "name"),
                         "new", !row_integer(row, "known"), "waiting", !json_is_null(job));
    if (json && !json_is_null(job)) {
        json_object_set_new(json, "job", json_integer(row_integer(job, "id")));
        json_object_set_new(json, "boot_mac", json_string(row_text(mac, "mac")));
    }
    json_decref(mac);
    json_decref(job);
    json_decref(row);
    return json;
}

json_t *checkin(struct server *s, json_t *body, const char *peer, struct refusal *r)
{
    struct caller *c = calloc(1, sizeof(*c));
    json_t *json = NULL;

    if (!c) {
        refuse(r, 500, "internal", "out of memory");
        return NULL;
    }
    if (read_caller(c, body, r) == 0) {
        if (json_is_true(json_object_get(body, "resident")))
            json = answer_resident(s, c, r);
        else
            json = answer_automation(s, c, peer, r);
    }
    free(c->inventory);
    free(c);
    return json;
}
