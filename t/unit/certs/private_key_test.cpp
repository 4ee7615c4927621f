// Encrypted keys, stores and engines, and that nobody is ever asked on a terminal.
#include "certs/private_key.h"

#include <openssl/err.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/cmocka.h"
#include "support/made_certificates.h"
#include "support/temporary_folder.h"

namespace tls {
namespace {

using test::pem_text;
using test::TemporaryFolder;

using Loaded = Result<UniquePkey>;

std::vector<SecretString> list(std::initializer_list<const char*> passwords) {
    std::vector<SecretString> made;
    for (const char* password : passwords) {
        made.emplace_back(password);
    }
    return made;
}

Loaded load(const std::string& source, std::initializer_list<const char*> passwords = {}) {
    Loaded loaded = load_private_key(source, list(passwords));
    assert_int_equal(ERR_peek_error(), 0);
    return loaded;
}

void assert_begins(const Loaded& loaded, const std::string& begin) {
    assert_false(loaded.ok());
    assert_string_equal(loaded.error().message.substr(0, begin.size()).c_str(), begin.c_str());
}

// The same encrypted key in both PEM forms, each as a PEM source and through a store.
struct Encrypted {
    UniquePkey key = test::make_ec_key();
    TemporaryFolder folder;
    std::string pkcs8 = folder.write("pkcs8.key", pem_text(key, "open sesame"));
    std::string traditional = folder.write("traditional.key", test::traditional_pem_text(key, "open sesame"));
    std::vector<std::string> sources = {pkcs8, traditional, "store:file:" + pkcs8, "store:" + traditional};
};

void the_right_password_opens(void**) {
    const Encrypted encrypted;
    for (const std::string& source : encrypted.sources) {
        const Loaded loaded = load(source, {"open sesame"});
        assert_true(loaded.ok());
        assert_int_equal(EVP_PKEY_eq(loaded->get(), encrypted.key.get()), 1);
    }
}

void passwords_are_tried_in_order(void**) {
    const Encrypted encrypted;
    for (const std::string& source : encrypted.sources) {
        assert_true(load(source, {"first", "", "open sesame", "last"}).ok());
        assert_true(load(source, {"open sesame", "second"}).ok());
    }
}

void without_a_password_the_directive_is_named(void**) {
    const Encrypted encrypted;
    for (const std::string& source : {encrypted.pkcs8, encrypted.traditional}) {
        assert_begins(load(source), "cannot load certificate key \"" + source +
                                        "\": PEM_read_bio_PrivateKey() failed: it needs a password, see "
                                        "\"tls_password_file\" (SSL: error:");
        assert_begins(load("store:file:" + source),
                      "cannot load certificate key \"store:file:" + source +
                          "\": OSSL_STORE_load() failed: it needs a password, see "
                          "\"tls_password_file\" (SSL: error:");
    }
}

void wrong_passwords_are_refused(void**) {
    const Encrypted encrypted;
    const std::string too_long(2000, 'x');
    for (const std::string& source : {encrypted.pkcs8, encrypted.traditional}) {
        assert_begins(
            load(source, {"wrong", "Open Sesame", ""}),
            "cannot load certificate key \"" + source +
                "\": PEM_read_bio_PrivateKey() failed: no password in \"tls_password_file\" fits (SSL: ");
        assert_false(load(source, {too_long.c_str()}).ok());
        assert_begins(load("store:file:" + source, {"wrong"}),
                      "cannot load certificate key \"store:file:" + source +
                          "\": OSSL_STORE_load() failed: no password in \"tls_password_file\" fits (SSL: ");
    }
}

void an_open_key_needs_no_password_but_may_have_one(void**) {
    TemporaryFolder folder;
    const std::string file = folder.write("open.key", pem_text(test::make_ec_key()));
    for (const std::string& source : {file, "store:" + file, "store:file:" + file}) {
        assert_true(load(source).ok());
        assert_true(load(source, {"unused", "unused too"}).ok());
    }
}

// With no terminal OpenSSL's own prompt would read standard input, where the right password lies ready.
void nobody_is_asked(void**) {
    const Encrypted encrypted;
    for (const std::string& source : encrypted.sources) {
        const pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            int pipe_ends[2];
            const char answer[] = "open sesame\nopen sesame\n";
            const bool ready = setsid() != -1 && pipe(pipe_ends) == 0 && dup2(pipe_ends[0], 0) == 0 &&
                               write(pipe_ends[1], answer, sizeof(answer) - 1) > 0;
            _exit(ready && !load_private_key(source, {}).ok() ? 0 : 1);
        }
        int status = -1;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
    }
}

void parameters_before_a_key_are_skipped(void**) {
    const UniquePkey key = test::make_ec_key();
    const std::string parameters =
        "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n";
    const std::string text = test::written([&](BIO* bio) {
        return PEM_write_bio_PrivateKey_traditional(bio, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    });
    const Loaded loaded = load("data:" + parameters + text);
    assert_true(loaded.ok());
    assert_int_equal(EVP_PKEY_eq(loaded->get(), key.get()), 1);
}

void a_store_gives_its_first_private_key(void**) {
    TemporaryFolder folder;
    const test::Party leaf = test::make_leaf(test::make_ec_key());
    const UniquePkey second = test::make_ed25519_key();
    const std::string file =
        folder.write("mixed.pem", pem_text(leaf.certificate) + pem_text(leaf.key) + pem_text(second));
    const Loaded loaded = load("store:file:" + file);
    assert_true(loaded.ok());
    assert_int_equal(EVP_PKEY_eq(loaded->get(), leaf.key.get()), 1);

    const std::string certificate = folder.write("certificate.pem", pem_text(leaf.certificate));
    assert_begins(load("store:file:" + certificate),
                  "cannot load certificate key \"store:file:" + certificate + "\": OSSL_STORE_load() failed");
}

void a_store_that_does_not_open_is_named(void**) {
    TemporaryFolder folder;
    const std::string missing = "store:file:" + folder.at("missing.key");
    assert_begins(load(missing),
                  "cannot load certificate key \"" + missing + "\": OSSL_STORE_open() failed (SSL: error:");
    assert_begins(
        load("store:nosuchscheme:object=x"),
        "cannot load certificate key \"store:nosuchscheme:object=x\": OSSL_STORE_open() failed (SSL: ");
}

void a_pin_is_not_printed(void**) {
    assert_begins(
        load("store:nosuchscheme:object=x;type=private?pin-value=1234&module-name=y"),
        "cannot load certificate key "
        "\"store:nosuchscheme:object=x;type=private?pin-value=...&module-name=y\": OSSL_STORE_open()");
    const Loaded last = load("store:nosuchscheme:object=x?pin-value=1234");
    const Loaded empty = load("store:nosuchscheme:object=x?pin-value=");
    assert_begins(empty,
                  "cannot load certificate key \"store:nosuchscheme:object=x?pin-value=...\": OSSL_STORE_");
    assert_begins(last,
                  "cannot load certificate key \"store:nosuchscheme:object=x?pin-value=...\": OSSL_STORE_");
    assert_true(last.error().message.find("1234") == std::string::npos);
}

void engines_fail_in_nginx_s_words(void**) {
#ifndef OPENSSL_NO_ENGINE
    assert_begins(load("engine:nosuchengine"),
                  "cannot load certificate key \"engine:nosuchengine\": invalid syntax");
    assert_begins(
        load("engine:nosuchengine:slot_0"),
        "cannot load certificate key \"engine:nosuchengine:slot_0\": ENGINE_by_id() failed (SSL: error:");
#else
    assert_begins(
        load("engine:nosuchengine:slot_0"),
        "cannot load certificate key \"engine:nosuchengine:slot_0\": loading \"engine:...\" certificate "
        "keys is not supported");
#endif
}

}  // namespace
}  // namespace tls

int main() {
    using namespace tls;
    const CMUnitTest tests[] = {
        cmocka_unit_test(the_right_password_opens),
        cmocka_unit_test(passwords_are_tried_in_order),
        cmocka_unit_test(without_a_password_the_directive_is_named),
        cmocka_unit_test(wrong_passwords_are_refused),
        cmocka_unit_test(an_open_key_needs_no_password_but_may_have_one),
        cmocka_unit_test(nobody_is_asked),
        cmocka_unit_test(parameters_before_a_key_are_skipped),
        cmocka_unit_test(a_store_gives_its_first_private_key),
        cmocka_unit_test(a_store_that_does_not_open_is_named),
        cmocka_unit_test(a_pin_is_not_printed),
        cmocka_unit_test(engines_fail_in_nginx_s_words),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
