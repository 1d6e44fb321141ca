/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/cmd.h"

#include <stdio.h>
#include <unistd.h>

#include "agent/cmd_options.h"
#include "agent/cmd_output.h"

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
                            "  --threads N     1 to 4; otherwise one more than there are processors\n"
                            "  --json          progress, notes and the result as JSON lines\n"
                            "  --help\n"
                            "\n"
                            "Exit status: 0 the image exists; 1 failed, there is no image; 2 wrong command\n"
                            "line; 130 stopped by Ctrl-C. What was stored before a failure stays: the next\n"
                            "try sends only the rest.\n";

int cmd_capture(int argc, char **argv)
{
    struct cmd_options o;
    struct failure f;
    struct store *s;
    char text[160];
    int result;
    enum cmd_parsed parsed = cmd_options_read(&o, argc, argv, " store image token level bad-sectors threads ", usage);

    if (parsed != CMD_GO)
        return parsed == CMD_HELP ? 0 : 2;
    if (!o.store || !o.image || o.word_count == 0)
        return cmd_wrong(argv[0], "it needs --store, --image and a DISK");
    const struct capture_request r = {.image = o.image,
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
    s = store_open(o.store, o.token, cmd_output_retry, NULL, &f);
    result = s ? capture_disk(&r, s, cmd_output_progress(), &f) : -1;
    store_close(s);
    snprintf(text, sizeof(text), "image %.64s is complete", o.image);
    return cmd_output_end(result, &f, NULL, text);
}
