/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files through a ROM's file calls: what it is asked for, and what a person is told when it fails. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/tests/console_lab.h"
#include "legacy/rom_file.c"

#define HANDLE 7
#define PATH "http://10.0.0.1/dir/initrd"

/* A ROM with one open file. */
static struct {
    bool has_files;
    uint16_t open_status, read_status, read_size; /* what every read says; 0: the truth */
    uint32_t announced, size, sent, stops_at;
    unsigned waits; /* reads without data between two pieces */
    unsigned waited, opened, closed;
    char url[256];
} rom;

static const void *pointed[4];
static unsigned pointers;

static struct {
    uint64_t memory;
    struct transfer transfer;
    struct download file;
    struct transfer_host host;
} machine;

struct real_pointer real_pointer(const void *p)
{
    pointed[pointers % 4] = p;
    return (struct real_pointer){.offset = (uint16_t)(pointers++ % 4)};
}

bool pxe_is_ipxe(void)
{
    return rom.has_files;
}

static uint16_t read16(const uint8_t *p, size_t at)
{
    return (uint16_t)(p[at] | p[at + 1] << 8);
}

static uint16_t read_some(uint8_t *p)
{
    uint8_t *buffer = (uint8_t *)(uintptr_t)pointed[read16(p, 6)];
    uint32_t left = rom.size - rom.sent, size = left < 1460 ? left : 1460;

    assert_int_equal(read16(p, 2), HANDLE);
    if (rom.sent >= rom.stops_at || rom.waited++ < rom.waits)
        return WOULD_BLOCK;
    if (rom.read_status)
        return rom.read_status;
    if (rom.read_size) {
        memcpy(p + 4, &rom.read_size, 2);
        return 0;
    }
    rom.waited = 0;
    assert_true(size <= read16(p, 4));
    for (uint32_t i = 0; i < size; i++)
        buffer[i] = (uint8_t)(rom.sent + i);
    rom.sent += size;
    memcpy(p + 4, &(uint16_t){(uint16_t)size}, 2);
    return 0;
}

uint16_t pxe_call(enum pxe_function function, void *parameters)
{
    uint8_t *p = parameters;

    switch (function) {
    case PXE_FILE_OPEN:
        snprintf(rom.url, sizeof(rom.url), "%s", (const char *)pointed[read16(p, 4)]);
        memcpy(p + 2, &(uint16_t){HANDLE}, 2);
        rom.opened += rom.open_status == 0;
        return rom.open_status;
    case PXE_GET_FILE_SIZE:
        memcpy(p + 4, &rom.announced, 4);
        return 0;
    case PXE_FILE_READ:
        return read_some(p);
    default:
        assert_int_equal(function, PXE_FILE_CLOSE);
        assert_int_equal(read16(p, 2), HANDLE);
        rom.closed++;
        return 0;
    }
}

static bool reserve(void *context, struct download *file, uint64_t size, uint64_t used)
{
    (void)context;
    (void)used;
    if (size > machine.memory)
        return false;
    file->data = realloc(file->data, size);
    file->room = size;
    return true;
}

static void copy(void *to, const void *from, size_t size)
{
    memcpy(to, from, size);
}

static void prepare(uint32_t size)
{
    memset(&lab, 0, sizeof(lab));
    memset(&machine, 0, sizeof(machine));
    memset(&rom, 0, sizeof(rom));
    rom.has_files = true;
    rom.announced = rom.size = size;
    rom.stops_at = UINT32_MAX;
    machine.memory = 1 << 24;
    machine.host =
        (struct transfer_host){.console = &lab_console, .max_size = 1 << 20, .reserve = reserve, .copy = copy};
    machine.file.path = PATH;
    machine.transfer = (struct transfer){.host = &machine.host, .file = &machine.file};
}

static struct transfer *run_kind(const struct transfer_kind *kind)
{
    struct transfer *t = &machine.transfer;

    t->kind = kind;
    kind->begin(t);
    while (t->state == TRANSFER_ACTIVE)
        kind->pump(t);
    kind->end(t);
    assert_int_equal(rom.opened, rom.closed);
    for (unsigned i = 0; i < DOWNLOADS_MAX; i++)
        assert_false(files[i].used);
    return t;
}

static void assert_fails(enum pxe_error code, const char *received)
{
    struct transfer *t = run_kind(&rom_url_transfer);

    assert_int_equal(t->state, TRANSFER_FAILED);
    assert_string_equal(error_text(t->error.code)->name, error_text(code)->name);
    assert_string_equal(t->error.received, received);
    free(machine.file.data);
}

static void assert_whole(void)
{
    assert_int_equal(machine.transfer.state, TRANSFER_DONE);
    assert_int_equal(machine.transfer.received, rom.size);
    for (uint32_t i = 0; i < rom.size; i++)
        assert_int_equal(machine.file.data[i], (uint8_t)i);
    free(machine.file.data);
}

static void a_url(void **state)
{
    (void)state;
    prepare(300000);
    rom.waits = 3;
    run_kind(&rom_url_transfer);
    assert_string_equal(rom.url, PATH);
    assert_true(machine.transfer.has_size);
    assert_int_equal(machine.file.room, 300000);
    assert_whole();
}

static void a_size_that_nobody_says(void **state)
{
    (void)state;
    prepare(300000);
    rom.announced = 0;
    run_kind(&rom_url_transfer);
    assert_false(machine.transfer.has_size);
    assert_whole();
}

static void tftp(void **state)
{
    (void)state;
    prepare(5000);
    machine.file.path = "dir/initrd";
    machine.transfer.server = (struct ip4){{10, 0, 0, 2}};
    assert_true(rom_tftp_usable("dir/initrd-6.1_x.zst"));
    assert_false(rom_tftp_usable("dir\\initrd"));
    assert_false(rom_tftp_usable("50%25"));
    run_kind(&rom_tftp_transfer);
    assert_string_equal(rom.url, "tftp://10.0.0.2/dir/initrd");
    assert_ptr_equal(rom_tftp_transfer.fallback, &tftp_transfer);
    assert_whole();
    rom.has_files = false;
    assert_false(rom_tftp_usable("initrd"));
}

/* `kind` begins while the ROM has a file open that came by `first`; tells whether it has opened a second one. */
static bool opens_beside(const struct transfer_kind *first, const struct transfer_kind *kind)
{
    struct transfer second;
    unsigned before;
    bool opened;

    prepare(5000);
    rom.stops_at = 0; /* nothing is read meanwhile */
    second = machine.transfer;
    machine.transfer.kind = first;
    second.kind = kind;
    first->begin(&machine.transfer);
    before = rom.opened;
    kind->begin(&second);
    kind->pump(&second);
    assert_int_equal(second.state, TRANSFER_ACTIVE);
    opened = rom.opened > before;
    first->end(&machine.transfer);
    second.kind->pump(&second);
    assert_int_equal(rom.opened, before + 1);
    second.kind->end(&second);
    assert_int_equal(rom.opened, rom.closed);
    free(machine.file.data);
    return opened;
}

static void a_stream_has_the_rom_for_itself(void **state)
{
    (void)state;
    assert_false(opens_beside(&rom_url_transfer, &rom_url_transfer));
    assert_false(opens_beside(&rom_url_transfer, &rom_tftp_transfer));
    assert_false(opens_beside(&rom_tftp_transfer, &rom_url_transfer));
    assert_true(opens_beside(&rom_tftp_transfer, &rom_tftp_transfer));
    /* Whole, it makes way, though its transfer has not ended. */
    prepare(5000);
    machine.transfer.kind = &rom_url_transfer;
    rom_url_transfer.begin(&machine.transfer);
    while (machine.transfer.state == TRANSFER_ACTIVE)
        rom_url_transfer.pump(&machine.transfer);
    assert_int_equal(rom.closed, 1);
    rom_url_transfer.end(&machine.transfer);
    assert_int_equal(rom.closed, 1);
    assert_whole();
}

/* A file that is not there: our own TFTP says it better. One that breaks off: it would only take the time twice. */
static void tftp_follows_what_cannot_be_opened(void **state)
{
    (void)state;
    prepare(5000);
    machine.file.path = "initrd";
    rom.open_status = 0x3b;
    assert_ptr_equal(run_kind(&rom_tftp_transfer)->kind, &rom_tftp_transfer);
    prepare(5000);
    machine.file.path = "initrd";
    rom.stops_at = 1460;
    assert_null(run_kind(&rom_tftp_transfer)->kind->fallback);
    assert_string_equal(machine.transfer.error.received, "silent after 1460 bytes of initrd");
    free(machine.file.data);
}

static void urls_that_cannot_be_fetched(void **state)
{
    (void)state;
    prepare(1);
    rom.has_files = false;
    assert_fails(SLIPWAY_E05, "this PXE ROM has no HTTP (iPXE's have): " PATH);
    prepare(1);
    machine.file.path = "https://10.0.0.1/a";
    assert_fails(SLIPWAY_E05, "https://10.0.0.1/a");
    assert_int_equal(rom.opened, 0);
}

static void the_rom_cannot_open_it(void **state)
{
    (void)state;
    prepare(1);
    rom.open_status = 0x3b;
    assert_fails(PXE_E3B, "the ROM's FILE_OPEN: PXENV_STATUS_TFTP_FILE_NOT_FOUND (3b) for " PATH);
    assert_int_equal(machine.transfer.error.server.b[0], 10);
    prepare(1);
    rom.open_status = 0x38;
    assert_fails(PXE_E32, "the ROM's FILE_OPEN: PXENV_STATUS_TFTP_CANNOT_OPEN_CONNECTION (38) for " PATH);
    prepare(1);
    rom.open_status = 0x39;
    assert_fails(PXE_E32, "the ROM's FILE_OPEN: PXENV_STATUS_TFTP_CANNOT_READ_FROM_CONNECTION (39) for " PATH);
}

static void it_ends_too_early(void **state)
{
    (void)state;
    prepare(5000);
    rom.announced = 6000;
    assert_fails(SLIPWAY_E02, "announced 6000, got 5000");
    prepare(5000);
    rom.read_status = 0x39;
    assert_fails(PXE_E35, "the ROM's FILE_READ: PXENV_STATUS_TFTP_CANNOT_READ_FROM_CONNECTION (39) for " PATH);
    /* An error that comes as a size, as it is and without a status in it. */
    prepare(5000);
    rom.read_size = 0x6239;
    assert_fails(PXE_E35, "the ROM's FILE_READ: PXENV_STATUS_TFTP_CANNOT_READ_FROM_CONNECTION (39) for " PATH);
    prepare(5000);
    rom.read_size = 0x6200;
    assert_fails(PXE_E99, "the ROM's FILE_READ: PXENV_STATUS_FAILURE (01) for " PATH);
    prepare(5000);
    rom.stops_at = 2920;
    assert_fails(PXE_E35, "silent after 2920 bytes of " PATH);
}

static void it_is_too_large(void **state)
{
    (void)state;
    prepare(0x100001);
    assert_fails(PXE_E3A, "1048577 bytes");
    prepare(0x100001);
    rom.announced = 0;
    assert_fails(SLIPWAY_E04, "initrd  1.0 MB  1048.2 MB/s");
    prepare(5000);
    rom.announced = 4999;
    assert_fails(PXE_E3A, "announced 4999, got 5000");
    prepare(5000);
    machine.memory = 4096;
    assert_fails(SLIPWAY_E04, "initrd  0.0 of 5.0 kB  0 %  0.0 MB/s");
    assert_int_equal(machine.transfer.error.server.b[0], 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_url),
        cmocka_unit_test(a_size_that_nobody_says),
        cmocka_unit_test(tftp),
        cmocka_unit_test(a_stream_has_the_rom_for_itself),
        cmocka_unit_test(tftp_follows_what_cannot_be_opened),
        cmocka_unit_test(urls_that_cannot_be_fetched),
        cmocka_unit_test(the_rom_cannot_open_it),
        cmocka_unit_test(it_ends_too_early),
        cmocka_unit_test(it_is_too_large),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
