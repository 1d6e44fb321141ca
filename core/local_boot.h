/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What becomes of a machine that is to boot its own disk: who decides it, and what is done when the firmware comes
 * back.
 *
 *   start     the client starts the disk's loader itself (BIOS: the MBR of the first hard disk)
 *   bootnext  the firmware starts it: BootNext names the disk's entry, and the machine is reset (BIOS: as start)
 *   exit      the client ends so that the firmware goes on with its boot order (BIOS: INT 18h)
 *
 * The firmware comes back to the client when the disk did not boot, or when it does not care for BootNext. To do the
 * same again would be to do it for ever, so the second time the client starts the loader itself. */
#ifndef SLIPWAY_CORE_LOCAL_BOOT_H
#define SLIPWAY_CORE_LOCAL_BOOT_H

#include "core/base.h"
#include "core/text.h"

/* Option 43: the policy as a word, without END or NUL. PXE 2.1 gives no meaning to this tag; servers send any tag that
 * they are told to. */
#define PXE_TAG_LOCAL_BOOT 200

enum local_boot_policy {
    LOCAL_BOOT_UNSAID,  /* nobody said anything: the build decides */
    LOCAL_BOOT_UNKNOWN, /* a word that means nothing: the build decides, and the person is told */
    LOCAL_BOOT_START,
    LOCAL_BOOT_NEXT,
    LOCAL_BOOT_EXIT,
};

/* The policy that a word names, upper and lower case alike; LOCAL_BOOT_UNKNOWN when it names none. */
enum local_boot_policy local_boot_policy(const uint8_t *word, size_t size);

/* A machine that comes back within this time after a BootNext has not been used meanwhile: the reset, the firmware's
 * start (a large server tests its memory for a quarter of an hour), and the failed tries of its boot order. Seconds. */
#define LOCAL_BOOT_RETURN_S 1800

/* What is remembered from earlier attempts. */
struct local_boot_past {
    bool ended;     /* the client has already ended for the boot order since the machine was switched on */
    bool next;      /* the client has set BootNext before ... */
    bool has_age;   /* ... and the clock tells when: */
    uint64_t age_s; /* local_boot_age */
    bool gave_up;   /* this run of the client has seen the firmware come back */
};

struct local_boot_choice {
    enum local_boot_policy policy; /* LOCAL_BOOT_START, LOCAL_BOOT_NEXT or LOCAL_BOOT_EXIT */
    bool came_back;                /* start only because the firmware came back: forget BootNext, remember gave_up */
};

/* Decides between what the server said, what the build says (which must be one of the three), and the past. What a
 * person should know of it is written to *ret_why, which stays empty when all is as usual. */
struct local_boot_choice local_boot_choose(enum local_boot_policy said, enum local_boot_policy built_in,
                                           const struct local_boot_past *past, struct text *ret_why);

/* Seconds from 2000-01-01 to a date (Gregorian; month and day from 1), 0 for one before it or one that is none. */
uint64_t local_boot_seconds(unsigned year, unsigned month, unsigned day, unsigned hour, unsigned minute,
                            unsigned second);

/* How old a BootNext of the time `when` was at the start of a client that now, at the time `now`, has run for
 * running_s: DHCP and a menu may take as long as they like. All in seconds. A clock that was set back gives a very
 * large age; one that this run itself has set is 0 seconds old. */
uint64_t local_boot_age(uint64_t when, uint64_t now, uint64_t running_s);

/* What was looked at, when nothing booted. */
struct local_boot_search {
    unsigned options;    /* boot options of the firmware that name a disk or a file on one */
    unsigned disks;      /* that stay in the machine */
    unsigned partitions; /* of them, with a file system that the firmware can read */
    char last[72];       /* what became of the last loader that was there; empty: there was none */
};

/* "2 disks, 1 readable partition, 3 boot options: no loader", or what became of the last loader. At most 127 bytes. */
void local_boot_describe(const struct local_boot_search *s, struct text *t);

#endif
