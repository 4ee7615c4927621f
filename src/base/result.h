// The answer of an operation that can fail: a value, or an error in words for the operator.
//
// Used for configuration-time work (loading, parsing, building). What a peer can cause has its own closed
// vocabulary instead: see reason.h and alert.h. Never throws.
#pragma once

#include <optional>
#include <string>
#include <utility>

namespace tls {

// Why something failed, as nginx would write it in its error log, without a trailing period.
struct Error {
    std::string message;
};

template <class T>
class [[nodiscard]] Result {
  public:
    Result(T value) : value_(std::move(value)) {}
    Result(Error error) : error_(std::move(error)) {}

    bool ok() const { return value_.has_value(); }
    explicit operator bool() const { return ok(); }

    // Only when ok().
    T& operator*() { return *value_; }
    const T& operator*() const { return *value_; }
    T* operator->() { return &*value_; }
    const T* operator->() const { return &*value_; }

    // Only when not ok().
    const Error& error() const { return error_; }

  private:
    std::optional<T> value_;
    Error error_;
};

// An operation that yields nothing but success.
template <>
class [[nodiscard]] Result<void> {
  public:
    Result() = default;
    Result(Error error) : failed_(true), error_(std::move(error)) {}

    bool ok() const { return !failed_; }
    explicit operator bool() const { return ok(); }
    const Error& error() const { return error_; }

  private:
    bool failed_ = false;
    Error error_;
};

}  // namespace tls
