/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/identity/ssh_keys.h"

#include <errno.h>
#include <string.h>

#include "agent/base/console.h"
#include "agent/base/tree.h"
#include "agent/system/chroot_run.h"

/* An RSA key on a slow emulated processor takes some ten seconds. */
#define KEYGEN_SECONDS 300

int ssh_keys_renew(int root, struct failure *f)
{
    static const char *const command[] = {"/usr/bin/ssh-keygen", "-A", NULL};

    if (!tree_is_folder(root, "etc/ssh"))
        return 0;
    if (tree_remove(root, "etc/ssh", "ssh_host_", "_key") < 0 ||
        tree_remove(root, "etc/ssh", "ssh_host_", "_key.pub") < 0)
        return fail(f, "identity", "cannot remove the image's ssh host keys: %s", strerror(errno));
    if (!tree_exists(root, "usr/bin/ssh-keygen")) {
        console_alert("no ssh-keygen in the deployed system: it has no ssh host keys now");
        return 0;
    }
    console_line("identity: making ssh host keys");
    if (chroot_run(root, command, KEYGEN_SECONDS, f) != 0)
        return -1;
    if (tree_count(root, "etc/ssh", "ssh_host_", "_key") <= 0)
        return fail(f, "identity", "the deployed system's ssh-keygen made no host keys");
    return 0;
}
