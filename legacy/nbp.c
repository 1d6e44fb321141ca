/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "legacy/nbp.h"

#include "legacy/confirm.h"
#include "legacy/pxe.h"
#include "legacy/real.h"
#include "legacy/udp.h"

#define NBP_ADDRESS 0x7c00
#define BASE_MEMORY_KIB ((struct real_pointer){.segment = 0x40, .offset = 0x13}) /* BIOS data area */

/* start.S: enters a boot program as the ROM entered this one. */
void nbp_jump(const uint8_t *nbp, size_t size) __attribute__((noreturn));

void nbp_boot(const struct pxe_client *c, const struct download *file, struct error_detail *ret_error)
{
    uint32_t base_memory = *(const volatile uint16_t *)real_address(BASE_MEMORY_KIB) * 1024u;
    const struct dhcp_packet *named_by = pxe_client_boot_packet(c);
    struct text t;

    if (base_memory <= NBP_ADDRESS || file->size > base_memory - NBP_ADDRESS || file->size == 0) {
        error_begin(ret_error, PXE_E79, &t);
        text_string(&t, "a program of ");
        text_unsigned(&t, file->size);
        text_string(&t, " bytes; there are ");
        text_unsigned(&t, base_memory > NBP_ADDRESS ? base_memory - NBP_ADDRESS : 0);
        text_string(&t, " bytes of base memory for it");
        return;
    }
    confirm_send(c);
    if (named_by)
        pxe_replace_cached(PXE_CACHED_REPLY, named_by->bytes, named_by->size);
    udp_close();
    nbp_jump(file->data, file->size);
}
