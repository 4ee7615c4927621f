// The middle of the page: what was agreed on, failures, outcomes.
#include <algorithm>
#include <cctype>
#include <numeric>
#include <vector>

#include "stats/advice.h"
#include "stats/escape.h"
#include "stats/figures.h"
#include "stats/html_parts.h"

namespace tls {

namespace {

struct Counted {
    std::string name;  // escaped
    uint64_t count = 0;
};

// What a family counted for each value of its first label, without zeros.
std::vector<Counted> counted(const Snapshot& snapshot, FamilyId id) {
    const LabelSet set = family(id).first;
    std::vector<Counted> rows;
    for (size_t i = 0; i < label_count(set); ++i) {
        uint64_t count = 0;
        for (size_t k = 0; k < label_count(family(id).second); ++k) {
            count += snapshot.whole.values[cell_of(id, i, k)];
        }
        if (count != 0) {
            rows.push_back({escape_html(label_text(set, i, snapshot.names)), count});
        }
    }
    return rows;
}

std::string bar(uint64_t part, uint64_t whole, const char* mood = "") {
    const uint64_t percent = whole == 0 ? 0 : std::max<uint64_t>(part * 100 / whole, 1);
    return std::string("<div class=\"bar ") + mood + "\"><i style=\"width:" + std::to_string(percent) +
           "%\"></i></div>";
}

// A list with a bar for each value, the largest first; what comes behind the tenth in one row.
std::string bars(std::vector<Counted> rows, const char* nothing) {
    constexpr size_t kMost = 10;
    std::sort(rows.begin(), rows.end(), [](const Counted& a, const Counted& b) { return a.count > b.count; });
    const uint64_t whole = std::accumulate(rows.begin(), rows.end(), uint64_t{0},
                                           [](uint64_t sum, const Counted& row) { return sum + row.count; });
    if (whole == 0) {
        return std::string("<p class=\"muted\">") + nothing + "</p>\n";
    }
    if (rows.size() > kMost) {
        Counted rest{std::to_string(rows.size() - kMost + 1) + " more", 0};
        for (size_t i = kMost - 1; i < rows.size(); ++i) {
            rest.count += rows[i].count;
        }
        rows.resize(kMost - 1);
        rows.push_back(std::move(rest));
    }
    std::string out = "<table class=\"bars\">\n";
    for (const Counted& row : rows) {
        out += "<tr><th scope=\"row\">" + row.name + "</th><td class=\"wide\">" + bar(row.count, whole) +
               "</td><td>" + grouped(row.count) + "</td><td class=\"muted\">" + share_text(row.count, whole) +
               "</td></tr>\n";
    }
    return out + "</table>\n";
}

std::string family_card(const char* heading, const Snapshot& snapshot, FamilyId id, const char* nothing) {
    return card(heading, bars(counted(snapshot, id), nothing));
}

const char* mood_of(Concern concern) {
    switch (concern) {
        case Concern::Usual:
            return "";
        case Concern::Look:
            return "warn";
        case Concern::Trouble:
            return "bad";
    }
    return "";
}

const char* concern_words(Concern concern) {
    switch (concern) {
        case Concern::Usual:
            return "usual";
        case Concern::Look:
            return "look when it grows";
        case Concern::Trouble:
            return "mend this";
    }
    return "";
}

std::string outcome_row(const char* name, uint64_t count, const std::string& more) {
    return std::string("<tr><th scope=\"row\">") + name + "</th><td>" + grouped(count) +
           "</td><td class=\"muted more\">" + more + "</td></tr>\n";
}

std::string sessions_table(const Values& values) {
    const auto cache = [&](CacheOutcome outcome) {
        return values[cell_of(FamilyId::SessionCache, static_cast<size_t>(outcome))];
    };
    const auto ticket = [&](TicketOutcome outcome) {
        return values[cell_of(FamilyId::Tickets, static_cast<size_t>(outcome))];
    };
    const auto early = [&](EarlyOutcome outcome) {
        return values[cell_of(FamilyId::EarlyData, static_cast<size_t>(outcome))];
    };
    const uint64_t looked_up = cache(CacheOutcome::Hit) + cache(CacheOutcome::Miss);
    const uint64_t brought = ticket(TicketOutcome::Opened) + ticket(TicketOutcome::Unknown);
    std::string out = "<table class=\"outcomes\">\n";
    out += outcome_row("Tickets issued", ticket(TicketOutcome::Issued), "");
    out += outcome_row("Tickets opened", ticket(TicketOutcome::Opened),
                       share_text(ticket(TicketOutcome::Opened), brought) + " of those that came");
    out += outcome_row("Tickets with an unknown key", ticket(TicketOutcome::Unknown),
                       "older than the keys, or another machine's");
    out += outcome_row("Sessions put into the cache", cache(CacheOutcome::Stored), "");
    out += outcome_row("Sessions found in the cache", cache(CacheOutcome::Hit),
                       share_text(cache(CacheOutcome::Hit), looked_up) + " of those asked for");
    out += outcome_row("Early data accepted", early(EarlyOutcome::Accepted), "");
    out += outcome_row("Early data rejected", early(EarlyOutcome::Rejected), "sent again by the client");
    return out + "</table>\n";
}

std::string lookups_table(const Values& values) {
    const auto outcome = [&](CertifiedOutcome what) {
        return values[cell_of(FamilyId::CertificateCache, static_cast<size_t>(what))];
    };
    std::string out = "<table class=\"outcomes\">\n";
    out +=
        outcome_row("From memory", outcome(CertifiedOutcome::Hit),
                    share_text(outcome(CertifiedOutcome::Hit), total_of(values, FamilyId::CertificateCache)));
    out += outcome_row("Read from files, or issued", outcome(CertifiedOutcome::Loaded),
                       "many, again and again: raise max of tls_certificate_cache");
    out += outcome_row("No certificate for the name", outcome(CertifiedOutcome::Missing), "");
    return out + "</table>\n";
}

}  // namespace

std::string agreed_section(const Snapshot& snapshot) {
    const char* nothing = "No handshake yet.";
    return "<div class=\"pair\">\n" + family_card("Versions", snapshot, FamilyId::Handshakes, nothing) +
           family_card("Key exchange", snapshot, FamilyId::Groups, nothing) +
           family_card("Ciphers", snapshot, FamilyId::Ciphers, nothing) +
           family_card("Signatures of the server", snapshot, FamilyId::Signatures, nothing) + "</div>\n";
}

std::string failures_section(const Snapshot& snapshot) {
    struct Failure {
        Reason reason;
        uint64_t count;
    };
    std::vector<Failure> failures;
    for (size_t i = 0; i < kReasonCount; ++i) {
        const uint64_t count = snapshot.whole.values[cell_of(FamilyId::Failures, i)];
        if (count != 0) {
            failures.push_back({reason_at(i), count});
        }
    }
    if (failures.empty()) {
        return card("Failures", "<p class=\"muted\">None.</p>\n");
    }
    std::sort(failures.begin(), failures.end(),
              [](const Failure& a, const Failure& b) { return a.count > b.count; });
    const uint64_t whole = total_of(snapshot.whole.values, FamilyId::Failures);
    std::string out =
        "<table class=\"failures\">\n<thead><tr><th>Reason</th><th>Count</th><th>Share</th><th>What "
        "happened, "
        "and what to do</th></tr></thead>\n";
    for (const Failure& failure : failures) {
        const Advice advice = advice_for(failure.reason);
        std::string happened = reason_words(failure.reason);
        happened[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(happened[0])));
        out += std::string("<tr><th scope=\"row\"><code>") + reason_name(failure.reason) +
               "</code><br><span class=\"mood " + mood_of(advice.concern) + "\">" +
               concern_words(advice.concern) + "</span></th><td>" + grouped(failure.count) +
               "</td><td class=\"muted\">" + share_text(failure.count, whole) + "</td><td class=\"words\">" +
               escape_html(happened) + ".<br><span class=\"muted\">" + escape_html(advice.text) +
               "</span></td></tr>\n";
    }
    return card("Failures", out + "</table>\n");
}

std::string outcomes_section(const Snapshot& snapshot) {
    const Values& values = snapshot.whole.values;
    std::string out = "<div class=\"pair\">\n" + card("Sessions", sessions_table(values)) + "<div>\n" +
                      family_card("What came to the ports", snapshot, FamilyId::Connections, "Nothing yet.");
    if (total_of(values, FamilyId::CertificateCache) != 0) {
        out += card("Certificates looked up by name", lookups_table(values));
    }
    return out + "</div>\n</div>\n";
}

}  // namespace tls
