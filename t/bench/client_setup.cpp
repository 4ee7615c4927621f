#include "client_setup.h"

#include <openssl/err.h>

#include "options.h"

namespace bench {
namespace {

void must(bool done, const char* what) {
    if (!done) {
        die(std::string(what) + ": " + ERR_error_string(ERR_peek_last_error(), nullptr));
    }
}

// The index of the name as libssl's pointer, counted from one: null says that its sessions are not kept.
void* tag_of(size_t index) {
    return reinterpret_cast<void*>(static_cast<uintptr_t>(index + 1));
}

}  // namespace

ClientSetup::ClientSetup(const LoadOptions& options) : options_(options), names_(options.names) {
    if (names_.empty()) {
        names_.emplace_back();
    }
    sessions_.resize(names_.size());
    context_.reset(SSL_CTX_new(TLS_client_method()));
    SSL_CTX* context = context_.get();
    must(context != nullptr, "SSL_CTX_new");
    if (options.version != 0) {
        must(SSL_CTX_set_min_proto_version(context, options.version) == 1, "--tls");
        must(SSL_CTX_set_max_proto_version(context, options.version) == 1, "--tls");
    }
    must(SSL_CTX_set1_groups_list(context, options.groups.c_str()) == 1, "--groups");
    must(SSL_CTX_set_ciphersuites(context, options.ciphersuites.c_str()) == 1, "--ciphersuites");
    must(SSL_CTX_set_cipher_list(context, options.ciphers.c_str()) == 1, "--ciphers");
    SSL_CTX_set_verify(context, SSL_VERIFY_NONE, nullptr);
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_set_app_data(context, this);
    SSL_CTX_sess_set_new_cb(context, on_new_session);
}

UniqueSsl ClientSetup::make_ssl(size_t index, bool resume, bool keep) {
    UniqueSsl ssl(SSL_new(context_.get()));
    if (!ssl) {
        return ssl;
    }
    SSL_set_connect_state(ssl.get());
    SSL_set_app_data(ssl.get(), keep ? tag_of(index) : nullptr);
    if (!names_[index].empty() && SSL_set_tlsext_host_name(ssl.get(), names_[index].c_str()) != 1) {
        return nullptr;
    }
    if (resume && sessions_[index]) {
        // A copy: libssl marks the one it used as used up when a new ticket comes, and others wait with it.
        const UniqueSession copy(SSL_SESSION_dup(sessions_[index].get()));
        if (!copy || SSL_set_session(ssl.get(), copy.get()) != 1) {
            return nullptr;
        }
    }
    return ssl;
}

// Called by libssl for each ticket (or session) that arrives; 1 says that the session is now ours.
int ClientSetup::on_new_session(SSL* ssl, SSL_SESSION* session) {
    auto* setup = static_cast<ClientSetup*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
    const auto tag = reinterpret_cast<uintptr_t>(SSL_get_app_data(ssl));
    if (tag == 0) {
        return 0;
    }
    setup->sessions_[tag - 1].reset(session);
    return 1;
}

}  // namespace bench
