// The two file layouts, and how made keys age: what seals, what opens, what is gone.
#include "session/ticket_keys.h"

#include <cstring>

#include "support/cmocka.h"
#include "support/temporary_folder.h"

namespace tls {
namespace {

using test::TemporaryFolder;

constexpr time_t kNow = 1800000000;
constexpr time_t kLifetime = 300;

std::string counting(size_t size) {
    std::string bytes;
    for (size_t i = 0; i < size; ++i) {
        bytes.push_back(static_cast<char>(i));
    }
    return bytes;
}

ByteView name_of(const TicketKey& key) {
    return ByteView(key.name.data(), key.name.size());
}

bool all_zero(const void* memory, size_t size) {
    const auto* bytes = static_cast<const unsigned char*>(memory);
    for (size_t i = 0; i < size; ++i) {
        if (bytes[i] != 0) {
            return false;
        }
    }
    return true;
}

void a_short_file_is_name_aes_hmac(void**) {
    const std::string bytes = counting(48);
    const Result<TicketKey> key = parse_ticket_key(ByteView::of(bytes), "t.key");
    assert_true(key.ok());
    assert_int_equal(key->key_size, 16);
    assert_memory_equal(key->name.data(), bytes.data(), 16);
    assert_memory_equal(key->aes.data(), bytes.data() + 16, 16);
    assert_memory_equal(key->hmac.data(), bytes.data() + 32, 16);
    assert_true(all_zero(key->aes.data() + 16, 16));
    assert_true(all_zero(key->hmac.data() + 16, 16));
}

void a_long_file_is_name_hmac_aes(void**) {
    const std::string bytes = counting(80);
    const Result<TicketKey> key = parse_ticket_key(ByteView::of(bytes), "t.key");
    assert_true(key.ok());
    assert_int_equal(key->key_size, 32);
    assert_memory_equal(key->name.data(), bytes.data(), 16);
    assert_memory_equal(key->hmac.data(), bytes.data() + 16, 32);
    assert_memory_equal(key->aes.data(), bytes.data() + 48, 32);
}

void other_sizes_are_refused(void**) {
    TemporaryFolder folder;
    for (size_t size = 0; size < 200; ++size) {
        const std::string bytes = counting(size);
        const Result<TicketKey> key = parse_ticket_key(ByteView::of(bytes), "/etc/t.key");
        assert_int_equal(key.ok(), size == 48 || size == 80);
        if (!key.ok()) {
            assert_string_equal(key.error().message.c_str(), "\"/etc/t.key\" must be 48 or 80 bytes");
        }
        const std::string path = folder.write("t" + std::to_string(size), bytes);
        assert_int_equal(load_ticket_key(path).ok(), size == 48 || size == 80);
    }
}

void files_are_read_whole(void**) {
    TemporaryFolder folder;
    const std::string bytes = counting(80);
    const Result<TicketKey> key = load_ticket_key(folder.write("t.key", bytes));
    assert_true(key.ok());
    assert_memory_equal(key->aes.data(), bytes.data() + 48, 32);

    const std::string missing = folder.at("missing");
    assert_string_equal(load_ticket_key(missing).error().message.c_str(),
                        ("open() \"" + missing + "\" failed (2: No such file or directory)").c_str());
    assert_string_equal(load_ticket_key(folder.path()).error().message.c_str(),
                        ("read() \"" + folder.path() + "\" failed (21: Is a directory)").c_str());
}

TicketKey named(char first) {
    TicketKey key;
    key.name.fill(static_cast<uint8_t>(first));
    key.key_size = 32;
    return key;
}

void of_static_keys_the_first_seals_and_all_open(void**) {
    const StaticTicketKeys keys({named('a'), named('b'), named('c')});
    assert_int_equal(keys.current().name[0], 'a');
    const TicketKeyMatch a = keys.find(name_of(named('a')));
    assert_ptr_equal(a.key, &keys.current());
    assert_false(a.renew);
    for (const char name : {'b', 'c'}) {
        const TicketKeyMatch match = keys.find(name_of(named(name)));
        assert_non_null(match.key);
        assert_int_equal(match.key->name[0], name);
        assert_true(match.renew);
    }
    assert_null(keys.find(name_of(named('d'))).key);
    assert_null(keys.find(ByteView()).key);
    assert_null(keys.find(name_of(named('a')).first(15)).key);
}

// Ages the keys to `now` and returns the name of the one that seals there.
std::string sealing(SharedTicketKeys* keys, time_t now, time_t lifetime = kLifetime) {
    assert_true(rotate_ticket_keys(keys, now, lifetime));
    const TicketKey& key = keys->current.key;
    return std::string(name_of(key).text());
}

bool opens(const SharedTicketKeys& keys, const std::string& name, time_t now) {
    return find_ticket_key(keys, ByteView::of(name), now).key != nullptr;
}

void empty_keys_open_nothing(void**) {
    const SharedTicketKeys keys;
    const std::string zeros(16, '\0');
    assert_false(opens(keys, zeros, 0));
    assert_false(opens(keys, zeros, kNow));
}

void the_first_call_makes_a_key(void**) {
    SharedTicketKeys keys;
    const std::string first = sealing(&keys, kNow);
    assert_int_equal(keys.current.key.key_size, 32);
    assert_false(all_zero(keys.current.key.name.data(), 16));
    assert_false(all_zero(keys.current.key.hmac.data(), 32));
    assert_false(all_zero(keys.current.key.aes.data(), 32));
    assert_int_equal(keys.previous.expires, 0);

    const TicketKeyMatch match = find_ticket_key(keys, ByteView::of(first), kNow);
    assert_ptr_equal(match.key, &keys.current.key);
    assert_false(match.renew);
    SharedTicketKeys others;
    assert_false(first == sealing(&others, kNow));
}

void a_key_seals_for_one_lifetime_and_opens_for_another(void**) {
    SharedTicketKeys keys;
    const std::string first = sealing(&keys, kNow);
    for (time_t t = 0; t < kLifetime; ++t) {
        assert_true(first == sealing(&keys, kNow + t));
    }
    const time_t change = kNow + kLifetime;
    const std::string second = sealing(&keys, change);
    assert_false(first == second);

    // The last ticket of the first key, sealed at change - 1, is opened until its end, and a new one is due.
    for (time_t t = change; t < change - 1 + kLifetime; ++t) {
        assert_true(second == sealing(&keys, t));
        const TicketKeyMatch match = find_ticket_key(keys, ByteView::of(first), t);
        assert_ptr_equal(match.key, &keys.previous.key);
        assert_true(match.renew);
    }
    assert_false(opens(keys, first, change + kLifetime));
    const std::string third = sealing(&keys, change + kLifetime);
    assert_false(third == second);
    assert_true(opens(keys, second, change + kLifetime));
    assert_false(opens(keys, first, change + kLifetime));
}

void expired_keys_are_wiped(void**) {
    SharedTicketKeys keys;
    const std::string first = sealing(&keys, kNow);
    const TicketKey secret = keys.current.key;
    // Nobody came for long: the key went out of use unseen.
    const std::string later = sealing(&keys, kNow + 10 * kLifetime);
    assert_false(first == later);
    assert_int_equal(keys.previous.expires, 0);
    assert_true(all_zero(&keys.previous.key, sizeof(keys.previous.key)));
    const char* memory = reinterpret_cast<const char*>(&keys);
    assert_true(std::string(memory, sizeof(keys)).find(std::string(secret.aes.begin(), secret.aes.end())) ==
                std::string::npos);
}

void servers_of_different_lifetimes_share_keys(void**) {
    SharedTicketKeys keys;
    constexpr time_t kLong = 10 * kLifetime;
    // Every ticket, by the key that sealed it and the time when it may last be opened.
    std::vector<std::pair<std::string, time_t>> tickets;
    size_t key_changes = 0;
    for (time_t t = 0; t < 4 * kLong; t += 7) {
        const time_t lifetime = (t / 7) % 2 == 0 ? kLifetime : kLong;
        const std::string name = sealing(&keys, kNow + t, lifetime);
        key_changes += !tickets.empty() && tickets.back().first != name ? 1 : 0;
        tickets.emplace_back(name, kNow + t + lifetime);
        for (const auto& [sealed_by, until] : tickets) {
            if (kNow + t < until) {
                assert_true(opens(keys, sealed_by, kNow + t));
            }
        }
    }
    assert_true(key_changes >= 2 && key_changes <= 8);
}

void a_lifetime_of_nothing_still_has_a_key(void**) {
    SharedTicketKeys keys;
    const std::string first = sealing(&keys, kNow, 0);
    assert_true(opens(keys, first, kNow));
    assert_false(first == sealing(&keys, kNow + 5, 0));
}

}  // namespace
}  // namespace tls

int main() {
    using namespace tls;
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_short_file_is_name_aes_hmac),
        cmocka_unit_test(a_long_file_is_name_hmac_aes),
        cmocka_unit_test(other_sizes_are_refused),
        cmocka_unit_test(files_are_read_whole),
        cmocka_unit_test(of_static_keys_the_first_seals_and_all_open),
        cmocka_unit_test(empty_keys_open_nothing),
        cmocka_unit_test(the_first_call_makes_a_key),
        cmocka_unit_test(a_key_seals_for_one_lifetime_and_opens_for_another),
        cmocka_unit_test(expired_keys_are_wiped),
        cmocka_unit_test(servers_of_different_lifetimes_share_keys),
        cmocka_unit_test(a_lifetime_of_nothing_still_has_a_key),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
