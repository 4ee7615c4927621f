// The catalog against a model that is too simple to be wrong, and against a flood of names.
#include <malloc.h>

#include <random>

#include "certs/catalog.h"
#include "support/cmocka.h"
#include "support/fake_source.h"

namespace tls {
namespace {

using Set = std::shared_ptr<const CredentialSet>;
using Status = CredentialSource::Status;
using test::FakeCatalog;

constexpr time_t kValid = 3;

// A catalog that forgets nothing.
class Model {
  public:
    explicit Model(const test::FakeSource* source) : source_(source) {}

    Set find(const std::string& name, time_t now) {
        const Known& own = entry(name, now);
        if (own.set != nullptr || own.is_refused) {
            return own.set;
        }
        const std::string covering = source_->covering(name);
        return covering.empty() ? nullptr : entry(covering, now).set;
    }

  private:
    struct Known {
        Set set;
        bool is_refused = false;
        std::string stamp;
        time_t checked = 0;
    };

    const Known& entry(const std::string& key, time_t now) {
        const auto found = source_->answers.find(key);
        const CredentialSource::Answer answer =
            found == source_->answers.end() ? CredentialSource::Answer{} : found->second;
        const auto [place, is_new] = known_.try_emplace(key);
        Known& known = place->second;
        const bool is_valid = now >= known.checked && now - known.checked < kValid;
        if (!is_new && (is_valid || answer.stamp == known.stamp)) {
            known.checked = is_valid ? known.checked : now;
            return known;
        }
        if (answer.status == Status::Found || answer.status == Status::Missing) {
            known.set = answer.set;
        }
        known.is_refused =
            known.set == nullptr && (answer.status == Status::Broken || answer.status == Status::Unready);
        known.stamp = answer.stamp;
        known.checked = now;
        return known;
    }

    const test::FakeSource* source_;
    std::map<std::string, Known> known_;
};

std::string any_name(std::mt19937* random) {
    static const char* const names[] = {"a.x", "b.x", "c.x", "a.y", "b.y", "x", "y", "_.x", "_.y"};
    return names[(*random)() % 9];
}

// Puts a name's files into another state.
void change(test::FakeSource* source, std::mt19937* random) {
    const std::string name = any_name(random);
    const std::string stamp = std::to_string((*random)());
    switch ((*random)() % 6) {
        case 0:
            source->answers.erase(name);
            break;
        case 1:
            source->failing(name, Status::Broken, stamp, "broken " + stamp);
            break;
        case 2:
            source->failing(name, Status::Unready, stamp, "unready " + stamp);
            break;
        case 3:
            source->failing(name, Status::Away, stamp, "");
            break;
        default:
            source->found(name, stamp);
    }
}

time_t next_time(time_t now, std::mt19937* random) {
    const unsigned long step = (*random)() % 20;
    return step == 0 ? now - static_cast<time_t>((*random)() % 100) : now + static_cast<time_t>(step / 6);
}

void it_does_what_the_model_does(void**) {
    for (unsigned seed = 1; seed <= 30; ++seed) {
        std::mt19937 random(seed);
        FakeCatalog fake({1000, 1000000, kValid});
        Model model(fake.source);
        time_t now = 1000000;
        for (int step = 0; step < 5000; ++step) {
            if (random() % 4 == 0) {
                change(fake.source, &random);
            }
            now = next_time(now, &random);
            const std::string name = any_name(&random);
            assert_ptr_equal(fake.find(name, now).get(), model.find(name, now).get());
        }
    }
}

// With little room and short memory the answers may differ from the model's, but not from the files for long.
void whatever_it_forgets_it_is_never_far_from_the_files(void**) {
    for (unsigned seed = 1; seed <= 30; ++seed) {
        std::mt19937 random(seed);
        FakeCatalog fake({1 + random() % 5, static_cast<time_t>(random() % 20), kValid});
        time_t now = 1000000;
        for (int step = 0; step < 3000; ++step) {
            if (random() % 10 == 0) {
                change(fake.source, &random);
                now += kValid;
            }
            now += static_cast<time_t>(random() % 3);
            const std::string name = any_name(&random);
            const Set set = fake.find(name, now);
            const auto own = fake.source->answers.find(name);
            if (own != fake.source->answers.end() && own->second.status == Status::Found) {
                assert_ptr_equal(set.get(), own->second.set.get());
            } else if (own == fake.source->answers.end() &&
                       fake.source->answers.count(fake.source->covering(name)) == 0) {
                assert_null(set.get());
            }
            assert_true(fake.catalog.counts().names <= 5);
        }
    }
}

void no_notice_is_told_twice(void**) {
    std::mt19937 random(7);
    FakeCatalog fake({1000, 1000000, 1});
    std::map<std::string, int> told;
    time_t now = 1000000;
    for (int step = 0; step < 20000; ++step) {
        if (random() % 50 == 0) {
            change(fake.source, &random);
        }
        fake.find(any_name(&random), now += 1);
        for (const Notice& notice : fake.notices) {
            assert_int_equal(++told[notice.text], 1);
        }
    }
    assert_true(told.size() > 50);
}

size_t bytes_in_use() {
    return mallinfo2().uordblks;
}

void a_flood_of_names_moves_nothing(void**) {
    constexpr int kGood = 500;
    FakeCatalog fake({1000, 1000000, 1000000});
    for (int i = 0; i < kGood; ++i) {
        fake.source->found("good" + std::to_string(i), "1");
        fake.find("good" + std::to_string(i), 1);
    }
    fake.source->failing("broken", Status::Broken, "1", "it is cut");
    fake.find("broken", 1);
    // A wildcard answers half of the flood.
    fake.source->found("_.wild", "1");
    std::mt19937_64 random(1);
    const auto flood = [&](int count) {
        for (int i = 0; i < count; ++i) {
            const std::string name = std::to_string(random()) + std::to_string(random());
            assert_null(fake.find(name, 1).get());
            assert_non_null(fake.find(name + ".wild", 1).get());
        }
    };
    flood(10000);
    const size_t before = bytes_in_use();
    flood(490000);
    const size_t after = bytes_in_use();
    print_message("%d names more: %ld bytes more\n", 2 * 490000,
                  static_cast<long>(after) - static_cast<long>(before));
    assert_true(after <= before + 4096);
    assert_int_equal(fake.catalog.counts().names, kGood + 1);
    assert_int_equal(fake.catalog.counts().missing, 1024);
    const int loads = fake.source->loads;
    for (int i = 0; i < kGood; ++i) {
        assert_non_null(fake.find("good" + std::to_string(i), 2).get());
    }
    fake.find("broken", 2);
    assert_true(fake.notices.empty());
    assert_int_equal(fake.source->loads, loads);
    assert_int_equal(fake.catalog.counts().loads, kGood + 1);
}

}  // namespace
}  // namespace tls

int main() {
    using namespace tls;
    const CMUnitTest tests[] = {
        cmocka_unit_test(it_does_what_the_model_does),
        cmocka_unit_test(whatever_it_forgets_it_is_never_far_from_the_files),
        cmocka_unit_test(no_notice_is_told_twice),
        cmocka_unit_test(a_flood_of_names_moves_nothing),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
