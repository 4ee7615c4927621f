#include "base/files.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace tls {

void FileDescriptor::reset() {
    if (number_ != -1) {
        const int kept = errno;
        close(number_);
        errno = kept;
        number_ = -1;
    }
}

std::string system_failure(const char* call, const std::string& path, int number) {
    return std::string(call) + " \"" + path + "\" failed (" + std::to_string(number) + ": " +
           strerror(number) + ")";
}

SecretString read_rest(int file, size_t expected, size_t most, int* failure) {
    *failure = 0;
    std::string text(std::min(expected, most) + 1, '\0');
    size_t size = 0;
    for (;;) {
        const ssize_t count = read(file, &text[size], text.size() - size);
        if (count == -1 && errno == EINTR) {
            continue;
        }
        if (count == -1) {
            *failure = errno;
            break;
        }
        size += static_cast<size_t>(count);
        if (size > most) {
            *failure = EFBIG;
            break;
        }
        if (count == 0 || size == expected) {
            break;
        }
        if (size == text.size()) {
            // It grew while it was read. What is copied to a larger place must not stay behind in the smaller
            // one.
            std::string larger(std::min(2 * size, most + 1), '\0');
            std::copy(text.begin(), text.end(), larger.begin());
            OPENSSL_cleanse(&text[0], text.size());
            text = std::move(larger);
        }
    }
    if (*failure != 0) {
        OPENSSL_cleanse(&text[0], text.size());
        return {};
    }
    text.resize(size);
    return SecretString(std::move(text));
}

}  // namespace tls
