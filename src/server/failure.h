// Turns libssl's last words about a handshake or a transfer into one Failure with a reason.
//
// Used by Tunnel. Pure but for this thread's OpenSSL error queue, which it empties.
#pragma once

#include "server/tunnel.h"

namespace tls {

// `ssl_error` is SSL_get_error()'s answer, `system_error` the errno that the socket failed with or 0,
// `alert_received` and `alert_sent` the fatal alerts that came and went, or -1.
Failure explain_failure(int ssl_error, int system_error, int alert_received, int alert_sent);

}  // namespace tls
