// JA3: a TLS client by the numbers in its ClientHello, in the order in which they came.
//
// Pure. Defined by its authors at Salesforce: SSLVersion,Cipher,SSLExtension,EllipticCurve,
// EllipticCurvePointFormat, each list in decimal with "-" between, without GREASE; and the MD5 of that.
#pragma once

#include <string>
#include <string_view>

#include "hello/outline.h"

namespace tls {

// "771,4865-4866,0-10-11,29-23,0". Fields of which there is nothing are empty.
std::string ja3(const HelloOutline& hello);

// 32 hex digits over what ja3() gave. Empty when libcrypto has no MD5.
std::string ja3_hash(std::string_view ja3);

}  // namespace tls
