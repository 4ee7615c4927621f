// A client's certificate as the words that variables show, each exactly as nginx's $ssl_client_* formats it.
//
// Used when a variable asks, on the certificate that the handshake's facts kept. Pure.
#pragma once

#include <ctime>
#include <string>

#include "base/openssl.h"

namespace tls {

// RFC 2253 form ($ssl_client_s_dn, $ssl_client_i_dn). Empty when it cannot be made, here and below.
std::string subject_dn(const X509* certificate);
std::string issuer_dn(const X509* certificate);
// The older one-line form ($ssl_client_s_dn_legacy), for instance /C=US/CN=x.
std::string subject_dn_legacy(const X509* certificate);
std::string issuer_dn_legacy(const X509* certificate);
// Upper-case hexadecimal, as i2a_ASN1_INTEGER prints it.
std::string serial_number(X509* certificate);
// Lower-case hexadecimal without colons.
std::string fingerprint_sha1(const X509* certificate);
std::string fingerprint_sha256(const X509* certificate);
// As ASN1_TIME_print writes it: "Nov 23 15:55:48 2026 GMT", the day padded with a space.
std::string valid_from(const X509* certificate);
std::string valid_until(const X509* certificate);
// Whole days until the end of validity, "0" on its last day and after it.
std::string valid_remaining_days(const X509* certificate, time_t now);
// "RSA", "ECDSA", "Ed25519", "Ed448", or OpenSSL's name for another.
std::string key_type(const X509* certificate);
// The name that people know a server's certificate by: its first DNS name (RFC 5280 section 4.2.1.6), else
// its common name, else its whole subject.
std::string main_name(const X509* certificate);
// PEM text with its last newline ($ssl_client_raw_cert).
std::string pem(X509* certificate);
// The same without its last newline, and with a tab after each other one ($ssl_client_cert).
std::string pem_with_tabs(X509* certificate);
// pem(), URL-escaped as nginx's NGX_ESCAPE_URI_COMPONENT does ($ssl_client_escaped_cert).
std::string pem_escaped(X509* certificate);
// "NONE", "SUCCESS" or "FAILED:" and X509's reason. `certificate` may be null.
std::string verify_verdict(const X509* certificate, long verify_result);

}  // namespace tls
