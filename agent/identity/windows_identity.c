/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/identity/windows_identity.h"

#include <stdlib.h>
#include <string.h>

#include "agent/base/console.h"
#include "agent/identity/identity_linux.h"
#include "agent/identity/windows_answer.h"
#include "agent/identity/windows_host_name.h"
#include "agent/identity/windows_names.h"
#include "agent/identity/windows_setup.h"
#include "agent/windows/ntfs_files.h"
#include "agent/windows/windows_child.h"

#define WRITE_S 300
#define CFG_LIMIT (1u << 20)

/* What the child is to write. */
struct orders {
    const struct identity *id;
    const struct system *system;
    struct buffer answer; /* empty for a Windows that was not generalised */
};

/* What it has to tell. */
struct outcome {
    unsigned other_answers;
};

static int write_draft(struct ntfs_files *files, const char *path, struct identity_draft *t, struct failure *f)
{
    int result = t->failed ? fail(f, "out-of-memory", "no memory for %s", path)
                           : ntfs_files_write(files, path, t->b.data, t->b.size, false, f);

    free(t->b.data);
    return result;
}

/* Last of all, as on Linux: who finds slipway.cfg finds all of it done. */
static int write_cfg(struct ntfs_files *files, const struct identity *id, struct failure *f)
{
    struct identity_draft cfg = {.failed = false}, aclient = {.failed = false};
    struct buffer old = {0};

    if (id->data->aclient) {
        identity_aclient_print(id, &aclient);
        if (write_draft(files, "AClient.cfg", &aclient, f))
            return -1;
    }
    if (ntfs_files_read(files, "slipway.cfg", &old, CFG_LIMIT, f) < 0)
        return -1;
    identity_cfg_print(id, old.data ? (const char *)old.data : "", "\r\n", &cfg);
    free(old.data);
    return write_draft(files, "slipway.cfg", &cfg, f);
}

static int write_files(struct ntfs_files *files, const struct orders *o, struct outcome *out, struct failure *f)
{
    const struct identity_data *d = o->id->data;

    if (o->system->sysprepped) {
        if (windows_setup_answer(files, o->answer.data, o->answer.size, &out->other_answers, f) ||
            windows_setup_first_boot(files, d->first_boot, f))
            return -1;
    } else if (d->host_name[0] && windows_host_name_write(files, d->host_name, f)) {
        return -1;
    }
    return write_cfg(files, o->id, f);
}

static int write_volume(void *arg, void *result, struct failure *f)
{
    const struct orders *o = arg;
    struct ntfs_files *files = ntfs_files_open(o->system->node, true, f);
    struct failure second;
    int outcome;

    if (!files)
        return -1;
    outcome = write_files(files, o, result, f);
    if (ntfs_files_close(files, outcome == 0, outcome ? &second : f))
        outcome = -1;
    return outcome;
}

/* Nothing reads an answer file on a Windows that has been started before. */
static void tell_what_is_left_out(const struct identity_data *d)
{
    bool wants_more = d->network_count || d->user_count || d->product_key[0] || d->join_domain[0] || d->locale[0] ||
                      d->keyboard[0] || d->time_zone[0] || d->first_boot[0];

    console_line("identity: this Windows was not generalised with sysprep: only its name and slipway.cfg are written");
    if (wants_more)
        console_alert(
            "identity: network, users, locale, domain, product key or first-boot command are left out: Windows "
            "takes them at the first start of a generalised system only");
}

static int prepare(struct orders *o, struct failure *f)
{
    const char *name = o->id->data->host_name;

    if (o->system->sysprepped)
        return windows_answer_make(o->id, o->system->arch, &o->answer, f);
    if (name[0] && !windows_name_valid(name))
        return windows_name_refuse(name, f);
    tell_what_is_left_out(o->id->data);
    return 0;
}

int windows_identity_write(const struct identity *id, const struct system *s, struct failure *f)
{
    struct orders o = {.id = id, .system = s};
    struct outcome out = {0};
    int result;

    if (prepare(&o, f))
        return -1;
    result = windows_child_run(write_volume, &o, &out, sizeof(out), WRITE_S, f);
    free(o.answer.data);
    if (result == 0 && out.other_answers)
        console_alert(
            "identity: the image had %u answer files that Windows Setup would have taken before ours: removed",
            out.other_answers);
    return result;
}
