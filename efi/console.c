/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "efi/console.h"

#include "core/text.h"
#include "efi/clock.h"
#include "efi/system.h"

#define CHUNK 128
#define COLUMNS_MAX 200
#define FIRST_ROW 2 /* under the heading and an empty line */

static struct {
    unsigned columns;
    unsigned line_used; /* columns that update has filled in the current line */
    char heading[COLUMNS_MAX];
} screen;

void console_init(void)
{
    SIMPLE_TEXT_OUTPUT_INTERFACE *out = system_table->ConOut;
    UINTN columns = 80, rows = 25;

    if (out->QueryMode(out, out->Mode->Mode, &columns, &rows) != EFI_SUCCESS || columns < 20)
        columns = 80;
    screen.columns = columns > COLUMNS_MAX ? COLUMNS_MAX : columns;
    /* The firmware's logo would show through beside every line. */
    out->ClearScreen(out);
    /* Not every console has a cursor to hide. */
    out->EnableCursor(out, FALSE);
}

/* One character of UTF-8 at *s, which is moved behind it. UEFI's console knows the basic plane only. */
static CHAR16 next_character(const char **s)
{
    const uint8_t *p = (const uint8_t *)*s;
    unsigned more = p[0] < 0xc0 ? 0 : p[0] < 0xe0 ? 1 : p[0] < 0xf0 ? 2 : 3;
    uint32_t c = more == 0 ? p[0] : p[0] & (0x3fu >> more);

    for (unsigned i = 1; i <= more; i++) {
        if ((p[i] & 0xc0) != 0x80) {
            *s += i;
            return '?';
        }
        c = c << 6 | (p[i] & 0x3f);
    }
    *s += more + 1;
    return c > 0xffff || (more == 0 && c >= 0x80) ? '?' : (CHAR16)c;
}

static void put(CHAR16 *chunk, unsigned *n, CHAR16 c)
{
    chunk[(*n)++] = c;
    if (*n == CHUNK - 1 || c == 0) {
        chunk[*n] = 0;
        system_table->ConOut->OutputString(system_table->ConOut, chunk);
        *n = 0;
    }
}

static void print(const char *s)
{
    CHAR16 chunk[CHUNK];
    unsigned n = 0;

    if (screen.line_used) {
        screen.line_used = 0;
        put(chunk, &n, '\r');
        put(chunk, &n, '\n');
    }
    while (*s) {
        CHAR16 c = next_character(&s);
        if (c == '\n')
            put(chunk, &n, '\r');
        put(chunk, &n, c);
    }
    put(chunk, &n, 0);
}

/* Fills the line from its beginning and pads it to `columns`. */
static unsigned put_line(const char *s, unsigned pad_to)
{
    CHAR16 chunk[CHUNK];
    unsigned n = 0, column = 0;

    while (*s && column < screen.columns - 1) {
        put(chunk, &n, next_character(&s));
        column++;
    }
    unsigned used = column;
    while (column < pad_to && column < screen.columns - 1) {
        put(chunk, &n, ' ');
        column++;
    }
    put(chunk, &n, 0);
    return used;
}

static void update(const char *s)
{
    CHAR16 back[] = {'\r', 0};

    if (screen.line_used)
        system_table->ConOut->OutputString(system_table->ConOut, back);
    screen.line_used = put_line(s, screen.line_used);
}

static void finish(const char *s)
{
    update(s);
    if (screen.line_used)
        print("");
}

static unsigned columns(void)
{
    return screen.columns;
}

void console_heading(const char *s)
{
    struct text t;

    text_init(&t, screen.heading, sizeof(screen.heading));
    text_string(&t, s);
    print(s);
    print("\n");
}

static void alarm(const char *s)
{
    SIMPLE_TEXT_OUTPUT_INTERFACE *out = system_table->ConOut;
    UINTN normal = out->Mode->Attribute;

    out->SetAttribute(out, EFI_TEXT_ATTR(EFI_YELLOW, EFI_BLACK));
    print(s);
    out->SetAttribute(out, normal);
    print("\n");
}

static void clear(void)
{
    system_table->ConOut->ClearScreen(system_table->ConOut);
    screen.line_used = 0;
    put_line(screen.heading, 0);
    print("\n\n");
}

static void row(unsigned number, const char *s, bool inverse)
{
    SIMPLE_TEXT_OUTPUT_INTERFACE *out = system_table->ConOut;
    UINTN normal = out->Mode->Attribute;

    out->SetCursorPosition(out, 0, FIRST_ROW + number);
    if (inverse)
        out->SetAttribute(out, EFI_TEXT_ATTR(EFI_BLACK, EFI_LIGHTGRAY));
    put_line(s, screen.columns);
    if (inverse)
        out->SetAttribute(out, normal);
}

static enum menu_key read_key(char *ret_character)
{
    static const struct {
        UINT16 scan;
        enum menu_key key;
    } keys[] = {
        {SCAN_UP, MENU_KEY_UP},          {SCAN_DOWN, MENU_KEY_DOWN},           {SCAN_HOME, MENU_KEY_HOME},
        {SCAN_END, MENU_KEY_END},        {SCAN_PAGE_UP, MENU_KEY_PAGE_UP},     {SCAN_PAGE_DOWN, MENU_KEY_PAGE_DOWN},
        {SCAN_F8, MENU_KEY_F8},          {SCAN_ESC, MENU_KEY_ESCAPE},
    };
    SIMPLE_INPUT_INTERFACE *in = system_table->ConIn;
    EFI_INPUT_KEY key;

    if (in->ReadKeyStroke(in, &key) != EFI_SUCCESS)
        return MENU_KEY_NONE;
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        if (keys[i].scan == key.ScanCode)
            return keys[i].key;
    if (key.UnicodeChar == '\r' || key.UnicodeChar == '\n')
        return MENU_KEY_ENTER;
    if (key.UnicodeChar < 0x20 || key.UnicodeChar > 0x7e)
        return MENU_KEY_NONE;
    *ret_character = (char)key.UnicodeChar;
    return MENU_KEY_CHARACTER;
}

static void pause_ms(unsigned ms)
{
    system_boot->Stall(ms * 1000);
}

const struct console console = {
    .columns = columns,
    .print = print,
    .alarm = alarm,
    .update = update,
    .finish = finish,
    .clear = clear,
    .row = row,
    .key = read_key,
    .clock_ms = clock_ms,
    .pause_ms = pause_ms,
};
