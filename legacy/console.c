/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "legacy/console.h"

#include "legacy/clock.h"
#include "legacy/real.h"
#include "legacy/serial.h"

#define COLUMNS 80
#define FIRST_ROW 2 /* under the heading and an empty line */

/* INT 10h: what %ah (and %al) ask for, attributes, and the last row and column of the screen. */
#define VIDEO 0x10
#define VIDEO_MODE_80X25 0x0003
#define VIDEO_PLACE 0x0200
#define VIDEO_SCROLL_ALL 0x0600
#define VIDEO_WRITE 0x0900
#define VIDEO_TELETYPE 0x0e00
#define VIDEO_NORMAL 0x07
#define VIDEO_YELLOW 0x0e
#define VIDEO_INVERSE 0x70
#define VIDEO_LAST_PLACE 0x184f
#define KEYBOARD 0x16
#define KEYBOARD_PEEK 0x0100
#define KEYBOARD_GET 0x0000
#define REAL_ZERO 0x40
/* The bytes of an escape sequence come without a pause, but for one that a console over a network makes. */
#define ESCAPE_MS 100

static unsigned line_used; /* columns that update has filled in the current line */
static uint8_t attribute = VIDEO_NORMAL;
static char heading[COLUMNS];

static void video(uint32_t eax, uint32_t ebx, uint32_t ecx, uint32_t edx)
{
    struct real_registers r = {.eax = eax, .ebx = ebx, .ecx = ecx, .edx = edx};

    real_interrupt(VIDEO, &r);
}

static void serial_print(const char *s)
{
    while (*s)
        serial_write(*s++);
}

static void put(char c)
{
    if (c == '\n')
        put('\r');
    serial_write(c);
    /* The teletype call keeps the attribute that the place has. */
    if (attribute != VIDEO_NORMAL && c >= ' ')
        video(VIDEO_WRITE | ' ', attribute, 1, 0);
    video(VIDEO_TELETYPE | (uint8_t)c, VIDEO_NORMAL, 0, 0);
}

/* One character of UTF-8, as ASCII. */
static char next_character(const char **s)
{
    unsigned char c = (unsigned char)*(*s)++;

    if (c < 0x80)
        return (char)c;
    while (((unsigned char)**s & 0xc0) == 0x80)
        (*s)++;
    return '?';
}

static void set_attribute(uint8_t value, const char *sequence)
{
    attribute = value;
    serial_print(sequence);
}

void console_init(void)
{
    serial_init();
    serial_print("\x1b[2J\x1b[H");
    video(VIDEO_MODE_80X25, 0, 0, 0);
}

static void print(const char *s)
{
    if (line_used)
        put('\n');
    line_used = 0;
    while (*s)
        put(next_character(&s));
}

/* From the beginning of a line, blanks up to `pad_to`. The last column stays free: a character there would begin a new
 * line. Returns the columns that `s` takes. */
static unsigned put_line(const char *s, unsigned pad_to)
{
    unsigned column = 0, used;

    for (; *s && column < COLUMNS - 1; column++)
        put(next_character(&s));
    used = column;
    for (; column < pad_to && column < COLUMNS - 1; column++)
        put(' ');
    return used;
}

static void update(const char *s)
{
    if (line_used)
        put('\r');
    line_used = put_line(s, line_used);
}

static void finish(const char *s)
{
    update(s);
    if (line_used)
        print("");
}

void console_heading(const char *s)
{
    struct text t;

    text_init(&t, heading, sizeof(heading));
    text_string(&t, s);
    print(s);
    put('\n');
}

static unsigned columns(void)
{
    return COLUMNS;
}

static void alarm(const char *s)
{
    set_attribute(VIDEO_YELLOW, "\x1b[1;33m");
    print(s);
    set_attribute(VIDEO_NORMAL, "\x1b[0m");
    put('\n');
}

static void clear(void)
{
    serial_print("\x1b[2J\x1b[H");
    video(VIDEO_SCROLL_ALL, VIDEO_NORMAL << 8, 0, VIDEO_LAST_PLACE);
    video(VIDEO_PLACE, 0, 0, 0);
    line_used = 0;
    put_line(heading, 0);
    print("\n\n");
}

static void row(unsigned number, const char *s, bool inverse)
{
    char place[16];
    struct text t;

    text_init(&t, place, sizeof(place));
    text_string(&t, "\x1b[");
    text_unsigned(&t, FIRST_ROW + number + 1);
    text_string(&t, ";1H");
    serial_print(place);
    video(VIDEO_PLACE, 0, 0, (FIRST_ROW + number) << 8);
    if (inverse)
        set_attribute(VIDEO_INVERSE, "\x1b[7m");
    else
        video(VIDEO_WRITE | ' ', VIDEO_NORMAL, COLUMNS, 0); /* what was inverse there stays so otherwise */
    put_line(s, COLUMNS);
    if (inverse)
        set_attribute(VIDEO_NORMAL, "\x1b[0m");
}

/* Scan codes and the last bytes of the escape sequences for the same keys: both in this order. */
static const struct {
    uint8_t scan;
    char final;
    enum menu_key key;
} special[] = {
    {0x48, 'A', MENU_KEY_UP},        {0x50, 'B', MENU_KEY_DOWN}, {0x49, '5', MENU_KEY_PAGE_UP},
    {0x51, '6', MENU_KEY_PAGE_DOWN}, {0x47, 'H', MENU_KEY_HOME}, {0x4f, 'F', MENU_KEY_END},
    {0x42, '9', MENU_KEY_F8},
};

static enum menu_key plain_key(char c, char *ret_character)
{
    if (c == '\r' || c == '\n')
        return MENU_KEY_ENTER;
    if (c == '\x1b')
        return MENU_KEY_ESCAPE;
    if (c < ' ' || c > '~')
        return MENU_KEY_NONE;
    *ret_character = c;
    return MENU_KEY_CHARACTER;
}

static enum menu_key bios_key(char *ret_character)
{
    struct real_registers r = {.eax = KEYBOARD_PEEK};

    real_interrupt(KEYBOARD, &r);
    if (r.flags & REAL_ZERO)
        return MENU_KEY_NONE;
    r = (struct real_registers){.eax = KEYBOARD_GET};
    real_interrupt(KEYBOARD, &r);
    for (size_t i = 0; i < sizeof(special) / sizeof(special[0]); i++)
        if ((r.eax & 0xff) == 0 && (r.eax >> 8 & 0xff) == special[i].scan)
            return special[i].key;
    return plain_key((char)r.eax, ret_character);
}

static bool serial_soon(char *ret)
{
    uint64_t end = clock_ms() + ESCAPE_MS;

    while (!serial_read(ret))
        if (clock_ms() >= end)
            return false;
    return true;
}

/* What follows ESC: nothing (the key itself), or "[A", "OA", "[5~", "[19~" and the like. */
static enum menu_key escape_key(void)
{
    char c, last;

    if (!serial_soon(&c))
        return MENU_KEY_ESCAPE;
    if (c != '[' && c != 'O')
        return MENU_KEY_NONE;
    if (!serial_soon(&last))
        return MENU_KEY_NONE;
    while (last >= '0' && last <= '9' && serial_soon(&c) && c != '~')
        last = c;
    for (size_t i = 0; i < sizeof(special) / sizeof(special[0]); i++)
        if (special[i].final == last)
            return special[i].key;
    return MENU_KEY_NONE;
}

static enum menu_key read_key(char *ret_character)
{
    /* The keyboard first: a device on the serial port that never stops must not keep a person from it. */
    enum menu_key key = bios_key(ret_character);
    char c;

    if (key != MENU_KEY_NONE || !serial_read(&c))
        return key;
    return c == '\x1b' ? escape_key() : plain_key(c, ret_character);
}

static void pause_ms(unsigned ms)
{
    uint64_t end = clock_ms() + ms;

    while (clock_ms() < end)
        ;
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
