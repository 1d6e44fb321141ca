/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cursor, tlv, dhcp_packet and pxe_vendor. */
#include "core/tests/sim.h"

static void cursor_stops_at_the_end(void **state)
{
    const uint8_t bytes[] = {1, 2, 3, 4, 5, 6, 7};
    struct cursor c;

    (void)state;
    cursor_init(&c, bytes, sizeof(bytes));
    assert_int_equal(cursor_u8(&c), 1);
    assert_int_equal(cursor_u16(&c), 0x0203);
    assert_int_equal(cursor_left(&c), 4);
    assert_int_equal(cursor_u32(&c), 0x04050607);
    assert_int_equal(cursor_left(&c), 0);
    assert_non_null(cursor_bytes(&c, 0));
    assert_int_equal(cursor_u8(&c), 0);
    assert_true(c.failed);
    cursor_init(&c, bytes, 3);
    assert_int_equal(cursor_u32(&c), 0);
    assert_int_equal(cursor_u8(&c), 0); /* failure sticks although a byte is left */
    assert_int_equal(cursor_left(&c), 0);
    cursor_init(&c, bytes, 1);
    assert_int_equal(cursor_u16(&c), 0);
    cursor_init(&c, bytes, 3);
    assert_ip(cursor_ip4(&c), IP(0, 0, 0, 0));
    cursor_init(&c, bytes, 3);
    assert_null(cursor_bytes(&c, SIZE_MAX));
}

static void writer_stops_at_the_end(void **state)
{
    uint8_t bytes[8];
    struct writer w;

    (void)state;
    memset(bytes, 0xee, sizeof(bytes));
    writer_init(&w, bytes, 7);
    writer_u32(&w, 0x01020304);
    writer_u16(&w, 0x0506);
    writer_u16(&w, 0x0708);
    writer_u8(&w, 9); /* would fit: failure sticks */
    assert_true(w.failed);
    assert_int_equal(w.length, 6);
    assert_memory_equal(bytes, "\1\2\3\4\5\6\xee\xee", 8);
    writer_zeros(&w, 1);
    assert_int_equal(bytes[6], 0xee);
}

/* barebox has two walkers that both give PAD a length byte. */
static void barebox_pad_has_no_length(void **state)
{
    const uint8_t bytes[] = {0, 0, 53, 1, 2, 0, 0, 0, 60, 2, 'a', 'b', 255, 54, 1, 1};
    struct tlv_iter i;
    struct tlv item;

    (void)state;
    tlv_init(&i, bytes, sizeof(bytes));
    assert_true(tlv_next(&i, &item));
    assert_int_equal(item.code, 53);
    assert_true(tlv_next(&i, &item));
    assert_int_equal(item.code, 60);
    assert_int_equal(item.size, 2);
    assert_false(tlv_next(&i, &item));
    assert_false(i.malformed);
    assert_false(tlv_next(&i, &item)); /* what stands behind END is not found by asking again */
    assert_false(tlv_find(bytes, sizeof(bytes), 54, &item));
    assert_true(tlv_find(bytes, sizeof(bytes), 60, &item));
}

/* EDK2's walk of option 43 checks no sub-option's length, and its UINT8 offset wraps. */
static void edk2_sub_option_length_is_checked(void **state)
{
    const uint8_t cut[] = {6, 1, 8, 9, 200, 1, 2, 3};
    const uint8_t only_code[] = {6, 1, 8, 9};
    uint8_t full[255];
    struct tlv_iter i;
    struct tlv item;

    (void)state;
    tlv_init(&i, cut, sizeof(cut));
    assert_true(tlv_next(&i, &item));
    assert_false(tlv_next(&i, &item));
    assert_true(i.malformed);
    assert_false(tlv_next(&i, &item));
    tlv_init(&i, only_code, sizeof(only_code));
    assert_true(tlv_next(&i, &item));
    assert_false(tlv_next(&i, &item));
    assert_true(i.malformed);
    memset(full, 0, sizeof(full));
    full[0] = 9;
    full[1] = 252;
    tlv_init(&i, full, sizeof(full)); /* 254 bytes and one PAD: an offset in a byte would wrap */
    assert_true(tlv_next(&i, &item));
    assert_false(tlv_next(&i, &item));
    assert_false(i.malformed);
    full[1] = 253;
    assert_true(tlv_find(full, sizeof(full), 9, &item));
    full[1] = 254;
    assert_false(tlv_find(full, sizeof(full), 9, &item));
}

static struct dhcp_packet packet_of(const struct sim_reply *r)
{
    uint8_t bytes[DHCP_PACKET_MAX];
    struct dhcp_packet p;
    size_t size = sim_build(r, 0xabcd, bytes);

    assert_true(dhcp_packet_parse(&p, bytes, size));
    return p;
}

static void header_is_checked(void **state)
{
    struct dhcp_packet p = packet_of(&SIM_PLAIN_ACK), q;
    uint8_t big[DHCP_PACKET_MAX + 1] = {0};

    (void)state;
    assert_int_equal(dhcp_packet_op(&p), DHCP_BOOTREPLY);
    assert_int_equal(dhcp_packet_xid(&p), 0xabcd);
    assert_ip(dhcp_packet_yiaddr(&p), SIM_ADDRESS);
    assert_true(dhcp_packet_is_for(&p, SIM_MAC));
    assert_false(dhcp_packet_is_for(&p, (const uint8_t *)"other!"));
    for (size_t size = 0; size < 240; size++)
        assert_false(dhcp_packet_parse(&q, p.bytes, size));
    assert_true(dhcp_packet_parse(&q, p.bytes, 240));
    assert_int_equal(dhcp_packet_message(&q), DHCP_NO_MESSAGE);
    memcpy(big, p.bytes, p.size);
    assert_true(dhcp_packet_parse(&q, big, sizeof(big) - 1));
    assert_false(dhcp_packet_parse(&q, big, sizeof(big)));
    for (unsigned at = 1; at <= 2; at++) {
        memcpy(big, p.bytes, p.size);
        big[at] ^= 1;
        assert_false(dhcp_packet_parse(&q, big, p.size));
    }
    memcpy(big, p.bytes, p.size);
    big[236] = 0;
    assert_false(dhcp_packet_parse(&q, big, p.size));
    /* an empty packet holds nothing */
    assert_int_equal(dhcp_packet_op(&q), 0);
    assert_int_equal(dhcp_packet_xid(&q), 0);
    assert_ip(dhcp_packet_yiaddr(&q), IP(0, 0, 0, 0));
    assert_false(dhcp_packet_is_pxe(&q));
    assert_ip(dhcp_packet_next_server(&q), IP(0, 0, 0, 0));
    char file[DHCP_FILE_MAX];
    assert_false(dhcp_packet_file(&q, file));
}

/* Option 52 makes options of file and sname; option 43 is split over all three areas (RFC 3396). */
static void overload_and_split_options(void **state)
{
    static const uint8_t extra[] = {43, 3, 'a', 'b', 'c', 52, 1, 3, 0, 43, 1, 'd'};
    struct sim_reply r = SIM_PLAIN_ACK;
    uint8_t buf[16];
    size_t size = 99;
    char file[DHCP_FILE_MAX];

    (void)state;
    r.extra = extra;
    r.extra_size = sizeof(extra);
    struct dhcp_packet p = packet_of(&r);
    memcpy(p.bytes + 108, "\53\2ef\103\4boot\377", 11);
    memcpy(p.bytes + 44, "\0\53\1g\102\00710.0.0.9", 13);
    p.bytes[57] = 255;
    assert_true(dhcp_packet_option(&p, 43, buf, sizeof(buf), &size));
    assert_int_equal(size, 7);
    assert_memory_equal(buf, "abcdefg", 7);
    assert_true(dhcp_packet_file(&p, file));
    assert_string_equal(file, "boot");
    size = 99;
    assert_false(dhcp_packet_option(&p, 43, buf, 6, &size)); /* does not fit: nothing */
    assert_int_equal(size, 99);
    assert_false(dhcp_packet_option(&p, 99, buf, sizeof(buf), &size));
    p.bytes[240 + 3 + 6 + 7] = 1; /* file only: now sname is no options area */
    assert_true(dhcp_packet_option(&p, 43, buf, sizeof(buf), &size));
    assert_int_equal(size, 6);
    p.bytes[240 + 3 + 6 + 7] = 2; /* sname only */
    assert_true(dhcp_packet_option(&p, 43, buf, sizeof(buf), &size));
    assert_memory_equal(buf, "abcdg", 5);
    assert_int_equal(size, 5);
}

/* An overload inside file must not send the walk round in circles. */
static void overload_in_file_is_ignored(void **state)
{
    static const uint8_t extra[] = {52, 1, 1};
    struct sim_reply r = SIM_PLAIN_ACK;
    char file[DHCP_FILE_MAX];

    (void)state;
    r.extra = extra;
    r.extra_size = sizeof(extra);
    struct dhcp_packet p = packet_of(&r);
    memcpy(p.bytes + 108, "\64\1\3", 3);
    assert_false(dhcp_packet_file(&p, file));
    assert_string_equal(file, "");
}

/* EDK2 writes a NUL one byte past option 67. */
static void edk2_file_name_ends_inside(void **state)
{
    uint8_t extra[600];
    struct sim_reply r = SIM_PLAIN_ACK;
    char file[DHCP_FILE_MAX];

    (void)state;
    memset(extra, 'x', sizeof(extra));
    extra[0] = 67;
    extra[1] = 255;
    r.extra = extra;
    r.extra_size = 257;
    r.file = "header-field";
    struct dhcp_packet p = packet_of(&r);
    assert_true(dhcp_packet_file(&p, file));
    assert_int_equal(strlen(file), 255);
    extra[257] = 67; /* one byte more, in a second instance, does not fit */
    extra[258] = 1;
    r.extra_size = 260;
    p = packet_of(&r);
    assert_false(dhcp_packet_file(&p, file));
    extra[258] = 200; /* far too long: the header's name counts */
    r.extra_size = 459;
    p = packet_of(&r);
    assert_true(dhcp_packet_file(&p, file));
    assert_string_equal(file, "header-field");
    memset(p.bytes + 108, 'y', 128); /* the field without NUL */
    assert_true(dhcp_packet_file(&p, file));
    assert_int_equal(strlen(file), 128);
    extra[1] = 4;
    memcpy(extra + 2, "ab\0c", 4);
    r.extra_size = 6;
    p = packet_of(&r);
    assert_true(dhcp_packet_file(&p, file));
    assert_string_equal(file, "ab");
}

static struct ip4 next_server(const char *option66, const char *sname)
{
    uint8_t extra[64] = {66, (uint8_t)strlen(option66)};
    struct sim_reply r = SIM_PLAIN_ACK;

    memcpy(extra + 2, option66, strlen(option66));
    r.extra = extra;
    r.extra_size = option66[0] ? 2 + strlen(option66) : 0;
    struct dhcp_packet p = packet_of(&r);
    memcpy(p.bytes + 44, sname, strlen(sname));
    return dhcp_packet_next_server(&p);
}

static void next_server_in_order(void **state)
{
    struct sim_reply r = SIM_PLAIN_ACK;

    (void)state;
    r.siaddr = SIM_BOOT;
    struct dhcp_packet p = packet_of(&r);
    assert_ip(dhcp_packet_next_server(&p), SIM_BOOT);
    assert_ip(next_server("10.0.0.9", "10.0.0.8"), IP(10, 0, 0, 9));
    assert_ip(next_server("", "10.0.0.8"), IP(10, 0, 0, 8));
    assert_ip(next_server("boot.example", "host"), SIM_DHCP);
    assert_ip(next_server("1.2.3", "1.2.3.4.5"), SIM_DHCP);
    assert_ip(next_server("1.2.3.256", "1..2.3"), SIM_DHCP);
    assert_ip(next_server("1.2.3.", "0001.2.3.4"), SIM_DHCP);
    assert_ip(next_server("255.255.255.255", ""), IP(255, 255, 255, 255));
}

/* Every truncation of a packet with everything in it, in memory of exactly that size. */
static void truncations_are_harmless(void **state)
{
    static const uint8_t extra[] = {52, 1, 3, 43, 8, 6, 1, 3, 71, 4, 0, 1, 0, 67, 2, 'a', 'b', 1, 4, 255, 255, 255, 0};
    struct sim_reply r = SIM_PLAIN_ACK;
    uint8_t buf[255];
    char file[DHCP_FILE_MAX];
    size_t size;

    (void)state;
    r.extra = extra;
    r.extra_size = sizeof(extra);
    struct dhcp_packet p = packet_of(&r), q;
    for (size_t n = 0; n <= p.size; n++) {
        uint8_t *copy = malloc(n + 1);

        memcpy(copy, p.bytes, n);
        if (dhcp_packet_parse(&q, copy, n)) {
            dhcp_packet_file(&q, file);
            dhcp_packet_next_server(&q);
            dhcp_packet_ip4(&q, 1);
            if (dhcp_packet_option(&q, 43, buf, sizeof(buf), &size))
                assert_int_equal(size, 8);
        }
        free(copy);
    }
    assert_ip(dhcp_packet_ip4(&p, 53), IP(0, 0, 0, 0)); /* one byte is no address */
}

static void vendor_tags(void **state)
{
    static const uint8_t bytes[] = {1, 4, 224, 1, 1, 1, 6, 1, 7, 7, 4, 224, 0, 1, 2, 8, 3, 0, 9, 0,
                                    9, 1, 'x', 10, 2, 3, 'p', 71, 4, 0x80, 1, 0x80, 2, 8, 0, 9, 0, 10, 0};
    static const uint8_t wrong[] = {6, 2, 1, 1, 7, 3, 1, 2, 3, 71, 5, 1, 2, 3, 4, 5};
    struct pxe_vendor v;

    (void)state;
    pxe_vendor_parse(&v, bytes, sizeof(bytes));
    assert_int_equal(v.control, 7);
    assert_ip(v.multicast, IP(224, 0, 1, 2));
    assert_int_equal(v.servers.size, 3); /* the first of two */
    assert_int_equal(v.menu.size, 1);
    assert_int_equal(v.prompt.size, 2);
    assert_true(v.has_item && v.has_mtftp && v.has_discovery);
    assert_int_equal(v.item_type, 0x8001);
    assert_int_equal(v.item_layer, 0x8002);
    pxe_vendor_parse(&v, wrong, sizeof(wrong));
    assert_int_equal(v.control, 0);
    assert_ip(v.multicast, IP(0, 0, 0, 0));
    assert_false(v.has_item || v.has_mtftp);
}

/* Ports are little-endian; a tag of a wrong length counts as missing. */
static void vendor_mtftp(void **state)
{
    static const uint8_t bytes[] = {1, 4, 239, 1, 2, 3, 2, 2, 0xde, 0x06, 3, 2, 0xdf, 0x06, 4, 1, 5, 5, 1, 2, 255};
    static const uint8_t wrong[] = {1, 3, 239, 1, 2, 2, 1, 9, 3, 3, 1, 2, 3, 4, 2, 1, 1, 5, 0, 255};
    static const uint8_t unicast[] = {1, 4, 10, 1, 2, 3, 2, 2, 1, 0, 3, 2, 1, 0};
    static const uint8_t portless[] = {1, 4, 239, 1, 2, 3, 2, 2, 1, 0};
    struct pxe_vendor v;

    (void)state;
    pxe_vendor_parse(&v, bytes, sizeof(bytes));
    assert_ip(v.mtftp.group, IP(239, 1, 2, 3));
    assert_int_equal(v.mtftp.client_port, 1758);
    assert_int_equal(v.mtftp.server_port, 1759);
    assert_int_equal(v.mtftp.listen_s, 5);
    assert_int_equal(v.mtftp.reopen_s, 2);
    assert_true(v.has_mtftp && pxe_mtftp_usable(&v.mtftp));
    pxe_vendor_parse(&v, wrong, sizeof(wrong));
    assert_true(v.has_mtftp);
    assert_memory_equal(&v.mtftp, &(struct pxe_mtftp){0}, sizeof(v.mtftp));
    pxe_vendor_parse(&v, unicast, sizeof(unicast));
    assert_false(pxe_mtftp_usable(&v.mtftp));
    pxe_vendor_parse(&v, portless, sizeof(portless));
    assert_false(pxe_mtftp_usable(&v.mtftp));
}

static void server_list(void **state)
{
    static const uint8_t bytes[] = {0, 9, 1, 10, 0, 0, 1, 0, 10, 0, 0, 9, 2, 10, 0, 0, 2, 10, 0, 0, 3};
    struct tlv t = {8, sizeof(bytes), bytes};

    (void)state;
    assert_true(boot_servers_valid(&t));
    assert_ip(boot_servers_address(&t, 9, 0), IP(10, 0, 0, 1));
    assert_ip(boot_servers_address(&t, 9, 2), IP(10, 0, 0, 3));
    assert_ip(boot_servers_address(&t, 9, 3), IP(0, 0, 0, 0));
    assert_ip(boot_servers_address(&t, 10, 0), IP(0, 0, 0, 0));
    assert_true(boot_servers_allow(&t, 9, IP(10, 0, 0, 3)));
    assert_false(boot_servers_allow(&t, 9, IP(10, 0, 0, 4)));
    assert_true(boot_servers_allow(&t, 10, IP(10, 0, 0, 4))); /* count 0: any */
    assert_false(boot_servers_allow(&t, 11, IP(10, 0, 0, 1)));
    t.size = 20;
    assert_false(boot_servers_valid(&t));
    assert_ip(boot_servers_address(&t, 9, 1), IP(0, 0, 0, 0)); /* nothing out of a cut entry */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cursor_stops_at_the_end),
        cmocka_unit_test(writer_stops_at_the_end),
        cmocka_unit_test(barebox_pad_has_no_length),
        cmocka_unit_test(edk2_sub_option_length_is_checked),
        cmocka_unit_test(header_is_checked),
        cmocka_unit_test(overload_and_split_options),
        cmocka_unit_test(overload_in_file_is_ignored),
        cmocka_unit_test(edk2_file_name_ends_inside),
        cmocka_unit_test(next_server_in_order),
        cmocka_unit_test(truncations_are_harmless),
        cmocka_unit_test(vendor_tags),
        cmocka_unit_test(vendor_mtftp),
        cmocka_unit_test(server_list),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
