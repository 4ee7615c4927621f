// libipsec-mb and libcrypto make the same of every record, and refuse the same; keys take turns with both.
#include "record/record_cipher.h"

#include <openssl/rand.h>

#include <algorithm>

#include "record/protection.h"
#include "support/bytes.h"
#include "support/ipsec_mb.h"
#include "support/operations.h"

namespace tls {
namespace {

using test::Bytes;

Bytes random_bytes(size_t size) {
    Bytes bytes(size);
    assert_int_equal(RAND_bytes(bytes.data(), static_cast<int>(size)), 1);
    return bytes;
}

TrafficKeys random_keys(RecordVersion version, RecordSuite suite, const IpsecMb* library) {
    TrafficKeys keys;
    keys.version = version;
    keys.suite = suite;
    keys.ipsec_mb = enroll(library);
    const Bytes random = random_bytes(keys.key.size() + keys.iv.size() + 5);
    std::copy_n(random.begin(), keys.key.size(), keys.key.begin());
    std::copy_n(random.begin() + 32, keys.iv.size(), keys.iv.begin());
    keys.sequence = random[44];
    if (keys.has_explicit_nonce()) {
        keys.set_explicit_nonce(uint64_t{random[45]} << 56 | uint64_t{random[46]} << 24 | random[47]);
    }
    return keys;
}

// The same with libcrypto.
TrafficKeys by_libcrypto(TrafficKeys keys) {
    keys.ipsec_mb = 0;
    return keys;
}

Bytes seal(TrafficKeys* keys, const uint8_t* content, size_t size) {
    Bytes record(record_head(*keys) + size + record_tail(*keys));
    std::copy_n(content, size, record.data() + record_head(*keys));
    assert_int_equal(seal_record(keys, ContentType::ApplicationData, record.data(), size), record.size());
    return record;
}

void assert_opens(TrafficKeys* keys, Bytes record, const uint8_t* content, size_t size) {
    const OpenedRecord opened = open_record(keys, record.data(), record.size(), nullptr);
    assert_true(opened.ok);
    assert_int_equal(opened.size, size);
    assert_memory_equal(opened.content, content, size);
}

void both_agree_on_records_of_every_size(void**) {
    if (test::real_ipsec_mb() == nullptr) {
        test::skip_test();
    }
    const Bytes content = random_bytes(kMaxContent);
    for (const RecordVersion version : {RecordVersion::Tls12, RecordVersion::Tls13}) {
        for (const RecordSuite suite : {RecordSuite::Aes128Gcm, RecordSuite::Aes256Gcm}) {
            TrafficKeys fast = random_keys(version, suite, test::real_ipsec_mb());
            TrafficKeys plain = by_libcrypto(fast);
            TrafficKeys fast_opening = fast;
            TrafficKeys plain_opening = plain;
            for (size_t i = 0; i < test::operations(kMaxContent + 1); ++i) {
                const size_t size = i % (kMaxContent + 1);
                const Bytes record = seal(&fast, content.data(), size);
                assert_true(record == seal(&plain, content.data(), size));
                assert_opens(&fast_opening, record, content.data(), size);
                assert_opens(&plain_opening, record, content.data(), size);
            }
        }
    }
}

// 16 keys of a suite and direction are kept ready; these are more, in an order that never repeats.
void keys_take_turns(void**) {
    std::vector<TrafficKeys> sealing;
    for (size_t i = 0; i < 50; ++i) {
        const auto suite = i % 2 != 0 ? RecordSuite::Aes128Gcm : RecordSuite::Aes256Gcm;
        sealing.push_back(
            random_keys(RecordVersion::Tls13, suite, i % 3 != 0 ? test::real_ipsec_mb() : nullptr));
    }
    std::vector<TrafficKeys> opening = sealing;
    for (TrafficKeys& keys : opening) {
        keys = by_libcrypto(keys);
    }
    for (size_t round = 0; round < test::operations(2000); ++round) {
        const Bytes content = random_bytes(1 + static_cast<size_t>(round) % 200);
        const size_t chosen = content[0] % sealing.size();
        const Bytes record = seal(&sealing[chosen], content.data(), content.size());
        assert_opens(&opening[chosen], record, content.data(), content.size());
    }
}

// New keys of a connection stand where its old ones stood in memory, but are others.
void keys_that_replace_others_are_not_taken_for_them(void**) {
    const Bytes content = random_bytes(100);
    TrafficKeys keys = random_keys(RecordVersion::Tls13, RecordSuite::Aes128Gcm, test::real_ipsec_mb());
    for (int round = 0; round < 100; ++round) {
        keys = random_keys(RecordVersion::Tls13, RecordSuite::Aes128Gcm, test::real_ipsec_mb());
        TrafficKeys opening = by_libcrypto(keys);
        assert_opens(&opening, seal(&keys, content.data(), content.size()), content.data(), content.size());
    }
}

void both_refuse_what_was_changed(void**) {
    for (const size_t size : {size_t{0}, size_t{1}, size_t{100}, size_t{1369}, kMaxContent}) {
        const Bytes content = random_bytes(size);
        for (const RecordVersion version : {RecordVersion::Tls12, RecordVersion::Tls13}) {
            for (const RecordSuite suite : {RecordSuite::Aes128Gcm, RecordSuite::Aes256Gcm}) {
                const TrafficKeys keys = random_keys(version, suite, test::real_ipsec_mb());
                TrafficKeys sealing = keys;
                const Bytes record = seal(&sealing, content.data(), size);
                for (size_t round = 0; round < 200; ++round) {
                    const Bytes choice = random_bytes(5);
                    const size_t place = (choice[0] | size_t{choice[1]} << 8) % (record.size() - 5) + 5;
                    Bytes changed = record;
                    changed[place] ^= static_cast<uint8_t>(1U << choice[2] % 8);
                    for (TrafficKeys opening : {keys, by_libcrypto(keys)}) {
                        Bytes forged = changed;
                        const OpenedRecord opened =
                            open_record(&opening, forged.data(), forged.size(), nullptr);
                        assert_false(opened.ok);
                        assert_int_equal(static_cast<int>(opened.alert),
                                         static_cast<int>(Alert::BadRecordMac));
                    }
                }
            }
        }
    }
}

void other_ciphers_stay_with_libcrypto(void**) {
    const Bytes content = random_bytes(1000);
    const IpsecMb useless;
    TrafficKeys keys = random_keys(RecordVersion::Tls13, RecordSuite::ChaCha20Poly1305, &useless);
    TrafficKeys opening = keys;
    assert_opens(&opening, seal(&keys, content.data(), content.size()), content.data(), content.size());
}

}  // namespace
}  // namespace tls

int main() {
    using namespace tls;
    const CMUnitTest tests[] = {
        cmocka_unit_test(both_agree_on_records_of_every_size),
        cmocka_unit_test(keys_take_turns),
        cmocka_unit_test(keys_that_replace_others_are_not_taken_for_them),
        cmocka_unit_test(both_refuse_what_was_changed),
        cmocka_unit_test(other_ciphers_stay_with_libcrypto),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
