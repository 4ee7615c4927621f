// Libraries by name: which of several is taken, and what there is to say where none is.
#include "base/shared_library.h"

#include <filesystem>

#include "support/cmocka.h"
#include "support/temporary_folder.h"

namespace tls {
namespace {

// A library that every process here has.
constexpr const char* kHere = "libc.so.6";

void the_first_that_is_there_is_taken(void**) {
    std::string name;
    void* handle = open_library({"libno_such_library.so.1", kHere, "libm.so.6"}, {}, &name);
    assert_non_null(handle);
    assert_string_equal(name.c_str(), kHere);
    size_t (*length)(const char*) = nullptr;
    assert_true(find(handle, "strlen", &length));
    assert_int_equal(length("four"), 4);
    assert_false(find(handle, "no_such_function", &length));
    assert_null(length);
}

void without_any_there_is_no_handle(void**) {
    std::string name;
    assert_null(open_library({"libno_such_library.so.1", "libno_such_library.so.2"}, {}, &name));
    assert_string_equal(name.c_str(), "libno_such_library.so.2");
}

void the_folder_comes_after_the_system(void**) {
    test::TemporaryFolder folder;
    folder.write(kHere, "not a library");
    folder.write("libno_such_library.so.1", "not a library");
    std::string name;
    assert_non_null(open_library({kHere}, folder.path(), &name));
    assert_string_equal(name.c_str(), kHere);
    assert_null(open_library({"libno_such_library.so.1"}, folder.path(), &name));
    assert_string_equal(name.c_str(), (folder.path() + "/libno_such_library.so.1").c_str());
}

void this_code_knows_its_folder(void**) {
    const std::filesystem::path program = std::filesystem::canonical("/proc/self/exe");
    const std::filesystem::path folder = std::filesystem::canonical(folder_of_this_code());
    assert_string_equal(folder.c_str(), program.parent_path().c_str());
}

}  // namespace
}  // namespace tls

int main() {
    using namespace tls;
    const CMUnitTest tests[] = {
        cmocka_unit_test(the_first_that_is_there_is_taken),
        cmocka_unit_test(without_any_there_is_no_handle),
        cmocka_unit_test(the_folder_comes_after_the_system),
        cmocka_unit_test(this_code_knows_its_folder),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
