/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/production/kexec.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/kexec.h>

#include "agent/base/buffer.h"
#include "agent/base/tree.h"
#include "agent/system/kernel_choice.h"

#define FILE_MAX (1u << 30)

static int open_file(int root, const char *path, struct failure *f)
{
    int fd = tree_open(root, path, O_RDONLY | O_NONBLOCK); /* a FIFO must not hold us */
    struct stat s;

    if (fd >= 0 && fstat(fd, &s) == 0 && S_ISREG(s.st_mode) && s.st_size > 0 && s.st_size <= FILE_MAX)
        return fd;
    fail(f, "production", "%s of the deployed system cannot be used: %s", path,
         fd < 0 ? strerror(errno) : "it is no file, empty or too large");
    if (fd >= 0)
        close(fd);
    return -1;
}

/* Appends a file, filled up to a multiple of 4 bytes: the kernel looks for the next archive there. */
static int append(int to, int root, const char *path, struct failure *f)
{
    int from = open_file(root, path, f);
    off_t size;
    ssize_t n;

    if (from < 0)
        return -1;
    do
        n = sendfile(to, from, NULL, FILE_MAX);
    while (n > 0);
    close(from);
    size = lseek(to, 0, SEEK_CUR);
    if (n == 0 && size >= 0 && ftruncate(to, (size + 3) & ~(off_t)3) == 0 && lseek(to, 0, SEEK_END) >= 0)
        return 0;
    return fail(f, "production", "%s of the deployed system cannot be read: %s", path, strerror(errno));
}

/* Several initrds as one file in memory. The kernel reads none that somebody could still write. */
static int join(int root, const struct boot_entry *e, struct failure *f)
{
    int fd = memfd_create("initrd", MFD_CLOEXEC), result = -1;
    char path[40];

    if (fd < 0)
        return fail(f, "production", "no memory for the initramfs: %s", strerror(errno));
    for (unsigned i = 0; i < e->initrd_count; i++)
        if (append(fd, root, e->initrd[i], f))
            goto out;
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    result = open(path, O_RDONLY | O_CLOEXEC);
    if (result < 0)
        fail(f, "production", "the initramfs cannot be opened: %s", strerror(errno));
out:
    close(fd);
    return result;
}

static bool is_switched_off(void)
{
    struct buffer text = {0};
    bool off = buffer_read_file(&text, "/proc/sys/kernel/kexec_load_disabled", 16) && text.data[0] == '1';

    free(text.data);
    return off;
}

/* A locked-down kernel (Secure Boot) says EPERM whatever it thinks of the signature, one that was built to insist on
 * signatures what it thinks (Linux, kernel/kexec_file.c). */
static const char *why(int error)
{
    if (error == EPERM && is_switched_off())
        return "kexec is switched off (kernel.kexec_load_disabled)";
    switch (error) {
    case EPERM:
    case EKEYREJECTED:
    case ENOKEY:
    case ENODATA:
    case EBADMSG:
        return "it has no signature that automation's kernel trusts, which insists on one (Secure Boot): finish with "
               "bootnext or reboot";
    case ENOEXEC:
        return "it is no kernel that can be started so";
    case ENOSYS:
        return "automation's kernel has no kexec";
    default:
        return strerror(error);
    }
}

static int load(int root, const struct boot_entry *e, struct failure *f)
{
    int kernel = open_file(root, e->linux_path, f), initrd = -1, result = -1;
    unsigned long flags = e->initrd_count ? 0 : KEXEC_FILE_NO_INITRAMFS;

    if (kernel < 0)
        return -1;
    if (e->initrd_count)
        initrd = e->initrd_count == 1 ? open_file(root, e->initrd[0], f) : join(root, e, f);
    if (e->initrd_count && initrd < 0)
        goto out;
    result = (int)syscall(SYS_kexec_file_load, kernel, initrd, strlen(e->options) + 1, e->options, flags);
    if (result)
        fail(f, "production", "kexec of %s: %s", e->linux_path, why(errno));
    if (initrd >= 0)
        close(initrd);
out:
    close(kernel);
    return result;
}

static int load_from(const struct production_work *w, const struct system *s, const char *folder, struct failure *f)
{
    struct boot_entry *e = malloc(sizeof(*e));
    int root = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC), result = -1;
    const char *how;

    if (!e || root < 0)
        fail(f, "production", "%s cannot be opened: %s", s->node, strerror(errno));
    else
        result = kernel_choice_find(root, s->boot_partition != 0, e, &how, f);
    if (!result)
        result = load(root, e, f);
    if (!result) {
        production_note(w, "kexec: %s, %s (by %s)", s->name, e->linux_path, how);
        production_note(w, "kexec: command line: %s", e->options);
    }
    if (root >= 0)
        close(root);
    free(e);
    return result;
}

static const struct system *find_linux(const struct production_work *w)
{
    for (unsigned i = 0; i < w->system_count; i++)
        if (w->systems[i].kind == SYSTEM_LINUX)
            return &w->systems[i];
    return NULL;
}

int kexec_prepare(const struct production_work *w, struct failure *f)
{
    const struct system *s = find_linux(w);
    struct failure second;
    char folder[64];
    int result;

    if (!s)
        return fail(f, "production", "kexec: there is no Linux on the disks of this job; finish with reboot");
    if (system_mount(s, &w->volumes.view, false, folder, f))
        return -1;
    result = load_from(w, s, folder, f);
    if (!system_unmount(folder, &second) || result)
        return result;
    *f = second;
    return -1;
}
