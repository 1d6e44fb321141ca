/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/machines.h"

#include <stdio.h>
#include <string.h>

#include "server/boots.h"
#include "server/log.h"
#include "server/machine_identity.h"
#include "server/names.h"
#include "server/pxe.h"

#define UNFINISHED "state IN ('queued', 'running', 'cancelling', 'confirming')"

static int refuse_unknown(struct server *s, const char *who, struct refusal *r)
{
    json_t *rows = database_rows(s->database, r, "SELECT name FROM machines ORDER BY name LIMIT 12", "");
    char known[256] = "";
    size_t i;
    json_t *row;

    if (!rows)
        return -1;
    json_array_foreach(rows, i, row)
    {
        size_t used = strlen(known);

        snprintf(known + used, sizeof(known) - used, "%s%s", i ? ", " : "", row_text(row, "name"));
    }
    refuse(r, 404, "no-such-machine", "no machine named %.100s; known: %s%s", who, known[0] ? known : "none",
           json_array_size(rows) == 12 ? ", ..." : "");
    json_decref(rows);
    return -1;
}

json_t *machines_find(struct server *s, const char *who, struct refusal *r)
{
    char mac[MAC_TEXT] = "";
    json_t *row;

    name_mac(who, mac);
    row = database_row(s->database, r,
                       "SELECT * FROM machines WHERE name = ? OR id = (SELECT machine FROM macs WHERE mac = ?)", "ss",
                       who, mac);
    if (!json_is_null(row))
        return row;
    refuse_unknown(s, who, r);
    return NULL;
}

json_t *machines_get(struct server *s, int64_t id, struct refusal *r)
{
    json_t *row = database_row(s->database, r, "SELECT * FROM machines WHERE id = ?", "i", id);

    if (!json_is_null(row))
        return row;
    refuse(r, 404, "no-such-machine", "there is no machine %lld", (long long)id);
    return NULL;
}

/* What the machine is doing, in a word: its unfinished job's state, else `new` (nobody has named it) or `idle`. */
static const char *state_word(const json_t *row, const json_t *job)
{
    if (!json_is_null(job))
        return row_text(job, "state");
    return row_integer(row, "known") ? "idle" : "new";
}

static json_t *macs_of(struct server *s, int64_t id, struct refusal *r)
{
    json_t *rows = database_rows(s->database, r, "SELECT mac FROM macs WHERE machine = ? ORDER BY rowid", "i", id);
    json_t *macs = rows ? json_array() : NULL, *row;
    size_t i;

    json_array_foreach(rows, i, row) json_array_append(macs, json_object_get(row, "mac"));
    json_decref(rows);
    return macs;
}

static json_t *parsed(const json_t *row, const char *column)
{
    json_t *json = json_loads(row_text(row, column), 0, NULL);

    return json ? json : json_object();
}

json_t *machines_describe(struct server *s, json_t *row, struct refusal *r)
{
    int64_t id = row_integer(row, "id");
    json_t *macs = macs_of(s, id, r), *inventory = parsed(row, "inventory"), *answer = NULL;
    json_t *job = database_row(s->database, r, "SELECT id, state FROM jobs WHERE machine = ? AND " UNFINISHED, "i", id);
    json_t *boot = boots_last(s, id, r);

    if (macs && job && boot) {
        answer = json_pack("{s:I, s:s, s:O, s:s?, s:s, s:s, s:o, s:O?, s:o, s:o, s:o, s:O, s:O?, s:O}", "id",
                           (json_int_t)id, "name", row_text(row, "name"), "macs", macs, "uuid",
                           json_string_value(json_object_get(row, "uuid")), "address", row_text(row, "address"),
                           "state", state_word(row, job), "last_seen", row_time(row, "last_seen"), "disks",
                           json_object_get(inventory, "disks"), "fields", parsed(row, "fields"), "identity",
                           machine_identity_show(row), "systems", parsed(row, "systems"), "inventory", inventory, "job",
                           json_object_get(job, "id"), "boot", boot);
        if (!answer)
            refuse(r, 500, "internal", "out of memory");
    }
    json_decref(macs);
    json_decref(job);
    json_decref(boot);
    json_decref(inventory);
    return answer;
}

json_t *machines_list(struct server *s, struct refusal *r)
{
    json_t *rows = database_rows(s->database, r, "SELECT * FROM machines ORDER BY name", "");
    json_t *list = rows ? json_array() : NULL, *row;
    size_t i;

    json_array_foreach(rows, i, row)
    {
        json_t *machine = machines_describe(s, row, r);

        if (!machine) {
            json_decref(list);
            list = NULL;
            break;
        }
        json_array_append_new(list, machine);
    }
    json_decref(rows);
    return list ? json_pack("{s:o}", "machines", list) : NULL;
}

int machines_check_name(struct server *s, const char *name, int64_t id, struct refusal *r)
{
    const char *problem = name_host_problem(name);
    json_t *row;
    bool taken;

    if (problem)
        return refuse(r, 400, "bad-request", "'%.100s' cannot be a machine's name: %s", name, problem);
    row = database_row(s->database, r, "SELECT id FROM machines WHERE name = ? AND id <> ?", "si", name, id);
    if (!row)
        return -1;
    taken = !json_is_null(row);
    json_decref(row);
    return taken ? refuse(r, 409, "machine-exists", "a machine named %s exists already", name) : 0;
}

static int insert(struct server *s, const char *mac, const char *name, struct refusal *r)
{
    if (database_begin(s->database, true, r))
        return -1;
    if (database_run(s->database, r, "INSERT INTO machines(name, known, waits) VALUES(?, 1, 0)", "s", name) < 0 ||
        database_run(s->database, r, "INSERT INTO macs VALUES(?, ?)", "si", mac, database_inserted(s->database)) < 0) {
        database_rollback(s->database);
        return -1;
    }
    return database_commit(s->database, r);
}

json_t *machines_force_pxe(struct server *s, const char *who, struct refusal *r)
{
    json_t *row = machines_find(s, who, r), *answer = NULL;

    if (row) {
        pxe_write(s, row_integer(row, "id"));
        pxe_reload(s);
        answer = machines_describe(s, row, r);
    }
    json_decref(row);
    return answer;
}

/* Fails when some machine has this MAC already. */
static int check_mac(struct server *s, const char *mac, struct refusal *r)
{
    json_t *owner =
        database_row(s->database, r, "SELECT name FROM macs JOIN machines ON machine = id WHERE mac = ?", "s", mac);
    int rc = owner ? 0 : -1;

    if (rc == 0 && !json_is_null(owner))
        rc = refuse(r, 409, "machine-exists", "%s belongs to machine %s already", mac, row_text(owner, "name"));
    json_decref(owner);
    return rc;
}

json_t *machines_add(struct server *s, json_t *body, struct refusal *r)
{
    const char *given = json_string_value(json_object_get(body, "mac"));
    const char *name = json_string_value(json_object_get(body, "name"));
    char mac[MAC_TEXT];

    if (!given || !name)
        return refuse(r, 400, "bad-request", "\"mac\" and \"name\" are required"), NULL;
    if (!name_mac(given, mac))
        return refuse(r, 400, "bad-request", "'%.60s' is no MAC address (like 52:54:00:12:34:56)", given), NULL;
    if (machines_check_name(s, name, 0, r) || check_mac(s, mac, r) || insert(s, mac, name, r))
        return NULL;
    log_line("machine %s added with %s", name, mac);
    return machines_force_pxe(s, name, r);
}
