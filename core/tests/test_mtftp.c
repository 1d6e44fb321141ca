/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Single steps of the MTFTP machine: what it sends, when it wakes, what it refuses, and how it says so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/mtftp.h"
#include "core/tftp_packet.h"

#define REQUEST_PORT 1759
#define PORT 3000
#define MAX_SIZE 1000000

static const struct ip4 server = {{10, 77, 0, 2}};
static const struct ip4 stranger = {{10, 77, 0, 3}};

static struct mtftp mtftp;
static struct mtftp_output out;
static uint8_t bitmap[MTFTP_BITMAP_SIZE(MAX_SIZE)];

static struct mtftp_config config(void)
{
    return (struct mtftp_config){
        .server = server,
        .file = "a/b",
        .net = {{{239, 1, 1, 1}}, 1758, REQUEST_PORT, 5, 2},
        .max_size = MAX_SIZE,
        .bitmap = bitmap,
        .bitmap_size = sizeof(bitmap),
        .timeout_ms = 1000,
        .retries = 3,
        .opens = 4,
        .stall_ms = 60000,
    };
}

static void start(void)
{
    struct mtftp_config c = config();

    memset(bitmap, 0xff, sizeof(bitmap));
    mtftp_start(&mtftp, &c, 0, &out);
}

/* Hands in an exact copy, so that the sanitizer sees a read behind its end. */
static void receive_from(struct ip4 src, uint16_t port, bool multicast, const void *bytes, size_t size, uint64_t now)
{
    uint8_t *copy = malloc(size ? size : 1);

    memcpy(copy, bytes, size);
    mtftp_packet(&mtftp, src, port, multicast, copy, size, now, &out);
    free(copy);
}

static void receive_data(uint16_t port, bool multicast, uint16_t block, size_t size, uint64_t now)
{
    uint8_t packet[4 + 2000] = {0, TFTP_DATA, (uint8_t)(block >> 8), (uint8_t)block};

    memset(packet + 4, block, size);
    receive_from(server, port, multicast, packet, 4 + size, now);
}

static void group_block(uint16_t block, size_t size, uint64_t now)
{
    receive_data(PORT, true, block, size, now);
}

static void own_block(uint16_t block, size_t size, uint64_t now)
{
    receive_data(PORT, false, block, size, now);
}

static void wake(void)
{
    assert_true(mtftp.wake_ms != UINT64_MAX);
    mtftp_timer(&mtftp, mtftp.wake_ms, &out);
}

/* Listens in vain, opens, gets block 1 alone. */
static void start_as_master(void)
{
    start();
    wake();
    own_block(1, 512, 5000);
    assert_int_equal(mtftp.state, MTFTP_MASTER);
}

static void assert_sent(uint16_t port, const char *bytes, size_t size)
{
    assert_int_equal(out.send_port, port);
    assert_int_equal(out.packet_size, size);
    assert_memory_equal(out.packet, bytes, size);
}

#define ASSERT_SENT(port, literal) assert_sent(port, literal, sizeof(literal) - 1)

static void assert_silent(void)
{
    assert_int_equal(out.send_port, 0);
    assert_int_equal(out.packet_size, 0);
}

static void assert_stored(uint64_t offset, size_t size)
{
    assert_non_null(out.data);
    assert_int_equal(out.data_offset, offset);
    assert_int_equal(out.data_size, size);
}

static void assert_nothing_stored(void)
{
    assert_null(out.data);
    assert_int_equal(out.data_size, 0);
}

static void assert_state(enum mtftp_state state, uint64_t wake_ms)
{
    assert_int_equal(mtftp.state, state);
    assert_true(mtftp.wake_ms == wake_ms);
}

static void assert_done(uint64_t size)
{
    assert_state(MTFTP_DONE, UINT64_MAX);
    assert_true(out.leave);
    assert_int_equal(mtftp.size, size);
}

static void assert_failed(enum pxe_error code, const char *received)
{
    assert_state(MTFTP_FAILED, UINT64_MAX);
    assert_true(out.leave);
    assert_int_equal(mtftp.error.code, code);
    assert_string_equal(mtftp.error.received, received);
    assert_memory_equal(&mtftp.error.server, &server, 4);
}

static void listens_then_asks_without_options(void **state)
{
    (void)state;
    start();
    assert_true(out.join);
    assert_silent();
    assert_state(MTFTP_LISTENING, 5000);
    mtftp_timer(&mtftp, 4999, &out);
    assert_false(out.join);
    assert_state(MTFTP_LISTENING, 5000);
    wake();
    ASSERT_SENT(REQUEST_PORT, "\0\1a/b\0octet\0");
    assert_state(MTFTP_OPENING, 7000);
    wake();
    ASSERT_SENT(REQUEST_PORT, "\0\1a/b\0octet\0");
    assert_state(MTFTP_OPENING, 9000);
}

static void missing_delays(void **state)
{
    struct mtftp_config c = config();

    (void)state;
    c.net.listen_s = c.net.reopen_s = 0;
    mtftp_start(&mtftp, &c, 7, &out);
    assert_state(MTFTP_LISTENING, 7);
    wake();
    ASSERT_SENT(REQUEST_PORT, "\0\1a/b\0octet\0");
    assert_state(MTFTP_OPENING, 1007); /* never a flood */
}

static void e32_nobody_answers(void **state)
{
    (void)state;
    start();
    for (int i = 0; i < 4; i++)
        wake();
    assert_state(MTFTP_OPENING, 13000);
    wake();
    assert_silent();
    assert_failed(PXE_E32, "no answer to 4 MTFTP requests to UDP 1759 for a/b");
    mtftp_timer(&mtftp, UINT64_MAX, &out);
    assert_false(out.leave);
    group_block(1, 512, 14000);
    assert_nothing_stored();
}

static void a_name_too_long(void **state)
{
    struct mtftp_config c = config();
    char name[520];

    (void)state;
    memset(name, 'n', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    c.file = name;
    mtftp_start(&mtftp, &c, 0, &out);
    wake();
    assert_int_equal(mtftp.state, MTFTP_FAILED);
    assert_int_equal(mtftp.error.code, PXE_E3F);
    assert_silent();
    assert_true(out.leave);
}

static void the_master_acknowledges(void **state)
{
    (void)state;
    start_as_master();
    assert_stored(0, 512);
    ASSERT_SENT(PORT, "\0\4\0\1");
    assert_state(MTFTP_MASTER, 6000);
    group_block(2, 512, 5010);
    assert_stored(512, 512);
    ASSERT_SENT(PORT, "\0\4\0\2");
    group_block(3, 10, 5020);
    assert_stored(1024, 10);
    ASSERT_SENT(PORT, "\0\4\0\3");
    assert_done(1034);
}

static void a_file_of_no_bytes(void **state)
{
    (void)state;
    start();
    wake();
    own_block(1, 0, 5000);
    assert_nothing_stored();
    ASSERT_SENT(PORT, "\0\4\0\1");
    assert_done(0);
}

/* Intel's server sends block 1 to the group as well; networks double packets; lost ACKs make a server repeat. */
static void the_master_acknowledges_once(void **state)
{
    (void)state;
    start_as_master();
    group_block(1, 512, 5001);
    assert_silent();
    assert_nothing_stored();
    own_block(1, 512, 5249);
    assert_silent();
    own_block(1, 512, 5250);
    ASSERT_SENT(PORT, "\0\4\0\1");
    group_block(2, 512, 5260);
    group_block(1, 512, 9000); /* an old one */
    assert_silent();
    receive_data(PORT + 1, true, 3, 512, 9000); /* of somebody else's transfer: good to have, not ours to acknowledge */
    assert_stored(1024, 512);
    assert_silent();
    group_block(3, 512, 9001); /* of ours */
    assert_nothing_stored();
    ASSERT_SENT(PORT, "\0\4\0\3");
}

static void the_master_repeats_its_ack(void **state)
{
    static const uint64_t when[] = {6010, 8010, 12010}; /* the pause is the time out's, twice and four times that */

    (void)state;
    start_as_master();
    group_block(2, 512, 5010);
    for (int i = 0; i < 3; i++) {
        assert_true(mtftp.wake_ms == when[i]);
        wake();
        ASSERT_SENT(PORT, "\0\4\0\2");
    }
    assert_state(MTFTP_MASTER, 20010);
    wake(); /* the server is gone: begin again, with nothing missed so far */
    assert_silent();
    assert_state(MTFTP_LISTENING, 25010);
    own_block(1, 512, 20020); /* nobody has asked for that */
    assert_silent();
    assert_state(MTFTP_LISTENING, 25010);
    wake();
    ASSERT_SENT(REQUEST_PORT, "\0\1a/b\0octet\0");
}

static void e35_as_master_without_the_group(void **state)
{
    (void)state;
    start_as_master();
    for (int i = 0; i < 4; i++)
        wake();
    assert_failed(PXE_E35, "block 1 came, but nothing to the group 239.1.1.1 of a/b");
    ASSERT_SENT(PORT, "\0\5\0\0the master client gives up\0");
}

static void the_group_before_the_answer(void **state)
{
    (void)state;
    start();
    wake();
    group_block(7, 512, 5100); /* somebody else was first */
    assert_stored(6 * 512, 512);
    assert_silent();
    assert_state(MTFTP_RECEIVING, 7100);
    group_block(8, 512, 7000);
    assert_state(MTFTP_RECEIVING, 9000);
    own_block(1, 512, 7010); /* but the server had our request in its queue, and waits for us */
    ASSERT_SENT(PORT, "\0\4\0\1");
    assert_int_equal(mtftp.state, MTFTP_MASTER);
}

static void listens_again_the_shorter_the_more_it_missed(void **state)
{
    (void)state;
    start();
    group_block(3, 512, 1000); /* 1 and 2 are missing */
    assert_state(MTFTP_RECEIVING, 3000);
    wake();
    assert_silent();
    assert_state(MTFTP_LISTENING, 3000 + (5 - 2) * 1000);
    group_block(4, 512, 3500);
    group_block(6, 100, 3600); /* the last: 1, 2 and 5 */
    assert_int_equal(mtftp_missed(&mtftp), 3);
    assert_state(MTFTP_LISTENING, 3600 + (5 - 3) * 1000);
    start();
    group_block(20, 100, 1000); /* 19 of 20: more than there are seconds */
    assert_state(MTFTP_LISTENING, 1000 + 500 / 20);
    start();
    for (uint16_t i = 7; i <= 20; i++) /* 6 of 20: those who miss 19 come first */
        group_block(i, i == 20 ? 100 : 512, 1000);
    assert_state(MTFTP_LISTENING, 1000 + 500 * 14 / 20);
}

/* Blocks in any order; what was missed comes with the own transfer, which ends as soon as everything is there. */
static void fills_the_gaps_and_stops_the_server(void **state)
{
    (void)state;
    start();
    group_block(4, 512, 100);
    group_block(3, 512, 101); /* overtaken */
    assert_stored(2 * 512, 512);
    assert_int_equal(mtftp_missed(&mtftp), 2);
    group_block(5, 100, 102);
    assert_stored(4 * 512, 100);
    assert_state(MTFTP_LISTENING, 102 + 3000);
    wake();
    receive_data(PORT + 1, false, 1, 512, 3200);
    ASSERT_SENT(PORT + 1, "\0\4\0\1");
    receive_data(PORT + 1, true, 2, 512, 3210);
    ASSERT_SENT(PORT + 1, "\0\4\0\2"); /* nothing is missing, but is it the same file? */
    receive_data(PORT + 1, true, 3, 512, 3220);
    assert_int_equal(mtftp.state, MTFTP_MASTER);
    receive_data(PORT + 1, true, 4, 512, 3230);
    ASSERT_SENT(PORT + 1, "\0\5\0\0the master client has the file\0");
    assert_done(4 * 512 + 100);
}

/* The block where two passes meet counts when the second one comes to it: not its repeat in the first, nor one of a
 * third that goes on at the same time. */
static void the_seam_is_seen_by_another_pass(void **state)
{
    (void)state;
    start();
    group_block(0, 512, 100); /* no place to begin */
    assert_nothing_stored();
    assert_state(MTFTP_RECEIVING, 2100);
    group_block(2, 512, 100);
    group_block(2, 512, 101);
    group_block(3, 100, 102);
    receive_data(PORT + 1, true, 1, 512, 200);
    assert_state(MTFTP_RECEIVING, 2200);
    start();
    group_block(3, 100, 100);
    group_block(3, 100, 5100);
    receive_data(PORT + 1, true, 1, 512, 5200);
    receive_data(PORT + 1, true, 2, 512, 5300);
    assert_state(MTFTP_RECEIVING, 7300);
    start();
    group_block(2, 512, 100);
    group_block(3, 100, 100);
    wake();
    own_block(1, 512, 4200);
    receive_data(PORT + 1, true, 2, 512, 4210);
    receive_data(PORT + 1, true, 3, 100, 4220);
    assert_int_equal(mtftp.state, MTFTP_MASTER);
    group_block(2, 512, 4230);
    assert_done(1124);
}

/* A slow pass through what is there already is no standstill the first time. */
static void the_way_to_the_gap_may_be_long(void **state)
{
    (void)state;
    start();
    for (uint16_t i = 2; i <= 6; i++)
        group_block(i, 512, 100);
    group_block(8, 100, 100);
    wake();
    for (uint16_t i = 1; i <= 5; i++) {
        receive_data(PORT + 1, i > 1, i, 512, 3000 + i * 40000u);
        assert_int_equal(mtftp.state, MTFTP_MASTER);
    }
    for (int i = 0; i < 5; i++)
        wake(); /* the server goes silent: the ACK three times, listening, opening */
    assert_int_equal(mtftp.state, MTFTP_OPENING);
    receive_data(PORT + 2, false, 1, 512, 230000);
    receive_data(PORT + 2, true, 2, 512, 250000);
    assert_int_equal(mtftp.state, MTFTP_MASTER);
    receive_data(PORT + 2, true, 3, 512, 270000);
    assert_failed(PXE_E35, "no new block after 7 of a/b");
}

/* The client that hears it from somebody else's transfer says nothing at all. */
static void a_listener_is_done_in_silence(void **state)
{
    (void)state;
    start();
    group_block(3, 100, 100);
    receive_data(PORT + 1, true, 1, 512, 200);
    receive_data(PORT + 1, true, 2, 512, 201);
    assert_state(MTFTP_RECEIVING, 2201);
    receive_data(PORT + 1, true, 3, 100, 202);
    assert_silent();
    assert_done(1124);
}

static void after_the_end_the_server_is_answered(void **state)
{
    (void)state;
    start_as_master();
    group_block(2, 5, 5010);
    assert_done(517);
    group_block(2, 5, 10010); /* the last ACK was lost */
    ASSERT_SENT(PORT, "\0\4\0\2");
    assert_nothing_stored();
    receive_data(PORT + 1, true, 2, 5, 10020); /* another's transfer */
    assert_silent();
    receive_data(PORT + 1, false, 1, 512, 10020); /* the answer to a request that took long */
    ASSERT_SENT(PORT + 1, "\0\5\0\0has the file\0");
    receive_from(server, PORT, false, "\0\5\0\0", 4, 10030);
    assert_silent();
    receive_from(server, PORT, false, "x", 1, 10030);
    group_block(2, 5, 1000000);
    assert_int_equal(mtftp.state, MTFTP_DONE);
}

static void larger_blocks(void **state)
{
    (void)state;
    start();
    group_block(2, 1408, 100);
    assert_stored(1408, 1408);
    group_block(3, 1000, 100);
    assert_int_equal(mtftp.last, 3);
    group_block(4, 1409, 100);
    assert_failed(PXE_E3F, "block 4 is larger than blocks are, 1408: a/b");
}

static void contradictions(void **state)
{
    (void)state;
    start();
    group_block(3, 100, 100);
    group_block(4, 512, 100);
    assert_failed(PXE_E39, "block 4 contradicts that the last one is 3: a/b");
    start();
    group_block(3, 100, 100);
    group_block(3, 512, 100);
    assert_failed(PXE_E39, "block 3 contradicts that the last one is 3: a/b");
    start();
    group_block(3, 100, 100);
    group_block(3, 99, 100); /* the same number, another end */
    assert_failed(PXE_E39, "block 3 contradicts that the last one is 3: a/b");
    start();
    group_block(3, 100, 100);
    group_block(2, 511, 100);
    assert_failed(PXE_E39, "block 2 contradicts that the last one is 3: a/b");
    start();
    group_block(3, 512, 100);
    group_block(3, 511, 100); /* once whole, once the last */
    assert_failed(PXE_E39, "block 3 is a last one, but there was 3: a/b");
    start();
    group_block(3, 512, 100);
    group_block(2, 511, 100);
    assert_failed(PXE_E39, "block 2 is a last one, but there was 3: a/b");
    start_as_master();
    group_block(3, 512, 5100);
    group_block(2, 511, 5100);
    ASSERT_SENT(PORT, "\0\5\0\0the master client gives up\0");
    assert_int_equal(mtftp.state, MTFTP_FAILED);
}

static void e3a_above_the_limit(void **state)
{
    struct mtftp_config c = config();

    (void)state;
    start();
    group_block(1953, 512, 100); /* up to 999,936 */
    assert_stored(1952 * 512, 512);
    group_block(1954, 64, 100); /* up to 1,000,000: the limit itself */
    assert_stored(1953 * 512, 64);
    start();
    group_block(1954, 65, 100);
    assert_failed(PXE_E3A, "block 1954 lies above the limit of 1000000: a/b");
    assert_nothing_stored();
    c.bitmap_size = 2; /* a caller that did not keep to the rule: 16 blocks and no more */
    mtftp_start(&mtftp, &c, 0, &out);
    group_block(16, 512, 100);
    assert_stored(15 * 512, 512);
    group_block(17, 512, 100);
    assert_failed(PXE_E3A, "block 17 lies above the limit of 1000000: a/b");
}

static void errors_of_the_server(void **state)
{
    (void)state;
    start();
    receive_from(server, PORT, false, "\0\5\0\1old", 7, 100); /* not asked yet */
    assert_state(MTFTP_LISTENING, 5000);
    wake();
    receive_from(server, PORT, true, "\0\5\0\1for its master", 18, 5100);
    assert_int_equal(mtftp.state, MTFTP_OPENING);
    receive_from(server, PORT, false, "\0\5\0\1none\33such", 13, 5100);
    assert_failed(PXE_E3B, "error 1 \"none?such\" for a/b");
    assert_silent();
    start_as_master();
    receive_from(server, PORT + 1, false, "\0\5\0\2no", 6, 5100); /* not our transfer's */
    assert_int_equal(mtftp.state, MTFTP_MASTER);
    receive_from(server, PORT, false, "\0\5\0\2", 4, 5100);
    assert_failed(PXE_E3C, "error 2 \"\" for a/b");
    assert_silent();
}

static void strangers_change_nothing(void **state)
{
    static const uint8_t block[] = {0, 3, 0, 1, 'x'};
    struct mtftp before;

    (void)state;
    start();
    wake();
    before = mtftp;
    receive_from(stranger, PORT, false, block, sizeof(block), 5100);
    receive_from(stranger, PORT, true, block, sizeof(block), 5100);
    receive_from(stranger, PORT, false, "\0\5\0\0", 4, 5100);
    receive_from(server, 0, true, block, sizeof(block), 5100);
    assert_memory_equal(&mtftp, &before, sizeof(mtftp));
    assert_nothing_stored();
    own_block(2, 512, 5100); /* no answer to a request begins with block 2 */
    assert_nothing_stored();
    assert_state(MTFTP_OPENING, 7000);
    start();
    own_block(1, 512, 100); /* there was no request */
    assert_nothing_stored();
    assert_state(MTFTP_LISTENING, 5000);
}

static void a_second_transfer_to_the_master(void **state)
{
    (void)state;
    start_as_master();
    receive_data(PORT + 1, false, 1, 512, 5010);
    ASSERT_SENT(PORT + 1, "\0\5\0\5unknown transfer ID\0");
    assert_state(MTFTP_MASTER, 6000);
}

static void garbage_is_named_when_silence_follows(void **state)
{
    static const uint8_t garbage[] = {0, 6, 'b', 'l', 'k', 0xff, 0, 0, 0, 9};

    (void)state;
    start();
    receive_from(server, PORT, true, garbage, sizeof(garbage), 100);
    receive_from(server, PORT, true, garbage, 0, 100);
    receive_from(server, PORT, true, "\0\3\0", 3, 100);
    receive_from(server, PORT, false, "\0\5\0", 3, 100);
    assert_state(MTFTP_LISTENING, 5000);
    receive_from(server, PORT, true, garbage, sizeof(garbage), 100);
    for (int i = 0; i < 5; i++)
        wake();
    assert_failed(PXE_E39, "a packet of 10 bytes: 00 06 62 6c 6b ff 00 00");
    start();
    receive_from(server, PORT, true, garbage, sizeof(garbage), 100);
    group_block(2, 512, 200); /* not to blame any more */
    for (int i = 0; i < 6; i++)
        wake();
    assert_failed(PXE_E32, "no answer to 4 MTFTP requests to UDP 1759 for a/b");
}

static void e35_whatever_else_comes(void **state)
{
    uint64_t now = 1000;

    (void)state;
    start();
    group_block(4, 512, now);
    while (mtftp.state != MTFTP_FAILED && now < 100000) {
        now += 100;
        group_block(4, 512, now); /* for ever */
    }
    assert_failed(PXE_E35, "no new block after 1 of a/b");
    assert_int_equal(now, 1000 + 60000 + 5000);
    start();
    group_block(4, 512, 1000);
    mtftp.wake_ms = 70000; /* a caller that was away */
    wake();
    assert_failed(PXE_E35, "no new block after 1 of a/b");
}

static void start_large(void)
{
    static uint8_t large[MTFTP_BITMAP_SIZE(70000ull * 512)];
    struct mtftp_config c = config();

    c.max_size = 70000ull * 512;
    c.bitmap = large;
    c.bitmap_size = sizeof(large);
    mtftp_start(&mtftp, &c, 0, &out);
}

/* Blocks 1 to `last` of one pass, without block 5. */
static void hear_pass(uint32_t last)
{
    start_large();
    for (uint32_t i = 1; i <= last; i++)
        if (i != 5)
            group_block((uint16_t)i, 512, 0);
    assert_stored((last - 1) * 512ull, 512);
    wake(); /* the pass is over */
    group_block(5, 512, 5000);
}

/* Numbers past the wrap mean something only within an unbroken pass. */
static void numbers_wrap(void **state)
{
    (void)state;
    hear_pass(65535);
    assert_stored(4 * 512, 512);
    hear_pass(65536);
    assert_nothing_stored(); /* block 5, or 65541? */
    assert_state(MTFTP_RECEIVING, 7000);
    group_block(6, 512, 5001);
    assert_nothing_stored();
    wake();
    wake();
    own_block(1, 512, 9000); /* our own begins at the beginning */
    assert_int_equal(mtftp.state, MTFTP_MASTER);
    group_block(2, 512, 9001);
    ASSERT_SENT(PORT, "\0\4\0\2");
    receive_data(PORT + 1, true, 5, 512, 9002); /* another's may be anywhere */
    assert_nothing_stored();
    assert_silent();
}

static void numbers_that_jump(void **state)
{
    (void)state;
    start_large();
    for (uint32_t i = 1; i <= 65535; i++)
        group_block((uint16_t)i, 512, 0);
    group_block(1, 512, 0);
    assert_stored(65536ull * 512, 512);
    group_block(0, 512, 0); /* overtaken */
    assert_stored(65535ull * 512, 512);
    start_large();
    group_block(40000, 512, 0);
    group_block(2, 512, 0); /* a new pass, on the same port: not 65538 */
    assert_stored(512, 512);
    group_block(65535, 512, 0); /* and another: not three before block 2 */
    assert_stored(65534ull * 512, 512);
}

static void abort_tells_the_server(void **state)
{
    (void)state;
    start_as_master();
    mtftp_abort(&mtftp, SLIPWAY_E04, &out);
    ASSERT_SENT(PORT, "\0\5\0\0the master client gives up\0");
    assert_failed(SLIPWAY_E04, "");
    start();
    mtftp_abort(&mtftp, PXE_EA0, &out);
    assert_silent();
    assert_failed(PXE_EA0, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(listens_then_asks_without_options),
        cmocka_unit_test(missing_delays),
        cmocka_unit_test(e32_nobody_answers),
        cmocka_unit_test(a_name_too_long),
        cmocka_unit_test(the_master_acknowledges),
        cmocka_unit_test(a_file_of_no_bytes),
        cmocka_unit_test(the_master_acknowledges_once),
        cmocka_unit_test(the_master_repeats_its_ack),
        cmocka_unit_test(e35_as_master_without_the_group),
        cmocka_unit_test(the_group_before_the_answer),
        cmocka_unit_test(listens_again_the_shorter_the_more_it_missed),
        cmocka_unit_test(fills_the_gaps_and_stops_the_server),
        cmocka_unit_test(the_seam_is_seen_by_another_pass),
        cmocka_unit_test(the_way_to_the_gap_may_be_long),
        cmocka_unit_test(a_listener_is_done_in_silence),
        cmocka_unit_test(after_the_end_the_server_is_answered),
        cmocka_unit_test(larger_blocks),
        cmocka_unit_test(contradictions),
        cmocka_unit_test(e3a_above_the_limit),
        cmocka_unit_test(errors_of_the_server),
        cmocka_unit_test(strangers_change_nothing),
        cmocka_unit_test(a_second_transfer_to_the_master),
        cmocka_unit_test(garbage_is_named_when_silence_follows),
        cmocka_unit_test(e35_whatever_else_comes),
        cmocka_unit_test(numbers_wrap),
        cmocka_unit_test(numbers_that_jump),
        cmocka_unit_test(abort_tells_the_server),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
