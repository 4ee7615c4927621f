#include "stats/labels.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <iterator>

namespace tls {

namespace {

struct Version {
    uint16_t number;
    const char* name;
};

constexpr Version kVersions[] = {
    {0x0304, "TLSv1.3"}, {0x0303, "TLSv1.2"}, {0x0302, "TLSv1.1"}, {0x0301, "TLSv1"}, {0x0300, "SSLv3"},
};

// Sorted, as are the next two: what servers of this library agree on in practice.
constexpr std::array<uint16_t, kCipherCount - 1> kCiphers = {
    0x000a, 0x0016, 0x002f, 0x0033, 0x0035, 0x0039, 0x003c, 0x003d, 0x0041, 0x0067, 0x006b,
    0x0084, 0x009c, 0x009d, 0x009e, 0x009f, 0x1301, 0x1302, 0x1303, 0x1304, 0x1305, 0xc009,
    0xc00a, 0xc012, 0xc013, 0xc014, 0xc023, 0xc024, 0xc027, 0xc028, 0xc02b, 0xc02c, 0xc02f,
    0xc030, 0xc09c, 0xc09d, 0xc09e, 0xc09f, 0xc0ac, 0xc0ad, 0xc0ae, 0xcca8, 0xcca9, 0xccaa,
};

constexpr std::array<uint16_t, kGroupCount - 1> kGroups = {
    0x0016, 0x0017, 0x0018, 0x0019, 0x001a, 0x001b, 0x001c, 0x001d, 0x001e, 0x001f, 0x0020, 0x0021,
    0x0100, 0x0101, 0x0102, 0x0103, 0x0104, 0x0200, 0x0201, 0x0202, 0x11eb, 0x11ec, 0x11ed,
};

constexpr std::array<uint16_t, kSignatureCount - 1> kSignatures = {
    0x0201, 0x0202, 0x0203, 0x0301, 0x0303, 0x0401, 0x0402, 0x0403, 0x0501, 0x0503, 0x0601, 0x0603,
    0x0804, 0x0805, 0x0806, 0x0807, 0x0808, 0x0809, 0x080a, 0x080b, 0x081a, 0x0904, 0x0905, 0x0906,
};

constexpr const char* kEarlyWords[] = {"rejected", "accepted"};
constexpr const char* kCacheWords[] = {"hit", "miss", "stored"};
constexpr const char* kTicketWords[] = {"issued", "opened", "unknown"};
constexpr const char* kCertifiedWords[] = {"hit", "loaded", "missing"};

static_assert(std::size(kVersions) + 1 == kVersionCount);
static_assert(std::size(kEarlyWords) == label_count(LabelSet::EarlyOutcome));
static_assert(std::size(kCacheWords) == label_count(LabelSet::CacheOutcome));
static_assert(std::size(kTicketWords) == label_count(LabelSet::TicketOutcome));
static_assert(std::size(kCertifiedWords) == label_count(LabelSet::CertifiedOutcome));

template <size_t count>
size_t index_in(const std::array<uint16_t, count>& numbers, uint16_t number) {
    const auto found = std::lower_bound(numbers.begin(), numbers.end(), number);
    return found != numbers.end() && *found == number ? static_cast<size_t>(found - numbers.begin()) : count;
}

template <size_t count>
std::string name_in(const std::array<uint16_t, count>& numbers, size_t index,
                    const char* (*name_of)(uint16_t)) {
    if (index >= count) {
        return "other";
    }
    const char* name = name_of(numbers[index]);
    if (name != nullptr) {
        return name;
    }
    char text[sizeof("0x0000")];
    std::snprintf(text, sizeof(text), "0x%04x", unsigned{numbers[index]});
    return text;
}

// "0.0025": seconds without zeros at the end, as Prometheus writes bounds.
std::string bound_text(size_t index) {
    if (index >= kBoundCount) {
        return "+Inf";
    }
    char text[32];
    std::snprintf(text, sizeof(text), "%g", static_cast<double>(kDurationBounds[index]) / 1e6);
    return text;
}

}  // namespace

const char* label_name(LabelSet set) {
    switch (set) {
        case LabelSet::None:
        case LabelSet::Duration:
            return "";
        case LabelSet::Version:
            return "version";
        case LabelSet::Resumed:
            return "resumed";
        case LabelSet::Cipher:
            return "cipher";
        case LabelSet::Group:
            return "group";
        case LabelSet::Signature:
            return "algorithm";
        case LabelSet::Reason:
            return "reason";
        case LabelSet::Use:
            return "use";
        case LabelSet::EarlyOutcome:
        case LabelSet::CacheOutcome:
        case LabelSet::TicketOutcome:
        case LabelSet::CertifiedOutcome:
            return "outcome";
    }
    return "";
}

std::string label_text(LabelSet set, size_t index, const LabelNames& names) {
    switch (set) {
        case LabelSet::None:
            return "";
        case LabelSet::Version:
            return index < std::size(kVersions) ? kVersions[index].name : "other";
        case LabelSet::Resumed:
            return index == 0 ? "false" : "true";
        case LabelSet::Cipher:
            return name_in(kCiphers, index, names.cipher);
        case LabelSet::Group:
            return name_in(kGroups, index, names.group);
        case LabelSet::Signature:
            return name_in(kSignatures, index, names.signature);
        case LabelSet::Reason:
            return reason_name(reason_at(index));
        case LabelSet::Use:
            return names.use(index);
        case LabelSet::EarlyOutcome:
            return kEarlyWords[index];
        case LabelSet::CacheOutcome:
            return kCacheWords[index];
        case LabelSet::TicketOutcome:
            return kTicketWords[index];
        case LabelSet::CertifiedOutcome:
            return kCertifiedWords[index];
        case LabelSet::Duration:
            return bound_text(index);
    }
    return "";
}

size_t version_index(uint16_t number) {
    size_t index = 0;
    while (index < std::size(kVersions) && kVersions[index].number != number) {
        ++index;
    }
    return index;
}

size_t cipher_index(uint16_t number) {
    return index_in(kCiphers, number);
}

size_t group_index(uint16_t number) {
    return index_in(kGroups, number);
}

size_t signature_index(uint16_t number) {
    return index_in(kSignatures, number);
}

size_t duration_index(std::chrono::nanoseconds duration) {
    size_t index = 0;
    while (index < kBoundCount && duration > std::chrono::microseconds(kDurationBounds[index])) {
        ++index;
    }
    return index;
}

size_t reason_index(Reason reason) {
    return static_cast<size_t>(reason) - 1;
}

Reason reason_at(size_t index) {
    return static_cast<Reason>(index + 1);
}

}  // namespace tls
