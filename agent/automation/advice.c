/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/automation/advice.h"

#include <stddef.h>
#include <string.h>

static const struct {
    const char *reason, *text;
} table[] = {
    {"no-disk", "Check the disk's cable and the firmware's disk mode (AHCI instead of RAID)."},
    {"ambiguous-disk", "Give the job a rule that only one disk matches: --disk serial=... or path=..."},
    {"no-matching-disk", "Compare the job's disk rule with the disks above."},
    {"disk-count", "Name as many disks as the image has, in its order: --disk ... --disk ..."},
    {"target-too-small", "Use a disk that is at least as large as the image needs."},
    {"sector-size", "Use a disk with the same sector size as the image's source (512 or 4096)."},
    {"disk-error", "The disk or its cable is failing: look at its SMART data, or replace it."},
    {"bad-table", "The source disk's partition table is damaged: look at it with fdisk -l, and repair it there."},
    {"no-such-image", "See `slipway image list` on the server for the names there are."},
    {"no-checksum", "Put its SHA256SUMS beside it, or give the job its SHA-256: slipway deploy URL ... --sha256 HEX"},
    {"image-exists", "Choose another name, or delete the image first: slipway image delete NAME"},
    {"bad-image", "The image on the server is damaged: capture it again."},
    {"bad-chunk", "Data was damaged on the way or in the store: run the job again, then check the server's disk."},
    {"store-full", "Make room on the server's image store, then run the job again."},
    {"server", "Check the server and the network in between, then run the job again."},
    {"identity", "The data is in place, but this machine would come up as another: deploy again."},
    {"production", "What the steps did stays done. Finish with reboot: then the boot client starts the disk."},
    {"command",
     "See what it printed: slipway job show ID on the server. Exit codes that are good: success, in the step."},
    {"timeout", "Give the step a longer timeout, or see what it waits for: slipway job show ID on the server."},
    {"file", "Compare the step's path with the system that it is in; folders are not made."},
    {"out-of-memory", "This machine has too little memory for automation: 256 MiB are needed."},
    {"anonymous", "The source is unchanged. slipway capture --as-is takes it with its identity."},
    {"snapshot-full",
     "The source is unchanged. Use a machine with more memory, or take it with its identity: --as-is."},
    {"cancelled", "It was cancelled at the server. A disk that was being deployed does not boot; one that was captured "
                  "is unchanged."},
};

const char *advice_for(const char *reason)
{
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        if (strcmp(table[i].reason, reason) == 0)
            return table[i].text;
    return "Run the job again; if it fails in the same way, report this message.";
}
