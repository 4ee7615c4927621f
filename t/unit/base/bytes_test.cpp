// The bounded reader: network byte order and vectors (RFC 8446 sections 3.3 and 3.4).
#include "base/bytes.h"

#include "support/bytes.h"
#include "support/cmocka.h"

using test::Fenced;
using test::hex;
using test::view;
using tls::ByteView;
using tls::CodePoints;
using tls::Reader;

static void views_cut_within_their_bounds(void**) {
    const test::Bytes bytes = hex("010203");
    const ByteView whole = view(bytes);
    assert_int_equal(whole.first(2).size(), 2);
    assert_int_equal(whole.first(9).size(), 3);
    assert_int_equal(whole.from(1).size(), 2);
    assert_int_equal(whole.from(1)[0], 2);
    assert_true(whole.from(3).empty());
    assert_true(whole.from(9).empty());
    assert_true(ByteView().first(1).empty());
    assert_true(ByteView::of("ab").text() == "ab");
}

static void numbers_are_in_network_byte_order(void**) {
    const Fenced bytes(view(hex("01 0203 040506 07")));
    Reader reader(bytes.view());
    uint8_t byte = 0;
    uint16_t two = 0;
    uint32_t three = 0;
    assert_true(reader.u8(&byte) && reader.u16(&two) && reader.u24(&three));
    assert_int_equal(byte, 0x01);
    assert_int_equal(two, 0x0203);
    assert_int_equal(three, 0x040506);
    assert_int_equal(reader.remaining(), 1);
}

static void a_failed_read_moves_nothing(void**) {
    const Fenced bytes(view(hex("0005aa")));
    Reader reader(bytes.view());
    uint32_t three = 7;
    ByteView out;
    assert_false(reader.vector16(&out));
    assert_int_equal(reader.remaining(), 3);
    assert_false(reader.bytes(4, &out));
    assert_int_equal(reader.remaining(), 3);
    assert_true(reader.u24(&three));
    assert_int_equal(three, 0x0005aa);
    assert_true(reader.done());
    uint8_t byte = 9;
    assert_false(reader.u8(&byte));
    assert_int_equal(byte, 9);
}

static void vectors_are_bounded_by_what_is_there(void**) {
    const Fenced bytes(view(hex("02 aabb 0001 cc 000002 ddee 00")));
    Reader reader(bytes.view());
    ByteView one, two, three, none;
    assert_true(reader.vector8(&one) && reader.vector16(&two) && reader.vector24(&three) &&
                reader.vector8(&none));
    assert_int_equal(one.size(), 2);
    assert_int_equal(two[0], 0xcc);
    assert_int_equal(three[1], 0xee);
    assert_true(none.empty());
    assert_true(reader.done());
}

static void code_points_are_read_in_place(void**) {
    const Fenced bytes(view(hex("1301 c02f 0a")));
    const CodePoints points(bytes.view());
    assert_int_equal(points.size(), 2);
    assert_int_equal(points[1], 0xc02f);
    assert_true(points.contains(0x1301));
    assert_false(points.contains(0x2f0a));
    assert_false(points.contains(0x01c0));
    assert_true(CodePoints().empty());
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(views_cut_within_their_bounds),
        cmocka_unit_test(numbers_are_in_network_byte_order),
        cmocka_unit_test(a_failed_read_moves_nothing),
        cmocka_unit_test(vectors_are_bounded_by_what_is_there),
        cmocka_unit_test(code_points_are_read_in_place),
    };
    return cmocka_run_group_tests_name("bytes", tests, nullptr, nullptr);
}
