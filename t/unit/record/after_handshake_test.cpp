// What a client may say after its handshake: RFC 8446 sections 4.6.3, 5.1 and 6; RFC 5246 section 7.2.
#include "record/after_handshake.h"

#include "support/bytes.h"
#include "support/cmocka.h"

namespace tls {
namespace {

using Kind = Verdict::Kind;
using test::Bytes;

const Bytes kUpdate = {24, 0, 0, 1, 0};
const Bytes kUpdateRequest = {24, 0, 0, 1, 1};

Verdict judge(AfterHandshake* rules, ContentType type, const Bytes& content) {
    return rules->judge(type, test::view(content));
}

void assert_kind(const Verdict& verdict, Kind kind) {
    assert_int_equal(static_cast<int>(verdict.kind), static_cast<int>(kind));
}

void assert_refused(const Verdict& verdict, Alert alert) {
    assert_kind(verdict, Kind::Refuse);
    assert_int_equal(static_cast<int>(verdict.alert), static_cast<int>(alert));
}

Verdict first(RecordVersion version, ContentType type, const Bytes& content) {
    AfterHandshake rules(version);
    return judge(&rules, type, content);
}

void data_is_data(void**) {
    assert_kind(first(RecordVersion::Tls13, ContentType::ApplicationData, {1}), Kind::Data);
    assert_kind(first(RecordVersion::Tls12, ContentType::ApplicationData, {1}), Kind::Data);
}

void empty_records_pass_until_they_are_a_flood(void**) {
    AfterHandshake rules(RecordVersion::Tls13);
    for (int round = 0; round < 3; ++round) {
        for (int i = 0; i < AfterHandshake::kMaxEmpty; ++i) {
            assert_kind(judge(&rules, ContentType::ApplicationData, {}), Kind::Nothing);
        }
        assert_kind(judge(&rules, ContentType::ApplicationData, {1}), Kind::Data);
    }
    for (int i = 0; i < AfterHandshake::kMaxEmpty; ++i) {
        judge(&rules, ContentType::ApplicationData, {});
    }
    assert_refused(judge(&rules, ContentType::ApplicationData, {}), Alert::UnexpectedMessage);
}

void alerts_end_the_connection_or_do_not(void**) {
    for (const RecordVersion version : {RecordVersion::Tls12, RecordVersion::Tls13}) {
        assert_kind(first(version, ContentType::Alert, {1, 0}), Kind::Closed);
        assert_kind(first(version, ContentType::Alert, {2, 0}), Kind::Closed);
        assert_kind(first(version, ContentType::Alert, {1, 90}), Kind::Nothing);
        const Verdict fatal = first(version, ContentType::Alert, {2, 20});
        assert_kind(fatal, Kind::PeerAlert);
        assert_int_equal(fatal.alert_number, 20);
        assert_refused(first(version, ContentType::Alert, {2}), Alert::DecodeError);
        assert_refused(first(version, ContentType::Alert, {}), Alert::DecodeError);
        assert_refused(first(version, ContentType::Alert, {1, 0, 1, 0}), Alert::DecodeError);
    }
    // TLS 1.3 goes by the number, whatever the level says.
    assert_kind(first(RecordVersion::Tls13, ContentType::Alert, {1, 48}), Kind::PeerAlert);
    assert_kind(first(RecordVersion::Tls12, ContentType::Alert, {1, 48}), Kind::Nothing);
}

void warnings_pass_until_they_are_a_flood(void**) {
    AfterHandshake rules(RecordVersion::Tls12);
    for (int i = 0; i < AfterHandshake::kMaxWarnings; ++i) {
        assert_kind(judge(&rules, ContentType::Alert, {1, 41}), Kind::Nothing);
    }
    assert_refused(judge(&rules, ContentType::Alert, {1, 41}), Alert::UnexpectedMessage);
}

void key_updates_are_told_with_their_question(void**) {
    const Verdict plain = first(RecordVersion::Tls13, ContentType::Handshake, kUpdate);
    assert_kind(plain, Kind::KeyUpdate);
    assert_false(plain.answer_wanted);
    const Verdict asking = first(RecordVersion::Tls13, ContentType::Handshake, kUpdateRequest);
    assert_kind(asking, Kind::KeyUpdate);
    assert_true(asking.answer_wanted);
}

void a_key_update_may_come_in_pieces(void**) {
    AfterHandshake rules(RecordVersion::Tls13);
    for (size_t i = 0; i < 4; ++i) {
        assert_kind(judge(&rules, ContentType::Handshake, {kUpdate[i]}), Kind::Nothing);
    }
    assert_kind(judge(&rules, ContentType::Handshake, {kUpdate[4]}), Kind::KeyUpdate);
    assert_kind(judge(&rules, ContentType::Handshake, kUpdate), Kind::KeyUpdate);
}

void nothing_may_stand_between_the_pieces(void**) {
    for (const ContentType type : {ContentType::ApplicationData, ContentType::Alert}) {
        AfterHandshake rules(RecordVersion::Tls13);
        assert_kind(judge(&rules, ContentType::Handshake, {24, 0}), Kind::Nothing);
        assert_refused(judge(&rules, type, {1, 0}), Alert::UnexpectedMessage);
    }
}

void a_key_update_ends_its_record(void**) {
    assert_refused(first(RecordVersion::Tls13, ContentType::Handshake, kUpdate + Bytes{24}),
                   Alert::UnexpectedMessage);
    assert_refused(first(RecordVersion::Tls13, ContentType::Handshake, kUpdate + kUpdate),
                   Alert::UnexpectedMessage);
}

void broken_key_updates_are_refused(void**) {
    const auto refused = [](const Bytes& content) {
        return first(RecordVersion::Tls13, ContentType::Handshake, content);
    };
    assert_refused(refused({24, 0, 0, 1, 2}), Alert::IllegalParameter);
    assert_refused(refused({24, 0, 0, 2, 0}), Alert::DecodeError);
    assert_refused(refused({24, 1, 0, 1, 0}), Alert::DecodeError);
    assert_refused(refused({}), Alert::UnexpectedMessage);
}

void key_updates_pass_until_they_are_a_flood(void**) {
    AfterHandshake rules(RecordVersion::Tls13);
    for (int round = 0; round < 2; ++round) {
        for (int i = 0; i < AfterHandshake::kMaxUpdates; ++i) {
            assert_kind(judge(&rules, ContentType::Handshake, kUpdateRequest), Kind::KeyUpdate);
        }
        if (round == 0) {
            rules.on_data_sent();
        }
    }
    assert_refused(judge(&rules, ContentType::Handshake, kUpdate), Alert::UnexpectedMessage);
}

void other_messages_are_unexpected(void**) {
    for (const uint8_t type : {0, 1, 4, 5, 11, 15, 20}) {
        assert_refused(first(RecordVersion::Tls13, ContentType::Handshake, {type, 0, 0, 1, 0}),
                       Alert::UnexpectedMessage);
        assert_refused(first(RecordVersion::Tls13, ContentType::Handshake, {type}), Alert::UnexpectedMessage);
    }
    assert_refused(first(RecordVersion::Tls13, ContentType::ChangeCipherSpec, {1}), Alert::UnexpectedMessage);
    assert_refused(first(RecordVersion::Tls12, ContentType::ChangeCipherSpec, {1}), Alert::UnexpectedMessage);
    assert_refused(first(RecordVersion::Tls13, static_cast<ContentType>(24), {1}), Alert::UnexpectedMessage);
}

void another_handshake_is_declined_in_tls12(void**) {
    AfterHandshake rules(RecordVersion::Tls12);
    for (int i = 0; i < AfterHandshake::kMaxWarnings; ++i) {
        assert_kind(judge(&rules, ContentType::Handshake, {1, 0, 0, 40}), Kind::RefuseRenewal);
    }
    assert_refused(judge(&rules, ContentType::Handshake, {1, 0, 0, 40}), Alert::NoRenegotiation);
}

}  // namespace
}  // namespace tls

int main() {
    using namespace tls;
    const CMUnitTest tests[] = {
        cmocka_unit_test(data_is_data),
        cmocka_unit_test(empty_records_pass_until_they_are_a_flood),
        cmocka_unit_test(alerts_end_the_connection_or_do_not),
        cmocka_unit_test(warnings_pass_until_they_are_a_flood),
        cmocka_unit_test(key_updates_are_told_with_their_question),
        cmocka_unit_test(a_key_update_may_come_in_pieces),
        cmocka_unit_test(nothing_may_stand_between_the_pieces),
        cmocka_unit_test(a_key_update_ends_its_record),
        cmocka_unit_test(broken_key_updates_are_refused),
        cmocka_unit_test(key_updates_pass_until_they_are_a_flood),
        cmocka_unit_test(other_messages_are_unexpected),
        cmocka_unit_test(another_handshake_is_declined_in_tls12),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
