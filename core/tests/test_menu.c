/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/tests/sim.h"

static const uint8_t THREE[] = {0, 0, 5, 'L', 'o', 'c', 'a', 'l', 0x80, 0, 4, 'A', 'u', 't', 'o', 0, 9, 0};
static const uint8_t PROMPT_3S[] = {3, 'P', 'r', 'e', 's', 's', 27, '!'};

static const char *line(const struct menu *m, unsigned n, uint64_t now, bool *highlight)
{
    static char buf[256];
    struct text t;

    text_init(&t, buf, sizeof(buf));
    menu_line(m, n, now, &t, highlight);
    return buf;
}

static void prompt_counts_down_to_the_first_item(void **state)
{
    struct menu m;
    bool h;

    (void)state;
    assert_true(menu_init(&m, THREE, sizeof(THREE), PROMPT_3S, sizeof(PROMPT_3S), 1000));
    assert_int_equal(m.mode, MENU_PROMPT);
    assert_int_equal(m.deadline_ms, 4000);
    assert_int_equal(menu_line_count(&m), 2);
    assert_string_equal(line(&m, 0, 1000, &h), "Press?!"); /* no escape sequence reaches the screen */
    assert_string_equal(line(&m, 1, 1000, &h), "In 3 s: Local   (F8/M: menu, Enter: now, Esc: cancel)");
    assert_int_equal(m.wake_ms, 2000);
    assert_false(menu_on_timer(&m, 1999));
    assert_true(menu_on_timer(&m, 2000));
    assert_non_null(strstr(line(&m, 1, 2000, &h), "In 2 s"));
    assert_true(menu_on_timer(&m, 3500)); /* a late call catches up */
    assert_int_equal(m.wake_ms, 4000);
    assert_non_null(strstr(line(&m, 1, 3500, &h), "In 1 s"));
    assert_non_null(strstr(line(&m, 1, 4100, &h), "In 0 s"));
    assert_false(menu_on_key(&m, MENU_KEY_DOWN, 0, 3500));
    assert_false(menu_on_key(&m, MENU_KEY_CHARACTER, 'x', 3500));
    assert_true(menu_on_timer(&m, 4000));
    assert_int_equal(m.mode, MENU_CHOSEN);
    assert_int_equal(m.selected, 0);
    assert_int_equal(menu_line_count(&m), 0);
    assert_false(menu_on_timer(&m, 9000));
    assert_false(menu_on_key(&m, MENU_KEY_ENTER, 0, 9000));
}

static void keys_at_the_prompt(void **state)
{
    struct menu m;
    bool h;
    const uint8_t bare[] = {9};

    (void)state;
    assert_true(menu_init(&m, THREE, sizeof(THREE), bare, 1, 0));
    assert_non_null(strstr(line(&m, 0, 0, &h), "Press F8 or M"));
    assert_true(menu_on_key(&m, MENU_KEY_F8, 0, 1));
    assert_int_equal(m.mode, MENU_LIST);
    assert_true(m.deadline_ms == UINT64_MAX && m.wake_ms == UINT64_MAX);
    for (const char *k = "mM"; *k; k++) {
        menu_init(&m, THREE, sizeof(THREE), bare, 1, 0);
        assert_true(menu_on_key(&m, MENU_KEY_CHARACTER, *k, 1));
        assert_int_equal(m.mode, MENU_LIST);
    }
    menu_init(&m, THREE, sizeof(THREE), bare, 1, 0);
    assert_true(menu_on_key(&m, MENU_KEY_ENTER, 0, 1));
    assert_int_equal(m.mode, MENU_CHOSEN);
}

/* The keys stay on an 80-column screen whatever the first item is called, and no character is torn. */
static void long_description_at_the_prompt(void **state)
{
    uint8_t item[3 + 250] = {0, 0, 250};
    const uint8_t longest[] = {254};
    struct menu m;
    bool h;

    (void)state;
    memset(item + 3, 'x', 250);
    memcpy(item + 3 + 25, "\xe5\x90\xaf", 3); /* cut inside this one */
    assert_true(menu_init(&m, item, sizeof(item), longest, 1, 0));
    assert_string_equal(line(&m, 1, 0, &h),
                        "In 254 s: xxxxxxxxxxxxxxxxxxxxxxxxx...   (F8/M: menu, Enter: now, Esc: cancel)");
    assert_in_range(strlen(line(&m, 1, 0, &h)), 70, 79);
    menu_on_key(&m, MENU_KEY_F8, 0, 0);
    assert_int_equal(strlen(line(&m, 1, 0, &h)), 3 + 250); /* the list has it whole; the screen cuts it */
    assert_non_null(strstr(line(&m, 1, 0, &h), "\xe5\x90\xaf"));
}

static void timeout_0_255_and_missing(void **state)
{
    const uint8_t zero[] = {0, 'x'}, ever[] = {255};
    struct menu m;

    (void)state;
    assert_true(menu_init(&m, THREE, sizeof(THREE), zero, 2, 0));
    assert_int_equal(m.mode, MENU_CHOSEN);
    assert_true(menu_init(&m, THREE, sizeof(THREE), NULL, 0, 0));
    assert_int_equal(m.mode, MENU_CHOSEN);
    assert_true(menu_init(&m, THREE, sizeof(THREE), ever, 1, 0));
    assert_int_equal(m.mode, MENU_LIST);
    assert_true(m.wake_ms == UINT64_MAX);
    assert_false(menu_on_timer(&m, UINT64_MAX));
}

static void list_of_three(void **state)
{
    const uint8_t ever[] = {255};
    struct menu m;
    bool h;

    (void)state;
    menu_init(&m, THREE, sizeof(THREE), ever, 1, 0);
    assert_int_equal(menu_line_count(&m), 6);
    assert_string_equal(line(&m, 0, 0, &h), "Boot menu");
    assert_string_equal(line(&m, 1, 0, &h), "1  Local");
    assert_true(h);
    assert_string_equal(line(&m, 3, 0, &h), "3  (no description, type 9)");
    assert_false(h);
    assert_non_null(strstr(line(&m, 5, 0, &h), "Item 1 of 3"));
    assert_string_equal(line(&m, 4, 0, &h), "");
    assert_string_equal(line(&m, 6, 0, &h), "");
    assert_false(menu_on_key(&m, MENU_KEY_UP, 0, 0));
    assert_true(menu_on_key(&m, MENU_KEY_DOWN, 0, 0));
    assert_string_equal(line(&m, 2, 0, &h), "2  Auto");
    assert_true(h);
    assert_true(menu_on_key(&m, MENU_KEY_UP, 0, 0));
    assert_true(menu_on_key(&m, MENU_KEY_PAGE_DOWN, 0, 0));
    assert_int_equal(m.selected, 2);
    assert_false(menu_on_key(&m, MENU_KEY_DOWN, 0, 0));
    assert_true(menu_on_key(&m, MENU_KEY_PAGE_UP, 0, 0));
    assert_int_equal(m.selected, 0);
    for (const char *k = "04/:x"; *k; k++)
        assert_false(menu_on_key(&m, MENU_KEY_CHARACTER, *k, 0));
    assert_false(menu_on_key(&m, MENU_KEY_NONE, 0, 0));
    menu_on_key(&m, MENU_KEY_END, 0, 0);
    assert_true(menu_on_key(&m, MENU_KEY_ENTER, 0, 0));
    assert_int_equal(m.mode, MENU_CHOSEN);
    assert_int_equal(m.selected, 2);
    menu_init(&m, THREE, sizeof(THREE), ever, 1, 0);
    assert_true(menu_on_key(&m, MENU_KEY_CHARACTER, '2', 0));
    assert_int_equal(m.mode, MENU_CHOSEN);
    assert_int_equal(m.items[m.selected].type, 0x8000);
}

/* As many items as tag 9 can hold: the list scrolls and the selected row is always on the screen. */
static void longest_list_scrolls(void **state)
{
    const uint8_t ever[] = {255};
    uint8_t items[MENU_ITEMS * 3 + 3] = {0};
    static const enum menu_key keys[] = {MENU_KEY_DOWN, MENU_KEY_PAGE_DOWN, MENU_KEY_END, MENU_KEY_PAGE_UP, MENU_KEY_UP,
                                         MENU_KEY_HOME, MENU_KEY_PAGE_DOWN, MENU_KEY_PAGE_DOWN, MENU_KEY_PAGE_UP};
    struct menu m;

    (void)state;
    assert_true(menu_init(&m, items, MENU_ITEMS * 3, ever, 1, 0));
    assert_int_equal(m.count, MENU_ITEMS);
    assert_int_equal(menu_line_count(&m), MENU_ROWS + 3);
    for (unsigned k = 0; k < sizeof(keys) / sizeof(keys[0]) * 4; k++) {
        unsigned lit = 0;
        bool h;

        menu_on_key(&m, keys[k % (sizeof(keys) / sizeof(keys[0]))], 0, 0);
        for (unsigned i = 0; i < menu_line_count(&m); i++) {
            line(&m, i, 0, &h);
            lit += h;
        }
        assert_int_equal(lit, 1);
        assert_true(m.first_shown + MENU_ROWS <= m.count);
    }
    assert_false(menu_init(&m, items, sizeof(items), ever, 1, 0)); /* one item more than 255 bytes hold with tag 6 */
}

/* EDK2's menu size underflows: here every truncation that tears an item is refused, in memory of exactly that size. */
static void edk2_menu_size_does_not_underflow(void **state)
{
    struct menu m;

    (void)state;
    for (size_t n = 0; n < sizeof(THREE); n++) {
        uint8_t *copy = malloc(n + 1);

        memcpy(copy, THREE, n);
        assert_int_equal(menu_init(&m, copy, n, NULL, 0, 0), n == 8 || n == 15);
        free(copy);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prompt_counts_down_to_the_first_item),
        cmocka_unit_test(keys_at_the_prompt),
        cmocka_unit_test(long_description_at_the_prompt),
        cmocka_unit_test(timeout_0_255_and_missing),
        cmocka_unit_test(list_of_three),
        cmocka_unit_test(longest_list_scrolls),
        cmocka_unit_test(edk2_menu_size_does_not_underflow),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
