// What a handshake will need, told from its hello alone.
//
// Pure. A forecast that does not come true costs a few microseconds and nothing else: what was prepared fits
// one peer and one group, and is otherwise wiped unused.
#pragma once

#include <optional>

#include "hello/client_hello.h"
#include "keys/x25519_batch.h"
#include "server/context.h"

namespace tls {

// The client's share for X25519 (RFC 8446 section 4.2.8), when libssl will take that one: in TLS 1.3, with no
// share before it that the server might take instead.
std::optional<X25519Key> foresee_exchange(const ClientHello& hello, const ServerContext& context);

// The key that will sign the handshake, when it is one of the context's for which a signature can be
// prepared; null when the session may be resumed, which needs none.
const SigningKey* foresee_signature(const ClientHello& hello, const ServerContext& context);

// Whether to be ready for a wait (Tunnel::Step::WantKey) for a signature by one of the context's keys:
// another thread's always, so that no client can have it made in line; one of a batch when it is likely.
bool foresee_wait(const ClientHello& hello, const ServerContext& context);

}  // namespace tls
