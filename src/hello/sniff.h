// What the first bytes of a connection are, before anything is believed about it.
//
// Used once a connection, by the glue, after the PROXY protocol header. Pure.
#pragma once

#include "base/bytes.h"

namespace tls {

enum class Sniffed {
    NeedMore,       // too few bytes to say
    ClientHello,    // a TLS handshake record (RFC 8446 section 5.1)
    UnexpectedTls,  // a TLS record, but not of a handshake: alert, application data, change_cipher_spec
    WrongVersion,   // a handshake record whose major version is not 3
    Sslv2Hello,     // an SSLv2-format ClientHello (RFC 6101 appendix E)
    Http,           // a token and a space, as a request line begins (also the HTTP/2 preface), but not SSH
    Other,          // nothing of these
};

// Decides as early as the bytes allow. An empty view needs more.
Sniffed sniff(ByteView bytes);

// For bytes that sniff() takes for HTTP, where something else may be meant: a token and a space begin lines
// of IRC, SIP, RTSP and memcached too. Http when the second word can only be a request-target, or when the
// line ends with a version of HTTP; Other when it ends without one; NeedMore until then. A method and its
// space, or an empty line, begin the bytes.
Sniffed sniff_request_line(ByteView bytes);

// True when the bytes are the beginning of a TLS handshake record, as far as they go; also for none.
bool may_begin_hello(ByteView bytes);

// Whether bytes that are HTTP are HTTP/2, by its connection preface (RFC 9113 section 3.4).
enum class Http2Preface { NeedMore, Yes, No };
Http2Preface find_http2_preface(ByteView bytes);

}  // namespace tls
