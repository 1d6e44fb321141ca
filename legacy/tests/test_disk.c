/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Local boot with the disks of a BIOS that is played here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/tests/console_lab.h"

#define SLIPWAY_LOCAL_BOOT "start"
#include "legacy/disk.c"

#define TIMEOUT 0x80 /* a status of INT 13h */

static uint8_t blank[SECTOR];
static const uint8_t bootable[SECTOR] = {0xeb, 0xfe, [SECTOR - 2] = 0x55, 0xaa};
static const uint8_t unsigned_code[SECTOR] = {0xeb, 0xfe};
static const uint8_t partitioned[SECTOR] = {[446] = 0x80, [SECTOR - 2] = 0x55, 0xaa};

static struct {
    uint8_t count;
    struct disk {
        const uint8_t *sector;
        uint8_t status; /* of reads that fail; 0: by the carry flag alone */
        unsigned fails; /* so many reads */
        unsigned reads, resets;
    } disks[DISKS_MAX + 1];
    bool rom_stopped, boot_failed; /* INT 18h */
    jmp_buf started;
} bios;

void *real_address(struct real_pointer p)
{
    assert_int_equal(p.segment, 0x40);
    assert_int_equal(p.offset, 0x75);
    return &bios.count;
}

struct real_pointer real_pointer(const void *p)
{
    assert_ptr_equal(p, disk_sector);
    return (struct real_pointer){.offset = 1, .segment = 2};
}

static void read_disk(struct disk *d, struct real_registers *r)
{
    if (r->eax == RESET) {
        d->resets++;
        return;
    }
    assert_int_equal(r->eax, READ_ONE_SECTOR);
    assert_int_equal(r->ecx, FIRST_CYLINDER_SECTOR);
    assert_int_equal(r->es, 2);
    assert_int_equal(r->ebx, 1);
    if (d->reads++ < d->fails) {
        r->flags = REAL_CARRY;
        r->eax = (uint32_t)d->status << 8;
        return;
    }
    memcpy(disk_sector, d->sector, SECTOR);
}

void real_interrupt(uint8_t number, struct real_registers *r)
{
    if (number == DISK) {
        assert_false(bios.rom_stopped && !bios.boot_failed);
        read_disk(&bios.disks[r->edx - FIRST_DISK], r);
        return;
    }
    assert_int_equal(number, BOOT_FAILED);
    assert_true(bios.rom_stopped);
    bios.boot_failed = true;
}

void rom_stop(void)
{
    bios.rom_stopped = true;
}

void disk_jump(uint8_t drive)
{
    assert_true(bios.rom_stopped);
    longjmp(bios.started, drive);
}

const struct console console = LAB_CONSOLE;

/* With a disk for each of `sectors` up to NULL. */
static void switch_on(const uint8_t *const *sectors)
{
    memset(&bios, 0, sizeof(bios));
    memset(&lab, 0, sizeof(lab));
    for (; sectors[bios.count]; bios.count++)
        bios.disks[bios.count].sector = sectors[bios.count];
}

/* Returns the drive that was started, 0 for none. */
static int boot(enum local_boot_policy said, struct error_detail *ret_error)
{
    int drive = setjmp(bios.started);

    if (drive == 0)
        disk_boot(said, ret_error);
    return drive;
}

static void the_first_disk_with_a_boot_sector_is_started(void **state)
{
    static const uint8_t *const disks[] = {blank, partitioned, unsigned_code, bootable, bootable, NULL};
    struct error_detail error;

    (void)state;
    switch_on(disks);
    assert_int_equal(boot(LOCAL_BOOT_UNSAID, &error), 0x83);
    assert_string_equal(lab.shown, "Local boot: the boot sector of disk 4\n");
    assert_int_equal(bios.disks[4].reads, 0);
}

static void disks_without_one_are_an_error_that_names_them(void **state)
{
    static const uint8_t *const none[] = {NULL};
    static const uint8_t *const disks[] = {blank, partitioned, NULL};
    struct error_detail error;

    (void)state;
    switch_on(none);
    assert_int_equal(boot(LOCAL_BOOT_START, &error), 0);
    assert_int_equal(error.code, SLIPWAY_E03);
    assert_string_equal(error.received, "no disks");
    switch_on(disks);
    assert_int_equal(boot(LOCAL_BOOT_START, &error), 0);
    assert_string_equal(error.received, "disk 1 has no boot sector, disk 2 has no boot sector");
    assert_string_equal(lab.shown, "");
    assert_false(bios.rom_stopped); /* the client goes on with it */
}

static void a_read_that_fails_is_tried_again(void **state)
{
    static const uint8_t *const disks[] = {bootable, bootable, NULL};
    struct error_detail error;

    (void)state;
    switch_on(disks);
    bios.disks[0].fails = TRIES - 1; /* it spins up */
    bios.disks[0].status = TIMEOUT;
    assert_int_equal(boot(LOCAL_BOOT_START, &error), 0x80);
    assert_int_equal(bios.disks[0].resets, TRIES - 1);
    switch_on(disks);
    bios.disks[0].fails = bios.disks[1].fails = TRIES;
    bios.disks[0].status = TIMEOUT;
    assert_int_equal(boot(LOCAL_BOOT_START, &error), 0);
    assert_string_equal(error.received, "disk 1 cannot be read: the BIOS's status 80, "
                                        "disk 2 cannot be read: the BIOS's status ff");
}

static void more_disks_than_are_looked_at_do_no_harm(void **state)
{
    static const uint8_t *const disks[] = {blank, blank, blank, blank, blank, blank, blank, blank, bootable, NULL};
    struct error_detail error;

    (void)state;
    switch_on(disks);
    assert_int_equal(boot(LOCAL_BOOT_START, &error), 0);
    assert_int_equal(bios.disks[DISKS_MAX].reads, 0);
    assert_int_equal(strlen(error.received), sizeof(error.received) - 1);
}

static void the_boot_order_is_left_to_the_bios(void **state)
{
    static const uint8_t *const disks[] = {bootable, NULL};
    struct error_detail error;

    (void)state;
    switch_on(disks);
    /* A BIOS that comes back from INT 18h has nothing else: the disk is better than nothing. */
    assert_int_equal(boot(LOCAL_BOOT_EXIT, &error), 0x80);
    assert_true(bios.boot_failed);
    assert_string_equal(lab.shown, "Local boot: leaving it to the BIOS's boot order\n"
                                   "Local boot: the boot sector of disk 1\n");
}

static void a_policy_that_nobody_knows_is_told(void **state)
{
    static const uint8_t *const disks[] = {bootable, NULL};
    struct error_detail error;

    (void)state;
    switch_on(disks);
    assert_int_equal(boot(LOCAL_BOOT_UNKNOWN, &error), 0x80);
    assert_true(strlen(lab.shown) > strlen("Local boot: the boot sector of disk 1\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_disk_with_a_boot_sector_is_started),
        cmocka_unit_test(disks_without_one_are_an_error_that_names_them),
        cmocka_unit_test(a_read_that_fails_is_tried_again),
        cmocka_unit_test(more_disks_than_are_looked_at_do_no_harm),
        cmocka_unit_test(the_boot_order_is_left_to_the_bios),
        cmocka_unit_test(a_policy_that_nobody_knows_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
