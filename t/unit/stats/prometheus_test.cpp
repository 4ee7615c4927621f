// The exposition, line by line; whether Prometheus' own tool takes it is asked in a suite.
#include "stats/prometheus.h"

#include <set>
#include <sstream>

#include "support/cmocka.h"
#include "support/made_snapshot.h"

namespace tls {
namespace {

using test::contains;
using test::made_snapshot;

void assert_line(const std::string& text, const std::string& line) {
    if (!contains("\n" + text, "\n" + line + "\n")) {
        print_error("no line: %s\n", line.c_str());
    }
    assert_true(contains("\n" + text, "\n" + line + "\n"));
}

void counters(void**) {
    const std::string text = render_prometheus(made_snapshot());
    assert_line(text, "# TYPE nginx_tls_handshakes_total counter");
    assert_line(text,
                "nginx_tls_handshakes_total{server=\"example.com\",version=\"TLSv1.3\",resumed=\"false\"} 1");
    assert_line(text,
                "nginx_tls_handshakes_total{server=\"example.com\",version=\"TLSv1.3\",resumed=\"true\"} 1");
    assert_line(text,
                "nginx_tls_handshake_failures_total{server=\"example.com\",reason=\"no_shared_cipher\"} 1");
    assert_line(text, "nginx_tls_connections_total{server=\"example.com\",use=\"tls\"} 3");
    assert_line(text, "nginx_tls_sent_bytes_total{server=\"example.com\"} 1234");
    assert_line(text, "nginx_tls_counting_since_timestamp_seconds 1795442100");
}

void histogram(void**) {
    const std::string text = render_prometheus(made_snapshot());
    const std::string metric = "nginx_tls_handshake_duration_seconds";
    assert_line(text, "# TYPE " + metric + " histogram");
    // Buckets hold all that is below them.
    assert_line(text, metric + "_bucket{server=\"example.com\",le=\"0.0005\"} 0");
    assert_line(text, metric + "_bucket{server=\"example.com\",le=\"0.001\"} 1");
    assert_line(text, metric + "_bucket{server=\"example.com\",le=\"0.0025\"} 2");
    assert_line(text, metric + "_bucket{server=\"example.com\",le=\"+Inf\"} 2");
    assert_line(text, metric + "_sum{server=\"example.com\"} 0.003000000");
    assert_line(text, metric + "_count{server=\"example.com\"} 2");
}

void gauges(void**) {
    const std::string text = render_prometheus(made_snapshot());
    assert_line(text, "# TYPE nginx_tls_connections_active gauge");
    assert_line(text, "nginx_tls_connections_active{server=\"example.com\"} 3");
    assert_line(text, "nginx_tls_connections_handshaking{server=\"example.com\"} 1");
}

void certificates(void**) {
    Snapshot snapshot = made_snapshot();
    // The same series again, ending later.
    snapshot.certificates.push_back({0, "example.com", "RSA", test::kMadeNow + 90 * test::kMadeDay, false});
    const std::string text = render_prometheus(snapshot);
    const std::string metric = "nginx_tls_certificate_not_after_timestamp_seconds";
    assert_line(text, metric + "{server=\"example.com\",name=\"example.com\",key_type=\"RSA\"} 1795881660");
    assert_line(text, metric + "{server=\"example.com\",name=\"example.com\",key_type=\"ECDSA\"} 1795363200");
    assert_line(text, metric +
                          "{server=\"~^\\\"<b>\\\\d+\\n\xef\xbf\xbd\",name=\"<i>\\\"\",key_type=\"ECDSA\"} "
                          "1802361600");
}

// Each series once, each metric's lines together and behind its TYPE: the format demands it.
void no_series_twice(void**) {
    std::istringstream lines(render_prometheus(made_snapshot()));
    std::set<std::string> series;
    std::set<std::string> finished;
    std::string current;
    for (std::string line; std::getline(lines, line);) {
        if (line.rfind("# HELP ", 0) == 0) {
            finished.insert(current);
            current = line.substr(7, line.find(' ', 7) - 7);
            assert_int_equal(finished.count(current), 0);
            continue;
        }
        if (line[0] != '#') {
            assert_int_equal(line.rfind(current, 0), 0);
            assert_true(series.insert(line.substr(0, line.rfind(' '))).second);
        }
    }
    assert_true(series.size() > 20);
}

// Nothing was counted: every metric is announced, and no server has lines of values it never had.
void idle_servers_are_short(void**) {
    Snapshot snapshot;
    snapshot.names = test::made_names();
    snapshot.servers.resize(1);
    snapshot.servers[0].label = "idle";
    const std::string text = render_prometheus(snapshot);
    for (const Family& family : kFamilies) {
        assert_true(contains(text, std::string("# TYPE ") + family.metric + " "));
    }
    size_t lines = 0;
    for (size_t at = text.find("{server=\"idle\""); at != std::string::npos;
         at = text.find("{server=\"idle\"", at + 1)) {
        ++lines;
    }
    assert_int_equal(lines, 4);
}

}  // namespace
}  // namespace tls

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(tls::counters),        cmocka_unit_test(tls::histogram),
        cmocka_unit_test(tls::gauges),          cmocka_unit_test(tls::certificates),
        cmocka_unit_test(tls::no_series_twice), cmocka_unit_test(tls::idle_servers_are_short)};
    return cmocka_run_group_tests_name("prometheus", tests, nullptr, nullptr);
}
