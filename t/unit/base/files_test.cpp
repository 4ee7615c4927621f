// Descriptors that close once, and files that are read whole or not at all.
#include "base/files.h"

#include <fcntl.h>

#include <cerrno>
#include <utility>

#include "support/cmocka.h"
#include "support/temporary_folder.h"

namespace tls {
namespace {

bool is_open(int number) {
    return fcntl(number, F_GETFD) != -1;
}

void a_descriptor_has_one_owner(void**) {
    FileDescriptor first(open("/", O_PATH | O_CLOEXEC));
    assert_true(first.ok());
    const int number = first.get();
    FileDescriptor second(std::move(first));
    assert_true(is_open(number));
    FileDescriptor third;
    assert_false(third.ok());
    third = std::move(second);
    assert_int_equal(third.get(), number);
    errno = ENOSPC;
    third.reset();
    assert_int_equal(errno, ENOSPC);
    assert_false(is_open(number));
}

void failures_read_like_nginx_s(void**) {
    assert_string_equal(system_failure("open()", "/x", ENOENT).c_str(),
                        "open() \"/x\" failed (2: No such file or directory)");
}

std::string read_all(const std::string& path, size_t expected, size_t most, int* failure) {
    const FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    return read_rest(file.get(), expected, most, failure).value();
}

void what_was_expected_does_not_matter(void**) {
    test::TemporaryFolder folder;
    std::string content;
    for (int i = 0; i < 3000; ++i) {
        content += std::to_string(i);
    }
    const std::string path = folder.write("file", content);
    for (const size_t expected : {content.size(), size_t{0}, size_t{7}, content.size() + 9, size_t{100000}}) {
        int failure = 0;
        const std::string read = read_all(path, expected, 100000, &failure);
        assert_int_equal(failure, 0);
        assert_true(read == content);
    }
}

void more_than_the_most_is_refused(void**) {
    test::TemporaryFolder folder;
    const std::string path = folder.write("file", std::string(1000, 'x'));
    int failure = 0;
    assert_int_equal(read_all(path, 1000, 1000, &failure).size(), 1000);
    assert_int_equal(failure, 0);
    for (const size_t expected : {size_t{1000}, size_t{10}}) {
        assert_int_equal(read_all(path, expected, 999, &failure).size(), 0);
        assert_int_equal(failure, EFBIG);
    }
}

void a_folder_is_no_text(void**) {
    int failure = 0;
    assert_int_equal(read_all("/", 10, 100, &failure).size(), 0);
    assert_int_equal(failure, EISDIR);
}

}  // namespace
}  // namespace tls

int main() {
    using namespace tls;
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_descriptor_has_one_owner),
        cmocka_unit_test(failures_read_like_nginx_s),
        cmocka_unit_test(what_was_expected_does_not_matter),
        cmocka_unit_test(more_than_the_most_is_refused),
        cmocka_unit_test(a_folder_is_no_text),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
