// Record protection against the bytes of RFC 8448 section 3, and against itself in every version and suite,
// with each library that has the cipher.
#include "record/protection.h"

#include "record/key_schedule.h"
#include "support/bytes.h"
#include "support/cmocka.h"
#include "support/ipsec_mb.h"

namespace tls {
namespace {

using test::Bytes;
using test::hex;

constexpr const char* kServerSecret = "a11af9f05531f856ad47116b45a950328204b4f44bfb6b3a4b4f1f3fcb631643";
constexpr const char* kClientSecret = "9e40646ce79a7f9dc05af8889bce6552875afa0b06df0087f792ebb7c17504a5";

constexpr const char* kClientData =
    "1703030043 a23f7054b62c94d0affafe8228ba55cbefacea42f914aa66bcab3f2b9819a8a5b46b395bd54a9a20441e2b62974e"
    "1f5a6292a2977014bd1e3deae63aeebb21694915e4";
constexpr const char* kServerData =
    "1703030043 2e937e11ef4ac740e538ad36005fc4a46932fc3225d05f82aa1b36e30efaf97d90e6dffc602dcb501a59a8fcc49c"
    "4bf2e5f0a21c0047c2abf332540dd032e167c2955d";
constexpr const char* kClientAlert = "1703030013 c9872760655666b74d7ff1153efd6db6d0b0e3";
constexpr const char* kServerAlert = "1703030013 b58fd67166ebf599d24720cfbe7efa7a8864a9";

// What AES-GCM may come from.
std::vector<const IpsecMb*> libraries() {
    std::vector<const IpsecMb*> all = {nullptr};
    if (test::real_ipsec_mb() != nullptr) {
        all.push_back(test::real_ipsec_mb());
    }
    return all;
}

TrafficKeys keys_of(const char* hex_secret, uint64_t sequence = 0, const IpsecMb* library = nullptr) {
    TrafficSecret secret;
    TrafficKeys keys;
    keys.ipsec_mb = enroll(library);
    assert_true(parse_secret(hex_secret, &secret));
    assert_true(derive_keys(secret, RecordSuite::Aes128Gcm, &keys));
    keys.sequence = sequence;
    return keys;
}

Bytes counting(size_t size) {
    Bytes bytes;
    for (size_t i = 0; i < size; ++i) {
        bytes.push_back(static_cast<uint8_t>(i));
    }
    return bytes;
}

Bytes seal(TrafficKeys* keys, ContentType type, const Bytes& content) {
    Bytes record(record_head(*keys) + content.size() + record_tail(*keys));
    std::copy(content.begin(), content.end(), record.begin() + static_cast<long>(record_head(*keys)));
    assert_int_equal(seal_record(keys, type, record.data(), content.size()), record.size());
    return record;
}

void assert_opens(TrafficKeys* keys, Bytes record, ContentType type, const Bytes& content) {
    const OpenedRecord opened = open_record(keys, record.data(), record.size(), nullptr);
    assert_true(opened.ok);
    assert_int_equal(static_cast<int>(opened.type), static_cast<int>(type));
    assert_int_equal(opened.size, content.size());
    if (!content.empty()) {
        assert_memory_equal(opened.content, content.data(), content.size());
    }
}

void assert_refused(TrafficKeys keys, Bytes record, Alert alert) {
    const OpenedRecord opened = open_record(&keys, record.data(), record.size(), nullptr);
    assert_false(opened.ok);
    assert_int_equal(static_cast<int>(opened.alert), static_cast<int>(alert));
}

void keys_are_those_of_rfc8448(void**) {
    const TrafficKeys server = keys_of(kServerSecret);
    assert_memory_equal(server.key.data(), hex("9f02283b6c9c07efc26bb9f2ac92e356").data(), 16);
    assert_memory_equal(server.iv.data(), hex("cf782b88dd83549aadf1e984").data(), 12);
    const TrafficKeys client = keys_of(kClientSecret);
    assert_memory_equal(client.key.data(), hex("17422dda596ed5d9acd890e3c63f5051").data(), 16);
    assert_memory_equal(client.iv.data(), hex("5b78923dee08579033e523d9").data(), 12);
}

void the_records_of_rfc8448_are_opened(void**) {
    for (const IpsecMb* library : libraries()) {
        TrafficKeys client = keys_of(kClientSecret, 0, library);
        assert_int_equal(client.ipsec_mb, enroll(library));
        assert_opens(&client, hex(kClientData), ContentType::ApplicationData, counting(50));
        assert_opens(&client, hex(kClientAlert), ContentType::Alert, {1, 0});
        TrafficKeys server = keys_of(kServerSecret, 1, library);
        assert_opens(&server, hex(kServerData), ContentType::ApplicationData, counting(50));
        assert_opens(&server, hex(kServerAlert), ContentType::Alert, {1, 0});
    }
}

void the_records_of_rfc8448_are_made(void**) {
    for (const IpsecMb* library : libraries()) {
        TrafficKeys server = keys_of(kServerSecret, 1, library);
        assert_true(seal(&server, ContentType::ApplicationData, counting(50)) == hex(kServerData));
        assert_true(seal(&server, ContentType::Alert, {1, 0}) == hex(kServerAlert));
    }
}

std::vector<TrafficKeys> all_keys() {
    std::vector<TrafficKeys> all;
    for (const RecordVersion version : {RecordVersion::Tls12, RecordVersion::Tls13}) {
        for (const RecordSuite suite :
             {RecordSuite::Aes128Gcm, RecordSuite::Aes256Gcm, RecordSuite::ChaCha20Poly1305}) {
            TrafficKeys keys;
            keys.version = version;
            keys.suite = suite;
            keys.key.fill(static_cast<uint8_t>(1 + all.size()));
            keys.iv.fill(0xa5);
            keys.sequence = 0xfffffffe;
            if (keys.has_explicit_nonce()) {
                keys.set_explicit_nonce(0x1122334455667788);
            }
            for (const IpsecMb* library : libraries()) {
                keys.ipsec_mb = enroll(library);
                all.push_back(keys);
            }
        }
    }
    return all;
}

void every_version_and_suite_opens_what_it_sealed(void**) {
    for (const TrafficKeys& keys : all_keys()) {
        TrafficKeys sealing = keys;
        TrafficKeys opening = keys;
        for (const size_t size : {size_t{0}, size_t{1}, size_t{2}, size_t{1369}, kMaxContent}) {
            const Bytes record = seal(&sealing, ContentType::ApplicationData, counting(size));
            assert_int_equal(record_size(test::view(record)), record.size());
            assert_opens(&opening, record, ContentType::ApplicationData, counting(size));
        }
        assert_opens(&opening, seal(&sealing, ContentType::Handshake, {24, 0, 0, 1, 0}),
                     ContentType::Handshake, {24, 0, 0, 1, 0});
    }
}

void content_can_be_put_elsewhere(void**) {
    for (TrafficKeys keys : all_keys()) {
        TrafficKeys opening = keys;
        Bytes record = seal(&keys, ContentType::ApplicationData, counting(300));
        Bytes out(opened_size(opening, record.size()));
        const OpenedRecord opened = open_record(&opening, record.data(), record.size(), out.data());
        assert_true(opened.ok);
        assert_ptr_equal(opened.content, out.data());
        assert_memory_equal(out.data(), counting(300).data(), 300);
    }
}

void a_record_with_any_bit_changed_is_refused(void**) {
    for (const TrafficKeys& keys : all_keys()) {
        TrafficKeys sealing = keys;
        const Bytes record = seal(&sealing, ContentType::ApplicationData, counting(20));
        for (size_t i = 0; i < record.size(); ++i) {
            Bytes changed = record;
            changed[i] ^= 0x01;
            // TLS 1.2 authenticates the length that it computes, and that is what the bytes at hand say.
            const bool is_length = i == 3 || i == 4;
            if (!is_length || keys.version == RecordVersion::Tls13) {
                assert_refused(keys, changed, Alert::BadRecordMac);
            }
        }
    }
}

void a_record_out_of_order_or_twice_is_refused(void**) {
    for (const TrafficKeys& keys : all_keys()) {
        TrafficKeys sealing = keys;
        const Bytes first = seal(&sealing, ContentType::ApplicationData, counting(20));
        const Bytes second = seal(&sealing, ContentType::ApplicationData, counting(20));
        assert_refused(keys, second, Alert::BadRecordMac);
        TrafficKeys opening = keys;
        assert_opens(&opening, first, ContentType::ApplicationData, counting(20));
        assert_refused(opening, first, Alert::BadRecordMac);
    }
}

void padding_is_taken_off(void**) {
    // The padded content of a record is what TLS 1.3 has as content type and zeros behind it.
    TrafficKeys sealing = keys_of(kClientSecret);
    TrafficKeys opening = keys_of(kClientSecret);
    // Sealed as type 0, the type that counts stands before it.
    assert_opens(&opening, seal(&sealing, static_cast<ContentType>(0), {'a', 'b', 23, 0, 0, 0}),
                 ContentType::ApplicationData, {'a', 'b'});
    assert_refused(opening, seal(&sealing, static_cast<ContentType>(0), Bytes(100)),
                   Alert::UnexpectedMessage);
}

void records_too_short_for_a_tag_are_refused(void**) {
    for (const TrafficKeys& keys : all_keys()) {
        for (size_t size = kRecordHeader; size < record_head(keys) + 16; ++size) {
            Bytes record = {23, 3, 3, 0, static_cast<uint8_t>(size - kRecordHeader)};
            record.resize(size);
            assert_refused(keys, record, Alert::BadRecordMac);
        }
    }
}

void content_beyond_the_limit_is_refused(void**) {
    for (const TrafficKeys& keys : all_keys()) {
        const size_t size = record_head(keys) + kMaxContent + record_tail(keys) + 1;
        Bytes record(size);
        assert_refused(keys, record, Alert::RecordOverflow);
    }
}

bool bad_header(const TrafficKeys& keys, const char* header, Alert* alert) {
    return is_bad_header(keys, test::view(hex(header)), alert);
}

void headers_that_nobody_may_send_are_known_at_once(void**) {
    for (const TrafficKeys& keys : all_keys()) {
        const bool is_tls13 = keys.version == RecordVersion::Tls13;
        Alert alert = Alert::CloseNotify;
        assert_false(bad_header(keys, "1703030400", &alert));
        assert_true(bad_header(keys, "1703034901", &alert));
        assert_int_equal(static_cast<int>(alert), static_cast<int>(Alert::RecordOverflow));
        assert_true(bad_header(keys, "1702030400", &alert));
        assert_int_equal(static_cast<int>(alert), static_cast<int>(Alert::ProtocolVersion));
        assert_true(bad_header(keys, "1803030400", &alert));
        assert_int_equal(static_cast<int>(alert), static_cast<int>(Alert::UnexpectedMessage));
        assert_int_equal(bad_header(keys, "1503030400", &alert), is_tls13);
        assert_int_equal(bad_header(keys, "1603030400", &alert), is_tls13);
    }
}

void the_last_number_is_never_used(void**) {
    for (TrafficKeys keys : all_keys()) {
        keys.sequence = UINT64_MAX;
        uint8_t record[100] = {};
        assert_int_equal(seal_record(&keys, ContentType::ApplicationData, record, 10), 0);
        assert_false(open_record(&keys, record, sizeof(record), nullptr).ok);
    }
}

void gcm_asks_for_new_keys_in_time(void**) {
    for (TrafficKeys keys : all_keys()) {
        keys.sequence = (uint64_t{1} << 24) - 1;
        assert_false(wants_new_keys(keys));
        keys.sequence++;
        assert_int_equal(wants_new_keys(keys),
                         keys.version == RecordVersion::Tls13 && keys.suite != RecordSuite::ChaCha20Poly1305);
    }
}

}  // namespace
}  // namespace tls

int main() {
    using namespace tls;
    const CMUnitTest tests[] = {
        cmocka_unit_test(keys_are_those_of_rfc8448),
        cmocka_unit_test(the_records_of_rfc8448_are_opened),
        cmocka_unit_test(the_records_of_rfc8448_are_made),
        cmocka_unit_test(every_version_and_suite_opens_what_it_sealed),
        cmocka_unit_test(content_can_be_put_elsewhere),
        cmocka_unit_test(a_record_with_any_bit_changed_is_refused),
        cmocka_unit_test(a_record_out_of_order_or_twice_is_refused),
        cmocka_unit_test(padding_is_taken_off),
        cmocka_unit_test(records_too_short_for_a_tag_are_refused),
        cmocka_unit_test(content_beyond_the_limit_is_refused),
        cmocka_unit_test(headers_that_nobody_may_send_are_known_at_once),
        cmocka_unit_test(the_last_number_is_never_used),
        cmocka_unit_test(gcm_asks_for_new_keys_in_time),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
