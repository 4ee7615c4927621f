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

// One for the process: fetching it costs more than using it.
EVP_KDF_CTX* hkdf() {
    static EVP_KDF_CTX* const kContext = [] {
        EVP_KDF* kdf = EVP_KDF_fetch(nullptr, "HKDF", nullptr);
        EVP_KDF_CTX* made = kdf != nullptr ? EVP_KDF_CTX_new(kdf) : nullptr;
        EVP_KDF_free(kdf);
        return made;
    }();
    return kContext;
}

// HKDF-Expand-Label (RFC 8446 section 7.1) by whoever OpenSSL has it from.
bool expand_by_providers(const TrafficSecret& secret, std::string_view label, uint8_t* out, size_t size) {
    constexpr std::string_view kPrefix = "tls13 ";
    uint8_t info[64];
    size_t used = 0;
    info[used++] = static_cast<uint8_t>(size >> 8);
    info[used++] = static_cast<uint8_t>(size);
    info[used++] = static_cast<uint8_t>(kPrefix.size() + label.size());
    std::memcpy(info + used, kPrefix.data(), kPrefix.size());
    used += kPrefix.size();
    std::memcpy(info + used, label.data(), label.size());
    used += label.size();
    info[used++] = 0;

    char digest256[] = "SHA256";
    char digest384[] = "SHA384";
    int mode = EVP_KDF_HKDF_MODE_EXPAND_ONLY;
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_int(OSSL_KDF_PARAM_MODE, &mode),
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST,
                                         secret.size == kSha384Size ? digest384 : digest256, 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, const_cast<uint8_t*>(secret.bytes.data()),
                                          secret.size),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info, used), OSSL_PARAM_construct_end()};
    EVP_KDF_CTX* context = hkdf();
    if (context == nullptr) {
        return false;
    }
    const bool derived = EVP_KDF_derive(context, out, size, parameters) == 1;
    // It keeps the secret otherwise.
    EVP_KDF_CTX_reset(context);
    return derived;
}

// HKDF-Expand-Label with an empty context.
bool expand(const TrafficSecret& secret, std::string_view label, uint8_t* out, size_t size) {
    if (secret.size == 0 || !usual_providers()) {
        return secret.size != 0 && expand_by_providers(secret, label, out, size);
    }
    const HashKind hash = secret.size == kSha384Size ? HashKind::Sha384 : HashKind::Sha256;
    return expand_label(hash, ByteView(secret.bytes.data(), secret.size), ByteView::of("tls13 "),
                        ByteView::of(label), {}, out, size);
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
