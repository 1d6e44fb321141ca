/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/identity/windows_host_name.h"
#include "agent/identity/windows_identity.h"
#include "agent/windows/ntfs_files.h"
#include "agent/windows/windows_child.h"

#define CLEAR_S 300

struct orders {
    const struct system *system;
    const struct windows_anonymous *what;
};

static int clear_files(struct ntfs_files *files, const struct windows_anonymous *what, struct failure *f)
{
    if (what->host_name && windows_host_name_write(files, WINDOWS_ANONYMOUS_NAME, f))
        return -1;
    if (!what->slipway)
        return 0;
    return ntfs_files_remove(files, "slipway.cfg", f) < 0 || ntfs_files_remove(files, "AClient.cfg", f) < 0 ? -1 : 0;
}

static int clear_volume(void *arg, void *result, struct failure *f)
{
    const struct orders *o = arg;
    struct ntfs_files *files = ntfs_files_open(o->system->node, true, f);
    struct failure second;
    int outcome;

    (void)result;
    if (!files)
        return -1;
    outcome = clear_files(files, o->what, f);
    if (ntfs_files_close(files, outcome == 0, outcome ? &second : f))
        outcome = -1;
    return outcome;
}

int windows_anonymise(const struct system *s, const struct windows_anonymous *what, bool *ret_shares_sid,
                      struct failure *f)
{
    struct orders o = {s, what};

    *ret_shares_sid = !s->sysprepped;
    return s->sysprepped ? 0 : windows_child_run(clear_volume, &o, NULL, 0, CLEAR_S, f);
}
