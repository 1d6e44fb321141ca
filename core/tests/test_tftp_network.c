/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whole TFTP transfers through a network that loses, duplicates and reorders. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "core/tests/tftp_lab.h"

static struct lab lab;

static const uint16_t windows[] = {1, 4, 64};
static const uint64_t sizes[] = {0, 1, 511, 512, 513, 1468, 100 * 1468, 250000};

static struct tftp_config client_config(uint16_t windowsize)
{
    return (struct tftp_config){
        .server = lab_server,
        .file = "slipway/vmlinuz",
        .blksize = 1468,
        .windowsize = windowsize,
        .max_size = 1u << 30,
        .timeout_ms = 500,
        .retries = 30,
    };
}

static struct lab_config server_config(uint64_t size)
{
    return (struct lab_config){.file_size = size, .max_blksize = 1468, .max_windowsize = 64, .seed = 1};
}

static void assert_transferred(const struct lab_config *server, uint16_t windowsize)
{
    struct tftp_config client = client_config(windowsize);

    lab_run(&lab, server, &client);
    if (lab.client.state != TFTP_DONE)
        print_error("window %u, size %llu, lose %u, seed %u: state %d, %s\n", windowsize,
                    (unsigned long long)server->file_size, server->lose, server->seed, (int)lab.client.state,
                    lab.client.error.received);
    assert_int_equal(lab.client.state, TFTP_DONE);
    assert_false(lab.data_wrong);
    assert_int_equal(lab.bytes_taken, server->file_size);
    assert_int_equal(lab.client.size, server->file_size);
}

static void assert_all_sizes_and_windows(struct lab_config server)
{
    for (size_t w = 0; w < sizeof(windows) / sizeof(windows[0]); w++)
        for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++)
            for (server.seed = 1; server.seed <= 4; server.seed++) {
                server.file_size = sizes[s];
                assert_transferred(&server, windows[w]);
            }
}

static void a_good_network(void **state)
{
    (void)state;
    assert_all_sizes_and_windows(server_config(0));
}

static void a_window_needs_one_ack(void **state)
{
    (void)state;
    struct lab_config server = server_config(64 * 10 * 1468 - 1);

    assert_transferred(&server, 64);
    assert_int_equal(lab.client_packets, 2 + 10); /* request, ACK of the OACK, one ACK per window */
    assert_int_equal(lab.server_blocks, 640);
}

static void a_network_that_loses(void **state)
{
    (void)state;
    struct lab_config server = server_config(0);

    for (server.lose = 1; server.lose <= 31; server.lose += 10)
        assert_all_sizes_and_windows(server);
}

static void a_network_that_duplicates(void **state)
{
    (void)state;
    struct lab_config server = server_config(0);

    server.duplicate = 30;
    assert_all_sizes_and_windows(server);
    server.duplicate = 100;
    assert_all_sizes_and_windows(server);
}

static void a_network_that_reorders(void **state)
{
    (void)state;
    struct lab_config server = server_config(0);

    for (server.jitter_ms = 1; server.jitter_ms <= 64; server.jitter_ms *= 4)
        assert_all_sizes_and_windows(server);
}

static void a_network_that_does_everything(void **state)
{
    (void)state;
    struct lab_config server = server_config(0);

    server.lose = 10;
    server.duplicate = 20;
    server.jitter_ms = 5;
    assert_all_sizes_and_windows(server);
    server.apprentice = true;
    assert_all_sizes_and_windows(server);
}

/* Were each duplicate acknowledged, a server that answers each ACK would send every block twice for ever after. */
static void duplicates_do_not_wake_the_sorcerers_apprentice(void **state)
{
    (void)state;
    struct lab_config server = server_config(500 * 1468 + 7);

    server.apprentice = true;
    server.duplicate = 30;
    assert_transferred(&server, 1);
    assert_true(lab.client_packets <= 2 + 501);
    server.duplicate = 100;
    assert_transferred(&server, 1);
    assert_true(lab.client_packets <= 2 + 501);
}

/* Each block that was lost may cost one ACK and one window, and no more. */
static void a_lost_block_costs_one_window(void **state)
{
    (void)state;
    struct lab_config server = server_config(640 * 1468 - 1);

    server.lose = 1;
    assert_transferred(&server, 64);
    assert_true(lab.server_blocks < 640 + 64 * 20);
    assert_true(lab.client_packets < 2 + 10 + 40);
}

static void servers_that_know_no_options(void **state)
{
    (void)state;
    struct lab_config server = server_config(0);

    server.manners = LAB_IGNORES_OPTIONS;
    assert_all_sizes_and_windows(server);
    assert_int_equal(lab.client.blksize, 512);
    assert_int_equal(lab.client.windowsize, 1);
    assert_false(lab.client.has_size);
    server.lose = server.duplicate = 15;
    server.jitter_ms = 3;
    assert_all_sizes_and_windows(server);
}

static void servers_that_refuse_options(void **state)
{
    (void)state;
    struct lab_config server = server_config(0);

    server.manners = LAB_REFUSES_OPTIONS;
    assert_all_sizes_and_windows(server);
    server.refusal = TFTP_ERROR_OPTIONS;
    server.lose = server.duplicate = 15;
    server.jitter_ms = 3;
    assert_all_sizes_and_windows(server);
    assert_true(lab.client.plain);
}

static void servers_that_lower_options(void **state)
{
    (void)state;
    struct lab_config server = server_config(0);

    server.max_blksize = 1000;
    server.max_windowsize = 3;
    server.lose = 5;
    assert_all_sizes_and_windows(server);
    assert_int_equal(lab.client.blksize, 1000);
    assert_int_equal(lab.client.windowsize, 3);
}

static void servers_that_echo_the_zero_of_tsize(void **state)
{
    (void)state;
    struct lab_config server = server_config(0);

    server.echoes_zero_size = true;
    assert_all_sizes_and_windows(server);
    assert_false(lab.client.has_size);
}

/* 16-bit block numbers: 512-byte blocks wrap at 33.5 MB, so this goes round four times, with losses. */
static void block_numbers_wrap(void **state)
{
    (void)state;
    struct lab_config server = server_config(130u << 20);

    server.max_blksize = 512;
    assert_transferred(&server, 64);
    assert_true(lab.client.next_block > 4 * 65536);
    server.file_size = 65536 * 1432 + 5000; /* 94 MB */
    server.max_blksize = 1432;
    assert_transferred(&server, 64);
    assert_true(lab.client.next_block > 65536);
    server.file_size = 70000 * 8 + 3;
    server.max_blksize = 8;
    server.lose = server.duplicate = 2;
    server.jitter_ms = 1;
    assert_transferred(&server, 4);
    assert_transferred(&server, 1);
}

static void a_dead_network_ends_in_an_error(void **state)
{
    (void)state;
    struct lab_config server = server_config(1000);
    struct tftp_config client = client_config(4);

    server.lose = 100;
    lab_run(&lab, &server, &client);
    assert_int_equal(lab.client.state, TFTP_FAILED);
    assert_int_equal(lab.client.error.code, PXE_E32);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_network),
        cmocka_unit_test(a_window_needs_one_ack),
        cmocka_unit_test(a_network_that_loses),
        cmocka_unit_test(a_network_that_duplicates),
        cmocka_unit_test(a_network_that_reorders),
        cmocka_unit_test(a_network_that_does_everything),
        cmocka_unit_test(duplicates_do_not_wake_the_sorcerers_apprentice),
        cmocka_unit_test(a_lost_block_costs_one_window),
        cmocka_unit_test(servers_that_know_no_options),
        cmocka_unit_test(servers_that_refuse_options),
        cmocka_unit_test(servers_that_lower_options),
        cmocka_unit_test(servers_that_echo_the_zero_of_tsize),
        cmocka_unit_test(block_numbers_wrap),
        cmocka_unit_test(a_dead_network_ends_in_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
