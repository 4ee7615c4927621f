// The closed sets that the labels of counters come from: how many values each has, which value a number of
// TLS falls into, and the value's word.
//
// Used where counters are laid out, counted and shown. Nothing that a client wrote is ever a label: a number
// that is in no list is "other". Numbers are named by tables of higher rooms, which come in as LabelNames.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/reason.h"

namespace tls {

enum class LabelSet : uint8_t {
    None,
    Version,           // of TLS
    Resumed,           // "false", "true"
    Cipher,            // OpenSSL's names
    Group,             // of the key exchange
    Signature,         // what the server signed with
    Reason,            // of a failure; Completed has no place
    Use,               // what a connection was used for
    EarlyOutcome,      // of early data
    CacheOutcome,      // of the session cache
    TicketOutcome,     // of session tickets
    CertifiedOutcome,  // of the certificate cache
    Duration,          // buckets of a histogram
};

// Indices into the sets of outcomes.
enum class EarlyOutcome : uint8_t { Rejected, Accepted };
enum class CacheOutcome : uint8_t { Hit, Miss, Stored };
enum class TicketOutcome : uint8_t { Issued, Opened, Unknown };
enum class CertifiedOutcome : uint8_t { Hit, Loaded, Missing };

// Words that other rooms have for numbers; null for one without a word.
struct LabelNames {
    const char* (*cipher)(uint16_t number);
    const char* (*group)(uint16_t number);
    const char* (*signature)(uint16_t number);
    const char* (*use)(size_t index);
};

constexpr size_t kVersionCount = 6;  // "other" is one of them, as in the next three
constexpr size_t kCipherCount = 45;
constexpr size_t kGroupCount = 24;
constexpr size_t kSignatureCount = 25;
constexpr size_t kReasonCount = static_cast<size_t>(Reason::Internal);  // Completed is no failure
constexpr size_t kUseCount = 6;

// Upper bounds of the duration buckets, in microseconds; one more holds what took longer.
constexpr int64_t kDurationBounds[] = {500,    1000,   2500,   5000,    10000,   25000,   50000,
                                       100000, 250000, 500000, 1000000, 2500000, 5000000, 10000000};
constexpr size_t kBoundCount = sizeof(kDurationBounds) / sizeof(kDurationBounds[0]);

// How many values a set has; 1 for None.
constexpr size_t label_count(LabelSet set) {
    constexpr size_t kCounts[] = {
        1, kVersionCount,  2, kCipherCount, kGroupCount, kSignatureCount, kReasonCount, kUseCount, 2, 3, 3,
        3, kBoundCount + 1};
    return kCounts[static_cast<size_t>(set)];
}

// The label's name in the exposition, for instance "cipher". Static memory; empty for None and Duration.
const char* label_name(LabelSet set);

// The word of a value, for instance "TLSv1.3". A bucket's is its bound in seconds, "0.0025" or "+Inf".
std::string label_text(LabelSet set, size_t index, const LabelNames& names);

// Where a number falls; the last index is "other".
size_t version_index(uint16_t number);
size_t cipher_index(uint16_t number);
size_t group_index(uint16_t number);
size_t signature_index(uint16_t number);
size_t duration_index(std::chrono::nanoseconds duration);
// Not for Completed.
size_t reason_index(Reason reason);
Reason reason_at(size_t index);

}  // namespace tls
