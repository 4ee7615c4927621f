#include "server/context.h"

#include <openssl/sha.h>
#include <openssl/ssl.h>
#include <strings.h>

#include <algorithm>
#include <string_view>

#include "policy/profile.h"
#include "server/callbacks.h"

namespace tls {

namespace {

// The most early data that is taken from a client, in bytes: nginx's own limit.
constexpr uint32_t kMaxEarlyData = 16384;

Error failure(const std::string& what) {
    return Error{openssl_failure(what)};
}

// Length first, so that two fields never read like one.
void add_field(std::string* text, const std::string& field) {
    *text += std::to_string(field.size());
    *text += ':';
    *text += field;
}

void free_conf(SSL_CONF_CTX* conf) {
    SSL_CONF_CTX_free(conf);
}

using UniqueConf = std::unique_ptr<SSL_CONF_CTX, OpensslDeleter<SSL_CONF_CTX, free_conf>>;

constexpr char kX25519[] = "X25519";
constexpr const char* kP256Names[] = {"P-256", "prime256v1", "secp256r1"};

// Whether a list of groups has one of that name. Lists have colons between names; OpenSSL 3.5 also knows
// slashes, and marks before a name.
bool has_group(const std::string& list, std::string_view name) {
    constexpr char kBetween[] = ":/?*";
    for (size_t begin = list.find_first_not_of(kBetween); begin != std::string::npos;) {
        const size_t end = std::min(list.find_first_of(kBetween, begin), list.size());
        if (end - begin == name.size() && OPENSSL_strncasecmp(&list[begin], name.data(), name.size()) == 0) {
            return true;
        }
        begin = list.find_first_not_of(kBetween, end);
    }
    return false;
}

// What takes the operator's commands, as nginx has it. Null when memory ran out.
UniqueConf make_conf() {
    UniqueConf conf(SSL_CONF_CTX_new());
    if (conf != nullptr) {
        SSL_CONF_CTX_set_flags(conf.get(), SSL_CONF_FLAG_FILE | SSL_CONF_FLAG_SERVER |
                                               SSL_CONF_FLAG_CERTIFICATE | SSL_CONF_FLAG_SHOW_ERRORS);
    }
    return conf;
}

}  // namespace

bool supports_group(const char* name) {
    SSL_CTX* ctx = SSL_CTX_new(TLS_server_method());
    const bool known = ctx != nullptr && SSL_CTX_set1_groups_list(ctx, name) == 1;
    SSL_CTX_free(ctx);
    drain_openssl_errors();
    return known;
}

bool takes_path(const std::string& conf_command) {
    const UniqueConf conf = make_conf();
    const int type = conf ? SSL_CONF_cmd_value_type(conf.get(), conf_command.c_str()) : SSL_CONF_TYPE_UNKNOWN;
    return type == SSL_CONF_TYPE_FILE || type == SSL_CONF_TYPE_DIR;
}

Result<std::unique_ptr<ServerContext>> ServerContext::build(ContextTerms terms) {
    std::unique_ptr<ServerContext> context(new ServerContext(std::move(terms)));
    const Result<void> applied = context->apply();
    if (!applied) {
        return applied.error();
    }
    return context;
}

ServerContext::~ServerContext() {
    if (ctx_ != nullptr) {
        // Freeing flushes the builtin cache, and the shared one may be unmapped by now.
        SSL_CTX_sess_set_remove_cb(ctx_, nullptr);
    }
    SSL_CTX_free(ctx_);
}

Result<void> ServerContext::apply() {
    for (const auto& credential : terms_.credentials) {
        if (!can_leave_library(*credential)) {
            terms_.library = nullptr;
        }
    }
    ctx_ = SSL_CTX_new_ex(terms_.library, nullptr, TLS_server_method());
    if (ctx_ == nullptr) {
        return failure("SSL_CTX_new_ex()");
    }
    apply_records();
    using Step = Result<void> (ServerContext::*)();
    // Commands of the operator come last: they may change whatever was set before.
    constexpr Step kSteps[] = {&ServerContext::apply_protocols,    &ServerContext::apply_credentials,
                               &ServerContext::apply_negotiation,  &ServerContext::apply_dh_parameters,
                               &ServerContext::apply_verification, &ServerContext::apply_sessions,
                               &ServerContext::apply_conf_commands};
    for (const Step step : kSteps) {
        Result<void> done = (this->*step)();
        if (!done) {
            return done;
        }
    }
    install_callbacks(ctx_, this);
    return {};
}

Result<void> ServerContext::apply_protocols() {
    struct Switch {
        unsigned bit;
        uint64_t option;
    };
    constexpr Switch kSwitches[] = {{kSslv3, SSL_OP_NO_SSLv3},
                                    {kTlsv1, SSL_OP_NO_TLSv1},
                                    {kTlsv11, SSL_OP_NO_TLSv1_1},
                                    {kTlsv12, SSL_OP_NO_TLSv1_2},
                                    {kTlsv13, SSL_OP_NO_TLSv1_3}};
    for (const Switch& protocol : kSwitches) {
        if ((terms_.policy.protocols & protocol.bit) != 0) {
            SSL_CTX_clear_options(ctx_, protocol.option);
        } else {
            SSL_CTX_set_options(ctx_, protocol.option);
        }
    }
    // The distribution's openssl.cnf may have narrowed the range; the directive is what counts.
    SSL_CTX_set_min_proto_version(ctx_, 0);
    SSL_CTX_set_max_proto_version(ctx_, TLS1_3_VERSION);

    SSL_CTX_set_options(ctx_, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_ANTI_REPLAY |
                                  SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_SINGLE_DH_USE);
#ifdef SSL_OP_NO_RX_CERTIFICATE_COMPRESSION
    // As in nginx. What a client's certificate grows to is memory taken before anybody knows who it is.
    SSL_CTX_set_options(ctx_, SSL_OP_NO_RX_CERTIFICATE_COMPRESSION | SSL_OP_NO_TX_CERTIFICATE_COMPRESSION);
#endif
    SSL_CTX_set_mode(ctx_, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_NO_AUTO_CHAIN | SSL_MODE_ENABLE_PARTIAL_WRITE |
                               SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_read_ahead(ctx_, 1);
    return {};
}

Result<void> ServerContext::apply_credentials() {
    for (const auto& credential : terms_.credentials) {
        const std::string& file = credential->certificate_source;
        if (SSL_CTX_use_certificate(ctx_, credential->leaf.get()) != 1) {
            return failure("SSL_CTX_use_certificate(\"" + file + "\")");
        }
        if (SSL_CTX_clear_chain_certs(ctx_) != 1) {
            return failure("SSL_CTX_clear_chain_certs(\"" + file + "\")");
        }
        for (const UniqueX509& link : credential->chain) {
            if (SSL_CTX_add1_chain_cert(ctx_, link.get()) != 1) {
                return failure("SSL_CTX_add1_chain_cert(\"" + file + "\")");
            }
        }
        if (SSL_CTX_use_PrivateKey(ctx_, key_to_sign_with(*credential)) != 1) {
            return failure("SSL_CTX_use_PrivateKey(\"" + credential->key_source + "\")");
        }
    }
    return {};
}

Result<void> ServerContext::apply_negotiation() {
    const Policy& policy = terms_.policy;
    if (SSL_CTX_set_cipher_list(ctx_, policy.ciphers.c_str()) != 1) {
        return failure("SSL_CTX_set_cipher_list(\"" + policy.ciphers + "\")");
    }
    if (!policy.ciphersuites.empty() && SSL_CTX_set_ciphersuites(ctx_, policy.ciphersuites.c_str()) != 1) {
        return failure("SSL_CTX_set_ciphersuites(\"" + policy.ciphersuites + "\")");
    }
    static const bool kHasHybrid = supports_group(kHybridGroup);
    const bool any_group = policy.groups == "auto";
    takes_x25519_ = any_group || has_group(policy.groups, kX25519);
    takes_p256_ = any_group || std::any_of(std::begin(kP256Names), std::end(kP256Names),
                                           [&](const char* name) { return has_group(policy.groups, name); });
    takes_hybrid_ = any_group ? kHasHybrid : has_group(policy.groups, kHybridGroup);
    if (!any_group && SSL_CTX_set1_groups_list(ctx_, policy.groups.c_str()) != 1) {
        return failure("SSL_CTX_set1_groups_list(\"" + policy.groups + "\")");
    }
    if (!policy.signature_algorithms.empty() &&
        SSL_CTX_set1_sigalgs_list(ctx_, policy.signature_algorithms.c_str()) != 1) {
        return failure("SSL_CTX_set1_sigalgs_list(\"" + policy.signature_algorithms + "\")");
    }
    if (policy.prefer_server_ciphers) {
        SSL_CTX_set_options(ctx_, SSL_OP_CIPHER_SERVER_PREFERENCE);
    }
    if (policy.early_data && SSL_CTX_set_max_early_data(ctx_, kMaxEarlyData) != 1) {
        return failure("SSL_CTX_set_max_early_data()");
    }
    return {};
}

Result<void> ServerContext::apply_dh_parameters() {
    const std::string& file = terms_.policy.dhparam_file;
    if (file.empty()) {
        return {};
    }
    const UniqueBio bio(BIO_new_file(file.c_str(), "r"));
    if (!bio) {
        return failure("BIO_new_file(\"" + file + "\")");
    }
    EVP_PKEY* parameters = PEM_read_bio_Parameters(bio.get(), nullptr);
    if (parameters == nullptr) {
        return failure("PEM_read_bio_Parameters(\"" + file + "\")");
    }
    // libssl takes any kind here, and only its handshakes fail.
    if (EVP_PKEY_is_a(parameters, "DH") != 1 && EVP_PKEY_is_a(parameters, "DHX") != 1) {
        EVP_PKEY_free(parameters);
        return Error{"PEM_read_bio_Parameters(\"" + file + "\") failed: not Diffie-Hellman parameters"};
    }
    if (SSL_CTX_set0_tmp_dh_pkey(ctx_, parameters) != 1) {
        EVP_PKEY_free(parameters);
        return failure("SSL_CTX_set0_tmp_dh_pkey(\"" + file + "\")");
    }
    return {};
}

Result<void> ServerContext::apply_verification() {
    if (terms_.policy.verify == VerifyMode::Off) {
        return {};
    }
    SSL_CTX_set_verify(ctx_, SSL_VERIFY_PEER, accept_any_chain);
    SSL_CTX_set_verify_depth(ctx_, terms_.policy.verify_depth);
    if (!terms_.trust) {
        return {};
    }
    if (SSL_CTX_set1_verify_cert_store(ctx_, terms_.trust->store.get()) != 1) {
        return failure("SSL_CTX_set1_verify_cert_store()");
    }
    for (const UniqueX509& authority : terms_.trust->announced) {
        if (SSL_CTX_add_client_CA(ctx_, authority.get()) != 1) {
            return failure("SSL_CTX_add_client_CA()");
        }
    }
    return {};
}

Result<void> ServerContext::apply_sessions() {
    const SessionTerms& sessions = terms_.sessions;
    if (!terms_.policy.session_tickets) {
        SSL_CTX_set_options(ctx_, SSL_OP_NO_TICKET);
    }
    const bool kept = sessions.mode == CacheMode::Builtin || sessions.mode == CacheMode::Shared;
    if (!terms_.policy.session_tickets && !kept) {
        // TLS 1.3 would send references to sessions that nobody keeps.
        SSL_CTX_set_num_tickets(ctx_, 0);
    } else {
        SSL_CTX_set_num_tickets(ctx_, sessions.ticket_count);
    }
    if (sessions.tickets == nullptr) {
        take_own_ticket_keys();
    }
    SSL_CTX_set_timeout(ctx_, sessions.timeout);
    session_scope_ = session_id_context();
    if (SSL_CTX_set_session_id_context(ctx_, ByteView::of(session_scope_).data(),
                                       static_cast<unsigned>(session_scope_.size())) != 1) {
        return failure("SSL_CTX_set_session_id_context()");
    }
    switch (sessions.mode) {
        case CacheMode::Off:
            SSL_CTX_set_session_cache_mode(ctx_, SSL_SESS_CACHE_OFF);
            break;
        case CacheMode::None:
            SSL_CTX_set_session_cache_mode(ctx_, SSL_SESS_CACHE_SERVER | SSL_SESS_CACHE_NO_AUTO_CLEAR |
                                                     SSL_SESS_CACHE_NO_INTERNAL_STORE);
            SSL_CTX_sess_set_cache_size(ctx_, 1);
            break;
        case CacheMode::Shared:
            SSL_CTX_set_session_cache_mode(ctx_, sessions.builtin_beside_shared
                                                     ? SSL_SESS_CACHE_SERVER
                                                     : SSL_SESS_CACHE_SERVER | SSL_SESS_CACHE_NO_INTERNAL);
            break;
        case CacheMode::Builtin:
            SSL_CTX_set_session_cache_mode(ctx_, SSL_SESS_CACHE_SERVER);
            break;
    }
    if (sessions.builtin_size > 0) {
        SSL_CTX_sess_set_cache_size(ctx_, sessions.builtin_size);
    }
    return {};
}

// Those that libssl made for this context, so that they are used as any others.
void ServerContext::take_own_ticket_keys() {
    uint8_t keys[80];
    if (SSL_CTX_get_tlsext_ticket_keys(ctx_, keys, sizeof(keys)) == 1) {
        // As in a file of nginx's: name, hmac, aes.
        Result<TicketKey> key = parse_ticket_key(ByteView(keys, sizeof(keys)), "");
        own_ticket_keys_ = std::make_unique<FixedTicketKeys>(std::vector<TicketKey>(1, *key));
        OPENSSL_cleanse(&*key, sizeof(TicketKey));
        terms_.sessions.tickets = own_ticket_keys_.get();
    }
    OPENSSL_cleanse(keys, sizeof(keys));
}

bool ServerContext::gives_tickets() const {
    return (SSL_CTX_get_options(ctx_) & SSL_OP_NO_TICKET) == 0;
}

void ServerContext::apply_records() {
    for (const auto& command : terms_.policy.conf_commands) {
        // libssl pads its own records only, and hands its keys over all the same.
        if (strcasecmp(command.first.c_str(), "RecordPadding") == 0) {
            terms_.own_records = false;
        }
    }
    if (terms_.own_records) {
        // What libssl says to a kernel that takes its keys, it says to our BIO.
        SSL_CTX_set_options(ctx_, SSL_OP_ENABLE_KTLS);
    }
}

Result<void> ServerContext::apply_conf_commands() {
    if (terms_.policy.conf_commands.empty()) {
        return {};
    }
    const UniqueConf conf = make_conf();
    if (conf == nullptr) {
        return failure("SSL_CONF_CTX_new()");
    }
    SSL_CONF_CTX_set_ssl_ctx(conf.get(), ctx_);
    for (const auto& [name, value] : terms_.policy.conf_commands) {
        if (SSL_CONF_cmd(conf.get(), name.c_str(), value.c_str()) <= 0) {
            return failure("SSL_CONF_cmd(\"" + name + "\", \"" + value + "\")");
        }
    }
    if (SSL_CONF_CTX_finish(conf.get()) != 1) {
        return failure("SSL_CONF_CTX_finish()");
    }
    return {};
}

bool ServerContext::same_verification(const ServerContext& other) const {
    const Policy& mine = terms_.policy;
    const Policy& theirs = other.terms_.policy;
    if (mine.verify != theirs.verify) {
        return false;
    }
    if (mine.verify == VerifyMode::Off) {
        return true;
    }
    const std::string none;
    return mine.verify_depth == theirs.verify_depth &&
           (terms_.trust ? terms_.trust->digest : none) ==
               (other.terms_.trust ? other.terms_.trust->digest : none);
}

bool ServerContext::same_policy(const ServerContext& other) const {
    return same_terms(terms_.policy, other.terms_.policy) && same_verification(other);
}

// A session resumes only where all that was agreed for it would be agreed again: same certificates, same
// terms, same verification (RFC 8446 section 4.6.1; CVE-2025-23419 is what happens otherwise). It is made of
// contents, so that it is the same in every worker, after a reload, and on another machine with the same
// configuration.
std::string ServerContext::session_id_context() const {
    const Policy& policy = terms_.policy;
    std::string text = "HTTP";
    for (const auto& credential : terms_.credentials) {
        add_field(&text, credential_digest(*credential));
    }
    add_field(&text, std::to_string(policy.protocols));
    add_field(&text, policy.ciphers);
    add_field(&text, policy.ciphersuites);
    add_field(&text, policy.groups);
    add_field(&text, policy.signature_algorithms);
    add_field(&text, std::to_string(static_cast<int>(policy.verify)));
    if (policy.verify != VerifyMode::Off) {
        add_field(&text, std::to_string(policy.verify_depth));
        add_field(&text, terms_.trust ? terms_.trust->digest : std::string());
    }
    for (const auto& [name, value] : policy.conf_commands) {
        add_field(&text, name);
        add_field(&text, value);
    }
    unsigned char digest[SHA256_DIGEST_LENGTH];
    SHA256(ByteView::of(text).data(), text.size(), digest);
    return std::string(reinterpret_cast<const char*>(digest), sizeof(digest));
}

}  // namespace tls
