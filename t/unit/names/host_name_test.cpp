// RFC 6066 section 3 on what may be sent, and what nginx's ngx_http_validate_host lets pass.
#include "names/host_name.h"

#include "support/cmocka.h"

using tls::HostName;
using tls::normalize_host_name;

static void expect(std::string_view sent, HostName::Kind kind, const char* text) {
    const HostName name = normalize_host_name(sent);
    assert_int_equal(static_cast<int>(name.kind), static_cast<int>(kind));
    assert_string_equal(name.text.c_str(), text);
}
static void expect_valid(std::string_view sent, const char* text) {
    expect(sent, HostName::Kind::Valid, text);
}
static void expect_invalid(std::string_view sent) {
    expect(sent, HostName::Kind::Invalid, "");
}

static void names_are_lower_cased(void**) {
    expect_valid("example.com", "example.com");
    expect_valid("WWW.Example.COM", "www.example.com");
    expect_valid("a", "a");
    expect_valid("xn--bcher-kva.example", "xn--bcher-kva.example");
}

static void one_trailing_dot_is_taken_away(void**) {
    expect_valid("example.com.", "example.com");
    expect_invalid("example.com..");
    expect_invalid(".");
    expect_invalid("..");
}

static void no_label_is_empty(void**) {
    expect_invalid("");
    expect_invalid("a..b");
    expect_invalid(".example.com");
}

static void what_nginx_lets_pass_passes(void**) {
    expect_valid("_dmarc.example.com", "_dmarc.example.com");
    expect_valid("-a-.b", "-a-.b");
    expect_valid("*.example.com", "*.example.com");
    expect_valid("a\\b", "a\\b");
    expect_valid(
        "b\xc3\xbc"
        "cher.example",
        "b\xc3\xbc"
        "cher.example");
}

static void bytes_that_no_name_has_are_refused(void**) {
    for (const char* const sent : {"a b", "a/b", "/", "a\tb", "a\rb", "a\nb", "a\x7f", " a", "a ", "\x01"}) {
        expect_invalid(sent);
    }
    expect_invalid(std::string_view("a\0b", 3));
    expect_invalid(std::string_view("1.2.3.4\0", 8));
}

static void ports_and_brackets_are_refused(void**) {
    for (const char* const sent :
         {"example.com:443", "[::1]", "[::1]:443", "[example.com]", "a:b", "::1::"}) {
        expect_invalid(sent);
    }
}

static void addresses_are_told_apart(void**) {
    expect("192.0.2.1", HostName::Kind::IpLiteral, "192.0.2.1");
    expect("192.0.2.1.", HostName::Kind::IpLiteral, "192.0.2.1");
    expect("2001:DB8::1", HostName::Kind::IpLiteral, "2001:db8::1");
    expect("::ffff:192.0.2.1", HostName::Kind::IpLiteral, "::ffff:192.0.2.1");
    expect_valid("192.0.2.1.example", "192.0.2.1.example");
    expect_valid("192.0.2", "192.0.2");
    expect_valid("256.0.0.1", "256.0.0.1");
}

static void a_name_has_at_most_255_bytes(void**) {
    expect_valid(std::string(255, 'a'), std::string(255, 'a').c_str());
    expect_invalid(std::string(256, 'a'));
    expect_invalid(std::string(255, 'a') + ".");
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(names_are_lower_cased),
        cmocka_unit_test(one_trailing_dot_is_taken_away),
        cmocka_unit_test(no_label_is_empty),
        cmocka_unit_test(what_nginx_lets_pass_passes),
        cmocka_unit_test(bytes_that_no_name_has_are_refused),
        cmocka_unit_test(ports_and_brackets_are_refused),
        cmocka_unit_test(addresses_are_told_apart),
        cmocka_unit_test(a_name_has_at_most_255_bytes),
    };
    return cmocka_run_group_tests_name("host_name", tests, nullptr, nullptr);
}
