// What a handshake will need, told from its hello alone.
//
// Pure. A forecast that does not come true costs a few microseconds and nothing else: what was prepared fits
// one peer and one group, and is otherwise wiped unused.
#pragma once

#include <optional>

#include "certs/catalog.h"
#include "hello/client_hello.h"
#include "keys/exchange_kind.h"
#include "server/context.h"

namespace tls {

// The client's share (RFC 8446 section 4.2.8) that libssl will take, of the groups that can be prepared for:
// in TLS 1.3, with no share before it that the server might take instead. At most one; X25519's may be half
// of a share of X25519MLKEM768.
struct ForeseenExchange {
    std::optional<X25519Key> x25519;
    std::optional<P256Point> p256;
};
ForeseenExchange foresee_exchange(const ClientHello& hello, const ServerContext& context);

// The key that will sign the handshake, when it is one for which a signature can be prepared: of `found`, the
// certificates by name, or of the context when that is null. It lives as long as they. Null when the session
// may be resumed, which needs no signature, and when libssl's choice among keys of several kinds is open.
const SigningKey* foresee_signature(const ClientHello& hello, const ServerContext& context,
                                    const CredentialSet* found);

// Whether to be ready for a wait (Tunnel::Step::WantKey) for a signature by one of the context's keys:
// another thread's always, so that no client can have it made in line; one of a batch when it is likely.
bool foresee_wait(const ClientHello& hello, const ServerContext& context);

}  // namespace tls
