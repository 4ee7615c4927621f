// What a folder of certificates answers for a name: layouts, key types, wildcards, hostile names, what is
// broken.
#include "certs/directory_source.h"

#include <sys/stat.h>

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

std::unique_ptr<CredentialSource> source_of(const std::vector<std::string>& folders) {
    return make_directory_source(folders, nullptr);
}

// Also holds that look() agrees.
Answer load(CredentialSource* source, const std::string& name, time_t now = kNow) {
    Answer answer = source->load(name, now);
    if (answer.status == Status::Found) {
        assert_true(source->look(name) == answer.stamp);
    }
    assert_true((answer.status == Status::Missing) == answer.stamp.empty());
    return answer;
}

void assert_found(CredentialSource* source, const std::string& name, const std::string& file) {
    const Answer answer = load(source, name);
    if (answer.status != Status::Found) {
        print_error("%s: %s\n", name.c_str(), answer.error.c_str());
    }
    assert_true(answer.status == Status::Found);
    assert_int_equal(answer.set->credentials.size(), 1);
    assert_string_equal(answer.set->credentials[0]->certificate_source.c_str(), file.c_str());
}

void assert_holds(const std::string& text, const std::string& part) {
    if (text.find(part) == text.npos) {
        print_error("\"%s\" is not in \"%s\"\n", part.c_str(), text.c_str());
    }
    assert_true(text.find(part) != text.npos);
}

void layouts_in_their_order(void**) {
    const CertificateFolder folder;
    const PairOfTexts pair = make_pair_of_texts("a.example");
    const auto source = source_of({folder.path()});
    assert_true(load(source.get(), "a.example").status == Status::Missing);

    folder.write("a.example.key", pair.key);
    assert_true(load(source.get(), "a.example").status == Status::Begun);
    folder.write("a.example.crt", pair.certificate);
    assert_found(source.get(), "a.example", folder.at("a.example.crt"));
    folder.write("a.example.pem", pair.both());
    assert_found(source.get(), "a.example", folder.at("a.example.pem"));
    folder.write("a.example/README", "not yet");
    assert_found(source.get(), "a.example", folder.at("a.example.pem"));
    folder.write("a.example/fullchain.pem", pair.certificate);
    folder.write("a.example/privkey.pem", pair.key);
    assert_found(source.get(), "a.example", folder.at("a.example/fullchain.pem"));
    assert_string_equal(load(source.get(), "a.example").set->name.c_str(), "a.example");
}

void a_file_with_the_name_of_a_host_is_no_subfolder(void**) {
    const CertificateFolder folder;
    const PairOfTexts pair = make_pair_of_texts("a.example");
    folder.write("a.example", "notes");
    folder.write("a.example.pem", pair.both());
    const auto source = source_of({folder.path()});
    assert_found(source.get(), "a.example", folder.at("a.example.pem"));
}

void key_types_beside_each_other(void**) {
    const PairOfTexts ec = make_pair_of_texts("a.example");
    const PairOfTexts rsa = make_pair_of_texts("a.example", test::make_rsa_key());
    const PairOfTexts ed = make_pair_of_texts("a.example", test::make_ed25519_key());
    struct Layout {
        const char *certificate, *end, *key, *key_end;
    };
    for (const Layout& layout :
         {Layout{"a.example/fullchain", ".pem", "a.example/privkey", ".pem"},
          Layout{"a.example", ".pem", nullptr, nullptr}, Layout{"a.example", ".crt", "a.example", ".key"}}) {
        const CertificateFolder folder;
        const auto source = source_of({folder.path()});
        const auto put = [&](const PairOfTexts& pair, const std::string& type) {
            if (layout.key == nullptr) {
                folder.write(layout.certificate + type + layout.end, pair.both());
                return;
            }
            folder.write(layout.certificate + type + layout.end, pair.certificate);
            folder.write(layout.key + type + layout.key_end, pair.key);
        };
        put(ec, ".ecdsa");
        assert_int_equal(load(source.get(), "a.example").set->credentials.size(), 1);
        put(ed, ".ed25519");
        assert_int_equal(load(source.get(), "a.example").set->credentials.size(), 2);
        put(rsa, "");
        const Answer all = load(source.get(), "a.example");
        assert_int_equal(all.set->credentials.size(), 3);
        assert_true(all.warnings.empty() && all.faults.empty());
        // Two of a type: the first in order is served.
        put(rsa, ".rsa");
        const Answer twice = load(source.get(), "a.example");
        assert_int_equal(twice.set->credentials.size(), 3);
        assert_int_equal(twice.warnings.size(), 1);
        assert_holds(twice.warnings[0], "is not used, its key is of the same type");
    }
}

void one_broken_key_type_leaves_the_others(void**) {
    const CertificateFolder folder;
    const auto source = source_of({folder.path()});
    const PairOfTexts ec = make_pair_of_texts("a.example");
    folder.write("a.example.ecdsa.pem", ec.both());
    folder.write("a.example.rsa.pem", "nothing");
    Answer answer = load(source.get(), "a.example");
    assert_true(answer.status == Status::Found);
    assert_int_equal(answer.set->credentials.size(), 1);
    assert_int_equal(answer.faults.size(), 1);
    assert_string_equal(answer.faults[0].certificate_source.c_str(), folder.at("a.example.rsa.pem").c_str());
    assert_holds(answer.faults[0].error, "cannot load certificate \"" + folder.at("a.example.rsa.pem") +
                                             "\": PEM_read_bio_X509_AUX()");
    folder.write("a.example.ecdsa.pem", "nothing either");
    answer = load(source.get(), "a.example");
    assert_true(answer.status == Status::Broken);
    assert_holds(answer.error, "a.example.ecdsa.pem");
    assert_holds(answer.error, "; cannot load certificate");
}

void wildcards_are_entries_of_their_own(void**) {
    const CertificateFolder folder;
    const auto source = source_of({folder.path()});
    assert_string_equal(source->covering("a.b.example").c_str(), "_.b.example");
    for (const char* name :
         {"localhost", "_.b.example", "*.b.example", "", ".", ".a.b", "a..b", "a.", "a/b.c"}) {
        assert_string_equal(source->covering(name).c_str(), "");
    }
    const PairOfTexts pair = make_pair_of_texts("*.b.example");
    folder.write("*.b.example.pem", pair.both());
    assert_found(source.get(), "_.b.example", folder.at("*.b.example.pem"));
    assert_string_equal(load(source.get(), "_.b.example").set->name.c_str(), "*.b.example");
    assert_true(load(source.get(), "_.b.example").warnings.empty());
    folder.write("_.b.example.crt", pair.certificate);
    folder.write("_.b.example.key", pair.key);
    assert_found(source.get(), "_.b.example", folder.at("_.b.example.crt"));
    assert_true(load(source.get(), "a.b.example").status == Status::Missing);
    assert_true(load(source.get(), "*.b.example").status == Status::Missing);

    CredentialCatalog catalog(source_of({folder.path()}), {});
    Notices notices;
    assert_non_null(catalog.find("a.b.example", kNow, &notices).get());
    assert_null(catalog.find("a.a.b.example", kNow, &notices).get());
    assert_null(catalog.find("b.example", kNow, &notices).get());
    assert_null(catalog.find("*.b.example", kNow, &notices).get());
    assert_true(notices.empty());
}

void folders_in_their_order(void**) {
    const CertificateFolder one;
    const CertificateFolder two;
    const PairOfTexts pair = make_pair_of_texts("a.example");
    const auto source = source_of({one.path(), two.path()});
    two.write("a.example.pem", pair.both());
    assert_found(source.get(), "a.example", two.at("a.example.pem"));
    one.write("a.example.crt", pair.certificate);
    one.write("a.example.key", pair.key);
    assert_found(source.get(), "a.example", one.at("a.example.crt"));
}

void hostile_names_never_become_paths(void**) {
    const CertificateFolder above;
    const PairOfTexts pair = make_pair_of_texts("a.example");
    above.write("secret.pem", pair.both());
    above.write("live/a.example.pem", pair.both());
    above.write("live/sub/a.example.pem", pair.both());
    above.write("live/.hidden.pem", pair.both());
    above.write("live/.pem", pair.both());
    above.write("live/*.pem", pair.both());
    above.write("live/\xc3\xa4.pem", pair.both());
    above.write("live/A.pem", pair.both());
    above.write("live/a b.pem", pair.both());
    const auto source = source_of({above.at("live")});
    assert_true(load(source.get(), "a.example").status == Status::Found);
    const std::string names[] = {"",
                                 ".",
                                 "..",
                                 "../secret",
                                 "sub/a.example",
                                 "/a.example",
                                 "./a.example",
                                 ".hidden",
                                 "*",
                                 "*.example",
                                 "\xc3\xa4",
                                 "A",
                                 "a b",
                                 "a..example",
                                 "a.example/",
                                 "a.example/../a.example",
                                 "..\\secret",
                                 "%2e%2e/secret",
                                 "a\nexample",
                                 "a%00",
                                 std::string("a.example\0.pem", 14),
                                 std::string("\0", 1),
                                 "a.example;",
                                 "$HOME",
                                 "~",
                                 "a'",
                                 "a\"",
                                 "a`b`",
                                 "\x7f",
                                 "\xff\xfe",
                                 "a:b",
                                 "[::1]",
                                 "a@b",
                                 "a?b",
                                 "a#b",
                                 "a+b",
                                 std::string(254, 'a'),
                                 std::string(100000, 'a'),
                                 above.at("live/a.example")};
    for (const std::string& name : names) {
        const Answer answer = source->load(name, kNow);
        assert_true(answer.status == Status::Missing && answer.set == nullptr && answer.stamp.empty());
        assert_true(source->look(name).empty());
        assert_true(source->covering(name).empty());
    }
    // Every byte alone and in the middle.
    for (int byte = 0; byte < 256; ++byte) {
        const char letter = static_cast<char>(byte);
        const bool is_safe = (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9') ||
                             letter == '-' || letter == '_' || letter == '.';
        const std::string name = std::string("x") + letter + "y";
        assert_true(source->load(name, kNow).status == Status::Missing);
        assert_int_equal(source->covering(name + ".example").empty(), !is_safe);
    }
    // As long as a name may be; its file's would be too long.
    assert_true(load(source.get(), std::string(253, 'a')).status == Status::Missing);
}

void a_certificate_for_others_is_served_with_a_warning(void**) {
    const CertificateFolder folder;
    const auto source = source_of({folder.path()});
    folder.write("a.example.pem", make_pair_of_texts("b.example").both());
    const Answer answer = load(source.get(), "a.example");
    assert_true(answer.status == Status::Found);
    assert_int_equal(answer.warnings.size(), 1);
    assert_string_equal(
        answer.warnings[0].c_str(),
        ("certificate \"" + folder.at("a.example.pem") + "\" does not cover \"a.example\"").c_str());
    folder.write("_.example.pem", make_pair_of_texts("a.example").both());
    assert_holds(load(source.get(), "_.example").warnings[0], "does not cover \"*.example\"");
}

void times_count(void**) {
    const CertificateFolder folder;
    const auto source = source_of({folder.path()});
    folder.write("a.example.pem",
                 make_pair_of_texts("a.example", test::make_ec_key(), kNow, kNow + 100).both());
    Answer answer = load(source.get(), "a.example", kNow);
    assert_true(answer.status == Status::Found && answer.warnings.empty());
    assert_int_equal(answer.until, kNow + 101);
    assert_true(load(source.get(), "a.example", kNow + 100).status == Status::Found);
    answer = load(source.get(), "a.example", kNow + 101);
    assert_true(answer.status == Status::Broken);
    assert_string_equal(
        answer.error.c_str(),
        ("certificate \"" + folder.at("a.example.pem") + "\" expired on 2027-01-15 08:01:40 UTC").c_str());
    assert_true(answer.stamp != source->look("a.example"));
    answer = load(source.get(), "a.example", kNow - 1);
    assert_true(answer.status == Status::Found);
    assert_holds(answer.warnings[0], "is not valid before 2027-01-15 08:00:00 UTC");
}

void halves_that_do_not_match(void**) {
    const CertificateFolder folder;
    const auto source = source_of({folder.path()});
    const PairOfTexts one = make_pair_of_texts("a.example");
    const PairOfTexts other = make_pair_of_texts("a.example");
    const PairOfTexts rsa = make_pair_of_texts("a.example", test::make_rsa_key());
    folder.write("a.example.crt", one.certificate);
    for (const PairOfTexts* pair : {&other, &rsa}) {
        folder.write("a.example.key", pair->key);
        const Answer answer = load(source.get(), "a.example");
        assert_true(answer.status == Status::Unready);
        assert_string_equal(answer.error.c_str(),
                            ("certificate \"" + folder.at("a.example.crt") + "\" and key \"" +
                             folder.at("a.example.key") + "\" do not match")
                                .c_str());
        assert_true(source->look("a.example") == answer.stamp);
    }
    folder.remove("a.example.key");
    const Answer no_key = load(source.get(), "a.example");
    assert_true(no_key.status == Status::Unready);
    assert_string_equal(no_key.error.c_str(), ("certificate \"" + folder.at("a.example.crt") +
                                               "\" has no key \"" + folder.at("a.example.key") + "\"")
                                                  .c_str());
    assert_true(source->look("a.example") == no_key.stamp);
    // In one file nobody is in the middle of anything.
    folder.write("a.example.pem", one.certificate + other.key);
    assert_true(load(source.get(), "a.example").status == Status::Broken);
}

void files_that_are_none(void**) {
    const CertificateFolder folder;
    const auto source = source_of({folder.path()});
    folder.write("large.example.pem", std::string((size_t{1} << 20) + 1, '\n'));
    Answer answer = load(source.get(), "large.example");
    assert_true(answer.status == Status::Broken);
    assert_holds(answer.error, "is larger than 1 MiB");
    assert_int_equal(mkfifo(folder.at("pipe.example.pem").c_str(), 0600), 0);
    answer = load(source.get(), "pipe.example");
    assert_true(answer.status == Status::Broken);
    assert_holds(answer.error, "is not a regular file");
    assert_true(source->look("pipe.example") == answer.stamp);
    folder.write("folder.example.crt/x", "");
    assert_true(load(source.get(), "folder.example").status == Status::Broken);
    folder.write("empty.example.pem", "");
    assert_true(load(source.get(), "empty.example").status == Status::Broken);
}

void keys_may_be_encrypted(void**) {
    const CertificateFolder folder;
    const UniquePkey key = test::make_ec_key();
    test::CertificateWish wish;
    wish.subject = {{"CN", "a.example"}};
    const std::string certificate = test::pem_text(test::make_certificate(key.get(), wish));
    std::vector<SecretString> passwords;
    passwords.emplace_back("wrong");
    passwords.emplace_back("right");
    const auto source = make_directory_source(
        {folder.path()}, std::make_shared<const std::vector<SecretString>>(std::move(passwords)));
    for (const std::string& text :
         {test::pem_text(key, "right"), test::traditional_pem_text(key, "right"), test::pem_text(key)}) {
        folder.write("a.example.pem", text + certificate);
        assert_found(source.get(), "a.example", folder.at("a.example.pem"));
    }
    const auto without = source_of({folder.path()});
    folder.write("a.example.pem", test::pem_text(key, "right") + certificate);
    assert_holds(load(without.get(), "a.example").error, "it needs a password");
}

void intermediates_are_shared(void**) {
    const CertificateFolder folder;
    const auto source = source_of({folder.path()});
    const test::Party root = test::make_authority("root");
    const test::Party middle = test::make_authority("middle", &root);
    for (const char* name : {"a.example", "b.example"}) {
        const test::Party leaf = test::make_leaf(test::make_ec_key(), &middle, name);
        folder.write(std::string(name) + ".pem", test::pem_text(leaf.key) + test::pem_text(leaf.certificate) +
                                                     test::pem_text(middle.certificate) +
                                                     test::pem_text(root.certificate));
    }
    const Answer a = load(source.get(), "a.example");
    const Answer b = load(source.get(), "b.example");
    const Credential& one = *a.set->credentials[0];
    const Credential& other = *b.set->credentials[0];
    assert_int_equal(one.chain.size(), 2);
    assert_int_equal(X509_cmp(one.chain[0].get(), middle.certificate.get()), 0);
    assert_ptr_equal(one.chain[0].get(), other.chain[0].get());
    assert_ptr_equal(one.chain[1].get(), other.chain[1].get());
    assert_ptr_not_equal(one.leaf.get(), other.leaf.get());
}

}  // namespace
}  // namespace tls

int main() {
    using namespace tls;
    const CMUnitTest tests[] = {
        cmocka_unit_test(layouts_in_their_order),
        cmocka_unit_test(a_file_with_the_name_of_a_host_is_no_subfolder),
        cmocka_unit_test(key_types_beside_each_other),
        cmocka_unit_test(one_broken_key_type_leaves_the_others),
        cmocka_unit_test(wildcards_are_entries_of_their_own),
        cmocka_unit_test(folders_in_their_order),
        cmocka_unit_test(hostile_names_never_become_paths),
        cmocka_unit_test(a_certificate_for_others_is_served_with_a_warning),
        cmocka_unit_test(times_count),
        cmocka_unit_test(halves_that_do_not_match),
        cmocka_unit_test(files_that_are_none),
        cmocka_unit_test(keys_may_be_encrypted),
        cmocka_unit_test(intermediates_are_shared),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
