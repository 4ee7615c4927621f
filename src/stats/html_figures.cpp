// The upper part of the page: figures, and the last minute.
#include <algorithm>
#include <cstdio>

#include "stats/figures.h"
#include "stats/html_parts.h"

namespace tls {

namespace {

// Whole seconds of the last minute: the newest still runs.
constexpr size_t kMinute = RecentSeconds::kSeconds - 1;

std::string tile(const char* name, const std::string& figure, const std::string& more,
                 const char* mood = "") {
    return std::string("<div class=\"tile ") + mood + "\"><h2>" + name + "</h2><p class=\"figure\">" +
           figure + "</p><p class=\"muted\">" + more + "</p></div>\n";
}

std::string rate_tile(const char* name, double lately, double in_minute) {
    return tile(name, rate_text(lately), "over 10 s; " + rate_text(in_minute) + " over the last minute");
}

std::string success_tile(const Values& values) {
    const uint64_t completed = total_of(values, FamilyId::Handshakes);
    const uint64_t failed = total_of(values, FamilyId::Failures);
    return tile("Completed", share_text(completed, completed + failed),
                grouped(completed) + " handshakes, " + grouped(failed) + " failures");
}

std::string time_tile(const Values& values) {
    const auto middle = quantile_of(values, FamilyId::Duration, 0.5);
    if (!middle) {
        return tile("Handshake time", "–", "from accept to the end of the handshake");
    }
    return tile(
        "Handshake time", "~" + duration_text(*middle),
        "half of them; 95 % within ~" + duration_text(*quantile_of(values, FamilyId::Duration, 0.95)));
}

std::string traffic_tile(const Values& values) {
    return tile("Traffic", bytes_text(values[cell_of(FamilyId::Sent)]),
                "sent; " + bytes_text(values[cell_of(FamilyId::Received)]) + " received");
}

std::string expiry_tile(const Snapshot& snapshot) {
    const auto next = std::find_if(snapshot.certificates.begin(), snapshot.certificates.end(),
                                   [](const CertificateLine& line) { return !line.is_renewed_here; });
    if (next == snapshot.certificates.end()) {
        return tile("Next certificate to end", "–", "none that somebody has to renew");
    }
    const long days = days_left(next->not_after, snapshot.now);
    const char* mood = days < kUrgentDays ? "bad" : (days < kSoonDays ? "warn" : "");
    const std::string words =
        days < 0 ? "has ended" : (days == 1 ? "1 day" : grouped(static_cast<uint64_t>(days)) + " days");
    return tile("Next certificate to end", words, "on " + date_text(next->not_after), mood);
}

std::string bar(size_t second, double from, double height, const char* kind) {
    char text[120];
    std::snprintf(text, sizeof(text), "<rect class=\"%s\" x=\"%zu\" y=\"%.1f\" width=\"8\" height=\"%.1f\"/>",
                  kind, second * 10 + 1, from, height);
    return text;
}

}  // namespace

std::string tiles_section(const Snapshot& snapshot) {
    const Values& values = snapshot.whole.values;
    const uint64_t completed = total_of(values, FamilyId::Handshakes);
    return "<section class=\"tiles\">\n" +
           rate_tile("Handshakes a second", completed_per_second(snapshot.recent, 10),
                     completed_per_second(snapshot.recent, kMinute)) +
           rate_tile("Failures a second", failed_per_second(snapshot.recent, 10),
                     failed_per_second(snapshot.recent, kMinute)) +
           success_tile(values) +
           tile("Open connections", grouped(snapshot.whole.connections.active),
                grouped(snapshot.whole.connections.handshaking) + " more in a handshake") +
           tile("Resumed", share_text(resumed_of(values), completed), "of all handshakes; the cheap kind") +
           time_tile(values) + traffic_tile(values) + expiry_tile(snapshot) + "</section>\n";
}

std::string minute_section(const Snapshot& snapshot) {
    constexpr double kHeight = 80;
    const RecentSeconds& recent = snapshot.recent;
    uint32_t highest = 0;
    uint64_t completed = 0;
    uint64_t failed = 0;
    for (size_t i = 0; i < RecentSeconds::kSeconds; ++i) {
        highest = std::max(highest, recent.completed[i] + recent.failed[i]);
        completed += recent.completed[i];
        failed += recent.failed[i];
    }
    const std::string words = grouped(completed) + " completed, " + grouped(failed) + " failed, at most " +
                              grouped(highest) + " in a second";
    const std::string legend = "<b class=\"key good\"></b>" + grouped(completed) +
                               " completed <b class=\"key bad\"></b>" + grouped(failed) +
                               " failed, at most " + grouped(highest) + " in a second";
    std::string bars;
    for (size_t i = 0; i < RecentSeconds::kSeconds && highest != 0; ++i) {
        const double good = kHeight * recent.completed[i] / highest;
        const double bad = kHeight * recent.failed[i] / highest;
        if (recent.completed[i] != 0) {
            bars += bar(i, kHeight - good, good, "good");
        }
        if (recent.failed[i] != 0) {
            bars += bar(i, kHeight - good - bad, bad, "bad");
        }
    }
    return card("The last minute",
                "<svg class=\"minute\" viewBox=\"0 0 600 80\" preserveAspectRatio=\"none\" role=\"img\" "
                "aria-label=\"" +
                    words + "\">" + bars + "</svg>\n<p class=\"muted legend\"><span>60 s ago</span><span>" +
                    legend + "</span><span>now</span></p>\n");
}

}  // namespace tls
