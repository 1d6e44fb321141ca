/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/base/console.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "agent/base/progress_bar.h"

#define CONSOLES_MAX 8
#define COLUMNS_DEFAULT 80
#define COLUMNS_MAX 132
#define PLAIN_SECONDS 10
/* A serial line of 9600 baud takes 80 ms for a line; a port that nobody drains must not stop a deploy. */
#define PATIENCE_MS 250
#define DRAIN_MS 1000
#define DRAIN_STEP_MS 10

#define STYLE_PLAIN ""
#define STYLE_ALERT "\033[1;31m"
#define STYLE_SUCCESS "\033[1;32m"
#define STYLE_END "\033[0m"

struct output {
    int fd;
    bool terminal;
    unsigned progress_lines; /* of the progress that stand on the screen: 0 to 2 */
    time_t last_plain;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct output outputs[CONSOLES_MAX];
static unsigned output_count;
static bool with_timestamps;

static bool is_dumb(void)
{
    const char *term = getenv("TERM");

    return term && strcmp(term, "dumb") == 0;
}

void console_add(int fd)
{
    pthread_mutex_lock(&lock);
    if (output_count < CONSOLES_MAX)
        outputs[output_count++] = (struct output){.fd = fd, .terminal = isatty(fd) && !is_dumb()};
    pthread_mutex_unlock(&lock);
}

static void add_device(const char *name)
{
    char path[80];
    int fd;

    snprintf(path, sizeof(path), "/dev/%s", name);
    fd = open(path, O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (fd >= 0)
        console_add(fd);
}

void console_add_active(void)
{
    char names[256] = "", *name, *rest = names;
    FILE *list = fopen("/sys/class/tty/console/active", "re");

    if (list) {
        if (!fgets(names, sizeof(names), list))
            names[0] = '\0';
        fclose(list);
    }
    while ((name = strsep(&rest, " \n")))
        if (name[0])
            add_device(name);
    if (output_count == 0)
        add_device("console");
}

void console_timestamps(bool on)
{
    with_timestamps = on;
}

static void output_write(const struct output *o, const char *bytes, size_t size)
{
    struct pollfd p = {.fd = o->fd, .events = POLLOUT};
    ssize_t n;

    while (size > 0) {
        n = write(o->fd, bytes, size);
        if (n > 0) {
            bytes += n;
            size -= (size_t)n;
        } else if (n < 0 && errno == EAGAIN) {
            if (poll(&p, 1, PATIENCE_MS) <= 0)
                return;
        } else if (!(n < 0 && errno == EINTR)) {
            return;
        }
    }
}

/* What takes the progress off a terminal's screen, the cursor at its beginning afterwards. */
static const char *erase_progress(struct output *o)
{
    static const char *const erase[] = {"", "\r\033[K", "\r\033[K\033[A\033[K"};
    unsigned lines = o->progress_lines;

    o->progress_lines = 0;
    return erase[lines];
}

static void output_line(struct output *o, const char *style, const char *text)
{
    char line[1200];
    bool styled = o->terminal && style[0];

    snprintf(line, sizeof(line), "%s%s%s%s%s", erase_progress(o), styled ? style : "", text, styled ? STYLE_END : "",
             o->terminal ? "\r\n" : "\n");
    output_write(o, line, strlen(line));
}

static void write_line(const char *style, const char *format, va_list args)
{
    char text[1024];
    struct timespec now;
    size_t used = 0;

    if (with_timestamps) {
        clock_gettime(CLOCK_BOOTTIME, &now);
        used = (size_t)snprintf(text, sizeof(text), "[%3ld.%02ld] ", (long)now.tv_sec, now.tv_nsec / 10000000);
    }
    vsnprintf(text + used, sizeof(text) - used, format, args);
    pthread_mutex_lock(&lock);
    for (unsigned i = 0; i < output_count; i++)
        output_line(&outputs[i], style, text);
    pthread_mutex_unlock(&lock);
}

void console_line(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    write_line(STYLE_PLAIN, format, args);
    va_end(args);
}

void console_alert(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    write_line(STYLE_ALERT, format, args);
    va_end(args);
}

void console_success(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    write_line(STYLE_SUCCESS, format, args);
    va_end(args);
}

static unsigned columns_of(int fd)
{
    struct winsize w;

    if (ioctl(fd, TIOCGWINSZ, &w) != 0 || w.ws_col == 0)
        return COLUMNS_DEFAULT;
    return w.ws_col < COLUMNS_MAX ? w.ws_col : COLUMNS_MAX;
}

static void terminal_progress(struct output *o, const struct progress_report *r)
{
    /* One column stays free: a character in the last one would wrap some consoles. */
    unsigned columns = columns_of(o->fd) - 1;
    char part[COLUMNS_MAX + 1], bar[COLUMNS_MAX + 1], line[2 * COLUMNS_MAX + 64];
    const char *back = o->progress_lines == 2 ? "\r\033[A" : "\r";

    progress_part_format(part, sizeof(part), columns, r);
    progress_bar_format(bar, sizeof(bar), columns, r);
    if (part[0])
        snprintf(line, sizeof(line), "%s%s\033[K\r\n%s\033[K", back, part, bar);
    else
        snprintf(line, sizeof(line), "%s%s\033[K", erase_progress(o), bar);
    o->progress_lines = part[0] ? 2 : 1;
    output_write(o, line, strlen(line));
}

static void plain_progress(struct output *o, const struct progress_report *r, time_t now)
{
    char line[280];

    if (now - o->last_plain < PLAIN_SECONDS && r->done < r->total)
        return;
    o->last_plain = now;
    progress_text_format(line, sizeof(line) - 1, r);
    strcat(line, "\n");
    output_write(o, line, strlen(line));
}

void console_progress(const struct progress_report *r)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    pthread_mutex_lock(&lock);
    for (unsigned i = 0; i < output_count; i++)
        if (outputs[i].terminal)
            terminal_progress(&outputs[i], r);
        else
            plain_progress(&outputs[i], r, now.tv_sec);
    pthread_mutex_unlock(&lock);
}

void console_progress_end(void)
{
    pthread_mutex_lock(&lock);
    for (unsigned i = 0; i < output_count; i++)
        if (outputs[i].progress_lines) {
            outputs[i].progress_lines = 0;
            output_write(&outputs[i], "\r\n", 2);
        }
    pthread_mutex_unlock(&lock);
}

static bool all_sent(void)
{
    int waiting;

    for (unsigned i = 0; i < output_count; i++)
        if (ioctl(outputs[i].fd, TIOCOUTQ, &waiting) == 0 && waiting > 0)
            return false;
    return true;
}

void console_drain(void)
{
    const struct timespec step = {.tv_nsec = DRAIN_STEP_MS * 1000000L};

    pthread_mutex_lock(&lock);
    for (unsigned waited = 0; waited < DRAIN_MS && !all_sent(); waited += DRAIN_STEP_MS)
        nanosleep(&step, NULL);
    nanosleep(&step, NULL); /* the port's own buffer */
    pthread_mutex_unlock(&lock);
}
