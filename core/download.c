/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/download.h"

#include "core/progress_line.h"

#define SCREEN_INTERVAL_MS 100
/* Drawing may take one part in this many of the time: a serial console is slow. */
#define SCREEN_SHARE 20

static uint64_t now_ms(const struct download_set *s)
{
    return s->host->console->clock_ms();
}

static void show_progress(const struct download_set *s, uint64_t now)
{
    char names[128], line[256];
    struct text t;
    uint64_t done = 0, total = 0;
    bool known = true;

    text_init(&t, names, sizeof(names));
    for (unsigned i = 0; i < s->count; i++) {
        const struct transfer *x = &s->transfers[i];
        if (x->state != TRANSFER_ACTIVE)
            continue;
        if (t.length)
            text_string(&t, " + ");
        text_string(&t, progress_base_name(x->file->path));
        known = known && x->has_size;
        done += x->received;
        total += x->size;
    }
    text_init(&t, line, sizeof(line));
    progress_line(&t, names, done, known ? total : 0, now - s->started_ms);
    s->host->console->update(line);
}

static void show_done(const struct download_set *s, const struct transfer *x)
{
    char line[256];
    struct text t;

    text_init(&t, line, sizeof(line));
    progress_line_done(&t, progress_base_name(x->file->path), x->received, now_ms(s) - s->started_ms);
    s->host->console->finish(line);
}

/* Screen and keyboard, seldom enough not to slow the transfer. Returns false when ESC was pressed. */
static bool attend_console(struct download_set *s)
{
    uint64_t now = now_ms(s), pause;
    char character;

    if (now < s->next_screen_ms)
        return true;
    if (s->host->console->key(&character) == MENU_KEY_ESCAPE)
        return false;
    show_progress(s, now);
    pause = (now_ms(s) - now) * SCREEN_SHARE;
    s->next_screen_ms = now + (pause > SCREEN_INTERVAL_MS ? pause : SCREEN_INTERVAL_MS);
    return true;
}

static void start(const struct download_set *s, struct transfer *x, struct download *file, struct ip4 server,
                  const struct transfer_kind *kind)
{
    *x = (struct transfer){.host = s->host, .kind = kind, .file = file, .server = server};
    kind->begin(x);
}

static void fall_back(const struct download_set *s, struct transfer *x)
{
    const struct transfer_kind *next = x->kind->fallback;
    char line[256];
    struct text t;

    text_init(&t, line, sizeof(line));
    text_string(&t, x->kind->name);
    text_string(&t, " failed, ");
    text_string(&t, next->name);
    text_string(&t, " follows: ");
    text_string(&t, error_text(x->error.code)->name);
    text_string(&t, ", ");
    text_string(&t, x->error.received);
    /* Not over the line of progress: there the end of the reason would be cut. */
    s->host->console->print(line);
    s->host->console->print("\n");
    x->kind->end(x);
    s->host->free(s->host->context, x->file);
    start(s, x, x->file, x->server, next);
}

/* Sees to the end of a transfer. Returns false when it has failed. */
static bool note_end(struct download_set *s, struct transfer *x, struct error_detail *ret_error)
{
    while (x->state == TRANSFER_FAILED && x->kind->fallback)
        fall_back(s, x);
    x->ended = x->state != TRANSFER_ACTIVE;
    if (x->state == TRANSFER_FAILED) {
        *ret_error = x->error;
        return false;
    }
    if (x->state == TRANSFER_DONE) {
        x->file->size = x->received;
        if (s->host->trim)
            s->host->trim(s->host->context, x->file);
        show_done(s, x);
    }
    return true;
}

static bool begin(struct download_set *s, struct ip4 server, struct download *files, struct error_detail *ret_error)
{
    while (s->begun < s->count) {
        struct download *file = &files[s->begun];
        struct transfer *x = &s->transfers[s->begun++];

        start(s, x, file, server, s->host->kind(s->host->context, file));
        if (!note_end(s, x, ret_error))
            return false;
    }
    return true;
}

/* Lets every transfer that is under way go on. One may end while another takes what came for it. */
static bool pump(struct download_set *s, struct error_detail *ret_error, unsigned *ret_left)
{
    *ret_left = 0;
    for (unsigned i = 0; i < s->count; i++) {
        struct transfer *x = &s->transfers[i];

        if (x->ended)
            continue;
        if (x->state == TRANSFER_ACTIVE)
            x->kind->pump(x);
        if (!note_end(s, x, ret_error))
            return false;
        *ret_left += !x->ended;
    }
    return true;
}

/* Runs until every file is complete, or one has failed. */
static bool run(struct download_set *s, struct error_detail *ret_error)
{
    unsigned left;

    while (pump(s, ret_error, &left)) {
        if (!left)
            return true;
        if (!attend_console(s)) {
            *ret_error = (struct error_detail){.code = PXE_EA0, .received = "ESC was pressed"};
            return false;
        }
    }
    return false;
}

static void end(struct download_set *s, bool good)
{
    for (unsigned i = 0; i < s->begun; i++) {
        struct transfer *x = &s->transfers[i];

        x->kind->end(x);
        if (!good)
            s->host->free(s->host->context, x->file);
    }
    s->host->console->finish("");
}

bool download_run(struct download_set *s, const struct transfer_host *host, struct ip4 server, struct download *files,
                  unsigned count, struct error_detail *ret_error)
{
    bool good;

    s->host = host;
    s->count = count;
    s->begun = 0;
    s->started_ms = now_ms(s);
    s->next_screen_ms = s->started_ms + SCREEN_INTERVAL_MS;
    good = begin(s, server, files, ret_error) && run(s, ret_error);
    end(s, good);
    return good;
}
