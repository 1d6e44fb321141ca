/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/pxe_client.h"

void pxe_client_summary(const struct pxe_client *c, struct text *t)
{
    text_string(t, "Address ");
    text_ip4(t, c->net.address);
    text_string(t, " from ");
    text_ip4(t, c->net.dhcp_server);
    if (c->plan.kind == BOOT_FILE) {
        text_string(t, ", boot file ");
        text_untrusted(t, c->plan.file, sizeof(c->plan.file));
        text_string(t, " on ");
        text_ip4(t, c->plan.server);
    } else {
        text_string(t, ", boot from the local disk");
    }
}
