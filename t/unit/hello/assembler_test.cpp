// A ClientHello in any number of records and segments (RFC 8446 sections 4 and 5.1).
#include "hello/assembler.h"

#include <algorithm>
#include <utility>

#include "support/cmocka.h"
#include "support/hello_builder.h"
#include "support/hello_vectors.h"

using test::Bytes;
using test::hex;
using test::record;
using tls::Alert;
using tls::HelloAssembler;
using tls::Reason;
using Status = HelloAssembler::Status;

static constexpr size_t kMaxSize = 16384;

// Each piece lies at the end of an allocation of its own that is gone afterwards.
static Status append(HelloAssembler* assembler, const Bytes& bytes, size_t from, size_t to) {
    const test::Fenced piece(tls::ByteView(bytes.data() + from, to - from));
    return assembler->append(piece.view());
}

static void expect_message(const HelloAssembler& assembler, const Bytes& message) {
    assert_int_equal(assembler.message().size(), message.size());
    assert_memory_equal(assembler.message().data(), message.data(), message.size());
}

// The same message whether the bytes come at once, one by one, or cut in two places.
static void expect_assembles(const Bytes& stream, const Bytes& message) {
    HelloAssembler whole(kMaxSize);
    assert_int_equal(static_cast<int>(append(&whole, stream, 0, stream.size())),
                     static_cast<int>(Status::Complete));
    expect_message(whole, message);

    HelloAssembler slow(kMaxSize);
    for (size_t i = 0; i < stream.size(); ++i) {
        const Status expected = i + 1 < stream.size() ? Status::NeedMore : Status::Complete;
        assert_int_equal(static_cast<int>(append(&slow, stream, i, i + 1)), static_cast<int>(expected));
        assert_int_equal(slow.message().size(), expected == Status::Complete ? message.size() : 0);
    }
    expect_message(slow, message);
    assert_true(test::bytes_of(slow.raw()) == stream);

    uint32_t random = 12345;
    for (int round = 0; round < 20; ++round) {
        size_t cuts[2];
        for (size_t& cut : cuts) {
            random = random * 1664525 + 1013904223;
            cut = (random >> 8) % (stream.size() + 1);
        }
        const size_t first = std::min(cuts[0], cuts[1]);
        const size_t second = std::max(cuts[0], cuts[1]);
        HelloAssembler cut(kMaxSize);
        append(&cut, stream, 0, first);
        append(&cut, stream, first, second);
        if (second < stream.size()) {
            append(&cut, stream, second, stream.size());
        }
        expect_message(cut, message);
    }
}

static void real_hellos_assemble_however_they_are_cut(void**) {
    const auto vectors = test::load_hello_vectors();
    assert_int_equal(vectors.size(), 90);
    for (const test::HelloVector& vector : vectors) {
        expect_assembles(vector.records, vector.message);
        expect_assembles(test::records_of(vector.message, 1), vector.message);
        expect_assembles(test::records_of(vector.message, 3), vector.message);
        expect_assembles(test::records_of(vector.message, vector.message.size() - 1), vector.message);
    }
}

static void one_record_is_not_copied_again(void**) {
    const Bytes message = test::HelloBuilder().message();
    const Bytes stream = record(message);
    HelloAssembler assembler(kMaxSize);
    append(&assembler, stream, 0, stream.size());
    assert_ptr_equal(assembler.message().data(), assembler.raw().data() + 5);
}

static void what_follows_the_record_is_kept(void**) {
    const Bytes message = test::HelloBuilder().message();
    for (const size_t size : {message.size(), size_t{7}}) {
        const Bytes stream = test::records_of(message, size) + hex("1703030003aabbcc 17");
        HelloAssembler assembler(kMaxSize);
        assert_int_equal(static_cast<int>(append(&assembler, stream, 0, stream.size())),
                         static_cast<int>(Status::Complete));
        expect_message(assembler, message);
        assert_true(test::bytes_of(assembler.raw()) == stream);
    }
}

static void the_message_outlives_a_move(void**) {
    const Bytes message = test::HelloBuilder().message();
    for (const size_t size : {message.size(), size_t{7}}) {
        const Bytes stream = test::records_of(message, size);
        HelloAssembler assembler(kMaxSize);
        append(&assembler, stream, 0, stream.size());
        const tls::ByteView before = assembler.message();
        const HelloAssembler moved(std::move(assembler));
        assert_ptr_equal(moved.message().data(), before.data());
        expect_message(moved, message);
    }
}

static void the_first_record_says_the_version(void**) {
    HelloAssembler assembler(kMaxSize);
    assert_int_equal(assembler.record_version(), 0x0301);
    const Bytes stream = record(hex("01"), 0x0303) + record(hex("0000"), 0x0300);
    append(&assembler, stream, 0, 2);
    assert_int_equal(assembler.record_version(), 0x0301);
    append(&assembler, stream, 2, stream.size());
    assert_int_equal(assembler.record_version(), 0x0303);
}

// Refused, and at the byte at which it can be known: one byte less needs more.
static void expect_refused(const Bytes& stream, size_t known_after, Alert alert, Reason reason,
                           size_t max_size = kMaxSize) {
    HelloAssembler whole(max_size);
    assert_int_equal(static_cast<int>(append(&whole, stream, 0, stream.size())),
                     static_cast<int>(Status::Refused));
    assert_int_equal(static_cast<int>(whole.refusal().alert), static_cast<int>(alert));
    assert_int_equal(static_cast<int>(whole.refusal().reason), static_cast<int>(reason));
    assert_true(whole.refusal().text[0] != '\0');
    assert_true(whole.message().empty());

    HelloAssembler slow(max_size);
    size_t taken = 0;
    while (append(&slow, stream, taken, taken + 1) == Status::NeedMore) {
        ++taken;
        assert_true(taken < stream.size());
    }
    assert_int_equal(taken + 1, known_after);
    assert_int_equal(static_cast<int>(slow.refusal().alert), static_cast<int>(alert));
    assert_int_equal(static_cast<int>(slow.refusal().reason), static_cast<int>(reason));
}

static void other_major_versions_are_refused(void**) {
    expect_refused(hex("1602000005"), 2, Alert::ProtocolVersion, Reason::NotTls);
    expect_refused(record(hex("01")) + hex("1604000001"), 8, Alert::ProtocolVersion, Reason::HelloMalformed);
}

static void minor_versions_may_differ(void**) {
    const Bytes message = test::HelloBuilder().message();
    const Bytes head(message.begin(), message.begin() + 10);
    const Bytes tail(message.begin() + 10, message.end());
    expect_assembles(record(head, 0x0300) + record(tail, 0x03ff), message);
}

static void other_record_types_are_refused(void**) {
    for (const uint8_t type : {20, 21, 23, 24, 0, 255}) {
        expect_refused(record(hex("01"), 0x0301, type), 5, Alert::UnexpectedMessage, Reason::HelloMalformed);
        expect_refused(record(hex("01")) + record(hex("01"), 0x0301, type), 11, Alert::UnexpectedMessage,
                       Reason::HelloMalformed);
    }
}

static void empty_records_are_refused(void**) {
    expect_refused(record({}), 5, Alert::UnexpectedMessage, Reason::HelloMalformed);
    expect_refused(record(hex("0100")) + record({}), 12, Alert::UnexpectedMessage, Reason::HelloMalformed);
}

static void records_over_the_limit_are_refused(void**) {
    expect_refused(hex("1603014001"), 5, Alert::RecordOverflow, Reason::HelloMalformed);
    expect_refused(hex("160301ffff"), 5, Alert::RecordOverflow, Reason::HelloMalformed);
    // The length is looked at before the type, as in libssl.
    expect_refused(hex("170301ffff"), 5, Alert::RecordOverflow, Reason::HelloMalformed);

    HelloAssembler longest(kMaxSize + 4);
    assert_int_equal(static_cast<int>(longest.append(test::view(hex("1603014000 01003ffc")))),
                     static_cast<int>(Status::NeedMore));
}

static void other_messages_are_refused(void**) {
    for (const uint8_t type : {0, 2, 4, 11, 16, 20, 255}) {
        expect_refused(record(Bytes{type, 0, 0, 1, 0}), 6, Alert::UnexpectedMessage, Reason::HelloMalformed);
    }
}

static void a_message_over_the_limit_is_refused_by_its_header(void**) {
    expect_refused(record(hex("01004000")), 9, Alert::IllegalParameter, Reason::HelloTooLarge);
    expect_refused(record(hex("01ffffff 00")), 9, Alert::IllegalParameter, Reason::HelloTooLarge);
    // In records of one byte: the header is whole with the fourth.
    expect_refused(test::records_of(hex("01ffffff00"), 1), 24, Alert::IllegalParameter,
                   Reason::HelloTooLarge);

    const Bytes message = test::HelloBuilder().message();
    HelloAssembler exact(message.size());
    assert_int_equal(static_cast<int>(exact.append(test::view(record(message)))),
                     static_cast<int>(Status::Complete));
    expect_refused(record(message), 9, Alert::IllegalParameter, Reason::HelloTooLarge, message.size() - 1);
}

static void data_behind_the_hello_in_its_record_is_refused(void**) {
    const Bytes message = test::HelloBuilder().message();
    expect_refused(record(message + hex("00")), 9, Alert::UnexpectedMessage, Reason::HelloMalformed);
    // Known with the header of the record in which the message ends.
    const Bytes head(message.begin(), message.begin() + 10);
    const Bytes tail(message.begin() + 10, message.end());
    expect_refused(record(head) + record(tail + hex("1400")), 20, Alert::UnexpectedMessage,
                   Reason::HelloMalformed);
}

static void a_message_without_content_is_whole(void**) {
    expect_assembles(record(hex("01000000")), hex("01000000"));
    expect_assembles(test::records_of(hex("01000000"), 1), hex("01000000"));
}

static void the_end_is_the_end(void**) {
    const Bytes stream = test::HelloBuilder().in_one_record();
    HelloAssembler assembler(kMaxSize);
    append(&assembler, stream, 0, stream.size());
    assert_int_equal(static_cast<int>(assembler.append(test::view(stream))),
                     static_cast<int>(Status::Complete));
    assert_int_equal(assembler.raw().size(), stream.size());

    HelloAssembler refused(kMaxSize);
    refused.append(test::view(hex("1602")));
    assert_int_equal(static_cast<int>(refused.append(test::view(stream))), static_cast<int>(Status::Refused));
    assert_int_equal(refused.raw().size(), 2);
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(real_hellos_assemble_however_they_are_cut),
        cmocka_unit_test(one_record_is_not_copied_again),
        cmocka_unit_test(what_follows_the_record_is_kept),
        cmocka_unit_test(the_message_outlives_a_move),
        cmocka_unit_test(the_first_record_says_the_version),
        cmocka_unit_test(other_major_versions_are_refused),
        cmocka_unit_test(minor_versions_may_differ),
        cmocka_unit_test(other_record_types_are_refused),
        cmocka_unit_test(empty_records_are_refused),
        cmocka_unit_test(records_over_the_limit_are_refused),
        cmocka_unit_test(other_messages_are_refused),
        cmocka_unit_test(a_message_over_the_limit_is_refused_by_its_header),
        cmocka_unit_test(data_behind_the_hello_in_its_record_is_refused),
        cmocka_unit_test(a_message_without_content_is_whole),
        cmocka_unit_test(the_end_is_the_end),
    };
    return cmocka_run_group_tests_name("assembler", tests, nullptr, nullptr);
}
