/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Encrypted volumes, known by name alone: which of their blocks are used only the key tells. */
#include "agent/fs/block_map.h"

int fs_bitlocker_map(struct fs_source *s)
{
    return fs_doubt(s,
                    "BitLocker: the volume is encrypted; decrypt it in Windows (manage-bde -off) for a smaller image");
}

int fs_luks_map(struct fs_source *s)
{
    return fs_doubt(s, "LUKS: the volume is encrypted; the image can be unlocked with the same keys");
}
