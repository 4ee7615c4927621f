// Chains and keys that fit and those that do not: what is loaded, and each refusal's sentence.
#include "certs/credential.h"

#include <openssl/err.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/cmocka.h"
#include "support/made_certificates.h"
#include "support/temporary_folder.h"

namespace tls {
namespace {

using test::make_authority;
using test::make_leaf;
using test::Party;
using test::pem_text;
using test::TemporaryFolder;

using Loaded = Result<std::shared_ptr<const Credential>>;

Loaded load(const std::string& certificate, const std::string& key) {
    Loaded loaded = load_credential(certificate, key, {});
    assert_int_equal(ERR_peek_error(), 0);
    return loaded;
}

void assert_begins(const std::string& text, const std::string& begin) {
    assert_string_equal(text.substr(0, begin.size()).c_str(), begin.c_str());
}

void assert_holds(const std::string& text, const std::string& part) {
    const bool holds = text.find(part) != std::string::npos;
    if (!holds) {
        print_error("\"%s\" is not in \"%s\"\n", part.c_str(), text.c_str());
    }
    assert_true(holds);
}

void every_key_type_loads(void**) {
    TemporaryFolder folder;
    UniquePkey keys[] = {test::make_rsa_key(), test::make_ec_key(), test::make_ed25519_key()};
    for (UniquePkey& key : keys) {
        const int type = EVP_PKEY_get_base_id(key.get());
        const Party leaf = make_leaf(std::move(key));
        const std::string name = std::to_string(type);
        const std::string certificate = folder.write(name + ".crt", pem_text(leaf.certificate));
        const std::string key_file = folder.write(name + ".key", pem_text(leaf.key));
        const Loaded loaded = load(certificate, key_file);
        assert_true(loaded.ok());
        assert_int_equal(EVP_PKEY_get_base_id((*loaded)->key.get()), type);
        assert_int_equal(X509_cmp((*loaded)->leaf.get(), leaf.certificate.get()), 0);
        assert_int_equal((*loaded)->chain.size(), 0);
        const ASN1_TIME* const end = X509_get0_notAfter(leaf.certificate.get());
        assert_int_equal(ASN1_TIME_cmp_time_t(end, (*loaded)->not_after), 0);
        assert_true(seconds_of(end) == (*loaded)->not_after);
        assert_string_equal((*loaded)->certificate_source.c_str(), certificate.c_str());
        assert_string_equal((*loaded)->key_source.c_str(), key_file.c_str());
    }
}

// A chain of three, and text around the certificates as `openssl x509 -text` writes it.
struct Chain {
    Party root = make_authority("root");
    Party middle = make_authority("middle", &root);
    Party leaf = make_leaf(test::make_ec_key(), &middle);
};

void the_chain_keeps_its_order(void**) {
    const Chain chain;
    const Loaded loaded =
        load("data:Certificate:\n" + pem_text(chain.leaf.certificate) + "\n# middle\n" +
                 pem_text(chain.middle.certificate) + pem_text(chain.root.certificate) + "\n\n",
             "data:" + pem_text(chain.leaf.key));
    assert_true(loaded.ok());
    assert_int_equal((*loaded)->chain.size(), 2);
    assert_int_equal(X509_cmp((*loaded)->leaf.get(), chain.leaf.certificate.get()), 0);
    assert_int_equal(X509_cmp((*loaded)->chain[0].get(), chain.middle.certificate.get()), 0);
    assert_int_equal(X509_cmp((*loaded)->chain[1].get(), chain.root.certificate.get()), 0);
}

void a_key_and_its_chain_may_share_a_file(void**) {
    TemporaryFolder folder;
    const Chain chain;
    const std::string file =
        folder.write("all.pem", pem_text(chain.leaf.key) + pem_text(chain.leaf.certificate) +
                                    pem_text(chain.middle.certificate));
    const Loaded loaded = load(file, file);
    assert_true(loaded.ok());
    assert_int_equal((*loaded)->chain.size(), 1);
}

void data_never_shows_in_what_is_kept_or_said(void**) {
    const Party leaf = make_leaf(test::make_ec_key());
    const std::string key = pem_text(leaf.key);
    const Loaded loaded = load("data:" + pem_text(leaf.certificate), "data:" + key);
    assert_true(loaded.ok());
    assert_string_equal((*loaded)->certificate_source.c_str(), "data:...");
    assert_string_equal((*loaded)->key_source.c_str(), "data:...");

    const Loaded broken = load("data:" + pem_text(leaf.certificate), "data:" + key.substr(0, 60));
    assert_false(broken.ok());
    assert_begins(broken.error().message,
                  "cannot load certificate key \"data:...\": PEM_read_bio_PrivateKey() failed (SSL: error:");
    assert_true(broken.error().message.find("BEGIN PRIVATE") == std::string::npos);
}

void a_missing_file_is_named(void**) {
    TemporaryFolder folder;
    const Party leaf = make_leaf(test::make_ec_key());
    const std::string certificate = folder.write("x.crt", pem_text(leaf.certificate));
    const std::string missing = folder.at("missing.pem");

    const Loaded no_certificate = load(missing, certificate);
    assert_false(no_certificate.ok());
    assert_begins(no_certificate.error().message, "cannot load certificate \"" + missing +
                                                      "\": BIO_new_file() failed (SSL: error:80000002:system "
                                                      "library::No such file or directory");
    const Loaded no_key = load(certificate, missing);
    assert_false(no_key.ok());
    assert_begins(no_key.error().message, "cannot load certificate key \"" + missing +
                                              "\": BIO_new_file() failed (SSL: error:80000002:system "
                                              "library::No such file or directory");
}

void an_unreadable_file_is_named(void**) {
    TemporaryFolder folder;
    const Loaded folder_itself = load(folder.path(), folder.path());
    assert_false(folder_itself.ok());
    assert_begins(folder_itself.error().message,
                  "cannot load certificate \"" + folder.path() + "\": PEM_read_bio_X509_AUX() failed (SSL: ");
    if (geteuid() == 0) {
        return;  // root reads everything
    }
    const std::string closed = folder.write("closed.pem", "");
    assert_int_equal(chmod(closed.c_str(), 0), 0);
    const Loaded denied = load(closed, closed);
    assert_false(denied.ok());
    assert_holds(denied.error().message, "BIO_new_file() failed (SSL: error:8000000D:");
}

void files_without_pem_have_no_start_line(void**) {
    const Party leaf = make_leaf(test::make_ec_key());
    const std::string certificate = "data:" + pem_text(leaf.certificate);
    for (const char* content :
         {"data:", "data:\n", "data:garbage\n", "data:-----BEGIN CERTIFICATE----\nAAAA\n"}) {
        const Loaded loaded = load(content, content);
        assert_false(loaded.ok());
        assert_begins(loaded.error().message,
                      "cannot load certificate \"data:...\": PEM_read_bio_X509_AUX() failed (SSL: ");
        assert_holds(loaded.error().message, "no start line");
    }
    // The key where the certificate should be, and the other way round.
    const Loaded turned = load("data:" + pem_text(leaf.key), certificate);
    assert_false(turned.ok());
    assert_holds(turned.error().message, "no start line");
    assert_begins(load(certificate, certificate).error().message,
                  "cannot load certificate key \"data:...\": PEM_read_bio_PrivateKey() failed (SSL: ");
}

void a_certificate_cut_anywhere_is_refused(void**) {
    const Chain chain;
    const std::string key = "data:" + pem_text(chain.leaf.key);
    const std::string first = pem_text(chain.leaf.certificate);
    for (size_t length = 0; length + 1 < first.size(); ++length) {
        const Loaded loaded = load("data:" + first.substr(0, length), key);
        assert_false(loaded.ok());
        assert_holds(loaded.error().message, "PEM_read_bio_X509_AUX() failed");
    }
    // Of a second one everything but its begin line can be cut away, and that is an error as in nginx.
    const std::string second = pem_text(chain.middle.certificate);
    const size_t begin_line = second.find('\n') + 1;
    for (size_t length = begin_line; length + 1 < second.size(); ++length) {
        const Loaded loaded = load("data:" + first + second.substr(0, length), key);
        assert_false(loaded.ok());
        assert_begins(loaded.error().message,
                      "cannot load certificate \"data:...\": PEM_read_bio_X509() failed (SSL: ");
    }
}

void broken_base64_is_refused(void**) {
    const Party leaf = make_leaf(test::make_ec_key());
    std::string text = pem_text(leaf.certificate);
    text[text.size() / 2] = '!';
    const Loaded loaded = load("data:" + text, "data:" + pem_text(leaf.key));
    assert_false(loaded.ok());
    assert_holds(loaded.error().message, "bad base64 decode");
}

void a_mismatch_names_both_files(void**) {
    TemporaryFolder folder;
    const Party leaf = make_leaf(test::make_ec_key());
    const std::string certificate = folder.write("a.crt", pem_text(leaf.certificate));
    const std::string other_key = folder.write("b.key", pem_text(test::make_ec_key()));
    const std::string other_type = folder.write("c.key", pem_text(test::make_rsa_key()));

    assert_begins(load(certificate, other_key).error().message,
                  "X509_check_private_key(\"" + other_key +
                      "\") failed: the key does not belong to certificate \"" + certificate +
                      "\" (SSL: error:05800074:x509 certificate routines::key values mismatch)");
    assert_holds(load(certificate, other_type).error().message, "key type mismatch");
}

void a_chain_out_of_order_is_refused(void**) {
    TemporaryFolder folder;
    const Chain chain;
    const std::string key = folder.write("leaf.key", pem_text(chain.leaf.key));
    const std::string leaf = pem_text(chain.leaf.certificate);
    const std::string middle = pem_text(chain.middle.certificate);
    const std::string root = pem_text(chain.root.certificate);

    const std::string swapped = folder.write("swapped.pem", leaf + root + middle);
    assert_string_equal(
        load(swapped, key).error().message.c_str(),
        ("certificate chain in \"" + swapped +
         "\" is out of order: the second certificate did not issue the first, a later one did")
            .c_str());
    const std::string reversed = folder.write("reversed.pem", root + middle + leaf);
    assert_string_equal(load(reversed, key).error().message.c_str(),
                        ("certificate chain in \"" + reversed +
                         "\" is out of order: the certificate of key \"" + key + "\" is not the first one")
                            .c_str());
}

void a_chain_without_the_issuer_is_the_operator_s_choice(void**) {
    const Chain chain;
    const Party stranger = make_authority("stranger");
    const std::string key = "data:" + pem_text(chain.leaf.key);
    const std::string leaf = "data:" + pem_text(chain.leaf.certificate);
    assert_true(load(leaf, key).ok());
    assert_true(load(leaf + pem_text(chain.root.certificate), key).ok());
    assert_true(load(leaf + pem_text(stranger.certificate) + pem_text(chain.root.certificate), key).ok());
}

void the_digest_is_the_leaf_s(void**) {
    const Chain chain;
    const std::string key = "data:" + pem_text(chain.leaf.key);
    const std::string leaf = "data:" + pem_text(chain.leaf.certificate);
    const Loaded alone = load(leaf, key);
    const Loaded with_chain = load(leaf + pem_text(chain.middle.certificate), key);
    const Party other = make_leaf(test::make_ec_key());
    const Loaded another = load("data:" + pem_text(other.certificate), "data:" + pem_text(other.key));

    const std::string digest = credential_digest(**alone);
    assert_int_equal(digest.size(), 32);
    assert_true(digest == credential_digest(**with_chain));
    assert_false(digest == credential_digest(**another));
    unsigned char expected[32];
    assert_int_equal(X509_digest(chain.leaf.certificate.get(), EVP_sha256(), expected, nullptr), 1);
    assert_memory_equal(digest.data(), expected, sizeof(expected));
}

}  // namespace
}  // namespace tls

int main() {
    using namespace tls;
    const CMUnitTest tests[] = {
        cmocka_unit_test(every_key_type_loads),
        cmocka_unit_test(the_chain_keeps_its_order),
        cmocka_unit_test(a_key_and_its_chain_may_share_a_file),
        cmocka_unit_test(data_never_shows_in_what_is_kept_or_said),
        cmocka_unit_test(a_missing_file_is_named),
        cmocka_unit_test(an_unreadable_file_is_named),
        cmocka_unit_test(files_without_pem_have_no_start_line),
        cmocka_unit_test(a_certificate_cut_anywhere_is_refused),
        cmocka_unit_test(broken_base64_is_refused),
        cmocka_unit_test(a_mismatch_names_both_files),
        cmocka_unit_test(a_chain_out_of_order_is_refused),
        cmocka_unit_test(a_chain_without_the_issuer_is_the_operator_s_choice),
        cmocka_unit_test(the_digest_is_the_leaf_s),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
