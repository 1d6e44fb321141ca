/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "legacy/send_failure.h"

#include "core/pxenv_status.h"

static uint16_t noted; /* 0: the ROM sent all */

void send_failure_forget(void)
{
    noted = 0;
}

void send_failure_note(uint16_t status)
{
    if (status)
        noted = status;
}

void send_failure_tell(struct error_detail *error)
{
    struct text t = {.buf = error->received,
                     .size = sizeof(error->received),
                     .length = text_length(error->received, sizeof(error->received) - 1)};

    if (noted == 0)
        return;
    if (t.length)
        text_string(&t, "; ");
    text_string(&t, "the ROM's UDP_WRITE: ");
    pxenv_status_text(&t, noted);
}
