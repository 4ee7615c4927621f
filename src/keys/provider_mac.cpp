// HMAC for OpenSSL over the hashes of TLS 1.3; whatever else it can be asked for goes to the default
// provider.
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/params.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <new>
#include <optional>

#include "base/hmac.h"
#include "keys/dispatch.h"
#include "keys/provider.h"

namespace tls {

namespace {

// What is set on a MAC. Null and empty where it was not given.
struct MacTerms {
    const char* digest = nullptr;
    const OSSL_PARAM* key = nullptr;
    bool understood = true;
};

MacTerms read_terms(const OSSL_PARAM* parameters) {
    MacTerms terms;
    for (const OSSL_PARAM* at = parameters; at != nullptr && at->key != nullptr; ++at) {
        if (at->data_type == OSSL_PARAM_UTF8_STRING && strcmp(at->key, OSSL_MAC_PARAM_DIGEST) == 0) {
            terms.digest = static_cast<const char*>(at->data);
        } else if (at->data_type == OSSL_PARAM_OCTET_STRING && strcmp(at->key, OSSL_MAC_PARAM_KEY) == 0) {
            terms.key = at;
        } else {
            terms.understood = false;
        }
    }
    return terms;
}

// One EVP_MAC_CTX. Ours as long as nothing was asked for that is not done here; then the default provider's,
// which is told what had been set.
class MacContext {
  public:
    explicit MacContext(const DefaultMac* fallback) : fallback_(fallback) {}
    ~MacContext() {
        OPENSSL_cleanse(key_.data(), key_size_);
        if (other_ != nullptr) {
            fallback_->free(other_);
        }
    }
    MacContext(const MacContext& from)
        : fallback_(from.fallback_),
          other_(from.other_ != nullptr ? fallback_->duplicate(from.other_) : nullptr),
          stage_(from.stage_),
          key_size_(from.key_size_),
          hash_(from.hash_),
          keyed_(from.keyed_),
          running_(from.running_) {
        std::copy_n(from.key_.begin(), key_size_, key_.begin());
    }
    MacContext& operator=(const MacContext&) = delete;

    // False when memory ran out for a copy.
    bool complete() const { return stage_ != Stage::Other || other_ != nullptr; }

    bool set(const OSSL_PARAM* parameters) {
        if (parameters == nullptr || parameters->key == nullptr) {
            return true;
        }
        const MacTerms terms = read_terms(parameters);
        if (stage_ != Stage::Other && terms.understood && take(terms)) {
            return true;
        }
        return fall_back() && fallback_->set(other_, parameters);
    }

    // `key` has no data to begin again with the one before.
    bool begin(ByteView key, const OSSL_PARAM* parameters) {
        if (!set(parameters)) {
            return false;
        }
        if (stage_ != Stage::Other && (key.data() != nullptr ? take_key(key) : restart())) {
            return true;
        }
        return fall_back() && fallback_->begin(other_, key.data(), key.size());
    }

    bool add(ByteView bytes) {
        if (stage_ == Stage::Keyed) {
            running_->add(bytes);
            return true;
        }
        return fall_back() && fallback_->add(other_, bytes.data(), bytes.size());
    }

    bool finish(uint8_t* out, size_t* size, size_t capacity) {
        if (stage_ != Stage::Keyed) {
            return fall_back() && fallback_->finish(other_, out, size, capacity);
        }
        if (capacity < size_of(hash_)) {
            return false;
        }
        running_->finish(out);
        *size = size_of(hash_);
        return true;
    }

    bool tell(OSSL_PARAM* parameters) {
        if (stage_ == Stage::Other || stage_ == Stage::Empty) {
            return fall_back() && fallback_->tell(other_, parameters);
        }
        OSSL_PARAM* const size = OSSL_PARAM_locate(parameters, OSSL_MAC_PARAM_SIZE);
        OSSL_PARAM* const block = OSSL_PARAM_locate(parameters, OSSL_MAC_PARAM_BLOCK_SIZE);
        return (size == nullptr || OSSL_PARAM_set_size_t(size, size_of(hash_)) == 1) &&
               (block == nullptr || OSSL_PARAM_set_size_t(block, block_of(hash_)) == 1);
    }

  private:
    // Hashed: it knows its hash, but has no key yet.
    enum class Stage : uint8_t { Empty, Hashed, Keyed, Other };

    // False, with nothing changed, for what is not done here.
    bool take(const MacTerms& terms) {
        HashKind hash = hash_;
        if (terms.digest != nullptr && !find_hash(terms.digest, &hash)) {
            return false;
        }
        // Another hash for the same key, or a key for a hash that is not known yet.
        if (terms.key == nullptr ? stage_ == Stage::Keyed && hash != hash_
                                 : stage_ == Stage::Empty && terms.digest == nullptr) {
            return false;
        }
        if (terms.key != nullptr && terms.key->data_size > key_.size()) {
            return false;
        }
        hash_ = hash;
        stage_ = std::max(stage_, Stage::Hashed);
        return terms.key == nullptr ||
               take_key(ByteView(static_cast<const uint8_t*>(terms.key->data), terms.key->data_size));
    }

    bool take_key(ByteView key) {
        if (stage_ == Stage::Empty || key.size() > key_.size()) {
            return false;
        }
        OPENSSL_cleanse(key_.data(), key_size_);
        std::copy(key.begin(), key.end(), key_.begin());
        key_size_ = key.size();
        keyed_.emplace(hash_, key);
        running_ = keyed_;
        stage_ = Stage::Keyed;
        return true;
    }

    bool restart() {
        if (stage_ != Stage::Keyed) {
            return false;
        }
        running_ = keyed_;
        return true;
    }

    bool fall_back() {
        if (stage_ == Stage::Other) {
            return other_ != nullptr;
        }
        const Stage before = stage_;
        stage_ = Stage::Other;
        other_ = fallback_->make();
        if (other_ == nullptr || before == Stage::Empty) {
            return other_ != nullptr;
        }
        char digest256[] = "SHA256";
        char digest384[] = "SHA384";
        OSSL_PARAM terms[3];
        OSSL_PARAM* end = terms;
        *end++ = OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST,
                                                  hash_ == HashKind::Sha256 ? digest256 : digest384, 0);
        if (before == Stage::Keyed) {
            *end++ = OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, key_.data(), key_size_);
        }
        *end = OSSL_PARAM_construct_end();
        return fallback_->set(other_, terms);
    }

    const DefaultMac* fallback_;
    void* other_ = nullptr;  // the default provider's context, since it is needed
    Stage stage_ = Stage::Empty;
    size_t key_size_ = 0;
    HashKind hash_ = HashKind::Sha256;
    std::array<uint8_t, 64> key_;  // longer ones are not ours
    std::optional<Hmac> keyed_;
    std::optional<Hmac> running_;
};

MacContext* context_of(void* context) {
    return static_cast<MacContext*>(context);
}

void* new_context(void* state) {
    return new (std::nothrow) MacContext(&static_cast<ProviderState*>(state)->fallback.hmac);
}

void free_context(void* context) {
    delete context_of(context);
}

void* copy_context(void* context) {
    auto* copy = new (std::nothrow) MacContext(*context_of(context));
    if (copy != nullptr && !copy->complete()) {
        delete copy;
        return nullptr;
    }
    return copy;
}

int begin(void* context, const unsigned char* key, size_t size, const OSSL_PARAM* parameters) {
    return context_of(context)->begin(ByteView(key, size), parameters) ? 1 : 0;
}

int add(void* context, const unsigned char* bytes, size_t size) {
    return context_of(context)->add(ByteView(bytes, size)) ? 1 : 0;
}

int finish(void* context, unsigned char* out, size_t* size, size_t capacity) {
    return context_of(context)->finish(out, size, capacity) ? 1 : 0;
}

int tell(void* context, OSSL_PARAM parameters[]) {
    return context_of(context)->tell(parameters) ? 1 : 0;
}

int set(void* context, const OSSL_PARAM parameters[]) {
    return context_of(context)->set(parameters) ? 1 : 0;
}

const OSSL_PARAM* tellable(void*, void* state) {
    return static_cast<ProviderState*>(state)->fallback.hmac.tellable();
}

const OSSL_PARAM* settable(void*, void* state) {
    return static_cast<ProviderState*>(state)->fallback.hmac.settable();
}

}  // namespace

const OSSL_DISPATCH kMacFunctions[] = {
    entry(OSSL_FUNC_MAC_NEWCTX, new_context),
    entry(OSSL_FUNC_MAC_FREECTX, free_context),
    entry(OSSL_FUNC_MAC_DUPCTX, copy_context),
    entry(OSSL_FUNC_MAC_INIT, begin),
    entry(OSSL_FUNC_MAC_UPDATE, add),
    entry(OSSL_FUNC_MAC_FINAL, finish),
    entry(OSSL_FUNC_MAC_GET_CTX_PARAMS, tell),
    entry(OSSL_FUNC_MAC_SET_CTX_PARAMS, set),
    entry(OSSL_FUNC_MAC_GETTABLE_CTX_PARAMS, tellable),
    entry(OSSL_FUNC_MAC_SETTABLE_CTX_PARAMS, settable),
    {0, nullptr},
};

}  // namespace tls
