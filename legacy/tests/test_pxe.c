/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls of a PXE ROM that is played here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "legacy/pxe.c"

struct real_pointer rom_pxenv, rom_pxe;

/* What the ROM does with the next call. */
static struct {
    uint16_t exit, status;
    bool gives_place;
    uint16_t size, limit;
    bool is_ipxe;
    unsigned function; /* of the last call */
} rom;
static uint8_t place[64];
static void *parameters;

struct real_pointer real_pointer(const void *p)
{
    parameters = (void *)(uintptr_t)p;
    return (struct real_pointer){.offset = 1};
}

void *real_address(struct real_pointer p)
{
    (void)p;
    return place;
}

void real_far_call(struct real_pointer at, struct real_registers *r)
{
    struct cached_info *info = parameters;

    (void)at;
    rom.function = r->ebx;
    r->eax = rom.exit;
    if (rom.function == PXE_GET_CACHED_INFO && rom.gives_place) {
        info->buffer = (struct real_pointer){.segment = 1};
        info->size = rom.size;
        info->limit = rom.limit;
    }
    if (rom.function == PXE_FILE_API_CHECK && rom.is_ipxe)
        memcpy((uint8_t *)parameters + 4, &(uint32_t){0xe9c17b20}, 4);
    memcpy(parameters, &rom.status, sizeof(rom.status));
}

bool a20_enable(void)
{
    return true;
}

static const uint8_t packet[] = {1, 2, 3, 4, 5, 6, 7, 8};

static void replace(void)
{
    memset(place, 0xee, sizeof(place));
    pxe_replace_cached(PXE_CACHED_REPLY, packet, sizeof(packet));
}

static void a_packet_takes_the_place_of_the_roms(void **state)
{
    static const uint8_t expected[] = {1, 2, 3, 4, 5, 6, 7, 8, 0xee};

    (void)state;
    memset(&rom, 0, sizeof(rom));
    rom.gives_place = true;
    rom.size = 12; /* iPXE: what it has, and no limit */
    replace();
    assert_memory_equal(place, expected, sizeof(expected));
    rom.size = 5; /* PXE 2.1: the packet, and how long it may become */
    rom.limit = 12;
    replace();
    assert_memory_equal(place, expected, sizeof(expected));
}

static void what_has_no_room_stays(void **state)
{
    uint8_t untouched[sizeof(place)];

    (void)state;
    memset(untouched, 0xee, sizeof(untouched));
    memset(&rom, 0, sizeof(rom));
    rom.size = rom.limit = 12; /* a ROM that only gives copies */
    replace();
    assert_memory_equal(place, untouched, sizeof(place));
    rom.gives_place = true;
    rom.size = rom.limit = 7;
    replace();
    assert_memory_equal(place, untouched, sizeof(place));
    rom.size = 12;
    rom.exit = 1;
    replace();
    assert_memory_equal(place, untouched, sizeof(place));
}

static void a_call_that_fails_has_a_status(void **state)
{
    uint16_t p = 0;

    (void)state;
    memset(&rom, 0, sizeof(rom));
    assert_int_equal(pxe_call(PXE_UDP_CLOSE, &p), 0);
    rom.exit = 1;
    assert_int_equal(pxe_call(PXE_UDP_CLOSE, &p), PXENV_STATUS_FAILURE); /* it does not say why */
    rom.status = 0x18;
    assert_int_equal(pxe_call(PXE_UDP_CLOSE, &p), 0x18);
    rom.exit = 0;
    assert_int_equal(pxe_call(PXE_UDP_CLOSE, &p), 0);
}

static void which_rom_is_ipxe(void **state)
{
    (void)state;
    memset(&rom, 0, sizeof(rom));
    rom.is_ipxe = true;
    assert_true(pxe_is_ipxe());
    assert_int_equal(rom.function, PXE_FILE_API_CHECK);
    rom.is_ipxe = false; /* success without an answer */
    assert_false(pxe_is_ipxe());
    rom.exit = 1;
    rom.status = 0x03;
    assert_false(pxe_is_ipxe());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_packet_takes_the_place_of_the_roms),
        cmocka_unit_test(what_has_no_room_stays),
        cmocka_unit_test(a_call_that_fails_has_a_status),
        cmocka_unit_test(which_rom_is_ipxe),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
