// Which form a request gets: RFC 9110 section 12.5.1, and the headers that real clients send.
#include "stats/negotiate.h"

#include "support/cmocka.h"

namespace tls {
namespace {

void assert_format(const char* accept, StatusFormat expected) {
    if (format_by_accept(accept) != expected) {
        print_error("Accept: %s\n", accept);
    }
    assert_true(format_by_accept(accept) == expected);
}

void by_name(void**) {
    assert_true(format_by_name("html") == StatusFormat::Html);
    assert_true(format_by_name("json") == StatusFormat::Json);
    assert_true(format_by_name("prometheus") == StatusFormat::Prometheus);
    assert_false(format_by_name("").has_value());
    assert_false(format_by_name("JSON").has_value());
    assert_false(format_by_name("json&x").has_value());
}

void real_clients(void**) {
    // Prometheus 2.42 and 3.
    assert_format(
        "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
        "text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
        StatusFormat::Prometheus);
    assert_format(
        "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
        "application/openmetrics-text;version=0.0.1;q=0.5,text/"
        "plain;version=1.0.0;escaping=allow-utf-8;q=0.4,"
        "text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
        StatusFormat::Prometheus);
    // Chromium and Firefox.
    assert_format(
        "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,"
        "application/signed-exchange;v=b3;q=0.7",
        StatusFormat::Html);
    // curl; nothing at all.
    assert_format("*/*", StatusFormat::Html);
    assert_format("", StatusFormat::Html);
    assert_format("application/json", StatusFormat::Json);
    assert_format("application/json, text/plain, */*", StatusFormat::Json);
    assert_format("text/plain", StatusFormat::Prometheus);
}

void weights(void**) {
    assert_format("text/html;q=0.3, application/json;q=0.31", StatusFormat::Json);
    assert_format("text/html;q=0, */*", StatusFormat::Json);
    assert_format("text/*;q=0.5, application/json;q=0.2", StatusFormat::Html);
    assert_format("text/html;q=0.1, text/*", StatusFormat::Prometheus);
    assert_format("TEXT/HTML;Q=0.1 , APPLICATION/JSON ; Q=1", StatusFormat::Json);
    assert_format("image/png", StatusFormat::Html);
}

void nonsense(void**) {
    assert_format(",,;;,/,=", StatusFormat::Html);
    assert_format("application/json;q=", StatusFormat::Html);
    assert_format("application/json;q=x, text/plain;q=0.1", StatusFormat::Prometheus);
    assert_format("application/json;q=99999999999, text/html;q=0.9", StatusFormat::Html);
    assert_format("application/json;q=1.0000001", StatusFormat::Json);
    assert_format("*/json", StatusFormat::Html);
}

void content_types(void**) {
    assert_string_equal(content_type(StatusFormat::Html).data(), "text/html; charset=utf-8");
    assert_string_equal(content_type(StatusFormat::Json).data(), "application/json");
    assert_string_equal(content_type(StatusFormat::Prometheus).data(),
                        "text/plain; version=0.0.4; charset=utf-8");
}

}  // namespace
}  // namespace tls

int main() {
    const CMUnitTest tests[] = {cmocka_unit_test(tls::by_name), cmocka_unit_test(tls::real_clients),
                                cmocka_unit_test(tls::weights), cmocka_unit_test(tls::nonsense),
                                cmocka_unit_test(tls::content_types)};
    return cmocka_run_group_tests_name("negotiate", tests, nullptr, nullptr);
}
