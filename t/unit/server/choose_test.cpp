// Every way in which a hello is refused before libssl knows of it, and what an accepted one gets.
#include "server/choose.h"

#include "base/alert.h"
#include "base/reason.h"
#include "support/cmocka.h"
#include "support/hello_builder.h"
#include "support/made_context.h"

namespace tls {
namespace {

using ::test::Bytes;
using ::test::bytes_of;
using ::test::HelloBuilder;
using ::test::prefixed;
using ::test::u16_list;

constexpr uint16_t kAlpn = 16;
constexpr uint16_t kVersions = 43;

HelloBuilder with_versions(const std::vector<uint16_t>& versions) {
    return HelloBuilder().set(kVersions, prefixed(1, u16_list(versions)));
}

// A hello, and terms that take it unless the test changes them.
struct Case {
    explicit Case(const HelloBuilder& builder = HelloBuilder(), Policy policy = {})
        : message(builder.message()), context(test::make_context(std::move(policy))) {
        terms.context = context.get();
        terms.serves_tls = true;
        terms.matched_by = MatchedBy::Name;
    }

    Choice chosen() const {
        const ParsedHello parsed = parse_client_hello(view(message));
        assert_true(parsed.ok);
        return choose(parsed.hello, terms);
    }

    Bytes message;
    std::unique_ptr<ServerContext> context;
    ServerTerms terms;
};

void assert_accepted(const Case& given, const char* alpn) {
    const Choice choice = given.chosen();
    assert_true(choice.accepted);
    assert_ptr_equal(choice.context, given.context.get());
    assert_string_equal(choice.alpn, alpn);
    assert_int_equal(static_cast<int>(choice.matched_by), static_cast<int>(given.terms.matched_by));
}

void assert_refused(const Case& given, Alert alert, Reason reason) {
    const Choice choice = given.chosen();
    assert_false(choice.accepted);
    assert_null(choice.context);
    assert_string_equal(choice.alpn, "");
    assert_int_equal(static_cast<int>(choice.refusal.alert), static_cast<int>(alert));
    assert_string_equal(reason_name(choice.refusal.reason), reason_name(reason));
    assert_true(choice.refusal.text[0] != '\0');
    assert_int_equal(static_cast<int>(choice.matched_by), static_cast<int>(given.terms.matched_by));
}

void a_server_that_serves_takes_the_hello(void**) {
    for (const MatchedBy matched_by : {MatchedBy::Name, MatchedBy::Default, MatchedBy::NoName}) {
        Case given;
        given.terms.matched_by = matched_by;
        assert_accepted(given, "http/1.1");
    }
}

void a_server_without_tls_refuses_its_name(void**) {
    Case given;
    given.terms.serves_tls = false;
    assert_refused(given, Alert::UnrecognizedName, Reason::UnknownName);
}

void a_rejecting_server_refuses_every_name(void**) {
    for (const MatchedBy matched_by : {MatchedBy::Name, MatchedBy::Default, MatchedBy::NoName}) {
        Case given;
        given.terms.rejects = true;
        given.terms.matched_by = matched_by;
        assert_refused(given, Alert::UnrecognizedName, Reason::UnknownName);
    }
}

// `tls_reject_handshake on` needs no certificate, and must not be told apart by having none.
void rejecting_comes_before_having_no_certificate(void**) {
    Case given;
    given.terms.rejects = true;
    given.terms.context = nullptr;
    assert_refused(given, Alert::UnrecognizedName, Reason::UnknownName);
    given.terms.serves_tls = false;
    assert_refused(given, Alert::UnrecognizedName, Reason::UnknownName);
}

// RFC 6066 section 3 for a name that has none; RFC 8446 section 9.2 for no name, which TLS 1.2 cannot say.
void a_server_without_certificate_cannot_answer(void**) {
    Case given(with_versions({0x0304, 0x0303}));
    given.terms.context = nullptr;
    assert_refused(given, Alert::MissingExtension, Reason::NoCertificate);
    given.terms.named = true;
    assert_refused(given, Alert::UnrecognizedName, Reason::UnknownName);
    Case older(with_versions({0x0303}));
    older.terms.context = nullptr;
    assert_refused(older, Alert::HandshakeFailure, Reason::NoCertificate);
}

// `tls_unknown_name refuse`: a server's own certificate is for the names that matched it.
void an_unknown_name_may_be_refused(void**) {
    Case given;
    given.terms.named = true;
    given.terms.refuses_unknown_name = true;
    assert_accepted(given, "http/1.1");
    given.terms.matched_by = MatchedBy::Default;
    assert_refused(given, Alert::UnrecognizedName, Reason::UnknownName);
    given.terms.credentials = std::make_shared<CredentialSet>();
    const Choice choice = given.chosen();
    assert_true(choice.accepted);
    assert_ptr_equal(choice.credentials.get(), given.terms.credentials.get());
}

// `tls_no_name refuse` minds only clients without a name.
void no_name_may_be_refused(void**) {
    Case given(with_versions({0x0304}));
    given.terms.refuses_no_name = true;
    given.terms.matched_by = MatchedBy::NoName;
    assert_refused(given, Alert::MissingExtension, Reason::NoCertificate);
    given.terms.named = true;
    given.terms.matched_by = MatchedBy::Name;
    assert_accepted(given, "http/1.1");
}

// Without the extension, the highest version that the client speaks is what counts.
HelloBuilder up_to(uint16_t legacy_version) {
    HelloBuilder builder;
    builder.remove(kVersions);
    builder.legacy_version = legacy_version;
    return builder;
}

Policy only(unsigned protocols) {
    Policy policy;
    policy.protocols = protocols;
    return policy;
}

struct VersionRow {
    HelloBuilder hello;
    unsigned protocols;
    bool accepted;
};

void a_version_must_be_shared(void**) {
    const VersionRow rows[] = {
        {with_versions({0x0304, 0x0303}), kTlsv13, true},
        {with_versions({0x0304, 0x0303}), kTlsv12, true},
        {with_versions({0x0304, 0x0303}), kTlsv11 | kTlsv1, false},
        {with_versions({0x0304}), kTlsv12, false},
        {with_versions({0x0304}), kTlsv12 | kTlsv13, true},
        {with_versions({0x0303}), kTlsv13, false},
        {with_versions({0x0a0a, 0x0303}), kTlsv12, true},
        {with_versions({0x0a0a}), kTlsv1 | kTlsv11 | kTlsv12 | kTlsv13, false},
        {with_versions({0x7f1c}), kTlsv13, false},
        {up_to(0x0303), kTlsv12, true},
        {up_to(0x0303), kTlsv1, true},
        {up_to(0x0303), kTlsv13, false},
        {up_to(0x0302), kTlsv12, false},
        {up_to(0x0302), kTlsv11 | kTlsv12, true},
        {up_to(0x0301), kTlsv1, true},
        {up_to(0x0301), kTlsv11, false},
        // legacy_version never means TLS 1.3 (RFC 8446 section 4.2.1).
        {up_to(0x0304), kTlsv13, false},
        {up_to(0x0304), kTlsv12, true},
    };
    for (const VersionRow& row : rows) {
        const Case given(row.hello, only(row.protocols));
        if (row.accepted) {
            assert_accepted(given, "http/1.1");
        } else {
            assert_refused(given, Alert::ProtocolVersion, Reason::NoSharedVersion);
        }
    }
}

// SSL 3.0 knows no protocol_version alert (RFC 6101 section 5.4.2).
void an_ssl3_client_is_told_what_it_knows(void**) {
    assert_refused(Case(up_to(0x0300), only(kSslv3 | kTlsv1 | kTlsv12)), Alert::HandshakeFailure,
                   Reason::NoSharedVersion);
}

// The extension counts even where legacy_version says more.
void supported_versions_come_before_legacy_version(void**) {
    HelloBuilder builder = with_versions({0x0304});
    builder.legacy_version = 0x0303;
    assert_refused(Case(builder, only(kTlsv12)), Alert::ProtocolVersion, Reason::NoSharedVersion);
}

// `tls_conf_command MinProtocol …` may have changed what the policy says: only libssl knows.
void commands_leave_the_version_to_libssl(void**) {
    Policy policy = only(kTlsv13);
    policy.conf_commands.emplace_back("Options", "PrioritizeChaCha");
    assert_accepted(Case(up_to(0x0303), std::move(policy)), "http/1.1");
}

HelloBuilder with_alpn(const std::vector<const char*>& protocols) {
    Bytes list;
    for (const char* protocol : protocols) {
        put(&list, prefixed(1, bytes_of(protocol)));
    }
    return HelloBuilder().set(kAlpn, prefixed(2, list));
}

struct AlpnRow {
    std::vector<const char*> offered;
    const char* chosen;             // with HTTP/2; null: refused
    const char* chosen_without_h2;  // the same
};

void the_server_chooses_the_application(void**) {
    const AlpnRow rows[] = {
        {{"h2", "http/1.1"}, "h2", "http/1.1"},
        {{"http/1.1", "h2"}, "h2", "http/1.1"},
        {{"http/1.1"}, "http/1.1", "http/1.1"},
        {{"http/0.9", "http/1.0"}, "http/1.0", "http/1.0"},
        {{"http/0.9"}, "http/0.9", "http/0.9"},
        {{"http/1.0", "http/1.1"}, "http/1.1", "http/1.1"},
        {{"h2"}, "h2", nullptr},
        {{"spdy/3.1", "h2"}, "h2", nullptr},
        {{"h3"}, nullptr, nullptr},
        {{"acme-tls/1"}, nullptr, nullptr},
        {{"H2", "HTTP/1.1"}, nullptr, nullptr},
        {{"h", "http/1.11"}, nullptr, nullptr},
    };
    for (const AlpnRow& row : rows) {
        for (const bool http2 : {true, false}) {
            Case given(with_alpn(row.offered));
            given.terms.http2 = http2;
            const char* chosen = http2 ? row.chosen : row.chosen_without_h2;
            if (chosen != nullptr) {
                assert_accepted(given, chosen);
            } else {
                assert_refused(given, Alert::NoApplicationProtocol, Reason::NoSharedApplication);
            }
        }
    }
}

// RFC 7301 section 3.2: an answer is given only to who asks.
void without_alpn_no_application_is_named(void**) {
    Case given(HelloBuilder().remove(kAlpn));
    given.terms.http2 = true;
    assert_accepted(given, "");
}

void one_refusal_is_given_in_a_fixed_order(void**) {
    HelloBuilder builder = with_alpn({"h3"});
    builder.set(kVersions, prefixed(1, u16_list({0x0303})));
    Case given(builder, only(kTlsv13));
    assert_refused(given, Alert::ProtocolVersion, Reason::NoSharedVersion);
    given.terms.context = nullptr;
    assert_refused(given, Alert::HandshakeFailure, Reason::NoCertificate);
    given.terms.rejects = true;
    assert_refused(given, Alert::UnrecognizedName, Reason::UnknownName);
}

// CVE-2025-49812: who asked for TLS in the clear speaks HTTP/1.1 already, and offers no other protocol.
void after_an_upgrade_a_hello_offers_no_application(void**) {
    for (const char* const protocol : {"http/1.1", "h2", "x", "ipp"}) {
        Case given(with_alpn({protocol}));
        assert_true(given.chosen().refusal.reason != Reason::UpgradeAlpn);
        given.terms.after_upgrade = true;
        assert_refused(given, Alert::NoApplicationProtocol, Reason::UpgradeAlpn);
        // Whatever else is to be said of it.
        given.terms.rejects = true;
        given.terms.upgraded_elsewhere = true;
        assert_refused(given, Alert::NoApplicationProtocol, Reason::UpgradeAlpn);
    }
    Case given(HelloBuilder().remove(kAlpn));
    given.terms.after_upgrade = true;
    assert_accepted(given, "");
}

// RFC 2817 section 1: the request names the server.
void after_an_upgrade_the_server_is_the_requests(void**) {
    Case given(HelloBuilder().remove(kAlpn));
    given.terms.upgraded_elsewhere = true;
    assert_accepted(given, "");
    given.terms.after_upgrade = true;
    assert_refused(given, Alert::UnrecognizedName, Reason::UnknownName);
}

void every_match_has_a_name(void**) {
    assert_string_equal(matched_by_name(MatchedBy::Name), "name");
    assert_string_equal(matched_by_name(MatchedBy::Default), "default");
    assert_string_equal(matched_by_name(MatchedBy::NoName), "no_name");
}

}  // namespace
}  // namespace tls

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(tls::a_server_that_serves_takes_the_hello),
        cmocka_unit_test(tls::a_server_without_tls_refuses_its_name),
        cmocka_unit_test(tls::a_rejecting_server_refuses_every_name),
        cmocka_unit_test(tls::rejecting_comes_before_having_no_certificate),
        cmocka_unit_test(tls::a_server_without_certificate_cannot_answer),
        cmocka_unit_test(tls::an_unknown_name_may_be_refused),
        cmocka_unit_test(tls::no_name_may_be_refused),
        cmocka_unit_test(tls::a_version_must_be_shared),
        cmocka_unit_test(tls::an_ssl3_client_is_told_what_it_knows),
        cmocka_unit_test(tls::supported_versions_come_before_legacy_version),
        cmocka_unit_test(tls::commands_leave_the_version_to_libssl),
        cmocka_unit_test(tls::the_server_chooses_the_application),
        cmocka_unit_test(tls::without_alpn_no_application_is_named),
        cmocka_unit_test(tls::one_refusal_is_given_in_a_fixed_order),
        cmocka_unit_test(tls::after_an_upgrade_a_hello_offers_no_application),
        cmocka_unit_test(tls::after_an_upgrade_the_server_is_the_requests),
        cmocka_unit_test(tls::every_match_has_a_name),
    };
    return cmocka_run_group_tests_name("choose", tests, nullptr, nullptr);
}
