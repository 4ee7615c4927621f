// Session tickets, sealed as libssl seals them (RFC 5077 section 4): name of the key, IV, AES-CBC,
// HMAC-SHA-256.
//
// Used by the server room's callbacks, in the worker's one thread. The cryptography is libcrypto's. Tickets
// of both makings open alike, here, in libssl and in a stock nginx with the same keys.
#pragma once

#include <openssl/evp.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/hmac.h"
#include "base/openssl.h"
#include "session/ticket_keys.h"

namespace tls {

// AES-CBC as the key's size has it, and parameters that make a MAC's context the ticket's. They stay the
// library's and the key's.
const EVP_CIPHER* ticket_cipher(const TicketKey& key);
bool set_ticket_mac(EVP_MAC_CTX* mac, const TicketKey& key);

// Seals tickets with contexts that are kept, for as long as the key stays the same: setting them up costs
// more than using them. Holds a copy of the last key, which is wiped with it.
class TicketSealer {
  public:
    TicketSealer() = default;
    ~TicketSealer();
    TicketSealer(const TicketSealer&) = delete;
    TicketSealer& operator=(const TicketSealer&) = delete;

    // The ticket for a session as i2d_SSL_SESSION() writes it. False, with `ticket` empty, when libcrypto
    // failed.
    bool seal(const TicketKey& key, ByteView session, std::vector<uint8_t>* ticket);

  private:
    bool use(const TicketKey& key);
    bool write(ByteView session, std::vector<uint8_t>* ticket);

    TicketKey key_;  // of the contexts; of no size when they have none
    std::unique_ptr<EVP_CIPHER_CTX, OpensslDeleter<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free>> cipher_;
    std::optional<Hmac> mac_;
};

}  // namespace tls
