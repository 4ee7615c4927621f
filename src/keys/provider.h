// This room's provider as OpenSSL sees it: key exchange and encapsulation with pairs made ahead, the key
// schedules, and HMAC.
//
// Used by library.cpp. All it cannot do itself goes to the default provider of the same context.
#pragma once

#include <openssl/core.h>
#include <openssl/core_dispatch.h>

#include <type_traits>

#include "keys/default_provider.h"
#include "keys/half_pool.h"
#include "keys/pair_pool.h"

namespace tls {

// What the provider's functions share: OpenSSL hands it to each of them.
struct ProviderState {
    DefaultProvider fallback;
    const CryptoMb* mb = nullptr;  // null: nothing is made ahead
    template <class Kind>
    PairPool<Kind>& pairs() {
        if constexpr (std::is_same_v<Kind, P256Kind>) {
            return p256_pairs;
        } else {
            return x25519_pairs;
        }
    }

    PairPool<X25519Kind> x25519_pairs;
    PairPool<P256Kind> p256_pairs;
    HalfPool halves;
};

// Its name sorts before "default": OpenSSL prefers the first of two that offer the same.
constexpr char kProviderName[] = "ahead";
// Algorithm names of their own: whatever else X25519 and EC are asked for in the context is not ours.
constexpr char kExchangeName[] = "AHEAD-X25519";
constexpr char kP256ExchangeName[] = "AHEAD-P256";
constexpr char kHybridName[] = "AHEAD-X25519MLKEM768";

// The functions of one kind of exchange; for both of exchange_kind.h.
template <class Kind>
const OSSL_DISPATCH* exchange_key_functions();
template <class Kind>
const OSSL_DISPATCH* exchange_functions();
const OSSL_DISPATCH* hybrid_key_functions();
const OSSL_DISPATCH* hybrid_functions();
extern const OSSL_DISPATCH kScheduleFunctions[];
extern const OSSL_DISPATCH kPrfFunctions[];
extern const OSSL_DISPATCH kMacFunctions[];

// OpenSSL's entry to the provider. The state becomes useful with `provider_state().fallback.attach()`.
int start_provider(const OSSL_CORE_HANDLE* handle, const OSSL_DISPATCH* in, const OSSL_DISPATCH** out,
                   void** context);
ProviderState& provider_state();

}  // namespace tls
