/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/net_config.h"

#include "core/ip_text.h"
#include "core/settings.h"

/* A piece of a command line, not NUL-terminated. */
struct span {
    const char *s;
    size_t n;
};

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_alphanumeric(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Finds the last `key=`, which is the one that counts for the kernel too. */
static bool find_value(const char *cmdline, const char *key, struct span *ret)
{
    bool found = false;

    for (const char *s = cmdline; *s != '\0';) {
        size_t i = 0;

        while (is_space(*s))
            s++;
        while (key[i] != '\0' && s[i] == key[i])
            i++;
        if (key[i] == '\0' && s[i] == '=') {
            ret->s = s + i + 1;
            found = true;
        }
        while (*s != '\0' && !is_space(*s))
            s++;
    }
    if (!found)
        return false;
    ret->n = 0;
    while (ret->s[ret->n] != '\0' && !is_space(ret->s[ret->n]))
        ret->n++;
    return true;
}

bool cmdline_value(const char *cmdline, const char *key, char *ret, size_t size)
{
    struct span value;

    if (!find_value(cmdline, key, &value) || value.n >= size)
        return false;
    memcpy(ret, value.s, value.n);
    ret[value.n] = '\0';
    return true;
}

/* RFC 1123 2.1, without its rules on where '-' and '.' may stand. */
static bool is_host_name(const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!is_alphanumeric(s[i]) && s[i] != '-' && s[i] != '.')
            return false;
    return true;
}

static void format_field(struct text *t, struct ip4 a)
{
    text_char(t, ':');
    if (!ip4_is_zero(a))
        text_ip4(t, a);
}

static void format_ip(struct text *t, const struct net_config *c)
{
    size_t name_size = text_length(c->host_name, sizeof(c->host_name));

    text_string(t, " ip=");
    text_ip4(t, c->address);
    format_field(t, c->boot_server);
    format_field(t, c->gateway);
    format_field(t, c->netmask);
    text_char(t, ':');
    if (is_host_name(c->host_name, name_size))
        text_untrusted(t, c->host_name, name_size);
    text_string(t, "::off");
    format_field(t, c->dns[0]);
    format_field(t, c->dns[1]);
}

bool net_config_is_local(const struct net_config *c, struct ip4 a)
{
    for (unsigned i = 0; i < sizeof(a.b); i++)
        if ((a.b[i] ^ c->address.b[i]) & c->netmask.b[i])
            return false;
    return true;
}

void net_config_format(struct text *t, const struct net_config *c, const uint8_t mac[6], const char *options)
{
    struct span unused;

    if (!ip4_is_zero(c->address))
        format_ip(t, c);
    text_string(t, " BOOTIF=01-");
    text_mac(t, mac, '-');
    if (!ip4_is_zero(c->boot_server) && !find_value(options, "slipway.server", &unused)) {
        text_string(t, " slipway.server=");
        text_ip4(t, c->boot_server);
    }
    if (c->vlan) {
        text_string(t, " slipway.vlan=");
        text_unsigned(t, c->vlan);
    }
}

/* Takes everything up to the next ':' off the front; an exhausted span yields empty fields. */
static struct span take_field(struct span *rest)
{
    struct span field = {rest->s, 0};

    while (field.n < rest->n && rest->s[field.n] != ':')
        field.n++;
    rest->s += field.n;
    rest->n -= field.n;
    if (rest->n > 0) {
        rest->s++;
        rest->n--;
    }
    return field;
}

/* Four decimal numbers; an empty field is the zero address. */
static bool parse_ip4(struct span field, struct ip4 *ret)
{
    if (field.n > 0)
        return ip4_text_parse(field.s, field.n, ret);
    *ret = (struct ip4){{0}};
    return true;
}

static bool take_ip4(struct span *rest, struct ip4 *ret)
{
    return parse_ip4(take_field(rest), ret);
}

/* What the kernel assumes for an address without a netmask (Documentation/admin-guide/nfs/nfsroot.rst). */
static struct ip4 classful_netmask(struct ip4 address)
{
    if (address.b[0] < 128)
        return (struct ip4){{255, 0, 0, 0}};
    if (address.b[0] < 192)
        return (struct ip4){{255, 255, 0, 0}};
    return (struct ip4){{255, 255, 255, 0}};
}

static bool is_autoconf(struct span field)
{
    static const char words[][6] = {"off", "none", "on", "any", "dhcp", "bootp", "rarp", "both"};

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        size_t length = text_length(words[i], sizeof(words[i]));

        if (field.n == length && bytes_equal(field.s, words[i], length))
            return true;
    }
    return field.n == 0;
}

static bool parse_ip(struct span rest, struct net_config *ret)
{
    struct net_config c = {.lease_seconds = UINT32_MAX};
    struct span host_name;
    struct ip4 unused_ntp;

    if (!take_ip4(&rest, &c.address) || ip4_is_zero(c.address) || !take_ip4(&rest, &c.boot_server) ||
        !take_ip4(&rest, &c.gateway) || !take_ip4(&rest, &c.netmask))
        return false;
    host_name = take_field(&rest);
    if (host_name.n >= sizeof(c.host_name) || !is_host_name(host_name.s, host_name.n))
        return false;
    memcpy(c.host_name, host_name.s, host_name.n);
    take_field(&rest); /* the device: BOOTIF says it better */
    if (!is_autoconf(take_field(&rest)) || !take_ip4(&rest, &c.dns[0]) || !take_ip4(&rest, &c.dns[1]) ||
        !take_ip4(&rest, &unused_ntp) || rest.n > 0)
        return false;
    if (ip4_is_zero(c.netmask))
        c.netmask = classful_netmask(c.address);
    *ret = c;
    return true;
}

/* The value of one hexadecimal digit, 16 for anything else. */
static unsigned hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return (unsigned)(c - '0');
    if (c >= 'a' && c <= 'f')
        return (unsigned)(c - 'a' + 10);
    if (c >= 'A' && c <= 'F')
        return (unsigned)(c - 'A' + 10);
    return 16;
}

/* "01-aa-bb-cc-dd-ee-ff"; 01 is the hardware type, Ethernet. */
static bool parse_bootif(struct span value, uint8_t ret_mac[6])
{
    uint8_t bytes[7];

    if (value.n != 3 * sizeof(bytes) - 1)
        return false;
    for (size_t i = 0; i < sizeof(bytes); i++) {
        unsigned high = hex_digit(value.s[3 * i]), low = hex_digit(value.s[3 * i + 1]);

        if (high > 15 || low > 15 || (i < 6 && value.s[3 * i + 2] != '-'))
            return false;
        bytes[i] = (uint8_t)(high << 4 | low);
    }
    if (bytes[0] != 1)
        return false;
    memcpy(ret_mac, bytes + 1, 6);
    return true;
}

uint16_t net_config_vlan(const char *cmdline)
{
    struct span value;
    uint16_t vlan;

    return find_value(cmdline, "slipway.vlan", &value) && settings_vlan(value.s, value.n, &vlan) ? vlan : 0;
}

bool net_config_parse(const char *cmdline, struct net_config *ret, uint8_t ret_mac[6], bool *ret_has_mac)
{
    struct span value;

    *ret_has_mac = find_value(cmdline, "BOOTIF", &value) && parse_bootif(value, ret_mac);
    if (!find_value(cmdline, "ip", &value) || !parse_ip(value, ret))
        return false;
    ret->vlan = net_config_vlan(cmdline);
    return true;
}
