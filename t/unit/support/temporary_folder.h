// A folder of a test's own, gone with all its files when the test ends.
#pragma once

#include <stdlib.h>
#include <unistd.h>

#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

namespace tls::test {

class TemporaryFolder {
  public:
    TemporaryFolder() {
        char pattern[] = "/tmp/tls-unit-XXXXXX";
        if (mkdtemp(pattern) == nullptr) {
            abort();
        }
        path_ = pattern;
    }
    ~TemporaryFolder() {
        for (const std::string& file : files_) {
            unlink(file.c_str());
        }
        rmdir(path_.c_str());
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    const std::string& path() const { return path_; }

    // Where a file of that name is or would be.
    std::string at(const std::string& name) const { return path_ + "/" + name; }

    // Writes a file and returns its path.
    std::string write(const std::string& name, std::string_view content) {
        const std::string file = at(name);
        FILE* stream = fopen(file.c_str(), "wb");
        if (stream == nullptr || fwrite(content.data(), 1, content.size(), stream) != content.size() ||
            fclose(stream) != 0) {
            abort();
        }
        files_.push_back(file);
        return file;
    }

  private:
    std::string path_;
    std::vector<std::string> files_;
};

}  // namespace tls::test
