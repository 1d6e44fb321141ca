/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What growing a mounted file system makes of the kernel's answers, with a kernel played by this file: its functions
 * take the place of the C library's. Needs to make folders in /run. */
#include "agent/fs/resize.h"
#include "agent/kernel/fs_devices.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cmocka.h>

/* The errors that the system calls end with; 0: success. */
static struct {
    int mount, grow, sync, unmount;
    unsigned grown, synced, unmounted;
} kernel;

static int answer(int error)
{
    errno = error;
    return error ? -1 : 0;
}

int mount(const char *source, const char *folder, const char *type, unsigned long flags, const void *data)
{
    (void)source, (void)folder, (void)type, (void)flags, (void)data;
    return answer(kernel.mount);
}

/* There is no volume to look at. */
int fs_devices_check(const char *node, const char *fs_type)
{
    (void)node, (void)fs_type;
    return 0;
}

int umount2(const char *folder, int flags)
{
    (void)folder, (void)flags;
    kernel.unmounted++;
    return answer(kernel.unmount);
}

int syncfs(int fd)
{
    (void)fd;
    kernel.synced++;
    return answer(kernel.sync);
}

/* XFS is asked for its geometry first: blocks of 4096 bytes, 1000 of them. */
int ioctl(int fd, unsigned long request, ...)
{
    va_list args;

    (void)fd;
    if (_IOC_TYPE(request) == 'X' && _IOC_NR(request) == 100) {
        va_start(args, request);
        uint8_t *geometry = va_arg(args, uint8_t *);
        va_end(args);
        memcpy(geometry, &(uint32_t){4096}, 4);
        memcpy(geometry + 32, &(uint64_t){1000}, 8);
        return 0;
    }
    kernel.grown++;
    return answer(kernel.grow);
}

static void expect(const char *fs_type, enum resize_result result, const char *message)
{
    const struct resize_volume v = {.path = "VOLUME", .fs_type = fs_type, .size = 2000 * 4096};
    struct failure f = {.message = ""};

    kernel.grown = kernel.synced = kernel.unmounted = 0;
    assert_int_equal(resize_fs(&v, &f), result);
    if (!strstr(f.message, message))
        fail_msg("%s: %s", f.reason, f.message);
    assert_int_equal(kernel.unmounted, kernel.mount ? 0 : 1);
    memset(&kernel, 0, offsetof(__typeof__(kernel), grown));
}

static const char *const types[] = {"xfs", "btrfs"};

static void test_grown(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        expect(types[i], RESIZE_DONE, "");
        assert_int_equal(kernel.grown, 1);
        assert_int_equal(kernel.synced, 1);
    }
}

static void test_left(void **state)
{
    static const int errors[] = {EINVAL, ENOSPC, EPERM, EOPNOTSUPP, EBUSY};

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        for (unsigned k = 0; k < sizeof(errors) / sizeof(errors[0]); k++) {
            kernel.grow = errors[k];
            expect(types[i], RESIZE_LEFT, "the kernel does not grow it");
        }
        kernel.mount = ENODEV;
        expect(types[i], RESIZE_LEFT, "cannot be mounted");
    }
}

static void test_broken(void **state)
{
    static const int errors[] = {EIO, EUCLEAN, EBADMSG, EROFS};

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        for (unsigned k = 0; k < sizeof(errors) / sizeof(errors[0]); k++) {
            kernel.grow = errors[k];
            expect(types[i], RESIZE_BROKEN, "the kernel does not grow it");
        }
        kernel.sync = EIO;
        expect(types[i], RESIZE_BROKEN, "VOLUME cannot be written");
        kernel.grow = EINVAL;
        kernel.sync = EIO;
        expect(types[i], RESIZE_BROKEN, "VOLUME cannot be written");
        kernel.unmount = EINVAL;
        expect(types[i], RESIZE_BROKEN, "cannot be unmounted");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_grown),
        cmocka_unit_test(test_left),
        cmocka_unit_test(test_broken),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
