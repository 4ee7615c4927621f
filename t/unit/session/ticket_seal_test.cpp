// Tickets as RFC 5077 section 4 recommends them: name, IV, AES-CBC, HMAC-SHA-256 over all before it. They are
// opened here by other calls of libcrypto's than those that seal them.
#include "session/ticket_seal.h"

#include <openssl/hmac.h>

#include <string>

#include "support/cmocka.h"
#include "support/session_fakes.h"

namespace tls {
namespace {

using test::make_ticket_key;

constexpr size_t kHead = 32;
constexpr size_t kMac = 32;

std::string sealed(TicketSealer* sealer, const TicketKey& key, const std::string& session) {
    std::vector<uint8_t> ticket = {1, 2, 3};
    assert_true(sealer->seal(key, ByteView::of(session), &ticket));
    return std::string(ticket.begin(), ticket.end());
}

// What is inside; the key's name and the MAC must be right.
std::string opened(const TicketKey& key, const std::string& ticket) {
    assert_true(ticket.size() >= kHead + 16 + kMac);
    const auto* bytes = reinterpret_cast<const unsigned char*>(ticket.data());
    assert_memory_equal(bytes, key.name.data(), key.name.size());
    unsigned char mac[kMac];
    HMAC(EVP_sha256(), key.hmac.data(), key.key_size, bytes, ticket.size() - kMac, mac, nullptr);
    assert_memory_equal(bytes + ticket.size() - kMac, mac, kMac);
    EVP_CIPHER_CTX* cipher = EVP_CIPHER_CTX_new();
    assert_int_equal(EVP_DecryptInit_ex(cipher, key.key_size == 16 ? EVP_aes_128_cbc() : EVP_aes_256_cbc(),
                                        nullptr, key.aes.data(), bytes + 16),
                     1);
    std::string content(ticket.size(), '\0');
    auto* out = reinterpret_cast<unsigned char*>(&content[0]);
    int count = 0;
    int last = 0;
    assert_int_equal(
        EVP_DecryptUpdate(cipher, out, &count, bytes + kHead, static_cast<int>(ticket.size() - kHead - kMac)),
        1);
    assert_int_equal(EVP_DecryptFinal_ex(cipher, out + count, &last), 1);
    EVP_CIPHER_CTX_free(cipher);
    content.resize(static_cast<size_t>(count + last));
    return content;
}

void a_ticket_opens_to_what_was_sealed(void**) {
    for (const uint8_t size : {uint8_t{16}, uint8_t{32}}) {
        TicketSealer sealer;
        const TicketKey key = make_ticket_key('k', size);
        for (const size_t length : {0, 1, 15, 16, 17, 31, 32, 200, 65279}) {
            const std::string session(length, 's');
            assert_true(opened(key, sealed(&sealer, key, session)) == session);
        }
    }
}

void each_has_an_iv_of_its_own(void**) {
    TicketSealer sealer;
    const TicketKey key = make_ticket_key('k');
    const std::string first = sealed(&sealer, key, "session");
    const std::string second = sealed(&sealer, key, "session");
    assert_int_equal(first.size(), second.size());
    assert_true(first.substr(16, 16) != second.substr(16, 16));
    assert_true(first.substr(32) != second.substr(32));
}

void a_key_that_differs_anywhere_is_another(void**) {
    TicketSealer sealer;
    const TicketKey key = make_ticket_key('k');
    std::vector<TicketKey> others(5, key);
    others[0].name[15] ^= 1;
    others[1].hmac[31] ^= 1;
    others[2].aes[31] ^= 1;
    others[3] = make_ticket_key('k', 16);
    others[4] = make_ticket_key('o', 16);
    for (const TicketKey& other : others) {
        assert_string_equal(opened(key, sealed(&sealer, key, "one")).c_str(), "one");
        assert_string_equal(opened(other, sealed(&sealer, other, "two")).c_str(), "two");
    }
}

}  // namespace
}  // namespace tls

int main() {
    using namespace tls;
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_ticket_opens_to_what_was_sealed),
        cmocka_unit_test(each_has_an_iv_of_its_own),
        cmocka_unit_test(a_key_that_differs_anywhere_is_another),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
