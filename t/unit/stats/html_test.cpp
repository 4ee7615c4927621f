// The page for people: what it says, that nothing of the configuration breaks out of it, and that it asks
// nobody else for anything. How it looks is seen in a browser.
#include "stats/html.h"

#include "stats/advice.h"
#include "support/cmocka.h"
#include "support/made_snapshot.h"

namespace tls {
namespace {

using test::contains;
using test::made_snapshot;

size_t count_of(const std::string& text, const std::string& part) {
    size_t count = 0;
    for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
        ++count;
    }
    return count;
}

void what_it_says(void**) {
    const std::string page = render_html(made_snapshot());
    assert_int_equal(page.rfind("<!DOCTYPE html>\n<html lang=\"en\">", 0), 0);
    assert_true(contains(page,
                         "nginx 1.22.1, OpenSSL 3.0.17 · counting since 2026-11-23 13:55:00 UTC "
                         "(2 h 5 min) · 2 workers"));
    assert_true(
        contains(page, "<p class=\"figure\">66.7 %</p><p class=\"muted\">2 handshakes, 1 failures</p>"));
    assert_true(contains(page, "<th scope=\"row\">TLSv1.3</th>"));
    assert_true(contains(page, "<code>no_shared_cipher</code>"));
    assert_true(contains(page, "Client and server have no cipher in common."));
    assert_true(contains(page, "tls_ciphers"));
    assert_true(contains(page, "20 completed"));
    assert_true(contains(page, "10 failed, at most 30 in a second"));
}

void nothing_breaks_out(void**) {
    const std::string page = render_html(made_snapshot());
    assert_false(contains(page, "<b>\\d"));
    assert_true(contains(page, "~^&quot;&lt;b&gt;\\d+\n\xef\xbf\xbd"));
    assert_true(contains(page, "&lt;i&gt;&quot;"));
}

void nothing_from_elsewhere(void**) {
    const std::string page = render_html(made_snapshot());
    assert_false(contains(page, "://"));
    assert_false(contains(page, "src="));
    assert_false(contains(page, "@import"));
    assert_false(contains(page, "url("));
    assert_int_equal(count_of(page, "<link"), 1);
    assert_true(contains(page, "<link rel=\"icon\" href=\"data:,\">"));
    assert_int_equal(count_of(page, "<script>"), 1);
    assert_true(contains(page, "prefers-color-scheme: dark"));
}

void certificates_by_days(void**) {
    const std::string page = render_html(made_snapshot());
    assert_true(contains(page, "<span class=\"mood bad\">ended</span>"));
    assert_true(contains(page, "<span class=\"mood warn\">5 days</span>"));
    // One that is renewed here is nobody's trouble.
    assert_true(contains(page, "<span class=\"mood \">80 days</span>"));
    assert_true(contains(page, "renewed by this server"));
    assert_true(contains(page, "tile bad\"><h2>Next certificate to end</h2><p class=\"figure\">has ended"));
}

void before_the_first_handshake(void**) {
    Snapshot snapshot;
    snapshot.names = test::made_names();
    snapshot.workers = 1;
    const std::string page = render_html(snapshot);
    assert_true(contains(page, "No handshake yet."));
    assert_true(contains(page, "1 worker<"));
    assert_true(contains(page, "None is known yet."));
    assert_true(contains(page, "<p class=\"figure\">–</p>"));
}

// However many there are, it stays a page that a browser shows at once.
void thousands_of_servers(void**) {
    Snapshot snapshot = made_snapshot();
    for (int i = 0; i < 5000; ++i) {
        snapshot.servers.push_back(snapshot.servers[0]);
        snapshot.servers.back().label = "n" + std::to_string(i) + ".example";
        snapshot.certificates.push_back({0, "n" + std::to_string(i), "RSA", test::kMadeNow, false});
    }
    const std::string page = render_html(snapshot);
    assert_true(page.size() < 200000);
    assert_true(contains(page, "4,902 more servers are in the other formats."));
    assert_true(contains(page, "4,953 more certificates are in the other formats."));
}

void every_reason_has_advice(void**) {
    Snapshot snapshot = made_snapshot();
    for (size_t i = 0; i < kReasonCount; ++i) {
        assert_true(advice_for(reason_at(i)).text[0] != '\0');
        snapshot.whole.values[cell_of(FamilyId::Failures, i)] = i + 1;
    }
    const std::string page = render_html(snapshot);
    for (size_t i = 0; i < kReasonCount; ++i) {
        assert_true(contains(page, std::string("<code>") + reason_name(reason_at(i)) + "</code>"));
    }
}

}  // namespace
}  // namespace tls

int main() {
    const CMUnitTest tests[] = {cmocka_unit_test(tls::what_it_says),
                                cmocka_unit_test(tls::nothing_breaks_out),
                                cmocka_unit_test(tls::nothing_from_elsewhere),
                                cmocka_unit_test(tls::certificates_by_days),
                                cmocka_unit_test(tls::before_the_first_handshake),
                                cmocka_unit_test(tls::thousands_of_servers),
                                cmocka_unit_test(tls::every_reason_has_advice)};
    return cmocka_run_group_tests_name("html", tests, nullptr, nullptr);
}
