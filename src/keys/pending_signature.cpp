// The padding functions are deprecated, and in all versions of OpenSSL 3.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "keys/pending_signature.h"

#include <openssl/async.h>
#include <openssl/err.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <cstring>

#include "keys/provider.h"

namespace tls {

namespace {

// Fewer are faster by OpenSSL, one by one.
constexpr size_t kWorthwhileSignatures = 3;

using UniqueDigestInfo = std::unique_ptr<X509_SIG, OpensslDeleter<X509_SIG, X509_SIG_free>>;

// DigestInfo in DER (RFC 8017 section 9.2), padded to the modulus.
bool encode_pkcs1(const RsaNumbers& key, const EVP_MD* digest, const uint8_t* hash, int size, uint8_t* out) {
    const UniqueDigestInfo info(X509_SIG_new());
    X509_ALGOR* algorithm = nullptr;
    ASN1_OCTET_STRING* value = nullptr;
    if (info == nullptr) {
        return false;
    }
    X509_SIG_getm(info.get(), &algorithm, &value);
    unsigned char* der = nullptr;
    if (X509_ALGOR_set0(algorithm, OBJ_nid2obj(EVP_MD_get_type(digest)), V_ASN1_NULL, nullptr) != 1 ||
        ASN1_OCTET_STRING_set(value, hash, size) != 1) {
        return false;
    }
    const int der_size = i2d_X509_SIG(info.get(), &der);
    const bool padded =
        der_size > 0 && RSA_padding_add_PKCS1_type_1(out, static_cast<int>(key.size()), der, der_size) == 1;
    OPENSSL_free(der);
    return padded;
}

// What the private operation is to be applied to. False for what only OpenSSL's own signature knows.
bool encode(const PendingSignature& pending, uint8_t* out) {
    const RsaNumbers& key = *pending.key->numbers;
    const EVP_MD* digest = EVP_get_digestbyname(pending.terms.digest.c_str());
    if (digest == nullptr || EVP_MD_get_type(digest) == NID_md5_sha1) {
        return false;
    }
    uint8_t hash[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    if (EVP_Digest(pending.message.data(), pending.message.size(), hash, &size, digest, nullptr) != 1) {
        return false;
    }
    if (pending.terms.pss) {
        return RSA_padding_add_PKCS1_PSS_mgf1(key.public_key(), out, hash, digest, digest,
                                              RSA_PSS_SALTLEN_DIGEST) == 1;
    }
    return encode_pkcs1(key, digest, hash, static_cast<int>(size), out);
}

void make_batch(const CryptoMb& mb, PendingSignature* const* pending, size_t count) {
    RsaBatch batch;
    PendingSignature* in[kLanes] = {};
    for (size_t i = 0; i < count; ++i) {
        uint8_t encoded[RsaBatch::kMaxSize];
        if (encode(*pending[i], encoded)) {
            in[batch.count()] = pending[i];
            batch.add(*pending[i]->key->numbers, encoded);
        }
    }
    drain_openssl_errors();
    if (batch.count() < kWorthwhileSignatures) {
        return;
    }
    const LaneMask good = batch.calculate(mb);
    for (size_t lane = 0; lane < batch.count(); ++lane) {
        if ((good >> lane & 1U) != 0) {
            const uint8_t* result = batch.result(lane);
            in[lane]->signature.assign(result, result + in[lane]->key->numbers->size());
            in[lane]->made = true;
        }
    }
}

}  // namespace

void PendingSignature::make() {
    ERR_clear_error();
    signature.resize(key->max_size());
    size_t size = signature.size();
    if (!key->sign(terms, ByteView(message.data(), message.size()), signature.data(), &size)) {
        size = 0;
        drain_openssl_errors(&errors);
    }
    signature.resize(size);
    made = true;
}

bool PendingSignature::take(uint8_t* out, size_t* size) const {
    for (const unsigned long code : errors) {
        ERR_new();
        ERR_set_error(ERR_GET_LIB(code), ERR_GET_REASON(code), nullptr);
    }
    if (signature.empty() || signature.size() > *size) {
        return false;
    }
    std::copy(signature.begin(), signature.end(), out);
    *size = signature.size();
    return true;
}

void make_together(PendingSignature* const* pending, size_t count) {
    const CryptoMb* mb = provider_state().mb;
    if (mb == nullptr) {
        return;
    }
    std::vector<PendingSignature*> sorted;
    for (size_t i = 0; i < count; ++i) {
        if (pending[i]->key->numbers != nullptr && !pending[i]->made) {
            sorted.push_back(pending[i]);
        }
    }
    std::stable_sort(sorted.begin(), sorted.end(), [](const auto* left, const auto* right) {
        return left->key->numbers->size() < right->key->numbers->size();
    });
    for (size_t begin = 0; begin < sorted.size();) {
        const size_t size = sorted[begin]->key->numbers->size();
        size_t end = begin + 1;
        while (end < sorted.size() && end - begin < kLanes && sorted[end]->key->numbers->size() == size) {
            ++end;
        }
        if (end - begin >= kWorthwhileSignatures) {
            make_batch(*mb, &sorted[begin], end - begin);
        }
        begin = end;
    }
}

thread_local SignatureWait* SignatureWait::current_ = nullptr;

bool SignatureWait::sign(const std::shared_ptr<const WrappedKey>& key, const SignatureTerms& terms,
                         ByteView message, uint8_t* out, size_t* size) {
    SignatureWait* wait = current_;
    if (wait == nullptr || ASYNC_get_current_job() == nullptr) {
        return key->sign(terms, message, out, size);
    }
    wait->pause(key, terms, message);
    const std::shared_ptr<PendingSignature> pending = std::move(wait->pending_);
    wait->over_ = true;
    // Cancelled, another thread may be busy with it.
    if (wait->cancelled_) {
        return false;
    }
    return pending->made ? pending->take(out, size) : key->sign(terms, message, out, size);
}

// The job's stack waits here.
void SignatureWait::pause(const std::shared_ptr<const WrappedKey>& key, const SignatureTerms& terms,
                          ByteView message) {
    pending_ = std::make_shared<PendingSignature>();
    pending_->key = key;
    pending_->terms = terms;
    pending_->message.assign(message.begin(), message.end());
    // libssl takes an error that is left there for its own.
    ERR_clear_error();
    ASYNC_pause_job();
}

}  // namespace tls
