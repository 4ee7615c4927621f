// Certificates and keys whose paths or texts were put together from variables.
#include "certs/directory_source.h"
#include "support/certificate_folder.h"
#include "support/cmocka.h"

namespace tls {
namespace {

using Answer = CredentialSource::Answer;
using Status = CredentialSource::Status;
using test::CertificateFolder;
using test::kNow;
using test::make_pair_of_texts;
using test::PairOfTexts;

void paths_are_read_and_watched(void**) {
    const CertificateFolder folder;
    const auto source = make_pair_source(nullptr);
    const std::string name = join_pair(folder.at("c.pem"), folder.at("k.pem"));
    assert_true(source->load(name, kNow).status == Status::Missing);
    assert_true(source->look(name).empty());

    const PairOfTexts pair = make_pair_of_texts("a.example");
    folder.write("c.pem", pair.certificate);
    Answer answer = source->load(name, kNow);
    assert_true(answer.status == Status::Unready);
    assert_true(source->look(name) == answer.stamp);
    assert_string_equal(
        answer.error.c_str(),
        ("certificate \"" + folder.at("c.pem") + "\" has no key \"" + folder.at("k.pem") + "\"").c_str());
    folder.write("k.pem", pair.key);
    answer = source->load(name, kNow);
    assert_true(answer.status == Status::Found);
    assert_true(answer.warnings.empty());
    assert_true(source->look(name) == answer.stamp);
    assert_string_equal(answer.set->name.c_str(), folder.at("c.pem").c_str());
    assert_string_equal(answer.set->credentials[0]->key_source.c_str(), folder.at("k.pem").c_str());

    folder.write("k.pem", make_pair_of_texts("a.example").key);
    assert_true(source->look(name) != answer.stamp);
    answer = source->load(name, kNow);
    assert_true(answer.status == Status::Unready);
    assert_true(source->look(name) == answer.stamp);

    folder.remove("c.pem");
    answer = source->load(name, kNow);
    assert_true(answer.status == Status::Begun);
    assert_true(source->look(name) == answer.stamp);
    assert_string_equal(
        answer.error.c_str(),
        ("key \"" + folder.at("k.pem") + "\" has no certificate \"" + folder.at("c.pem") + "\"").c_str());
    folder.remove("k.pem");
    assert_true(source->load(name, kNow).status == Status::Missing);
    assert_true(source->look(name).empty());
}

void one_file_may_have_both(void**) {
    const CertificateFolder folder;
    const auto source = make_pair_source(nullptr);
    const std::string path = folder.write("both.pem", make_pair_of_texts("a.example").both());
    assert_true(source->load(join_pair(path, path), kNow).status == Status::Found);
}

void text_is_never_shown(void**) {
    const auto source = make_pair_source(nullptr);
    const PairOfTexts pair = make_pair_of_texts("a.example");
    const std::string name = join_pair("data:" + pair.certificate, "data:" + pair.key);
    const Answer answer = source->load(name, kNow);
    assert_true(answer.status == Status::Found);
    assert_true(source->look(name) == answer.stamp);
    assert_string_equal(answer.set->name.c_str(), "data:...");
    assert_string_equal(answer.set->credentials[0]->certificate_source.c_str(), "data:...");
    assert_string_equal(answer.set->credentials[0]->key_source.c_str(), "data:...");

    const Answer cut =
        source->load(join_pair("data:" + pair.certificate, "data:" + pair.key.substr(0, 80)), kNow);
    assert_true(cut.status == Status::Broken);
    assert_true(cut.error.find("BEGIN") == std::string::npos);
    const Answer other =
        source->load(join_pair("data:" + pair.certificate, "data:" + make_pair_of_texts("b").key), kNow);
    assert_true(other.status == Status::Unready);
    assert_string_equal(other.error.c_str(), "certificate \"data:...\" and key \"data:...\" do not match");
}

void text_and_path_mix(void**) {
    const CertificateFolder folder;
    const auto source = make_pair_source(nullptr);
    const PairOfTexts pair = make_pair_of_texts("a.example");
    const std::string name = join_pair("data:" + pair.certificate, folder.write("k.pem", pair.key));
    assert_true(source->load(name, kNow).status == Status::Found);
    folder.remove("k.pem");
    assert_true(source->load(name, kNow).status == Status::Unready);
    // A text is always there; the pair is gone with its file.
    const std::string other = join_pair(folder.write("c.pem", pair.certificate), "data:" + pair.key);
    assert_true(source->load(other, kNow).status == Status::Found);
    folder.remove("c.pem");
    assert_true(source->load(other, kNow).status == Status::Missing);
    assert_true(source->look(other).empty());
}

void what_is_no_pair_is_missing(void**) {
    const auto source = make_pair_source(nullptr);
    for (const std::string& name :
         {std::string(), std::string("/etc/passwd"), join_pair("", ""), join_pair("relative", "/k"),
          join_pair("/c", "relative"), join_pair(std::string("/c\0/d", 5), "/k"),
          join_pair("engine:x:y", "/k"), join_pair("/c", "store:x"), std::string("\0\0\0", 3)}) {
        assert_true(source->load(name, kNow).status == Status::Missing);
        assert_true(source->look(name).empty());
        assert_true(source->covering(name).empty());
    }
    assert_true(join_pair("/a", "b/c") != join_pair("/ab", "/c"));
}

void through_the_catalog(void**) {
    const PairOfTexts pair = make_pair_of_texts("a.example");
    CredentialCatalog catalog(make_pair_source(nullptr), {});
    Notices notices;
    const std::string name = join_pair("data:" + pair.certificate, "data:" + pair.key);
    const auto set = catalog.find(name, kNow, &notices);
    assert_non_null(set.get());
    assert_ptr_equal(catalog.find(name, kNow + 100, &notices).get(), set.get());
    assert_int_equal(catalog.counts().loads, 1);
    // Each broken text is told once.
    for (int i = 0; i < 3; ++i) {
        assert_null(catalog.find(join_pair("data:x", "data:y"), kNow + i * 10, &notices).get());
        assert_null(catalog.find(join_pair("data:x", "data:z"), kNow + i * 10, &notices).get());
    }
    assert_int_equal(notices.size(), 2);
}

}  // namespace
}  // namespace tls

int main() {
    using namespace tls;
    const CMUnitTest tests[] = {
        cmocka_unit_test(paths_are_read_and_watched), cmocka_unit_test(one_file_may_have_both),
        cmocka_unit_test(text_is_never_shown),        cmocka_unit_test(text_and_path_mix),
        cmocka_unit_test(what_is_no_pair_is_missing), cmocka_unit_test(through_the_catalog),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
