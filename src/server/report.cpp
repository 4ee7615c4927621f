#include "server/report.h"

#include <cinttypes>
#include <cstdio>
#include <system_error>

namespace tls {

const char* port_use_name(PortUse use) {
    switch (use) {
        case PortUse::Tls:
            return "tls";
        case PortUse::Upgraded:
            return "upgraded";
        case PortUse::Plain:
            return "plain";
        case PortUse::Redirected:
            return "redirected";
        case PortUse::Refused:
            return "refused";
        case PortUse::Other:
            return "other";
    }
    return "other";  // not reached: -Wswitch names a word that is missing above
}

const char* ended_by_name(EndedBy ended_by) {
    switch (ended_by) {
        case EndedBy::Nobody:
            return "";
        case EndedBy::Client:
            return "client";
        case EndedBy::Server:
            return "server";
    }
    return "";
}

const char* certified_by_name(CertifiedBy certified_by) {
    switch (certified_by) {
        case CertifiedBy::None:
            return "";
        case CertifiedBy::Server:
            return "server";
        case CertifiedBy::Directory:
            return "directory";
        case CertifiedBy::Variable:
            return "variable";
        case CertifiedBy::Internal:
            return "internal";
    }
    return "";
}

std::string report_detail(const Report& report) {
    if (report.text[0] != '\0') {
        return report.text;
    }
    if (report.system_error != 0) {
        return std::generic_category().message(report.system_error);
    }
    // " (SSL: …)"
    const std::string& words = report.library_text;
    return words.size() > 3 ? words.substr(2, words.size() - 3) : words;
}

std::string seconds_text(std::chrono::nanoseconds duration) {
    const int64_t micros = std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
    char text[32];
    const int size =
        std::snprintf(text, sizeof(text), "%" PRId64 ".%06" PRId64, micros / 1000000, micros % 1000000);
    return std::string(text, static_cast<size_t>(size));
}

}  // namespace tls
