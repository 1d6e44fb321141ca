/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "efi/transfer.h"

#include "core/progress_line.h"
#include "efi/system.h"

void transfer_fail(struct transfer *t, enum pxe_error code, struct text *ret_received)
{
    t->state = TRANSFER_FAILED;
    t->error = (struct error_detail){.code = code};
    if (ret_received)
        text_init(ret_received, t->error.received, sizeof(t->error.received));
}

void transfer_fail_memory(struct transfer *t)
{
    struct text text;

    transfer_fail(t, SLIPWAY_E04, &text);
    progress_line(&text, progress_base_name(t->file->path), t->received, t->has_size ? t->size : 0, 0);
}

void transfer_end(struct transfer *t, struct udp *udp, void (*stop)(struct transfer *t))
{
    if (t->state == TRANSFER_ACTIVE)
        stop(t);
    udp_close(udp);
    system_free(t->private);
}
