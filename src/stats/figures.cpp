#include "stats/figures.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <iterator>

namespace tls {

namespace {

std::string formatted(const char* format, double number) {
    char text[48];
    std::snprintf(text, sizeof(text), format, number);
    return text;
}

double per_second(const std::array<uint32_t, RecentSeconds::kSeconds>& counts, size_t seconds) {
    // The newest second is still running.
    const size_t end = counts.size() - 1;
    const size_t size = std::min(seconds, end);
    uint64_t sum = 0;
    for (size_t i = end - size; i < end; ++i) {
        sum += counts[i];
    }
    return size == 0 ? 0 : static_cast<double>(sum) / static_cast<double>(size);
}

std::string time_text(const char* format, time_t moment) {
    struct tm parts {};
    char text[64];
    gmtime_r(&moment, &parts);
    const size_t size = strftime(text, sizeof(text), format, &parts);
    return std::string(text, size);
}

}  // namespace

std::optional<double> quantile_of(const Values& values, FamilyId id, double share) {
    const uint64_t total = total_of(values, id);
    if (total == 0) {
        return std::nullopt;
    }
    const double wanted = share * static_cast<double>(total);
    double before = 0;
    double low = 0;
    for (size_t i = 0; i < kBoundCount; ++i) {
        const double high = static_cast<double>(kDurationBounds[i]) / 1e6;
        const auto inside = static_cast<double>(values[cell_of(id, i)]);
        if (inside > 0 && before + inside >= wanted) {
            return low + (high - low) * (wanted - before) / inside;
        }
        before += inside;
        low = high;
    }
    return low;
}

double completed_per_second(const RecentSeconds& recent, size_t seconds) {
    return per_second(recent.completed, seconds);
}

double failed_per_second(const RecentSeconds& recent, size_t seconds) {
    return per_second(recent.failed, seconds);
}

uint64_t resumed_of(const Values& values) {
    uint64_t resumed = 0;
    for (size_t version = 0; version < kVersionCount; ++version) {
        resumed += values[cell_of(FamilyId::Handshakes, version, 1)];
    }
    return resumed;
}

std::string grouped(uint64_t number) {
    std::string digits = std::to_string(number);
    for (size_t at = digits.size(); at > 3;) {
        at -= 3;
        digits.insert(at, 1, ',');
    }
    return digits;
}

std::string rate_text(double per_second) {
    if (per_second <= 0) {
        return "0";
    }
    if (per_second < 0.1) {
        return formatted("%.2f", per_second);
    }
    return per_second < 99.95 ? formatted("%.1f", per_second)
                              : grouped(static_cast<uint64_t>(std::llround(per_second)));
}

std::string share_text(uint64_t part, uint64_t whole) {
    if (whole == 0) {
        return "–";
    }
    if (part == 0 || part >= whole) {
        return part == 0 ? "0 %" : "100 %";
    }
    const double share = 100 * static_cast<double>(part) / static_cast<double>(whole);
    if (share < 0.1) {
        return "<0.1 %";
    }
    return share > 99.9 ? ">99.9 %" : formatted("%.1f %%", share);
}

std::string bytes_text(uint64_t bytes) {
    if (bytes < 1000) {
        return std::to_string(bytes) + " B";
    }
    constexpr const char* kUnits[] = {"kB", "MB", "GB", "TB", "PB"};
    double number = static_cast<double>(bytes) / 1000;
    size_t unit = 0;
    while (number >= 999.5 && unit + 1 < std::size(kUnits)) {
        number /= 1000;
        ++unit;
    }
    return formatted(number < 9.95 ? "%.1f " : "%.0f ", number) + kUnits[unit];
}

std::string duration_text(double seconds) {
    if (seconds >= 0.9995) {
        return formatted(seconds < 9.95 ? "%.1f s" : "%.0f s", seconds);
    }
    const double milliseconds = seconds * 1000;
    return formatted(milliseconds < 9.95 ? "%.1f ms" : "%.0f ms", milliseconds);
}

std::string span_text(time_t seconds) {
    const auto number = static_cast<long>(std::max<time_t>(seconds, 0));
    if (number < 60) {
        return std::to_string(number) + " s";
    }
    const long minutes = number / 60;
    if (minutes < 60) {
        return std::to_string(minutes) + " min";
    }
    const long hours = minutes / 60;
    if (hours < 48) {
        return std::to_string(hours) + " h " + std::to_string(minutes % 60) + " min";
    }
    return std::to_string(hours / 24) + " days";
}

std::string moment_text(time_t moment) {
    return time_text("%Y-%m-%d %H:%M:%S UTC", moment);
}

std::string date_text(time_t moment) {
    return time_text("%Y-%m-%d", moment);
}

}  // namespace tls
