// Sessions: kept by id in a store or sealed into tickets, and where they resume.
#include <openssl/hmac.h>

#include "server/tunnel.h"
#include "support/cmocka.h"
#include "support/session_fakes.h"
#include "support/tls_pair.h"

namespace tls {
namespace {

using test::assert_step;
using test::Configure;
using test::ListedKeys;
using test::make_ticket_key;
using test::MapStore;
using test::Pair;
using test::terms_of;
using Step = Tunnel::Step;

constexpr int kVersions[] = {TLS1_2_VERSION, TLS1_3_VERSION};
constexpr long kTimeout = 4321;

std::unique_ptr<ServerContext> with_store(MapStore* store, Policy policy = {}) {
    policy.session_tickets = false;
    ContextTerms terms = terms_of(policy);
    terms.sessions.mode = CacheMode::Shared;
    terms.sessions.store = store;
    terms.sessions.timeout = kTimeout;
    return test::build(std::move(terms));
}

std::unique_ptr<ServerContext> with_tickets(TicketKeySource* keys, const Policy& policy = {}) {
    ContextTerms terms = terms_of(policy);
    terms.sessions.tickets = keys;
    terms.sessions.timeout = kTimeout;
    return test::build(std::move(terms));
}

Configure resuming(SSL_SESSION* session) {
    return [session](SSL* ssl) {
        // A copy: libssl changes the session of a connection.
        const test::UniqueSession copy(SSL_SESSION_dup(session));
        assert_int_equal(SSL_set_session(ssl, copy.get()), 1);
    };
}

// The session of a new connection, as the client has it.
test::UniqueSession new_session(const ServerContext& context, int version) {
    Pair pair(version);
    pair.connect(context);
    assert_false(pair.tunnel().facts().session_reused);
    assert_false(pair.client().sessions().empty());
    SSL_SESSION* session = pair.client().sessions().back().get();
    SSL_SESSION_up_ref(session);
    return test::UniqueSession(session);
}

// What the client calls resumed must be what the server calls so.
bool resumes(const ServerContext& context, int version, SSL_SESSION* session) {
    Pair pair(version, resuming(session));
    pair.connect(context);
    const bool reused = pair.tunnel().facts().session_reused;
    assert_int_equal(SSL_session_reused(pair.client().ssl()), reused);
    return reused;
}

void a_stored_session_resumes_in_any_context_of_the_same_content(void**) {
    for (const int version : kVersions) {
        MapStore store;
        const auto context = with_store(&store);
        const auto session = new_session(*context, version);
        assert_false(store.sessions.empty());
        assert_int_equal(store.last_lifetime, kTimeout);
        // As another worker, or the same after a reload, has it.
        const auto other = with_store(&store);
        assert_true(resumes(*other, version, session.get()));
        assert_true(store.searches > 0);
    }
}

void a_stored_session_is_found_by_the_id_that_the_facts_name(void**) {
    MapStore store;
    const auto context = with_store(&store);
    Pair pair(TLS1_2_VERSION);
    pair.connect(*context);
    const std::string id(pair.tunnel().session_id().view().text());
    assert_int_equal(store.sessions.count(id), 1);
    SSL_SESSION* session = pair.client().sessions().back().get();
    SSL_SESSION_up_ref(session);
    const test::UniqueSession kept(session);
    Pair again(TLS1_2_VERSION, resuming(kept.get()));
    again.connect(*context);
    assert_true(again.tunnel().facts().session_reused);
    assert_true(again.tunnel().session_id().view().text() == id);
}

void a_session_that_the_store_lost_does_not_resume(void**) {
    for (const int version : kVersions) {
        MapStore store;
        const auto context = with_store(&store);
        const auto session = new_session(*context, version);
        store.sessions.clear();
        assert_false(resumes(*context, version, session.get()));
    }
}

void rubbish_in_the_store_does_not_resume(void**) {
    for (const int version : kVersions) {
        MapStore store;
        const auto context = with_store(&store);
        const auto session = new_session(*context, version);
        for (auto& [id, encoded] : store.sessions) {
            encoded.resize(encoded.size() / 2);
        }
        assert_false(resumes(*context, version, session.get()));
    }
}

// TLS 1.3 gives two sessions; whoever was refused must come back with neither.
void a_forgotten_session_does_not_resume(void**) {
    for (const int version : kVersions) {
        for (const CacheMode mode : {CacheMode::Shared, CacheMode::Builtin}) {
            MapStore store;
            Policy policy;
            policy.session_tickets = false;
            policy.verify = VerifyMode::OptionalNoCa;
            ContextTerms terms = terms_of(policy);
            terms.sessions.mode = mode;
            terms.sessions.store = &store;
            terms.sessions.ticket_count = 2;
            const auto context = test::build(std::move(terms));
            for (const bool forget : {false, true}) {
                Pair pair(version);
                pair.connect(*context);
                if (forget) {
                    pair.tunnel().forget_session();
                    assert_int_equal(store.sessions.size(), 0);
                }
                assert_int_equal(pair.client().sessions().size(), version == TLS1_2_VERSION ? 1 : 2);
                for (const test::UniqueSession& session : pair.client().sessions()) {
                    assert_int_equal(resumes(*context, version, session.get()), !forget);
                }
                store.sessions.clear();
            }
        }
    }
}

// A connection that just ends says nothing against its session (RFC 5246 section 7.2.1 allows that; many
// clients never send close_notify), one that is broken off with a fatal alert does (section 7.2.2).
void a_session_outlives_a_lost_connection_but_no_alert(void**) {
    for (const int version : kVersions) {
        for (const bool alert : {false, true}) {
            MapStore store;
            const auto context = with_store(&store);
            Pair pair(version);
            pair.connect(*context);
            SSL_SESSION* session = SSL_get1_session(pair.client().ssl());
            const test::UniqueSession kept(session);
            if (alert) {
                SSL_write(pair.client().ssl(), "x", 1);
                std::vector<uint8_t> record = pair.client().take_output();
                record.back() ^= 1;
                pair.send(record);
                uint8_t byte;
                test::assert_status(pair.tunnel().read(&byte, 1).status, Tunnel::Status::Failed);
            }
            pair.drop_tunnel();
            assert_int_equal(resumes(*context, version, kept.get()), !alert);
        }
    }
}

void without_tickets_and_cache_no_session_is_promised(void**) {
    for (const int version : kVersions) {
        Policy policy;
        policy.session_tickets = false;
        ContextTerms terms = terms_of(policy);
        terms.sessions.mode = CacheMode::Off;
        const auto context = test::build(std::move(terms));
        Pair pair(version);
        pair.connect(*context);
        for (const test::UniqueSession& session : pair.client().sessions()) {
            assert_false(SSL_SESSION_has_ticket(session.get()));
            unsigned size = 0;
            SSL_SESSION_get_id(session.get(), &size);
            assert_int_equal(size, 0);
        }
        assert_true(version == TLS1_2_VERSION || pair.client().sessions().empty());
    }
}

// RFC 5077 section 4: name, IV, AES-CBC, HMAC-SHA-256 over all before it. nginx's files mean just that.
void tickets_are_sealed_with_the_current_key(void**) {
    for (const int version : kVersions) {
        for (const uint8_t size : {uint8_t{16}, uint8_t{32}}) {
            ListedKeys keys;
            keys.keys = {make_ticket_key('k', size), make_ticket_key('o')};
            const auto context = with_tickets(&keys);
            const auto session = new_session(*context, version);
            const unsigned char* ticket = nullptr;
            size_t length = 0;
            SSL_SESSION_get0_ticket(session.get(), &ticket, &length);
            assert_true(length > 16 + 16 + 32);
            assert_memory_equal(ticket, keys.keys[0].name.data(), 16);
            unsigned char mac[32];
            unsigned mac_size = 0;
            HMAC(EVP_sha256(), keys.keys[0].hmac.data(), size, ticket, length - 32, mac, &mac_size);
            assert_memory_equal(ticket + length - 32, mac, 32);
            EVP_CIPHER_CTX* cipher = EVP_CIPHER_CTX_new();
            std::vector<unsigned char> opened(length);
            int count = 0;
            int last = 0;
            assert_int_equal(EVP_DecryptInit_ex(cipher, size == 16 ? EVP_aes_128_cbc() : EVP_aes_256_cbc(),
                                                nullptr, keys.keys[0].aes.data(), ticket + 16),
                             1);
            assert_int_equal(
                EVP_DecryptUpdate(cipher, opened.data(), &count, ticket + 32, static_cast<int>(length - 64)),
                1);
            assert_int_equal(EVP_DecryptFinal_ex(cipher, opened.data() + count, &last), 1);
            EVP_CIPHER_CTX_free(cipher);
            const unsigned char* start = opened.data();
            const test::UniqueSession inside(d2i_SSL_SESSION(nullptr, &start, count + last));
            assert_non_null(inside.get());
            assert_int_equal(SSL_SESSION_get_ticket_lifetime_hint(session.get()), kTimeout);
        }
    }
}

std::string ticket_of(const SSL_SESSION* session) {
    const unsigned char* ticket = nullptr;
    size_t length = 0;
    SSL_SESSION_get0_ticket(session, &ticket, &length);
    return std::string(ticket, ticket + length);
}

// The name of the key of the new ticket that a resumed connection gave; empty when it gave none.
std::string name_of_new_ticket(const ServerContext& context, int version, SSL_SESSION* session) {
    Pair pair(version, resuming(session));
    pair.connect(context);
    assert_true(pair.tunnel().facts().session_reused);
    const std::string ticket = ticket_of(SSL_get_session(pair.client().ssl()));
    return ticket == ticket_of(session) ? "" : ticket.substr(0, 16);
}

void an_older_key_opens_and_is_renewed(void**) {
    for (const int version : kVersions) {
        ListedKeys keys;
        keys.keys = {make_ticket_key('a', 16)};
        const auto context = with_tickets(&keys);
        const auto session = new_session(*context, version);
        // TLS 1.2 keeps a ticket under the current key; TLS 1.3 gives a new one each time (RFC 8446 C.4).
        const std::string same = name_of_new_ticket(*context, version, session.get());
        assert_string_equal(same.c_str(), version == TLS1_2_VERSION ? "" : "aaaaaaaaaaaaaaaa");
        keys.keys = {make_ticket_key('b'), make_ticket_key('a', 16)};
        assert_string_equal(name_of_new_ticket(*context, version, session.get()).c_str(), "bbbbbbbbbbbbbbbb");
    }
}

void an_unknown_key_means_a_full_handshake(void**) {
    for (const int version : kVersions) {
        ListedKeys keys;
        keys.keys = {make_ticket_key('a')};
        const auto context = with_tickets(&keys);
        const auto session = new_session(*context, version);
        keys.keys = {make_ticket_key('b')};
        assert_false(resumes(*context, version, session.get()));
        // The same name but other secrets opens nothing either.
        keys.keys = {make_ticket_key('a')};
        keys.keys[0].hmac[0] ^= 1;
        assert_false(resumes(*context, version, session.get()));
        keys.keys = {make_ticket_key('a')};
        assert_true(resumes(*context, version, session.get()));
    }
}

void without_a_key_the_handshake_goes_on_without_a_ticket(void**) {
    for (const int version : kVersions) {
        ListedKeys keys;
        const auto context = with_tickets(&keys);
        Pair pair(version);
        pair.connect(*context);
        for (const test::UniqueSession& session : pair.client().sessions()) {
            assert_false(SSL_SESSION_has_ticket(session.get()));
        }
    }
}

// Whoever makes the ticket and the records, and wherever else sessions are kept. Several tickets go out in
// one turn, and each has a secret of its own (RFC 8446 section 4.6.1).
void each_of_several_tickets_resumes(void**) {
    for (const bool own_records : {true, false}) {
        for (const bool own_keys : {true, false}) {
            for (const CacheMode mode :
                 {CacheMode::Off, CacheMode::None, CacheMode::Builtin, CacheMode::Shared}) {
                MapStore store;
                ListedKeys keys;
                keys.keys = {make_ticket_key('a')};
                ContextTerms terms = terms_of({});
                terms.own_records = own_records;
                terms.sessions.mode = mode;
                terms.sessions.store = &store;
                terms.sessions.tickets = own_keys ? nullptr : &keys;
                terms.sessions.ticket_count = 3;
                const auto context = test::build(std::move(terms));
                Pair pair(TLS1_3_VERSION);
                pair.connect(*context);
                assert_int_equal(pair.client().sessions().size(), 3);
                std::string before;
                for (const test::UniqueSession& session : pair.client().sessions()) {
                    assert_true(ticket_of(session.get()) != before);
                    before = ticket_of(session.get());
                    assert_true(before.size() > 64);
                    assert_true(resumes(*context, TLS1_3_VERSION, session.get()));
                }
                assert_true(store.sessions.empty());
                assert_int_equal(SSL_CTX_sess_number(context->native()), 0);
            }
        }
    }
}

// As in nginx: another context has other keys, unless they are shared.
void keys_of_a_context_are_its_own(void**) {
    for (const int version : kVersions) {
        const auto context = test::build(terms_of({}));
        const auto other = test::build(terms_of({}));
        const auto session = new_session(*context, version);
        assert_true(resumes(*context, version, session.get()));
        assert_false(resumes(*other, version, session.get()));
    }
}

// A session of a server that also verifies clients tells who the client was (facts), resumed or not.
void the_client_certificate_comes_back_with_the_session(void**) {
    const test::Party client = test::make_leaf(test::make_ec_key(), nullptr, "somebody");
    const Configure with_certificate = [&](SSL* ssl) {
        SSL_use_certificate(ssl, client.certificate.get());
        SSL_use_PrivateKey(ssl, client.key.get());
    };
    for (const int version : kVersions) {
        for (const bool tickets : {false, true}) {
            MapStore store;
            ListedKeys keys;
            keys.keys = {make_ticket_key('a')};
            Policy policy;
            policy.verify = VerifyMode::OptionalNoCa;
            const auto context = tickets ? with_tickets(&keys, policy) : with_store(&store, policy);
            Pair pair(version, with_certificate);
            pair.connect(*context);
            const Facts facts = pair.tunnel().facts();
            assert_non_null(facts.client_certificate.get());
            assert_int_equal(X509_cmp(facts.client_certificate.get(), client.certificate.get()), 0);
            assert_int_equal(facts.verify_result, X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT);
            assert_int_equal(facts.client_signature_scheme, 0x0403);
            // No certificate this time: the session has it.
            Pair again(version, resuming(pair.client().sessions().back().get()));
            again.connect(*context);
            const Facts resumed = again.tunnel().facts();
            assert_true(resumed.session_reused);
            assert_non_null(resumed.client_certificate.get());
            assert_int_equal(X509_cmp(resumed.client_certificate.get(), client.certificate.get()), 0);
            assert_int_equal(resumed.verify_result, facts.verify_result);
        }
    }
}

}  // namespace
}  // namespace tls

int main() {
    using namespace tls;
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_stored_session_resumes_in_any_context_of_the_same_content),
        cmocka_unit_test(a_stored_session_is_found_by_the_id_that_the_facts_name),
        cmocka_unit_test(a_session_that_the_store_lost_does_not_resume),
        cmocka_unit_test(rubbish_in_the_store_does_not_resume),
        cmocka_unit_test(a_forgotten_session_does_not_resume),
        cmocka_unit_test(a_session_outlives_a_lost_connection_but_no_alert),
        cmocka_unit_test(without_tickets_and_cache_no_session_is_promised),
        cmocka_unit_test(tickets_are_sealed_with_the_current_key),
        cmocka_unit_test(an_older_key_opens_and_is_renewed),
        cmocka_unit_test(an_unknown_key_means_a_full_handshake),
        cmocka_unit_test(without_a_key_the_handshake_goes_on_without_a_ticket),
        cmocka_unit_test(each_of_several_tickets_resumes),
        cmocka_unit_test(keys_of_a_context_are_its_own),
        cmocka_unit_test(the_client_certificate_comes_back_with_the_session),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
