#include "server/agreed.h"

#include <openssl/ssl.h>

#include "server/names.h"

namespace tls {

namespace {

// The NamedGroup of the key exchange. libssl answers with a NID where it has one, else with the number under
// a flag.
uint16_t negotiated_group(SSL* ssl) {
    if (SSL_get0_session(ssl) == nullptr) {
        // After a HelloRetryRequest a cipher is chosen, but libssl would look here for the group.
        return 0;
    }
    const auto nid = static_cast<int>(SSL_get_negotiated_group(ssl));
    if ((nid & TLSEXT_nid_unknown) != 0) {
        return static_cast<uint16_t>(nid & 0xffff);
    }
    const char* name = nid == NID_undef ? nullptr : OBJ_nid2sn(nid);
    return name != nullptr ? group_by_name(name) : 0;
}

// The scheme of a signature that the key in `signer` made; 0 when libssl knows no signature, as in a resumed
// session.
uint16_t signature_scheme(int signature_type, int digest, const X509* signer) {
    const EVP_PKEY* key = signer != nullptr ? X509_get0_pubkey(signer) : nullptr;
    return signature_scheme_of(signature_type, digest,
                               key != nullptr ? EVP_PKEY_get_base_id(key) : NID_undef);
}

uint16_t server_signature(SSL* ssl) {
    int type = NID_undef;
    int digest = NID_undef;
    if (SSL_get_signature_type_nid(ssl, &type) != 1) {
        return 0;
    }
    SSL_get_signature_nid(ssl, &digest);
    return signature_scheme(type, digest, SSL_get_certificate(ssl));
}

uint16_t client_signature(SSL* ssl) {
    int type = NID_undef;
    int digest = NID_undef;
    if (SSL_get_peer_signature_type_nid(ssl, &type) != 1) {
        return 0;
    }
    SSL_get_peer_signature_nid(ssl, &digest);
    return signature_scheme(type, digest, SSL_get0_peer_certificate(ssl));
}

// The cipher in use, or, while the handshake lasts, the one that will be. Null before it is chosen.
const SSL_CIPHER* chosen_cipher(const SSL* ssl) {
    const SSL_CIPHER* current = SSL_get_current_cipher(ssl);
    return current != nullptr ? current : SSL_get_pending_cipher(ssl);
}

}  // namespace

bool has_chosen_cipher(const SSL* ssl) {
    return chosen_cipher(ssl) != nullptr;
}

Facts read_facts(SSL* ssl) {
    Facts facts;
    facts.version = static_cast<uint16_t>(SSL_version(ssl));
    const SSL_CIPHER* cipher = chosen_cipher(ssl);
    facts.cipher_suite = cipher != nullptr ? SSL_CIPHER_get_protocol_id(cipher) : uint16_t{0};
    facts.group = negotiated_group(ssl);
    facts.signature_scheme = server_signature(ssl);
    facts.client_signature_scheme = client_signature(ssl);
    facts.session_reused = SSL_session_reused(ssl) == 1;
    switch (SSL_get_early_data_status(ssl)) {
        case SSL_EARLY_DATA_ACCEPTED:
            facts.early_data = EarlyData::Accepted;
            break;
        case SSL_EARLY_DATA_REJECTED:
            facts.early_data = EarlyData::Rejected;
            break;
        default:
            break;
    }
    facts.client_certificate.reset(SSL_get1_peer_certificate(ssl));
    facts.verify_result = static_cast<int32_t>(SSL_get_verify_result(ssl));
    return facts;
}

SessionId read_session_id(SSL* ssl) {
    const SSL_SESSION* session = SSL_get0_session(ssl);
    if (session == nullptr) {
        return {};
    }
    unsigned size = 0;
    const unsigned char* id = SSL_SESSION_get_id(session, &size);
    return SessionId::of(ByteView(id, size));
}

}  // namespace tls
