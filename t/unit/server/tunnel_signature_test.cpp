// Handshakes that wait for their signature: made together, one by one or not at all, and given up while they
// wait.
#include <algorithm>
#include <cstring>
#include <map>
#include <thread>

#include "keys/library.h"
#include "keys/provider.h"
#include "support/batches.h"
#include "support/tls_pair.h"

namespace tls {
namespace {

using test::Pair;
using Step = Tunnel::Step;

const test::Party& party(unsigned bits) {
    static std::map<unsigned, test::Party> parties;
    test::Party& one = parties[bits];
    if (one.key == nullptr) {
        one = test::make_leaf(UniquePkey(EVP_RSA_gen(bits)));
    }
    return one;
}

std::unique_ptr<ServerContext> context_of(const test::Party& leaf, const Policy& policy = {},
                                          bool threads = false) {
    ContextTerms terms;
    terms.policy = policy;
    terms.credentials.push_back(test::credential_of(leaf));
    terms.library = *key_library();
    terms.threads = threads;
    return test::build(std::move(terms));
}

// Up to its wait for the signature.
std::unique_ptr<Pair> waiting(const ServerContext& context, int version = TLS1_3_VERSION,
                              const test::Configure& configure = nullptr) {
    auto pair = std::make_unique<Pair>(version, configure);
    pair->waits_for_signature = true;
    pair->open(context);
    test::assert_step(pair->server_goes_on(), Step::WantKey);
    assert_non_null(pair->tunnel().pending_signature().get());
    // Nothing has left before the signature.
    assert_int_equal(pair->collect(), 0);
    return pair;
}

void goes_on_well(Pair* pair) {
    test::assert_step(pair->finish(), Step::Done);
    assert_int_equal(pair->client_error(), SSL_ERROR_NONE);
    assert_null(pair->tunnel().pending_signature().get());
    assert_int_equal(SSL_get_mode(pair->tunnel().native()) & SSL_MODE_ASYNC, 0);
    assert_string_equal(test::through_client(pair, "there").c_str(), "there");
    assert_string_equal(test::through_tunnel(pair, "back").c_str(), "back");
}

void need_batches() {
    provider_state().mb = test::real_crypto_mb();
    if (test::real_crypto_mb() == nullptr) {
        test::skip_test();
    }
}

std::vector<PendingSignature*> pending_of(const std::vector<std::unique_ptr<Pair>>& pairs) {
    std::vector<PendingSignature*> pending;
    for (const auto& pair : pairs) {
        pending.push_back(pair->tunnel().pending_signature().get());
    }
    return pending;
}

void every_number_of_them_is_signed(void**) {
    need_batches();
    const auto context = context_of(party(2048));
    assert_true(context->batches_rsa());
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        for (size_t count = 1; count <= kLanes + 2; ++count) {
            std::vector<std::unique_ptr<Pair>> pairs;
            while (pairs.size() < count) {
                pairs.push_back(waiting(*context, version));
            }
            const auto pending = pending_of(pairs);
            make_together(pending.data(), pending.size());
            const size_t made = static_cast<size_t>(
                std::count_if(pending.begin(), pending.end(), [](const auto* one) { return one->made; }));
            // Two or fewer, also behind a full batch, are left to OpenSSL.
            assert_int_equal(made, count < 3 ? 0 : std::min(count, kLanes));
            for (const auto& pair : pairs) {
                goes_on_well(pair.get());
            }
        }
    }
}

void keys_of_several_sizes_wait_together(void**) {
    need_batches();
    std::vector<std::unique_ptr<ServerContext>> contexts;
    for (const unsigned bits : {2048U, 3072U, 4096U}) {
        contexts.push_back(context_of(party(bits)));
    }
    contexts.push_back(context_of(test::make_leaf(test::make_rsa_key())));
    std::vector<std::unique_ptr<Pair>> pairs;
    for (size_t i = 0; i < 12; ++i) {
        pairs.push_back(waiting(*contexts[i % 4], i % 3 == 0 ? TLS1_2_VERSION : TLS1_3_VERSION));
    }
    const auto pending = pending_of(pairs);
    make_together(pending.data(), pending.size());
    for (size_t i = 0; i < pairs.size(); ++i) {
        assert_true(pending[i]->made);
        goes_on_well(pairs[i].get());
    }
}

void every_digest_is_signed(void**) {
    need_batches();
    const auto context = context_of(party(2048));
    for (const char* scheme : {"rsa_pss_rsae_sha256", "rsa_pss_rsae_sha384", "rsa_pss_rsae_sha512",
                               "RSA+SHA256", "RSA+SHA384", "RSA+SHA512", "RSA+SHA224"}) {
        std::vector<std::unique_ptr<Pair>> pairs;
        while (pairs.size() < 3) {
            pairs.push_back(waiting(*context, TLS1_2_VERSION, [&](SSL* ssl) {
                SSL_set_security_level(ssl, 0);
                SSL_set1_sigalgs_list(ssl, scheme);
            }));
        }
        const auto pending = pending_of(pairs);
        make_together(pending.data(), pending.size());
        for (size_t i = 0; i < pairs.size(); ++i) {
            assert_true(pending[i]->made);
            goes_on_well(pairs[i].get());
        }
    }
}

uint32_t failing(CryptoMb::Bytes in, uint8_t* const* out, CryptoMb::Words p, CryptoMb::Words q,
                 CryptoMb::Words dp, CryptoMb::Words dq, CryptoMb::Words inverse, int bits,
                 const void* method, uint8_t* buffer) {
    return test::spoiled(
        test::real_crypto_mb()->rsa_private_crt(in, out, p, q, dp, dq, inverse, bits, method, buffer));
}

void a_lane_that_fails_is_signed_by_openssl(void**) {
    need_batches();
    CryptoMb mb = *test::real_crypto_mb();
    mb.rsa_private_crt = failing;
    provider_state().mb = &mb;
    const auto context = context_of(party(2048));
    for (const LaneMask lanes : {0x02, 0xff}) {
        test::failing_lanes = lanes;
        std::vector<std::unique_ptr<Pair>> pairs;
        while (pairs.size() < 4) {
            pairs.push_back(waiting(*context));
        }
        const auto pending = pending_of(pairs);
        make_together(pending.data(), pending.size());
        assert_false(pending[1]->made);
        assert_int_equal(pending[0]->made, lanes != 0xff);
        for (const auto& pair : pairs) {
            goes_on_well(pair.get());
        }
    }
    test::failing_lanes = 0;
    provider_state().mb = test::real_crypto_mb();
}

// Given up in every order, beside others that go on; before and after their signatures were made.
void those_that_wait_can_be_given_up(void**) {
    need_batches();
    const auto context = context_of(party(2048));
    constexpr size_t kCount = 4;
    for (unsigned given_up = 1; given_up < 1U << kCount; ++given_up) {
        for (const bool made : {false, true}) {
            std::vector<std::unique_ptr<Pair>> pairs;
            while (pairs.size() < kCount) {
                pairs.push_back(waiting(*context, pairs.size() % 2 == 0 ? TLS1_3_VERSION : TLS1_2_VERSION));
            }
            if (made) {
                const auto pending = pending_of(pairs);
                make_together(pending.data(), pending.size());
            }
            for (size_t i = 0; i < kCount; ++i) {
                const size_t at = (given_up & 1U) != 0 ? i : kCount - 1 - i;
                if ((given_up >> at & 1U) != 0) {
                    pairs[at]->drop_tunnel();
                    // No alert: nobody has asked for one.
                    assert_int_equal(pairs[at]->collect(), 0);
                }
            }
            for (size_t i = 0; i < kCount; ++i) {
                if ((given_up >> i & 1U) == 0) {
                    goes_on_well(pairs[i].get());
                }
            }
        }
    }
}

void a_client_that_goes_away_is_noticed_afterwards(void**) {
    need_batches();
    const auto context = context_of(party(2048));
    const auto pair = waiting(*context);
    pair->hang_up();
    test::assert_step(pair->server_goes_on(), Step::Failed);
    assert_true(pair->tunnel().failure().peer_to_blame);
}

void a_retried_hello_waits_too(void**) {
    need_batches();
    Policy policy;
    policy.groups = "P-256";
    const auto context = context_of(party(2048), policy);
    Pair pair(TLS1_3_VERSION, [](SSL* ssl) { SSL_set1_groups_list(ssl, "X25519:P-256"); });
    pair.waits_for_signature = true;
    pair.open(*context);
    test::assert_step(pair.server_goes_on(), Step::WantRead);
    assert_true(pair.collect() > 0);
    pair.client_goes_on();
    pair.deliver();
    test::assert_step(pair.server_goes_on(), Step::WantKey);
    goes_on_well(&pair);
}

void early_data_does_not_hinder_it(void**) {
    need_batches();
    Policy policy;
    policy.early_data = true;
    const auto context = context_of(party(2048), policy);
    goes_on_well(waiting(*context).get());
    waiting(*context)->drop_tunnel();
}

// libssl's own key exchange by RSA decrypts with the wrapped key, and signs nothing.
void key_exchange_by_rsa_does_not_wait(void**) {
    need_batches();
    for (const bool threads : {false, true}) {
        const auto context = context_of(party(4096), {}, threads);
        Pair pair(TLS1_2_VERSION, [](SSL* ssl) { SSL_set_cipher_list(ssl, "AES128-GCM-SHA256"); });
        pair.waits_for_signature = true;
        pair.open(*context);
        test::assert_step(pair.server_goes_on(), Step::WantRead);
        goes_on_well(&pair);
    }
}

void a_resumed_session_does_not_wait(void**) {
    need_batches();
    const auto context = context_of(party(2048));
    const auto first = waiting(*context);
    goes_on_well(first.get());
    Pair second(TLS1_3_VERSION, [&](SSL* ssl) { SSL_set_session(ssl, first->client().sessions()[0].get()); });
    second.waits_for_signature = true;
    second.open(*context);
    test::assert_step(second.server_goes_on(), Step::WantRead);
    goes_on_well(&second);
    assert_int_equal(SSL_session_reused(second.client().ssl()), 1);
}

// Also by a thread that ends when the connection is long gone.
void another_thread_makes_it(void**) {
    const auto context = context_of(party(4096), {}, true);
    assert_true(context->threads_keys());
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        const auto pair = waiting(*context, version);
        const auto lost = waiting(*context, version);
        for (const auto& one : {pair->tunnel().pending_signature(), lost->tunnel().pending_signature()}) {
            assert_int_equal(static_cast<int>(one->key->wait), static_cast<int>(KeyWait::Thread));
            std::thread thread([one] { one->make(); });
            if (one != pair->tunnel().pending_signature()) {
                lost->drop_tunnel();
            }
            thread.join();
            assert_true(one->made && !one->signature.empty());
        }
        goes_on_well(pair.get());
    }
}

// As with keys in a token: what is wrapped here is in the hands of a provider that is not OpenSSL's own.
void keys_of_other_providers_are_another_threads(void**) {
    for (const bool is_rsa : {false, true}) {
        test::Party leaf = test::make_leaf(is_rsa ? test::make_rsa_key() : test::make_ec_key());
        leaf.key = wrap_in_library(*wrapping_library(), leaf.key.get(), KeyWait::Thread);
        assert_non_null(leaf.key.get());
        assert_false(fits_key_library(leaf.key.get()));
        const auto context = context_of(leaf, {}, true);
        assert_true(context->threads_keys() && context->uses_key_library());
        for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
            const auto pair = waiting(*context, version);
            pair->tunnel().pending_signature()->make();
            goes_on_well(pair.get());
        }
        // Without threads such a server stays in OpenSSL's own context.
        assert_false(context_of(leaf)->uses_key_library());
    }
}

// The context says so, and signs in line.
void a_key_that_cannot_be_wrapped_is_told(void**) {
    ContextTerms terms;
    terms.credentials.push_back(test::credential_of(party(3072)));
    terms.threads = true;
    const auto context = test::build(std::move(terms));
    assert_non_null(context->unthreaded());
    assert_false(context->threads_keys());
    assert_null(context_of(party(3072), {}, true)->unthreaded());
    Pair pair;
    pair.connect(*context);
}

// A key that another thread could not sign with: the handshake fails, with OpenSSL's words for it.
void a_failure_elsewhere_fails_the_handshake(void**) {
    const auto context = context_of(party(4096), {}, true);
    const auto pair = waiting(*context);
    const auto pending = pair->tunnel().pending_signature();
    pending->made = true;
    pending->errors.push_back(ERR_PACK(ERR_LIB_RSA, 0, ERR_R_MALLOC_FAILURE));
    test::assert_step(pair->server_goes_on(), Step::Failed);
    assert_false(pair->tunnel().failure().peer_to_blame);
    assert_non_null(strstr(pair->tunnel().failure().text.c_str(), "malloc failure"));
}

void without_a_wish_to_wait_it_signs_at_once(void**) {
    for (const bool threads : {false, true}) {
        const auto context = context_of(party(4096), {}, threads);
        Pair pair;
        pair.open(*context);
        test::assert_step(pair.server_goes_on(), Step::WantRead);
        goes_on_well(&pair);
    }
}

}  // namespace
}  // namespace tls

int main() {
    using namespace tls;
    const CMUnitTest tests[] = {
        cmocka_unit_test(every_number_of_them_is_signed),
        cmocka_unit_test(keys_of_several_sizes_wait_together),
        cmocka_unit_test(every_digest_is_signed),
        cmocka_unit_test(a_lane_that_fails_is_signed_by_openssl),
        cmocka_unit_test(those_that_wait_can_be_given_up),
        cmocka_unit_test(a_client_that_goes_away_is_noticed_afterwards),
        cmocka_unit_test(a_retried_hello_waits_too),
        cmocka_unit_test(early_data_does_not_hinder_it),
        cmocka_unit_test(key_exchange_by_rsa_does_not_wait),
        cmocka_unit_test(a_resumed_session_does_not_wait),
        cmocka_unit_test(another_thread_makes_it),
        cmocka_unit_test(keys_of_other_providers_are_another_threads),
        cmocka_unit_test(a_key_that_cannot_be_wrapped_is_told),
        cmocka_unit_test(a_failure_elsewhere_fails_the_handshake),
        cmocka_unit_test(without_a_wish_to_wait_it_signs_at_once),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
