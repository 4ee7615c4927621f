#include "record/key_schedule.h"

#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <cstring>
#include <string_view>

#include "base/key_schedule.h"
#include "base/providers.h"

namespace tls {

namespace {

constexpr size_t kSha256Size = 32;
constexpr size_t kSha384Size = 48;

// By whoever OpenSSL has it from.
bool expand_by_providers(ByteView secret, ByteView prefix, ByteView label, uint8_t* out, size_t size) {
    // One for the process: fetching it costs more than using it.
    static EVP_KDF_CTX* const kContext = [] {
        EVP_KDF* kdf = EVP_KDF_fetch(nullptr, "TLS13-KDF", nullptr);
        EVP_KDF_CTX* made = kdf != nullptr ? EVP_KDF_CTX_new(kdf) : nullptr;
        EVP_KDF_free(kdf);
        return made;
    }();
    char digest256[] = "SHA256";
    char digest384[] = "SHA384";
    int mode = EVP_KDF_HKDF_MODE_EXPAND_ONLY;
    const auto octets = [](const char* name, ByteView bytes) {
        return OSSL_PARAM_construct_octet_string(name, const_cast<uint8_t*>(bytes.data()), bytes.size());
    };
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_int(OSSL_KDF_PARAM_MODE, &mode),
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST,
                                         secret.size() == kSha384Size ? digest384 : digest256, 0),
        octets(OSSL_KDF_PARAM_KEY, secret),
        octets(OSSL_KDF_PARAM_PREFIX, prefix),
        octets(OSSL_KDF_PARAM_LABEL, label),
        OSSL_PARAM_construct_end()};
    const bool derived = kContext != nullptr && EVP_KDF_derive(kContext, out, size, parameters) == 1;
    // It keeps the secret otherwise.
    EVP_KDF_CTX_reset(kContext);
    return derived;
}

// HKDF-Expand-Label with an empty context (RFC 8446 section 7.1).
bool expand(const TrafficSecret& secret, std::string_view label, uint8_t* out, size_t size) {
    const ByteView key(secret.bytes.data(), secret.size);
    const ByteView prefix = ByteView::of("tls13 ");
    if (key.empty()) {
        return false;
    }
    if (!usual_providers()) {
        return expand_by_providers(key, prefix, ByteView::of(label), out, size);
    }
    const HashKind hash = key.size() == kSha384Size ? HashKind::Sha384 : HashKind::Sha256;
    return expand_label(hash, key, prefix, ByteView::of(label), {}, out, size);
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
