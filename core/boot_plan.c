/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From PXE data to the next step: a file, the menu, discovery, or an error that says what was received. */
#include "core/progress_line.h"
#include "core/pxe_internal.h"
#include "core/url.h"

static const struct ip4 NOBODY = {{0, 0, 0, 0}};

void pxe_load_vendor(struct pxe_client *c, const struct dhcp_packet *p, bool trusted)
{
    size_t size = 0;

    if (!trusted || !dhcp_packet_option(p, DHCP_OPTION_VENDOR, c->p.option43, sizeof(c->p.option43), &size))
        size = 0;
    pxe_vendor_parse(&c->p.vendor, c->p.option43, size);
}

bool pxe_has_boot_data(const struct dhcp_packet *p)
{
    uint8_t option43[DHCP_PACKET_MAX];
    char file[DHCP_FILE_MAX];
    struct pxe_vendor v;
    size_t size = 0;

    if (dhcp_packet_file(p, file))
        return true;
    if (!dhcp_packet_option(p, DHCP_OPTION_VENDOR, option43, sizeof(option43), &size))
        return false;
    pxe_vendor_parse(&v, option43, size);
    return v.menu.data || v.servers.data;
}

bool pxe_is_own_file(const struct pxe_client *c, const char *file)
{
    const char *own = c->config.own_name, *name = progress_base_name(file);
    size_t n = own ? text_length(own, DHCP_FILE_MAX - 1) : 0;

    if (own && text_length(name, n + 1) == n && bytes_equal(name, own, n))
        return true;
    return c->p.own_file[0] != '\0' && bytes_equal(file, c->p.own_file, text_length(file, DHCP_FILE_MAX - 1) + 1);
}

/* What the configuration has to follow the client itself, from beside it. */
static bool plan_next(struct pxe_client *c, const char *file, struct ip4 server)
{
    const char *next = c->config.next_name;
    char path[DHCP_FILE_MAX];
    struct text t;

    if (!next)
        return false;
    text_init(&t, path, sizeof(path));
    url_resolve(&t, file, next, text_length(next, DHCP_FILE_MAX - 1));
    if (t.cut)
        return false;
    pxe_done(c, path, server);
    return true;
}

void pxe_plan_file(struct pxe_client *c, const char *file, struct ip4 server, struct ip4 answered)
{
    size_t size = text_length(file, DHCP_FILE_MAX - 1);
    struct text t;

    if (pxe_mtftp_usable(&c->p.vendor.mtftp))
        c->plan.mtftp = c->p.vendor.mtftp;
    c->plan.offered_by = answered;
    if (!pxe_is_own_file(c, file)) {
        pxe_done(c, file, server);
        return;
    }
    /* To load it would be to load ourselves for ever. */
    if (plan_next(c, file, server))
        return;
    pxe_fail(c, PXE_E53, answered, &t);
    text_string(&t, "server offers only ");
    text_untrusted(&t, file, size < 64 ? size : 64);
    text_string(&t, ", the client itself");
}

/* EDK2's order: with tag 6 bit 3 the first server of tag 8, else what the header and the options say. */
static struct ip4 file_server(const struct pxe_vendor *v, const struct dhcp_packet *p, struct ip4 src)
{
    struct boot_server_entry entry;
    struct ip4 server = NOBODY;
    struct cursor c;

    cursor_init(&c, v->servers.data, v->servers.size);
    if ((v->control & PXE_FILE_AT_ONCE) && boot_servers_next(&c, &entry) && entry.count > 0)
        server = cursor_ip4(&entry.addresses);
    if (ip4_is_zero(server))
        server = dhcp_packet_next_server(p);
    return ip4_is_zero(server) ? src : server;
}

static void fail_tag(struct pxe_client *c, enum pxe_error code, struct ip4 server, const char *what, unsigned tag,
                     const char *rest)
{
    struct text t;

    pxe_fail(c, code, server, &t);
    text_string(&t, what);
    text_unsigned(&t, tag);
    text_string(&t, rest);
}

static void menu_begin(struct pxe_client *c, struct ip4 server, uint64_t now_ms, struct pxe_output *out)
{
    const struct pxe_vendor *v = &c->p.vendor;
    struct text t;

    if (v->prompt.data && v->prompt.size == 0) {
        fail_tag(c, PXE_E74, server, "option 43 tag ", PXE_TAG_PROMPT, " of 0 bytes: no timeout");
        return;
    }
    if (menu_init(&c->menu, v->menu.data, v->menu.size, v->prompt.data, v->prompt.size, now_ms)) {
        pxe_menu_changed(c, now_ms, out);
        return;
    }
    pxe_fail(c, PXE_E74, server, &t);
    text_string(&t, "option 43 tag 9 of ");
    text_unsigned(&t, v->menu.size);
    text_string(&t, v->menu.size == 0 ? " bytes: no item" : " bytes: it ends inside item ");
    if (v->menu.size > 0)
        text_unsigned(&t, c->menu.count + 1);
}

/* No menu and no file: the first type of the server list is all there is to choose. */
static void discover_first(struct pxe_client *c, struct ip4 server, uint64_t now_ms, struct pxe_output *out)
{
    const struct tlv *servers = &c->p.vendor.servers;
    struct boot_server_entry entry;
    struct cursor list;
    struct text t;

    cursor_init(&list, servers->data, servers->size);
    if (boot_servers_next(&list, &entry)) {
        pxe_discovery_begin(c, entry.type, 0, now_ms, out);
        return;
    }
    pxe_fail(c, PXE_E77, server, &t);
    text_string(&t, "option 43 tag 8 of ");
    text_unsigned(&t, servers->size);
    text_string(&t, " bytes: no whole entry");
}

/* No file, no menu, and nobody to ask for one: what is wrong with what came instead? */
static void fail_no_data(struct pxe_client *c, struct ip4 server)
{
    const struct pxe_vendor *v = &c->p.vendor;
    struct text t;

    if (v->torn) {
        fail_tag(c, v->torn == PXE_TAG_MENU || v->torn == PXE_TAG_PROMPT ? PXE_E74 : PXE_E77, server,
                 "option 43 ends inside its tag ", v->torn, "");
    } else if (v->prompt.data) {
        fail_tag(c, PXE_E74, server, "option 43 tag ", PXE_TAG_PROMPT, ", a prompt, but no menu (tag 9)");
    } else {
        pxe_fail(c, PXE_E53, server, &t);
        text_string(&t, "PXE data with neither boot file name nor menu");
    }
}

void pxe_boot_data(struct pxe_client *c, const struct dhcp_packet *p, struct ip4 src, bool asked, uint64_t now_ms,
                   struct pxe_output *out)
{
    const struct pxe_vendor *v = &c->p.vendor;
    struct ip4 server = pxe_server_of(p, src);
    char file[DHCP_FILE_MAX];

    pxe_load_vendor(c, p, asked || dhcp_packet_is_pxe(p));
    c->p.told_by = server;
    if (dhcp_packet_file(p, file) && (!v->menu.data || (v->control & PXE_FILE_AT_ONCE))) {
        c->p.named_by = p;
        pxe_plan_file(c, file, file_server(v, p, src), server);
    } else if (v->menu.data) {
        menu_begin(c, server, now_ms, out);
    } else if (v->servers.data && !v->torn) {
        discover_first(c, server, now_ms, out);
    } else {
        fail_no_data(c, server);
    }
}

void pxe_menu_changed(struct pxe_client *c, uint64_t now_ms, struct pxe_output *out)
{
    uint16_t type = c->menu.items[c->menu.selected].type;
    /* A choice without a prompt was never on the screen. */
    bool was_shown = c->state == PXE_PROMPTING;

    out->redraw = was_shown || c->menu.mode != MENU_CHOSEN;
    if (c->menu.mode != MENU_CHOSEN) {
        c->state = PXE_PROMPTING;
        c->wake_ms = c->menu.wake_ms;
        return;
    }
    c->plan.item_type = type;
    if (type == 0)
        pxe_done(c, NULL, NOBODY);
    else
        pxe_discovery_begin(c, type, 0, now_ms, out);
}
