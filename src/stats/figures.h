// Figures derived from counts, and numbers as people read them.
//
// Pure; for the HTML page.
#pragma once

#include <cstdint>
#include <ctime>
#include <optional>
#include <string>

#include "stats/families.h"
#include "stats/snapshot.h"

namespace tls {

// The time within which that share (0 to 1) of a histogram's durations lie, in seconds, interpolated inside
// the bucket; the highest bound when they lie beyond it. Nothing without a duration.
std::optional<double> quantile_of(const Values& values, FamilyId id, double share);

// Handshakes a second over the last `seconds` whole ones, failed ones included or alone.
double completed_per_second(const RecentSeconds& recent, size_t seconds);
double failed_per_second(const RecentSeconds& recent, size_t seconds);

uint64_t resumed_of(const Values& values);

// "1,234,567".
std::string grouped(uint64_t number);
// "0", "0.4", "12.5", "1,234": three digits or so.
std::string rate_text(double per_second);
// "12.3 %"; "–" when `whole` is 0. A share that is not all is never 100 %, one that is not nothing never 0 %.
std::string share_text(uint64_t part, uint64_t whole);
// "850 B", "1.2 kB", "3.4 GB".
std::string bytes_text(uint64_t bytes);
// "0.8 ms", "12 ms", "1.4 s".
std::string duration_text(double seconds);
// "45 s", "12 min", "3 h 5 min", "12 days".
std::string span_text(time_t seconds);
// "2026-11-23 19:28:00 UTC".
std::string moment_text(time_t moment);
// "2026-11-23".
std::string date_text(time_t moment);

}  // namespace tls
