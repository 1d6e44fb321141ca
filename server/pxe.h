/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a machine's next network boot does, through dnsmasq: a file for each machine in --dnsmasq-hostsdir, with a line
 * of each of its MACs as long as it has no unfinished job: dnsmasq then knows it and lets it boot its disk; the others
 * go into automation. The lines hold no set:TAG, because with one dnsmasq up to 2.90 crashes on SIGHUP. Failures are
 * logged: a job is not lost because the menu could not be forced. The lock is held. */
#ifndef SLIPWAY_SERVER_PXE_H
#define SLIPWAY_SERVER_PXE_H

#include <stdint.h>

#include "server/server.h"

/* Writes the file of one machine (0: none), if it says something new; pxe_forget removes it. Only pxe_reload makes
 * dnsmasq forget the old answer; it does nothing when nothing has changed. */
void pxe_write(struct server *s, int64_t machine);
void pxe_forget(struct server *s, int64_t machine);
void pxe_reload(struct server *s);

/* At start: all machines, and no others. */
void pxe_write_all(struct server *s);

#endif
