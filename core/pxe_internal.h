/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of the PXE client share; nobody else includes it. Every handler may set c->wake_ms, fill *out and
 * change the state; a new state is entered only by the functions named *_begin, pxe_fail and pxe_done. */
#ifndef SLIPWAY_CORE_PXE_INTERNAL_H
#define SLIPWAY_CORE_PXE_INTERNAL_H

#include "core/pxe_client.h"

#define PXE_NO_ITEM 0xffff
#define PXE_LAYER_MASK 0x7fff /* of tag 71's layer; bit 15: credentials */
/* A server that always says NAK, never ACK, or whose every address is taken, must come to an end. */
#define PXE_RESTARTS 3

/* What a packet holds for a boot, in EDK2's order of preference for packets of an IP server. */
enum pxe_data {
    PXE_DATA_NONE,
    PXE_DATA_BOOTP, /* no DHCP message, a file name */
    PXE_DATA_FILE,  /* a file name, but no "PXEClient" */
    PXE_DATA_BINL,  /* "PXEClient" and no more: ask on 4011 */
    PXE_DATA_MTFTP, /* "PXEClient", a file name, multicast TFTP settings */
    PXE_DATA_PXE,   /* "PXEClient" and a file name or discovery settings */
};

/* pxe_client.c */
void pxe_output_clear(struct pxe_output *out);
void pxe_new_xid(struct pxe_client *c);
/* Enters PXE_FAILED; what is to be told of the cause is written to *ret_received afterwards. */
void pxe_fail(struct pxe_client *c, enum pxe_error code, struct ip4 server, struct text *ret_received);
/* Enters PXE_DONE; `file` NULL: local boot, or no boot at all when want_boot is false. */
void pxe_done(struct pxe_client *c, const char *file, struct ip4 server);
/* c->p.received answers the question c->p.xid of this client. */
bool pxe_is_answer(const struct pxe_client *c);
/* Option 54, else the sender. */
struct ip4 pxe_server_of(const struct dhcp_packet *p, struct ip4 src);

/* pxe_offer.c */
enum pxe_data pxe_classify(const struct dhcp_packet *p);
/* Keeps the packet if it is the best of its kind. Returns false when it is no offer. */
bool pxe_offer_take(struct pxe_client *c, const struct dhcp_packet *p, struct ip4 src, uint64_t now_ms);
/* The same for a ProxyDHCP's offer, which is welcome as long as the address is not in use yet. */
bool pxe_offer_take_proxy(struct pxe_client *c, const struct dhcp_packet *p, struct ip4 src);
/* Nothing better can come. */
bool pxe_offer_complete(const struct pxe_client *c);
/* The boot comes from the ProxyDHCP, not from the server that gives the address. */
bool pxe_offer_prefers_proxy(const struct pxe_client *c);
/* When to go on without a ProxyDHCP; UINT64_MAX: there is no IP offer. */
uint64_t pxe_offer_deadline(const struct pxe_client *c);

/* pxe_lease.c */
void pxe_lease_begin(struct pxe_client *c, uint64_t now_ms, struct pxe_output *out);
void pxe_selecting_packet(struct pxe_client *c, struct ip4 src, uint64_t now_ms, struct pxe_output *out);
void pxe_selecting_timer(struct pxe_client *c, uint64_t now_ms, struct pxe_output *out);
void pxe_requesting_packet(struct pxe_client *c, struct ip4 src, uint64_t now_ms, struct pxe_output *out);
void pxe_requesting_timer(struct pxe_client *c, uint64_t now_ms, struct pxe_output *out);
/* Takes the address of c->p.ack into use and goes on to the boot data. */
void pxe_lease_accept(struct pxe_client *c, uint64_t now_ms, struct pxe_output *out);

/* pxe_probe.c */
void pxe_probe_begin(struct pxe_client *c, uint64_t now_ms, struct pxe_output *out);
void pxe_probing_timer(struct pxe_client *c, uint64_t now_ms, struct pxe_output *out);

/* pxe_net.c */
/* True for an address that a host can have. */
bool pxe_is_host_address(struct ip4 a);
void pxe_net_from_ack(struct net_config *ret, const struct dhcp_packet *ack);

/* pxe_cached.c */
/* Returns false, with the lease kept if there is one, when the caller has to begin with a DISCOVER. */
bool pxe_cached_begin(struct pxe_client *c, const struct pxe_cached *cached, uint64_t now_ms, struct pxe_output *out);

/* pxe_proxy.c: asks as often as c->p.from_cache allows. */
void pxe_proxy_begin(struct pxe_client *c, struct ip4 server, uint64_t now_ms, struct pxe_output *out);
void pxe_proxy_packet(struct pxe_client *c, struct ip4 src, uint64_t now_ms, struct pxe_output *out);
void pxe_proxy_timer(struct pxe_client *c, uint64_t now_ms, struct pxe_output *out);

/* boot_plan.c */
/* Reads option 43 of `p` into c->p.vendor, or empties that when !trusted (not a PXE packet: it is another vendor's). */
void pxe_load_vendor(struct pxe_client *c, const struct dhcp_packet *p, bool trusted);
/* Decides by PXE data what comes next: a file, the menu, discovery, an error. `asked`: the packet answers a question on
 * 4011, so that its option 43 is PXE's even without option 60. */
void pxe_boot_data(struct pxe_client *c, const struct dhcp_packet *p, struct ip4 src, bool asked, uint64_t now_ms,
                   struct pxe_output *out);
/* A file name, a menu or a server list, wherever it came from. */
bool pxe_has_boot_data(const struct dhcp_packet *p);
/* Plans `file`, unless it is this client itself. c->p.vendor is that of the packet which names it. */
/* The file that the firmware has loaded: this client. */
bool pxe_is_own_file(const struct pxe_client *c, const char *file);
void pxe_plan_file(struct pxe_client *c, const char *file, struct ip4 server, struct ip4 answered);
/* Shows the menu's state; acts on it once an item is chosen. */
void pxe_menu_changed(struct pxe_client *c, uint64_t now_ms, struct pxe_output *out);

/* pxe_discovery.c */
/* Tag 71 of a boot server's reply, the layer without its credentials bit: what comes with credentials (BIS) is the same
 * file. False, nothing filled, when the tag is missing. */
bool pxe_boot_item(const struct dhcp_packet *p, uint16_t *ret_type, uint16_t *ret_layer);
void pxe_discovery_begin(struct pxe_client *c, uint16_t type, uint16_t layer, uint64_t now_ms, struct pxe_output *out);
void pxe_discovery_packet(struct pxe_client *c, struct ip4 src);
void pxe_discovery_timer(struct pxe_client *c, uint64_t now_ms, struct pxe_output *out);

/* pxe_question.c: packets to send, into *out. */
/* Appends what every PXE packet says of the client: options 60, 77, 93, 94, 97. */
void pxe_write_identity(struct writer *w, const struct pxe_client_config *config);
/* Appends option 43 with nothing but tag 71. */
void pxe_write_item(struct writer *w, uint16_t type, uint16_t layer);
void pxe_send_discover(const struct pxe_client *c, struct pxe_output *out);
void pxe_send_request(const struct pxe_client *c, struct pxe_output *out);
void pxe_send_decline(const struct pxe_client *c, struct pxe_output *out);
void pxe_send_proxy_request(const struct pxe_client *c, struct ip4 server, struct pxe_output *out);
void pxe_send_boot_request(const struct pxe_client *c, struct ip4 server, uint16_t port, struct pxe_output *out);

#endif
