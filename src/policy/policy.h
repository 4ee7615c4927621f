// What a server will negotiate, as one immutable value.
//
// Built once for each server block when the configuration is read, from a profile and the directives that
// override it; afterwards only read. Knows no OpenSSL: applying it is the server room's work, and the words
// in it are OpenSSL's list formats, as nginx's directives take them.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tls {

// Bits of Policy::protocols, as nginx's NGX_SSL_* number them.
enum ProtocolBit : unsigned {
    kSslv2 = 0x0002,
    kSslv3 = 0x0004,
    kTlsv1 = 0x0008,
    kTlsv11 = 0x0010,
    kTlsv12 = 0x0020,
    kTlsv13 = 0x0040,
};

enum class VerifyMode { Off = 0, On = 1, Optional = 2, OptionalNoCa = 3 };

struct Policy {
    unsigned protocols = kTlsv12 | kTlsv13;
    std::string ciphers = "HIGH:!aNULL:!MD5";  // TLS 1.2 and older, SSL_CTX_set_cipher_list's format
    std::string ciphersuites;                  // TLS 1.3; empty: OpenSSL's default
    std::string groups = "auto";               // "auto": OpenSSL's default
    std::string signature_algorithms;          // empty: OpenSSL's default
    std::string dhparam_file;                  // empty: no finite-field DHE
    bool prefer_server_ciphers = false;
    bool session_tickets = true;
    bool early_data = false;
    VerifyMode verify = VerifyMode::Off;
    int verify_depth = 1;                                            // certificates
    std::vector<std::pair<std::string, std::string>> conf_commands;  // SSL_CONF_cmd, in order
};

// True when a connection made under `a` could as well have been made under `b`: everything a handshake
// negotiates is equal. Ticket and early-data switches do not count. The verification's files are compared by
// auth, not here.
bool same_terms(const Policy& a, const Policy& b);

// True when `protocols` allows the TLS version (0x0301 to 0x0304).
bool allows_version(const Policy& policy, unsigned version);

}  // namespace tls
