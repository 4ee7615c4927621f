// Files that are written once and whole.
#include "certs/kept_file.h"

#include <sys/stat.h>

#include <fstream>
#include <sstream>

#include "support/certificate_folder.h"
#include "support/cmocka.h"

namespace tls {
namespace {

using test::CertificateFolder;

std::string content(const std::string& path) {
    std::ifstream file(path);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

size_t files_in(const CertificateFolder& folder) {
    size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
        count += entry.path().empty() ? 0 : 1;
    }
    return count;
}

void the_first_content_stays(void**) {
    const CertificateFolder folder;
    assert_true(keep_file(folder.at("file"), "first", 0600).ok());
    assert_true(keep_file(folder.at("file"), "second", 0600).ok());
    assert_string_equal(content(folder.at("file")).c_str(), "first");
    assert_int_equal(files_in(folder), 1);
}

void the_mode_is_what_was_asked_for(void**) {
    const CertificateFolder folder;
    struct stat seen {};
    const mode_t before = umask(0777);
    assert_true(keep_file(folder.at("open"), "x", 0644).ok());
    umask(0);
    assert_true(keep_file(folder.at("closed"), "x", 0600).ok());
    umask(before);
    assert_int_equal(stat(folder.at("open").c_str(), &seen), 0);
    assert_int_equal(seen.st_mode & 07777, 0644);
    assert_int_equal(stat(folder.at("closed").c_str(), &seen), 0);
    assert_int_equal(seen.st_mode & 07777, 0600);
}

void a_link_is_not_followed(void**) {
    const CertificateFolder folder;
    folder.link("file", "elsewhere");
    assert_true(keep_file(folder.at("file"), "x", 0600).ok());
    assert_false(std::filesystem::exists(folder.at("elsewhere")));
}

void without_a_folder_it_says_so(void**) {
    const CertificateFolder folder;
    const Result<void> kept = keep_file(folder.at("none/file"), "x", 0600);
    assert_false(kept.ok());
    assert_true(kept.error().message.find("failed (2: No such file or directory)") != std::string::npos);
}

}  // namespace
}  // namespace tls

int main() {
    using namespace tls;
    const CMUnitTest tests[] = {
        cmocka_unit_test(the_first_content_stays),
        cmocka_unit_test(the_mode_is_what_was_asked_for),
        cmocka_unit_test(a_link_is_not_followed),
        cmocka_unit_test(without_a_folder_it_says_so),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
