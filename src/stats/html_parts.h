// The sections of the status page, each a piece of HTML; html.cpp puts them together.
//
// Pure. Only for html.cpp.
#pragma once

#include <string>

#include "stats/snapshot.h"

namespace tls {

// The figures at the top.
std::string tiles_section(const Snapshot& snapshot);
// The last minute, a bar a second.
std::string minute_section(const Snapshot& snapshot);
// What handshakes agreed on: versions, groups, ciphers, signatures.
std::string agreed_section(const Snapshot& snapshot);
// Failures, what they mean, and what to do.
std::string failures_section(const Snapshot& snapshot);
// Sessions, early data, certificates looked up, what came to the ports.
std::string outcomes_section(const Snapshot& snapshot);
// Certificates, those that end first at the top.
std::string certificates_section(const Snapshot& snapshot);
// A row for each server, the busiest first.
std::string servers_section(const Snapshot& snapshot);

// What the page looks like, and what makes it ask for itself again. Static memory.
extern const char kPageStyle[];
extern const char kPageScript[];

// Days before its end from which a certificate is shown as something to look at, and as trouble.
constexpr long kSoonDays = 14;
constexpr long kUrgentDays = 3;

// A card with a heading.
std::string card(const char* heading, const std::string& content);

}  // namespace tls
