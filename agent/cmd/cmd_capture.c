/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/cmd/cmd.h"

#include <stdio.h>
#include <unistd.h>

#include "agent/anonymous/anonymous.h"
#include "agent/cmd/cmd_options.h"
#include "agent/cmd/cmd_output.h"

#define ALLOWED " store image token level bad-sectors anonymous leave logs threads "

static const char usage[] = "Usage: slipway-agent capture --store WHERE --image NAME [OPTION]... DISK...\n"
                            "\n"
                            "Makes an image of DISK, a block device or a file: partition table, boot code\n"
                            "and every used block of every file system. DISK is only read. What the store\n"
                            "has already is not sent again. Several disks make one image; a deploy of it\n"
                            "names as many, in the same order.\n"
                            "\n"
                            "  --store WHERE   where images live: a server (http://host:8077) or a directory\n"
                            "  --image NAME    what the image shall be called: letters, digits, '.', '_' and\n"
                            "                  '-', at most 64\n"
                            "  --token TEXT    the server's permission to write; a directory needs none\n"
                            "  --level N       how hard zstd compresses, 1 (fastest; the default) to 19\n"
                            "  --bad-sectors W what to do about sectors that cannot be read: \"fail\" (the\n"
                            "                  default) or \"zero\": take them as zeros, and say so\n"
                            "  --anonymous     as the systems on it would be if they had forgotten which\n"
                            "                  machine they are: without machine-id, ssh host keys, DHCP\n"
                            "                  leases, host name and so on. DISK itself is not changed. For\n"
                            "                  root only. What goes is in the manual\n"
                            "  --leave NAME[,NAME]...  items that an anonymous image keeps\n"
                            "  --logs          an anonymous image has no logs, either\n"
                            "  --threads N     1 to 4; otherwise one more than there are processors\n"
                            "  --json          progress, notes and the result as JSON lines\n"
                            "  --help\n"
                            "\n"
                            "Exit status: 0 the image exists; 1 failed, there is no image; 2 wrong command\n"
                            "line; 130 stopped by Ctrl-C. What was stored before a failure stays: the next\n"
                            "try sends only the rest.\n";

/* Returns 0 with *ret, which is NULL unless the image is to be anonymous, or -1. */
static int begin_anonymous(const struct cmd_options *o, struct capture_request *r, struct anonymous **ret,
                           struct failure *f)
{
    const struct anonymous_options options = {.leave = o->leave, .logs = o->logs};

    *ret = NULL;
    if (!o->anonymous)
        return 0;
    *ret = anonymous_open(r->disks, r->disk_count, &options, cmd_output_progress(), f);
    if (!*ret)
        return -1;
    r->cows = anonymous_cows(*ret);
    return 0;
}

static int capture(const struct cmd_options *o, struct capture_request *r, struct failure *f)
{
    struct store *s = store_open(o->store, o->token, cmd_output_retry, NULL, f);
    struct anonymous *a = NULL;
    int result = -1;

    if (s && !begin_anonymous(o, r, &a, f))
        result = capture_disk(r, s, cmd_output_progress(), f);
    anonymous_close(a);
    store_close(s);
    return result;
}

int cmd_capture(int argc, char **argv)
{
    struct cmd_options o;
    struct failure f;
    char text[160];
    int result;
    enum cmd_parsed parsed = cmd_options_read(&o, argc, argv, ALLOWED, usage);

    if (parsed != CMD_GO)
        return parsed == CMD_HELP ? 0 : 2;
    if (!o.store || !o.image || o.word_count == 0)
        return cmd_wrong(argv[0], "it needs --store, --image and a DISK");
    if ((o.leave || o.logs) && !o.anonymous)
        return cmd_wrong(argv[0], "--leave and --logs belong to --anonymous");
    struct capture_request r = {.image = o.image,
                                .disks = (const char *const *)o.words,
                                .disk_count = o.word_count,
                                .firmware = access("/sys/firmware/efi", F_OK) ? "bios" : "uefi",
                                .machine = "",
                                .uuid = "",
                                .mac = "",
                                .threads = (unsigned)o.threads,
                                .level = (int)o.level,
                                .bad_sectors = o.zero_bad_sectors ? BAD_SECTORS_ZERO : BAD_SECTORS_FAIL};
    cmd_output_begin(argv[0], o.json);
    result = capture(&o, &r, &f);
    snprintf(text, sizeof(text), "image %.64s is complete", o.image);
    return cmd_output_end(result, &f, NULL, text);
}
