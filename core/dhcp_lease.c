/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/dhcp_lease.h"

#define ASK_TRIES 4
#define ASK_WAIT_MS 4000u
#define SECONDS_MIN 8       /* a lease of no time would have us ask all the time */
#define RETRY_MIN_MS 60000u /* RFC 2131 4.4.5 */

static const struct ip4 BROADCAST = {{255, 255, 255, 255}};
static const uint8_t parameters[] = {DHCP_OPTION_LEASE, DHCP_OPTION_SERVER_ID, DHCP_OPTION_T1, DHCP_OPTION_T2};

static void leave(struct dhcp_lease *l, enum dhcp_lease_news news, struct dhcp_lease_output *out)
{
    l->state = LEASE_LEFT;
    l->wake_ms = UINT64_MAX;
    out->news = news;
}

/* RFC 2131 table 4: the address in ciaddr; no option 50, no option 54. */
static void send_request(struct dhcp_lease *l, uint64_t now_ms, struct dhcp_lease_output *out)
{
    uint64_t seconds = (now_ms - l->p.begun_ms) / 1000;
    uint8_t message = DHCP_REQUEST, max_size[2] = {DHCP_PACKET_MAX >> 8, DHCP_PACKET_MAX & 0xff};
    struct dhcp_header h = {.op = DHCP_BOOTREQUEST,
                            .xid = l->p.xid,
                            .secs = seconds > UINT16_MAX ? UINT16_MAX : (uint16_t)seconds,
                            .ciaddr = l->address,
                            .mac = l->p.mac};
    struct writer w;

    writer_init(&w, out->packet, sizeof(out->packet));
    dhcp_write_header(&w, &h);
    dhcp_write_option(&w, DHCP_OPTION_MESSAGE, &message, 1);
    dhcp_write_option(&w, DHCP_OPTION_MAX_SIZE, max_size, sizeof(max_size));
    dhcp_write_option(&w, DHCP_OPTION_PARAMETERS, parameters, sizeof(parameters));
    dhcp_write_end(&w);
    out->packet_size = w.length;
    out->dst = l->state == LEASE_RENEWING ? l->server : BROADCAST;
    l->p.asked_ms = now_ms;
}

/* Half of what is left of this state, at least a minute, and never past its end. */
static void repeat_before(struct dhcp_lease *l, uint64_t end_ms, uint64_t now_ms)
{
    uint64_t left = end_ms - now_ms, wait = left / 2;

    if (wait < RETRY_MIN_MS)
        wait = RETRY_MIN_MS;
    l->wake_ms = wait < left ? now_ms + wait : end_ms;
}

static void begin(struct dhcp_lease *l, enum dhcp_lease_state state, uint64_t now_ms)
{
    l->state = state;
    l->p.begun_ms = now_ms;
    l->p.xid = l->p.xid * 1664525u + 1013904223u;
}

/* The times count from the question that the server has answered (RFC 2131 4.4.1); its own T1 and T2 hold where they
 * are in order. */
static void bind(struct dhcp_lease *l, uint32_t seconds, uint32_t t1, uint32_t t2, struct dhcp_lease_output *out)
{
    l->seconds = seconds = seconds < SECONDS_MIN ? SECONDS_MIN : seconds;
    if (seconds == DHCP_LEASE_FOR_EVER) {
        leave(l, LEASE_EXTENDED, out);
        return;
    }
    if (t2 == 0 || t2 >= seconds)
        t2 = (uint32_t)((uint64_t)seconds * 7 / 8);
    if (t1 == 0 || t1 >= t2)
        t1 = seconds / 2;
    l->state = LEASE_BOUND;
    l->wake_ms = l->p.asked_ms + (uint64_t)t1 * 1000;
    l->p.rebind_ms = l->p.asked_ms + (uint64_t)t2 * 1000;
    l->p.end_ms = l->p.asked_ms + (uint64_t)seconds * 1000;
    out->news = LEASE_EXTENDED;
}

static void output_init(struct dhcp_lease_output *out)
{
    out->packet_size = 0;
    out->news = LEASE_NO_NEWS;
}

void dhcp_lease_start(struct dhcp_lease *l, struct ip4 address, struct ip4 server, uint32_t seconds,
                      const uint8_t mac[6], uint32_t random, uint64_t now_ms, struct dhcp_lease_output *out)
{
    output_init(out);
    memset(l, 0, sizeof(*l));
    l->address = address;
    l->server = server;
    l->p.xid = random;
    l->p.asked_ms = now_ms;
    memcpy(l->p.mac, mac, 6);
    if (seconds) {
        bind(l, seconds, 0, 0, out);
        out->news = LEASE_NO_NEWS;
        return;
    }
    begin(l, LEASE_ASKED, now_ms);
    dhcp_lease_timer(l, now_ms, out);
}

void dhcp_lease_packet(struct dhcp_lease *l, struct ip4 src, const uint8_t *data, size_t size,
                       struct dhcp_lease_output *out)
{
    struct dhcp_packet packet;
    struct ip4 server;
    uint32_t seconds;

    output_init(out);
    if (l->state == LEASE_BOUND || l->state == LEASE_LEFT || !dhcp_packet_parse(&packet, data, size) ||
        dhcp_packet_op(&packet) != DHCP_BOOTREPLY || dhcp_packet_xid(&packet) != l->p.xid ||
        !dhcp_packet_is_for(&packet, l->p.mac))
        return;
    server = dhcp_packet_ip4(&packet, DHCP_OPTION_SERVER_ID);
    if (ip4_is_zero(server))
        server = src;
    if (dhcp_packet_message(&packet) == DHCP_NAK) {
        l->server = server;
        leave(l, LEASE_REFUSED, out);
        return;
    }
    seconds = dhcp_packet_number(&packet, DHCP_OPTION_LEASE, 4, 0);
    if (dhcp_packet_message(&packet) != DHCP_ACK || !ip4_equal(dhcp_packet_yiaddr(&packet), l->address) || !seconds)
        return;
    l->server = server;
    bind(l, seconds, dhcp_packet_number(&packet, DHCP_OPTION_T1, 4, 0),
         dhcp_packet_number(&packet, DHCP_OPTION_T2, 4, 0), out);
}

static void ask(struct dhcp_lease *l, uint64_t now_ms, struct dhcp_lease_output *out)
{
    if (l->p.tries == ASK_TRIES) {
        leave(l, LEASE_NO_NEWS, out); /* an address that somebody has set by hand, most likely */
        return;
    }
    l->wake_ms = now_ms + ((uint64_t)ASK_WAIT_MS << l->p.tries++);
    send_request(l, now_ms, out);
}

void dhcp_lease_timer(struct dhcp_lease *l, uint64_t now_ms, struct dhcp_lease_output *out)
{
    output_init(out);
    if (now_ms < l->wake_ms)
        return;
    if (l->state == LEASE_ASKED) {
        ask(l, now_ms, out);
        return;
    }
    if (now_ms >= l->p.end_ms) {
        leave(l, LEASE_EXPIRED, out);
        return;
    }
    if (l->state == LEASE_BOUND)
        begin(l, LEASE_RENEWING, now_ms);
    if (now_ms >= l->p.rebind_ms)
        l->state = LEASE_REBINDING;
    repeat_before(l, l->state == LEASE_RENEWING ? l->p.rebind_ms : l->p.end_ms, now_ms);
    send_request(l, now_ms, out);
}
