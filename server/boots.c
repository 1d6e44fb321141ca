/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/boots.h"

#include <string.h>

#include "core/confirmation.h"
#include "server/job_confirm.h"
#include "server/log.h"
#include "server/machines.h"
#include "server/names.h"

struct boot {
    char mac[MAC_TEXT];
    char file[DHCP_FILE_MAX]; /* valid UTF-8, no control characters */
    const char *peer;
};

static bool read_boot(struct boot *b, const uint8_t *data, size_t size, const char *peer)
{
    struct confirmation c;
    struct text t;

    if (!confirmation_read(&c, data, size))
        return false;
    text_init(&t, b->mac, sizeof(b->mac));
    text_mac(&t, c.mac, ':');
    text_init(&t, b->file, sizeof(b->file));
    text_untrusted(&t, c.file, sizeof(c.file));
    b->peer = peer;
    return true;
}

/* One event for each start of the agent: nobody has to prove that it booted, and each would be kept with the job. */
static int replace_event(struct server *s, const json_t *row, const struct boot *b, int64_t now, struct refusal *r)
{
    char message[DHCP_FILE_MAX + 100];
    /* The agent that it starts will be the next one. */
    int64_t job = row_integer(row, "job"), start = row_integer(row, "starts") + 1;
    struct text t;

    if (json_is_null(json_object_get(row, "job")))
        return 0;
    text_init(&t, message, sizeof(message));
    text_string(&t, "boot file ");
    text_string(&t, b->file);
    text_string(&t, " fetched by ");
    text_string(&t, b->peer);
    if (database_run(s->database, r, "DELETE FROM events WHERE job = ? AND event = 'boot' AND start = ?", "ii", job,
                     start) < 0)
        return -1;
    return database_run(s->database, r,
                        "INSERT INTO events(job, time, start, seq, event, step, message)"
                        " VALUES(?, ?, ?, 0, 'boot', 'boot', ?)",
                        "iiis", job, now, start, message);
}

static int save(struct server *s, const json_t *row, const struct boot *b, int64_t now, struct refusal *r)
{
    if (database_begin(s->database, false, r))
        return -1;
    if (database_run(s->database, r, "INSERT OR REPLACE INTO boots(machine, time, file, peer) VALUES(?, ?, ?, ?)",
                     "iiss", row_integer(row, "id"), now, b->file, b->peer) < 0 ||
        replace_event(s, row, b, now, r) < 0) {
        database_rollback(s->database);
        return -1;
    }
    return database_commit(s->database, r);
}

static bool record(struct server *s, const struct boot *b)
{
    int64_t now = clock_ms();
    struct refusal r;
    json_t *row = database_row(
        s->database, &r,
        "SELECT machines.id, machines.name, boots.time, jobs.id AS job, jobs.starts FROM macs"
        " JOIN machines ON machines.id = macs.machine LEFT JOIN boots ON boots.machine = machines.id"
        " LEFT JOIN jobs ON jobs.machine = machines.id AND jobs.state IN ('queued', 'running', 'cancelling')"
        " WHERE macs.mac = ?",
        "s", b->mac);
    int64_t last = row_integer(row, "time");
    /* A clock that was set back must not silence a machine. */
    bool take = row && !json_is_null(row) && (last > now || now - last >= BOOTS_PAUSE_MS);

    take = take && save(s, row, b, now, &r) == 0;
    if (take)
        take = job_confirm_boot(s, row_integer(row, "id"), &r) == 0;
    if (take)
        log_line("machine %s (%s) at %s has fetched its boot file %s", row_text(row, "name"), b->mac, b->peer, b->file);
    json_decref(row);
    return take;
}

bool boots_take(struct server *s, const uint8_t *data, size_t size, const char *peer)
{
    struct boot b;
    bool taken;

    if (!read_boot(&b, data, size, peer))
        return false;
    server_lock(s);
    taken = record(s, &b);
    server_unlock(s);
    return taken;
}

json_t *boots_last(struct server *s, int64_t machine, struct refusal *r)
{
    json_t *row =
        database_row(s->database, r, "SELECT time, file, peer AS \"from\" FROM boots WHERE machine = ?", "i", machine);

    if (row && !json_is_null(row))
        json_object_set_new(row, "time", row_time(row, "time"));
    return row;
}
