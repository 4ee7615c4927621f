// Text inside of other formats: nothing of it ends what it stands in.
#include "stats/escape.h"

#include <string>

#include "support/cmocka.h"

namespace tls {
namespace {

constexpr char kReplacement[] = "\xef\xbf\xbd";

void labels(void**) {
    assert_string_equal(escape_label("a.example").c_str(), "a.example");
    assert_string_equal(escape_label("~^\\d+\"\n<").c_str(), "~^\\\\d+\\\"\\n<");
}

void html(void**) {
    assert_string_equal(escape_html("<a href=\"x\">'&amp;").c_str(),
                        "&lt;a href=&quot;x&quot;&gt;&#39;&amp;amp;");
    assert_string_equal(escape_html(std::string_view("a\0b", 3)).c_str(),
                        "a\xef\xbf\xbd"
                        "b");
}

// RFC 3629 section 4, its edges.
void valid_utf8_stays(void**) {
    for (const char* text : {"\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80",
                             "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf", "Zo\xc3\xab"}) {
        assert_string_equal(clean_utf8(text).c_str(), text);
        assert_string_equal(escape_label(text).c_str(), text);
        assert_string_equal(escape_html(text).c_str(), text);
    }
}

void other_bytes_do_not(void**) {
    for (const char* text : {"\x80", "\xbf", "\xc0", "\xc1", "\xf5", "\xff", "\xc2", "\xe2\x82"}) {
        const std::string clean = clean_utf8(text);
        assert_int_equal(clean.find(kReplacement), 0);
    }
    // Longer than needed, a surrogate, beyond U+10FFFF: each byte is replaced.
    for (const char* text : {"\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80"}) {
        std::string expected;
        for (const char* byte = text; *byte != '\0'; ++byte) {
            expected += kReplacement;
        }
        assert_string_equal(clean_utf8(text).c_str(), expected.c_str());
    }
    // What follows a broken character is not swallowed.
    assert_string_equal(escape_label("\xc3\"").c_str(), "\xef\xbf\xbd\\\"");
}

}  // namespace
}  // namespace tls

int main() {
    const CMUnitTest tests[] = {cmocka_unit_test(tls::labels), cmocka_unit_test(tls::html),
                                cmocka_unit_test(tls::valid_utf8_stays),
                                cmocka_unit_test(tls::other_bytes_do_not)};
    return cmocka_run_group_tests_name("escape", tests, nullptr, nullptr);
}
