#include "keys/turn.h"

#include <openssl/obj_mac.h>

#include <algorithm>

#include "keys/provider.h"
#include "keys/signing_key.h"

namespace tls {

namespace {

// Fewer are faster by OpenSSL, one by one; it is given the pairs all the same.
constexpr size_t kWorthwhileExchanges = 2;
constexpr size_t kWorthwhileSignatures = 3;

void prepare_exchanges(ProviderState* state, Prepared* const* handshakes, size_t count) {
    X25519Exchange exchanges[kLanes];
    Prepared* in[kLanes] = {};
    size_t used = 0;
    for (size_t i = 0; i < count; ++i) {
        Prepared* handshake = handshakes[i];
        if (!handshake->has_peer || handshake->has_pair || !state->pairs.take(*state->mb, &handshake->pair)) {
            continue;
        }
        handshake->has_pair = true;
        exchanges[used].private_key = &handshake->pair.private_key;
        exchanges[used].peer = &handshake->peer;
        in[used] = handshake;
        ++used;
    }
    if (used < kWorthwhileExchanges) {
        return;
    }
    const LaneMask good = derive_x25519(*state->mb, exchanges, used);
    for (size_t lane = 0; lane < used; ++lane) {
        if ((good >> lane & 1U) != 0) {
            in[lane]->secret = exchanges[lane].secret;
            in[lane]->has_secret = true;
        }
        OPENSSL_cleanse(exchanges[lane].secret.data(), exchanges[lane].secret.size());
    }
}

// Nonces are made here, in the turn in which they are used, and for these hellos.
void prepare_signatures(const CryptoMb& mb, const SignatureCurve& curve, Prepared* const* signers,
                        size_t count) {
    if (count < kWorthwhileSignatures) {
        return;
    }
    SignatureWish wishes[kLanes];
    SignatureHalf halves[kLanes];
    for (size_t lane = 0; lane < count; ++lane) {
        wishes[lane].private_key = signers[lane]->signer->private_number.get();
        wishes[lane].context = ByteView(signers[lane]->hello.data(), signers[lane]->hello.size());
    }
    curve.prepare(mb, wishes, halves, count);
    for (size_t lane = 0; lane < count; ++lane) {
        signers[lane]->half = std::move(halves[lane]);
    }
}

void prepare_signatures(const CryptoMb& mb, int nid, Prepared* const* handshakes, size_t count) {
    static const std::unique_ptr<SignatureCurve> kP256 = SignatureCurve::make(NID_X9_62_prime256v1);
    static const std::unique_ptr<SignatureCurve> kP384 = SignatureCurve::make(NID_secp384r1);
    const SignatureCurve* curve = nid == NID_X9_62_prime256v1 ? kP256.get() : kP384.get();
    Prepared* signers[kLanes];
    size_t used = 0;
    for (size_t i = 0; i < count; ++i) {
        const SigningKey* key = handshakes[i]->signer;
        if (key != nullptr && key->curve == nid && !handshakes[i]->half.ready()) {
            signers[used] = handshakes[i];
            ++used;
        }
    }
    if (curve != nullptr) {
        prepare_signatures(mb, *curve, signers, used);
    }
}

}  // namespace

void prepare_handshakes(Prepared* const* handshakes, size_t count) {
    ProviderState& state = provider_state();
    if (state.mb == nullptr) {
        return;
    }
    for (size_t begin = 0; begin < count; begin += kLanes) {
        Prepared* const* lanes = handshakes + begin;
        const size_t used = std::min(count - begin, kLanes);
        prepare_exchanges(&state, lanes, used);
        prepare_signatures(*state.mb, NID_X9_62_prime256v1, lanes, used);
        prepare_signatures(*state.mb, NID_secp384r1, lanes, used);
    }
}

}  // namespace tls
