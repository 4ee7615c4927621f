// tls_plain against what a request asks for: RFC 2817 sections 3 and 4, RFC 9110 section 7.8.
#include "hello/plain_answer.h"

#include <initializer_list>

#include "support/cmocka.h"

using tls::PlainAnswer;
using tls::PlainMode;
using tls::PlainRequest;
using tls::PlainTerms;

static PlainTerms terms(PlainMode mode) {
    PlainTerms terms;
    terms.mode = mode;
    return terms;
}

static PlainRequest get() {
    PlainRequest request;
    request.can_upgrade = true;
    return request;
}

static PlainRequest asking() {
    PlainRequest request = get();
    request.options = true;
    request.asks_for_tls = true;
    return request;
}

static void expect(const PlainTerms& terms, const PlainRequest& request, PlainAnswer expected) {
    assert_int_equal(static_cast<int>(tls::answer_plain(terms, request)), static_cast<int>(expected));
}

static void each_mode_has_its_answer(void**) {
    expect(terms(PlainMode::Error), get(), PlainAnswer::Error);
    expect(terms(PlainMode::Serve), get(), PlainAnswer::Serve);
    expect(terms(PlainMode::Redirect), get(), PlainAnswer::Redirect);
    expect(terms(PlainMode::Upgrade), get(), PlainAnswer::Serve);
    expect(terms(PlainMode::UpgradeRequired), get(), PlainAnswer::RequireUpgrade);
}

static void nobody_is_upgraded_where_it_is_not_offered(void**) {
    expect(terms(PlainMode::Error), asking(), PlainAnswer::Error);
    expect(terms(PlainMode::Serve), asking(), PlainAnswer::Serve);
    expect(terms(PlainMode::Redirect), asking(), PlainAnswer::Redirect);
}

static void who_asks_is_upgraded(void**) {
    expect(terms(PlainMode::Upgrade), asking(), PlainAnswer::Upgrade);
    expect(terms(PlainMode::UpgradeRequired), asking(), PlainAnswer::Upgrade);
}

static void only_options_unless_told_otherwise(void**) {
    PlainRequest request = asking();
    request.options = false;
    expect(terms(PlainMode::Upgrade), request, PlainAnswer::Serve);
    expect(terms(PlainMode::UpgradeRequired), request, PlainAnswer::RequireUpgrade);
    for (const PlainMode mode : {PlainMode::Upgrade, PlainMode::UpgradeRequired}) {
        PlainTerms any = terms(mode);
        any.any_method = true;
        expect(any, request, PlainAnswer::Upgrade);
        expect(any, asking(), PlainAnswer::Upgrade);
    }
}

static void http10_is_never_upgraded(void**) {
    PlainRequest request = asking();
    request.can_upgrade = false;
    expect(terms(PlainMode::Upgrade), request, PlainAnswer::Serve);
    expect(terms(PlainMode::UpgradeRequired), request, PlainAnswer::RequireUpgrade);
    PlainTerms any = terms(PlainMode::Upgrade);
    any.any_method = true;
    expect(any, request, PlainAnswer::Serve);
}

static void http2_is_never_upgraded(void**) {
    PlainRequest request = asking();
    request.http2 = true;
    PlainTerms any = terms(PlainMode::Upgrade);
    any.any_method = true;
    expect(any, request, PlainAnswer::Serve);
    any.mode = PlainMode::UpgradeRequired;
    expect(any, request, PlainAnswer::Error);
    expect(terms(PlainMode::Serve), request, PlainAnswer::Serve);
    expect(terms(PlainMode::Redirect), request, PlainAnswer::Redirect);
}

static void a_body_is_refused_only_where_tls_would_follow(void**) {
    PlainRequest request = asking();
    request.has_body = true;
    expect(terms(PlainMode::Upgrade), request, PlainAnswer::RefuseBody);
    expect(terms(PlainMode::UpgradeRequired), request, PlainAnswer::RefuseBody);
    request.asks_for_tls = false;
    expect(terms(PlainMode::Upgrade), request, PlainAnswer::Serve);
    request.asks_for_tls = true;
    request.options = false;
    expect(terms(PlainMode::Upgrade), request, PlainAnswer::Serve);
}

static void the_asterisk_is_for_upgrades(void**) {
    PlainRequest request = asking();
    request.asterisk = true;
    expect(terms(PlainMode::Upgrade), request, PlainAnswer::Upgrade);
    expect(terms(PlainMode::UpgradeRequired), request, PlainAnswer::Upgrade);
    for (const PlainMode mode : {PlainMode::Error, PlainMode::Serve, PlainMode::Redirect}) {
        expect(terms(mode), request, PlainAnswer::BadRequest);
    }
    request.asks_for_tls = false;
    expect(terms(PlainMode::Upgrade), request, PlainAnswer::Serve);
    expect(terms(PlainMode::UpgradeRequired), request, PlainAnswer::RequireUpgrade);
}

static void exceptions_are_served_where_others_are_redirected(void**) {
    PlainRequest request = get();
    request.excepted = true;
    expect(terms(PlainMode::Redirect), request, PlainAnswer::Serve);
    expect(terms(PlainMode::Error), request, PlainAnswer::Error);
    expect(terms(PlainMode::UpgradeRequired), request, PlainAnswer::RequireUpgrade);
}

static void a_server_without_tls_promises_none(void**) {
    for (const PlainMode mode : {PlainMode::Error, PlainMode::Serve, PlainMode::Redirect, PlainMode::Upgrade,
                                 PlainMode::UpgradeRequired}) {
        PlainTerms plain = terms(mode);
        plain.serves_tls = false;
        const bool served = mode == PlainMode::Serve || mode == PlainMode::Upgrade;
        expect(plain, asking(), served ? PlainAnswer::Serve : PlainAnswer::Error);
        expect(plain, get(), served ? PlainAnswer::Serve : PlainAnswer::Error);
        assert_false(tls::offers_upgrade(plain));
        PlainRequest request = asking();
        request.asterisk = true;
        expect(plain, request, PlainAnswer::BadRequest);
    }
}

static void the_offer_stands_where_it_is_kept(void**) {
    assert_true(tls::offers_upgrade(terms(PlainMode::Upgrade)));
    assert_true(tls::offers_upgrade(terms(PlainMode::UpgradeRequired)));
    for (const PlainMode mode : {PlainMode::Error, PlainMode::Serve, PlainMode::Redirect}) {
        assert_false(tls::offers_upgrade(terms(mode)));
    }
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(each_mode_has_its_answer),
        cmocka_unit_test(nobody_is_upgraded_where_it_is_not_offered),
        cmocka_unit_test(who_asks_is_upgraded),
        cmocka_unit_test(only_options_unless_told_otherwise),
        cmocka_unit_test(http10_is_never_upgraded),
        cmocka_unit_test(http2_is_never_upgraded),
        cmocka_unit_test(a_body_is_refused_only_where_tls_would_follow),
        cmocka_unit_test(the_asterisk_is_for_upgrades),
        cmocka_unit_test(exceptions_are_served_where_others_are_redirected),
        cmocka_unit_test(a_server_without_tls_promises_none),
        cmocka_unit_test(the_offer_stands_where_it_is_kept),
    };
    return cmocka_run_group_tests_name("plain_answer", tests, nullptr, nullptr);
}
