/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The states PXE_PROBING and PXE_DECLINED: has somebody the address already that the server has just given? (RFC 2131
 * 3.1 step 5 and 4.4.1)
 *
 * RFC 5227 would listen for up to seven seconds, which nobody wants to add to every boot. Whoever has an address on a
 * wired network answers in a millisecond; the second probe makes up for a lost packet. */
#include "core/pxe_internal.h"

#define PROBES 2
#define PROBE_WAIT_MS 75
/* RFC 2131 3.1 step 5: "a minimum of ten seconds", so that a server which offers the same again is not run over. */
#define DECLINE_WAIT_MS 10000

static void send_probe(struct pxe_client *c, uint64_t now_ms, struct pxe_output *out)
{
    c->p.tries++;
    c->wake_ms = now_ms + PROBE_WAIT_MS;
    out->probe = dhcp_packet_yiaddr(&c->p.ack);
}

void pxe_probe_begin(struct pxe_client *c, uint64_t now_ms, struct pxe_output *out)
{
    c->state = PXE_PROBING;
    c->p.tries = 0;
    send_probe(c, now_ms, out);
}

void pxe_probing_timer(struct pxe_client *c, uint64_t now_ms, struct pxe_output *out)
{
    if (c->p.tries < PROBES)
        send_probe(c, now_ms, out);
    else
        pxe_lease_accept(c, now_ms, out);
}

void pxe_client_conflict(struct pxe_client *c, const uint8_t mac[6], uint64_t now_ms, struct pxe_output *out)
{
    struct text t;

    pxe_output_clear(out);
    if (c->state != PXE_PROBING)
        return;
    pxe_send_decline(c, out);
    if (c->p.restarts < PXE_RESTARTS) {
        c->p.restarts++;
        c->state = PXE_DECLINED;
        c->wake_ms = now_ms + DECLINE_WAIT_MS;
        return;
    }
    pxe_fail(c, SLIPWAY_E06, c->p.ip_offer.server, &t);
    text_ip4(&t, dhcp_packet_yiaddr(&c->p.ack));
    text_string(&t, ", but ");
    text_mac(&t, mac, ':');
    text_string(&t, " has it");
}
