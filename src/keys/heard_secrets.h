// The secrets that the records of a TLS 1.3 connection stand on (RFC 8446 section 7.1), heard where the
// provider's key schedule makes them: libssl has no function that tells them.
//
// Listened to around a step of a handshake by who makes that connection's records. Nothing is heard of
// handshakes outside of key_library().
#pragma once

#include <openssl/crypto.h>

#include <array>

#include "base/key_schedule.h"

namespace tls {

struct HeardSecret {
    std::array<uint8_t, kMaxHash> bytes{};
    size_t size = 0;  // 0: was not made

    HeardSecret() = default;
    HeardSecret(const HeardSecret&) = delete;
    HeardSecret& operator=(const HeardSecret&) = delete;
    ~HeardSecret() { OPENSSL_cleanse(bytes.data(), bytes.size()); }
};

struct HeardSecrets {
    HeardSecret client;  // client_application_traffic_secret_0
    HeardSecret server;  // server_application_traffic_secret_0
};

// While it lives, what the schedule makes in this thread is heard by `secrets`; null: by nobody.
class HearingScope {
  public:
    explicit HearingScope(HeardSecrets* secrets) : before_(current_) { current_ = secrets; }
    ~HearingScope() { current_ = before_; }
    HearingScope(const HearingScope&) = delete;
    HearingScope& operator=(const HearingScope&) = delete;

    // Called by the schedule for all that it expands.
    static void tell(ByteView label, const uint8_t* made, size_t size);

  private:
    HeardSecrets* before_;
    static thread_local HeardSecrets* current_;
};

}  // namespace tls
