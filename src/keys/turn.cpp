#include "keys/turn.h"

#include <openssl/obj_mac.h>

#include <algorithm>

#include "keys/provider.h"
#include "keys/signing_key.h"

namespace tls {

namespace {

// Where fewer are worthwhile they are OpenSSL's to derive; it is given the pairs all the same.
template <class Kind>
void prepare_exchanges(ProviderState* state, Prepared* const* handshakes, size_t count) {
    typename Kind::Exchange exchanges[kLanes];
    PreparedExchange<Kind>* in[kLanes] = {};
    size_t used = 0;
    for (size_t i = 0; i < count; ++i) {
        PreparedExchange<Kind>& handshake = handshakes[i]->template exchange<Kind>();
        if (!handshake.has_peer || handshake.has_pair ||
            !state->pairs<Kind>().take(*state->mb, &handshake.pair)) {
            continue;
        }
        handshake.has_pair = true;
        exchanges[used].private_key = &handshake.pair.private_key;
        exchanges[used].peer = &handshake.peer;
        in[used] = &handshake;
        ++used;
    }
    if (used < Kind::kWorthwhile) {
        return;
    }
    const LaneMask good = Kind::derive(*state->mb, exchanges, used);
    for (size_t lane = 0; lane < used; ++lane) {
        if ((good >> lane & 1U) != 0) {
            in[lane]->secret = exchanges[lane].secret;
            in[lane]->has_secret = true;
        }
        OPENSSL_cleanse(exchanges[lane].secret.data(), exchanges[lane].secret.size());
    }
}

// Halves that were made ahead, for those that may take them. Returns how many are left over.
size_t take_from_pool(HalfPool* pool, const HalfPool::Time& now, Prepared** signers, size_t count) {
    size_t left = 0;
    for (size_t i = 0; i < count; ++i) {
        Prepared* handshake = signers[i];
        if (handshake->takes_ahead) {
            handshake->half = pool->take(*handshake->signer, now);
        }
        if (!handshake->half.ready()) {
            signers[left] = handshake;
            ++left;
        }
    }
    return left;
}

// The first one that makes a call pay by what it leaves in the pool; null when there is none.
const Prepared* find_lender(HalfPool* pool, const HalfPool::Time& now, Prepared* const* signers,
                            size_t count) {
    for (size_t i = 0; i < count; ++i) {
        if (signers[i]->takes_ahead && pool->room(*signers[i]->signer, now) != 0) {
            return signers[i];
        }
    }
    return nullptr;
}

SignatureWish wish_of(const Prepared& handshake) {
    return {handshake.signer->private_number, ByteView(handshake.hello.data(), handshake.hello.size())};
}

// Nonces are made here, in the turn in which they are used, and for these hellos. Lanes that are left make
// halves for the pool, if one of these keys has use for them.
void prepare_signatures(ProviderState* state, const SignatureCurve& curve, Prepared** signers, size_t count) {
    const HalfPool::Time now = HalfPool::Time::now();
    // Where all lanes are used anyway, nothing is gained by halves that were made for another hello.
    const size_t left = count < kLanes ? take_from_pool(&state->halves, now, signers, count) : count;
    const Prepared* lender = find_lender(&state->halves, now, signers, left);
    if (left == 0 || (left < curve.worthwhile() && lender == nullptr)) {
        return;
    }
    const size_t room = lender != nullptr ? state->halves.room(*lender->signer, now) : 0;
    const size_t ahead = std::min(kLanes - left, room);
    SignatureWish wishes[kLanes];
    SignatureHalf halves[kLanes];
    for (size_t lane = 0; lane < left + ahead; ++lane) {
        wishes[lane] = wish_of(lane < left ? *signers[lane] : *lender);
    }
    curve.prepare(*state->mb, wishes, halves, left + ahead);
    for (size_t lane = 0; lane < left; ++lane) {
        signers[lane]->half = std::move(halves[lane]);
    }
    if (ahead != 0) {
        state->halves.put(*lender->signer, halves + left, ahead, now);
    }
}

void prepare_signatures(ProviderState* state, int nid, Prepared* const* handshakes, size_t count) {
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
    if (curve != nullptr && used != 0) {
        prepare_signatures(state, *curve, signers, used);
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
        prepare_exchanges<X25519Kind>(&state, lanes, used);
        prepare_exchanges<P256Kind>(&state, lanes, used);
        prepare_signatures(&state, NID_X9_62_prime256v1, lanes, used);
        prepare_signatures(&state, NID_secp384r1, lanes, used);
    }
}

}  // namespace tls
