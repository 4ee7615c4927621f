// Small records until a client has something to work with, full ones after.
#include "record/record_size.h"

#include "support/cmocka.h"

namespace tls {
namespace {

// Sends full records until there are no small ones left; how many bytes went in those.
size_t send_slow_start(RecordSize* size) {
    size_t sent = 0;
    while (size->next() == RecordSize::kOnePacket) {
        sent += size->next();
        size->on_sent(size->next());
    }
    return sent;
}

void a_fresh_connection_begins_with_small_records(void**) {
    RecordSize size{RecordSizeTerms{}};
    size.on_time(5000);
    const size_t sent = send_slow_start(&size);
    assert_true(sent >= RecordSize::kSlowStart && sent < RecordSize::kSlowStart + RecordSize::kOnePacket);
    assert_int_equal(size.next(), 16384);
    size.on_sent(SIZE_MAX);
    assert_int_equal(size.next(), 16384);
}

void silence_begins_anew(void**) {
    RecordSize size{RecordSizeTerms{}};
    size.on_time(5000);
    send_slow_start(&size);
    size.on_time(5000 + RecordSize::kSilence);
    assert_int_equal(size.next(), 16384);
    size.on_time(5000 + 2 * RecordSize::kSilence + 1);
    assert_int_equal(size.next(), RecordSize::kOnePacket);
}

void the_clock_may_wrap_around(void**) {
    RecordSize size{RecordSizeTerms{}};
    size.on_time(UINT32_MAX - 10);
    send_slow_start(&size);
    size.on_time(10);
    assert_int_equal(size.next(), 16384);
}

void a_limit_below_a_packet_counts(void**) {
    RecordSize size{RecordSizeTerms{1000, true}};
    size.on_time(5000);
    assert_int_equal(size.next(), 1000);
}

void a_fixed_size_stays(void**) {
    RecordSize size{RecordSizeTerms{4096, false}};
    size.on_time(5000);
    assert_int_equal(size.next(), 4096);
}

}  // namespace
}  // namespace tls

int main() {
    using namespace tls;
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_fresh_connection_begins_with_small_records),
        cmocka_unit_test(silence_begins_anew),
        cmocka_unit_test(the_clock_may_wrap_around),
        cmocka_unit_test(a_limit_below_a_packet_counts),
        cmocka_unit_test(a_fixed_size_stays),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
