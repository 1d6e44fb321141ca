/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ROMs of every age: how they are found, called, and asked for the packets that they keep. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "legacy/pxe.c"

#define PXENV_AT 0x10
#define PXENV_SIZE 0x2c
#define PXENV_OLD_SIZE 0x26
#define PXE_AT 0x80
#define OTHER_PXE_AT 0x100
#define PXE_SIZE 0x58
#define KEPT_AT 0x200

struct real_pointer rom_pxenv, rom_pxe;

static uint8_t memory[1024];

/* The test's own variables, in the order in which the ROM was pointed to them: a number in place of an address. */
#define POINTED 0xeeee
static void *pointed[8];
static unsigned pointers;

/* What the ROM does, and how it was called the last time. */
static struct {
    bool gives_place, fills;
    uint16_t kept; /* bytes of the packet that it has */
    bool is_long;  /* its structure has a limit behind the buffer */
    struct real_pointer entry;
    struct real_registers registers;
} rom;

void *real_address(struct real_pointer p)
{
    return &memory[p.segment * 16u + p.offset];
}

struct real_pointer real_pointer(const void *p)
{
    assert_true(pointers < sizeof(pointed) / sizeof(pointed[0]));
    pointed[pointers] = (void *)(uintptr_t)p;
    return (struct real_pointer){.offset = (uint16_t)pointers++, .segment = POINTED};
}

bool a20_enable(void)
{
    return true;
}

/* Without a buffer a ROM says where its own copy is; the short structure ends before the limit. */
static void get_cached(struct cached_info *p)
{
    uint16_t room = p->size;

    if (room == 0 && rom.gives_place) {
        p->buffer = (struct real_pointer){.offset = KEPT_AT};
        p->size = rom.kept;
    } else if (room && rom.fills) {
        assert_int_equal(p->buffer.segment, POINTED);
        memset(pointed[p->buffer.offset], 0x5a, rom.kept < room ? rom.kept : room);
        p->size = rom.kept;
    } else {
        p->size = 0;
    }
    if (rom.is_long)
        p->limit = rom.kept;
}

void real_far_call(struct real_pointer at, struct real_registers *r)
{
    rom.entry = at;
    rom.registers = *r;
    if (r->ebx == PXE_GET_CACHED_INFO)
        get_cached(pointed[r->edi]);
    r->eax = 0;
}

/* The checksum at `at` makes all bytes sum up to zero. */
static void sum_up(size_t start, size_t size, size_t at)
{
    uint8_t sum = 0;

    memory[at] = 0;
    for (size_t i = 0; i < size; i++)
        sum = (uint8_t)(sum + memory[start + i]);
    memory[at] = (uint8_t)-sum;
}

static void put_pxe(size_t at, uint16_t entry_segment)
{
    memset(&memory[at], 0, PXE_SIZE);
    memcpy(&memory[at], "!PXE", 4);
    memory[at + 4] = PXE_SIZE;
    memory[at + 0x12] = (uint8_t)entry_segment;
    memory[at + 0x13] = (uint8_t)(entry_segment >> 8);
    sum_up(at, PXE_SIZE, at + 5);
}

static void put_pxenv(uint16_t version, uint8_t size, uint16_t pxe)
{
    memset(&memory[PXENV_AT], 0, PXENV_SIZE);
    memcpy(&memory[PXENV_AT], "PXENV+", 6);
    memory[PXENV_AT + 6] = (uint8_t)version;
    memory[PXENV_AT + 7] = (uint8_t)(version >> 8);
    memory[PXENV_AT + 8] = size;
    memory[PXENV_AT + 0x0a] = 0x99;
    memory[PXENV_AT + 0x28] = (uint8_t)pxe;
    memory[PXENV_AT + 0x29] = (uint8_t)(pxe >> 8);
    sum_up(PXENV_AT, size, PXENV_AT + 9);
}

/* As the program is entered. */
static bool find(uint16_t pxenv, uint16_t pxe)
{
    old_style = is_1x = false;
    entry = (struct real_pointer){0};
    rom_pxenv = (struct real_pointer){.offset = pxenv};
    rom_pxe = (struct real_pointer){.offset = pxe};
    return pxe_find();
}

static void pxe_is_taken_where_it_is_whole(void **state)
{
    (void)state;
    put_pxenv(0x0201, PXENV_SIZE, OTHER_PXE_AT);
    put_pxe(PXE_AT, 0x1111);
    put_pxe(OTHER_PXE_AT, 0x2222);
    assert_true(find(PXENV_AT, PXE_AT));
    assert_string_equal(pxe_api_name(), "!PXE");
    assert_int_equal(entry.segment, 0x1111);
    assert_false(pxe_is_1x());
    memory[PXE_AT + 0x20] ^= 1; /* what lies on the stack is no !PXE: PXENV+ knows another */
    assert_true(find(PXENV_AT, PXE_AT));
    assert_string_equal(pxe_api_name(), "!PXE");
    assert_int_equal(entry.segment, 0x2222);
    assert_true(find(0, OTHER_PXE_AT));
    assert_int_equal(entry.segment, 0x2222);
    memory[OTHER_PXE_AT + 4] = 8; /* shorter than its entry */
    sum_up(OTHER_PXE_AT, 8, OTHER_PXE_AT + 5);
    assert_true(find(PXENV_AT, PXE_AT));
    assert_string_equal(pxe_api_name(), "PXENV+");
    assert_int_equal(entry.offset, 0x99);
    assert_false(pxe_is_1x());
}

static void old_roms_have_pxenv_alone(void **state)
{
    (void)state;
    put_pxe(OTHER_PXE_AT, 0x2222);
    put_pxenv(0x0102, PXENV_SIZE, OTHER_PXE_AT); /* behind the end of an old structure lies anything */
    assert_true(find(PXENV_AT, 0));
    assert_string_equal(pxe_api_name(), "PXENV+");
    assert_true(pxe_is_1x());
    put_pxenv(0x0201, PXENV_OLD_SIZE, OTHER_PXE_AT);
    assert_true(find(PXENV_AT, 0));
    assert_string_equal(pxe_api_name(), "PXENV+");
    assert_false(pxe_is_1x());
}

static void without_a_whole_structure_there_is_no_rom(void **state)
{
    (void)state;
    assert_false(find(0, 0));
    put_pxenv(0x0201, PXENV_SIZE, 0);
    memory[PXENV_AT + 9]++;
    assert_false(find(PXENV_AT, 0));
    put_pxenv(0x0201, 0x08, 0); /* shorter than its entry */
    assert_false(find(PXENV_AT, 0));
    put_pxenv(0x0201, PXENV_SIZE, 0);
    memory[PXENV_AT] = 'p';
    sum_up(PXENV_AT, PXENV_SIZE, PXENV_AT + 9);
    assert_false(find(PXENV_AT, 0));
    put_pxenv(0x0201, PXENV_SIZE, 0);
    memory[PXENV_AT + 0x0a] = 0; /* an entry of zero */
    sum_up(PXENV_AT, PXENV_SIZE, PXENV_AT + 9);
    assert_false(find(PXENV_AT, 0));
}

/* Calls by the API that was found last. */
static void call(void)
{
    uint16_t p = 0;

    pointers = 0;
    assert_int_equal(pxe_call(PXE_UDP_CLOSE, &p), 0);
    assert_int_equal(rom.registers.ebx, PXE_UDP_CLOSE);
    assert_int_equal(rom.registers.es, POINTED);
    assert_ptr_equal(pointed[rom.registers.edi], &p);
}

static void pxe_takes_its_parameters_from_the_stack_and_pxenv_from_registers(void **state)
{
    (void)state;
    put_pxe(PXE_AT, 0x1111);
    assert_true(find(0, PXE_AT));
    call();
    assert_int_equal(rom.entry.segment, 0x1111);
    assert_int_equal(rom.registers.pushed, 3);
    assert_int_equal(rom.registers.stack[0], PXE_UDP_CLOSE);
    assert_int_equal(rom.registers.stack[1], rom.registers.edi);
    assert_int_equal(rom.registers.stack[2], POINTED);
    put_pxenv(0x0102, PXENV_OLD_SIZE, 0);
    assert_true(find(PXENV_AT, 0));
    call();
    assert_int_equal(rom.entry.offset, 0x99);
    assert_int_equal(rom.registers.pushed, 0);
}

static size_t cached(uint8_t *packet, size_t max)
{
    pointers = 0;
    memset(packet, 0, max);
    return pxe_cached(PXE_CACHED_ACK, packet, max);
}

static void packets_come_from_the_roms_place_or_as_a_copy(void **state)
{
    uint8_t packet[16], zeros[16] = {0};

    (void)state;
    memset(&memory[KEPT_AT], 0xa5, 64);
    memset(&rom, 0, sizeof(rom));
    assert_int_equal(cached(packet, 16), 0); /* it has none */
    for (unsigned is_long = 0; is_long < 2; is_long++) {
        rom.is_long = is_long;
        rom.kept = 12;
        rom.gives_place = true;
        rom.fills = false;
        assert_int_equal(cached(packet, 16), 12);
        assert_int_equal(packet[11], 0xa5);
        assert_int_equal(packet[12], 0);
        rom.kept = 40; /* more than fits */
        assert_int_equal(cached(packet, 16), 16);
        rom.gives_place = false;
        rom.fills = true;
        rom.kept = 12;
        assert_int_equal(cached(packet, 16), 12);
        assert_int_equal(packet[11], 0x5a);
        assert_int_equal(packet[12], 0);
        rom.kept = 40; /* it says more than it can have written */
        assert_int_equal(cached(packet, 16), 0);
    }
    rom.fills = false;
    assert_int_equal(cached(packet, 16), 0);
    assert_memory_equal(packet, zeros, sizeof(zeros));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pxe_is_taken_where_it_is_whole),
        cmocka_unit_test(old_roms_have_pxenv_alone),
        cmocka_unit_test(without_a_whole_structure_there_is_no_rom),
        cmocka_unit_test(pxe_takes_its_parameters_from_the_stack_and_pxenv_from_registers),
        cmocka_unit_test(packets_come_from_the_roms_place_or_as_a_copy),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
