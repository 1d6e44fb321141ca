/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Single steps of the TFTP machine: what it sends, what it refuses, and how it says so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/tftp.h"
#include "core/tftp_packet.h"

#define SERVER_PORT 3000

static const struct ip4 server = {{10, 77, 0, 2}};
static const struct ip4 stranger = {{10, 77, 0, 3}};

static struct tftp tftp;
static struct tftp_output out;

static struct tftp_config config(void)
{
    return (struct tftp_config){
        .server = server,
        .file = "a/b",
        .blksize = 1468,
        .windowsize = 4,
        .max_size = 1000000,
        .timeout_ms = 1000,
        .retries = 5,
    };
}

static void start(void)
{
    struct tftp_config c = config();

    tftp_start(&tftp, &c, 0, &out);
}

/* Hands in an exact copy, so that the sanitizer sees a read behind its end. */
static void receive_from(struct ip4 src, uint16_t port, const void *bytes, size_t size, uint64_t now)
{
    uint8_t *copy = malloc(size ? size : 1);

    memcpy(copy, bytes, size);
    tftp_packet(&tftp, src, port, copy, size, now, &out);
    free(copy);
}

/* A packet from the server, as a string literal. */
#define RECEIVE(literal) receive_from(server, SERVER_PORT, literal, sizeof(literal) - 1, 0)

static void receive_block(uint16_t block, size_t size, uint64_t now)
{
    uint8_t packet[4 + 2000] = {0, TFTP_DATA, (uint8_t)(block >> 8), (uint8_t)block};

    receive_from(server, SERVER_PORT, packet, 4 + size, now);
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

static void assert_failed(enum pxe_error code, const char *received)
{
    assert_int_equal(tftp.state, TFTP_FAILED);
    assert_int_equal(tftp.error.code, code);
    assert_true(ip4_equal(tftp.error.server, server));
    assert_string_equal(tftp.error.received, received);
    assert_null(out.data);
    assert_true(tftp.wake_ms == UINT64_MAX);
}

static void the_request_asks_for_three_options(void **state)
{
    (void)state;
    start();
    ASSERT_SENT(69, "\0\1a/b\0octet\0blksize\0"
                    "1468\0tsize\0"
                    "0\0windowsize\0"
                    "4\0");
    assert_int_equal(tftp.state, TFTP_REQUESTING);
}

static void a_window_of_one_is_not_asked_for(void **state)
{
    (void)state;
    struct tftp_config c = config();

    c.windowsize = 1;
    tftp_start(&tftp, &c, 0, &out);
    ASSERT_SENT(69, "\0\1a/b\0octet\0blksize\0"
                    "1468\0tsize\0"
                    "0\0");
    RECEIVE("\0\6blksize\0"
            "1000\0windowsize\0"
            "9\0");
    ASSERT_SENT(SERVER_PORT, "\0\4\0\0");
    assert_int_equal(tftp.windowsize, 1);
}

static void a_name_that_does_not_fit_fails_at_once(void **state)
{
    (void)state;
    struct tftp_config c = config();
    char name[TFTP_REQUEST_MAX + 1];

    memset(name, 'n', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    c.file = name;
    tftp_start(&tftp, &c, 0, &out);
    assert_silent();
    assert_int_equal(tftp.state, TFTP_FAILED);
    assert_int_equal(tftp.error.code, PXE_E3F);
    assert_true(tftp.wake_ms == UINT64_MAX);

    /* The longest name that fits beside the options: each byte more is one too many. */
    name[TFTP_REQUEST_MAX - 2 - 1 - 6 - 13 - 8 - 13] = '\0';
    tftp_start(&tftp, &c, 0, &out);
    assert_int_equal(out.packet_size, TFTP_REQUEST_MAX);
}

static void an_oack_is_acknowledged_and_obeyed(void **state)
{
    (void)state;
    start();
    RECEIVE("\0\6BLKSIZE\0"
            "1000\0tsize\0"
            "5000\0WindowSize\0"
            "2\0");
    ASSERT_SENT(SERVER_PORT, "\0\4\0\0");
    assert_int_equal(tftp.blksize, 1000);
    assert_int_equal(tftp.windowsize, 2);
    assert_true(out.size_known);
    assert_int_equal(tftp.size, 5000);
    receive_block(1, 1000, 0);
    assert_false(out.size_known);
    assert_silent();
    assert_int_equal(out.data_size, 1000);
    receive_block(2, 1000, 0);
    ASSERT_SENT(SERVER_PORT, "\0\4\0\2");
    assert_int_equal(out.data_offset, 1000);
}

static void options_left_out_have_their_defaults(void **state)
{
    (void)state;
    start();
    RECEIVE("\0\6tsize\0"
            "600\0");
    assert_int_equal(tftp.blksize, 512);
    assert_int_equal(tftp.windowsize, 1);
}

static void options_that_were_not_asked_for_are_ignored(void **state)
{
    (void)state;
    start();
    RECEIVE("\0\6multicast\0"
            "224.1.1.1,1758,1\0timeout\0"
            "3\0blksize\0"
            "1024\0");
    ASSERT_SENT(SERVER_PORT, "\0\4\0\0");
    assert_int_equal(tftp.blksize, 1024);
}

/* IBM Tivoli PXE Server 5.1.0.3 gets the length of its OACK wrong. */
static void an_oack_of_the_wrong_length_is_read_as_far_as_it_goes(void **state)
{
    (void)state;
    start();
    RECEIVE("\0\6blksize\0"
            "1024");
    ASSERT_SENT(SERVER_PORT, "\0\4\0\0");
    assert_int_equal(tftp.blksize, 1024);

    start();
    RECEIVE("\0\6blksize\0"
            "1024\0tsize");
    ASSERT_SENT(SERVER_PORT, "\0\4\0\0");
    assert_int_equal(tftp.blksize, 1024);
    assert_false(tftp.has_size);

    start();
    RECEIVE("\0\6");
    ASSERT_SENT(SERVER_PORT, "\0\4\0\0");
    assert_int_equal(tftp.blksize, 512);
}

static void a_raised_option_is_refused(void **state)
{
    (void)state;
    start();
    RECEIVE("\0\6blksize\0"
            "1469\0");
    assert_memory_equal(out.packet, "\0\5\0\10", 4);
    assert_int_equal(out.send_port, SERVER_PORT);
    assert_failed(PXE_E36, "OACK with blksize 1469, asked for 1468");

    start();
    RECEIVE("\0\6windowsize\0"
            "5\0");
    assert_failed(PXE_E36, "OACK with windowsize 5, asked for 4");
}

static void an_option_that_makes_no_sense_is_refused(void **state)
{
    (void)state;
    start();
    RECEIVE("\0\6blksize\0"
            "7\0");
    assert_failed(PXE_E36, "OACK with blksize 7, asked for 1468");
    start();
    RECEIVE("\0\6blksize\0\0");
    assert_failed(PXE_E36, "OACK with blksize , asked for 1468");
    start();
    RECEIVE("\0\6blksize\0"
            "1\x1b[2J\0");
    assert_failed(PXE_E36, "OACK with blksize 1?[2J, asked for 1468");
    start();
    RECEIVE("\0\6windowsize\0"
            "0\0");
    assert_failed(PXE_E36, "OACK with windowsize 0, asked for 4");
    start();
    RECEIVE("\0\6blksize\0"
            "36893488147419104700\0"); /* 1468 when cut to 64 bits */
    assert_failed(PXE_E36, "OACK with blksize 36893488147419104700, asked for 1468");
}

static void data_at_once_means_no_options(void **state)
{
    (void)state;
    start();
    receive_block(1, 512, 0);
    ASSERT_SENT(SERVER_PORT, "\0\4\0\1");
    assert_int_equal(out.data_size, 512);
    assert_int_equal(tftp.server_port, SERVER_PORT);
    receive_block(2, 0, 0);
    ASSERT_SENT(SERVER_PORT, "\0\4\0\2");
    assert_int_equal(tftp.state, TFTP_DONE);
    assert_int_equal(tftp.size, 512);
    assert_null(out.data);
}

static void other_data_before_an_answer_is_left_over_from_elsewhere(void **state)
{
    (void)state;
    start();
    receive_block(2, 512, 0);
    assert_silent();
    receive_block(0, 512, 0);
    assert_silent();
    assert_int_equal(tftp.state, TFTP_REQUESTING);
    assert_int_equal(tftp.server_port, 0);
}

static void a_refusal_is_answered_by_one_plain_request(void **state)
{
    (void)state;
    start();
    RECEIVE("\0\5\0\10no options\0");
    ASSERT_SENT(69, "\0\1a/b\0octet\0");
    assert_int_equal(tftp.state, TFTP_REQUESTING);
    RECEIVE("\0\5\0\10no options\0"); /* the network's duplicate */
    assert_silent();
    assert_int_equal(tftp.state, TFTP_REQUESTING);
    receive_block(1, 3, 0);
    assert_int_equal(tftp.state, TFTP_DONE);
}

static void a_server_that_refuses_everything_is_named(void **state)
{
    (void)state;
    start();
    RECEIVE("\0\5\0\0go away\0");
    ASSERT_SENT(69, "\0\1a/b\0octet\0");
    RECEIVE("\0\5\0\0go away\0");
    assert_silent();
    assert_failed(PXE_E36, "error 0 \"go away\" for a/b");

    start();
    for (uint64_t now = 0; tftp.state == TFTP_REQUESTING; now = tftp.wake_ms) {
        tftp_timer(&tftp, now, &out);
        if (out.send_port)
            receive_from(server, SERVER_PORT, "\0\5\0\10never", 9, now);
    }
    assert_failed(PXE_E36, "error 8 \"never\" for a/b");
}

static void a_plain_request_ignores_options(void **state)
{
    (void)state;
    start();
    RECEIVE("\0\5\0\10\0");
    RECEIVE("\0\6blksize\0"
            "9000\0tsize\0"
            "1\0");
    ASSERT_SENT(SERVER_PORT, "\0\4\0\0");
    assert_int_equal(tftp.blksize, 512);
    assert_false(tftp.has_size);
}

static void errors_of_the_server_have_their_codes(void **state)
{
    (void)state;
    start();
    RECEIVE("\0\5\0\1File not found\0");
    assert_silent();
    assert_failed(PXE_E3B, "error 1 \"File not found\" for a/b");
    start();
    RECEIVE("\0\5\0\2denied\0");
    assert_failed(PXE_E3C, "error 2 \"denied\" for a/b");
    start();
    RECEIVE("\0\5\0\4illegal\0");
    assert_failed(PXE_E36, "error 4 \"illegal\" for a/b");
    start();
    receive_block(1, 512, 0);
    RECEIVE("\0\5\0\0disk gone\0");
    assert_failed(PXE_E36, "error 0 \"disk gone\" for a/b");
}

static void the_text_of_an_error_is_bounded_and_made_safe(void **state)
{
    (void)state;
    uint8_t packet[1000] = {0, TFTP_ERROR, 0, 3};

    start();
    RECEIVE("\0\5\0\3bad\x1b[31m no NUL");
    assert_failed(PXE_E36, "error 3 \"bad?[31m no NUL\" for a/b");
    start();
    RECEIVE("\0\5\0\3");
    assert_failed(PXE_E36, "error 3 \"\" for a/b");
    start();
    memset(packet + 4, 'x', sizeof(packet) - 4);
    receive_from(server, SERVER_PORT, packet, sizeof(packet), 0);
    assert_int_equal(strlen(tftp.error.received), strlen("error 3 \"\" for a/b") + 64);
}

static void truncated_packets_change_nothing(void **state)
{
    (void)state;
    static const uint8_t kinds[][8] = {{0, TFTP_DATA, 0, 1}, {0, TFTP_ERROR, 0, 1}, {0, TFTP_ACK, 0, 1, 0, 0, 0},
                                       {0, TFTP_RRQ, 'a'},   {0, 99, 1, 2},         {1, TFTP_DATA, 0, 1}};

    for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++)
        for (size_t size = 0; size < (k < 2 ? 4 : sizeof(kinds[k])); size++) {
            start();
            receive_from(server, SERVER_PORT, kinds[k], size, 0);
            assert_silent();
            assert_null(out.data);
            assert_int_equal(tftp.state, TFTP_REQUESTING);
            receive_block(1, 512, 0);
            receive_from(server, SERVER_PORT, kinds[k], size, 0);
            assert_silent();
            assert_int_equal(tftp.state, TFTP_RECEIVING);
            receive_block(2, 1, 0);
            assert_int_equal(tftp.state, TFTP_DONE);
        }
}

static void run_out_of_time(void)
{
    while (tftp.state == TFTP_REQUESTING || tftp.state == TFTP_RECEIVING)
        tftp_timer(&tftp, tftp.wake_ms, &out);
}

static void malformed_packets_are_blamed_for_the_silence_after_them(void **state)
{
    (void)state;
    start();
    RECEIVE("\0\3\1");
    run_out_of_time();
    assert_failed(PXE_E39, "a packet of 3 bytes: 00 03 01");
    start();
    receive_block(1, 512, 0);
    RECEIVE("\0\7........");
    run_out_of_time();
    assert_failed(PXE_E39, "a packet of 10 bytes: 00 07 2e 2e 2e 2e 2e 2e");
    start();
    RECEIVE("\0\3\1");
    receive_block(1, 512, 0); /* progress after it: forgotten */
    run_out_of_time();
    assert_failed(PXE_E35, "silent after 512 bytes of a/b");
}

static void a_larger_block_than_agreed_fails(void **state)
{
    (void)state;
    start();
    receive_block(1, 513, 0);
    assert_memory_equal(out.packet, "\0\5\0\4", 4);
    assert_failed(PXE_E3F, "a block of 513 bytes, agreed on 512");
}

static void too_large_a_file_fails(void **state)
{
    (void)state;
    struct tftp_config c = config();

    start();
    RECEIVE("\0\6tsize\0"
            "1000001\0");
    assert_memory_equal(out.packet, "\0\5\0\3", 4);
    assert_false(out.size_known);
    assert_failed(PXE_E3A, "announced 1000001 bytes, limit 1000000: a/b");

    start();
    RECEIVE("\0\6tsize\0"
            "99999999999999999999999\0");
    assert_failed(PXE_E3A, "announced 18446744073709551615 bytes, limit 1000000: a/b");

    start();
    RECEIVE("\0\6tsize\0"
            "600\0");
    receive_block(1, 512, 0);
    receive_block(2, 89, 0);
    assert_failed(PXE_E3A, "at least 601 bytes, limit 600: a/b");

    c.max_size = 700;
    tftp_start(&tftp, &c, 0, &out);
    receive_block(1, 512, 0);
    receive_block(2, 189, 0);
    assert_failed(PXE_E3A, "at least 701 bytes, limit 700: a/b");

    tftp_start(&tftp, &c, 0, &out);
    receive_block(1, 512, 0);
    receive_block(2, 188, 0);
    assert_int_equal(tftp.state, TFTP_DONE);
    assert_int_equal(tftp.size, 700);
}

static void a_truncated_file_fails(void **state)
{
    (void)state;
    start();
    RECEIVE("\0\6tsize\0"
            "600\0");
    receive_block(1, 512, 0);
    receive_block(2, 87, 0);
    assert_memory_equal(out.packet, "\0\5\0\0", 4);
    assert_failed(SLIPWAY_E02, "truncated: announced 600, got 599: a/b");
}

static void strangers_are_ignored_or_told_off(void **state)
{
    (void)state;
    start();
    receive_from(stranger, SERVER_PORT, "\0\5\0\1no\0", 7, 0);
    assert_silent();
    receive_from(server, 0, "\0\5\0\1no\0", 7, 0);
    assert_silent();
    assert_int_equal(tftp.state, TFTP_REQUESTING);
    receive_block(1, 512, 0);

    receive_from(server, SERVER_PORT + 1, "\0\3\0\2x", 5, 0);
    assert_memory_equal(out.packet, "\0\5\0\5", 4);
    assert_int_equal(out.send_port, SERVER_PORT + 1);
    assert_null(out.data);
    receive_from(server, SERVER_PORT + 1, "\0\5\0\1no\0", 7, 0);
    assert_silent();
    receive_from(stranger, SERVER_PORT, "\0\3\0\2x", 5, 0);
    assert_silent();
    assert_int_equal(tftp.state, TFTP_RECEIVING);
    assert_int_equal(tftp.next_block, 2);
}

static void pauses_double_up_to_eight_times(void **state)
{
    (void)state;
    static const uint64_t pauses[] = {1000, 2000, 4000, 8000, 8000};
    uint64_t now = 0;

    start();
    for (size_t i = 0; i < sizeof(pauses) / sizeof(pauses[0]); i++) {
        assert_int_equal(tftp.wake_ms, now + pauses[i]);
        tftp_timer(&tftp, tftp.wake_ms - 1, &out);
        assert_silent();
        now = tftp.wake_ms;
        tftp_timer(&tftp, now, &out);
        assert_int_equal(out.send_port, 69);
    }
    tftp_timer(&tftp, tftp.wake_ms, &out);
    assert_silent();
    assert_failed(PXE_E32, "no answer for a/b");
    tftp_timer(&tftp, UINT64_MAX, &out);
    assert_silent();
}

static void silence_during_the_transfer_repeats_the_ack(void **state)
{
    (void)state;
    start();
    RECEIVE("\0\6blksize\0"
            "8\0windowsize\0"
            "4\0");
    tftp_timer(&tftp, 1000, &out);
    ASSERT_SENT(SERVER_PORT, "\0\4\0\0");
    receive_block(1, 8, 1000);
    receive_block(2, 8, 1000);
    assert_silent();
    assert_int_equal(tftp.tries, 0);
    tftp_timer(&tftp, tftp.wake_ms, &out);
    ASSERT_SENT(SERVER_PORT, "\0\4\0\2");
    run_out_of_time();
    assert_failed(PXE_E35, "silent after 16 bytes of a/b");
}

static void a_gap_is_acknowledged_once(void **state)
{
    (void)state;
    start();
    RECEIVE("\0\6blksize\0"
            "8\0windowsize\0"
            "4\0");
    receive_block(1, 8, 0);
    receive_block(3, 8, 0);
    ASSERT_SENT(SERVER_PORT, "\0\4\0\1");
    receive_block(4, 8, 0);
    assert_silent();
    receive_block(1, 8, 0); /* an old one, at once: the network's duplicate */
    assert_silent();
    receive_block(6, 8, 0); /* further ahead than the window */
    assert_silent();
    assert_int_equal(tftp.received, 8);
    for (uint16_t block = 2; block <= 4; block++) {
        receive_block(block, 8, 0);
        assert_silent();
    }
    receive_block(5, 8, 0);
    ASSERT_SENT(SERVER_PORT, "\0\4\0\5");
}

static void each_gap_and_each_pause_may_have_an_ack(void **state)
{
    (void)state;
    start();
    RECEIVE("\0\6blksize\0"
            "8\0windowsize\0"
            "4\0");
    receive_block(5, 8, 0); /* one further than a window */
    assert_silent();
    receive_block(4, 8, 0);
    ASSERT_SENT(SERVER_PORT, "\0\4\0\0");
    receive_block(1, 8, 0);
    receive_block(3, 8, 0); /* a new gap */
    ASSERT_SENT(SERVER_PORT, "\0\4\0\1");
    receive_block(3, 8, 0);
    assert_silent();
    tftp_timer(&tftp, tftp.wake_ms, &out);
    ASSERT_SENT(SERVER_PORT, "\0\4\0\1");
    receive_block(3, 8, 1000); /* the wanted block was lost again */
    ASSERT_SENT(SERVER_PORT, "\0\4\0\1");
    receive_block(3, 8, 1000);
    assert_silent();
}

/* Blocks that came since the last ACK prove that the server got it. */
static void a_repeat_inside_a_window_is_not_acknowledged(void **state)
{
    (void)state;
    start();
    RECEIVE("\0\6blksize\0"
            "8\0windowsize\0"
            "4\0");
    receive_block(1, 8, 0);
    receive_block(1, 8, 900);
    assert_silent();
    assert_int_equal(tftp.received, 8);
}

static void a_late_repeat_shows_that_the_ack_was_lost(void **state)
{
    (void)state;
    start();
    RECEIVE("\0\6blksize\0"
            "8\0");
    receive_from(server, SERVER_PORT,
                 "\0\6blksize\0"
                 "8",
                 11, 249);
    assert_silent();
    receive_from(server, SERVER_PORT,
                 "\0\6blksize\0"
                 "8",
                 11, 250);
    ASSERT_SENT(SERVER_PORT, "\0\4\0\0");
    receive_block(1, 8, 300);
    receive_from(server, SERVER_PORT,
                 "\0\6blksize\0"
                 "8",
                 11, 900);
    assert_silent();
    receive_block(1, 8, 549);
    assert_silent();
    receive_block(1, 8, 550);
    ASSERT_SENT(SERVER_PORT, "\0\4\0\1");
    receive_block(1, 8, 551);
    assert_silent();
    assert_int_equal(tftp.received, 8);
}

static void the_last_ack_is_repeated_after_the_end(void **state)
{
    (void)state;
    start();
    receive_block(1, 5, 0);
    assert_int_equal(tftp.state, TFTP_DONE);
    receive_block(1, 5, 1000);
    ASSERT_SENT(SERVER_PORT, "\0\4\0\1");
    assert_null(out.data);
    receive_block(2, 5, 2000);
    assert_silent();
    RECEIVE("\0\5\0\1late\0");
    assert_int_equal(tftp.state, TFTP_DONE);
    tftp_timer(&tftp, UINT64_MAX, &out);
    assert_silent();
}

static void the_caller_may_abort(void **state)
{
    (void)state;
    start();
    tftp_abort(&tftp, PXE_EA0, &out);
    assert_silent();
    assert_failed(PXE_EA0, "");

    start();
    receive_block(1, 512, 0);
    tftp_abort(&tftp, SLIPWAY_E04, &out);
    assert_int_equal(out.send_port, SERVER_PORT);
    assert_memory_equal(out.packet, "\0\5\0\0", 4);
    assert_failed(SLIPWAY_E04, "");
    receive_block(2, 512, 0);
    assert_silent();
    assert_null(out.data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_request_asks_for_three_options),
        cmocka_unit_test(a_window_of_one_is_not_asked_for),
        cmocka_unit_test(a_name_that_does_not_fit_fails_at_once),
        cmocka_unit_test(an_oack_is_acknowledged_and_obeyed),
        cmocka_unit_test(options_left_out_have_their_defaults),
        cmocka_unit_test(options_that_were_not_asked_for_are_ignored),
        cmocka_unit_test(an_oack_of_the_wrong_length_is_read_as_far_as_it_goes),
        cmocka_unit_test(a_raised_option_is_refused),
        cmocka_unit_test(an_option_that_makes_no_sense_is_refused),
        cmocka_unit_test(data_at_once_means_no_options),
        cmocka_unit_test(other_data_before_an_answer_is_left_over_from_elsewhere),
        cmocka_unit_test(a_refusal_is_answered_by_one_plain_request),
        cmocka_unit_test(a_server_that_refuses_everything_is_named),
        cmocka_unit_test(a_plain_request_ignores_options),
        cmocka_unit_test(errors_of_the_server_have_their_codes),
        cmocka_unit_test(the_text_of_an_error_is_bounded_and_made_safe),
        cmocka_unit_test(truncated_packets_change_nothing),
        cmocka_unit_test(malformed_packets_are_blamed_for_the_silence_after_them),
        cmocka_unit_test(a_larger_block_than_agreed_fails),
        cmocka_unit_test(too_large_a_file_fails),
        cmocka_unit_test(a_truncated_file_fails),
        cmocka_unit_test(strangers_are_ignored_or_told_off),
        cmocka_unit_test(pauses_double_up_to_eight_times),
        cmocka_unit_test(silence_during_the_transfer_repeats_the_ack),
        cmocka_unit_test(a_gap_is_acknowledged_once),
        cmocka_unit_test(each_gap_and_each_pause_may_have_an_ack),
        cmocka_unit_test(a_repeat_inside_a_window_is_not_acknowledged),
        cmocka_unit_test(a_late_repeat_shows_that_the_ack_was_lost),
        cmocka_unit_test(the_last_ack_is_repeated_after_the_end),
        cmocka_unit_test(the_caller_may_abort),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
