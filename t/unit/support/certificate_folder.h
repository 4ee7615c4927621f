// A folder of certificates of a test's own, with subfolders and links, gone when the test ends.
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include "support/made_certificates.h"

namespace tls::test {

class CertificateFolder {
  public:
    CertificateFolder() {
        char pattern[] = "/tmp/tls-unit-XXXXXX";
        need(mkdtemp(pattern) != nullptr);
        root_ = pattern;
    }
    ~CertificateFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(root_, ignored);
    }
    CertificateFolder(const CertificateFolder&) = delete;
    CertificateFolder& operator=(const CertificateFolder&) = delete;

    const std::string& path() const { return root_; }
    std::string at(const std::string& name) const { return root_ + "/" + name; }

    // Writes a file in place, as an editor would, and makes the folders above it. Its time of change is a new
    // one: kernels before Linux 6.13 give all changes of one tick the same.
    std::string write(const std::string& name, std::string_view content) const {
        const std::string path = at(name);
        wait_for_a_tick(path);
        std::filesystem::create_directories(std::filesystem::path(path).parent_path());
        FILE* stream = fopen(path.c_str(), "wb");
        need(stream != nullptr && fwrite(content.data(), 1, content.size(), stream) == content.size());
        need(fclose(stream) == 0);
        return path;
    }
    // Puts a new file in the place of an old one, as careful tools do.
    void replace(const std::string& name, std::string_view content) const {
        const std::string path = write(name + ".new", content);
        need(rename(path.c_str(), at(name).c_str()) == 0);
    }
    // A link of that user to a target that is written as it is. An older link makes way at once.
    void link(const std::string& name, const std::string& target, uid_t owner = 0) const {
        const std::string path = at(name);
        std::filesystem::create_directories(std::filesystem::path(path).parent_path());
        unlink((path + ".new").c_str());
        need(symlink(target.c_str(), (path + ".new").c_str()) == 0);
        need(getuid() != 0 || lchown((path + ".new").c_str(), owner, owner) == 0);
        need(rename((path + ".new").c_str(), path.c_str()) == 0);
    }
    void remove(const std::string& name) const { std::filesystem::remove_all(at(name)); }

  private:
    // Until a change made now would be younger than the file's last one.
    static void wait_for_a_tick(const std::string& path) {
        struct stat seen {};
        struct timespec now {};
        if (stat(path.c_str(), &seen) == -1) {
            return;
        }
        do {
            clock_gettime(CLOCK_REALTIME_COARSE, &now);
        } while (now.tv_sec == seen.st_mtim.tv_sec && now.tv_nsec <= seen.st_mtim.tv_nsec);
    }

    std::string root_;
};

// A certificate and key as text.
struct PairOfTexts {
    std::string certificate;
    std::string key;
    std::string both() const { return certificate + key; }
};

constexpr time_t kNow = 1800000000;

inline PairOfTexts make_pair_of_texts(const std::string& name, UniquePkey key = make_ec_key(),
                                      time_t not_before = kNow - 1000, time_t not_after = kNow + 1000000) {
    static long serial = 1;
    CertificateWish wish;
    wish.subject = {{"CN", name.c_str()}};
    wish.serial = ++serial;
    wish.not_before = not_before;
    wish.not_after = not_after;
    return {pem_text(make_certificate(key.get(), wish)), pem_text(key)};
}

}  // namespace tls::test
