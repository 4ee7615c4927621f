// What a context offers for its policy, what it refuses to be built of, and where its sessions belong.
#include "server/context.h"

#include "support/cmocka.h"
#include "support/session_fakes.h"
#include "support/temporary_folder.h"
#include "support/tls_pair.h"

namespace tls {
namespace {

using test::Configure;
using test::ListedKeys;
using test::Pair;
using test::TemporaryFolder;
using test::terms_of;
using Step = Tunnel::Step;

constexpr int kVersions[] = {TLS1_VERSION, TLS1_1_VERSION, TLS1_2_VERSION, TLS1_3_VERSION};

// Lets the client speak all that libssl has.
void without_security_level(SSL* ssl) {
    SSL_set_security_level(ssl, 0);
    SSL_set_cipher_list(ssl, "ALL:@SECLEVEL=0");
}

// The version that a client of exactly that version gets; empty when it is refused.
std::string served(const ServerContext& context, int version) {
    Pair pair(version, without_security_level);
    pair.open(context);
    return pair.finish() == Step::Done ? pair.tunnel().facts().protocol() : "";
}

void each_version_has_its_switch(void**) {
    constexpr unsigned kBits[] = {kTlsv1, kTlsv11, kTlsv12, kTlsv13};
    constexpr const char* kNames[] = {"TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"};
    for (unsigned chosen = 1; chosen < 16; ++chosen) {
        Policy policy;
        policy.protocols = 0;
        policy.ciphers = "ALL:@SECLEVEL=0";
        for (unsigned i = 0; i < 4; ++i) {
            policy.protocols |= (chosen >> i & 1) != 0 ? kBits[i] : 0;
        }
        const auto context = test::build(terms_of(policy));
        for (unsigned i = 0; i < 4; ++i) {
            const bool on = (chosen >> i & 1) != 0;
            assert_string_equal(served(*context, kVersions[i]).c_str(), on ? kNames[i] : "");
        }
    }
}

// The value of one term, and a word of OpenSSL's that says what is wrong with it.
struct Wrong {
    void (*set)(Policy*);
    const char* sentence;
};

void what_openssl_does_not_take_is_told(void**) {
    TemporaryFolder folder;
    const Wrong wrongs[] = {
        {[](Policy* policy) { policy->ciphers = "NOT-A-CIPHER"; },
         "SSL_CTX_set_cipher_list(\"NOT-A-CIPHER\") failed (SSL: error:"},
        {[](Policy* policy) { policy->ciphersuites = "NOT-A-SUITE"; },
         "SSL_CTX_set_ciphersuites(\"NOT-A-SUITE\") failed"},
        {[](Policy* policy) { policy->groups = "X25519:not-a-group"; },
         "SSL_CTX_set1_groups_list(\"X25519:not-a-group\") failed"},
        {[](Policy* policy) { policy->signature_algorithms = "RSA+NOTHING"; },
         "SSL_CTX_set1_sigalgs_list(\"RSA+NOTHING\") failed"},
        {[](Policy* policy) {
             policy->conf_commands = {{"NoSuchCommand", "on"}};
         },
         "SSL_CONF_cmd(\"NoSuchCommand\", \"on\") failed (SSL: error:"},
        {[](Policy* policy) {
             policy->conf_commands = {{"Options", "ServerPreference"}, {"MinProtocol", "TLSv9"}};
         },
         "SSL_CONF_cmd(\"MinProtocol\", \"TLSv9\") failed"},
        {[](Policy* policy) { policy->dhparam_file = "/nonexistent/dh.pem"; },
         "BIO_new_file(\"/nonexistent/dh.pem\") failed (SSL: error:"},
    };
    for (const Wrong& wrong : wrongs) {
        Policy policy;
        wrong.set(&policy);
        const auto built = ServerContext::build(terms_of(policy));
        assert_false(built.ok());
        const std::string start = built.error().message.substr(0, strlen(wrong.sentence));
        assert_string_equal(start.c_str(), wrong.sentence);
        // Nothing is left for who asks OpenSSL next.
        assert_int_equal(ERR_peek_error(), 0);
    }
    Policy policy;
    policy.dhparam_file = folder.write("dh.pem", "no parameters");
    const auto built = ServerContext::build(terms_of(policy));
    assert_false(built.ok());
    const std::string sentence = "PEM_read_bio_Parameters(\"" + policy.dhparam_file + "\") failed";
    assert_string_equal(built.error().message.substr(0, sentence.size()).c_str(), sentence.c_str());
}

void commands_come_last(void**) {
    Policy policy;
    policy.protocols = kTlsv12 | kTlsv13;
    policy.conf_commands = {{"MaxProtocol", "TLSv1.2"}, {"CipherString", "ECDHE-ECDSA-AES128-GCM-SHA256"}};
    const auto context = test::build(terms_of(policy));
    assert_string_equal(served(*context, TLS1_3_VERSION).c_str(), "");
    Pair pair(TLS1_2_VERSION);
    pair.connect(*context);
    assert_string_equal(pair.tunnel().facts().cipher(), "ECDHE-ECDSA-AES128-GCM-SHA256");
}

void certificates_are_not_compressed(void**) {
#ifdef SSL_OP_NO_RX_CERTIFICATE_COMPRESSION
    const uint64_t options = SSL_CTX_get_options(test::build(terms_of(Policy()))->native());
    assert_true((options & SSL_OP_NO_RX_CERTIFICATE_COMPRESSION) != 0);
    assert_true((options & SSL_OP_NO_TX_CERTIFICATE_COMPRESSION) != 0);
#endif
}

void names_of_groups_are_known_or_not(void**) {
    assert_true(supports_group("X25519"));
    assert_true(supports_group("prime256v1"));
    assert_false(supports_group("X25520"));
    assert_int_equal(ERR_peek_error(), 0);
}

void several_credentials_answer_to_who_can_read_them(void**) {
    ContextTerms terms = terms_of();
    terms.credentials.push_back(test::credential_of(test::make_leaf(test::make_rsa_key())));
    terms.credentials.push_back(test::credential_of(test::make_leaf(test::make_ed25519_key())));
    const auto context = test::build(std::move(terms));
    const std::pair<const char*, int> kSchemes[] = {
        {"ECDSA+SHA256", 0x0403}, {"RSA-PSS+SHA256", 0x0804}, {"ed25519", 0x0807}};
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        for (const auto& [name, number] : kSchemes) {
            const char* scheme = name;
            Pair pair(version, [scheme](SSL* ssl) { SSL_set1_sigalgs_list(ssl, scheme); });
            pair.connect(*context);
            assert_int_equal(pair.tunnel().facts().signature_scheme, number);
        }
    }
}

// A folder with certificate authorities, and what is loaded from it.
class Authorities {
  public:
    std::shared_ptr<const ClientTrust> trust(const test::Party& announced,
                                             const test::Party* silent = nullptr) {
        ClientTrustFiles files;
        files.client_certificate = write(announced);
        files.trusted_certificate = silent != nullptr ? write(*silent) : "";
        auto loaded = load_client_trust(files);
        assert_true(loaded.ok());
        return *loaded;
    }

  private:
    std::string write(const test::Party& party) {
        return folder_.write("ca" + std::to_string(count_++), test::pem_text(party.certificate));
    }
    TemporaryFolder folder_;
    int count_ = 0;
};

ContextTerms verifying(std::shared_ptr<const ClientTrust> trust, VerifyMode mode = VerifyMode::On) {
    Policy policy;
    policy.verify = mode;
    ContextTerms terms = terms_of(policy);
    terms.trust = std::move(trust);
    return terms;
}

void announced_authorities_are_named_to_the_client(void**) {
    const test::Party a = test::make_authority("announced");
    const test::Party b = test::make_authority("silent");
    Authorities authorities;
    const auto context = test::build(verifying(authorities.trust(a, &b)));
    const test::Party client = test::make_leaf(test::make_ec_key(), &b, "client");
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        Pair pair(version, [&](SSL* ssl) {
            SSL_use_certificate(ssl, client.certificate.get());
            SSL_use_PrivateKey(ssl, client.key.get());
        });
        pair.connect(*context);
        const STACK_OF(X509_NAME)* names = SSL_get0_peer_CA_list(pair.client().ssl());
        assert_int_equal(sk_X509_NAME_num(names), 1);
        char line[100];
        X509_NAME_oneline(sk_X509_NAME_value(names, 0), line, sizeof(line));
        assert_string_equal(line, "/CN=announced");
        // One that is only trusted counts as well.
        assert_int_equal(pair.tunnel().facts().verify_result, X509_V_OK);
        assert_non_null(pair.tunnel().facts().client_certificate.get());
    }
}

void without_verification_no_certificate_is_asked_for(void**) {
    const auto context = test::build(terms_of());
    const test::Party client = test::make_leaf(test::make_ec_key(), nullptr, "client");
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        Pair pair(version, [&](SSL* ssl) {
            SSL_use_certificate(ssl, client.certificate.get());
            SSL_use_PrivateKey(ssl, client.key.get());
        });
        pair.connect(*context);
        assert_null(pair.tunnel().facts().client_certificate.get());
    }
}

void a_chain_may_be_as_deep_as_allowed(void**) {
    const test::Party root = test::make_authority("root");
    const test::Party middle = test::make_authority("middle", &root);
    const test::Party client = test::make_leaf(test::make_ec_key(), &middle, "client");
    Authorities authorities;
    const auto trust = authorities.trust(root);
    for (const int depth : {0, 1, 2}) {
        ContextTerms terms = verifying(trust);
        terms.policy.verify_depth = depth;
        const auto context = test::build(std::move(terms));
        Pair pair(TLS1_3_VERSION, [&](SSL* ssl) {
            SSL_use_certificate(ssl, client.certificate.get());
            SSL_use_PrivateKey(ssl, client.key.get());
            SSL_add1_chain_cert(ssl, middle.certificate.get());
        });
        pair.connect(*context);
        // nginx's count: the number of certificates that may be between the leaf and the root.
        assert_int_equal(pair.tunnel().facts().verify_result == X509_V_OK, depth >= 1);
    }
}

// A change to the terms, and whether a session of the unchanged ones may resume under it; RFC 8446
// section 4.6.1.
struct Change {
    const char* what;
    void (*apply)(ContextTerms*);
    bool same_policy;
    bool resumes;
};

const test::Party& first_authority() {
    static const test::Party party = test::make_authority("first");
    return party;
}

std::shared_ptr<const ClientTrust> trust_of(const test::Party& party) {
    Authorities authorities;
    return authorities.trust(party);
}

const Change kChanges[] = {
    {"nothing", [](ContextTerms*) {}, true, true},
    {"early data", [](ContextTerms* t) { t->policy.early_data = true; }, true, true},
    {"ciphers", [](ContextTerms* t) { t->policy.ciphers = "HIGH"; }, false, false},
    {"suites", [](ContextTerms* t) { t->policy.ciphersuites = "TLS_AES_256_GCM_SHA384"; }, false, false},
    {"groups", [](ContextTerms* t) { t->policy.groups = "X25519:P-256"; }, false, false},
    {"signatures", [](ContextTerms* t) { t->policy.signature_algorithms = "ECDSA+SHA256"; }, false, false},
    {"versions", [](ContextTerms* t) { t->policy.protocols |= kTlsv11; }, false, false},
    {"a command",
     [](ContextTerms* t) {
         t->policy.conf_commands = {{"Options", "PrioritizeChaCha"}};
     },
     false, false},
    {"a certificate",
     [](ContextTerms* t) { t->credentials = {test::credential_of(test::make_leaf(test::make_ec_key()))}; },
     true, false},
    {"one more certificate",
     [](ContextTerms* t) {
         t->credentials.push_back(test::credential_of(test::make_leaf(test::make_rsa_key())));
     },
     true, false},
    {"verification", [](ContextTerms* t) { t->policy.verify = VerifyMode::OptionalNoCa; }, false, false},
    {"verification by an authority",
     [](ContextTerms* t) {
         t->policy.verify = VerifyMode::Optional;
         t->trust = trust_of(first_authority());
     },
     false, false},
};

const Change kVerifyingChanges[] = {
    {"nothing, loaded anew", [](ContextTerms* t) { t->trust = trust_of(first_authority()); }, true, true},
    {"another authority", [](ContextTerms* t) { t->trust = trust_of(test::make_authority("first")); }, false,
     false},
    {"depth", [](ContextTerms* t) { t->policy.verify_depth = 2; }, false, false},
    {"mode", [](ContextTerms* t) { t->policy.verify = VerifyMode::On; }, false, false},
    {"none at all",
     [](ContextTerms* t) {
         t->policy.verify = VerifyMode::Off;
         t->trust = nullptr;
     },
     false, false},
};

void expect_change(const ContextTerms& start, const Change& change) {
    ListedKeys keys;
    keys.keys = {test::make_ticket_key('k')};
    test::MapStore store;
    for (const bool tickets : {true, false}) {
        ContextTerms terms = start;
        terms.policy.session_tickets = tickets;
        terms.sessions.tickets = &keys;
        terms.sessions.mode = CacheMode::Shared;
        terms.sessions.store = &store;
        ContextTerms changed = terms;
        change.apply(&changed);
        const auto before = test::build(std::move(terms));
        const auto after = test::build(std::move(changed));
        assert_int_equal(before->same_policy(*after), change.same_policy);
        assert_int_equal(after->same_policy(*before), change.same_policy);
        for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
            Pair first(version);
            first.connect(*before);
            const test::UniqueSession session(SSL_SESSION_dup(first.client().sessions().back().get()));
            first.tunnel().close();
            Pair second(version, [&](SSL* ssl) { SSL_set_session(ssl, session.get()); });
            second.connect(*after);
            if (second.tunnel().facts().session_reused != change.resumes) {
                print_error("%s, tickets %d, version %x\n", change.what, tickets, version);
            }
            assert_int_equal(second.tunnel().facts().session_reused, change.resumes);
        }
    }
}

void sessions_belong_to_what_was_agreed(void**) {
    for (const Change& change : kChanges) {
        expect_change(terms_of(), change);
    }
}

// CVE-2025-23419.
void sessions_belong_to_who_verified_the_client(void**) {
    for (const Change& change : kVerifyingChanges) {
        expect_change(verifying(trust_of(first_authority()), VerifyMode::Optional), change);
    }
}

void the_same_verification_is_seen(void**) {
    const auto off = test::build(terms_of());
    const auto off_too = test::build(terms_of());
    const auto first = test::build(verifying(trust_of(first_authority())));
    const auto again = test::build(verifying(trust_of(first_authority())));
    const auto other = test::build(verifying(trust_of(test::make_authority("other"))));
    const auto optional = test::build(verifying(trust_of(first_authority()), VerifyMode::Optional));
    assert_true(off->same_verification(*off_too));
    assert_true(first->same_verification(*again));
    assert_false(first->same_verification(*other));
    assert_false(first->same_verification(*optional));
    assert_false(first->same_verification(*off));
    assert_false(off->same_verification(*first));
}

void the_builtin_cache_has_the_size_that_was_asked_for(void**) {
    ContextTerms terms = terms_of();
    terms.sessions.mode = CacheMode::Builtin;
    terms.sessions.builtin_size = 7;
    terms.sessions.timeout = 1234;
    const auto context = test::build(std::move(terms));
    assert_int_equal(SSL_CTX_sess_get_cache_size(context->native()), 7);
    assert_int_equal(SSL_CTX_get_timeout(context->native()), 1234);
}

void a_context_with_a_cache_goes_after_its_store(void**) {
    auto store = std::make_unique<test::MapStore>();
    ContextTerms terms = terms_of();
    terms.policy.session_tickets = false;
    terms.sessions.mode = CacheMode::Shared;
    terms.sessions.builtin_beside_shared = true;
    terms.sessions.store = store.get();
    auto context = test::build(std::move(terms));
    {
        Pair pair(TLS1_2_VERSION);
        pair.connect(*context);
        pair.tunnel().close();
    }
    assert_int_equal(store->sessions.size(), 1);
    store.reset();  // the shared memory is unmapped first
    context.reset();
}

}  // namespace
}  // namespace tls

int main() {
    using namespace tls;
    const CMUnitTest tests[] = {
        cmocka_unit_test(each_version_has_its_switch),
        cmocka_unit_test(what_openssl_does_not_take_is_told),
        cmocka_unit_test(commands_come_last),
        cmocka_unit_test(certificates_are_not_compressed),
        cmocka_unit_test(names_of_groups_are_known_or_not),
        cmocka_unit_test(several_credentials_answer_to_who_can_read_them),
        cmocka_unit_test(announced_authorities_are_named_to_the_client),
        cmocka_unit_test(without_verification_no_certificate_is_asked_for),
        cmocka_unit_test(a_chain_may_be_as_deep_as_allowed),
        cmocka_unit_test(sessions_belong_to_what_was_agreed),
        cmocka_unit_test(sessions_belong_to_who_verified_the_client),
        cmocka_unit_test(the_same_verification_is_seen),
        cmocka_unit_test(the_builtin_cache_has_the_size_that_was_asked_for),
        cmocka_unit_test(a_context_with_a_cache_goes_after_its_store),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
