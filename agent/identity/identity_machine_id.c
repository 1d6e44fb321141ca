/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/base/tree.h"
#include "agent/identity/identity_linux.h"

static int cannot(struct failure *f, const char *what)
{
    return fail(f, "identity", "cannot write %s of the deployed system: %s", what, strerror(errno));
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

int identity_machine_id_write(int root, struct failure *f)
{
    char id[34];

    if (make_machine_id(id) != 0 || tree_write(root, "etc", "machine-id", id, 33, 0444) != 0)
        return cannot(f, "/etc/machine-id");
    if (dbus_has_copy(root) && tree_write(root, "var/lib/dbus", "machine-id", id, 33, 0444) != 0)
        return cannot(f, "/var/lib/dbus/machine-id");
    /* Two machines that start from the same seed may make the same "random" numbers. */
    if (tree_remove(root, "var/lib/systemd", "random-seed", "") < 0 ||
        tree_remove(root, "var/lib/urandom", "random-seed", "") < 0)
        return cannot(f, "the random seed");
    return 0;
}
