/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "legacy/rom_stop.h"

#include "core/pxenv_status.h"
#include "legacy/console.h"
#include "legacy/pxe.h"
#include "legacy/udp.h"

#define PARAMETERS_MAX 16
#define LINE_MAX 80

static void call(enum pxe_function function, const char *name)
{
    uint8_t parameters[PARAMETERS_MAX] = {0};
    uint16_t status = pxe_call(function, parameters);
    char line[LINE_MAX];
    struct text t;

    if (status == 0)
        return;
    text_init(&t, line, sizeof(line));
    text_string(&t, "The ROM's ");
    text_string(&t, name);
    text_string(&t, ": ");
    pxenv_status_text(&t, status);
    text_char(&t, '\n');
    console.print(line);
}

void rom_stop(void)
{
    udp_close();
    call(PXE_UNDI_SHUTDOWN, "UNDI_SHUTDOWN");
    call(PXE_UNLOAD_STACK, "UNLOAD_STACK");
    if (pxe_is_1x())
        call(PXE_UNDI_CLEANUP, "UNDI_CLEANUP");
    else
        call(PXE_UNDI_STOP, "STOP_UNDI");
}
