// Open files that close themselves, and the words of a system call that failed.
//
// Used wherever files are read at run time. Never follows or refuses links by itself: the flags of the caller
// do.
#pragma once

#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include "base/result.h"
#include "base/secret.h"

namespace tls {

class FileDescriptor {
  public:
    FileDescriptor() = default;
    explicit FileDescriptor(int number) : number_(number) {}
    FileDescriptor(const FileDescriptor&) = delete;
    FileDescriptor& operator=(const FileDescriptor&) = delete;
    FileDescriptor(FileDescriptor&& other) noexcept : number_(other.number_) { other.number_ = -1; }
    FileDescriptor& operator=(FileDescriptor&& other) noexcept {
        if (this != &other) {
            reset();
            number_ = other.number_;
            other.number_ = -1;
        }
        return *this;
    }
    ~FileDescriptor() { reset(); }

    bool ok() const { return number_ != -1; }
    int get() const { return number_; }
    // errno stays what it was.
    void reset();

  private:
    int number_ = -1;
};

// nginx's sentence: `open() "PATH" failed (2: No such file or directory)`.
std::string system_failure(const char* call, const std::string& path, int number);

// Everything from the file's current position on, in one read() when the file is as large as `expected` says.
// At most `most` bytes. On failure `failure` is the errno, or EFBIG when there is more.
SecretString read_rest(int file, size_t expected, size_t most, int* failure);

}  // namespace tls
