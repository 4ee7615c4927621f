#include "server/shared_terms.h"

#include <array>
#include <functional>
#include <string_view>

namespace tls {

namespace {

constexpr size_t kPlaces = 512;

size_t place_of(const OfferedTerms& terms) {
    constexpr size_t kFactor = 31;
    size_t hash = terms.version;
    for (const std::string* text :
         {&terms.cipher_suites, &terms.groups, &terms.signature_algorithms, &terms.server_name}) {
        hash = hash * kFactor + std::hash<std::string_view>()(*text);
    }
    return hash % kPlaces;
}

bool are_equal(const OfferedTerms& one, const OfferedTerms& other) {
    return one.version == other.version && one.cipher_suites == other.cipher_suites &&
           one.groups == other.groups && one.signature_algorithms == other.signature_algorithms &&
           one.server_name == other.server_name;
}

}  // namespace

std::shared_ptr<const OfferedTerms> share_terms(OfferedTerms terms) {
    static std::array<std::shared_ptr<const OfferedTerms>, kPlaces> kept;
    std::shared_ptr<const OfferedTerms>& place = kept[place_of(terms)];
    if (place == nullptr || !are_equal(*place, terms)) {
        place = std::make_shared<const OfferedTerms>(std::move(terms));
    }
    return place;
}

std::shared_ptr<const OfferedTerms> no_terms() {
    static const auto kNone = std::make_shared<const OfferedTerms>();
    return kNone;
}

}  // namespace tls
