// What became of one connection to a TLS address, told once: when its handshake ended, well or not, or when
// it turned out to be something else.
//
// Filled by the glue while the connection goes through its phases; read by the handshake log, the counters
// and the variables. A value: it asks nothing of libssl or nginx, and everything in it that a client wrote is
// as it was sent, so whoever writes it somewhere escapes it.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "base/reason.h"
#include "server/choose.h"
#include "server/facts.h"
#include "server/shared_terms.h"

namespace tls {

// What the connection was used for.
enum class PortUse : uint8_t {
    Tls,         // a handshake was begun by the first bytes, or nothing else was
    Upgraded,    // a handshake after plain HTTP that asked for it (RFC 2817)
    Plain,       // HTTP in the clear, answered in the clear
    Redirected,  // HTTP in the clear, sent to https
    Refused,     // HTTP in the clear, refused
    Other,       // neither TLS nor HTTP
};

// The word of `$tls_port_use`, for instance "upgraded". Static memory.
const char* port_use_name(PortUse use);

enum class EndedBy : uint8_t { Nobody, Client, Server };

// "client", "server"; empty for Nobody. Static memory.
const char* ended_by_name(EndedBy ended_by);

// Where the certificate that was shown came from.
enum class CertifiedBy : uint8_t {
    None,       // none was chosen
    Server,     // a server block's own
    Directory,  // a folder, by name
    Variable,   // paths with variables
    Internal,   // issued here
};

// "server", "directory"…; empty for None. Static memory.
const char* certified_by_name(CertifiedBy certified_by);

// All but what is one connection's own: many have an equal one.
struct Report {
    Reason reason = Reason::Completed;
    PortUse use = PortUse::Tls;
    EndedBy ended_by = EndedBy::Nobody;  // who gave up first; Nobody when the connection went on
    bool has_hello = false;              // matched_by and what was offered are known
    MatchedBy matched_by = MatchedBy::NoName;
    CertifiedBy certified_by = CertifiedBy::None;
    int16_t alert_sent = -1;  // fatal alerts by number (RFC 8446 section 6); -1 for none
    int16_t alert_received = -1;
    int system_error = 0;          // errno where the socket failed, else 0
    const char* text = "";         // why, in words; static memory
    std::string library_text;      // libssl's words, " (SSL: …)", or empty
    std::string certificate_name;  // under which it was found, for instance "_.example.com"; else empty
    // The handshake was completed. The reason may still be VerifyFailed: the client is refused by its
    // requests then, as in nginx.
    bool handshaken = false;
    Facts facts;  // what was agreed; of a handshake that failed, as far as it came: version 0 for nothing
};

// What one connection has alone.
struct Particulars {
    std::shared_ptr<const OfferedTerms> offered = no_terms();  // as sent; never null
    uint64_t bytes_received = 0;  // from the client until it was told, all layers above TCP; so is the next
    uint64_t bytes_sent = 0;
    std::chrono::nanoseconds duration{0};  // from the accept until then
    SessionId session_id;
};

// What there is to say beyond the reason: a sentence, the socket's error, or libssl's words. Often empty.
std::string report_detail(const Report& report);

// Seconds with microseconds: "0.001234".
std::string seconds_text(std::chrono::nanoseconds duration);

}  // namespace tls
