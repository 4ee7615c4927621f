// The words of a report: operators' alarms and dashboards have them too, so they stand here a second time.
#include "server/report.h"

#include <cerrno>

#include "support/cmocka.h"

namespace tls {
namespace {

using std::chrono::nanoseconds;

void each_value_has_its_word(void**) {
    assert_string_equal(port_use_name(PortUse::Tls), "tls");
    assert_string_equal(port_use_name(PortUse::Upgraded), "upgraded");
    assert_string_equal(port_use_name(PortUse::Plain), "plain");
    assert_string_equal(port_use_name(PortUse::Redirected), "redirected");
    assert_string_equal(port_use_name(PortUse::Refused), "refused");
    assert_string_equal(port_use_name(PortUse::Other), "other");
    assert_string_equal(ended_by_name(EndedBy::Nobody), "");
    assert_string_equal(ended_by_name(EndedBy::Client), "client");
    assert_string_equal(ended_by_name(EndedBy::Server), "server");
    assert_string_equal(certified_by_name(CertifiedBy::None), "");
    assert_string_equal(certified_by_name(CertifiedBy::Server), "server");
    assert_string_equal(certified_by_name(CertifiedBy::Directory), "directory");
    assert_string_equal(certified_by_name(CertifiedBy::Variable), "variable");
    assert_string_equal(certified_by_name(CertifiedBy::Internal), "internal");
}

void the_most_telling_words_are_the_detail(void**) {
    Report report;
    assert_string_equal(report_detail(report).c_str(), "");
    report.library_text = " (SSL: error:0A0000C1:SSL routines::no shared cipher)";
    assert_string_equal(report_detail(report).c_str(), "SSL: error:0A0000C1:SSL routines::no shared cipher");
    report.system_error = ECONNRESET;
    assert_string_equal(report_detail(report).c_str(), "Connection reset by peer");
    report.text = "the client sent no server name";
    assert_string_equal(report_detail(report).c_str(), "the client sent no server name");
}

void durations_are_seconds_with_microseconds(void**) {
    assert_string_equal(seconds_text(nanoseconds(0)).c_str(), "0.000000");
    assert_string_equal(seconds_text(nanoseconds(999)).c_str(), "0.000000");
    assert_string_equal(seconds_text(nanoseconds(1234567)).c_str(), "0.001234");
    assert_string_equal(seconds_text(nanoseconds(61000000001)).c_str(), "61.000000");
}

}  // namespace
}  // namespace tls

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(tls::each_value_has_its_word),
        cmocka_unit_test(tls::the_most_telling_words_are_the_detail),
        cmocka_unit_test(tls::durations_are_seconds_with_microseconds),
    };
    return cmocka_run_group_tests_name("report", tests, nullptr, nullptr);
}
