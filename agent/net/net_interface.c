/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/net/net_interface.h"

#include <dirent.h>
#include <errno.h>
#include <linux/if_vlan.h>
#include <linux/sockios.h>
#include <net/route.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/base/sysfs.h"
#include "agent/net/mac.h"

#define ARPHRD_ETHERNET 1

static bool read_interface(const char *name, struct net_interface *ret)
{
    char path[300], mac[24];
    uint64_t type;

    if (strlen(name) >= sizeof(ret->name) || !sysfs_read_number(&type, "/sys/class/net/%s/type", name) ||
        type != ARPHRD_ETHERNET)
        return false;
    snprintf(path, sizeof(path), "/sys/class/net/%s/device", name);
    if (access(path, F_OK) != 0 || !sysfs_read_text(mac, sizeof(mac), "/sys/class/net/%s/address", name))
        return false;
    strcpy(ret->name, name);
    return mac_parse(mac, ret->mac);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct net_interface *)a)->name, ((const struct net_interface *)b)->name);
}

unsigned net_interface_list(struct net_interface *ret, unsigned max)
{
    DIR *d = opendir("/sys/class/net");
    struct dirent *e;
    unsigned count = 0;

    while (d && count < max && (e = readdir(d)))
        if (e->d_name[0] != '.' && read_interface(e->d_name, &ret[count]))
            count++;
    if (d)
        closedir(d);
    qsort(ret, count, sizeof(*ret), by_name);
    return count;
}

static int control(unsigned long request, void *arg)
{
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    int result, saved;

    if (fd < 0)
        return -1;
    result = ioctl(fd, request, arg);
    saved = errno;
    close(fd);
    errno = saved;
    return result;
}

static bool get_flags(const char *name, short *ret)
{
    struct ifreq r = {0};

    snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", name);
    if (control(SIOCGIFFLAGS, &r) != 0)
        return false;
    *ret = r.ifr_flags;
    return true;
}

bool net_interface_up(const char *name)
{
    struct ifreq r = {0};

    snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", name);
    if (!get_flags(name, &r.ifr_flags))
        return false;
    if (r.ifr_flags & IFF_UP)
        return true;
    r.ifr_flags |= IFF_UP;
    return control(SIOCSIFFLAGS, &r) == 0;
}

bool net_interface_join_vlan(const char *name, unsigned vlan, char ret_name[IFNAMSIZ])
{
    struct vlan_ioctl_args type = {.cmd = SET_VLAN_NAME_TYPE_CMD, .u.name_type = VLAN_NAME_TYPE_RAW_PLUS_VID_NO_PAD};
    struct vlan_ioctl_args add = {.cmd = ADD_VLAN_CMD, .u.VID = (int)vlan};
    int size = snprintf(ret_name, IFNAMSIZ, "%.*s.%u", IFNAMSIZ - 6, name, vlan);

    if (size >= IFNAMSIZ || strlen(name) >= sizeof(add.device1)) {
        errno = ENAMETOOLONG;
        return false;
    }
    strcpy(add.device1, name);
    if (control(SIOCSIFVLAN, &type) != 0 || (control(SIOCSIFVLAN, &add) != 0 && errno != EEXIST))
        return false;
    return net_interface_up(ret_name);
}

/* Not IFF_RUNNING: the kernel sets that up to a second after the carrier is there (its linkwatch is rate-limited). */
bool net_interface_has_link(const char *name)
{
    uint64_t carrier;

    return sysfs_read_number(&carrier, "/sys/class/net/%s/carrier", name) && carrier == 1;
}

static void set_address(struct sockaddr *ret, struct ip4 a)
{
    struct sockaddr_in in = {.sin_family = AF_INET};

    memcpy(&in.sin_addr, a.b, 4);
    memcpy(ret, &in, sizeof(in));
}

static bool set_interface_address(const char *name, unsigned long request, struct ip4 a)
{
    struct ifreq r = {0};

    snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", name);
    set_address(&r.ifr_addr, a);
    return control(request, &r) == 0;
}

static bool set_gateway(char *name, struct ip4 gateway)
{
    struct rtentry r = {.rt_flags = RTF_UP | RTF_GATEWAY, .rt_dev = name};

    set_address(&r.rt_dst, (struct ip4){0});
    set_address(&r.rt_genmask, (struct ip4){0});
    set_address(&r.rt_gateway, gateway);
    return control(SIOCADDRT, &r) == 0 || errno == EEXIST;
}

bool net_interface_configure(const char *name, const struct net_config *c)
{
    struct ifreq r = {.ifr_mtu = c->mtu};
    char device[IFNAMSIZ];

    snprintf(device, sizeof(device), "%s", name);
    snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", name);
    if (c->mtu && control(SIOCSIFMTU, &r) != 0)
        return false;
    if (!set_interface_address(name, SIOCSIFADDR, c->address))
        return false;
    if (!ip4_is_zero(c->netmask) && !set_interface_address(name, SIOCSIFNETMASK, c->netmask))
        return false;
    return ip4_is_zero(c->gateway) || set_gateway(device, c->gateway);
}
