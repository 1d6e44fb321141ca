/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts of a Linux system's identity, each in a file of its own. All write what `id` says into the system at
 * `root`, leave alone what is not given, may be repeated, and return 0, or -1 with *f (reason "identity"). */
#ifndef SLIPWAY_AGENT_IDENTITY_LINUX_H
#define SLIPWAY_AGENT_IDENTITY_LINUX_H

#include "agent/identity/identity.h"
#include "agent/identity/identity_file.h"

/* Whether this very job has written this very system before (its slipway.cfg says so): then the machine-id, the ssh
 * host keys and the time in slipway.cfg stay. */
bool identity_is_repeated(const struct identity *id, int root);

/* /slipway.cfg and, when it is asked for, /AClient.cfg: the last files to be written. */
int identity_cfg_write(const struct identity *id, int root, struct failure *f);

/* The text of the two, for other systems; lines end with `end`. `repeated`: the slipway.cfg of an earlier run, or "".
 */
void identity_cfg_print(const struct identity *id, const char *repeated, const char *end, struct identity_draft *ret);
void identity_aclient_print(const struct identity *id, struct identity_draft *ret);

/* /etc/hostname and /etc/hosts. */
int identity_host_write(const struct identity *id, int root, struct failure *f);

/* A new /etc/machine-id and D-Bus's copy of it; no random seed. */
int identity_machine_id_write(int root, struct failure *f);

/* Time zone, locale and keyboard, as Debian or as systemd keeps them. A time zone that the system does not have is a
 * failure. */
int identity_locale_write(const struct identity *id, int root, struct failure *f);

/* root's ssh keys, beside those that are there. */
int identity_root_keys_write(const struct identity *id, int root, struct failure *f);

/* Users and their passwords, groups, homes and ssh keys. */
int identity_users_write(const struct identity *id, int root, struct failure *f);

/* A unit that runs the command once, at the first start. Fails on a system without systemd. */
int identity_first_boot_write(const struct identity *id, int root, struct failure *f);

/* A system with SELinux labels its files anew at its next start. */
int identity_selinux_write(int root, struct failure *f);

/* Whether cloud-init is installed and not switched off: by its file, ds-identify's policy, a masked unit, or the command
 * line of the kernel that the system starts by default. */
bool identity_cloud_is_there(int root);

/* Whether it also sets up the network: not when the system's own configuration, or that command line, forbids it. */
bool identity_cloud_does_network(int root);

/* Seed of the NoCloud datasource, and that this one is to be used: host name, users, locale and, with `network`, the
 * network; without, and with networks in `id`, that it leaves the network alone. */
int identity_cloud_write(const struct identity *id, int root, bool network, struct failure *f);

#endif
