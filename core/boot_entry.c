/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/boot_entry.h"

#include "core/url.h"

/* A piece of the file, not NUL-terminated. */
struct slice {
    const uint8_t *s;
    size_t n;
};

struct parser {
    const char *path;
    struct slice rest;
    unsigned line;
    struct boot_entry *entry;
    struct text options;
    struct error_detail *error;
};

static uint8_t lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 'a' - 'A') : c;
}

bool boot_entry_is_conf(const char *path)
{
    static const char suffix[] = ".conf";
    const size_t suffix_size = sizeof(suffix) - 1;
    size_t n = 0;

    while (path[n] != '\0' && !(path[n] == '?' && url_is_http(path)))
        n++;
    if (n < suffix_size)
        return false;
    for (size_t i = 0; i < suffix_size; i++)
        if (lower((uint8_t)path[n - suffix_size + i]) != (uint8_t)suffix[i])
            return false;
    return true;
}

/* Always returns false. */
static bool fail(struct parser *p, const char *what)
{
    struct text t;

    error_begin(p->error, SLIPWAY_E01, &t);
    text_string(&t, "line ");
    text_unsigned(&t, p->line);
    text_string(&t, ": ");
    text_string(&t, what);
    return false;
}

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t';
}

static struct slice trim(struct slice a)
{
    while (a.n > 0 && is_blank(a.s[0])) {
        a.s++;
        a.n--;
    }
    while (a.n > 0 && is_blank(a.s[a.n - 1]))
        a.n--;
    return a;
}

/* The next line without its LF or CR LF and without the blanks around it. */
static struct slice take_line(struct slice *rest)
{
    struct slice line = {rest->s, 0};
    size_t taken;

    while (line.n < rest->n && rest->s[line.n] != '\n')
        line.n++;
    taken = line.n < rest->n ? line.n + 1 : line.n;
    rest->s += taken;
    rest->n -= taken;
    if (line.n > 0 && line.s[line.n - 1] == '\r')
        line.n--;
    return trim(line);
}

/* Splits a line at its first blank; *ret_value may be empty. */
static struct slice take_key(struct slice line, struct slice *ret_value)
{
    struct slice key = {line.s, 0};

    while (key.n < line.n && !is_blank(line.s[key.n]))
        key.n++;
    *ret_value = trim((struct slice){line.s + key.n, line.n - key.n});
    return key;
}

static bool slice_is(struct slice a, const char *s)
{
    size_t n = text_length(s, SIZE_MAX);

    return a.n == n && bytes_equal(a.s, s, n);
}

static bool starts_with(struct slice a, const char *s)
{
    size_t n = text_length(s, SIZE_MAX);

    return a.n >= n && bytes_equal(a.s, s, n);
}

static bool has_control(struct slice a)
{
    for (size_t i = 0; i < a.n; i++)
        if ((a.s[i] < 0x20 && a.s[i] != '\t') || a.s[i] == 0x7f)
            return true;
    return false;
}

static void append(struct text *t, struct slice a)
{
    for (size_t i = 0; i < a.n; i++)
        text_char(t, (char)a.s[i]);
}

static bool set_path(struct parser *p, struct slice value, char ret[BOOT_ENTRY_PATH])
{
    struct url url;
    struct text t;

    if (value.n == 0)
        return fail(p, "a path is missing");
    text_init(&t, ret, BOOT_ENTRY_PATH);
    url_resolve(&t, p->path, (const char *)value.s, value.n);
    if (t.cut)
        return fail(p, "the path is too long");
    return url_is_url(ret) && !url_parse(ret, &url) ? fail(p, "a URL other than http://HOST[:PORT]/PATH") : true;
}

static bool set_linux(struct parser *p, struct slice value)
{
    if (p->entry->linux_path[0] != '\0')
        return fail(p, "a second 'linux'");
    return set_path(p, value, p->entry->linux_path);
}

static bool add_initrd(struct parser *p, struct slice value)
{
    if (p->entry->initrd_count == BOOT_ENTRY_INITRDS)
        return fail(p, "more than 8 'initrd'");
    return set_path(p, value, p->entry->initrd[p->entry->initrd_count++]);
}

static bool add_options(struct parser *p, struct slice value)
{
    if (p->options.length > 0 && value.n > 0)
        text_char(&p->options, ' ');
    append(&p->options, value);
    return p->options.cut ? fail(p, "'options' are too long") : true;
}

static bool parse_line(struct parser *p, struct slice line)
{
    struct slice key, value;
    struct text title;

    if (has_control(line))
        return fail(p, "a control character: this is no text file");
    if (line.n == 0 || line.s[0] == '#')
        return true;
    key = take_key(line, &value);
    if (slice_is(key, "linux"))
        return set_linux(p, value);
    if (slice_is(key, "initrd"))
        return add_initrd(p, value);
    if (slice_is(key, "options"))
        return add_options(p, value);
    if (slice_is(key, "title")) {
        text_init(&title, p->entry->title, sizeof(p->entry->title));
        text_untrusted(&title, value.s, value.n);
    }
    return true;
}

bool boot_entry_parse(const char *path, const uint8_t *text, size_t size, struct boot_entry *ret,
                      struct error_detail *ret_error)
{
    struct parser p = {.path = path, .rest = {text, size}, .entry = ret, .error = ret_error};

    ret->title[0] = '\0';
    ret->linux_path[0] = '\0';
    ret->initrd_count = 0;
    text_init(&p.options, ret->options, sizeof(ret->options));
    /* The byte order mark with which Windows' editors begin a UTF-8 file. */
    if (starts_with(p.rest, "\xef\xbb\xbf"))
        p.rest = (struct slice){text + 3, size - 3};
    while (p.rest.n > 0) {
        p.line++;
        if (!parse_line(&p, take_line(&p.rest)))
            return false;
    }
    return ret->linux_path[0] != '\0' ? true : fail(&p, "the file ends without 'linux'");
}
