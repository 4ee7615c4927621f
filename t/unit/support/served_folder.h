// Folders under a catalog, as a worker serves them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "certs/directory_source.h"
#include "support/certificate_folder.h"
#include "support/cmocka.h"

namespace tls::test {

using Set = std::shared_ptr<const CredentialSet>;

constexpr char kName[] = "a.example";

// A catalog over a folder, and a clock that goes on by a second for each question.
struct Served {
    explicit Served(const std::vector<std::string>& folders)
        : catalog(make_directory_source(folders, nullptr), {}) {}
    Set find(const std::string& name = kName) {
        notices.clear();
        return catalog.find(name, now++, &notices);
    }
    // The only notice of the last question.
    const Notice& told() const {
        assert_int_equal(notices.size(), 1);
        return notices[0];
    }
    void assert_quiet() const {
        for (const Notice& notice : notices) {
            print_error("%s\n", notice.text.c_str());
        }
        assert_int_equal(notices.size(), 0);
    }

    CredentialCatalog catalog;
    time_t now = kNow;
    Notices notices;
};

inline void assert_serves(const Set& set, const PairOfTexts& pair) {
    assert_non_null(set.get());
    assert_string_equal(pem_text(set->credentials[0]->leaf).c_str(), pair.certificate.c_str());
    assert_string_equal(pem_text(set->credentials[0]->key).c_str(), pair.key.c_str());
}

}  // namespace tls::test
