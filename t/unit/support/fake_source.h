// A source of credentials that answers what a test told it to, and counts what it was asked.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "certs/catalog.h"

namespace tls::test {

// A set with one credential of which only the source's name is real.
inline std::shared_ptr<const CredentialSet> make_set(const std::string& name,
                                                     const std::vector<std::string>& files) {
    auto set = std::make_shared<CredentialSet>();
    set->set_name(name);
    for (const std::string& file : files) {
        auto credential = std::make_shared<Credential>();
        credential->certificate_source = file;
        set->credentials.push_back(credential);
    }
    return set;
}

class FakeSource : public CredentialSource {
  public:
    Answer load(std::string_view name, time_t) override {
        ++loads;
        const auto found = answers.find(name);
        return found == answers.end() ? Answer{} : found->second;
    }
    Stamp look(std::string_view name) override {
        ++looks;
        const auto found = answers.find(name);
        return found == answers.end() ? Stamp() : found->second.stamp;
    }
    std::string covering(std::string_view name) const override {
        const size_t dot = name.find('.');
        return dot == name.npos || name[0] == '_' ? "" : "_" + std::string(name.substr(dot));
    }

    void found(const std::string& name, const std::string& stamp) {
        Answer answer;
        answer.status = Status::Found;
        answer.set = make_set(name, {name + ".pem"});
        answer.stamp = stamp;
        answers[name] = answer;
    }
    void failing(const std::string& name, Status status, const std::string& stamp, const std::string& error) {
        Answer answer;
        answer.status = status;
        answer.stamp = stamp;
        answer.error = error;
        answers[name] = answer;
    }

    std::map<std::string, Answer, std::less<>> answers;
    int loads = 0;
    int looks = 0;
};

// A catalog over it; the source stays the test's to change.
struct FakeCatalog {
    explicit FakeCatalog(CredentialCatalog::Limits limits)
        : owned(std::make_unique<FakeSource>()), source(owned.get()), catalog(std::move(owned), limits) {}

    std::shared_ptr<const CredentialSet> find(const std::string& name, time_t now) {
        notices.clear();
        return catalog.find(name, now, &notices);
    }

    std::unique_ptr<FakeSource> owned;
    FakeSource* source;
    CredentialCatalog catalog;
    Notices notices;
};

}  // namespace tls::test
