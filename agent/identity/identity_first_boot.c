/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/base/tree.h"
#include "agent/identity/identity_linux.h"

#define FOLDER "var/lib/slipway"
#define UNIT "slipway-first-boot.service"

/* The command is renamed before it runs, so that it never runs twice, whatever becomes of it. */
static const char unit[] = "[Unit]\n"
                           "Description=What this machine runs once after it was deployed\n"
                           "Wants=network-online.target\n"
                           "After=network-online.target cloud-init.service\n"
                           "ConditionPathExists=/var/lib/slipway/first-boot\n"
                           "\n"
                           "[Service]\n"
                           "Type=oneshot\n"
                           "ExecStartPre=/bin/mv -f /var/lib/slipway/first-boot /var/lib/slipway/first-boot.done\n"
                           "ExecStart=/bin/sh /var/lib/slipway/first-boot.done\n"
                           "\n"
                           "[Install]\n"
                           "WantedBy=multi-user.target\n";

static bool has_systemd(int root)
{
    return tree_exists(root, "usr/lib/systemd/systemd") || tree_exists(root, "lib/systemd/systemd");
}

/* The command line is data all the way: a file of its own, which no unit file or shell line of ours quotes. */
int identity_first_boot_write(const struct identity *id, int root, struct failure *f)
{
    struct identity_draft command = {.failed = false}, text = {.failed = false};

    if (!id->data->first_boot[0])
        return 0;
    if (!has_systemd(root))
        return fail(f, "identity", "the first-boot command needs systemd, which the deployed system does not have");
    identity_print(&command, "%s\n", id->data->first_boot);
    if (identity_file(root, FOLDER, "first-boot", &command, 0700, f))
        return -1;
    identity_print(&text, "%s", unit);
    if (identity_file(root, "etc/systemd/system", UNIT, &text, 0644, f))
        return -1;
    return identity_link(root, "etc/systemd/system/multi-user.target.wants", UNIT, "../" UNIT, f);
}
