#include "server/stand_in.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <memory>

#include "base/openssl.h"

namespace tls {

namespace {

void free_ssl(SSL* ssl) {
    SSL_free(ssl);
}
void free_context(SSL_CTX* ctx) {
    SSL_CTX_free(ctx);
}
using UniqueSsl = std::unique_ptr<SSL, OpensslDeleter<SSL, free_ssl>>;
using UniqueContext = std::unique_ptr<SSL_CTX, OpensslDeleter<SSL_CTX, free_context>>;

// Without a certificate: nobody but itself ever speaks to it.
UniqueSsl make_side(const SSL_METHOD* method) {
    UniqueContext ctx(SSL_CTX_new(method));
    if (ctx == nullptr || SSL_CTX_set_min_proto_version(ctx.get(), TLS1_2_VERSION) != 1 ||
        SSL_CTX_set_max_proto_version(ctx.get(), TLS1_2_VERSION) != 1 ||
        SSL_CTX_set_cipher_list(ctx.get(), "AECDH-AES128-SHA:@SECLEVEL=0") != 1) {
        return nullptr;
    }
    SSL_CTX_set_session_cache_mode(ctx.get(), SSL_SESS_CACHE_OFF);
    SSL_CTX_set_options(ctx.get(), SSL_OP_NO_TICKET);
    return UniqueSsl(SSL_new(ctx.get()));
}

bool join(SSL* one, SSL* other) {
    BIO* there = BIO_new(BIO_s_mem());
    BIO* back = BIO_new(BIO_s_mem());
    if (there == nullptr || back == nullptr || BIO_up_ref(there) != 1 || BIO_up_ref(back) != 1) {
        BIO_free(there);
        BIO_free(back);
        return false;
    }
    // Each gives up one reference to both.
    SSL_set_bio(one, back, there);
    SSL_set_bio(other, there, back);
    return true;
}

UniqueSsl make() {
    UniqueSsl client = make_side(TLS_client_method());
    UniqueSsl server = make_side(TLS_server_method());
    if (client == nullptr || server == nullptr || !join(client.get(), server.get())) {
        return nullptr;
    }
    SSL_set_connect_state(client.get());
    SSL_set_accept_state(server.get());
    constexpr int kFlights = 4;
    bool done = false;
    for (int i = 0; i < kFlights && !done; ++i) {
        const bool client_done = SSL_do_handshake(client.get()) == 1;
        done = SSL_do_handshake(server.get()) == 1 && client_done;
    }
    // Whoever reads from it or writes to it all the same waits for a hello that never comes.
    BIO* nothing = BIO_new(BIO_s_mem());
    BIO* nobody = BIO_new(BIO_s_null());
    if (!done || nothing == nullptr || nobody == nullptr) {
        BIO_free(nothing);
        BIO_free(nobody);
        return nullptr;
    }
    SSL_set_bio(server.get(), nothing, nobody);
    SSL_set_accept_state(server.get());
    return server;
}

}  // namespace

SSL* stand_in() {
    static SSL* const kOne = [] {
        SSL* made = make().release();
        ERR_clear_error();
        return made;
    }();
    return kOne;
}

}  // namespace tls
