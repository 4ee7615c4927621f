#include "report.h"

#include <algorithm>
#include <cstdio>

namespace bench {
namespace {

double ratio(double part, uint64_t whole) {
    return whole == 0 ? 0 : part / static_cast<double>(whole);
}

// As a JSON string: what libssl and strerror say has neither control characters nor anything but ASCII.
std::string quoted(const std::string& text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            out += '\\';
        }
        out += static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) > 0x7e ? '?' : c;
    }
    return out + "\"";
}

unsigned long long wide(uint64_t value) {
    return value;
}

// Of sorted times, the one behind which that part of them lies.
double latency_ms(const std::vector<uint32_t>& times_us, double part) {
    if (times_us.empty()) {
        return 0;
    }
    return times_us[static_cast<size_t>(part * static_cast<double>(times_us.size() - 1))] / 1e3;
}

void print_latency(const char* name, const std::vector<uint32_t>& times_us) {
    std::printf("\"%s\": {\"median\": %.3f, \"p99\": %.3f, \"max\": %.3f}, ", name, latency_ms(times_us, 0.5),
                latency_ms(times_us, 0.99), latency_ms(times_us, 1));
}

}  // namespace

void Report::add(const Client& client) {
    ++connections;
    if (client.handshaked()) {
        ++handshakes;
        resumed += client.was_resumed() ? 1 : 0;
        handshake_us.push_back(static_cast<uint32_t>(std::min<uint64_t>(client.handshake_us(), UINT32_MAX)));
    }
    refused += client.was_refused() ? 1 : 0;
    requests += client.requests_done();
    request_us.insert(request_us.end(), client.request_us().begin(), client.request_us().end());
    body_bytes += client.body_bytes();
    if (client.state() == Client::State::Failed) {
        ++failed;
        ++failures[client.failure()];
    }
}

void Report::set_cpu(const CpuReading& before, const CpuReading& after) {
    has_cpu = before.complete && after.complete && after.nanoseconds >= before.nanoseconds;
    cpu_is_exact = before.exact && after.exact;
    cpu_ns = has_cpu ? after.nanoseconds - before.nanoseconds : 0;
}

void Report::print_text() {
    std::sort(handshake_us.begin(), handshake_us.end());
    const double seconds = static_cast<double>(wall_us) / 1e6;
    std::printf(
        "connections %llu, handshakes %llu (resumed %llu), refused %llu, requests %llu, failed %llu\n",
        wide(connections), wide(handshakes), wide(resumed), wide(refused), wide(requests), wide(failed));
    for (const auto& [kind, count] : failures) {
        std::printf("  failed %llu: %s\n", wide(count), kind.c_str());
    }
    std::printf("%.3f s, %.0f handshakes/s, %.0f requests/s, %.1f MB/s\n", seconds,
                static_cast<double>(handshakes) / seconds, static_cast<double>(requests) / seconds,
                static_cast<double>(body_bytes) / 1e6 / seconds);
    std::printf("handshake ms: median %.3f, 99 %% %.3f, longest %.3f\n", latency_ms(handshake_us, 0.5),
                latency_ms(handshake_us, 0.99), latency_ms(handshake_us, 1));
    if (has_cpu) {
        const auto cpu_us = static_cast<double>(cpu_ns) / 1e3;
        std::printf(
            "server CPU: %.3f s, %.1f us a connection, %.1f us a handshake, %.1f us a request, %.4f s a GB "
            "(%s)\n",
            cpu_us / 1e6, ratio(cpu_us, connections), ratio(cpu_us, handshakes), ratio(cpu_us, requests),
            ratio(cpu_us * 1e3, body_bytes), cpu_is_exact ? "schedstat" : "stat");
    }
}

void Report::print_json() {
    std::sort(handshake_us.begin(), handshake_us.end());
    std::sort(request_us.begin(), request_us.end());
    std::printf(
        "{\"connections\": %llu, \"handshakes\": %llu, \"resumed\": %llu, \"refused\": %llu, "
        "\"requests\": %llu, \"failed\": %llu, \"body_bytes\": %llu, \"wall_s\": %.6f, ",
        wide(connections), wide(handshakes), wide(resumed), wide(refused), wide(requests), wide(failed),
        wide(body_bytes), static_cast<double>(wall_us) / 1e6);
    print_latency("latency_ms", handshake_us);
    print_latency("request_ms", request_us);
    if (has_cpu) {
        const auto cpu_us = static_cast<double>(cpu_ns) / 1e3;
        std::printf(
            "\"cpu_s\": %.6f, \"cpu_us_connection\": %.3f, \"cpu_us_handshake\": %.3f, "
            "\"cpu_us_request\": %.3f, \"cpu_s_gb\": %.6f, \"cpu_exact\": %s, ",
            cpu_us / 1e6, ratio(cpu_us, connections), ratio(cpu_us, handshakes), ratio(cpu_us, requests),
            ratio(cpu_us * 1e3, body_bytes), cpu_is_exact ? "true" : "false");
    }
    std::printf("\"failures\": {");
    const char* separator = "";
    for (const auto& [kind, count] : failures) {
        std::printf("%s%s: %llu", separator, quoted(kind).c_str(), wide(count));
        separator = ", ";
    }
    std::printf("}}\n");
}

}  // namespace bench
