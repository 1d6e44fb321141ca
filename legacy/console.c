/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "legacy/console.h"

#include "legacy/clock.h"
#include "legacy/real.h"
#include "legacy/serial.h"

#define VIDEO 0x10
#define VIDEO_MODE_80X25 0x0003
#define VIDEO_TELETYPE 0x0e00
#define VIDEO_WRITE_ATTRIBUTE 0x0920
#define VIDEO_PAGE_WHITE 0x0007
#define VIDEO_PAGE_INVERSE 0x0070
#define KEYBOARD 0x16
#define KEYBOARD_PEEK 0x0100
#define KEYBOARD_GET 0x0000
#define REAL_ZERO 0x40
/* The bytes of an escape sequence come without a pause, but for one that a console over a network makes. */
#define ESCAPE_MS 100

static unsigned line_used;
static bool inverse;

static void video(uint32_t eax, uint32_t ebx, uint32_t ecx)
{
    struct real_registers r = {.eax = eax, .ebx = ebx, .ecx = ecx};

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
    if (inverse && c >= ' ')
        video(VIDEO_WRITE_ATTRIBUTE, VIDEO_PAGE_INVERSE, 1);
    video(VIDEO_TELETYPE | (uint8_t)c, VIDEO_PAGE_WHITE, 0);
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

void console_init(void)
{
    serial_init();
    console_clear();
}

void console_clear(void)
{
    serial_print("\x1b[2J\x1b[H");
    video(VIDEO_MODE_80X25, 0, 0);
    line_used = 0;
}

void console_print(const char *s)
{
    while (*s) {
        char c = next_character(&s);

        put(c);
        line_used = c == '\n' ? 0 : line_used + 1;
    }
}

/* The last column stays free: a character there would begin a new line. */
void console_update(const char *s)
{
    unsigned column = 0, used;

    if (line_used)
        put('\r');
    for (; *s && column < CONSOLE_COLUMNS - 1; column++)
        put(next_character(&s));
    used = column;
    for (; column < line_used && column < CONSOLE_COLUMNS - 1; column++)
        put(' ');
    line_used = used;
}

void console_finish(const char *s)
{
    console_update(s);
    put('\n');
    line_used = 0;
}

void console_inverse(bool on)
{
    inverse = on;
    serial_print(on ? "\x1b[7m" : "\x1b[0m");
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

enum menu_key console_key(char *ret_character)
{
    char c;

    if (!serial_read(&c))
        return bios_key(ret_character);
    return c == '\x1b' ? escape_key() : plain_key(c, ret_character);
}
