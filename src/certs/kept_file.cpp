#include "certs/kept_file.h"

#include <fcntl.h>
#include <openssl/rand.h>
#include <unistd.h>

#include <cerrno>

#include "base/files.h"

namespace tls {

namespace {

std::string temporary_path(const std::string& path) {
    unsigned long random = 0;
    RAND_bytes(reinterpret_cast<unsigned char*>(&random), sizeof(random));
    return path + "." + std::to_string(getpid()) + "." + std::to_string(random) + ".new";
}

bool write_all(int file, std::string_view content) {
    while (!content.empty()) {
        const ssize_t count = write(file, content.data(), content.size());
        if (count == -1 && errno != EINTR) {
            return false;
        }
        content.remove_prefix(count > 0 ? static_cast<size_t>(count) : 0);
    }
    return true;
}

// The name itself is in the folder. Some file systems cannot synchronize one.
bool synchronize_folder(const std::string& folder) {
    const FileDescriptor file(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    return file.ok() && (fsync(file.get()) == 0 || errno == EINVAL);
}

}  // namespace

Result<void> keep_file(const std::string& path, std::string_view content, mode_t mode) {
    const std::string temporary = temporary_path(path);
    const FileDescriptor file(
        open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode));
    if (!file.ok()) {
        return Error{system_failure("open()", temporary, errno)};
    }
    const char* failed = nullptr;
    int failure = 0;
    // The umask may have taken away what the file is meant to have.
    if (fchmod(file.get(), mode) == -1 || !write_all(file.get(), content)) {
        failed = "write()";
        failure = errno;
    } else if (fsync(file.get()) == -1) {
        failed = "fsync()";
        failure = errno;
    } else if (link(temporary.c_str(), path.c_str()) == -1 && errno != EEXIST) {
        failed = "link()";
        failure = errno;
    }
    unlink(temporary.c_str());
    if (failed != nullptr) {
        return Error{system_failure(failed, path, failure)};
    }
    if (!synchronize_folder(path.substr(0, path.rfind('/')))) {
        return Error{system_failure("fsync()", path.substr(0, path.rfind('/')), errno)};
    }
    return {};
}

}  // namespace tls
