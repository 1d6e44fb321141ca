/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Protocols of the UEFI specification 2.10 that gnu-efi 3.0.15 does not declare. */
#ifndef SLIPWAY_EFI_EFI_PROTOCOLS_H
#define SLIPWAY_EFI_EFI_PROTOCOLS_H

#include <efi.h>

/* 25.1 Managed network: Ethernet frames. Functions that Slipway does not call have no prototypes. */
#define MANAGED_NETWORK_SERVICE_BINDING_GUID \
    { 0xf36ff770, 0xa7e1, 0x42cf, { 0x9e, 0xd2, 0x56, 0xf0, 0xf2, 0x71, 0xf4, 0x4c } }
#define MANAGED_NETWORK_GUID \
    { 0x7ab33a91, 0xace5, 0x4326, { 0xb5, 0x72, 0xe7, 0xee, 0x33, 0xd3, 0x9f, 0x16 } }

struct managed_network_received {
    EFI_TIME timestamp;
    EFI_EVENT recycle;
    UINT32 packet_size, header_size, address_size, data_size;
    BOOLEAN is_broadcast, is_multicast, is_promiscuous;
    UINT16 ethertype;
    VOID *destination, *source, *header, *data;
};

struct managed_network_sent {
    EFI_MAC_ADDRESS *destination, *source; /* source NULL: the interface's own */
    UINT16 ethertype;
    UINT32 data_size;
    UINT16 header_size, fragment_count;
    struct {
        UINT32 size;
        VOID *data;
    } fragment;
};

struct managed_network_token {
    EFI_EVENT event;
    EFI_STATUS status;
    union {
        struct managed_network_received *received;
        struct managed_network_sent *sent;
    } packet;
};

struct managed_network {
    void *get_mode_data;
    EFI_STATUS(EFIAPI *configure)(struct managed_network *this, EFI_MANAGED_NETWORK_CONFIG_DATA *config);
    void *mcast_ip_to_mac;
    void *groups;
    EFI_STATUS(EFIAPI *transmit)(struct managed_network *this, struct managed_network_token *token);
    EFI_STATUS(EFIAPI *receive)(struct managed_network *this, struct managed_network_token *token);
    EFI_STATUS(EFIAPI *cancel)(struct managed_network *this, struct managed_network_token *token);
    EFI_STATUS(EFIAPI *poll)(struct managed_network *this);
};

/* 28.5 IPv4 configuration II. */
#define IP4_CONFIG2_GUID { 0x5b446ed1, 0xe30b, 0x4faa, { 0x87, 0x1a, 0x36, 0x54, 0xec, 0xa3, 0x60, 0x80 } }
#define IP4_CONFIG2_STATIC 0

enum ip4_config2_data { IP4_CONFIG2_POLICY = 1, IP4_CONFIG2_GATEWAY = 3, IP4_CONFIG2_DNS = 4 };

struct ip4_config2 {
    EFI_STATUS(EFIAPI *set_data)(struct ip4_config2 *this, UINT32 type, UINTN size, VOID *data);
    EFI_STATUS(EFIAPI *get_data)(struct ip4_config2 *this, UINT32 type, UINTN *size, VOID *data);
    void *register_data_notify;
    void *unregister_data_notify;
};

/* 28.7 HTTP. */
#define HTTP_SERVICE_BINDING_GUID \
    { 0xbdc8e6af, 0xd9bc, 0x4379, { 0xa7, 0x2a, 0xe0, 0xc4, 0xe7, 0x5d, 0xae, 0x1c } }
#define HTTP_GUID { 0x7a59b29b, 0x910b, 0x4171, { 0x82, 0x42, 0xa8, 0x5a, 0x0d, 0xf2, 0x5b, 0x5b } }

#define HTTP_VERSION_11 1
#define HTTP_METHOD_GET 0
#define HTTP_STATUS_ERROR EFIERR(35) /* EFI_HTTP_ERROR: there is an answer, and its status is an error */

struct http_access_point4 {
    BOOLEAN use_default_address;
    EFI_IPv4_ADDRESS address, netmask;
    UINT16 port;
};

struct http_config {
    UINT32 version;
    UINT32 timeout_ms;
    BOOLEAN is_ipv6;
    struct http_access_point4 *access_point;
};

struct http_request {
    UINT32 method;
    CHAR16 *url;
};

struct http_answer {
    UINT32 status; /* an enumeration of its own, not the number on the wire */
};

struct http_header {
    CHAR8 *name, *value;
};

struct http_message {
    union {
        struct http_request *request;
        struct http_answer *answer;
    } data;
    UINTN header_count;
    struct http_header *headers;
    UINTN body_size;
    VOID *body;
};

struct http_token {
    EFI_EVENT event;
    EFI_STATUS status;
    struct http_message *message;
};

struct http_protocol {
    void *get_mode_data;
    EFI_STATUS(EFIAPI *configure)(struct http_protocol *this, struct http_config *config);
    EFI_STATUS(EFIAPI *request)(struct http_protocol *this, struct http_token *token);
    EFI_STATUS(EFIAPI *cancel)(struct http_protocol *this, struct http_token *token);
    EFI_STATUS(EFIAPI *response)(struct http_protocol *this, struct http_token *token);
    EFI_STATUS(EFIAPI *poll)(struct http_protocol *this);
};

/* 27.1 VLAN configuration. */
#define VLAN_CONFIG_GUID { 0x9e23d768, 0xd2f3, 0x4366, { 0x9f, 0xc3, 0x3a, 0x7a, 0xba, 0x86, 0x43, 0x74 } }

struct vlan_config {
    EFI_STATUS(EFIAPI *set)(struct vlan_config *this, UINT16 id, UINT8 priority);
    VOID *find;
    EFI_STATUS(EFIAPI *remove)(struct vlan_config *this, UINT16 id);
};

/* 13.2 Load File 2. */
#define LOAD_FILE2_GUID { 0x4006c0c1, 0xfcb3, 0x403e, { 0x99, 0x6d, 0x4a, 0x6c, 0x87, 0x24, 0xe0, 0x6d } }

struct load_file2 {
    EFI_STATUS(EFIAPI *load_file)(struct load_file2 *this, EFI_DEVICE_PATH *path, BOOLEAN boot_policy, UINTN *size,
                                  VOID *buffer);
};

/* Linux, include/linux/efi.h: LINUX_EFI_INITRD_MEDIA_GUID. */
#define LINUX_INITRD_MEDIA_GUID { 0x5568e427, 0x68fc, 0x4f3d, { 0xac, 0x74, 0xca, 0x55, 0x52, 0x31, 0xcc, 0x68 } }

#endif
