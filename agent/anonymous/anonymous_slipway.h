/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SLIPWAY_AGENT_ANONYMOUS_SLIPWAY_H
#define SLIPWAY_AGENT_ANONYMOUS_SLIPWAY_H

/* Takes out of the Linux system at `root` what an earlier deploy has written for one machine: slipway.cfg and
 * AClient.cfg, the seed for cloud-init and that it is to be used, the first-boot command, a confirmation that was not
 * sent, and the network, in whose place comes what the image had before. Users and their keys stay. Returns how many
 * files it was, or -1 with errno. */
int anonymous_slipway_remove(int root);

#endif
