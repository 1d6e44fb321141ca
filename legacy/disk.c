/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "legacy/disk.h"

#include "legacy/console.h"
#include "legacy/real.h"
#include "legacy/rom_stop.h"

#define DISK 0x13
#define BOOT_FAILED 0x18 /* the BIOS goes on with its boot order */
#define READ_ONE_SECTOR 0x0201
#define RESET 0x0000
#define FIRST_CYLINDER_SECTOR 0x0001
#define FIRST_DISK 0x80
#define DISKS_MAX 8
#define DISK_COUNT ((struct real_pointer){.segment = 0x40, .offset = 0x75}) /* BIOS data area */
#define SECTOR 512
#define BOOT_CODE 440 /* bytes of an MBR before the disk's signature and its table */
#define TRIES 3

/* start.S takes it from here. */
uint8_t disk_sector[SECTOR] __attribute__((aligned(16)));

void disk_jump(uint8_t drive) __attribute__((noreturn));

/* Returns the BIOS's status, 0 for success. */
static uint8_t read_sector(uint8_t drive)
{
    struct real_pointer p = real_pointer(disk_sector);
    uint8_t status = 0;

    for (unsigned i = 0; i < TRIES; i++) {
        struct real_registers r = {
            .eax = READ_ONE_SECTOR, .ebx = p.offset, .ecx = FIRST_CYLINDER_SECTOR, .edx = drive, .es = p.segment};

        real_interrupt(DISK, &r);
        if (!(r.flags & REAL_CARRY))
            return 0;
        status = (uint8_t)(r.eax >> 8);
        r = (struct real_registers){.eax = RESET, .edx = drive};
        real_interrupt(DISK, &r);
    }
    return status ? status : 0xff;
}

/* A disk that has been partitioned and no more has the signature and a table, but nothing to run. */
static bool is_boot_sector(void)
{
    bool empty = true;

    for (unsigned i = 0; i < BOOT_CODE; i++)
        empty = empty && disk_sector[i] == 0;
    return !empty && disk_sector[SECTOR - 2] == 0x55 && disk_sector[SECTOR - 1] == 0xaa;
}

/* Reads sectors until one is a boot sector. Returns its drive, 0 for none: *ret says what was there. */
static uint8_t find_boot_sector(struct text *ret)
{
    uint8_t count = *(const volatile uint8_t *)real_address(DISK_COUNT);

    if (count == 0)
        text_string(ret, "no disks");
    for (uint8_t i = 0; i < count && i < DISKS_MAX; i++) {
        uint8_t drive = FIRST_DISK + i, status = read_sector(drive);

        if (!status && is_boot_sector())
            return drive;
        text_string(ret, i ? ", disk " : "disk ");
        text_unsigned(ret, i + 1u);
        text_string(ret, status ? " cannot be read: the BIOS's status " : " has no boot sector");
        if (status)
            text_hex(ret, status, 2);
    }
    return 0;
}

static enum local_boot_policy choose(enum local_boot_policy said)
{
    static const char built_in[] = SLIPWAY_LOCAL_BOOT;
    const struct local_boot_past past = {0}; /* nobody comes back from a boot sector or from INT 18h */
    char why[128];
    struct text t;
    enum local_boot_policy ret;

    text_init(&t, why, sizeof(why));
    ret = local_boot_choose(said, local_boot_policy((const uint8_t *)built_in, sizeof(built_in) - 1), &past, &t).policy;
    if (why[0]) {
        console.print(why);
        console.print("\n");
    }
    return ret;
}

void disk_boot(enum local_boot_policy said, struct error_detail *ret_error)
{
    struct real_registers r = {0};
    char line[64];
    struct text t;
    uint8_t drive;

    if (choose(said) == LOCAL_BOOT_EXIT) {
        console.print("Local boot: leaving it to the BIOS's boot order\n");
        rom_stop();
        real_interrupt(BOOT_FAILED, &r);
    }
    error_begin(ret_error, SLIPWAY_E03, &t);
    drive = find_boot_sector(&t);
    if (!drive)
        return;
    text_init(&t, line, sizeof(line));
    text_string(&t, "Local boot: the boot sector of disk ");
    text_unsigned(&t, drive - FIRST_DISK + 1u);
    text_char(&t, '\n');
    console.print(line);
    rom_stop();
    disk_jump(drive);
}
