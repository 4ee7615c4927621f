#include "lone_handshake.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <vector>

#include "base/openssl.h"
#include "options.h"

namespace bench {

namespace {

using Clock = std::chrono::steady_clock;
using Context = std::unique_ptr<SSL_CTX, tls::OpensslDeleter<SSL_CTX, SSL_CTX_free>>;
using Ssl = std::unique_ptr<SSL, tls::OpensslDeleter<SSL, SSL_free>>;
using Session = std::unique_ptr<SSL_SESSION, tls::OpensslDeleter<SSL_SESSION, SSL_SESSION_free>>;

void need(bool good, const char* what) {
    if (!good) {
        ERR_print_errors_fp(stderr);
        die(what);
    }
}

tls::UniqueX509 certify(EVP_PKEY* key) {
    tls::UniqueX509 leaf(X509_new());
    X509_NAME* name = X509_get_subject_name(leaf.get());
    const auto* text = reinterpret_cast<const unsigned char*>("bench.test");
    need(X509_set_version(leaf.get(), 2) == 1 &&
             ASN1_INTEGER_set(X509_get_serialNumber(leaf.get()), 1) == 1 &&
             X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, text, -1, -1, 0) == 1 &&
             X509_set_issuer_name(leaf.get(), name) == 1 && X509_set_pubkey(leaf.get(), key) == 1 &&
             X509_gmtime_adj(X509_getm_notBefore(leaf.get()), 0) != nullptr &&
             X509_gmtime_adj(X509_getm_notAfter(leaf.get()), 3600) != nullptr &&
             X509_sign(leaf.get(), key, EVP_sha256()) > 0,
         "no certificate");
    return leaf;
}

Context server_context() {
    tls::UniquePkey key(EVP_EC_gen("P-256"));
    Context context(SSL_CTX_new(TLS_server_method()));
    const tls::UniqueX509 leaf = certify(key.get());
    need(SSL_CTX_use_certificate(context.get(), leaf.get()) == 1 &&
             SSL_CTX_use_PrivateKey(context.get(), key.get()) == 1,
         "no server");
    return context;
}

// The session that a client keeps for its next connection.
int keep_session(SSL* ssl, SSL_SESSION* session) {
    auto* kept = static_cast<Session*>(SSL_get_app_data(ssl));
    kept->reset(session);
    return 1;
}

// One handshake; what the server's calls took.
double shake(SSL_CTX* server_context, SSL_CTX* client_context, Session* session, bool resume) {
    Ssl server(SSL_new(server_context));
    Ssl client(SSL_new(client_context));
    BIO* ends[2];
    need(server && client && BIO_new_bio_pair(&ends[0], 0, &ends[1], 0) == 1, "no memory");
    SSL_set_bio(server.get(), ends[0], ends[0]);
    SSL_set_bio(client.get(), ends[1], ends[1]);
    SSL_set_accept_state(server.get());
    SSL_set_connect_state(client.get());
    SSL_set_app_data(client.get(), session);
    if (resume) {
        SSL_set_session(client.get(), session->get());
    }
    Clock::duration passed{0};
    while (!SSL_is_init_finished(server.get()) || !SSL_is_init_finished(client.get())) {
        SSL_do_handshake(client.get());
        const auto begin = Clock::now();
        const int result = SSL_do_handshake(server.get());
        passed += Clock::now() - begin;
        need(result == 1 || SSL_get_error(server.get(), result) == SSL_ERROR_WANT_READ, "a handshake failed");
    }
    char nothing = 0;
    SSL_read(client.get(), &nothing, 1);  // takes the tickets
    need(!resume || SSL_session_reused(server.get()) == 1, "a session was not resumed");
    SSL_shutdown(client.get());
    return std::chrono::duration<double, std::nano>(passed).count();
}

}  // namespace

double server_handshake_ns(int version, Resumption resumption, size_t count) {
    const Context server = server_context();
    const Context client(SSL_CTX_new(TLS_client_method()));
    SSL_CTX_set_session_cache_mode(client.get(), SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(client.get(), keep_session);
    need(SSL_CTX_set1_groups_list(client.get(), "X25519:P-256") == 1 &&
             SSL_CTX_set_max_proto_version(client.get(), version) == 1,
         "no client");
    Session session;
    shake(server.get(), client.get(), &session, false);
    std::vector<double> all;
    for (size_t i = 0; i < count; ++i) {
        all.push_back(shake(server.get(), client.get(), &session, resumption == Resumption::On));
    }
    std::nth_element(all.begin(), all.begin() + all.size() / 2, all.end());
    return all[all.size() / 2];
}

}  // namespace bench
