#include "hello/client_hello.h"

#include <bitset>
#include <utility>

namespace tls {

namespace {

constexpr uint8_t kMessageTypeClientHello = 1;
constexpr size_t kRandomSize = 32;
constexpr size_t kMaxSessionId = 32;
constexpr uint16_t kTls10 = 0x0301;
constexpr uint16_t kTls12 = 0x0303;
constexpr uint16_t kTls13 = 0x0304;

// Extension types (RFC 8446 section 4.2; session_ticket: RFC 5077 section 3.2).
constexpr uint16_t kServerName = 0;
constexpr uint16_t kSupportedGroups = 10;
constexpr uint16_t kSignatureAlgorithms = 13;
constexpr uint16_t kUseSrtp = 14;  // RFC 5764 section 4.1.1
constexpr uint16_t kAlpn = 16;
constexpr uint16_t kSessionTicket = 35;
constexpr uint16_t kPreSharedKey = 41;
constexpr uint16_t kEarlyData = 42;
constexpr uint16_t kSupportedVersions = 43;
constexpr uint16_t kSignatureAlgorithmsCert = 50;
constexpr uint16_t kKeyShare = 51;

constexpr uint8_t kNameTypeHostName = 0;  // RFC 6066 section 3
constexpr size_t kMaxHostName = 255;      // libssl's TLSEXT_MAXLEN_host_name

constexpr size_t kUsualExtensions = 24;  // room made at once; browsers send 15 to 20

// Reads one message into one value. Every function returns true, or false when the hello is refused.
//
// The order is libssl's: tls_process_client_hello, tls_collect_extensions,
// tls_early_post_process_client_hello, then the extensions in the order of its ext_defs. So a hello with two
// faults gets the alert that libssl would send, unless one of them is not looked for here: the server's
// policy decides it, or it lies in an extension that only libssl reads.
class HelloParser {
  public:
    explicit HelloParser(ByteView message) { hello_.message = message; }

    ParsedHello parse();

  private:
    bool parse_body(Reader* reader);
    bool parse_extension_block(ByteView block);
    bool parse_supported_versions();
    bool check_cipher_suites();
    bool check_compression_methods();
    bool parse_server_name();
    bool parse_alpn();
    bool parse_code_points(uint16_t type, CodePoints* out);
    bool parse_key_share();
    bool parse_early_data();

    bool refuse(Alert alert, const char* text, Reason reason = Reason::HelloMalformed) {
        refusal_ = Refusal{alert, reason, text};
        return false;
    }

    ClientHello hello_;
    Refusal refusal_;
};

ParsedHello HelloParser::parse() {
    Reader reader(hello_.message);
    uint8_t type = 0;
    ByteView body;
    bool ok = true;
    if (!reader.u8(&type) || type != kMessageTypeClientHello) {
        ok = refuse(Alert::UnexpectedMessage, "message is not a ClientHello");
    } else if (!reader.vector24(&body) || !reader.done()) {
        ok = refuse(Alert::DecodeError, "length of the ClientHello is wrong");
    }
    Reader body_reader(body);
    ok = ok && parse_body(&body_reader) && parse_supported_versions() && check_cipher_suites() &&
         check_compression_methods() && parse_server_name() &&
         parse_code_points(kSupportedGroups, &hello_.supported_groups) && parse_alpn() &&
         parse_code_points(kSignatureAlgorithmsCert, &hello_.signature_algorithms_cert) &&
         parse_code_points(kSignatureAlgorithms, &hello_.signature_algorithms) && parse_key_share() &&
         parse_early_data();

    ParsedHello parsed;
    parsed.ok = ok;
    if (ok) {
        hello_.has_pre_shared_key = hello_.find(kPreSharedKey) != nullptr;
        const Extension* ticket = hello_.find(kSessionTicket);
        hello_.has_session_ticket = ticket != nullptr && !ticket->body.empty();
        parsed.hello = std::move(hello_);
    } else {
        parsed.refusal = refusal_;
    }
    return parsed;
}

// RFC 8446 section 4.1.2. What is in the lists is looked at later, as in libssl.
bool HelloParser::parse_body(Reader* reader) {
    ByteView suites;
    ByteView extensions;
    if (!reader->u16(&hello_.legacy_version)) {
        return refuse(Alert::DecodeError, "ClientHello too short");
    }
    if (!reader->bytes(kRandomSize, &hello_.random) || !reader->vector8(&hello_.session_id) ||
        hello_.session_id.size() > kMaxSessionId) {
        return refuse(Alert::DecodeError, "malformed random or session id");
    }
    if (!reader->vector16(&suites) || !reader->vector8(&hello_.compression_methods)) {
        return refuse(Alert::DecodeError, "malformed cipher suites or compression methods");
    }
    hello_.cipher_suites = CodePoints(suites);
    if (reader->done()) {
        return true;  // before TLS 1.3 there need not be any extensions
    }
    if (!reader->vector16(&extensions) || !reader->done()) {
        return refuse(Alert::DecodeError, "length of the extensions is wrong");
    }
    return parse_extension_block(extensions);
}

// RFC 8446 section 4.2: no type comes twice (libssl lets that pass for types it does not know; the RFC does
// not), and pre_shared_key comes last. use_srtp is for DTLS; libssl takes it nowhere else.
bool HelloParser::parse_extension_block(ByteView block) {
    std::bitset<0x10000> seen;
    Reader reader(block);
    hello_.extensions.reserve(kUsualExtensions);
    while (!reader.done()) {
        Extension extension;
        if (!reader.u16(&extension.type) || !reader.vector16(&extension.body)) {
            return refuse(Alert::DecodeError, "malformed extension");
        }
        if (seen.test(extension.type)) {
            return refuse(Alert::IllegalParameter, "duplicate extension");
        }
        if (extension.type == kPreSharedKey && !reader.done()) {
            return refuse(Alert::IllegalParameter, "pre_shared_key is not the last extension");
        }
        if (extension.type == kUseSrtp) {
            return refuse(Alert::IllegalParameter, "use_srtp outside DTLS");
        }
        seen.set(extension.type);
        hello_.extensions.push_back(extension);
    }
    return true;
}

// Section 4.2.1. The alert is libssl's, which counts a list it cannot read as a version it does not have. An
// empty list is left to libssl, which shares no version with it.
bool HelloParser::parse_supported_versions() {
    const Extension* extension = hello_.find(kSupportedVersions);
    if (extension == nullptr) {
        return true;
    }
    Reader reader(extension->body);
    ByteView versions;
    if (!reader.vector8(&versions) || !reader.done() || versions.size() % 2 != 0) {
        return refuse(Alert::ProtocolVersion, "malformed supported_versions");
    }
    hello_.supported_versions = CodePoints(versions);
    return true;
}

// Section 4.1.2: a suite has two bytes. That there is one at all is left to libssl: OpenSSL 3.0 answers an
// empty list with illegal_parameter, 3.5 with decode_error.
bool HelloParser::check_cipher_suites() {
    if (hello_.cipher_suites.bytes().size() % 2 != 0) {
        return refuse(Alert::DecodeError, "odd length of the cipher suites");
    }
    return true;
}

// Section 4.1.2, RFC 5246 section 7.4.1.2: there is at least one method. That null is among them, and alone
// in TLS 1.3, is left to libssl: to a list without it OpenSSL 3.0 says decode_error, 3.5 illegal_parameter.
bool HelloParser::check_compression_methods() {
    if (hello_.compression_methods.empty()) {
        return refuse(Alert::DecodeError, "no compression methods");
    }
    return true;
}

// RFC 6066 section 3, read as libssl reads it: exactly one name, of type host_name. An empty name is taken,
// as libssl takes it and as stock nginx treats it: like none. libssl does not look at the name of a hello
// that resumes a TLS 1.2 session; here it is held to the same rules in every hello.
bool HelloParser::parse_server_name() {
    const Extension* extension = hello_.find(kServerName);
    if (extension == nullptr) {
        return true;
    }
    Reader reader(extension->body);
    ByteView list;
    if (!reader.vector16(&list) || !reader.done()) {
        return refuse(Alert::DecodeError, "malformed server_name");
    }
    Reader names(list);
    uint8_t type = 0;
    ByteView name;
    if (!names.u8(&type) || type != kNameTypeHostName || !names.vector16(&name) || !names.done()) {
        return refuse(Alert::DecodeError, "server_name is not one host name");
    }
    if (name.size() > kMaxHostName || name.text().find('\0') != std::string_view::npos) {
        return refuse(Alert::UnrecognizedName, "server name too long or with a zero byte",
                      Reason::UnknownName);
    }
    hello_.has_server_name = true;
    hello_.server_name = name.text();
    return true;
}

// RFC 7301 section 3.1: at least one protocol, none of them empty.
bool HelloParser::parse_alpn() {
    const Extension* extension = hello_.find(kAlpn);
    if (extension == nullptr) {
        return true;
    }
    Reader reader(extension->body);
    ByteView list;
    if (!reader.vector16(&list) || !reader.done() || list.empty()) {
        return refuse(Alert::DecodeError, "malformed application_layer_protocol_negotiation");
    }
    Reader protocols(list);
    while (!protocols.done()) {
        ByteView protocol;
        if (!protocols.vector8(&protocol) || protocol.empty()) {
            return refuse(Alert::DecodeError,
                          "malformed protocol name in application_layer_protocol_negotiation");
        }
        hello_.alpn.push_back(protocol.text());
    }
    hello_.has_alpn = true;
    return true;
}

// Sections 4.2.3 and 4.2.7: a list of at least one two-byte value and nothing else. libssl does not see the
// odd byte of a signature_algorithms list when it goes below TLS 1.2 or resumes; no RFC allows one.
bool HelloParser::parse_code_points(uint16_t type, CodePoints* out) {
    const Extension* extension = hello_.find(type);
    if (extension == nullptr) {
        return true;
    }
    Reader reader(extension->body);
    ByteView list;
    if (!reader.vector16(&list) || !reader.done() || list.empty() || list.size() % 2 != 0) {
        return refuse(Alert::DecodeError, type == kSupportedGroups ? "malformed supported_groups"
                                                                   : "malformed signature_algorithms");
    }
    *out = CodePoints(list);
    return true;
}

// Section 4.2.8. libssl reads it only when it negotiates TLS 1.3, so to a client that does not offer that
// version it says nothing: there it is left alone, whatever is in it. An empty list asks for a
// HelloRetryRequest. Whether each share's group is in supported_groups, and its key valid, is libssl's to
// judge. (OpenSSL 3.0 does so share by share: to a bad key before a broken entry it would say
// illegal_parameter; 3.5 reads the whole list first, as is done here.)
bool HelloParser::parse_key_share() {
    const Extension* extension = hello_.find(kKeyShare);
    if (extension == nullptr || !hello_.offers_version(kTls13)) {
        return true;
    }
    Reader reader(extension->body);
    ByteView list;
    if (!reader.vector16(&list) || !reader.done()) {
        return refuse(Alert::DecodeError, "malformed key_share");
    }
    Reader shares(list);
    while (!shares.done()) {
        uint16_t group = 0;
        ByteView key;
        if (!shares.u16(&group) || !shares.vector16(&key) || key.empty()) {
            return refuse(Alert::DecodeError, "malformed entry in key_share");
        }
        hello_.key_share_groups.push_back(group);
    }
    return true;
}

// Section 4.2.10: empty in a ClientHello. Like key_share, nothing without TLS 1.3.
bool HelloParser::parse_early_data() {
    const Extension* extension = hello_.find(kEarlyData);
    if (extension == nullptr || !hello_.offers_version(kTls13)) {
        return true;
    }
    if (!extension->body.empty()) {
        return refuse(Alert::DecodeError, "malformed early_data");
    }
    hello_.has_early_data = true;
    return true;
}

}  // namespace

const Extension* ClientHello::find(uint16_t type) const {
    for (const Extension& extension : extensions) {
        if (extension.type == type) {
            return &extension;
        }
    }
    return nullptr;
}

// RFC 8446 section 4.2.1: supported_versions alone decides where it is present. Without it the highest
// version is that of legacy_version, TLS 1.2 at most, and every lower one is spoken too (RFC 5246 appendix
// E.1).
bool ClientHello::offers_version(uint16_t version) const {
    if (find(kSupportedVersions) != nullptr) {
        return supported_versions.contains(version);
    }
    return version >= kTls10 && version <= kTls12 && version <= legacy_version;
}

ParsedHello parse_client_hello(ByteView message) {
    return HelloParser(message).parse();
}

}  // namespace tls
