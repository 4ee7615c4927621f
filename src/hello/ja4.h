// JA4: a TLS client by what its ClientHello offers, whatever order it shuffles its extensions into.
//
// Pure. Follows the published description of JA4's TLS client part (FoxIO-LLC/ja4, technical_details/JA4.md;
// BSD 3-clause). None of JA4+, which has another licence, is here. Only for TLS over TCP: what arrives here
// is never QUIC or DTLS.
#pragma once

#include <string>

#include "hello/outline.h"

namespace tls {

// Sorted ciphers, and sorted extensions without server_name and ALPN; or everything in the order in which it
// came.
enum class Ja4Order { Sorted, Original };

// ja4, ja4_o: "t13d1516h2_8daaf6152771_e5627efa2ab1". Empty when libcrypto cannot make a digest.
std::string ja4(const HelloOutline& hello, Ja4Order order);

// ja4_r, ja4_ro: the same with the lists instead of their digests.
std::string ja4_raw(const HelloOutline& hello, Ja4Order order);

}  // namespace tls
