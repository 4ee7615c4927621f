// TLS13-KDF and TLS1-PRF for OpenSSL: their parameters, read once, and key_schedule.
#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <cstring>

#include "base/key_schedule.h"
#include "keys/dispatch.h"
#include "keys/heard_secrets.h"
#include "keys/provider.h"

namespace tls {

namespace {

// What libssl asks for. Null views are parameters that were not given.
struct ScheduleQuestion {
    int mode = -1;
    const char* digest = nullptr;
    ByteView key, salt, prefix, label, data;
    bool has_key = false;
    bool has_salt = false;
    bool understood = true;
};

ByteView bytes_of(const OSSL_PARAM& parameter) {
    return ByteView(static_cast<const uint8_t*>(parameter.data), parameter.data_size);
}

void take(const OSSL_PARAM& parameter, ScheduleQuestion* question) {
    const auto is = [&](const char* name) { return strcmp(parameter.key, name) == 0; };
    const bool octets = parameter.data_type == OSSL_PARAM_OCTET_STRING;
    if (octets && is(OSSL_KDF_PARAM_KEY)) {
        question->key = bytes_of(parameter);
        question->has_key = true;
    } else if (octets && is(OSSL_KDF_PARAM_SALT)) {
        question->salt = bytes_of(parameter);
        question->has_salt = true;
    } else if (octets && is(OSSL_KDF_PARAM_PREFIX)) {
        question->prefix = bytes_of(parameter);
    } else if (octets && is(OSSL_KDF_PARAM_LABEL)) {
        question->label = bytes_of(parameter);
    } else if (octets && is(OSSL_KDF_PARAM_DATA)) {
        question->data = bytes_of(parameter);
    } else if (parameter.data_type == OSSL_PARAM_UTF8_STRING && is(OSSL_KDF_PARAM_DIGEST)) {
        question->digest = static_cast<const char*>(parameter.data);
    } else if (parameter.data_type == OSSL_PARAM_INTEGER && is(OSSL_KDF_PARAM_MODE)) {
        question->understood = question->understood && OSSL_PARAM_get_int(&parameter, &question->mode) == 1;
    } else {
        question->understood = false;
    }
}

int derive(void* state, unsigned char* out, size_t size, const OSSL_PARAM* parameters) {
    ScheduleQuestion question;
    for (const OSSL_PARAM* at = parameters; at != nullptr && at->key != nullptr; ++at) {
        take(*at, &question);
    }
    HashKind hash;
    if (question.understood && find_hash(question.digest, &hash)) {
        if (question.mode == EVP_KDF_HKDF_MODE_EXPAND_ONLY && question.has_key) {
            if (!expand_label(hash, question.key, question.prefix, question.label, question.data, out,
                              size)) {
                return 0;
            }
            HearingScope::tell(question.label, out, size);
            return 1;
        }
        if (question.mode == EVP_KDF_HKDF_MODE_EXTRACT_ONLY && size == size_of(hash)) {
            return next_secret(hash, question.has_salt ? &question.salt : nullptr,
                               question.has_key ? &question.key : nullptr, question.prefix, question.label,
                               out)
                       ? 1
                       : 0;
        }
    }
    return static_cast<ProviderState*>(state)->fallback.derive_schedule(out, size, parameters) ? 1 : 0;
}

// --- TLS1-PRF

constexpr size_t kMaxSeeds = 6;  // libssl has a label and at most five
constexpr size_t kMaxSeedBytes = 1024;

struct PrfQuestion {
    const char* digest = nullptr;
    ByteView secret;
    ByteView seeds[kMaxSeeds];
    size_t seed_count = 0;
    size_t seed_bytes = 0;
    bool understood = true;
};

// What comes several times: seeds count all, of the others the default provider knows best.
void take(const OSSL_PARAM& parameter, PrfQuestion* question) {
    const auto is = [&](const char* name) { return strcmp(parameter.key, name) == 0; };
    const bool octets = parameter.data_type == OSSL_PARAM_OCTET_STRING;
    if (octets && is(OSSL_KDF_PARAM_SECRET) && question->secret.empty()) {
        question->secret = bytes_of(parameter);
    } else if (octets && is(OSSL_KDF_PARAM_SEED) && question->seed_count < kMaxSeeds) {
        question->seeds[question->seed_count] = bytes_of(parameter);
        question->seed_bytes += parameter.data_size;
        ++question->seed_count;
    } else if (parameter.data_type == OSSL_PARAM_UTF8_STRING && is(OSSL_KDF_PARAM_DIGEST) &&
               question->digest == nullptr) {
        question->digest = static_cast<const char*>(parameter.data);
    } else {
        question->understood = false;
    }
}

int derive_prf(void* state, unsigned char* out, size_t size, const OSSL_PARAM* parameters) {
    PrfQuestion question;
    for (const OSSL_PARAM* at = parameters; at != nullptr && at->key != nullptr; ++at) {
        take(*at, &question);
    }
    HashKind hash;
    const bool is_whole = question.understood && !question.secret.empty() && question.seed_bytes != 0 &&
                          question.seed_bytes <= kMaxSeedBytes && size != 0;
    if (is_whole && find_hash(question.digest, &hash)) {
        tls12_prf(hash, question.secret, question.seeds, question.seed_count, out, size);
        return 1;
    }
    return static_cast<ProviderState*>(state)->fallback.derive_prf(out, size, parameters) ? 1 : 0;
}

// One call is one question: nothing is kept between, so the provider's state serves as the context.
void* new_context(void* state) {
    return state;
}

void free_context(void*) {}

}  // namespace

const OSSL_DISPATCH kScheduleFunctions[] = {
    entry(OSSL_FUNC_KDF_NEWCTX, new_context),
    entry(OSSL_FUNC_KDF_FREECTX, free_context),
    entry(OSSL_FUNC_KDF_DERIVE, derive),
    {0, nullptr},
};

const OSSL_DISPATCH kPrfFunctions[] = {
    entry(OSSL_FUNC_KDF_NEWCTX, new_context),
    entry(OSSL_FUNC_KDF_FREECTX, free_context),
    entry(OSSL_FUNC_KDF_DERIVE, derive_prf),
    {0, nullptr},
};

}  // namespace tls
