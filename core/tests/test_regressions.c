/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Defects that other boot clients had in the field, tried on this one. A test's name says whose and which; the table in
 * docs/threat-model.md names them all, with those that stand beside their subject. */
#include "core/http_response.h"
#include "core/tests/sim.h"
#include "core/tftp.h"
#include "core/url.h"

static const struct sim_reply FILE_OFFER = {
    .message = DHCP_OFFER, .server = SIM_DHCP, .yiaddr = SIM_ADDRESS, .siaddr = SIM_BOOT, .file = "a.efi", .pxe = true};
static const struct sim_reply FILE_ACK = {
    .message = DHCP_ACK, .server = SIM_DHCP, .yiaddr = SIM_ADDRESS, .siaddr = SIM_BOOT, .file = "a.efi", .pxe = true};

/* EDK2 walks option 43 with an offset of one byte. Joined from several instances (RFC 3396) it can have more than 255
 * bytes, and what stands behind them counts. */
static void edk2_option43_offset_does_not_wrap(void **state)
{
    uint8_t bytes[700] = {0};
    struct pxe_vendor v;
    size_t at = 0;

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        bytes[at] = 64; /* Intel's loader, of no interest here */
        bytes[at + 1] = 255;
        at += 257;
    }
    memcpy(bytes + at, "\6\1\3\11\4\0\11\1x\377", 10);
    pxe_vendor_parse(&v, bytes, at + 10);
    assert_int_equal(v.control, 3);
    assert_int_equal(v.menu.size, 4);
    assert_int_equal(v.torn, 0);
    pxe_vendor_parse(&v, bytes, at + 6);
    assert_null(v.menu.data);
    assert_int_equal(v.torn, 9);
}

/* edk2: the length of a sub-option goes unchecked. Whatever length a tag claims, in memory of exactly the option's
 * size. */
static void edk2_option43_suboption_length(void **state)
{
    (void)state;
    for (unsigned code = 0; code < 256; code++) {
        for (unsigned claimed = 0; claimed < 256; claimed += claimed < 12 ? 1 : 27) {
            uint8_t *bytes = malloc(12);
            struct pxe_vendor v;

            memset(bytes, 0, 12);
            bytes[0] = (uint8_t)code;
            bytes[1] = (uint8_t)claimed;
            pxe_vendor_parse(&v, bytes, 12);
            if (code != 0 && code != 255)
                assert_int_equal(v.torn, claimed > 10 ? code : 0);
            free(bytes);
        }
    }
}

/* limine copies what arrives without looking at the announced size: it ends the transfer here, and nothing is stored.
 */
static void limine_data_beyond_the_announced_size(void **state)
{
    static const struct tftp_config config = {.server = SIM_BOOT,
                                              .file = "f",
                                              .blksize = 1468,
                                              .windowsize = 4,
                                              .max_size = 1000000,
                                              .timeout_ms = 1000,
                                              .retries = 5};
    static const uint8_t oack[] = "\0\6tsize\0"
                                  "600";
    uint8_t block[516] = {0, 3, 0, 1};
    struct tftp_output out;
    struct tftp t;

    (void)state;
    tftp_start(&t, &config, 0, &out);
    tftp_packet(&t, SIM_BOOT, 3000, oack, sizeof(oack), 0, &out);
    assert_true(out.size_known);
    tftp_packet(&t, SIM_BOOT, 3000, block, sizeof(block), 0, &out);
    assert_int_equal(out.data_size, 512);
    block[3] = 2;
    tftp_packet(&t, SIM_BOOT, 3000, block, sizeof(block), 0, &out);
    assert_int_equal(t.state, TFTP_FAILED);
    assert_int_equal(t.error.code, PXE_E3A);
    assert_null(out.data);
    assert_int_equal(t.received, 512);
}

/* Some ROMs fail when a ProxyDHCP answers at once (dnsmasq has --dhcp-reply-delay for them), others when it is late:
 * neither matters, before or after the address. */
static void proxy_that_answers_at_once_or_late(void **state)
{
    static const struct sim_reply proxy = {
        .message = DHCP_OFFER, .server = SIM_PROXY, .siaddr = SIM_BOOT, .file = "proxy.efi", .pxe = true};
    struct sim s = {.proxy_offer = &proxy, .offer = &SIM_PLAIN_OFFER, .ack = &SIM_PLAIN_ACK, .offer_delay = 3900};

    (void)state;
    sim_start(&s);
    sim_run(&s);
    assert_file(&s, "proxy.efi", SIM_BOOT);
    assert_int_equal(s.now, 3900);
    s = (struct sim){.offer = &SIM_PLAIN_OFFER, .ack = &SIM_PLAIN_ACK};
    sim_start(&s);
    sim_run_until(&s, 11900);
    assert_int_equal(s.client.state, PXE_SELECTING);
    sim_deliver(&s, &proxy, SIM_PROXY, 67);
    assert_file(&s, "proxy.efi", SIM_BOOT);
}

/* dnsmasq leaves option 43 out of a UEFI client's offer and keeps it for 4011; a single item goes into `file` there,
 * with the server's address spelled out in sname. */
static void dnsmasq_single_item_in_the_file_field(void **state)
{
    static const uint8_t control[] = {6, 1, 8, 255};
    static const struct sim_reply answer = {.message = DHCP_ACK,
                                            .server = SIM_PROXY,
                                            .file = "slipway.conf",
                                            .option43 = control,
                                            .option43_size = 4,
                                            .pxe = true};
    struct sim s = {.offer = &SIM_PLAIN_OFFER, .ack = &SIM_PLAIN_ACK, .proxy_offer = &SIM_BINL_OFFER};
    uint8_t bytes[DHCP_PACKET_MAX];
    size_t size;

    (void)state;
    sim_start(&s);
    assert_int_equal(s.client.state, PXE_PROXY);
    size = sim_build(&answer, dhcp_packet_xid(&s.last), bytes);
    memcpy(bytes + 44, "10.77.0.3", 9);
    pxe_client_packet(&s.client, SIM_PROXY, 4011, bytes, size, s.now, &s.out);
    sim_account(&s);
    assert_file(&s, "slipway.conf", SIM_BOOT);
}

/* ipxe#954: with dnsmasq's proxy iPXE goes round in circles. The file that is this client itself ends in an error. */
static void ipxe_954_own_file_is_no_loop(void **state)
{
    static const struct sim_reply self = {.message = DHCP_ACK, .server = SIM_PROXY, .file = "slipway.efi", .pxe = true};
    struct pxe_cached cached = {0};
    struct sim s = {.config = sim_config(), .proxy_ack = &self};
    uint8_t ack[DHCP_PACKET_MAX], proxy[DHCP_PACKET_MAX];

    (void)state;
    cached.ack = ack;
    cached.ack_size = sim_build(&SIM_PLAIN_ACK, 1, ack);
    cached.proxy = proxy;
    cached.proxy_size = sim_build(&self, 1, proxy);
    pxe_client_start_cached(&s.client, &s.config, &cached, 0, &s.out);
    sim_account(&s);
    sim_run(&s);
    assert_error(&s, PXE_E53, SIM_PROXY, "slipway.efi, the client itself");
}

/* PixieFail's underflows and overflows (CVE-2023-45229, 45230, 45234, 45235) are lengths of options believed: every
 * option that is read, in every length, in offer and ACK. */
static void pixiefail_option_lengths(void **state)
{
    static const uint8_t codes[] = {1, 3, 6, 12, 15, 26, 43, 51, 52, 53, 54, 56, 60, 66, 67, 97};
    uint8_t extra[257];

    (void)state;
    for (unsigned i = 0; i < sizeof(codes); i++) {
        for (unsigned size = 0; size < 256; size += size < 20 || size > 250 ? 1 : 23) {
            struct sim_reply offer = FILE_OFFER, ack = FILE_ACK;
            struct sim s = {.offer = &offer, .ack = &ack};

            memset(extra, codes[i] == 52 ? 3 : 'a', sizeof(extra));
            extra[0] = codes[i];
            extra[1] = (uint8_t)size;
            offer.extra = ack.extra = extra;
            offer.extra_size = ack.extra_size = size + 2;
            sim_start(&s);
            sim_run(&s);
            assert_true(sim_over(&s));
            assert_true(strlen(s.client.net.host_name) < sizeof(s.client.net.host_name));
            assert_true(strlen(s.client.net.domain) < sizeof(s.client.net.domain));
        }
    }
}

/* PixieFail's endless loops (CVE-2023-45232, 45233) are padding and options that do not move the walk on. */
static void pixiefail_walks_end(void **state)
{
    static const uint8_t fillings[][2] = {{0, 0}, {1, 0}, {43, 0}, {52, 1}, {52, 0}, {67, 0}, {255, 255}};
    struct sim_reply r = FILE_OFFER;
    uint8_t bytes[DHCP_PACKET_MAX];

    (void)state;
    for (unsigned i = 0; i < sizeof(fillings) / sizeof(fillings[0]); i++) {
        struct dhcp_packet p;
        struct dhcp_walk walk;
        struct tlv item;
        unsigned steps = 0;

        sim_build(&r, 1, bytes);
        memcpy(bytes + 240, "\64\1\3", 3); /* file and sname, too */
        for (size_t at = 243; at < sizeof(bytes); at++)
            bytes[at] = fillings[i][at % 2];
        for (size_t at = 44; at < 236; at++)
            bytes[at] = fillings[i][at % 2];
        assert_true(dhcp_packet_parse(&p, bytes, sizeof(bytes)));
        dhcp_walk_init(&walk, &p);
        while (dhcp_walk_next(&walk, &item))
            assert_true(++steps < sizeof(bytes));
    }
}

/* PixieFail's weak randomness (CVE-2023-45236, 45237): transaction numbers are no sequence, and differ from machine to
 * machine whose seeds are neighbours. */
static void pixiefail_transaction_numbers(void **state)
{
    enum { SEEDS = 512 };
    static uint32_t seen[SEEDS];

    (void)state;
    for (uint32_t seed = 0; seed < SEEDS; seed++) {
        struct sim s = {.config = sim_config()};

        s.config.random = 0x5eed0000 + seed;
        sim_start(&s);
        seen[seed] = dhcp_packet_xid(&s.last);
        for (uint32_t i = 0; i < seed; i++)
            assert_true(seen[i] != seen[seed]);
        if (seed > 0)
            assert_true(seen[seed] - seen[seed - 1] > 0xffff && seen[seed - 1] - seen[seed] > 0xffff);
    }
}

/* GRUB's CVE-2025-0624 copies a name from the server into a buffer without its size. Names of every length, in option
 * 67 and, joined by the client, in front of a relative path. */
static void grub_cve_2025_0624_long_names(void **state)
{
    uint8_t extra[2 * 257];
    char name[600], path[64];
    struct text t;

    (void)state;
    for (unsigned size = 1; size <= 400; size++) {
        struct sim_reply offer = FILE_OFFER, ack = FILE_ACK;
        struct sim s = {.offer = &offer, .ack = &ack};
        unsigned first = size < 255 ? size : 255;

        memset(extra, 'n', sizeof(extra));
        extra[0] = extra[2 + first] = 67;
        extra[1] = (uint8_t)first;
        extra[3 + first] = (uint8_t)(size - first);
        offer.extra = ack.extra = extra;
        offer.extra_size = ack.extra_size = size > first ? size + 4 : size + 2;
        sim_start(&s);
        sim_run(&s);
        assert_true(sim_over(&s));
        if (size <= 255)
            assert_int_equal(strlen(s.client.plan.file), size);
        else
            assert_true(strlen(s.client.plan.file) <= strlen("a.efi")); /* never a part of a name */
    }
    memset(name, 'd', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    text_init(&t, path, sizeof(path));
    url_resolve(&t, "folder/entry.conf", name, sizeof(name) - 1);
    assert_true(t.cut && path[sizeof(path) - 1] == '\0');
}

/* shim's CVE-2023-40547 trusts the length that an HTTP server announces for the buffer, and the body for the copy;
 * GRUB's CVE-2022-28734 writes behind a header line. */
static void shim_cve_2023_40547_http_lengths(void **state)
{
    static const char *const lengths[] = {
        "10", "+10", "-1",    "0x10", "18446744073709551615", "18446744073709551626", "99999999999999999999999999",
        "",   " ",   "10 10", "1e3"};
    struct http_response r;

    (void)state;
    for (unsigned i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        http_response_init(&r);
        http_response_field(&r, "Content-Length", lengths[i]);
        assert_int_equal(http_response_begin(&r, 200, 1000), i == 0);
    }
    http_response_init(&r);
    http_response_field(&r, "Content-Length", "10");
    assert_true(http_response_begin(&r, 200, 1000));
    assert_true(http_response_body(&r, 10));
    assert_false(http_response_body(&r, 1));
    assert_int_equal(r.error.code, PXE_E3A);
    assert_int_equal(r.received, 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(edk2_option43_offset_does_not_wrap),
        cmocka_unit_test(edk2_option43_suboption_length),
        cmocka_unit_test(limine_data_beyond_the_announced_size),
        cmocka_unit_test(proxy_that_answers_at_once_or_late),
        cmocka_unit_test(dnsmasq_single_item_in_the_file_field),
        cmocka_unit_test(ipxe_954_own_file_is_no_loop),
        cmocka_unit_test(pixiefail_option_lengths),
        cmocka_unit_test(pixiefail_walks_end),
        cmocka_unit_test(pixiefail_transaction_numbers),
        cmocka_unit_test(grub_cve_2025_0624_long_names),
        cmocka_unit_test(shim_cve_2023_40547_http_lengths),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
