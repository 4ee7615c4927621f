#include "server/foresee.h"

#include <openssl/obj_mac.h>

#include <algorithm>

#include "keys/signing_key.h"
#include "policy/policy.h"

namespace tls {

namespace {

constexpr uint16_t kTls13 = 0x0304;
constexpr uint16_t kKeyShare = 51;
constexpr uint16_t kX25519 = 0x001d;
constexpr uint16_t kX25519MlKem768 = 0x11ec;

// Values that mean nothing, sent to keep servers used to unknown ones (RFC 8701).
bool is_grease(uint16_t group) {
    return (group & 0x0f0f) == 0x0a0a && group >> 8 == (group & 0xff);
}

// SignatureSchemes (RFC 8446 section 4.2.3) of the two curves.
constexpr uint16_t kEcdsaP256Sha256 = 0x0403;
constexpr uint16_t kEcdsaP384Sha384 = 0x0503;

// Those that an RSA key (rsaEncryption) makes: rsa_pss_rsae_… and rsa_pkcs1_….
bool is_rsa(uint16_t scheme) {
    return (scheme >= 0x0804 && scheme <= 0x0806) || (scheme & 0xff) == 0x01;
}

bool may_resume(const ClientHello& hello) {
    return hello.has_pre_shared_key || hello.has_session_ticket;
}

}  // namespace

std::optional<X25519Key> foresee_exchange(const ClientHello& hello, const ServerContext& context) {
    if ((context.policy().protocols & kTlsv13) == 0 || !hello.offers_version(kTls13) ||
        !context.takes_x25519()) {
        return std::nullopt;
    }
    const Extension* extension = hello.find(kKeyShare);
    if (extension == nullptr) {
        return std::nullopt;
    }
    Reader reader(extension->body);
    ByteView shares;
    if (!reader.vector16(&shares)) {
        return std::nullopt;
    }
    Reader share(shares);
    uint16_t group = 0;
    ByteView key;
    while (share.u16(&group) && share.vector16(&key)) {
        if (group == kX25519 && key.size() == std::tuple_size_v<X25519Key>) {
            X25519Key copy;
            std::copy(key.begin(), key.end(), copy.begin());
            return copy;
        }
        if (!is_grease(group) && (group != kX25519MlKem768 || context.takes_hybrid())) {
            return std::nullopt;
        }
    }
    return std::nullopt;
}

const SigningKey* foresee_signature(const ClientHello& hello, const ServerContext& context) {
    if (may_resume(hello)) {
        return nullptr;
    }
    // Keys of other kinds beside: libssl's choice is not foreseen.
    const auto& keys = context.signing_keys();
    if (keys.size() != context.credential_count()) {
        return nullptr;
    }
    for (size_t i = 0; i < hello.signature_algorithms.size(); ++i) {
        const uint16_t scheme = hello.signature_algorithms[i];
        for (const auto& key : keys) {
            const bool is_p256 = key->curve == NID_X9_62_prime256v1;
            if (scheme == (is_p256 ? kEcdsaP256Sha256 : kEcdsaP384Sha384)) {
                return key.get();
            }
        }
    }
    return nullptr;
}

bool foresee_wait(const ClientHello& hello, const ServerContext& context) {
    if (context.threads_keys()) {
        return true;
    }
    if (!context.batches_rsa() || may_resume(hello)) {
        return false;
    }
    // The client's first choice; a server that has other keys beside may take another.
    for (size_t i = 0; i < hello.signature_algorithms.size(); ++i) {
        if (is_rsa(hello.signature_algorithms[i])) {
            return true;
        }
        if (context.credential_count() > 1) {
            return false;
        }
    }
    return false;
}

}  // namespace tls
