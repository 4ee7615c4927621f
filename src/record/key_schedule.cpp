#include "record/key_schedule.h"

#include <cstring>
#include <string_view>

#include "base/key_schedule.h"

namespace tls {

namespace {

constexpr size_t kSha256Size = 32;
constexpr size_t kSha384Size = 48;

// HKDF-Expand-Label with an empty context (RFC 8446 section 7.1).
bool expand(const TrafficSecret& secret, std::string_view label, uint8_t* out, size_t size) {
    const HashKind hash = secret.size == kSha384Size ? HashKind::Sha384 : HashKind::Sha256;
    return secret.size != 0 && expand_label(hash, ByteView(secret.bytes.data(), secret.size),
                                            ByteView::of("tls13 "), ByteView::of(label), {}, out, size);
}

int digit(char character) {
    if (character >= '0' && character <= '9') {
        return character - '0';
    }
    return character >= 'a' && character <= 'f' ? character - 'a' + 10 : -1;
}

}  // namespace

bool derive_keys(const TrafficSecret& secret, RecordSuite suite, TrafficKeys* keys) {
    TrafficKeys made;
    made.suite = suite;
    made.ipsec_mb = keys->ipsec_mb;
    if (!expand(secret, "key", made.key.data(), made.key_size()) ||
        !expand(secret, "iv", made.iv.data(), made.iv.size())) {
        return false;
    }
    *keys = made;
    return true;
}

bool advance_secret(TrafficSecret* secret) {
    TrafficSecret next;
    next.size = secret->size;
    if (!expand(*secret, "traffic upd", next.bytes.data(), next.size)) {
        return false;
    }
    *secret = next;
    return true;
}

bool parse_secret(const char* hex, TrafficSecret* secret) {
    const size_t digits = std::strlen(hex);
    if (digits != 2 * kSha256Size && digits != 2 * kSha384Size) {
        return false;
    }
    secret->size = static_cast<uint8_t>(digits / 2);
    for (size_t i = 0; i < secret->size; ++i) {
        const int high = digit(hex[2 * i]);
        const int low = digit(hex[2 * i + 1]);
        if (high < 0 || low < 0) {
            secret->size = 0;
            return false;
        }
        secret->bytes[i] = static_cast<uint8_t>(high << 4 | low);
    }
    return true;
}

}  // namespace tls
