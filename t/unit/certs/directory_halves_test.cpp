// Pairs of which one half is new, or not there: in the middle of being replaced, or only begun.
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

// What certbot really does with each link: unlink(), symlink(). A worker may look in between.
void exchange_half_by_half(const std::string& first, const std::string& second, const std::string& there,
                           const std::string& missing) {
    const CertificateFolder folder;
    const auto text = [&](const PairOfTexts& pair, const std::string& file) {
        return file.find("key") == file.npos ? pair.certificate : pair.key;
    };
    PairOfTexts pair = make_pair_of_texts(kName);
    folder.write(first, text(pair, first));
    folder.write(second, text(pair, second));
    Served served({folder.path()});
    assert_serves(served.find(), pair);
    for (int round = 0; round < 2; ++round) {
        const PairOfTexts next = make_pair_of_texts(kName);
        folder.remove(first);
        assert_serves(served.find(), pair);
        assert_true(served.told().level == Notice::Level::Notice);
        assert_string_equal(served.told().text.c_str(),
                            (there + " \"" + folder.at(second) + "\" has no " + missing + " \"" +
                             folder.at(first) + "\" yet, the old pair goes on")
                                .c_str());
        for (int i = 0; i < 20; ++i) {
            assert_serves(served.find(), pair);
            served.assert_quiet();
        }
        folder.write(first, text(next, first));
        assert_serves(served.find(), pair);
        folder.remove(second);
        assert_serves(served.find(), pair);
        folder.write(second, text(next, second));
        assert_serves(served.find(), next);
        served.assert_quiet();
        pair = next;
    }
    // Both are gone: so is the name.
    folder.remove(second);
    assert_serves(served.find(), pair);
    folder.remove(first);
    assert_null(served.find().get());
    served.assert_quiet();
}

void halves_that_are_gone_for_a_moment(void**) {
    const std::vector<std::pair<std::string, std::string>> layouts = {
        {"a.example/fullchain.pem", "a.example/privkey.pem"},
        {"a.example/fullchain.rsa.pem", "a.example/privkey.rsa.pem"},
        {"a.example.crt", "a.example.key"}};
    for (const auto& [certificate, key] : layouts) {
        exchange_half_by_half(key, certificate, "certificate", "key");
        exchange_half_by_half(certificate, key, "key", "certificate");
    }
}

// One key type of several is in the middle of being replaced.
void one_type_is_gone_for_a_moment(void**) {
    const CertificateFolder folder;
    const PairOfTexts ec = make_pair_of_texts(kName);
    const PairOfTexts rsa = make_pair_of_texts(kName, test::make_rsa_key());
    folder.write("a.example/fullchain.ecdsa.pem", ec.certificate);
    folder.write("a.example/privkey.ecdsa.pem", ec.key);
    folder.write("a.example/fullchain.rsa.pem", rsa.certificate);
    folder.write("a.example/privkey.rsa.pem", rsa.key);
    Served served({folder.path()});
    assert_int_equal(served.find()->credentials.size(), 2);
    for (const std::string half : {"fullchain.rsa.pem", "privkey.rsa.pem"}) {
        folder.remove("a.example/" + half);
        assert_int_equal(served.find()->credentials.size(), 2);
        assert_true(served.told().level == Notice::Level::Notice);
        folder.write("a.example/" + half, half[0] == 'f' ? rsa.certificate : rsa.key);
        assert_int_equal(served.find()->credentials.size(), 2);
        served.assert_quiet();
    }
    folder.remove("a.example/fullchain.rsa.pem");
    folder.remove("a.example/privkey.rsa.pem");
    assert_serves(served.find(), ec);
    served.assert_quiet();
}

void halves_written_in_place_one_after_the_other(void**) {
    const CertificateFolder folder;
    PairOfTexts pair = make_pair_of_texts(kName);
    folder.write("a.example.crt", pair.certificate);
    folder.write("a.example.key", pair.key);
    Served served({folder.path()});
    assert_serves(served.find(), pair);
    const PairOfTexts next = make_pair_of_texts(kName);
    folder.write("a.example.crt", next.certificate);
    const Set in_flight = served.find();
    assert_serves(in_flight, pair);
    assert_true(served.told().level == Notice::Level::Notice);
    folder.write("a.example.key", next.key);
    assert_serves(served.find(), next);
    assert_serves(in_flight, pair);
}

void a_key_alone_leaves_the_name_to_others(void**) {
    const CertificateFolder folder;
    const PairOfTexts pair = make_pair_of_texts("a.b.example");
    const PairOfTexts wildcard = make_pair_of_texts("*.b.example");
    folder.write("a.b.example/privkey.pem", pair.key);
    folder.write("_.b.example.pem", wildcard.both());
    const auto source = make_directory_source({folder.path()}, nullptr);
    const CredentialSource::Answer alone = source->load("a.b.example", kNow);
    assert_true(alone.status == CredentialSource::Status::Begun);
    assert_true(source->look("a.b.example") == alone.stamp);
    const std::string error = "key \"" + folder.at("a.b.example/privkey.pem") + "\" has no certificate \"" +
                              folder.at("a.b.example/fullchain.pem") + "\"";
    assert_string_equal(alone.error.c_str(), error.c_str());

    CredentialCatalog catalog(make_directory_source({folder.path()}, nullptr), {});
    Notices notices;
    for (int i = 0; i < 3; ++i) {
        const auto set = catalog.find("a.b.example", kNow + i, &notices);
        assert_non_null(set.get());
        assert_string_equal(set->name.c_str(), "_.b.example");
    }
    assert_int_equal(notices.size(), 1);
    assert_true(notices[0].level == Notice::Level::Notice);
    assert_string_equal(notices[0].text.c_str(), error.c_str());

    folder.write("a.b.example.pem", pair.both());
    const CredentialSource::Answer found = source->load("a.b.example", kNow);
    assert_true(found.status == CredentialSource::Status::Found);
    assert_int_equal(found.set->credentials.size(), 1);
    assert_int_equal(found.faults.size(), 1);
    assert_string_equal(catalog.find("a.b.example", kNow + 3, &notices)->name.c_str(), "a.b.example");
}

}  // namespace
}  // namespace tls

int main() {
    using namespace tls;
    const CMUnitTest tests[] = {
        cmocka_unit_test(halves_that_are_gone_for_a_moment),
        cmocka_unit_test(one_type_is_gone_for_a_moment),
        cmocka_unit_test(halves_written_in_place_one_after_the_other),
        cmocka_unit_test(a_key_alone_leaves_the_name_to_others),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
