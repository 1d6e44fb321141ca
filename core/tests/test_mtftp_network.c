/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whole MTFTP transfers of one to five clients, through a network that loses, duplicates and reorders. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "core/tests/mtftp_lab.h"

static struct lab lab;

#define BLOCKS 2000

static struct lab_config config(unsigned clients)
{
    return (struct lab_config){
        .file_size = BLOCKS * 512 - 100, .clients = clients, .listen_s = 2, .reopen_s = 2, .seed = 1};
}

static void assert_done(unsigned i)
{
    const struct lab_client *c = &lab.clients[i];

    if (c->m.state != MTFTP_DONE)
        print_error("client %u, lose %u, seed %u: state %d at %llu ms, %s\n", i, lab.config.lose, lab.config.seed,
                    (int)c->m.state, (unsigned long long)lab.now, c->m.error.received);
    assert_int_equal(c->m.state, MTFTP_DONE);
    assert_false(c->wrong);
    assert_false(c->joined);
    assert_int_equal(c->bytes_taken, lab.config.file_size);
    assert_int_equal(c->m.size, lab.config.file_size);
}

static void assert_all_done(const struct lab_config *c)
{
    lab_run(&lab, c);
    for (unsigned i = 0; i < c->clients; i++)
        if (c->die_ms[i] == 0)
            assert_done(i);
}

static void one_client_is_the_master(void **state)
{
    static const uint64_t sizes[] = {0, 1, 511, 512, 513, 1024, 100 * 512, 250000};
    struct lab_config c = config(1);

    (void)state;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        c.file_size = sizes[i];
        assert_all_done(&c);
        assert_int_equal(lab.transfers, 1);
        assert_int_equal(lab.server_blocks, sizes[i] / 512 + 1);
        assert_in_range(lab.clients[0].done_ms, 2000, 2000 + 2 * (sizes[i] / 512 + 2));
        assert_false(lab.serving); /* the last ACK ended it */
    }
}

static void a_server_of_larger_blocks(void **state)
{
    struct lab_config c = config(2);

    (void)state;
    c.blksize = 1408;
    c.start_ms[1] = 2500;
    assert_all_done(&c);
    assert_int_equal(lab.clients[1].m.blksize, 1408);
}

static void two_clients_that_start_together_share(void **state)
{
    struct lab_config c = config(2);

    (void)state;
    assert_all_done(&c);
    /* atftpd sends block 1 to the master only, so the other asks for that one, and for the one behind it to see that
     * the file is still the same. */
    assert_int_equal(lab.transfers, 2);
    assert_int_equal(lab.server_blocks, BLOCKS + 2);
    c.as_intel = true;
    assert_all_done(&c);
    assert_int_equal(lab.transfers, 1);
    assert_int_equal(lab.server_blocks, BLOCKS);
}

/* The second hears the rest of the first one's transfer, and then asks for no more than it missed. */
static void two_clients_seconds_apart_share(void **state)
{
    struct lab_config c = config(2);
    unsigned missed;

    (void)state;
    for (c.start_ms[1] = 2200; c.start_ms[1] < 5600; c.start_ms[1] += 400) {
        for (int intel = 0; intel < 2; intel++) {
            c.as_intel = intel;
            assert_all_done(&c);
            missed = (unsigned)(c.start_ms[1] - 2000) / 2;
            assert_int_equal(lab.transfers, 2);
            assert_in_range(lab.server_blocks, BLOCKS + missed - 5, BLOCKS + missed + 5);
            assert_int_equal(lab.clients[0].times_master, 1);
        }
    }
}

static void who_misses_most_opens_first(void **state)
{
    struct lab_config c = config(5);

    (void)state;
    /* Without losses: one misses 250 blocks, the next 500, 750 and 1000; all of them more than tag 4 has seconds. */
    c.listen_s = 20;
    for (unsigned i = 1; i < 5; i++)
        c.start_ms[i] = 20000 + i * 500;
    assert_all_done(&c);
    assert_true(lab.server_blocks < BLOCKS + 1000 + 20);
    /* Fewer misses than seconds: 2 + i * 3 of them. */
    for (unsigned i = 1; i < 5; i++)
        c.start_ms[i] = 20000 + 4 + i * 6;
    c.as_intel = true;
    assert_all_done(&c);
    assert_int_equal(lab.clients[4].times_master, 1);
    for (unsigned i = 1; i < 4; i++) {
        assert_int_equal(lab.clients[i].requests, 0);                 /* they had theirs from the last one's pass, */
        assert_true(lab.clients[i].done_ms < lab.clients[4].done_ms); /* while it went by */
    }
}

static void assert_any_network(struct lab_config c)
{
    for (c.clients = 1; c.clients <= LAB_CLIENTS; c.clients++)
        for (c.seed = 1; c.seed <= 6; c.seed++) {
            c.as_intel = c.seed % 2;
            for (unsigned i = 0; i < LAB_CLIENTS; i++)
                c.start_ms[i] = c.seed * i * 700 % 6000;
            assert_all_done(&c);
        }
}

static void a_network_that_loses(void **state)
{
    struct lab_config c = config(0);

    (void)state;
    c.file_size = 300 * 512 + 7;
    for (c.lose = 1; c.lose <= 5; c.lose += 2)
        assert_any_network(c);
}

/* A server that repeats a block only after 5 s makes a pass of many minutes of it. Then some give up, for plain TFTP;
 * nobody waits for ever, or takes what it has for the file. */
static void a_network_that_loses_too_much(void **state)
{
    struct lab_config c = config(LAB_CLIENTS);
    unsigned done = 0;

    (void)state;
    c.file_size = 300 * 512 + 7;
    for (c.seed = 1; c.seed <= 8; c.seed++) {
        c.lose = 20 + c.seed * 5;
        c.as_intel = c.seed % 2;
        lab_run(&lab, &c);
        assert_true(lab.now < LAB_GIVE_UP_MS);
        for (unsigned i = 0; i < LAB_CLIENTS; i++)
            if (lab.clients[i].m.state == MTFTP_DONE) {
                assert_done(i);
                done++;
            } else {
                assert_int_equal(lab.clients[i].m.state, MTFTP_FAILED);
                assert_true(lab.clients[i].m.error.code == PXE_E32 || lab.clients[i].m.error.code == PXE_E35);
                assert_false(lab.clients[i].wrong);
            }
    }
    assert_in_range(done, 1, 8 * LAB_CLIENTS - 1);
}

static void a_network_that_duplicates_and_reorders(void **state)
{
    struct lab_config c = config(0);

    (void)state;
    c.file_size = 300 * 512;
    c.duplicate = 30;
    assert_any_network(c);
    c.jitter_ms = 20;
    assert_any_network(c);
    c.lose = 5;
    assert_any_network(c);
}

/* Were the doubled blocks acknowledged, a server that answers each ACK would send everything twice for ever after. */
static void duplicates_do_not_wake_the_sorcerers_apprentice(void **state)
{
    struct lab_config c = config(1);

    (void)state;
    c.duplicate = 100;
    c.as_intel = true;
    assert_all_done(&c);
    assert_true(lab.server_blocks <= 2 * BLOCKS); /* each ACK comes twice, and no more than twice */
}

static void the_master_dies_and_another_takes_over(void **state)
{
    struct lab_config c = config(4);

    (void)state;
    for (c.seed = 1; c.seed <= 4; c.seed++) {
        for (unsigned i = 0; i < 4; i++)
            c.start_ms[i] = i * 500;
        c.die_ms[0] = 3500;
        c.lose = c.seed == 1 ? 0 : 3;
        assert_all_done(&c);
        assert_int_equal(lab.clients[0].times_master, 1);
        assert_true(lab.now > 3500 + LAB_SERVER_TIMEOUT_MS * LAB_SERVER_RETRIES); /* atftpd waits so long for it */
    }
    c.die_ms[1] = 34500; /* and the one that took over */
    c.lose = 0;
    assert_all_done(&c);
}

static void assert_failed(unsigned i, enum pxe_error code, const char *part)
{
    const struct lab_client *c = &lab.clients[i];

    assert_int_equal(c->m.state, MTFTP_FAILED);
    assert_int_equal(c->m.error.code, code);
    assert_memory_equal(&c->m.error.server, &lab_server, 4);
    if (!strstr(c->m.error.received, part))
        fail_msg("\"%s\" is not in \"%s\"", part, c->m.error.received);
    assert_false(c->joined);
}

static void nobody_serves(void **state)
{
    struct lab_config c = config(2);

    (void)state;
    c.lose = 100;
    lab_run(&lab, &c);
    assert_failed(0, PXE_E32, "no answer to 8 MTFTP requests to UDP 1759 for boot/slipway.efi");
    assert_int_equal(lab.now, 2000 + 8 * 2000);
}

static void the_server_dies(void **state)
{
    struct lab_config c = config(3);

    (void)state;
    c.server_dies_ms = 3000;
    lab_run(&lab, &c);
    for (unsigned i = 0; i < 3; i++)
        assert_failed(i, PXE_E32, "no answer to 8 MTFTP requests");
    assert_true(lab.now < 120000);
}

/* Without the group only block 1 comes, again and again. */
static void multicast_does_not_get_through(void **state)
{
    struct lab_config c = config(2);

    (void)state;
    c.no_multicast = true;
    lab_run(&lab, &c);
    assert_failed(0, PXE_E35, "block 1 came, but nothing to the group 239.1.1.1");
    assert_true(lab.now < 60000);
}

/* 16-bit numbers: 70000 blocks go round once. */
static void block_numbers_wrap(void **state)
{
    struct lab_config c = config(3);

    (void)state;
    c.file_size = 70000 * 512 + 3;
    c.as_intel = true;
    assert_all_done(&c);
    assert_int_equal(lab.transfers, 1);
    c.as_intel = false;
    c.clients = 2;
    assert_all_done(&c);
}

/* Who comes in after the wrap takes block 65536 + n for block n, and must find out before it boots a wrong file. Who
 * comes in before it shares the transfer. */
static void late_joiners_of_a_file_that_wraps(void **state)
{
    struct lab_config c = config(2);

    (void)state;
    c.file_size = 70000 * 512 + 3;
    c.start_ms[1] = 2000 + 2 * 60000;
    assert_all_done(&c);
    c.start_ms[1] = 2000 + 2 * 67000;
    lab_run(&lab, &c);
    assert_done(0);
    assert_failed(1, PXE_E39, "differs from what was heard before");
    assert_int_equal(lab.clients[1].m.seam_hash != 0, true);
}

/* Half of the old file and half of the new one must not be taken for a file. */
static void the_file_changes_between_two_passes(void **state)
{
    struct lab_config c = config(2);

    (void)state;
    c.start_ms[1] = 3000;
    c.file_changes_ms = 2000 + 2 * BLOCKS + 200;
    lab_run(&lab, &c);
    assert_int_equal(lab.clients[0].m.state, MTFTP_DONE);
    assert_failed(1, PXE_E39, "differs from what was heard before");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_client_is_the_master),
        cmocka_unit_test(a_server_of_larger_blocks),
        cmocka_unit_test(two_clients_that_start_together_share),
        cmocka_unit_test(two_clients_seconds_apart_share),
        cmocka_unit_test(who_misses_most_opens_first),
        cmocka_unit_test(a_network_that_loses),
        cmocka_unit_test(a_network_that_loses_too_much),
        cmocka_unit_test(a_network_that_duplicates_and_reorders),
        cmocka_unit_test(duplicates_do_not_wake_the_sorcerers_apprentice),
        cmocka_unit_test(the_master_dies_and_another_takes_over),
        cmocka_unit_test(nobody_serves),
        cmocka_unit_test(the_server_dies),
        cmocka_unit_test(multicast_does_not_get_through),
        cmocka_unit_test(block_numbers_wrap),
        cmocka_unit_test(late_joiners_of_a_file_that_wraps),
        cmocka_unit_test(the_file_changes_between_two_passes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
