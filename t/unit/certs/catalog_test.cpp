// When the catalog looks, loads, keeps, forgets and speaks.
#include "certs/catalog.h"

#include "support/cmocka.h"
#include "support/fake_source.h"

namespace tls {
namespace {

using Status = CredentialSource::Status;
using test::FakeCatalog;
using test::make_set;

CredentialCatalog::Limits limits(size_t max, time_t inactive, time_t valid) {
    CredentialCatalog::Limits limits;
    limits.max = max;
    limits.inactive = inactive;
    limits.valid = valid;
    return limits;
}

// One notice of that level and text, no other.
void assert_told(const FakeCatalog& fake, Notice::Level level, const std::string& text) {
    assert_int_equal(fake.notices.size(), 1);
    assert_true(fake.notices[0].level == level);
    assert_string_equal(fake.notices[0].text.c_str(), text.c_str());
}

void a_valid_entry_asks_nothing(void**) {
    FakeCatalog fake(limits(10, 3600, 5));
    fake.source->found("a", "1");
    const auto set = fake.find("a", 100);
    assert_string_equal(set->name.c_str(), "a");
    for (time_t now = 100; now < 105; ++now) {
        assert_ptr_equal(fake.find("a", now).get(), set.get());
    }
    assert_int_equal(fake.source->loads, 1);
    assert_int_equal(fake.source->looks, 0);
    assert_ptr_equal(fake.find("a", 105).get(), set.get());
    assert_int_equal(fake.source->loads, 1);
    assert_int_equal(fake.source->looks, 1);
    fake.find("a", 109);
    assert_int_equal(fake.source->looks, 1);
    assert_int_equal(fake.catalog.counts().hits, 7);
    assert_int_equal(fake.catalog.counts().loads, 1);
}

void another_stamp_is_loaded_and_the_old_set_stays_with_its_user(void**) {
    FakeCatalog fake(limits(10, 3600, 1));
    fake.source->found("a", "1");
    const auto in_flight = fake.find("a", 100);
    fake.source->found("a", "2");
    assert_ptr_equal(fake.find("a", 100).get(), in_flight.get());
    const auto renewed = fake.find("a", 101);
    assert_ptr_not_equal(renewed.get(), in_flight.get());
    assert_string_equal(in_flight->name.c_str(), "a");
    assert_int_equal(in_flight.use_count(), 1);
}

void a_missing_name_is_remembered(void**) {
    FakeCatalog fake(limits(10, 3600, 5));
    assert_null(fake.find("a", 100).get());
    const int loads = fake.source->loads;
    assert_null(fake.find("a", 104).get());
    assert_null(fake.find("a", 106).get());
    assert_int_equal(fake.source->loads, loads);
    assert_int_equal(fake.catalog.counts().missing, 1);
    fake.source->found("a", "1");
    assert_null(fake.find("a", 107).get());
    assert_non_null(fake.find("a", 111).get());
    assert_int_equal(fake.catalog.counts().missing, 0);
    assert_true(fake.notices.empty());
}

void a_name_whose_files_are_gone_is_forgotten(void**) {
    FakeCatalog fake(limits(10, 3600, 1));
    fake.source->found("a", "1");
    assert_non_null(fake.find("a", 100).get());
    fake.source->answers.clear();
    assert_null(fake.find("a", 101).get());
    assert_int_equal(fake.catalog.counts().names, 0);
    assert_int_equal(fake.catalog.counts().missing, 1);
    assert_true(fake.notices.empty());
}

void the_last_good_pair_outlives_a_broken_one(void**) {
    FakeCatalog fake(limits(10, 3600, 1));
    fake.source->found("a", "1");
    const auto good = fake.find("a", 100);
    fake.source->failing("a", Status::Broken, "2", "it is cut");
    assert_ptr_equal(fake.find("a", 101).get(), good.get());
    assert_told(fake, Notice::Level::Error, "it is cut, the old pair goes on");
    const int loads = fake.source->loads;
    for (time_t now = 102; now < 110; ++now) {
        assert_ptr_equal(fake.find("a", now).get(), good.get());
        assert_true(fake.notices.empty());
    }
    assert_int_equal(fake.source->loads, loads);
    fake.source->failing("a", Status::Broken, "3", "it is cut");
    fake.find("a", 110);
    assert_int_equal(fake.notices.size(), 1);
    fake.source->found("a", "4");
    assert_ptr_not_equal(fake.find("a", 111).get(), good.get());
}

void halves_that_do_not_match_yet_are_a_notice(void**) {
    FakeCatalog fake(limits(10, 3600, 1));
    fake.source->found("a", "1");
    const auto good = fake.find("a", 100);
    fake.source->failing("a", Status::Unready, "2", "x and y do not match");
    assert_ptr_equal(fake.find("a", 101).get(), good.get());
    assert_told(fake, Notice::Level::Notice, "x and y do not match yet, the old pair goes on");
    fake.find("a", 102);
    assert_true(fake.notices.empty());

    fake.source->failing("b", Status::Unready, "1", "x and y do not match");
    assert_null(fake.find("b", 101).get());
    assert_told(fake, Notice::Level::Error, "x and y do not match");
}

void a_broken_name_disables_itself_only(void**) {
    FakeCatalog fake(limits(10, 3600, 1));
    fake.source->found("b", "1");
    fake.source->found("_.x", "1");
    fake.source->failing("a.x", Status::Broken, "1", "it is cut");
    assert_null(fake.find("a.x", 100).get());
    assert_told(fake, Notice::Level::Error, "it is cut");
    const int loads = fake.source->loads;
    for (time_t now = 100; now < 110; ++now) {
        assert_null(fake.find("a.x", now).get());
        assert_true(fake.notices.empty());
    }
    assert_int_equal(fake.source->loads, loads);
    assert_non_null(fake.find("b", 101).get());
    assert_non_null(fake.find("c.x", 101).get());
}

// A load that cannot say what to compare with is done again, but not told again.
void a_stamp_that_is_never_seen_is_tried_each_time(void**) {
    FakeCatalog fake(limits(10, 3600, 1));
    class Uneasy : public test::FakeSource {
        Stamp look(std::string_view) override { return "other"; }
    };
    auto source = std::make_unique<Uneasy>();
    Uneasy* uneasy = source.get();
    uneasy->failing("a", Status::Broken, "1", "no descriptor left");
    CredentialCatalog catalog(std::move(source), limits(10, 3600, 1));
    Notices notices;
    for (time_t now = 100; now < 110; ++now) {
        assert_null(catalog.find("a", now, &notices).get());
    }
    assert_int_equal(uneasy->loads, 10);
    assert_int_equal(notices.size(), 1);
}

void one_key_type_may_be_broken(void**) {
    FakeCatalog fake(limits(10, 3600, 1));
    CredentialSource::Answer answer;
    answer.status = Status::Found;
    answer.set = make_set("a", {"a.ecdsa.pem", "a.rsa.pem"});
    answer.stamp = "1";
    fake.source->answers["a"] = answer;
    const auto both = fake.find("a", 100);

    answer.set = make_set("a", {"a.ecdsa.pem"});
    answer.stamp = "2";
    answer.faults.push_back({"a.rsa.pem", false, "it is cut"});
    fake.source->answers["a"] = answer;
    const auto with_old = fake.find("a", 101);
    assert_int_equal(with_old->credentials.size(), 2);
    assert_ptr_equal(with_old->credentials[1].get(), both->credentials[1].get());
    assert_ptr_not_equal(with_old->credentials[0].get(), both->credentials[0].get());
    assert_told(fake, Notice::Level::Error, "it is cut, the old pair goes on");
    fake.find("a", 102);
    assert_true(fake.notices.empty());

    // Without an old one there is only the error; a warning does not keep the set from being served.
    answer.warnings = {"not valid before tomorrow"};
    fake.source->answers["b"] = answer;
    assert_int_equal(fake.find("b", 102)->credentials.size(), 1);
    assert_int_equal(fake.notices.size(), 2);
    assert_string_equal(fake.notices[0].text.c_str(), "it is cut");
    assert_true(fake.notices[1].level == Notice::Level::Warning);
}

void a_wildcard_is_one_entry_for_all_its_names(void**) {
    FakeCatalog fake(limits(10, 3600, 1));
    fake.source->found("_.x", "1");
    fake.source->found("own.x", "1");
    const auto wildcard = fake.find("a.x", 100);
    assert_string_equal(wildcard->name.c_str(), "_.x");
    for (int i = 0; i < 100; ++i) {
        assert_ptr_equal(fake.find(std::to_string(i) + ".x", 100).get(), wildcard.get());
    }
    assert_string_equal(fake.find("own.x", 100)->name.c_str(), "own.x");
    assert_null(fake.find("a.b.x", 100).get());
    assert_int_equal(fake.catalog.counts().names, 2);
    assert_int_equal(fake.catalog.counts().loads, 2);
    // It makes way for a name's own pair, and comes back.
    fake.source->found("a.x", "1");
    assert_string_equal(fake.find("a.x", 101)->name.c_str(), "a.x");
    fake.source->answers.erase("a.x");
    assert_ptr_equal(fake.find("a.x", 102).get(), wildcard.get());
}

void names_in_use_go_on_while_the_source_is_away(void**) {
    FakeCatalog fake(limits(10, 3600, 1));
    fake.source->found("a", "1");
    fake.source->found("_.x", "1");
    const auto own = fake.find("a", 100);
    const auto wildcard = fake.find("b.x", 100);
    for (const char* name : {"a", "_.x", "b.x", "c.x", "d"}) {
        fake.source->failing(name, Status::Away, "gone", "");
    }
    fake.source->answers["a"].news.push_back({Notice::Level::Error, "the folder is gone"});
    assert_ptr_equal(fake.find("a", 101).get(), own.get());
    assert_told(fake, Notice::Level::Error, "the folder is gone");
    assert_ptr_equal(fake.find("b.x", 101).get(), wildcard.get());
    assert_ptr_equal(fake.find("c.x", 101).get(), wildcard.get());
    assert_null(fake.find("d", 101).get());
    assert_true(fake.notices.empty());
    fake.source->found("d", "1");
    assert_non_null(fake.find("d", 102).get());
}

void the_least_recently_used_makes_room(void**) {
    FakeCatalog fake(limits(3, 3600, 1000));
    for (const char* name : {"a", "b", "c", "d"}) {
        fake.source->found(name, "1");
    }
    for (const char* name : {"a", "b", "c", "a", "d"}) {
        assert_non_null(fake.find(name, 100).get());
    }
    const std::vector<std::string> names = fake.catalog.recent(10);
    assert_int_equal(names.size(), 3);
    assert_string_equal((names[0] + names[1] + names[2]).c_str(), "dac");
    assert_int_equal(fake.catalog.recent(2).size(), 2);
}

void what_is_not_used_is_forgotten_little_by_little(void**) {
    FakeCatalog fake(limits(100, 10, 1));
    for (int i = 0; i < 50; ++i) {
        fake.source->found(std::to_string(i), "1");
        fake.find(std::to_string(i), 100);
    }
    fake.find("0", 110);
    assert_int_equal(fake.catalog.counts().names, 50);
    fake.find("0", 111);
    assert_int_equal(fake.catalog.counts().names, 48);
    for (int i = 0; i < 50; ++i) {
        fake.find("0", 111);
    }
    assert_int_equal(fake.catalog.counts().names, 1);
}

void an_end_is_an_end_whatever_the_stamp(void**) {
    FakeCatalog fake(limits(10, 3600, 1000));
    fake.source->found("a", "1");
    fake.source->answers["a"].until = 200;
    fake.find("a", 100);
    fake.find("a", 199);
    assert_int_equal(fake.source->loads, 1);
    fake.source->answers["a"].until = 300;
    fake.find("a", 200);
    assert_int_equal(fake.source->loads, 2);
    fake.find("a", 299);
    assert_int_equal(fake.source->loads, 2);
}

void a_clock_that_is_set_back_breaks_nothing(void**) {
    FakeCatalog fake(limits(10, 10, 5));
    fake.source->found("a", "1");
    const auto set = fake.find("a", 1000000);
    assert_null(fake.find("b", 1000000).get());
    fake.source->found("a", "2");
    fake.source->found("b", "1");
    assert_ptr_not_equal(fake.find("a", 50).get(), set.get());
    assert_non_null(fake.find("b", 50).get());
    // Forgotten by the new clock.
    for (int i = 0; i < 3; ++i) {
        fake.find("b", 70);
    }
    assert_int_equal(fake.catalog.counts().names, 1);
}

void a_catalog_of_nothing_serves_one(void**) {
    FakeCatalog fake(limits(0, 0, 0));
    fake.source->found("a", "1");
    fake.source->found("b", "1");
    assert_non_null(fake.find("a", 1).get());
    assert_non_null(fake.find("b", 1).get());
    assert_non_null(fake.find("a", 2).get());
    assert_true(fake.catalog.counts().names <= 1);
}

}  // namespace
}  // namespace tls

int main() {
    using namespace tls;
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_valid_entry_asks_nothing),
        cmocka_unit_test(another_stamp_is_loaded_and_the_old_set_stays_with_its_user),
        cmocka_unit_test(a_missing_name_is_remembered),
        cmocka_unit_test(a_name_whose_files_are_gone_is_forgotten),
        cmocka_unit_test(the_last_good_pair_outlives_a_broken_one),
        cmocka_unit_test(halves_that_do_not_match_yet_are_a_notice),
        cmocka_unit_test(a_broken_name_disables_itself_only),
        cmocka_unit_test(a_stamp_that_is_never_seen_is_tried_each_time),
        cmocka_unit_test(one_key_type_may_be_broken),
        cmocka_unit_test(a_wildcard_is_one_entry_for_all_its_names),
        cmocka_unit_test(names_in_use_go_on_while_the_source_is_away),
        cmocka_unit_test(the_least_recently_used_makes_room),
        cmocka_unit_test(what_is_not_used_is_forgotten_little_by_little),
        cmocka_unit_test(an_end_is_an_end_whatever_the_stamp),
        cmocka_unit_test(a_clock_that_is_set_back_breaks_nothing),
        cmocka_unit_test(a_catalog_of_nothing_serves_one),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
