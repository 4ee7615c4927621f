#include "server/foresee.h"

#include <algorithm>

#include "policy/policy.h"

namespace tls {

namespace {

constexpr uint16_t kTls13 = 0x0304;
constexpr uint16_t kKeyShare = 51;
constexpr uint16_t kX25519 = 0x001d;
constexpr uint16_t kX25519MlKem768 = 0x11ec;

// Values that mean nothing, sent to keep servers used to unknown ones (RFC 8701).
bool is_grease(uint16_t group) {
    return (group & 0x0f0f) == 0x0a0a && group >> 8 == (group & 0xff);
}

}  // namespace

std::optional<X25519Key> foresee_exchange(const ClientHello& hello, const ServerContext& context) {
    if ((context.policy().protocols & kTlsv13) == 0 || !hello.offers_version(kTls13) ||
        !context.takes_x25519()) {
        return std::nullopt;
    }
    const Extension* extension = hello.find(kKeyShare);
    if (extension == nullptr) {
        return std::nullopt;
    }
    Reader reader(extension->body);
    ByteView shares;
    if (!reader.vector16(&shares)) {
        return std::nullopt;
    }
    Reader share(shares);
    uint16_t group = 0;
    ByteView key;
    while (share.u16(&group) && share.vector16(&key)) {
        if (group == kX25519 && key.size() == std::tuple_size_v<X25519Key>) {
            X25519Key copy;
            std::copy(key.begin(), key.end(), copy.begin());
            return copy;
        }
        if (!is_grease(group) && (group != kX25519MlKem768 || context.takes_hybrid())) {
            return std::nullopt;
        }
    }
    return std::nullopt;
}

}  // namespace tls
