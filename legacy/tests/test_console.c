/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Screen, keyboard and serial port of a BIOS that is played here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "legacy/console.c"

#define NO_KEY 0

static struct {
    char screen[1024], port[1024]; /* what was written by the teletype call, and to the serial port */
    size_t on_screen, on_port;
    uint16_t key;        /* scan code and character, as INT 16h gives them */
    const char *typed;   /* on the serial port */
    uint64_t now, pause; /* milliseconds; and between two bytes that are typed */
    uint64_t next_typed;
} bios;

static void keyboard(struct real_registers *r)
{
    if (r->eax == KEYBOARD_PEEK) {
        r->flags = bios.key == NO_KEY ? REAL_ZERO : 0;
        return;
    }
    r->eax = bios.key;
    bios.key = NO_KEY;
}

void real_interrupt(uint8_t number, struct real_registers *r)
{
    if (number == KEYBOARD)
        keyboard(r);
    else if ((r->eax & 0xff00) == VIDEO_TELETYPE)
        bios.screen[bios.on_screen++] = (char)r->eax;
    assert_true(bios.on_screen < sizeof(bios.screen));
}

void serial_init(void)
{
}

void serial_write(char c)
{
    bios.port[bios.on_port++] = c;
    assert_true(bios.on_port < sizeof(bios.port));
}

bool serial_read(char *ret)
{
    if (!bios.typed || !*bios.typed || bios.now < bios.next_typed)
        return false;
    *ret = *bios.typed++;
    bios.next_typed = bios.now + bios.pause;
    return true;
}

/* Time passes by being looked at. */
uint64_t clock_ms(void)
{
    return bios.now++;
}

static int switched_on(void **state)
{
    (void)state;
    memset(&bios, 0, sizeof(bios));
    line_used = 0;
    return 0;
}

static enum menu_key pressed(uint8_t scan, char character)
{
    char c = 0;
    enum menu_key key;

    bios.key = (uint16_t)(scan << 8 | (uint8_t)character);
    key = console.key(&c);
    if (key == MENU_KEY_CHARACTER)
        assert_int_equal(c, character);
    return key;
}

static void keys_of_the_keyboard(void **state)
{
    (void)state;
    assert_int_equal(pressed(0x42, 0), MENU_KEY_F8);
    assert_int_equal(pressed(0x48, 0), MENU_KEY_UP);
    assert_int_equal(pressed(0x50, 0), MENU_KEY_DOWN);
    assert_int_equal(pressed(0x49, 0), MENU_KEY_PAGE_UP);
    assert_int_equal(pressed(0x51, 0), MENU_KEY_PAGE_DOWN);
    assert_int_equal(pressed(0x47, 0), MENU_KEY_HOME);
    assert_int_equal(pressed(0x4f, 0), MENU_KEY_END);
    assert_int_equal(pressed(0x1c, '\r'), MENU_KEY_ENTER);
    assert_int_equal(pressed(0x01, '\x1b'), MENU_KEY_ESCAPE);
    assert_int_equal(pressed(0x32, 'm'), MENU_KEY_CHARACTER);
    assert_int_equal(pressed(0x48, '8'), MENU_KEY_CHARACTER); /* of the keypad, with Num Lock */
    assert_int_equal(pressed(0x3b, 0), MENU_KEY_NONE);        /* F1 */
    assert_int_equal(pressed(0, '\xe9'), MENU_KEY_NONE);
    assert_int_equal(pressed(0, NO_KEY), MENU_KEY_NONE);
}

static enum menu_key typed(const char *bytes, uint64_t pause)
{
    char c = 0;

    bios.typed = bytes;
    bios.pause = pause;
    bios.next_typed = 0;
    return console.key(&c);
}

static void keys_of_the_serial_port(void **state)
{
    static const struct {
        const char *bytes;
        enum menu_key key;
    } sequences[] = {
        {"\x1b[A", MENU_KEY_UP},         {"\x1bOB", MENU_KEY_DOWN}, {"\x1b[5~", MENU_KEY_PAGE_UP},
        {"\x1b[6~", MENU_KEY_PAGE_DOWN}, {"\x1b[H", MENU_KEY_HOME}, {"\x1b[F", MENU_KEY_END},
        {"\x1b[19~", MENU_KEY_F8},       {"\x1b[Z", MENU_KEY_NONE}, {"\x1b", MENU_KEY_ESCAPE},
        {"\x1bx", MENU_KEY_NONE},        {"\x1b[", MENU_KEY_NONE},  {"\r", MENU_KEY_ENTER},
        {"\n", MENU_KEY_ENTER},          {"7", MENU_KEY_CHARACTER}, {"\x07", MENU_KEY_NONE},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(sequences) / sizeof(sequences[0]); i++) {
        assert_int_equal(typed(sequences[i].bytes, 0), sequences[i].key);
        assert_int_equal(*bios.typed, 0); /* nothing of it is taken for the next key */
    }
    assert_int_equal(typed("\x1b[19~", ESCAPE_MS / 2), MENU_KEY_F8); /* over a network */
    assert_int_equal(typed("\x1b[A", 2 * ESCAPE_MS), MENU_KEY_ESCAPE);
}

static void a_port_that_never_stops_leaves_the_keyboard_alone(void **state)
{
    (void)state;
    bios.typed = "\xff\xff\xff\xff";
    assert_int_equal(pressed(0x42, 0), MENU_KEY_F8);
    assert_int_equal(pressed(0, NO_KEY), MENU_KEY_NONE);
    assert_int_equal(pressed(0x42, 0), MENU_KEY_F8);
}

static void text_is_ascii_on_screen_and_port(void **state)
{
    (void)state;
    console.print("Gr\xc3\xb6\xc3\x9f"
                  "e \xe6\xa9\x9f\n");
    assert_string_equal(bios.screen, "Gr??e ?\r\n");
    assert_string_equal(bios.port, bios.screen);
}

static void a_line_is_written_over_and_never_wraps(void **state)
{
    char expected[256], longest[COLUMNS];

    (void)state;
    memset(longest, 'x', sizeof(longest)); /* one more than may be shown */
    longest[COLUMNS - 1] = 0;
    console.update("12345");
    console.update("678");
    snprintf(expected, sizeof(expected), "12345\r678  ");
    assert_string_equal(bios.screen, expected);
    console.update("                                                                                 cut");
    assert_int_equal(line_used, COLUMNS - 1);
    console.finish(longest);
    assert_string_equal(bios.screen + bios.on_screen - 2, "\r\n");
    assert_memory_equal(bios.screen + bios.on_screen - 2 - (COLUMNS - 1), longest, COLUMNS - 1);
    assert_int_equal(line_used, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(keys_of_the_keyboard, switched_on),
        cmocka_unit_test_setup(keys_of_the_serial_port, switched_on),
        cmocka_unit_test_setup(a_port_that_never_stops_leaves_the_keyboard_alone, switched_on),
        cmocka_unit_test_setup(text_is_ascii_on_screen_and_port, switched_on),
        cmocka_unit_test_setup(a_line_is_written_over_and_never_wraps, switched_on),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
