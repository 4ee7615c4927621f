#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "certs/credential.h"

namespace tls {

namespace {

// nginx reads with a buffer of 4096 bytes, which must hold a line and its newline.
constexpr size_t kMaxLine = 4096 - 1;

Error system_error(const char* call, const std::string& path, int number) {
    return Error{std::string(call) + " \"" + path + "\" failed (" + std::to_string(number) + ": " +
                 strerror(number) + ")"};
}

// Collects lines byte by byte; nothing of them stays behind in memory.
class LineReader {
  public:
    LineReader() { line_.reserve(kMaxLine); }
    ~LineReader() { wipe(); }
    LineReader(const LineReader&) = delete;
    LineReader& operator=(const LineReader&) = delete;

    // False when a line is too long.
    bool feed(const char* bytes, size_t count) {
        for (size_t i = 0; i < count; ++i) {
            if (bytes[i] == '\n') {
                finish_line();
            } else if (line_.size() == kMaxLine) {
                return false;
            } else {
                line_.push_back(bytes[i]);
            }
        }
        return true;
    }

    // A last line needs no newline. A file without any password means the empty one.
    std::vector<SecretString> finish() {
        finish_line();
        if (passwords_.empty()) {
            passwords_.emplace_back();
        }
        return std::move(passwords_);
    }

  private:
    void finish_line() {
        if (!line_.empty() && line_.back() == '\r') {
            line_.pop_back();
        }
        if (!line_.empty()) {
            passwords_.emplace_back(line_);
        }
        wipe();
    }

    void wipe() {
        OPENSSL_cleanse(&line_[0], line_.size());
        line_.clear();
    }

    std::string line_;
    std::vector<SecretString> passwords_;
};

}  // namespace

Result<std::vector<SecretString>> load_passwords(const std::string& path) {
    const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file == -1) {
        return system_error("open()", path, errno);
    }
    LineReader lines;
    char buffer[4096];
    ssize_t count = 0;
    int failure = 0;
    bool fits = true;
    while (fits && (count = read(file, buffer, sizeof(buffer))) != 0) {
        if (count == -1) {
            if (errno == EINTR) {
                continue;
            }
            failure = errno;
            break;
        }
        fits = lines.feed(buffer, static_cast<size_t>(count));
    }
    OPENSSL_cleanse(buffer, sizeof(buffer));
    close(file);

    if (failure != 0) {
        return system_error("read()", path, failure);
    }
    if (!fits) {
        return Error{"too long line in \"" + path + "\""};
    }
    return lines.finish();
}

}  // namespace tls
