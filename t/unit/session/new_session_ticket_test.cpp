// NewSessionTicket of RFC 8446 section 4.6.1: type 4, uint24 length; lifetime and age_add of four bytes each,
// nonce<0..255>, ticket<1..2^16-1>, extensions<0..2^16-2>.
#include "session/new_session_ticket.h"

#include <string>

#include "support/cmocka.h"

namespace tls {
namespace {

std::string number(size_t value, int width) {
    std::string bytes;
    for (int i = width - 1; i >= 0; --i) {
        bytes += static_cast<char>(value >> (8 * i));
    }
    return bytes;
}

std::string message(const std::string& nonce, const std::string& ticket, const std::string& extensions) {
    const std::string body = "lifeages" + number(nonce.size(), 1) + nonce + number(ticket.size(), 2) +
                             ticket + number(extensions.size(), 2) + extensions;
    return '\4' + number(body.size(), 3) + body;
}

struct Replaced {
    size_t read = 0;
    std::string out;
};

Replaced replace(const std::string& messages, const std::string& ticket) {
    std::vector<uint8_t> out = {'-'};
    Replaced replaced;
    replaced.read = replace_ticket(ByteView::of(messages), ByteView::of(ticket), &out);
    replaced.out.assign(out.begin() + 1, out.end());
    return replaced;
}

void all_but_the_ticket_stays(void**) {
    const std::string tickets[] = {"t", "another ticket", std::string(255, 'x'), std::string(256, 'y'),
                                   std::string(65535, 'z')};
    for (const std::string& nonce : {std::string(), std::string(8, '\0'), std::string(255, 'n')}) {
        for (const std::string& extensions : {std::string(), std::string("\0\52\0\4\0\0\100\0", 8)}) {
            for (const std::string& before : tickets) {
                for (const std::string& ticket : tickets) {
                    const std::string given = message(nonce, before, extensions);
                    const Replaced replaced = replace(given, ticket);
                    assert_int_equal(replaced.read, given.size());
                    assert_true(replaced.out == message(nonce, ticket, extensions));
                }
            }
        }
    }
    // libssl refers to nothing where it wrote no ticket.
    assert_true(replace(message("nonce", "", ""), "ticket").out == message("nonce", "ticket", ""));
}

void only_the_first_message_is_read(void**) {
    const std::string first = message("1", "reference", "");
    const Replaced replaced = replace(first + message("2", "other", ""), "ticket");
    assert_int_equal(replaced.read, first.size());
    assert_true(replaced.out == message("1", "ticket", ""));
}

void what_is_no_whole_message_is_left_alone(void**) {
    const std::string whole = message("nonce", "reference", "extensions");
    for (size_t size = 0; size < whole.size(); ++size) {
        const Replaced replaced = replace(whole.substr(0, size), "ticket");
        assert_int_equal(replaced.read, 0);
        assert_true(replaced.out.empty());
    }
    std::string other = whole;
    other[0] = 24;
    assert_int_equal(replace(other, "ticket").read, 0);
    // Whole, but with fields that end behind it.
    for (const std::string& body :
         {std::string("lifeage"), std::string("lifeages"), std::string("lifeages\5nonc"),
          std::string("lifeages\1n\0", 11), std::string("lifeages\1n\0\5tick", 16)}) {
        assert_int_equal(replace('\4' + number(body.size(), 3) + body, "ticket").read, 0);
    }
}

void a_ticket_has_one_byte_at_least_and_65535_at_most(void**) {
    const std::string given = message("nonce", "reference", "");
    assert_int_equal(replace(given, "").read, 0);
    assert_int_equal(replace(given, std::string(65536, 't')).read, 0);
}

}  // namespace
}  // namespace tls

int main() {
    using namespace tls;
    const CMUnitTest tests[] = {
        cmocka_unit_test(all_but_the_ticket_stays),
        cmocka_unit_test(only_the_first_message_is_read),
        cmocka_unit_test(what_is_no_whole_message_is_left_alone),
        cmocka_unit_test(a_ticket_has_one_byte_at_least_and_65535_at_most),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
