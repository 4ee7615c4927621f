#include "layout.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "options.h"

namespace bench {
namespace {

void make_folder(const std::string& path) {
    if (mkdir(path.c_str(), 0755) == -1 && errno != EEXIST) {
        die_errno("\"" + path + "\"");
    }
}

void write_file(const std::string& path, const std::string& text) {
    const int descriptor = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (descriptor == -1) {
        die_errno("\"" + path + "\"");
    }
    const ssize_t written = write(descriptor, text.data(), text.size());
    if (close(descriptor) == -1 || written != static_cast<ssize_t>(text.size())) {
        die_errno("\"" + path + "\"");
    }
}

void put_pem(const std::string& folder, const std::string& name, const Pair& pair) {
    const std::string path = folder + "/" + name + ".pem";
    const std::string fresh = folder + "/." + name + ".new";
    write_file(fresh, pair.certificate_pem + pair.key_pem);
    if (std::rename(fresh.c_str(), path.c_str()) != 0) {
        die_errno("\"" + path + "\"");
    }
}

void put_certbot(const std::string& folder, const std::string& name, const Pair& pair, uint64_t version,
                 const std::function<void()>& between) {
    const std::string live = folder + "/live/" + name;
    const std::string archive = folder + "/archive/" + name;
    const std::string number = std::to_string(version) + ".pem";
    if (version == 1) {
        make_folder(live);
        make_folder(archive);
    }
    write_file(archive + "/privkey" + number, pair.key_pem);
    write_file(archive + "/fullchain" + number, pair.certificate_pem);
    for (const char* kind : {"privkey", "fullchain"}) {
        const std::string link = live + "/" + kind + ".pem";
        const std::string target = "../../archive/" + name + "/" + kind + number;
        if (version != 1) {
            unlink(link.c_str());
            between();
        }
        if (symlink(target.c_str(), link.c_str()) == -1) {
            die_errno("\"" + link + "\"");
        }
        if (version != 1) {
            between();
        }
        if (version > 2) {
            unlink((archive + "/" + kind + std::to_string(version - 2) + ".pem").c_str());
        }
    }
}

}  // namespace

void prepare_folder(const std::string& folder, Layout layout) {
    make_folder(folder);
    if (layout == Layout::Certbot) {
        make_folder(folder + "/live");
        make_folder(folder + "/archive");
    }
}

void put_pair(const std::string& folder, Layout layout, const std::string& name, const Pair& pair,
              uint64_t version, const std::function<void()>& between) {
    if (layout == Layout::Certbot) {
        put_certbot(folder, name, pair, version, between);
    } else {
        put_pem(folder, name, pair);
    }
}

}  // namespace bench
