// The lower part of the page: certificates and servers, of which there may be thousands.
#include <algorithm>
#include <numeric>
#include <vector>

#include "stats/escape.h"
#include "stats/figures.h"
#include "stats/html_parts.h"

namespace tls {

namespace {

// More would be no page for people; the other formats have all of them.
constexpr size_t kMostCertificates = 50;
constexpr size_t kMostServers = 100;

std::string rest_text(size_t shown, size_t all, const char* what) {
    if (all <= shown) {
        return "";
    }
    return "<p class=\"muted\">" + grouped(all - shown) + " more " + what +
           " are in the other formats.</p>\n";
}

std::string days_words(long days) {
    if (days < 0) {
        return "ended";
    }
    return days == 1 ? "1 day" : grouped(static_cast<uint64_t>(days)) + " days";
}

std::string certificate_row(const Snapshot& snapshot, const CertificateLine& line) {
    const long days = days_left(line.not_after, snapshot.now);
    const char* mood = days < kUrgentDays ? "bad" : (days < kSoonDays ? "warn" : "good");
    // A quarter of a year fills the bar: what most authorities issue.
    const long percent = std::clamp(days * 100 / 90, 0L, 100L);
    return "<tr><th scope=\"row\">" + escape_html(line.name) + "</th><td>" + escape_html(line.key_type) +
           "</td><td>" + date_text(line.not_after) + "</td><td><span class=\"mood " +
           (line.is_renewed_here ? "" : mood) + "\">" + days_words(days) +
           "</span></td><td class=\"wide\"><div class=\"bar " + (line.is_renewed_here ? "" : mood) +
           "\"><i style=\"width:" + std::to_string(percent) + "%\"></i></div></td><td class=\"muted\">" +
           (line.is_renewed_here ? "renewed by this server"
                                 : escape_html(snapshot.servers[line.server].label)) +
           "</td></tr>\n";
}

std::string server_row(const ServerFigures& server) {
    const Values& values = server.values;
    const uint64_t completed = total_of(values, FamilyId::Handshakes);
    const uint64_t newest =
        values[cell_of(FamilyId::Handshakes, 0, 0)] + values[cell_of(FamilyId::Handshakes, 0, 1)];
    const auto slow = quantile_of(values, FamilyId::Duration, 0.95);
    return "<tr><th scope=\"row\">" + escape_html(server.label) + "</th><td>" + grouped(completed) +
           "</td><td>" + grouped(total_of(values, FamilyId::Failures)) + "</td><td>" +
           share_text(resumed_of(values), completed) + "</td><td>" + share_text(newest, completed) +
           "</td><td>" + (slow ? "~" + duration_text(*slow) : "–") + "</td><td>" +
           grouped(server.connections.active) + "</td><td>" + bytes_text(values[cell_of(FamilyId::Sent)]) +
           "</td><td>" + bytes_text(values[cell_of(FamilyId::Received)]) + "</td></tr>\n";
}

}  // namespace

std::string certificates_section(const Snapshot& snapshot) {
    if (snapshot.certificates.empty()) {
        return card("Certificates", "<p class=\"muted\">None is known yet.</p>\n");
    }
    std::string out =
        "<table class=\"list\">\n<thead><tr><th>Name</th><th>Key</th><th>Ends</th><th>Left</th><th></th>"
        "<th>Server</th></tr></thead>\n";
    const size_t shown = std::min(snapshot.certificates.size(), kMostCertificates);
    for (size_t i = 0; i < shown; ++i) {
        out += certificate_row(snapshot, snapshot.certificates[i]);
    }
    return card("Certificates, those that end first",
                out + "</table>\n" + rest_text(shown, snapshot.certificates.size(), "certificates"));
}

std::string servers_section(const Snapshot& snapshot) {
    struct Busy {
        uint64_t count;
        const ServerFigures* server;
    };
    std::vector<Busy> busy;
    for (const ServerFigures& server : snapshot.servers) {
        busy.push_back({total_of(server.values, FamilyId::Connections), &server});
    }
    std::stable_sort(busy.begin(), busy.end(),
                     [](const Busy& a, const Busy& b) { return a.count > b.count; });
    std::string out =
        "<table class=\"list numbers\">\n<thead><tr><th>Server</th><th>Handshakes</th><th>Failures</th>"
        "<th>Resumed</th><th>TLS 1.3</th><th>95 % within</th><th>Open</th><th>Sent</th><th>Received</th>"
        "</tr></thead>\n";
    const size_t shown = std::min(busy.size(), kMostServers);
    for (size_t i = 0; i < shown; ++i) {
        out += server_row(*busy[i].server);
    }
    return card("Servers", out + "</table>\n" + rest_text(shown, busy.size(), "servers"));
}

}  // namespace tls
