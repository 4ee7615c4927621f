// Folders that change under a catalog: renewals of every shape, damage, folders that go and come.
#include <sys/stat.h>
#include <sys/wait.h>

#include "certs/directory_source.h"
#include "support/certificate_folder.h"
#include "support/cmocka.h"
#include "support/served_folder.h"

namespace tls {
namespace {

using test::assert_serves;
using test::CertificateFolder;
using test::kName;
using test::kNow;
using test::make_pair_of_texts;
using test::PairOfTexts;
using test::Served;
using test::Set;

bool begins(const std::string& text, const std::string& begin) {
    return text.compare(0, begin.size(), begin) == 0;
}

void a_replaced_file_is_served(void**) {
    const CertificateFolder folder;
    Served served({folder.path()});
    assert_null(served.find().get());
    for (int i = 0; i < 20; ++i) {
        const PairOfTexts pair = make_pair_of_texts(kName);
        if (i % 2 == 0) {
            folder.replace("a.example.pem", pair.both());
        } else {
            folder.write("a.example.pem", pair.both());
        }
        assert_serves(served.find(), pair);
        served.assert_quiet();
    }
    folder.remove("a.example.pem");
    assert_null(served.find().get());
    served.assert_quiet();
}

// certbot: links in live/NAME to files in archive/NAME, exchanged one after the other.
void a_renewal_by_certbot(void**) {
    const CertificateFolder top;
    const auto archive = [&](int number, const PairOfTexts& pair) {
        top.write("archive/a.example/fullchain" + std::to_string(number) + ".pem", pair.certificate);
        top.write("archive/a.example/privkey" + std::to_string(number) + ".pem", pair.key);
    };
    const auto relink = [&](const std::string& half, int number) {
        top.link("live/a.example/" + half + ".pem",
                 "../../archive/a.example/" + half + std::to_string(number) + ".pem");
    };
    PairOfTexts pair = make_pair_of_texts(kName);
    archive(1, pair);
    relink("fullchain", 1);
    relink("privkey", 1);
    Served served({top.at("live")});
    assert_serves(served.find(), pair);
    for (int number = 2; number < 6; ++number) {
        const PairOfTexts next = make_pair_of_texts(kName);
        archive(number, next);
        assert_serves(served.find(), pair);
        relink(number % 2 == 0 ? "privkey" : "fullchain", number);
        assert_serves(served.find(), pair);
        assert_true(served.told().level == Notice::Level::Notice);
        assert_string_equal(
            served.told().text.c_str(),
            ("certificate \"" + top.at("live/a.example/fullchain.pem") + "\" and key \"" +
             top.at("live/a.example/privkey.pem") + "\" do not match yet, the old pair goes on")
                .c_str());
        assert_serves(served.find(), pair);
        served.assert_quiet();
        relink(number % 2 == 0 ? "fullchain" : "privkey", number);
        assert_serves(served.find(), next);
        served.assert_quiet();
        pair = next;
    }
}

void a_file_cut_anywhere_leaves_the_old_pair(void**) {
    const CertificateFolder folder;
    const PairOfTexts pair = make_pair_of_texts(kName);
    const std::string whole = pair.both();
    folder.write("a.example.pem", whole);
    Served served({folder.path()});
    assert_serves(served.find(), pair);
    size_t told = 0;
    size_t cuts = 0;
    // What is cut off the end may be its last newline.
    for (size_t size = 0; size + 1 < whole.size(); size += 7) {
        folder.write("a.example.pem", whole.substr(0, size));
        assert_serves(served.find(), pair);
        told += served.notices.size();
        ++cuts;
        for (const Notice& notice : served.notices) {
            assert_true(notice.level == Notice::Level::Error);
            assert_true(begins(notice.text, "cannot load certificate"));
        }
        assert_serves(served.find(), pair);
        served.assert_quiet();
    }
    assert_int_equal(told, cuts);
    const PairOfTexts next = make_pair_of_texts(kName);
    folder.write("a.example.pem", next.both());
    assert_serves(served.find(), next);
}

void an_expiring_certificate_goes_on_with_an_error(void**) {
    const CertificateFolder folder;
    folder.write("a.example.pem", make_pair_of_texts(kName, test::make_ec_key(), kNow - 10, kNow + 1).both());
    Served served({folder.path()});
    assert_non_null(served.find().get());
    assert_non_null(served.find().get());
    served.assert_quiet();
    assert_non_null(served.find().get());
    assert_true(served.told().level == Notice::Level::Error);
    assert_true(served.told().text.find("expired on") != std::string::npos);
    assert_non_null(served.find().get());
    served.assert_quiet();
    // One that was never good is not served, until the clock is set right.
    Served late({folder.path()});
    late.now = kNow + 1000;
    assert_null(late.find().get());
    assert_true(late.told().level == Notice::Level::Error);
    assert_null(late.find().get());
    late.assert_quiet();
    late.now = kNow;
    assert_non_null(late.find().get());
}

void a_folder_goes_and_comes(void**) {
    const CertificateFolder top;
    const PairOfTexts pair = make_pair_of_texts(kName);
    top.write("certs/a.example.pem", pair.both());
    top.write("certs/_.example.org.pem", make_pair_of_texts("*.example.org").both());
    Served served({top.at("certs")});
    assert_serves(served.find(), pair);
    assert_non_null(served.find("b.example.org").get());
    for (int round = 0; round < 3; ++round) {
        test::need(rename(top.at("certs").c_str(), top.at("away").c_str()) == 0);
        assert_serves(served.find(), pair);
        assert_true(served.told().level == Notice::Level::Error);
        assert_string_equal(served.told().text.c_str(),
                            ("cannot open certificate directory: open() \"" + top.at("certs") +
                             "\" failed (2: No such file or directory), its names in use go on")
                                .c_str());
        // One line for all names.
        for (int i = 0; i < 100; ++i) {
            assert_null(served.find(std::to_string(i) + ".example").get());
            served.assert_quiet();
            assert_non_null(served.find(std::to_string(i) + ".example.org").get());
            served.assert_quiet();
        }
        assert_serves(served.find(), pair);
        test::need(rename(top.at("away").c_str(), top.at("certs").c_str()) == 0);
        assert_serves(served.find(), pair);
        served.assert_quiet();
        assert_null(served.find("1.example").get());
        served.assert_quiet();
    }
}

void a_folder_is_exchanged(void**) {
    const CertificateFolder top;
    const PairOfTexts one = make_pair_of_texts(kName);
    const PairOfTexts other = make_pair_of_texts(kName);
    top.write("1/a.example.pem", one.both());
    top.write("2/a.example.pem", other.both());
    top.link("certs", "1");
    Served served({top.at("certs")});
    assert_serves(served.find(), one);
    top.link("certs", "2");
    assert_serves(served.find(), other);
    top.link("certs", "nothing");
    assert_serves(served.find(), other);
    assert_int_equal(served.notices.size(), 1);
    // A second failure is another change.
    top.write("file", "");
    top.link("certs", "file");
    assert_serves(served.find(), other);
    assert_int_equal(served.notices.size(), 1);
    top.link("certs", "1");
    assert_serves(served.find(), one);
}

void one_of_two_folders_goes(void**) {
    const CertificateFolder one;
    const CertificateFolder two;
    const PairOfTexts pair = make_pair_of_texts(kName);
    two.write("a.example.pem", pair.both());
    Served served({one.at("certs"), two.path()});
    assert_serves(served.find(), pair);
    assert_int_equal(served.notices.size(), 1);
    assert_null(served.find("b.example").get());
    served.assert_quiet();
    one.write("certs/b.example.pem", make_pair_of_texts("b.example").both());
    assert_non_null(served.find("b.example").get());
    served.assert_quiet();
}

// Runs a check as a user without any rights. Its failure is this test's.
template <class Check>
void as_nobody(Check check) {
    const pid_t child = fork();
    if (child == 0) {
        test::need(setgid(65534) == 0 && setuid(65534) == 0);
        check();
        _exit(0);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

void without_permission(void**) {
    const CertificateFolder top;
    const PairOfTexts pair = make_pair_of_texts(kName);
    test::need(chmod(top.path().c_str(), 0755) == 0);
    top.write("certs/a.example.pem", pair.both());
    top.write("certs/b.example/fullchain.pem", pair.certificate);
    test::need(chmod(top.at("certs/a.example.pem").c_str(), 0600) == 0);
    test::need(chmod(top.at("certs/b.example").c_str(), 0700) == 0);
    as_nobody([&] {
        Served served({top.at("certs")});
        for (const std::string name : {"a.example", "b.example"}) {
            test::need(served.find(name) == nullptr && served.notices.size() == 1);
            test::need(served.notices[0].text.find("(13: Permission denied)") != std::string::npos);
            test::need(served.notices[0].text.find("/certs/" + name) != std::string::npos);
            test::need(served.find(name) == nullptr && served.notices.empty());
        }
    });
    test::need(chmod(top.at("certs").c_str(), 0700) == 0);
    as_nobody([&] {
        Served served({top.at("certs")});
        test::need(served.find("a.example") == nullptr && served.notices.size() == 1);
        test::need(begins(served.notices[0].text, "cannot open certificate directory"));
        for (const std::string name : {"a.example", "b.example", "c.example"}) {
            test::need(served.find(name) == nullptr && served.notices.empty());
        }
    });
    // Rights that are taken away and given back.
    test::need(chmod(top.at("certs").c_str(), 0755) == 0);
    test::need(chown(top.at("certs").c_str(), 65534, 65534) == 0);
    test::need(chown(top.at("certs/a.example.pem").c_str(), 65534, 65534) == 0);
    as_nobody([&] {
        Served served({top.at("certs")});
        const Set good = served.find();
        test::need(good != nullptr);
        for (const std::string name : {"certs/a.example.pem", "certs"}) {
            test::need(chmod(top.at(name).c_str(), 0) == 0);
            test::need(served.find() != nullptr && served.notices.size() == 1);
            test::need(served.find() != nullptr && served.notices.empty());
            test::need(chmod(top.at(name).c_str(), 0700) == 0);
            test::need(served.find() != nullptr && served.notices.empty());
        }
    });
}

}  // namespace
}  // namespace tls

int main() {
    using namespace tls;
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_replaced_file_is_served),
        cmocka_unit_test(a_renewal_by_certbot),
        cmocka_unit_test(a_file_cut_anywhere_leaves_the_old_pair),
        cmocka_unit_test(an_expiring_certificate_goes_on_with_an_error),
        cmocka_unit_test(a_folder_goes_and_comes),
        cmocka_unit_test(a_folder_is_exchanged),
        cmocka_unit_test(one_of_two_folders_goes),
    };
    // Only root can become somebody else.
    const CMUnitTest of_root[] = {
        cmocka_unit_test(without_permission),
    };
    const int failed = cmocka_run_group_tests(tests, nullptr, nullptr);
    return getuid() == 0 ? failed + cmocka_run_group_tests(of_root, nullptr, nullptr) : failed;
}
