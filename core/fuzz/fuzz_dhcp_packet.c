/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One input is one datagram, handed to everything that reads packets. */
#include <stdlib.h>

#include "core/confirmation.h"
#include "core/menu.h"
#include "core/pxe_internal.h"

static void show_menu(const struct pxe_vendor *v)
{
    static const enum menu_key keys[] = {MENU_KEY_F8, MENU_KEY_PAGE_DOWN, MENU_KEY_END, MENU_KEY_UP, MENU_KEY_HOME};
    char line[100];
    struct menu m;

    if (!v->menu.data || !menu_init(&m, v->menu.data, v->menu.size, v->prompt.data, v->prompt.size, 0))
        return;
    for (unsigned k = 0; k < sizeof(keys) / sizeof(keys[0]); k++) {
        for (unsigned i = 0; i <= menu_line_count(&m); i++) {
            struct text t;
            bool highlight;

            text_init(&t, line, sizeof(line));
            menu_line(&m, i, 500, &t, &highlight);
        }
        menu_on_key(&m, keys[k], 0, 500);
        if (m.selected >= m.count)
            abort();
    }
}

static void read_servers(const struct pxe_vendor *v)
{
    for (unsigned n = 0; n < 4; n++) {
        struct ip4 a = boot_servers_address(&v->servers, v->item_type, n);

        if (!ip4_is_zero(a) && !boot_servers_allow(&v->servers, v->item_type, a))
            abort();
    }
    boot_servers_valid(&v->servers);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t option43[DHCP_PACKET_MAX];
    char file[DHCP_FILE_MAX];
    struct confirmation confirmation;
    struct net_config net;
    struct pxe_vendor v;
    struct dhcp_packet p;
    size_t n = 0;

    if (!dhcp_packet_parse(&p, data, size))
        return 0;
    dhcp_packet_file(&p, file);
    dhcp_packet_next_server(&p);
    if (confirmation_read(&confirmation, data, size) && confirmation.file[0] == '\0')
        abort();
    pxe_classify(&p);
    pxe_net_from_ack(&net, &p);
    if (!dhcp_packet_option(&p, DHCP_OPTION_VENDOR, option43, sizeof(option43), &n))
        n = 0;
    pxe_vendor_parse(&v, option43, n);
    show_menu(&v);
    read_servers(&v);
    return 0;
}
