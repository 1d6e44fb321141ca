/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Option 43 by itself, in memory of exactly its size: everything found lies inside, and lists are walked to their end.
 */
#include <stdlib.h>
#include <string.h>

#include "core/menu.h"
#include "core/pxe_vendor.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition)
        abort();
}

static void check_inside(const uint8_t *bytes, size_t size, const uint8_t *part, size_t part_size)
{
    if (part)
        require(part >= bytes && part_size <= size && part <= bytes + size - part_size);
}

/* Every address that the list has for a type is allowed for it, and there are as many as it says. */
static void check_servers(const struct tlv *servers)
{
    struct boot_server_entry e;
    struct cursor c;
    unsigned entries = 0;

    cursor_init(&c, servers->data, servers->size);
    while (boot_servers_next(&c, &e)) {
        require(++entries <= 85 && cursor_left(&e.addresses) == (size_t)e.count * 4);
        for (unsigned n = 0; n < e.count; n++)
            require(boot_servers_allow(servers, e.type, boot_servers_address(servers, e.type, n)));
        if (e.count == 0)
            require(boot_servers_allow(servers, e.type, (struct ip4){{192, 0, 2, 1}}));
    }
    require(boot_servers_valid(servers) == !c.failed);
}

static void check_menu(const uint8_t *bytes, size_t size, const struct pxe_vendor *v)
{
    static struct menu m;

    if (!v->menu.data || !menu_init(&m, v->menu.data, v->menu.size, v->prompt.data, v->prompt.size, 1000))
        return;
    require(m.count > 0 && m.count <= MENU_ITEMS && m.selected == 0);
    for (unsigned i = 0; i < m.count; i++)
        check_inside(bytes, size, m.items[i].description, m.items[i].description_size);
    check_inside(bytes, size, m.prompt, m.prompt_size);
    menu_on_key(&m, MENU_KEY_F8, 0, 1000);
    for (unsigned i = 0; i < size && m.mode == MENU_LIST; i++) {
        menu_on_key(&m, bytes[i] % (MENU_KEY_CHARACTER + 1), (char)bytes[i], 1000);
        require(m.selected < m.count);
        /* A digit chooses without scrolling. */
        if (m.mode == MENU_LIST)
            require(m.first_shown <= m.selected && m.selected < m.first_shown + MENU_ROWS);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *bytes = malloc(size ? size : 1);
    struct pxe_vendor v;

    if (size > 0)
        memcpy(bytes, data, size);
    pxe_vendor_parse(&v, bytes, size);
    check_inside(bytes, size, v.servers.data, v.servers.size);
    check_inside(bytes, size, v.menu.data, v.menu.size);
    check_inside(bytes, size, v.prompt.data, v.prompt.size);
    if (v.servers.data)
        check_servers(&v.servers);
    check_menu(bytes, size, &v);
    if (pxe_mtftp_usable(&v.mtftp))
        require(v.has_mtftp && v.mtftp.group.b[0] >= 224 && v.mtftp.group.b[0] < 240);
    free(bytes);
    return 0;
}
