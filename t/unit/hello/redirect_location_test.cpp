// The Location of a redirect to https: RFC 9110 section 10.2.2, RFC 3986 sections 2 and 3.
#include "hello/redirect_location.h"

#include "support/cmocka.h"

static void expect(std::string_view host, uint16_t port, std::string_view uri, const char* expected) {
    tls::RedirectTarget target;
    target.host = host;
    target.port = port;
    target.uri = uri;
    assert_string_equal(tls::redirect_location(target).c_str(), expected);
}

static void host_port_and_uri_are_kept(void**) {
    expect("example.com", 443, "/", "https://example.com/");
    expect("example.com", 8443, "/a/b?c=d&e", "https://example.com:8443/a/b?c=d&e");
    expect("example.com", 80, "/", "https://example.com:80/");
    expect("example.com", 0, "/", "https://example.com/");
    expect("my_host-1.example", 443, "/", "https://my_host-1.example/");
    expect("127.0.0.1", 65535, "/", "https://127.0.0.1:65535/");
}

static void addresses_stay_in_their_brackets(void**) {
    expect("[::1]", 443, "/", "https://[::1]/");
    expect("[2001:db8::7f]", 631, "/x", "https://[2001:db8::7f]:631/x");
    expect("[::ffff:192.0.2.1]", 443, "/", "https://[::ffff:192.0.2.1]/");
    expect("[::1%25eth0]", 443, "/", "https://%5B%3A%3A1%2525eth0%5D/");
    expect("[]", 443, "/", "https://%5B%5D/");
    expect("[::1", 443, "/", "https://%5B%3A%3A1/");
}

static void a_host_cannot_leave_its_place(void**) {
    expect("good.test@evil.test", 443, "/", "https://good.test%40evil.test/");
    expect("evil.test?", 443, "/", "https://evil.test%3F/");
    expect("evil.test#", 443, "/", "https://evil.test%23/");
    expect("evil.test\\x", 443, "/", "https://evil.test%5Cx/");
    expect("a\r\nSet-Cookie: x", 443, "/", "https://a%0D%0ASet-Cookie%3A%20x/");
    expect("\"><script>", 443, "/", "https://%22%3E%3Cscript%3E/");
    expect("a%0d", 443, "/", "https://a%250d/");
    expect(
        "b\xc3\xbc"
        "cher.test",
        443, "/", "https://b%C3%BCcher.test/");
    expect(std::string_view("a\0b", 3), 443, "/", "https://a%00b/");
}

static void a_uri_cannot_split_the_header(void**) {
    expect("h", 443, "/a%0d%0aX:%20y", "https://h/a%0d%0aX:%20y");
    expect("h", 443, "/a\r\nX: y", "https://h/a%0D%0AX:%20y");
    expect("h", 443, "/\x7f\x80\xff\t", "https://h/%7F%80%FF%09");
    expect("h", 443, "/\"<>^`{|}\\", "https://h/%22%3C%3E%5E%60%7B%7C%7D%5C");
    expect("h", 443, std::string_view("/\0", 2), "https://h/%00");
    expect("h", 443, "//evil.test/", "https://h//evil.test/");
}

static void what_may_stand_in_a_uri_stays(void**) {
    const char* const all = "/AZaz09-._~!$&'()*+,;=:@/?%41#[]";
    expect("h", 443, all, (std::string("https://h") + all).c_str());
}

// `GET http://host?query` and `GET http://host` (RFC 9112 section 3.2.2).
static void a_path_that_is_not_there_is_the_root(void**) {
    expect("h", 443, "", "https://h/");
    expect("h", 443, "?a=b", "https://h/?a=b");
    expect("h", 443, "@evil.test/", "https://h/@evil.test/");
    expect("h", 443, ":1/", "https://h/:1/");
}

static void a_pattern_is_no_host(void**) {
    for (const char* const name : {"example.com", "a", "10.0.0.1", "my_host", "x-y.test"}) {
        assert_true(tls::is_redirect_host(name));
    }
    for (const char* const name :
         {"", "_", "-", "*.example.com", "example.*", ".example.com", "~^www\\d+$", "a b", "a/b"}) {
        assert_false(tls::is_redirect_host(name));
    }
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(host_port_and_uri_are_kept),
        cmocka_unit_test(addresses_stay_in_their_brackets),
        cmocka_unit_test(a_host_cannot_leave_its_place),
        cmocka_unit_test(a_uri_cannot_split_the_header),
        cmocka_unit_test(what_may_stand_in_a_uri_stays),
        cmocka_unit_test(a_path_that_is_not_there_is_the_root),
        cmocka_unit_test(a_pattern_is_no_host),
    };
    return cmocka_run_group_tests_name("redirect_location", tests, nullptr, nullptr);
}
