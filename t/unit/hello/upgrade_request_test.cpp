// What asks for TLS: RFC 2817 section 3, RFC 9110 sections 5.6.1 (lists), 7.6.1 (Connection), 7.8 (Upgrade).
#include "hello/upgrade_request.h"

#include "support/cmocka.h"

using tls::UpgradeRequest;

static UpgradeRequest read(const char* connection, const char* upgrade) {
    UpgradeRequest request;
    tls::read_connection(connection, &request);
    tls::read_upgrade(upgrade, &request);
    return request;
}

static unsigned offered(const char* upgrade) {
    return read("", upgrade).offered;
}

static bool has_option(const char* connection) {
    return read(connection, "").connection_upgrade;
}

static void what_cups_sends(void**) {
    const UpgradeRequest request = read("Upgrade", "TLS/1.2,TLS/1.1,TLS/1.0");
    assert_true(request.asks_for_tls());
    assert_int_equal(request.offered, 0x7);
}

static void one_protocol_of_each_version(void**) {
    assert_int_equal(offered("TLS/1.0"), 0x1);
    assert_int_equal(offered("TLS/1.1"), 0x2);
    assert_int_equal(offered("TLS/1.2"), 0x4);
    assert_int_equal(offered("TLS/1.3"), 0x8);
}

static void protocols_know_no_case_and_no_order(void**) {
    assert_int_equal(offered("tls/1.3"), 0x8);
    assert_int_equal(offered("tLs/1.0, HTTP/2.0, TLS/1.2"), 0x5);
    assert_int_equal(offered("websocket, tls/1.2"), 0x4);
    assert_int_equal(offered("TLS/1.2, websocket"), 0x4);
}

static void empty_elements_and_spaces_are_skipped(void**) {
    assert_int_equal(offered(",, \t ,TLS/1.1 \t,,"), 0x2);
    assert_int_equal(offered("\tTLS/1.1\t"), 0x2);
    assert_int_equal(offered(" , "), 0);
    assert_int_equal(offered(""), 0);
    assert_true(has_option(" ,\t, upgrade ,"));
}

static void what_is_no_such_protocol_is_passed_over(void**) {
    for (const char* const text :
         {"TLS",      "TLS/",        "TLS/1",           "TLS/1.",   "TLS/1.4",   "TLS/1.9",
          "TLS/1.30", "TLS/1.2.3",   "TLS/2.0",         "TLS/0.1",  "SSL/3.0",   "TLS /1.2",
          "TLS/ 1.2", "TLS/1.2;q=1", "TLS/1.2 TLS/1.1", "xTLS/1.2", "TLS/1,2",   "TLS/1.-",
          "TLS/1./",  "TLS/1.:",     "\"TLS/1.2\"",     "TLS-1.2",  "TLS/1\t.2", "TLS/1.\xb2"}) {
        assert_int_equal(offered(text), 0);
    }
    assert_int_equal(offered("TLS/1.4, TLS/1.2"), 0x4);
}

static void connection_needs_the_option_itself(void**) {
    assert_true(has_option("upgrade"));
    assert_true(has_option("UPGRADE"));
    assert_true(has_option("keep-alive, Upgrade"));
    assert_true(has_option("Upgrade,close"));
    for (const char* const text : {"", "keep-alive", "upgrades", "xupgrade", "up grade", "upgrade;x",
                                   "upgrade=1", "\"upgrade\"", "upgrad"}) {
        assert_false(has_option(text));
    }
}

static void both_fields_are_needed(void**) {
    assert_false(read("upgrade", "").asks_for_tls());
    assert_false(read("upgrade", "h2c").asks_for_tls());
    assert_false(read("close", "TLS/1.2").asks_for_tls());
    assert_true(read("upgrade", "TLS/1.0").asks_for_tls());
}

static void several_lines_add_up(void**) {
    UpgradeRequest request;
    tls::read_upgrade("websocket", &request);
    tls::read_upgrade("TLS/1.0", &request);
    tls::read_upgrade("", &request);
    tls::read_upgrade("TLS/1.3", &request);
    tls::read_connection("upgrade", &request);
    tls::read_connection("keep-alive", &request);
    assert_true(request.asks_for_tls());
    assert_int_equal(request.offered, 0x9);
}

static void a_zero_byte_ends_nothing(void**) {
    UpgradeRequest request;
    tls::read_upgrade(std::string_view("TLS/1.2\0", 8), &request);
    assert_int_equal(request.offered, 0);
    tls::read_upgrade(std::string_view("\0,TLS/1.2", 9), &request);
    assert_int_equal(request.offered, 0x4);
}

// RFC 9110 section 7.8: nothing that the client did not indicate.
static void the_best_of_both_is_switched_to(void**) {
    assert_string_equal(tls::switched_protocol(0x7, 0xc).c_str(), "TLS/1.2");
    assert_string_equal(tls::switched_protocol(0xf, 0xc).c_str(), "TLS/1.3");
    assert_string_equal(tls::switched_protocol(0xf, 0x4).c_str(), "TLS/1.2");
    // RFC 2817 knew no other, and those who follow it name no other.
    assert_string_equal(tls::switched_protocol(0x1, 0xc).c_str(), "TLS/1.0");
    assert_string_equal(tls::switched_protocol(0x3, 0xc).c_str(), "TLS/1.1");
    assert_string_equal(tls::switched_protocol(0x8, 0).c_str(), "TLS/1.3");
}

static void what_the_server_allows_is_offered(void**) {
    assert_string_equal(tls::offered_protocols(0xc).c_str(), "TLS/1.3, TLS/1.2, HTTP/1.1");
    assert_string_equal(tls::offered_protocols(0x4).c_str(), "TLS/1.2, HTTP/1.1");
    assert_string_equal(tls::offered_protocols(0xf).c_str(), "TLS/1.3, TLS/1.2, TLS/1.1, TLS/1.0, HTTP/1.1");
    assert_string_equal(tls::offered_protocols(0x9).c_str(), "TLS/1.3, TLS/1.0, HTTP/1.1");
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(what_cups_sends),
        cmocka_unit_test(one_protocol_of_each_version),
        cmocka_unit_test(protocols_know_no_case_and_no_order),
        cmocka_unit_test(empty_elements_and_spaces_are_skipped),
        cmocka_unit_test(what_is_no_such_protocol_is_passed_over),
        cmocka_unit_test(connection_needs_the_option_itself),
        cmocka_unit_test(both_fields_are_needed),
        cmocka_unit_test(several_lines_add_up),
        cmocka_unit_test(a_zero_byte_ends_nothing),
        cmocka_unit_test(the_best_of_both_is_switched_to),
        cmocka_unit_test(what_the_server_allows_is_offered),
    };
    return cmocka_run_group_tests_name("upgrade_request", tests, nullptr, nullptr);
}
