// Bytes that must not stay behind in memory: wiped when they go out of scope.
//
// Used for ticket keys and passwords. Plain data of known size, so that it may also lie in shared memory
// (where its destructor never runs: there the zone's end is the process's).
#pragma once

#include <openssl/crypto.h>

#include <string>
#include <utility>

namespace tls {

// A password or a key file's content. Moves leave nothing behind.
class SecretString {
  public:
    SecretString() = default;
    explicit SecretString(std::string value) : value_(std::move(value)) {}
    SecretString(const SecretString&) = delete;
    SecretString& operator=(const SecretString&) = delete;
    SecretString(SecretString&& other) noexcept : value_(other.value_) { other.wipe(); }
    SecretString& operator=(SecretString&& other) noexcept {
        if (this != &other) {
            wipe();
            value_ = other.value_;
            other.wipe();
        }
        return *this;
    }
    ~SecretString() { wipe(); }

    const std::string& value() const { return value_; }

  private:
    void wipe() {
        if (!value_.empty()) {
            OPENSSL_cleanse(&value_[0], value_.size());
            value_.clear();
        }
    }

    std::string value_;
};

}  // namespace tls
