/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The boot client from nothing to a boot plan: DHCP, ProxyDHCP on 67 and 4011, prompt and menu, boot-server discovery.
 *
 *   DISCOVER -> offers (DHCP, ProxyDHCP, both in one)              broadcast, 68 -> 67
 *   REQUEST  -> ACK
 *   ARP probe, 150 ms of silence                                   the address is in force from here (out.configure)
 *              somebody answers -> DECLINE, 10 s, DISCOVER
 *   REQUEST  -> ACK from the ProxyDHCP, when its offer had no boot file   unicast, 68 -> 4011
 *              silence -> the same to the next ProxyDHCP that made an offer
 *   prompt, F8, menu (option 43 tags 9 and 10)                     keys and time
 *   REQUEST with tag 71 -> ACK with the same tag 71                boot-server discovery as tag 6 allows
 *   plan: a file on a server, or the local disk, or an error
 *
 * The caller owns sockets, clock and screen; the machine says what to send, when to be woken and what to show. */
#ifndef SLIPWAY_CORE_PXE_CLIENT_H
#define SLIPWAY_CORE_PXE_CLIENT_H

#include "core/base.h"
#include "core/error.h"
#include "core/net_config.h"
#include "core/menu.h"
#include "core/dhcp_packet.h"
#include "core/pxe_vendor.h"

struct pxe_client_config {
    uint8_t mac[6];
    bool has_uuid;
    uint8_t uuid[16]; /* SMBIOS order: the first three fields little-endian, as option 97 wants them */
    bool want_boot;   /* false: an address is all that is wanted (the agent): no PXE options, no 4011, no plan */
    uint16_t arch;    /* option 93; 7 = UEFI x64, 0 = BIOS */
    uint8_t undi_major, undi_minor;
    const char *user_class; /* option 77, for example "Slipway"; NULL: none. Must outlive the client. */
    const char *own_name;   /* a file of this name is this client too; NULL: only the cached packets tell */
    const char *next_name;  /* of a file to load where the network offers this client and nothing else: from the same
                             * server and folder; NULL: that is PXE_E53. Both must outlive the client. */
    bool has_next_layer;    /* this client may be what a boot item begins with: where a boot server names it, the item's next
                             * layer (tag 71) is asked for, once, before anything else is made of the answer */
    bool can_probe;         /* the caller obeys out.probe: a new address is probed before it is used */
    uint32_t random;        /* seeds transaction ids; must differ from machine to machine and boot to boot */
};

enum pxe_state {
    PXE_IDLE,
    PXE_SELECTING,   /* DISCOVER sent, collecting offers */
    PXE_REQUESTING,  /* REQUEST sent, waiting for the ACK */
    PXE_PROBING,     /* has somebody the address already? */
    PXE_DECLINED,    /* somebody has; waiting before the next DISCOVER */
    PXE_PROXY,       /* asking the ProxyDHCP on 4011 */
    PXE_PROMPTING,   /* prompt or menu on the screen; see .menu */
    PXE_DISCOVERING, /* asking boot servers for the chosen item */
    PXE_DONE,        /* see .plan */
    PXE_FAILED,      /* see .error */
};

enum boot_plan_kind {
    BOOT_LOCAL, /* the disk's own system */
    BOOT_FILE,  /* .file from .server by TFTP, or by MTFTP when .mtftp has a group; by HTTP when .file is a URL */
    BOOT_NONE,  /* want_boot was false: there is an address and no more */
};

struct boot_plan {
    enum boot_plan_kind kind;
    struct ip4 server;
    struct ip4 offered_by;             /* of BOOT_FILE: whose packet named the file; zero: unknown */
    char file[256];                    /* goes to the server as it came, to a screen only by text_untrusted */
    uint16_t item_type;                /* boot item chosen, tag 71; 0xffff: there was no menu */
    uint16_t item_layer;               /* which of its files .file is, from 0 */
    enum local_boot_policy local_boot; /* of BOOT_LOCAL: what the server wants, if it said */
    struct pxe_mtftp mtftp; /* for core/mtftp.h, from the packet that named the file; group zero: none, or unusable */
};

struct pxe_output {
    /* One datagram to send, if packet_size > 0. Source port 68, source address 0.0.0.0 while the client has none. */
    size_t packet_size;
    struct ip4 dst; /* 255.255.255.255: broadcast */
    uint16_t dst_port;
    uint8_t packet[DHCP_PACKET_MAX];
    struct ip4 probe; /* not zero: broadcast an ARP probe for it (core/arp.h), and see pxe_client_conflict */
    bool configure;   /* set on the one step that brought the lease: bring up client.net */
    bool redraw;      /* .menu changed: draw it again */
};

struct pxe_client {
    struct pxe_client_config config;
    enum pxe_state state;
    uint64_t wake_ms;      /* call pxe_client_timer at this time */
    struct net_config net; /* valid from PXE_PROXY on, or once out.configure was set */
    struct menu menu;      /* valid in PXE_PROMPTING */
    struct boot_plan plan; /* valid in PXE_DONE */
    struct error_detail error;
    struct pxe_client_private { /* for pxe_internal.h's files; points into itself: a client must not be copied */
        uint32_t random, xid;
        uint16_t secs; /* header field of the present transaction */
        unsigned tries, restarts;
        uint64_t started_ms, resend_ms;
        uint64_t ip_offer_ms; /* when the first IP offer came */
        struct pxe_offer {
            struct dhcp_packet packet; /* empty: none */
            struct ip4 server;         /* option 54, else the sender */
            uint8_t data;              /* enum pxe_data */
        } ip_offer, proxy_offer;
        struct ip4 proxies[4];            /* who has made a ProxyDHCP offer, in order of arrival */
        unsigned proxy_count, proxy_next; /* in .proxies; next: to be asked when another is silent */
        struct dhcp_packet received, ack, reply;
        const struct dhcp_packet *named_by; /* one of those in here; NULL: no file was named */
        struct ip4 asked;             /* whom the question on 4011 went to */
        bool from_cache;              /* the question rests on the firmware's packets: short tries, else DISCOVER */
        bool cached_menu;             /* the menu is from the firmware's packets */
        char own_file[DHCP_FILE_MAX]; /* what the firmware loaded, that is this client; empty: unknown */
        uint8_t option43[DHCP_PACKET_MAX];
        struct pxe_vendor vendor; /* points into option43 */
        struct ip4 told_by;       /* who sent .vendor */
        uint16_t item_type;       /* under discovery */
        uint16_t item_layer;
        bool next_layer;          /* .item_layer is the one behind the client's own, which .reply of own_from names */
        struct ip4 own_from;
        struct ip4 item_server;   /* asked first in discovery; zero: none */
        struct ip4 nameless;      /* a boot server that answered without a file name; zero: none */
        unsigned method, server_index, round;
    } p;
};

/* Begins with a DISCOVER. */
void pxe_client_start(struct pxe_client *c, const struct pxe_client_config *config, uint64_t now_ms,
                      struct pxe_output *out);

/* Begins from packets that the firmware's own PXE client has collected (EFI_PXE_BASE_CODE_MODE, GET_CACHED_INFO). Each
 * may be empty (size 0): ack = the DHCPACK; proxy = the ProxyDHCP offer or the DHCPACK from 4011; boot_server = the
 * boot server's reply, if the firmware did discovery (in the place of proxy it is known by its boot item). A lease in
 * ack is kept (out.configure). A menu is used as it is. A mere file name is what the firmware has loaded, that is this
 * client: with config.user_class the ProxyDHCP is asked again on 4011 (a boot server for the same item by discovery),
 * and when there is none, or it is silent for a second, the client starts from DISCOVER with the lease's address as its
 * wish (out.configure comes once more then). An answer that names the same file again is PXE_E53 (a boot server's:
 * DISCOVER, too). Without config.user_class a file name is used as it is. Packets that are malformed or for another
 * machine count as empty. They are not needed after the call.
 */
struct pxe_cached {
    const uint8_t *ack, *proxy, *boot_server;
    size_t ack_size, proxy_size, boot_server_size;
    bool stale; /* they have been tried: only what they say of the file that this client is still holds, and the client
                 * begins with a DISCOVER */
};
void pxe_client_start_cached(struct pxe_client *c, const struct pxe_client_config *config,
                             const struct pxe_cached *cached, uint64_t now_ms, struct pxe_output *out);

/* A UDP datagram for port 68 arrived. Anything that is not for this client is ignored. */
void pxe_client_packet(struct pxe_client *c, struct ip4 src, uint16_t src_port, const uint8_t *data, size_t size,
                       uint64_t now_ms, struct pxe_output *out);

/* In PXE_PROBING: the machine with this MAC has the address that out.probe named (core/arp.h knows). The address is
 * declined, and the client begins again after ten seconds, or ends with SLIPWAY_E06. Other states take no notice. */
void pxe_client_conflict(struct pxe_client *c, const uint8_t mac[6], uint64_t now_ms, struct pxe_output *out);

/* Call when now_ms >= c->wake_ms. May set another packet to send; call again as long as wake_ms <= now_ms. */
void pxe_client_timer(struct pxe_client *c, uint64_t now_ms, struct pxe_output *out);

/* A key was pressed (see enum menu_key); only PXE_PROMPTING cares. */
void pxe_client_key(struct pxe_client *c, enum menu_key key, char character, uint64_t now_ms, struct pxe_output *out);

/* In PXE_DONE with BOOT_FILE: the packet that named the file, as it came; the client's own. What a firmware's PXE client keeps
 * for the program that it loads (EFI_PXE_BASE_CODE_MODE.PxeReply, GET_CACHED_INFO). */
const struct dhcp_packet *pxe_client_boot_packet(const struct pxe_client *c);

/* In PXE_DONE: appends one line, without its end, that says which address the client has, from whom, and what is
 * booted. */
void pxe_client_summary(const struct pxe_client *c, struct text *t);

#endif
