// The cache against a model: whatever it answers is the newest that was put in, and what is missing is
// missing for a reason.
#include "session/session_cache.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "support/cmocka.h"

namespace tls {
namespace {

constexpr time_t kNow = 1800000000;

// Memory aligned as shared memory is.
class Block {
  public:
    explicit Block(size_t size) : words_(size / 8), cache_(SessionCache::format(words_.data(), size)) {}
    SessionCache* operator->() { return &cache_; }

    bool insert(const std::string& id, const std::string& session, time_t now = kNow,
                time_t expires = kNow + 300) {
        return cache_.insert(ByteView::of(id), ByteView::of(session), now, expires);
    }
    // Empty when there is none.
    std::string find(const std::string& id, time_t now = kNow) { return found(cache_, id, now); }
    bool remove(const std::string& id) { return cache_.remove(ByteView::of(id)); }
    bool holds(const std::string& bytes) const {
        const std::string memory(reinterpret_cast<const char*>(words_.data()), words_.size() * 8);
        return memory.find(bytes) != std::string::npos;
    }
    const std::vector<uint64_t>& words() const { return words_; }

    static std::string found(const SessionCache& cache, const std::string& id, time_t now) {
        uint8_t out[SessionCache::kMaxSession];
        const size_t size = cache.find(ByteView::of(id), now, out, sizeof(out));
        return std::string(reinterpret_cast<const char*>(out), size);
    }

  private:
    std::vector<uint64_t> words_;
    SessionCache cache_;
};

std::string numbered_id(uint32_t number) {
    std::string id(32, 'i');
    memcpy(&id[0], &number, sizeof(number));
    return id;
}

void what_is_put_in_is_found(void**) {
    Block cache(SessionCache::kMinSize);
    assert_int_equal(cache->count(), 0);
    assert_string_equal(cache.find("a").c_str(), "");
    assert_true(cache.insert("a", "session a"));
    assert_true(cache.insert("b", "session b"));
    assert_int_equal(cache->count(), 2);
    assert_string_equal(cache.find("a").c_str(), "session a");
    assert_string_equal(cache.find("b").c_str(), "session b");
    assert_string_equal(cache.find("ab").c_str(), "");
    assert_string_equal(cache.find("").c_str(), "");
}

void ids_have_1_to_32_bytes(void**) {
    Block cache(64 * 1024);
    assert_false(cache.insert("", "x"));
    assert_false(cache.insert(std::string(33, 'i'), "x"));
    for (size_t size = 1; size <= 32; ++size) {
        assert_true(cache.insert(std::string(size, 'i'), "session " + std::to_string(size)));
        assert_true(cache.insert(std::string(size, '\0'), "zeros " + std::to_string(size)));
    }
    for (size_t size = 1; size <= 32; ++size) {
        assert_string_equal(cache.find(std::string(size, 'i')).c_str(),
                            ("session " + std::to_string(size)).c_str());
        assert_string_equal(cache.find(std::string(size, '\0')).c_str(),
                            ("zeros " + std::to_string(size)).c_str());
    }
    assert_string_equal(cache.find(std::string(33, 'i')).c_str(), "");
    assert_int_equal(cache->count(), 64);
}

void sessions_have_a_longest_size(void**) {
    Block cache(256 * 1024);
    const std::string longest(SessionCache::kMaxSession, 's');
    assert_true(cache.insert("long", longest));
    assert_true(cache.find("long") == longest);
    assert_false(cache.insert("longer", longest + "s"));
    assert_false(cache.insert("none", ""));
    assert_int_equal(cache->count(), 1);

    // The least block cannot hold the longest, and says so.
    Block tiny(SessionCache::kMinSize);
    assert_true(tiny.insert("a", "kept"));
    assert_false(tiny.insert("long", longest));
    assert_string_equal(tiny.find("a").c_str(), "kept");
    assert_true(tiny.insert("big", longest.substr(0, 7000)));
    assert_true(tiny.find("big") == longest.substr(0, 7000));
}

void a_second_session_replaces_the_first(void**) {
    Block cache(SessionCache::kMinSize);
    assert_true(cache.insert("a", "one"));
    assert_true(cache.insert("b", "other"));
    assert_true(cache.insert("a", "two, which is longer"));
    assert_int_equal(cache->count(), 2);
    assert_string_equal(cache.find("a").c_str(), "two, which is longer");
    assert_true(cache.remove("a"));
    assert_string_equal(cache.find("a").c_str(), "");
    assert_string_equal(cache.find("b").c_str(), "other");
}

void removed_sessions_are_gone_and_wiped(void**) {
    Block cache(SessionCache::kMinSize);
    assert_true(cache.insert("a", "a very secret session"));
    assert_true(cache.holds("a very secret session"));
    assert_true(cache.remove("a"));
    assert_false(cache.remove("a"));
    assert_false(cache.remove("never there"));
    assert_false(cache.remove(""));
    assert_false(cache.holds("secret session"));
    assert_int_equal(cache->count(), 0);
    assert_true(cache.insert("a", "again"));
    assert_string_equal(cache.find("a").c_str(), "again");
}

void sessions_expire(void**) {
    Block cache(SessionCache::kMinSize);
    assert_true(cache.insert("a", "secret a", kNow, kNow + 10));
    assert_string_equal(cache.find("a", kNow + 9).c_str(), "secret a");
    assert_string_equal(cache.find("a", kNow + 10).c_str(), "");
    assert_int_equal(cache->count(), 1);
    // The next insert() clears the oldest away when they have expired.
    assert_true(cache.insert("b", "secret b", kNow + 10, kNow + 20));
    assert_int_equal(cache->count(), 1);
    assert_false(cache.holds("secret a"));
}

void a_small_buffer_gets_nothing(void**) {
    Block cache(SessionCache::kMinSize);
    assert_true(cache.insert("a", "12345678"));
    uint8_t out[8];
    assert_int_equal(cache->find(ByteView::of("a"), kNow, out, 7), 0);
    assert_int_equal(cache->find(ByteView::of("a"), kNow, out, 0), 0);
    assert_int_equal(cache->find(ByteView::of("a"), kNow, out, 8), 8);
}

void the_oldest_make_room(void**) {
    Block cache(SessionCache::kMinSize);
    const std::string session(100, 's');
    uint32_t next = 0;
    size_t most = 0;
    for (; next < 1000; ++next) {
        assert_true(cache.insert(numbered_id(next), session));
        most = std::max(most, static_cast<size_t>(cache->count()));
        // Exactly the newest are there.
        const uint32_t first = next + 1 - static_cast<uint32_t>(cache->count());
        for (uint32_t i = 0; i <= next; ++i) {
            assert_int_equal(cache.find(numbered_id(i)).size(), i >= first ? session.size() : 0);
        }
    }
    // 156 bytes of data and 24 of order each: nearly all of the block is used.
    assert_true(most >= 8 * 1024 * 9 / 10 / 160);
}

void another_process_sees_the_same(void**) {
    Block cache(64 * 1024);
    for (uint32_t i = 0; i < 2000; ++i) {
        assert_true(cache.insert(numbered_id(i), "session " + std::to_string(i)));
    }
    std::vector<uint64_t> elsewhere = cache.words();
    SessionCache attached = SessionCache::attach(elsewhere.data());
    assert_int_equal(attached.count(), cache->count());
    for (uint32_t i = 0; i < 2000; ++i) {
        assert_true(Block::found(attached, numbered_id(i), kNow) == cache.find(numbered_id(i)));
    }
    assert_true(attached.insert(ByteView::of("new"), ByteView::of("there only"), kNow, kNow + 1));
    assert_string_equal(Block::found(attached, "new", kNow).c_str(), "there only");
    assert_string_equal(cache.find("new").c_str(), "");
}

void big_blocks_use_their_far_end(void**) {
    Block cache(16 * 1024 * 1024);
    const std::string session(SessionCache::kMaxSession, 's');
    uint32_t next = 0;
    for (; next < 3000; ++next) {
        assert_true(cache.insert(numbered_id(next), session));
    }
    assert_true(cache->count() > 950 && cache->count() < 1024);
    assert_true(cache.find(numbered_id(next - 1)) == session);
    assert_true(cache.find(numbered_id(next - static_cast<uint32_t>(cache->count()))) == session);
    assert_true(cache.find(numbered_id(next - static_cast<uint32_t>(cache->count()) - 1)).empty());
}

// What is known of a session that was put in.
struct Kept {
    std::string session;
    time_t expires;
    uint64_t order;
};

// Random operations on few ids (many duplicates) or many (much eviction), in blocks of many sizes.
void play(size_t block_size, uint32_t ids, size_t longest, unsigned seed) {
    std::mt19937 random(seed);
    const auto below = [&random](size_t bound) { return random() % bound; };
    Block cache(block_size);
    std::map<std::string, Kept> model;
    uint64_t order = 0;
    time_t now = kNow;

    std::vector<std::string> names;
    for (uint32_t i = 0; i < ids; ++i) {
        std::string id(1 + below(32), '\0');
        std::generate(id.begin(), id.end(), [&] { return static_cast<char>(below(ids < 40 ? 3 : 256)); });
        names.push_back(id);
    }
    for (int step = 0; step < 6000; ++step) {
        const std::string& id = names[below(names.size())];
        const size_t action = below(10);
        now += static_cast<time_t>(below(3));
        if (action < 5) {
            std::string session(1 + below(longest), '\0');
            std::generate(session.begin(), session.end(), [&] { return static_cast<char>(below(256)); });
            const time_t expires = now + static_cast<time_t>(below(2000));
            if (cache.insert(id, session, now, expires)) {
                model[id] = {session, expires, ++order};
            } else {
                assert_true(session.size() + 32 + 24 + 8 > block_size / 2);
            }
        } else if (action < 6) {
            const bool known = model.erase(id) != 0;
            assert_true(!cache.remove(id) || known);
        } else {
            const std::string found = cache.find(id, now);
            const auto kept = model.find(id);
            assert_true(found.empty() ||
                        (kept != model.end() && kept->second.session == found && kept->second.expires > now));
        }
        if (step % 100 != 0) {
            continue;
        }
        // Who is missing was put in before everyone that is there.
        uint64_t newest_missing = 0;
        uint64_t oldest_there = UINT64_MAX;
        for (const auto& [name, kept] : model) {
            if (kept.expires <= now) {
                continue;
            }
            const bool there = cache.find(name, now) == kept.session;
            newest_missing = there ? newest_missing : std::max(newest_missing, kept.order);
            oldest_there = there ? std::min(oldest_there, kept.order) : oldest_there;
        }
        assert_true(newest_missing < oldest_there);
        assert_true(cache->count() <= model.size());
    }
}

void random_operations_agree_with_the_model(void**) {
    unsigned seed = 1;
    for (const size_t block : {8192u, 8200u, 16384u, 65536u, 1048576u}) {
        for (const uint32_t ids : {5u, 100u, 2000u}) {
            for (const size_t longest : {30u, 400u, 5000u}) {
                play(block, ids, longest, seed++);
            }
        }
    }
}

}  // namespace
}  // namespace tls

int main() {
    using namespace tls;
    const CMUnitTest tests[] = {
        cmocka_unit_test(what_is_put_in_is_found),
        cmocka_unit_test(ids_have_1_to_32_bytes),
        cmocka_unit_test(sessions_have_a_longest_size),
        cmocka_unit_test(a_second_session_replaces_the_first),
        cmocka_unit_test(removed_sessions_are_gone_and_wiped),
        cmocka_unit_test(sessions_expire),
        cmocka_unit_test(a_small_buffer_gets_nothing),
        cmocka_unit_test(the_oldest_make_room),
        cmocka_unit_test(another_process_sees_the_same),
        cmocka_unit_test(big_blocks_use_their_far_end),
        cmocka_unit_test(random_operations_agree_with_the_model),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
