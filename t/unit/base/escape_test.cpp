// What becomes of hostile text in a log line: nginx's escape=default and escape=json, and one word for one.
#include "base/escape.h"

#include "support/cmocka.h"

using tls::Escape;
using tls::escaped;

static void each_mode_escapes_what_it_must(void**) {
    const std::string nul("a\0b", 3);
    const struct {
        std::string text;
        const char* by_default;
        const char* word;
        const char* json;
    } rows[] = {
        {"", "", "", ""},
        {"www.example.com", "www.example.com", "www.example.com", "www.example.com"},
        {"a b", "a b", "a\\x20b", "a b"},
        {"a\"b\\c", "a\\x22b\\x5Cc", "a\\x22b\\x5Cc", "a\\\"b\\\\c"},
        {"a\r\nb\t", "a\\x0D\\x0Ab\\x09", "a\\x0D\\x0Ab\\x09", "a\\r\\nb\\t"},
        {"\b\f\x1b", "\\x08\\x0C\\x1B", "\\x08\\x0C\\x1B", "\\b\\f\\u001B"},
        {"~\x7f", "~\\x7F", "~\\x7F", "~\x7f"},
        {"\xc3\xa9", "\\xC3\\xA9", "\\xC3\\xA9", "\xc3\xa9"},
        {nul, "a\\x00b", "a\\x00b", "a\\u0000b"},
    };
    for (const auto& row : rows) {
        assert_string_equal(escaped(row.text, Escape::Default).c_str(), row.by_default);
        assert_string_equal(escaped(row.text, Escape::Word).c_str(), row.word);
        assert_string_equal(escaped(row.text, Escape::Json).c_str(), row.json);
        assert_true(escaped(row.text, Escape::None) == row.text);
    }
}

static void text_is_appended(void**) {
    std::string out = "name=";
    tls::append_escaped("a\n", Escape::Default, &out);
    assert_string_equal(out.c_str(), "name=a\\x0A");
}

static void long_text_is_cut_before_it_is_escaped(void**) {
    assert_string_equal(tls::escaped_start("abc", 3).c_str(), "abc");
    assert_string_equal(tls::escaped_start("a\ncd", 3).c_str(), "a\\x0Ac...");
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(each_mode_escapes_what_it_must),
        cmocka_unit_test(text_is_appended),
        cmocka_unit_test(long_text_is_cut_before_it_is_escaped),
    };
    return cmocka_run_group_tests_name("escape", tests, nullptr, nullptr);
}
