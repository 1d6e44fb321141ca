/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A kernel command line; what could be read must come back the same after it was written again. */
#include <stdlib.h>
#include <string.h>

#include "core/net_config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition)
        abort();
}

static void require_round_trip(const char *line, const struct net_config *c, uint8_t mac[6])
{
    char buf[512];
    struct text t;
    struct net_config back;
    uint8_t back_mac[6];
    bool has_mac;

    text_init(&t, buf, sizeof(buf));
    net_config_format(&t, c, mac, line);
    require(!t.cut);
    require(net_config_parse(buf, &back, back_mac, &has_mac) && has_mac);
    require(memcmp(mac, back_mac, 6) == 0);
    require(ip4_equal(c->address, back.address) && ip4_equal(c->netmask, back.netmask));
    require(ip4_equal(c->gateway, back.gateway) && ip4_equal(c->boot_server, back.boot_server));
    require(memcmp(c->dns, back.dns, sizeof(back.dns)) == 0);
    require(strcmp(c->host_name, back.host_name) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *line = malloc(size + 1);
    struct net_config c;
    uint8_t mac[6] = {0};
    bool has_mac;
    char value[16];

    if (size > 0)
        memcpy(line, data, size);
    line[size] = '\0';
    if (net_config_parse(line, &c, mac, &has_mac))
        require_round_trip(line, &c, mac);
    if (cmdline_value(line, "slipway.server", value, sizeof(value)))
        require(memchr(value, 0, sizeof(value)) != NULL);
    free(line);
    return 0;
}
