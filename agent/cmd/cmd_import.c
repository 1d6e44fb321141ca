/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/cmd/cmd.h"

#include <stdio.h>

#include "agent/cmd/cmd_options.h"
#include "agent/cmd/cmd_output.h"
#include "agent/source/scratch_image.h"

static const char usage[] = "Usage: slipway-agent import --store WHERE --image NAME [OPTION]... FILE\n"
                            "\n"
                            "Makes a stored image of a disk image in a file or at an http(s) URL: raw, raw\n"
                            "packed with gzip, xz or zstd, qcow2, or the first file (.img) of a split set.\n"
                            "What is not raw and local is unpacked into a sparse scratch file first.\n"
                            "\n"
                            "  --store WHERE   where images live: a server (http://host:8077) or a directory\n"
                            "  --image NAME    what the image shall be called: letters, digits, '.', '_' and\n"
                            "                  '-', at most 64\n"
                            "  --token TEXT    the server's permission to write; a directory needs none\n"
                            "  --sha256 HEX    what FILE must hash to; otherwise FILE.sha256, SHA256SUMS or\n"
                            "                  SHA512SUMS beside it is compared, when there is one\n"
                            "  --scratch DIR   where the scratch file goes ($TMPDIR, or /var/tmp)\n"
                            "  --level N       how hard zstd compresses, 1 (fastest; the default) to 19\n"
                            "  --threads N     1 to 4; otherwise one more than there are processors\n"
                            "  --json          progress, notes and the result as JSON lines\n"
                            "  --help\n"
                            "\n"
                            "Exit status: 0 the image exists; 1 failed, there is no image; 2 wrong command\n"
                            "line; 130 stopped by Ctrl-C. On the server itself \"slipway image import\" does\n"
                            "this with its permission.\n";

/* Reads the file once for its checksum alone. */
static int ignore_data(void *arg, uint64_t offset, const void *data, size_t size, struct failure *f)
{
    (void)arg;
    (void)offset;
    (void)data;
    (void)size;
    (void)f;
    return 0;
}

static int ignore_zeros(void *arg, uint64_t offset, uint64_t size, struct failure *f)
{
    return ignore_data(arg, offset, NULL, (size_t)size, f);
}

static int check_plain(struct image_source *s, struct failure *f)
{
    const struct image_sink sink = {.write = ignore_data, .zero = ignore_zeros};
    uint64_t size;

    return image_source_is_checked(s) ? image_source_copy(s, "check", &sink, &size, f) : 0;
}

static int capture(const struct cmd_options *o, const char *disk, struct store *store, struct failure *f)
{
    const struct capture_request r = {.image = o->image,
                                      .disks = &disk,
                                      .disk_count = 1,
                                      .firmware = "uefi",
                                      .machine = "",
                                      .uuid = "",
                                      .mac = "",
                                      .threads = (unsigned)o->threads,
                                      .level = (int)o->level};

    return capture_disk(&r, store, cmd_output_progress(), f);
}

static int import(const struct cmd_options *o, struct store *store, struct failure *f)
{
    const struct image_source_request r = {.where = o->words[0], .sha256 = o->sha256, .unchecked = true};
    struct image_source *s = image_source_open(&r, cmd_output_progress(), f);
    struct scratch_image scratch = {.fd = -1};
    int result = -1;

    if (!s)
        return -1;
    if (image_source_is_plain_file(s))
        result = check_plain(s, f) ? -1 : capture(o, o->words[0], store, f);
    else if (!scratch_image_make(&scratch, s, o->scratch, f))
        result = capture(o, scratch.path, store, f);
    scratch_image_close(&scratch);
    image_source_close(s);
    return result;
}

int cmd_import(int argc, char **argv)
{
    struct cmd_options o;
    struct failure f;
    struct store *s;
    char text[400];
    int result;
    enum cmd_parsed parsed =
        cmd_options_read(&o, argc, argv, " store image token sha256 level threads scratch ", usage);

    if (parsed != CMD_GO)
        return parsed == CMD_HELP ? 0 : 2;
    if (!o.store || !o.image || o.word_count != 1)
        return cmd_wrong(argv[0], "it needs --store, --image and one FILE");
    cmd_output_begin(argv[0], o.json);
    s = store_open(o.store, o.token, cmd_output_retry, NULL, &f);
    result = s ? import(&o, s, &f) : -1;
    store_close(s);
    snprintf(text, sizeof(text), "%.250s is image %.64s", o.words[0], o.image);
    return cmd_output_end(result, &f, NULL, text);
}
