/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/cmd_imaging.h"

#include <getopt.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/console.h"
#include "agent/imaging.h"

static const char usage[] =
    "Usage: slipway-agent capture --store URL|DIRECTORY --image NAME [OPTION]... DISK...\n"
    "       slipway-agent deploy  --store URL|DIRECTORY --image NAME [OPTION]... DISK...\n"
    "\n"
    "DISK is a block device or a file. A capture only reads it; a deploy destroys what is on it. Several\n"
    "disks make one image; a deploy of it names as many, in the same order.\n"
    "\n"
    "  --store WHERE   a server (http://...) or a directory with images and chunks\n"
    "  --image NAME    the image to make or to put on the disk\n"
    "  --token TEXT    what the server asks for before it takes anything\n"
    "  --threads N     1 to 4; one for each processor otherwise, at least 2\n"
    "  --level N       zstd's, 1 to 19 (capture); 1 otherwise\n"
    "  --yes           deploy without asking\n"
    "  --help\n";

struct options {
    const char *store, *image, *token;
    char **disks;
    unsigned disk_count;
    long threads, level;
    bool deploy, yes, help;
};

static atomic_bool interrupted;

static void on_signal(int signal)
{
    (void)signal;
    interrupted = true;
}

static bool is_cancelled(void *arg)
{
    (void)arg;
    return interrupted;
}

static void show_progress(void *arg, const struct progress_report *r)
{
    (void)arg;
    console_progress(r);
}

static void show_note(void *arg, const char *text)
{
    (void)arg;
    console_line("%s", text);
}

static int show_retry(void *arg, const char *message, unsigned pause_seconds)
{
    (void)arg;
    (void)pause_seconds;
    console_line("%s", message);
    return interrupted;
}

static bool read_number(const char *text, long max, long *ret)
{
    char *end;

    *ret = strtol(text, &end, 10);
    return *text && !*end && *ret >= 1 && *ret <= max;
}

static bool read_options(int argc, char **argv, struct options *o)
{
    static const struct option names[] = {
        {"store", required_argument, NULL, 's'}, {"image", required_argument, NULL, 'i'},
        {"token", required_argument, NULL, 't'}, {"threads", required_argument, NULL, 'n'},
        {"level", required_argument, NULL, 'l'}, {"yes", no_argument, NULL, 'y'},
        {"help", no_argument, NULL, 'h'},        {NULL, 0, NULL, 0},
    };
    bool good = true;
    int c;

    while (good && (c = getopt_long(argc, argv, "", names, NULL)) != -1)
        switch (c) {
        case 's':
            o->store = optarg;
            break;
        case 'i':
            o->image = optarg;
            break;
        case 't':
            o->token = optarg;
            break;
        case 'n':
            good = read_number(optarg, 4, &o->threads);
            break;
        case 'l':
            good = read_number(optarg, 19, &o->level);
            break;
        case 'y':
            o->yes = true;
            break;
        case 'h':
            o->help = true;
            return true;
        default:
            good = false;
        }
    o->disks = argv + optind;
    o->disk_count = (unsigned)(argc - optind);
    return good && o->disk_count && o->store && o->image;
}

static bool confirm(const struct options *o)
{
    bool asks = isatty(STDIN_FILENO);
    char answer[8];

    if (o->yes)
        return true;
    for (unsigned i = 0; i < o->disk_count; i++)
        fprintf(asks ? stdout : stderr, "Everything on %s %s be destroyed.\n", o->disks[i], asks ? "will" : "would");
    if (!asks) {
        fputs("Say --yes.\n", stderr);
        return false;
    }
    printf("Type yes to go on: ");
    fflush(stdout);
    return fgets(answer, sizeof(answer), stdin) && !strcmp(answer, "yes\n");
}

static int run(const struct options *o, struct store *s, struct failure *f)
{
    const struct progress progress = {.report = show_progress, .cancelled = is_cancelled, .note = show_note};
    const struct capture_request capture = {.image = o->image,
                                            .disks = (const char *const *)o->disks,
                                            .disk_count = o->disk_count,
                                            .firmware = access("/sys/firmware/efi", F_OK) ? "bios" : "uefi",
                                            .machine = "",
                                            .uuid = "",
                                            .mac = "",
                                            .threads = (unsigned)o->threads,
                                            .level = (int)o->level};
    const struct deploy_request deploy = {.image = o->image,
                                          .disks = (const char *const *)o->disks,
                                          .disk_count = o->disk_count,
                                          .threads = (unsigned)o->threads};
    int result = o->deploy ? deploy_image(&deploy, s, &progress, f) : capture_disk(&capture, s, &progress, f);

    console_progress_end();
    return result;
}

int cmd_imaging(int argc, char **argv)
{
    struct options o = {.deploy = !strcmp(argv[0], "deploy")};
    struct sigaction action = {.sa_handler = on_signal};
    struct failure f;
    struct store *s;
    int result = -1;

    if (!read_options(argc, argv, &o) || o.help) {
        fputs(usage, o.help ? stdout : stderr);
        return o.help ? 0 : 2;
    }
    if (o.deploy && !confirm(&o))
        return 1;
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    console_add(STDOUT_FILENO);
    s = store_open(o.store, o.token, show_retry, NULL, &f);
    if (s)
        result = run(&o, s, &f);
    store_close(s);
    if (result)
        console_alert("%s failed: %s (%s)", argv[0], f.message, f.reason);
    else
        console_success("%s of %s: done", argv[0], o.image);
    return result ? 1 : 0;
}
