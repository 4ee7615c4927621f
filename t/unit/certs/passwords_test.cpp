// The forms of a password file, as nginx's ngx_ssl_read_password_file() reads them.
#include <initializer_list>
#include <string>

#include "certs/credential.h"
#include "support/cmocka.h"
#include "support/temporary_folder.h"

namespace tls {
namespace {

using test::TemporaryFolder;

void expect(const std::string& content, std::initializer_list<std::string> passwords) {
    TemporaryFolder folder;
    const Result<std::vector<SecretString>> loaded = load_passwords(folder.write("passwords", content));
    assert_true(loaded.ok());
    assert_int_equal(loaded->size(), passwords.size());
    size_t i = 0;
    for (const std::string& password : passwords) {
        assert_string_equal((*loaded)[i++].value().c_str(), password.c_str());
    }
}

void expect_too_long(const std::string& content) {
    TemporaryFolder folder;
    const std::string path = folder.write("passwords", content);
    const Result<std::vector<SecretString>> loaded = load_passwords(path);
    assert_false(loaded.ok());
    assert_string_equal(loaded.error().message.c_str(), ("too long line in \"" + path + "\"").c_str());
}

void one_password_a_line(void**) {
    expect("one\n", {"one"});
    expect("one\ntwo\nthree\n", {"one", "two", "three"});
}

void a_last_newline_may_be_missing(void**) {
    expect("one", {"one"});
    expect("one\ntwo", {"one", "two"});
    expect("one\ntwo\r", {"one", "two"});
}

void a_carriage_return_before_the_newline_is_dropped(void**) {
    expect("one\r\ntwo\r\n", {"one", "two"});
    // Only the last one, and only there.
    expect("o\rne\r\r\n", {"o\rne\r"});
}

void empty_lines_are_no_passwords(void**) {
    expect("\none\n\n\r\ntwo\n\n", {"one", "two"});
}

void blanks_belong_to_the_password(void**) {
    expect(" one \n\ttwo\n", {" one ", "\ttwo"});
}

void a_file_without_passwords_means_the_empty_one(void**) {
    expect("", {""});
    expect("\n\n\r\n", {""});
}

void a_line_may_have_4095_bytes(void**) {
    const std::string longest(4095, 'a');
    expect(longest + "\n", {longest});
    expect(longest, {longest});
    expect("x\n" + longest + "\ny\n", {"x", longest, "y"});
    expect_too_long(longest + "a\n");
    expect_too_long(longest + "a");
    expect_too_long("x\n" + longest + "\r\n");
    expect_too_long(std::string(100000, 'a'));
}

void many_lines_cross_the_buffer(void**) {
    std::string content;
    for (int i = 0; i < 3000; ++i) {
        content += "password " + std::to_string(i) + "\n";
    }
    TemporaryFolder folder;
    const Result<std::vector<SecretString>> loaded = load_passwords(folder.write("passwords", content));
    assert_true(loaded.ok());
    assert_int_equal(loaded->size(), 3000);
    for (size_t i = 0; i < loaded->size(); ++i) {
        assert_string_equal((*loaded)[i].value().c_str(), ("password " + std::to_string(i)).c_str());
    }
}

void errors_name_the_file_as_nginx_does(void**) {
    TemporaryFolder folder;
    const std::string missing = folder.at("missing");
    assert_string_equal(load_passwords(missing).error().message.c_str(),
                        ("open() \"" + missing + "\" failed (2: No such file or directory)").c_str());
    assert_string_equal(load_passwords(folder.path()).error().message.c_str(),
                        ("read() \"" + folder.path() + "\" failed (21: Is a directory)").c_str());
}

}  // namespace
}  // namespace tls

int main() {
    using namespace tls;
    const CMUnitTest tests[] = {
        cmocka_unit_test(one_password_a_line),
        cmocka_unit_test(a_last_newline_may_be_missing),
        cmocka_unit_test(a_carriage_return_before_the_newline_is_dropped),
        cmocka_unit_test(empty_lines_are_no_passwords),
        cmocka_unit_test(blanks_belong_to_the_password),
        cmocka_unit_test(a_file_without_passwords_means_the_empty_one),
        cmocka_unit_test(a_line_may_have_4095_bytes),
        cmocka_unit_test(many_lines_cross_the_buffer),
        cmocka_unit_test(errors_name_the_file_as_nginx_does),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
