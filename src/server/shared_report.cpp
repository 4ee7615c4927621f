#include "server/shared_report.h"

#include <array>
#include <functional>
#include <string_view>
#include <tuple>

namespace tls {

namespace {

constexpr size_t kPlaces = 512;

// All that a report says, to be compared.
auto words_of(const Report& report) {
    return std::tuple(report.reason, report.use, report.ended_by, report.has_hello, report.matched_by,
                      report.certified_by, report.alert_sent, report.alert_received, report.system_error,
                      std::string_view(report.text), std::string_view(report.library_text),
                      std::string_view(report.certificate_name), report.handshaken);
}

auto words_of(const Facts& facts) {
    return std::tuple(facts.credential.get(), facts.client_certificate.get(), std::string_view(facts.alpn),
                      facts.verify_result, facts.version, facts.cipher_suite, facts.group,
                      facts.signature_scheme, facts.client_signature_scheme, facts.session_reused,
                      facts.early_data);
}

bool are_equal(const Report& one, const Report& other) {
    return words_of(one) == words_of(other) && words_of(one.facts) == words_of(other.facts);
}

// By what differs most often.
size_t place_of(const Report& report) {
    constexpr size_t kFactor = 31;
    const Facts& facts = report.facts;
    size_t hash = std::hash<const void*>()(facts.credential.get()) / sizeof(Credential);
    hash = hash * kFactor + std::hash<std::string_view>()(report.certificate_name);
    hash = hash * kFactor + std::hash<std::string_view>()(facts.alpn);
    hash = hash * kFactor + static_cast<size_t>(report.matched_by);
    for (const uint16_t number : {facts.cipher_suite, facts.group, facts.signature_scheme}) {
        hash = hash * kFactor + number;
    }
    return (hash * 2 + (facts.session_reused ? 1 : 0)) % kPlaces;
}

}  // namespace

std::shared_ptr<const Report> share_report(Report report) {
    static std::array<std::weak_ptr<const Report>, kPlaces> known;
    std::weak_ptr<const Report>& place = known[place_of(report)];
    std::shared_ptr<const Report> shared = place.lock();
    if (shared == nullptr || !are_equal(*shared, report)) {
        shared = std::make_shared<const Report>(std::move(report));
        place = shared;
    }
    return shared;
}

}  // namespace tls
