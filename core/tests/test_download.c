/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files by TFTP and MTFTP over a firmware and servers that are made up: several at once, sizes that nobody says, too
 * little memory, protocols that follow one another, and what is shown meanwhile. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/download.h"
#include "core/tests/console_lab.h"

#define BLOCK 512
#define MIB 0x100000
#define TRANSFER_PORT 2000
#define MTFTP_PORT 1759

static const struct ip4 server = {{10, 0, 0, 1}}, self = {{10, 0, 0, 2}}, group = {{239, 1, 1, 1}};
static const struct pxe_mtftp mtftp = {{{239, 1, 1, 1}}, 1758, MTFTP_PORT, 1, 1};
static const struct pxe_mtftp no_mtftp;

/* One server for each transfer, in the order in which they begin. */
static struct server {
    uint64_t file_size;
    bool says_size, is_silent, knows_no_file, has_mtftp, says_done_again;
    uint64_t goes_silent_at; /* the block that never comes; 0: none */
    /* What comes next. */
    enum { NOTHING, OACK, DATA, ERROR } next;
    uint64_t block; /* from 1 */
    bool to_group, was_told_to_stop;
} servers[DOWNLOADS_MAX];

static struct {
    uint64_t memory_left, used;
    unsigned opened, closed, released;
    bool cannot_open, cannot_send, shares_receiver;
} firmware;

static struct download_set set;
static struct transfer_host host;
static uint8_t packet[4 + BLOCK], bitmap[MTFTP_BITMAP_SIZE(16 * MIB)];

static uint8_t byte_at(uint64_t offset)
{
    return (uint8_t)(offset * 131 + (offset >> 9));
}

static struct server *server_of(const struct transfer *t)
{
    return &servers[t - set.transfers];
}

static const struct transfer_kind *kind(void *context, const struct download *file)
{
    assert_ptr_equal(context, &firmware);
    return file->mtftp && pxe_mtftp_usable(file->mtftp) ? &mtftp_transfer : &tftp_transfer;
}

static bool reserve(void *context, struct download *file, uint64_t size, uint64_t used)
{
    uint8_t *data;

    assert_ptr_equal(context, &firmware);
    if (size > firmware.memory_left)
        return false;
    data = malloc(size);
    if (used)
        memcpy(data, file->data, used);
    free(file->data);
    file->data = data;
    file->room = size;
    return true;
}

static void trim(void *context, struct download *file)
{
    assert_ptr_equal(context, &firmware);
    file->room = file->size;
}

static void give_back(void *context, struct download *file)
{
    assert_ptr_equal(context, &firmware);
    free(file->data);
    *file = (struct download){.path = file->path, .mtftp = file->mtftp};
}

static void copy(void *to, const void *from, size_t size)
{
    memcpy(to, from, size);
}

static bool open_socket(struct transfer *t, uint16_t port, struct ip4 join, struct error_detail *ret_error)
{
    if (firmware.cannot_open && (port || !t->file->mtftp)) {
        *ret_error = (struct error_detail){.code = PXE_E99, .received = "no socket"};
        return false;
    }
    assert_int_equal(port, t->kind == &mtftp_transfer ? mtftp.client_port : 0);
    assert_true(ip4_equal(join, t->kind == &mtftp_transfer ? group : (struct ip4){{0}}));
    firmware.opened++;
    return true;
}

static void close_socket(struct transfer *t)
{
    (void)t;
    firmware.closed++;
}

static void take_request(struct server *s, const struct transfer *t)
{
    s->block = 1;
    s->to_group = false;
    s->next = s->knows_no_file ? ERROR : s->says_size && t->kind == &tftp_transfer ? OACK : DATA;
    if (t->kind == &mtftp_transfer && !s->has_mtftp)
        s->next = NOTHING;
}

static void send(struct transfer *t, uint16_t port, const void *data, size_t size)
{
    struct server *s = server_of(t);
    const uint8_t *p = data;

    assert_true(size >= 4);
    if (s->is_silent || firmware.cannot_send)
        return;
    if (port != TRANSFER_PORT) {
        assert_int_equal(port, t->kind == &mtftp_transfer ? MTFTP_PORT : TFTP_PORT);
        take_request(s, t);
    } else if (p[1] == 4) {
        s->block = (s->block & ~(uint64_t)0xffff) + (uint16_t)(p[2] << 8 | p[3]) + 1;
        s->next = (s->block - 1) * BLOCK <= s->file_size && s->block != s->goes_silent_at ? DATA : NOTHING;
        s->to_group = t->kind == &mtftp_transfer;
    } else {
        s->was_told_to_stop = true;
    }
}

static bool has_sent(const struct transfer *t)
{
    (void)t;
    return !firmware.cannot_send;
}

static size_t write_data(const struct server *s)
{
    uint64_t at = (s->block - 1) * BLOCK;
    size_t size = s->file_size - at < BLOCK ? s->file_size - at : BLOCK;

    memcpy(packet, (uint8_t[]){0, 3, (uint8_t)(s->block >> 8), (uint8_t)s->block}, 4);
    for (size_t i = 0; i < size; i++)
        packet[4 + i] = byte_at(at + i);
    return 4 + size;
}

static size_t write_oack(const struct server *s)
{
    memcpy(packet, "\0\6tsize\0", 8);
    return 9 + (size_t)sprintf((char *)packet + 8, "%ju", (uintmax_t)s->file_size);
}

static size_t write_packet(struct server *s)
{
    size_t size = s->next == OACK ? write_oack(s) : s->next == DATA ? write_data(s) : 8;

    if (s->next == ERROR)
        memcpy(packet, "\0\5\0\1gone", 8);
    s->next = NOTHING;
    return size;
}

static bool receive(struct transfer *t, struct transfer_datagram *ret)
{
    unsigned first = firmware.shares_receiver ? 0 : (unsigned)(t - set.transfers);
    unsigned last = firmware.shares_receiver ? set.begun - 1 : first;

    for (unsigned i = first; i <= last; i++)
        if (servers[i].next != NOTHING) {
            *ret = (struct transfer_datagram){.receiver = &set.transfers[i],
                                              .src = server,
                                              .src_port = TRANSFER_PORT,
                                              .dst = servers[i].to_group ? group : self,
                                              .data = packet,
                                              .size = write_packet(&servers[i])};
            return true;
        }
    return false;
}

static void release_datagram(struct transfer *t)
{
    (void)t;
    firmware.released++;
}

static void begin(void)
{
    memset(&lab, 0, sizeof(lab));
    memset(servers, 0, sizeof(servers));
    memset(&firmware, 0, sizeof(firmware));
    firmware.memory_left = UINT64_MAX;
    host = (struct transfer_host){
        .context = &firmware,
        .console = &lab_console,
        .blksize = 1468,
        .max_size = 1 << 30,
        .mtftp_bitmap = bitmap,
        .mtftp_bitmap_size = sizeof(bitmap),
        .kind = kind,
        .reserve = reserve,
        .trim = trim,
        .free = give_back,
        .copy = copy,
        .open = open_socket,
        .close = close_socket,
        .send = send,
        .has_sent = has_sent,
        .receive = receive,
        .release_datagram = release_datagram,
    };
}

static bool run(struct download *files, unsigned count, struct error_detail *error)
{
    bool ret = download_run(&set, &host, server, files, count, error);

    assert_int_equal(firmware.opened, firmware.closed - firmware.cannot_open);
    for (unsigned i = 0; !ret && i < count; i++)
        assert_null(files[i].data);
    return ret;
}

static void assert_whole(const struct download *file, uint64_t size)
{
    assert_int_equal(file->size, size);
    for (uint64_t i = 0; i < size; i++)
        if (file->data[i] != byte_at(i))
            fail_msg("byte %ju", (uintmax_t)i);
    free(file->data);
}

static void several_at_once(void **state)
{
    struct download files[2] = {{.path = "boot/vmlinuz"}, {.path = "initrd", .mtftp = &no_mtftp}};
    struct error_detail error;

    (void)state;
    begin();
    servers[0] = (struct server){.file_size = 600000, .says_size = true};
    servers[1] = (struct server){.file_size = 200 * BLOCK, .says_size = true};
    assert_true(run(files, 2, &error));
    assert_whole(&files[0], 600000);
    assert_whole(&files[1], 200 * BLOCK);
    assert_int_equal(files[0].room, 600000);
    assert_non_null(strstr(lab.shown, "<update>vmlinuz + initrd  "));
    assert_non_null(strstr(lab.shown, " of 702.4 kB"));
    assert_non_null(strstr(lab.shown, "<update>initrd  102.4 kB in "));
    /* What comes late is told of the one that is left. */
    assert_non_null(strstr(lab.shown, "<update>vmlinuz  "));
    assert_non_null(strstr(lab.shown, "<update>vmlinuz  600.0 kB in "));
}

static void the_room_grows(void **state)
{
    struct download file = {.path = "initrd"};
    struct error_detail error;

    (void)state;
    begin();
    host.trim = NULL;
    servers[0].file_size = 9 * MIB + 77;
    assert_true(run(&file, 1, &error));
    assert_whole(&file, 9 * MIB + 77);
    assert_non_null(strstr(lab.shown, "<update>initrd  1."));
    begin();
    assert_true(run(&file, 1, &error));
    assert_int_equal(file.size, 0);
}

static void one_receiver_for_all(void **state)
{
    struct download files[2] = {{.path = "a"}, {.path = "b"}};
    struct error_detail error;

    (void)state;
    begin();
    firmware.shares_receiver = true;
    servers[0].file_size = 300000;
    servers[1].file_size = 200000;
    assert_true(run(files, 2, &error));
    assert_whole(&files[0], 300000);
    assert_whole(&files[1], 200000);
    assert_true(firmware.released > 900);
}

static void a_repeat_after_the_end_is_acknowledged(void **state)
{
    struct download file = {.path = "a"};
    struct transfer_datagram d = {
        .receiver = &set.transfers[0], .src = server, .src_port = TRANSFER_PORT, .data = packet};
    struct error_detail error;

    (void)state;
    begin();
    servers[0].file_size = 700;
    assert_true(run(&file, 1, &error));
    servers[0].block = 2;
    d.size = write_data(&servers[0]);
    servers[0].block = 0;
    lab.now += 60000;
    tftp_transfer.packet(&set.transfers[0], &d);
    assert_int_equal(servers[0].block, 3);
    assert_int_equal(set.transfers[0].state, TRANSFER_DONE);
    assert_whole(&file, 700);
}

static void there_may_be_no_memory(void **state)
{
    struct download file = {.path = "dir/initrd"};
    struct error_detail error;

    (void)state;
    begin();
    firmware.memory_left = 1000;
    servers[0] = (struct server){.file_size = 5000, .says_size = true};
    assert_false(run(&file, 1, &error));
    assert_int_equal(error.code, SLIPWAY_E04);
    assert_string_equal(error.received, "initrd  0.0 of 5.0 kB  0 %  0.0 MB/s");
    assert_true(ip4_equal(error.server, server));
    assert_true(servers[0].was_told_to_stop);
    begin();
    firmware.memory_left = 5 * MIB;
    servers[0].file_size = 6 * MIB;
    assert_false(run(&file, 1, &error));
    assert_int_equal(error.code, SLIPWAY_E04);
    assert_non_null(strstr(error.received, "initrd  4.1 MB"));
}

static void a_server_may_not_answer(void **state)
{
    struct download file = {.path = "a"};
    struct error_detail error;

    (void)state;
    begin();
    servers[0].is_silent = true;
    assert_false(run(&file, 1, &error));
    assert_int_equal(error.code, PXE_E32);
    begin();
    firmware.cannot_send = true;
    assert_false(run(&file, 1, &error));
    assert_int_equal(error.code, PXE_E11);
    begin();
    servers[0] = (struct server){.file_size = 5000, .goes_silent_at = 3};
    assert_false(run(&file, 1, &error));
    assert_int_equal(error.code, PXE_E35);
}

static void one_that_fails_ends_the_others(void **state)
{
    struct download files[3] = {{.path = "a"}, {.path = "b"}, {.path = "c"}};
    struct error_detail error;

    (void)state;
    begin();
    servers[0] = (struct server){.file_size = 1 << 20, .says_size = true};
    servers[1].knows_no_file = true;
    assert_false(run(files, 3, &error));
    assert_int_equal(error.code, PXE_E3B);
    assert_true(servers[0].was_told_to_stop);
}

static void there_may_be_no_socket(void **state)
{
    struct download files[2] = {{.path = "a"}, {.path = "b"}};
    struct error_detail error;

    (void)state;
    begin();
    firmware.cannot_open = true;
    assert_false(run(files, 2, &error));
    assert_int_equal(error.code, PXE_E99);
    assert_string_equal(error.received, "no socket");
}

static void escape_cancels(void **state)
{
    struct download file = {.path = "a"};
    struct error_detail error;

    (void)state;
    begin();
    servers[0].file_size = 100 * MIB;
    lab.keys[0].at = 500;
    lab.keys[0].key = MENU_KEY_UP;
    lab.keys[1].at = 1500;
    lab.keys[1].key = MENU_KEY_ESCAPE;
    assert_false(run(&file, 1, &error));
    assert_int_equal(error.code, PXE_EA0);
    assert_true(servers[0].was_told_to_stop);
    begin();
    file.mtftp = &mtftp;
    servers[0] = (struct server){.file_size = 10 * MIB, .has_mtftp = true};
    lab.keys[0].at = 2500;
    lab.keys[0].key = MENU_KEY_ESCAPE;
    assert_false(run(&file, 1, &error));
    assert_int_equal(error.code, PXE_EA0);
}

static void multicast(void **state)
{
    struct download file = {.path = "a", .mtftp = &mtftp};
    struct transfer_datagram d = {
        .receiver = &set.transfers[0], .src = server, .src_port = TRANSFER_PORT, .data = packet};
    struct error_detail error;

    (void)state;
    begin();
    servers[0] = (struct server){.file_size = 300000, .has_mtftp = true};
    assert_true(run(&file, 1, &error));
    mtftp_transfer.packet(&set.transfers[0], &d);
    assert_int_equal(set.transfers[0].state, TRANSFER_DONE);
    assert_whole(&file, 300000);
    assert_null(strstr(lab.shown, "failed"));
}

static void tftp_follows_mtftp(void **state)
{
    struct download file = {.path = "a", .mtftp = &mtftp};
    struct error_detail error;

    (void)state;
    begin();
    servers[0].file_size = 1000;
    assert_true(run(&file, 1, &error));
    assert_whole(&file, 1000);
    assert_non_null(strstr(lab.shown, "MTFTP failed, TFTP follows: PXE-E32, no answer to 4 MTFTP requests to UDP "));
    /* Longer than a line, which an update would cut. */
    assert_null(strstr(lab.shown, "<update>MTFTP failed"));
    begin();
    firmware.cannot_open = true;
    file = (struct download){.path = "a", .mtftp = &mtftp};
    servers[0].file_size = 1000;
    assert_true(run(&file, 1, &error));
    assert_whole(&file, 1000);
    assert_non_null(strstr(lab.shown, "MTFTP failed, TFTP follows: PXE-E99, no socket"));
}

static void multicast_too_large(void **state)
{
    struct download file = {.path = "a", .mtftp = &mtftp};
    struct error_detail error;

    (void)state;
    begin();
    /* No bitmap for so much; TFTP has no need of one. */
    host.mtftp_bitmap_size = MTFTP_BITMAP_SIZE(100000);
    servers[0] = (struct server){.file_size = 300000, .has_mtftp = true};
    assert_true(run(&file, 1, &error));
    assert_whole(&file, 300000);
    assert_non_null(strstr(lab.shown, "MTFTP failed, TFTP follows: PXE-E3A, "));
    begin();
    host.max_size = 100000;
    file = (struct download){.path = "a", .mtftp = &mtftp};
    servers[0] = (struct server){.file_size = 300000, .has_mtftp = true};
    assert_false(run(&file, 1, &error));
    assert_int_equal(error.code, PXE_E3A);
    begin();
    firmware.memory_left = 1000;
    file = (struct download){.path = "a", .mtftp = &mtftp};
    servers[0] = (struct server){.file_size = 300000, .has_mtftp = true};
    assert_false(run(&file, 1, &error));
    assert_non_null(strstr(lab.shown, "MTFTP failed, TFTP follows: SLW-E04, "));
    assert_int_equal(error.code, SLIPWAY_E04);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(several_at_once),
        cmocka_unit_test(the_room_grows),
        cmocka_unit_test(one_receiver_for_all),
        cmocka_unit_test(a_repeat_after_the_end_is_acknowledged),
        cmocka_unit_test(there_may_be_no_memory),
        cmocka_unit_test(a_server_may_not_answer),
        cmocka_unit_test(one_that_fails_ends_the_others),
        cmocka_unit_test(there_may_be_no_socket),
        cmocka_unit_test(escape_cancels),
        cmocka_unit_test(multicast),
        cmocka_unit_test(tftp_follows_mtftp),
        cmocka_unit_test(multicast_too_large),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
