#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Installs the distribution packages that building, testing and demonstrating Slipway need on Debian 12. Uses the network
# only when something is missing.
set -eu -o pipefail

packages=(
    # build: host programs, tests, fuzzers, coverage
    gcc make git mandoc libc6-dev linux-libc-dev clang clang-format llvm libclang-rt-14-dev lcov pkg-config
    libcmocka-dev libmicrohttpd-dev libsqlite3-dev libcurl4-openssl-dev libjansson-dev libyaml-dev libzstd-dev libssl-dev
    libfdisk-dev libblkid-dev uuid-dev libmbedtls-dev zlib1g-dev liblzma-dev ntfs-3g-dev
    # build: UEFI application, agent and its libraries, initramfs
    gnu-efi musl-tools dpkg-dev file patch xz-utils bzip2 autoconf automake libtool libgcrypt20-dev
    ca-certificates zstd cpio kmod python3 python3-pytest python3-pytest-xdist python3-yaml
    # lab: machines and firmware
    qemu-system-x86 qemu-utils ovmf seabios ipxe ipxe-qemu pxelinux syslinux-common
    # lab: network and servers
    dnsmasq-base iproute2 iputils-ping tcpdump socat curl openssl sqlite3 procps openssh-client
    liblog4cplus-2.0.5 libmariadb3 libpcre2-8-0 libpq5 libwrap0
    # lab: disks and images
    xfsprogs btrfs-progs
    util-linux bsdextrautils fdisk gdisk e2fsprogs dosfstools mtools debootstrap casync partclone imagemagick
    # file systems that the imaging engine's tests make and check
    attr cryptsetup-bin exfat-fuse exfatprogs lvm2 ntfs-3g
    # what reads and fills Windows' registry hives
    chntpw libhivex-bin libwin-hivex-perl
)

installed=$(dpkg-query -W -f '${db:Status-Abbrev} ${Package}\n' 2>/dev/null | sed -n 's/^.i  *//p' | sort -u)
missing=()
for package in "${packages[@]}"; do
    grep -qxF "$package" <<<"$installed" || missing+=("$package")
done
if [ ${#missing[@]} -eq 0 ]; then
    exit 0
fi

if [ "$(id -u)" -ne 0 ]; then
    echo "install-packages: not installed: ${missing[*]}" >&2
    echo "install-packages: run this as root, or have these packages installed" >&2
    exit 1
fi

echo "install-packages: installing ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
apt-get -q update
apt-get -q install --yes --no-install-recommends "${missing[@]}"
