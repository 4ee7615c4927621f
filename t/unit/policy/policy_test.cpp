// What counts as the same terms, and which versions a policy allows.
#include "policy/policy.h"

#include "support/cmocka.h"

namespace tls {
namespace {

void defaults_are_nginx_s(void**) {
    const Policy policy;
    assert_int_equal(policy.protocols, kTlsv12 | kTlsv13);
    assert_string_equal(policy.ciphers.c_str(), "HIGH:!aNULL:!MD5");
    assert_string_equal(policy.groups.c_str(), "auto");
    assert_false(policy.prefer_server_ciphers);
    assert_true(policy.session_tickets);
    assert_int_equal(static_cast<int>(policy.verify), static_cast<int>(VerifyMode::Off));
    assert_int_equal(policy.verify_depth, 1);
}

void every_negotiated_field_counts(void**) {
    const Policy base;
    assert_true(same_terms(base, Policy{}));

    using Change = void (*)(Policy*);
    const Change changes[] = {
        [](Policy* p) { p->protocols = kTlsv13; },
        [](Policy* p) { p->ciphers = "ALL"; },
        [](Policy* p) { p->ciphersuites = "TLS_AES_128_GCM_SHA256"; },
        [](Policy* p) { p->groups = "X25519"; },
        [](Policy* p) { p->signature_algorithms = "ed25519"; },
        [](Policy* p) { p->dhparam_file = "dh.pem"; },
        [](Policy* p) { p->prefer_server_ciphers = true; },
        [](Policy* p) { p->verify = VerifyMode::Optional; },
        [](Policy* p) { p->verify_depth = 2; },
        [](Policy* p) { p->conf_commands.emplace_back("Options", "PrioritizeChaCha"); },
    };
    for (const Change change : changes) {
        Policy other;
        change(&other);
        assert_false(same_terms(base, other));
        assert_false(same_terms(other, base));
        assert_true(same_terms(other, other));
    }
}

void order_of_conf_commands_counts(void**) {
    Policy a;
    Policy b;
    a.conf_commands = {{"MinProtocol", "TLSv1.2"}, {"MinProtocol", "TLSv1.3"}};
    b.conf_commands = {{"MinProtocol", "TLSv1.3"}, {"MinProtocol", "TLSv1.2"}};
    assert_false(same_terms(a, b));
}

void ticket_and_early_data_switches_do_not_count(void**) {
    Policy other;
    other.session_tickets = false;
    other.early_data = true;
    assert_true(same_terms(Policy{}, other));
}

void versions_follow_their_bits(void**) {
    const struct {
        unsigned bit;
        unsigned version;
    } pairs[] = {{kTlsv1, 0x0301}, {kTlsv11, 0x0302}, {kTlsv12, 0x0303}, {kTlsv13, 0x0304}};
    for (const auto& allowed : pairs) {
        Policy policy;
        policy.protocols = allowed.bit;
        for (const auto& asked : pairs) {
            assert_int_equal(allows_version(policy, asked.version), asked.bit == allowed.bit);
        }
    }
}

void other_versions_are_never_allowed(void**) {
    Policy policy;
    policy.protocols = ~0u;
    for (const unsigned version : {0u, 0x0002u, 0x0200u, 0x0300u, 0x0305u, 0x0a0au, 0xfeffu, 0x10304u}) {
        assert_false(allows_version(policy, version));
    }
}

}  // namespace
}  // namespace tls

int main() {
    using namespace tls;
    const CMUnitTest tests[] = {
        cmocka_unit_test(defaults_are_nginx_s),
        cmocka_unit_test(every_negotiated_field_counts),
        cmocka_unit_test(order_of_conf_commands_counts),
        cmocka_unit_test(ticket_and_early_data_switches_do_not_count),
        cmocka_unit_test(versions_follow_their_bits),
        cmocka_unit_test(other_versions_are_never_allowed),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
