// libssl itself as the other party: what does it answer to these bytes?
//
// Used to hold our reading of a ClientHello against its reading. Memory BIOs, a certificate made on the spot.
#pragma once

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "base/openssl.h"
#include "support/bytes.h"
#include "support/cmocka.h"

namespace test {

class LibsslServer {
  public:
    // What came back when it is no alert: a message, or nothing because it waits for more.
    static constexpr int kAnswered = -1;
    static constexpr int kSilent = -2;

    explicit LibsslServer(int min_version = TLS1_VERSION, int max_version = TLS1_3_VERSION)
        : context_(SSL_CTX_new(TLS_server_method())) {
        assert_non_null(context_);
        SSL_CTX_set_security_level(context_, 0);
        SSL_CTX_set_min_proto_version(context_, min_version);
        SSL_CTX_set_max_proto_version(context_, max_version);
        SSL_CTX_set_num_tickets(context_, 0);
        use_new_certificate();
    }
    ~LibsslServer() { SSL_CTX_free(context_); }
    LibsslServer(const LibsslServer&) = delete;
    LibsslServer& operator=(const LibsslServer&) = delete;

    // The alert that libssl sends to a client that sent `bytes`, kAnswered or kSilent.
    int answer_to(const Bytes& bytes) const {
        SSL* ssl = SSL_new(context_);
        BIO* in = BIO_new(BIO_s_mem());
        BIO* out = BIO_new(BIO_s_mem());
        BIO_write(in, bytes.data(), static_cast<int>(bytes.size()));
        SSL_set_bio(ssl, in, out);
        SSL_set_accept_state(ssl);
        SSL_do_handshake(ssl);
        ERR_clear_error();

        char* sent = nullptr;
        const long size = BIO_get_mem_data(out, &sent);
        int answer = kSilent;
        if (size >= 7 && sent[0] == 21) {
            answer = static_cast<uint8_t>(sent[6]);
        } else if (size > 0) {
            answer = kAnswered;
        }
        SSL_free(ssl);
        return answer;
    }

  private:
    void use_new_certificate() {
        tls::UniquePkey key(EVP_EC_gen("P-256"));
        tls::UniqueX509 certificate(X509_new());
        assert_true(key != nullptr && certificate != nullptr);
        X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -3600);
        X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
        X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_ASC,
                                   reinterpret_cast<const unsigned char*>("localhost"), -1, -1, 0);
        X509_set_issuer_name(certificate.get(), X509_get_subject_name(certificate.get()));
        X509_set_pubkey(certificate.get(), key.get());
        assert_true(X509_sign(certificate.get(), key.get(), EVP_sha256()) > 0);
        assert_int_equal(SSL_CTX_use_certificate(context_, certificate.get()), 1);
        assert_int_equal(SSL_CTX_use_PrivateKey(context_, key.get()), 1);
    }

    SSL_CTX* context_;
};

}  // namespace test
