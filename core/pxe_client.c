/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The way in: which state's file gets the event. */
#include "core/pxe_internal.h"
#include "core/url.h"

void pxe_output_clear(struct pxe_output *out)
{
    out->packet_size = 0;
    out->probe = (struct ip4){{0, 0, 0, 0}};
    out->configure = false;
    out->redraw = false;
}

void pxe_new_xid(struct pxe_client *c)
{
    c->p.random = c->p.random * 1664525u + 1013904223u;
    c->p.xid = c->p.random ^ c->p.random >> 16;
}

void pxe_fail(struct pxe_client *c, enum pxe_error code, struct ip4 server, struct text *ret_received)
{
    c->state = PXE_FAILED;
    c->wake_ms = UINT64_MAX;
    c->error.code = code;
    c->error.server = server;
    text_init(ret_received, c->error.received, sizeof(c->error.received));
}

void pxe_done(struct pxe_client *c, const char *file, struct ip4 server)
{
    size_t length = file ? text_length(file, sizeof(c->plan.file) - 1) : 0;
    struct url url;

    c->state = PXE_DONE;
    c->wake_ms = UINT64_MAX;
    c->plan.kind = !c->config.want_boot ? BOOT_NONE : file ? BOOT_FILE : BOOT_LOCAL;
    /* Who has a file that is a URL stands in the URL, if only as an address. */
    if (file && url_parse(file, &url) && !ip4_is_zero(url.address))
        server = url.address;
    if (c->plan.kind == BOOT_LOCAL)
        c->plan.local_boot = c->p.vendor.local_boot;
    c->plan.server = server;
    if (file)
        memcpy(c->plan.file, file, length);
    c->plan.file[length] = '\0';
    c->net.boot_server = server;
}

bool pxe_is_answer(const struct pxe_client *c)
{
    const struct dhcp_packet *p = &c->p.received;

    return dhcp_packet_op(p) == DHCP_BOOTREPLY && dhcp_packet_xid(p) == c->p.xid &&
           dhcp_packet_is_for(p, c->config.mac);
}

struct ip4 pxe_server_of(const struct dhcp_packet *p, struct ip4 src)
{
    struct ip4 id = dhcp_packet_ip4(p, DHCP_OPTION_SERVER_ID);

    return ip4_is_zero(id) ? src : id;
}

const struct dhcp_packet *pxe_client_boot_packet(const struct pxe_client *c)
{
    return c->p.named_by;
}

static void client_init(struct pxe_client *c, const struct pxe_client_config *config, struct pxe_output *out)
{
    memset(c, 0, sizeof(*c));
    c->config = *config;
    c->plan.item_type = PXE_NO_ITEM;
    c->p.random = config->random;
    pxe_output_clear(out);
}

void pxe_client_start(struct pxe_client *c, const struct pxe_client_config *config, uint64_t now_ms,
                      struct pxe_output *out)
{
    client_init(c, config, out);
    pxe_lease_begin(c, now_ms, out);
}

void pxe_client_start_cached(struct pxe_client *c, const struct pxe_client_config *config,
                             const struct pxe_cached *cached, uint64_t now_ms, struct pxe_output *out)
{
    client_init(c, config, out);
    if (!pxe_cached_begin(c, cached, now_ms, out))
        pxe_lease_begin(c, now_ms, out);
}

void pxe_client_packet(struct pxe_client *c, struct ip4 src, uint16_t src_port, const uint8_t *data, size_t size,
                       uint64_t now_ms, struct pxe_output *out)
{
    (void)src_port; /* relays and 4011 services answer from ports of their own choice */
    pxe_output_clear(out);
    if (!dhcp_packet_parse(&c->p.received, data, size) || !pxe_is_answer(c))
        return;
    switch (c->state) {
    case PXE_SELECTING:
        pxe_selecting_packet(c, src, now_ms, out);
        break;
    case PXE_REQUESTING:
        pxe_requesting_packet(c, src, now_ms, out);
        break;
    case PXE_PROBING:
        pxe_offer_take_proxy(c, &c->p.received, src);
        break;
    case PXE_PROXY:
        pxe_proxy_packet(c, src, now_ms, out);
        break;
    case PXE_DISCOVERING:
        pxe_discovery_packet(c, src);
        break;
    default:
        break;
    }
}

void pxe_client_timer(struct pxe_client *c, uint64_t now_ms, struct pxe_output *out)
{
    pxe_output_clear(out);
    if (now_ms < c->wake_ms)
        return;
    switch (c->state) {
    case PXE_SELECTING:
        pxe_selecting_timer(c, now_ms, out);
        break;
    case PXE_REQUESTING:
        pxe_requesting_timer(c, now_ms, out);
        break;
    case PXE_PROBING:
        pxe_probing_timer(c, now_ms, out);
        break;
    case PXE_DECLINED:
        pxe_lease_begin(c, now_ms, out);
        break;
    case PXE_PROXY:
        pxe_proxy_timer(c, now_ms, out);
        break;
    case PXE_PROMPTING:
        if (menu_on_timer(&c->menu, now_ms))
            pxe_menu_changed(c, now_ms, out);
        break;
    case PXE_DISCOVERING:
        pxe_discovery_timer(c, now_ms, out);
        break;
    default:
        c->wake_ms = UINT64_MAX;
        break;
    }
}

void pxe_client_key(struct pxe_client *c, enum menu_key key, char character, uint64_t now_ms, struct pxe_output *out)
{
    struct text t;

    pxe_output_clear(out);
    if (c->state != PXE_PROMPTING)
        return;
    if (key == MENU_KEY_ESCAPE) {
        pxe_fail(c, PXE_EA0, (struct ip4){{0, 0, 0, 0}}, &t);
        text_string(&t, "Esc at the boot menu");
        out->redraw = true;
    } else if (menu_on_key(&c->menu, key, character, now_ms)) {
        pxe_menu_changed(c, now_ms, out);
    }
}
