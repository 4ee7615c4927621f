#include "keys/turn.h"

#include <algorithm>

#include "keys/provider.h"

namespace tls {

namespace {

// One alone is faster by OpenSSL, which is given the pair all the same.
constexpr size_t kWorthwhile = 2;

void prepare_lanes(ProviderState* state, Prepared* const* handshakes, size_t count) {
    X25519Exchange exchanges[kLanes];
    Prepared* in[kLanes] = {};
    size_t used = 0;
    for (size_t i = 0; i < count; ++i) {
        Prepared* handshake = handshakes[i];
        if (handshake->has_pair || !state->pairs.take(*state->mb, &handshake->pair)) {
            continue;
        }
        handshake->has_pair = true;
        exchanges[used].private_key = &handshake->pair.private_key;
        exchanges[used].peer = &handshake->peer;
        in[used] = handshake;
        ++used;
    }
    if (used < kWorthwhile) {
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

}  // namespace

void prepare_exchanges(Prepared* const* handshakes, size_t count) {
    ProviderState& state = provider_state();
    if (state.mb == nullptr) {
        return;
    }
    for (size_t begin = 0; begin < count; begin += kLanes) {
        prepare_lanes(&state, handshakes + begin, std::min(count - begin, kLanes));
    }
}

}  // namespace tls
