/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The first serial port, as the BIOS found it. */
#ifndef SLIPWAY_LEGACY_SERIAL_H
#define SLIPWAY_LEGACY_SERIAL_H

#include "core/base.h"

/* 115200 baud, 8N1. Without a port the other two do nothing. */
void serial_init(void);
void serial_write(char c);

/* Returns false when nothing has come. */
bool serial_read(char *ret);

#endif
