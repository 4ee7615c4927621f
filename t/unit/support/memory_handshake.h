// libssl against libssl in memory: one handshake between two ends, and what each of them said of it.
#pragma once

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <memory>

#include "base/openssl.h"
#include "support/made_certificates.h"

namespace tls::test {

using UniqueSsl = std::unique_ptr<SSL, OpensslDeleter<SSL, SSL_free>>;
using UniqueSslCtx = std::unique_ptr<SSL_CTX, OpensslDeleter<SSL_CTX, SSL_CTX_free>>;

inline UniqueSslCtx make_client(int min_version = TLS1_2_VERSION, int max_version = TLS1_3_VERSION) {
    UniqueSslCtx client(SSL_CTX_new(TLS_client_method()));
    need(client != nullptr);
    SSL_CTX_set_security_level(client.get(), 0);
    SSL_CTX_set_min_proto_version(client.get(), min_version);
    SSL_CTX_set_max_proto_version(client.get(), max_version);
    return client;
}

struct MemoryHandshake {
    MemoryHandshake(SSL_CTX* server_terms, SSL_CTX* client_terms)
        : server(SSL_new(server_terms)), client(SSL_new(client_terms)) {
        BIO* ours = nullptr;
        BIO* theirs = nullptr;
        need(server != nullptr && client != nullptr && BIO_new_bio_pair(&ours, 0, &theirs, 0) == 1);
        SSL_set_bio(server.get(), ours, ours);
        SSL_set_bio(client.get(), theirs, theirs);
        SSL_set_accept_state(server.get());
        SSL_set_connect_state(client.get());
    }

    // Runs until both ends are done, or the server failed; its error is then this thread's OpenSSL error
    // queue. What SSL_get_error() says of the server: SSL_ERROR_NONE after success.
    int run() {
        for (int turn = 0; turn < 20; ++turn) {
            const int client_result = SSL_do_handshake(client.get());
            ERR_clear_error();
            const int server_result = SSL_do_handshake(server.get());
            const int error = SSL_get_error(server.get(), server_result);
            if (server_result == 1 && client_result == 1) {
                return SSL_ERROR_NONE;
            }
            if (server_result != 1 && error != SSL_ERROR_WANT_READ) {
                return error;
            }
        }
        return SSL_ERROR_WANT_READ;
    }

    UniqueSsl server;
    UniqueSsl client;
};

}  // namespace tls::test
