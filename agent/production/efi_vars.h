/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The firmware's global variables (UEFI specification 3.3), as files of efivarfs: four bytes of attributes, then the
 * content. */
#ifndef SLIPWAY_AGENT_EFI_VARS_H
#define SLIPWAY_AGENT_EFI_VARS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/base/failure.h"

#define EFI_VARS_FOLDER "/sys/firmware/efi/efivars"
#define EFI_VARS_SIZE_MAX 16384 /* of a variable's content */

struct efi_vars {
    int folder;
};

/* Whether this machine was started by UEFI. */
bool efi_vars_exist(void);

/* Opens `folder`; EFI_VARS_FOLDER is mounted when nothing is there yet. All functions return -1 with *f (reason
 * "production") when they fail. */
int efi_vars_open(struct efi_vars *v, const char *folder, struct failure *f);
void efi_vars_close(struct efi_vars *v);

/* Reads `name` ("BootOrder"). Returns 1 with the content, 0 when there is no such variable, or -1: also for one with
 * more than `size` bytes. */
int efi_vars_read(const struct efi_vars *v, const char *name, void *ret, size_t size, size_t *ret_size,
                  struct failure *f);

/* Makes the content of `name` so, for good, and reads it back: 0, or -1. What is there already is not written again,
 * because flash wears. */
int efi_vars_write(const struct efi_vars *v, const char *name, const void *data, size_t size, struct failure *f);

/* 0 also when it was not there. */
int efi_vars_remove(const struct efi_vars *v, const char *name, struct failure *f);

/* Calls `visit` for each variable whose name is `prefix` and four hexadecimal digits (3.1: upper case), with their
 * number, in no order. Returns 0, or -1. */
int efi_vars_each(const struct efi_vars *v, const char *prefix, void (*visit)(void *arg, uint16_t number), void *arg,
                  struct failure *f);

#endif
