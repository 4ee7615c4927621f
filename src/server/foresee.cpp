#include "server/foresee.h"

#include <openssl/obj_mac.h>

#include <algorithm>

#include "keys/signing_key.h"
#include "policy/policy.h"

namespace tls {

namespace {

constexpr uint16_t kTls12 = 0x0303;
constexpr uint16_t kTls13 = 0x0304;
constexpr uint16_t kKeyShare = 51;
constexpr uint16_t kP256 = 0x0017;
constexpr uint16_t kX25519 = 0x001d;
constexpr uint16_t kX25519MlKem768 = 0x11ec;

// Values that mean nothing, sent to keep servers used to unknown ones (RFC 8701).
bool is_grease(uint16_t group) {
    return (group & 0x0f0f) == 0x0a0a && group >> 8 == (group & 0xff);
}

// Groups of whose shares the server takes none, as far as that is known.
bool is_passed_over(uint16_t group, const ServerContext& context) {
    switch (group) {
        case kX25519:
            return !context.takes_x25519();
        case kP256:
            return !context.takes_p256();
        case kX25519MlKem768:
            return !context.takes_hybrid();
        default:
            return is_grease(group);
    }
}

template <class Share>
void copy_share(ByteView key, std::optional<Share>* share) {
    if (key.size() == std::tuple_size_v<Share>) {
        std::copy(key.begin(), key.end(), share->emplace().begin());
    }
}

void take_share(uint16_t group, ByteView key, ForeseenExchange* foreseen) {
    if (group == kX25519) {
        copy_share(key, &foreseen->x25519);
    } else if (group == kP256) {
        copy_share(key, &foreseen->p256);
    } else if (group == kX25519MlKem768) {
        copy_share(key.from(kMlKem768Key), &foreseen->x25519);
    }
}

// SignatureSchemes (RFC 8446 section 4.2.3). In TLS 1.2 those of ECDSA name a hash, and go with any curve.
constexpr uint16_t kEcdsaP256Sha256 = 0x0403;
constexpr uint16_t kEcdsaP384Sha384 = 0x0503;
constexpr uint16_t kEcdsaP521Sha512 = 0x0603;

// The keys that a handshake may be signed with.
struct Signers {
    const SigningKey* ecdsa = nullptr;  // libssl has one place for keys of this kind: the last one counts
    bool has_others = false;            // RSA, for instance
};

Signers signers_of(const ServerContext& context) {
    const auto& keys = context.signing_keys();
    return {keys.empty() ? nullptr : keys.back().get(), keys.size() != context.credential_count()};
}

Signers signers_of(const CredentialSet& set) {
    Signers signers;
    for (const auto& credential : set.credentials) {
        if (credential->signing.key != nullptr) {
            signers.ecdsa = &credential->signing;
        } else {
            signers.has_others = true;
        }
    }
    return signers;
}

// True for a scheme of TLS 1.3 that a key of another kind may sign by.
bool is_for_others(uint16_t scheme) {
    constexpr uint16_t kFirst = 0x0804;  // rsa_pss_rsae_sha256
    constexpr uint16_t kLast = 0x080b;   // rsa_pss_pss_sha512; Ed25519 and Ed448 lie between
    return scheme >= kFirst && scheme <= kLast;
}

// libssl takes the first scheme of the client's list that some key fits; of its own, when the server's order
// counts, and that begins with ECDSA unless the operator has written another.
bool signs_tls13(const ClientHello& hello, const Policy& policy, const Signers& signers) {
    const bool is_p256 = signers.ecdsa->curve == NID_X9_62_prime256v1;
    const bool others_first = signers.has_others && !policy.prefer_server_ciphers;
    for (size_t i = 0; i < hello.signature_algorithms.size(); ++i) {
        const uint16_t scheme = hello.signature_algorithms[i];
        if (scheme == (is_p256 ? kEcdsaP256Sha256 : kEcdsaP384Sha384)) {
            return true;
        }
        if (others_first && is_for_others(scheme)) {
            return false;
        }
    }
    return false;
}

// Among kinds of keys it is the cipher that decides, which is not foreseen.
bool signs_tls12(const ClientHello& hello, const Signers& signers) {
    if (signers.has_others || !hello.session_id.empty()) {
        return false;
    }
    for (size_t i = 0; i < hello.signature_algorithms.size(); ++i) {
        const uint16_t scheme = hello.signature_algorithms[i];
        if (scheme == kEcdsaP256Sha256 || scheme == kEcdsaP384Sha384 || scheme == kEcdsaP521Sha512) {
            return true;
        }
    }
    return false;
}

// Those that an RSA key (rsaEncryption) makes: rsa_pss_rsae_… and rsa_pkcs1_….
bool is_rsa(uint16_t scheme) {
    return (scheme >= 0x0804 && scheme <= 0x0806) || (scheme & 0xff) == 0x01;
}

bool may_resume(const ClientHello& hello) {
    return hello.has_pre_shared_key || hello.has_session_ticket;
}

}  // namespace

ForeseenExchange foresee_exchange(const ClientHello& hello, const ServerContext& context) {
    ForeseenExchange foreseen;
    if (!allows_version(context.policy(), kTls13) || !hello.offers_version(kTls13)) {
        return foreseen;
    }
    const Extension* extension = hello.find(kKeyShare);
    if (extension == nullptr) {
        return foreseen;
    }
    Reader reader(extension->body);
    ByteView shares;
    if (!reader.vector16(&shares)) {
        return foreseen;
    }
    Reader share(shares);
    uint16_t group = 0;
    ByteView key;
    while (share.u16(&group) && share.vector16(&key)) {
        if (!is_passed_over(group, context)) {
            take_share(group, key, &foreseen);
            return foreseen;
        }
    }
    return foreseen;
}

const SigningKey* foresee_signature(const ClientHello& hello, const ServerContext& context,
                                    const CredentialSet* found) {
    if (may_resume(hello)) {
        return nullptr;
    }
    const Signers signers = found != nullptr ? signers_of(*found) : signers_of(context);
    if (signers.ecdsa == nullptr) {
        return nullptr;
    }
    if (allows_version(context.policy(), kTls13) && hello.offers_version(kTls13)) {
        return signs_tls13(hello, context.policy(), signers) ? signers.ecdsa : nullptr;
    }
    if (allows_version(context.policy(), kTls12) && hello.offers_version(kTls12)) {
        return signs_tls12(hello, signers) ? signers.ecdsa : nullptr;
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
