// RFC 8446 section 6 and appendix B.2; the record is section 5.1's.
#include "base/alert.h"

#include "support/cmocka.h"

using tls::Alert;
using tls::alert_name;
using tls::encode_fatal_alert;

static void names_are_those_of_the_rfc(void**) {
    assert_string_equal(alert_name(0), "close_notify");
    assert_string_equal(alert_name(10), "unexpected_message");
    assert_string_equal(alert_name(22), "record_overflow");
    assert_string_equal(alert_name(42), "bad_certificate");
    assert_string_equal(alert_name(47), "illegal_parameter");
    assert_string_equal(alert_name(50), "decode_error");
    assert_string_equal(alert_name(70), "protocol_version");
    assert_string_equal(alert_name(86), "inappropriate_fallback");
    assert_string_equal(alert_name(112), "unrecognized_name");
    assert_string_equal(alert_name(116), "certificate_required");
    assert_string_equal(alert_name(120), "no_application_protocol");
}

static void alerts_of_older_versions_have_names_too(void**) {
    assert_string_equal(alert_name(30), "decompression_failure");
    assert_string_equal(alert_name(100), "no_renegotiation");
}

static void every_alert_of_ours_has_a_name(void**) {
    for (const Alert alert :
         {Alert::CloseNotify, Alert::UnexpectedMessage, Alert::RecordOverflow, Alert::HandshakeFailure,
          Alert::IllegalParameter, Alert::DecodeError, Alert::ProtocolVersion, Alert::InternalError,
          Alert::UnrecognizedName, Alert::NoApplicationProtocol}) {
        assert_string_not_equal(alert_name(static_cast<uint8_t>(alert)), "unknown");
    }
}

static void other_numbers_are_unknown(void**) {
    for (const uint8_t number : {1, 11, 255}) {
        assert_string_equal(alert_name(number), "unknown");
    }
}

static void a_record_carries_the_alert(void**) {
    const auto record = encode_fatal_alert(Alert::DecodeError, 0x0301);
    const uint8_t expected[] = {21, 3, 1, 0, 2, 2, 50};
    assert_int_equal(record.size(), sizeof(expected));
    assert_memory_equal(record.data(), expected, sizeof(expected));
}

static void the_record_version_is_never_above_tls_12(void**) {
    assert_int_equal(encode_fatal_alert(Alert::DecodeError, 0x0303)[2], 3);
    assert_int_equal(encode_fatal_alert(Alert::DecodeError, 0x0304)[2], 3);
    assert_int_equal(encode_fatal_alert(Alert::DecodeError, 0x7f1c)[1], 3);
    assert_int_equal(encode_fatal_alert(Alert::DecodeError, 0x0300)[2], 0);
    assert_int_equal(encode_fatal_alert(Alert::DecodeError, 0x0200)[1], 3);
    assert_int_equal(encode_fatal_alert(Alert::DecodeError, 0x0200)[2], 1);
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(names_are_those_of_the_rfc),
        cmocka_unit_test(alerts_of_older_versions_have_names_too),
        cmocka_unit_test(every_alert_of_ours_has_a_name),
        cmocka_unit_test(other_numbers_are_unknown),
        cmocka_unit_test(a_record_carries_the_alert),
        cmocka_unit_test(the_record_version_is_never_above_tls_12),
    };
    return cmocka_run_group_tests_name("alert", tests, nullptr, nullptr);
}
