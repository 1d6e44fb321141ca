/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text files of a deployed system: os-release(5), fstab(5), passwd(5) and its like. What is set is found again, and all
 * other lines stay. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "agent/identity/account_file.h"
#include "agent/identity/hosts_file.h"
#include "agent/system/fstab.h"
#include "agent/system/os_release.h"

static void edit_accounts(const char *text)
{
    struct identity_draft set = {.failed = false}, member = {.failed = false};
    char value[16];

    account_number_taken(text, 2, 1000);
    account_set(text, "ann", 1, "hash", &set);
    identity_print(&set, "%c", '\0');
    if (account_field(text, "ann", 1, value, sizeof(value)) &&
        (!account_field((const char *)set.b.data, "ann", 1, value, sizeof(value)) || strcmp(value, "hash")))
        abort();
    account_add_member(text, "ann", 3, "bob", &member);
    if (member.b.size < strlen(text))
        abort();
    free(set.b.data);
    free(member.b.data);
}

static void read_others(const char *text, size_t size)
{
    struct fstab_entry entries[FSTAB_ENTRIES];
    struct os_release release;
    struct buffer hosts = {0};
    unsigned count = fstab_parse(text, entries);
    char value[32];

    for (unsigned i = 0; i < count; i++) {
        if (entries[i].folder[0] != '/')
            abort();
        fstab_option(&entries[i], "subvol", value, sizeof(value));
    }
    os_release_parse(text, size, &release);
    if (!release.id[0] || strpbrk(release.name, "\n\x1b"))
        abort();
    if (!hosts_file_rename(text, "pc-b", &hosts))
        abort();
    free(hosts.data);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);

    memcpy(text, data, size);
    text[size] = '\0';
    read_others(text, strlen(text));
    edit_accounts(text);
    free(text);
    return 0;
}
