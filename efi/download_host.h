/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What core/download.h needs of a UEFI firmware. */
#ifndef SLIPWAY_EFI_DOWNLOAD_HOST_H
#define SLIPWAY_EFI_DOWNLOAD_HOST_H

#include "efi/download.h"

/* The context of every struct transfer_host of efi/. */
struct download_context {
    const struct nic *nic;
    const struct net_config *net;
    bool past_stack; /* no transfer of this run needs the firmware's stack to receive */
};

/* Memory: whole pages, so that a kernel or an initrd can be used where it lies. */
bool download_reserve(void *context, struct download *file, uint64_t size, uint64_t used);
void download_give_back(void *context, struct download *file);
void download_copy(void *to, const void *from, size_t size);

/* UDP; .private of a transfer is its struct udp. */
bool download_open(struct transfer *t, uint16_t port, struct ip4 group, struct error_detail *ret_error);
void download_close(struct transfer *t);
void download_send(struct transfer *t, uint16_t port, const void *data, size_t size);
bool download_has_sent(const struct transfer *t);
bool download_receive(struct transfer *t, struct transfer_datagram *ret);
void download_release(struct transfer *t);

extern const struct transfer_kind http_transfer;

#endif
