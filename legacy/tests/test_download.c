/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The BIOS program's downloads: one UDP for all, and places in the memory map. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/tests/console_lab.h"
#include "legacy/download.c"
#include "legacy/download_memory.c"
#include "legacy/download_tftp.c"
#include "legacy/memory_map.h"
#include "legacy/send_failure.c"

#define MIB 0x100000
#define BLOCK 512
#define SERVER_PORT 1069
#define OPCODE_ACK 4
#define OPCODE_DATA 3

static struct memory_range usable;
static struct memory_ranges ranges;
static uint64_t file_size;
static uint16_t send_status; /* of the ROM */

/* What the server sends next. */
static struct {
    bool pending;
    uint16_t client_port;
    uint64_t block; /* from 0 on */
    uint8_t packet[4 + BLOCK];
    size_t size;
} server;

static uint8_t byte_at(uint64_t offset)
{
    return (uint8_t)(offset * 131 + (offset >> 9));
}

struct memory_ranges *memory_map(void)
{
    return &ranges;
}

const struct console console = LAB_CONSOLE;

uint64_t clock_counter(void)
{
    return 1;
}

static void write_block(void)
{
    uint64_t at = server.block * BLOCK;
    uint16_t number = (uint16_t)(server.block + 1);
    size_t size = file_size - at < BLOCK ? file_size - at : BLOCK;

    server.packet[0] = 0;
    server.packet[1] = OPCODE_DATA;
    server.packet[2] = (uint8_t)(number >> 8);
    server.packet[3] = (uint8_t)number;
    for (size_t i = 0; i < size; i++)
        server.packet[4 + i] = byte_at(at + i);
    server.size = 4 + size;
}

uint16_t udp_send(const struct net_config *net, struct ip4 dst, uint16_t src_port, uint16_t dst_port, const void *data,
                  size_t size)
{
    const uint8_t *packet = data;

    (void)net;
    (void)dst;
    if (send_status)
        return send_status;
    server.client_port = src_port;
    if (dst_port != SERVER_PORT)
        server.block = 0;
    else if (size >= 4 && packet[1] == OPCODE_ACK)
        server.block++;
    else
        return 0;
    server.pending = server.block * BLOCK <= file_size;
    return 0;
}

bool udp_receive(struct udp_datagram *ret)
{
    if (!server.pending)
        return false;
    server.pending = false;
    write_block();
    *ret = (struct udp_datagram){.src = {{10, 0, 0, 1}},
                                 .src_port = SERVER_PORT,
                                 .port = server.client_port,
                                 .data = server.packet,
                                 .size = server.size};
    return true;
}

/* A machine with so much memory; the caller frees what is returned. */
static void *machine(uint64_t memory)
{
    void *ret = aligned_alloc(MEMORY_PAGE, memory);

    assert_non_null(ret);
    usable = (struct memory_range){.start = (uintptr_t)ret, .size = memory, .type = MEMORY_USABLE};
    ranges = (struct memory_ranges){.map = &usable, .count = 1};
    return ret;
}

static bool download(uint64_t size, struct download *file, struct error_detail *error)
{
    struct net_config net = {.address = {{10, 0, 0, 2}}};

    file_size = size;
    *file = (struct download){.path = "initrd"};
    return download_all(&net, (struct ip4){{10, 0, 0, 1}}, &download_tftp, file, 1, UINT64_MAX, error);
}

static void assert_downloaded(uint64_t size)
{
    struct error_detail error;
    struct download file;

    assert_true(download(size, &file, &error));
    assert_int_equal(file.size, size);
    for (uint64_t i = 0; i < size; i++)
        if (file.data[i] != byte_at(i))
            fail_msg("byte %ju", (uintmax_t)i);
}

static void the_room_grows(void **state)
{
    void *memory = machine(32 * MIB);

    (void)state;
    assert_downloaded(9 * MIB + 77);
    /* Nothing but the file stays taken. */
    assert_int_equal(ranges.taken_count, 1);
    assert_int_equal(ranges.taken[0].size, 9 * MIB + 77);
    assert_downloaded(100);
    assert_downloaded(4 * MIB);
    assert_int_equal(ranges.taken_count, 3);
    free(memory);
}

static void there_may_be_no_room_to_grow(void **state)
{
    void *memory = machine(8 * MIB);
    struct error_detail error;
    struct download file;

    (void)state;
    assert_false(download(5 * MIB, &file, &error));
    assert_int_equal(error.code, SLIPWAY_E04);
    free(memory);
}

static void a_server_that_the_rom_cannot_reach_is_told(void **state)
{
    void *memory = machine(MIB);
    struct error_detail error;
    struct download file;

    (void)state;
    send_status = 0x11;
    assert_false(download(100, &file, &error));
    send_status = 0;
    assert_int_equal(error.code, PXE_E11);
    assert_non_null(strstr(error.received, "; the ROM's UDP_WRITE: PXENV_STATUS_ARP_TIMEOUT (11)"));
    free(memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_room_grows),
        cmocka_unit_test(there_may_be_no_room_to_grow),
        cmocka_unit_test(a_server_that_the_rom_cannot_reach_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
