// What the provider's kinds of keys have in common in OpenSSL's eyes: what can be asked of them, and how they
// are made.
//
// Used by the provider only.
#pragma once

#include "keys/provider.h"

namespace tls {

// True when a key with these halves has all that `selection` (OSSL_KEYMGMT_SELECT_…) asks for.
bool has_parts(int selection, bool has_public, bool has_private);
// Tells what of this is asked for in `parameters`; sizes in bytes. False when there is no room.
bool tell_sizes(OSSL_PARAM* parameters, int bits, int security_bits, size_t max_size);
// tell_sizes and the public key; only the latter can be set.
const OSSL_PARAM* gettable_params(void*);
const OSSL_PARAM* settable_params(void*);

struct Generation {
    ProviderState* state;
    bool pair;  // else an empty key that waits for a peer's share
};

// libssl names the group, which can only be the one.
void* start_generation(void* state, int selection, const OSSL_PARAM*);
int set_generation(void*, const OSSL_PARAM*);
const OSSL_PARAM* settable_generation(void*, void*);
void end_generation(void* generation);

}  // namespace tls
