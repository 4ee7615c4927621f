// A folder of 100,000 names: what a name costs that was never asked for, one in use, one that does not exist.
// Times and bytes are printed; they are the machine's, not this test's, to hold.
#include <malloc.h>
#include <time.h>

#include <random>

#include "certs/directory_source.h"
#include "support/certificate_folder.h"
#include "support/cmocka.h"

namespace tls {
namespace {

using test::CertificateFolder;
using test::kNow;
using test::need;

constexpr int kNames = 100000;
constexpr int kAsked = 3000;

// One folder for all tests. Names are hard links to a few files: reading and parsing is the same for each.
const CertificateFolder* folder;

std::string name_of(unsigned long number) {
    return "name" + std::to_string(number) + ".example";
}

int make_folder(void**) {
    folder = new CertificateFolder();
    const test::Party root = test::make_authority("root");
    const test::Party middle = test::make_authority("middle", &root);
    const test::Party leaf = test::make_leaf(test::make_ec_key(), &middle, "any.example");
    const std::string text = test::pem_text(leaf.certificate) + test::pem_text(middle.certificate) +
                             test::pem_text(root.certificate) + test::pem_text(leaf.key);
    std::string original;
    for (int i = 0; i < kNames; ++i) {
        const std::string path = folder->at("certs/" + name_of(static_cast<unsigned long>(i)) + ".pem");
        if (i % 20000 == 0) {
            original = folder->write("certs/" + name_of(static_cast<unsigned long>(i)) + ".pem", text);
        } else {
            need(link(original.c_str(), path.c_str()) == 0);
        }
    }
    return 0;
}

int remove_folder(void**) {
    delete folder;
    return 0;
}

double cpu_microseconds() {
    struct timespec now {};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

// Prints the mean of `count` calls.
template <class Work>
void measure(const char* what, int count, Work work) {
    const double begin = cpu_microseconds();
    for (int i = 0; i < count; ++i) {
        work(i);
    }
    print_message("%-40s %8.2f us of CPU\n", what, (cpu_microseconds() - begin) / count);
}

void questions(void**) {
    CredentialCatalog catalog(make_directory_source({folder->at("certs")}, nullptr), {kAsked, 3600, 1});
    Notices notices;
    std::mt19937 random(1);
    std::vector<std::string> names;
    for (int i = 0; i < kAsked; ++i) {
        names.push_back(name_of((random() % (kNames / kAsked)) * kAsked + static_cast<unsigned long>(i)));
    }
    const auto find = [&](const std::string& name, time_t now) { return catalog.find(name, now, &notices); };
    need(find(name_of(kNames - 1), kNow) != nullptr);  // what libcrypto does only once
    const size_t before = mallinfo2().uordblks;
    measure("a name for the first time", kAsked,
            [&](int i) { need(find(names[static_cast<size_t>(i)], kNow) != nullptr); });
    const size_t after = mallinfo2().uordblks;
    notices.clear();
    measure("a name within the time it is valid", kAsked,
            [&](int i) { need(find(names[static_cast<size_t>(i)], kNow) != nullptr); });
    measure("a name whose file is looked at", kAsked,
            [&](int i) { need(find(names[static_cast<size_t>(i)], kNow + 1) != nullptr); });
    measure("a name that does not exist", kAsked,
            [&](int i) { need(find("none" + std::to_string(i) + ".example", kNow) == nullptr); });
    measure("the same again", kAsked, [&](int) { need(find("none2999.example", kNow) == nullptr); });
    print_message("%-40s %8.0f bytes (leaf, key, entry; shared chain of two)\n", "a name in use",
                  static_cast<double>(after - before) / kAsked);
    assert_int_equal(catalog.counts().names, kAsked);
    assert_true(notices.empty());
}

}  // namespace
}  // namespace tls

int main() {
    using namespace tls;
    const CMUnitTest tests[] = {
        cmocka_unit_test(questions),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
