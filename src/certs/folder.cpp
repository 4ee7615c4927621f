#include "certs/folder.h"

#include <fcntl.h>
#include <limits.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace tls {

namespace {

constexpr int kMaxLinks = 16;
// Neither waits for the other end of a pipe nor becomes the terminal of anything.
constexpr int kReading = O_RDONLY | O_NONBLOCK | O_NOCTTY;

template <class Number>
void append_bytes(std::string* stamp, Number number) {
    stamp->append(reinterpret_cast<const char*>(&number), sizeof(number));
}

// What changes whenever a file's content does.
std::string stamp_of(const struct stat& seen) {
    std::string stamp;
    stamp.reserve(7 * sizeof(uint64_t));
    append_bytes(&stamp, seen.st_dev);
    append_bytes(&stamp, seen.st_ino);
    append_bytes(&stamp, seen.st_size);
    append_bytes(&stamp, seen.st_mtim);
    append_bytes(&stamp, seen.st_ctim);
    return stamp;
}

FileView view_of(const struct stat& seen, const std::string& path) {
    FileView view;
    view.stamp = stamp_of(seen);
    view.state = S_ISREG(seen.st_mode) ? FileView::State::Present : FileView::State::Refused;
    if (view.state == FileView::State::Refused) {
        view.error = "\"" + path + "\" is not a regular file";
    }
    return view;
}

FileView content_of(const FileDescriptor& file, const struct stat& seen, const std::string& path) {
    FileView view = view_of(seen, path);
    if (view.state != FileView::State::Present) {
        return view;
    }
    int failure = 0;
    view.text = read_rest(file.get(), static_cast<size_t>(seen.st_size), FolderVisit::kMaxFile, &failure);
    if (failure != 0) {
        view.state = FileView::State::Refused;
        view.error = failure == EFBIG ? "\"" + path + "\" is larger than 1 MiB"
                                      : system_failure("read()", path, failure);
    }
    return view;
}

// What an errno says about a path.
FileView refused(const char* call, const std::string& path, int failure) {
    FileView view;
    if (failure != ENOENT && failure != ENOTDIR && failure != ENAMETOOLONG) {
        view.state = FileView::State::Refused;
        view.error = system_failure(call, path, failure);
        append_bytes(&view.stamp, failure);
    }
    return view;
}

}  // namespace

// One path on its way down, component by component.
struct FolderVisit::Walk {
    int at = -1;           // the folder reached so far
    FileDescriptor owned;  // the same, when the walk opened it
    int depth = 0;         // of it, as Place has it
    std::string pending;   // what is still to be walked
    bool is_out = false;   // `pending` leads out, and the kernel may follow it
    int links = 0;
    int failure = 0;          // errno of what ended it
    bool is_foreign = false;  // a link was made by somebody who may not
    uid_t link_owner = 0;

    bool has_ended() const { return failure != 0 || is_foreign; }

    // Takes the next component off `pending`: "." when nothing is left.
    std::string next() {
        pending.erase(0, std::min(pending.find_first_not_of('/'), pending.size()));
        const size_t end = std::min(pending.find('/'), pending.size());
        std::string component = pending.substr(0, end);
        pending.erase(0, std::min(pending.find_first_not_of('/', end), pending.size()));
        return component.empty() ? "." : component;
    }
};

FolderVisit::FolderVisit(const std::string& path) : path_(path) {
    top_.path_ = path + "/";
    top_.directory_ = FileDescriptor(open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    failure_ = top_.directory_.ok() ? 0 : errno;
}

bool FolderVisit::may_search(const Place& place) {
    struct stat seen {};
    return fstatat(place.directory_.get(), ".", &seen, 0) == 0 || errno != EACCES;
}

bool FolderVisit::is_trusted(uid_t owner) const {
    struct stat seen {};
    return owner == 0 || (fstat(top_.directory_.get(), &seen) == 0 && owner == seen.st_uid);
}

// Opens `name` in a place. Not ok(): the walk says why.
FileDescriptor FolderVisit::open_below(const Place& place, const std::string& name, int flags,
                                       Walk* walk) const {
    walk->at = place.directory_.get();
    walk->depth = place.depth_;
    walk->pending = name;
    while (!walk->has_ended()) {
        if (walk->is_out) {
            walk->depth = kOutside;
            FileDescriptor file(openat(walk->at, walk->pending.c_str(), flags | O_CLOEXEC));
            walk->failure = file.ok() ? 0 : errno;
            return file;
        }
        const std::string component = walk->next();
        if (component == ".." && walk->depth <= 0) {
            walk->pending = "../" + walk->pending;
            walk->is_out = true;
            continue;
        }
        const bool is_last = walk->pending.empty();
        FileDescriptor opened = step(component, is_last ? flags : O_PATH | O_DIRECTORY, walk);
        if (!opened.ok()) {
            continue;  // a link, or the end
        }
        walk->depth += component == ".." ? -1 : component == "." ? 0 : 1;
        if (is_last) {
            return opened;
        }
        walk->owned = std::move(opened);
        walk->at = walk->owned.get();
    }
    return {};
}

// Opens one component. When it is a link, nothing is opened, and the walk goes on at its target.
FileDescriptor FolderVisit::step(const std::string& component, int flags, Walk* walk) const {
    FileDescriptor opened(openat(walk->at, component.c_str(), flags | O_NOFOLLOW | O_CLOEXEC));
    const int failure = opened.ok() ? 0 : errno;
    // O_PATH alone opens the link itself; with O_DIRECTORY a link is only "not a directory".
    const bool may_be_link = opened.ok() ? flags == O_PATH : failure == ELOOP || failure == ENOTDIR;
    if (may_be_link) {
        FileDescriptor again;
        if (!opened.ok()) {
            again = FileDescriptor(openat(walk->at, component.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
        }
        const int link = opened.ok() ? opened.get() : again.get();
        struct stat seen {};
        if (link != -1 && fstat(link, &seen) == 0 && S_ISLNK(seen.st_mode)) {
            follow(link, seen.st_uid, walk);
            return {};
        }
    }
    walk->failure = failure;
    return opened;
}

// Puts the target of an open link before what is still to be walked.
void FolderVisit::follow(int link, uid_t owner, Walk* walk) const {
    if (!is_trusted(owner)) {
        walk->is_foreign = true;
        walk->link_owner = owner;
        return;
    }
    char target[PATH_MAX];
    const ssize_t size = readlinkat(link, "", target, sizeof(target));
    if (size == -1 || ++walk->links > kMaxLinks) {
        walk->failure = size == -1 ? errno : ELOOP;
        return;
    }
    const std::string rest = walk->pending.empty() ? "" : "/" + walk->pending;
    walk->pending = std::string(target, static_cast<size_t>(size)) + rest;
    if (walk->pending.front() != '/') {
        walk->is_out = walk->depth == kOutside;
    } else if (walk->pending.compare(0, top_.path_.size(), top_.path_) == 0) {
        walk->pending.erase(0, top_.path_.size());
        walk->at = top_.directory_.get();
        walk->depth = 0;
    } else {
        walk->is_out = true;
    }
}

FileView FolderVisit::refusal(const Walk& walk, const std::string& path) const {
    FileView view = refused("open()", path, walk.failure);
    if (walk.is_foreign) {
        view.state = FileView::State::Refused;
        append_bytes(&view.stamp, walk.link_owner);
        view.error = "\"" + path + "\" is a symbolic link of user " + std::to_string(walk.link_owner) +
                     ", only those of root and of the owner of \"" + path_ + "\" are followed";
    } else if (view.state == FileView::State::Absent && walk.links > 0) {
        // A link to nothing is there.
        view.state = FileView::State::Refused;
        append_bytes(&view.stamp, walk.failure);
        view.error = system_failure("open()", path, walk.failure);
    }
    view.is_denied = walk.failure == EACCES && !may_search(top_);
    return view;
}

FolderVisit::Place FolderVisit::enter(const std::string& name, FileView* why_not) const {
    Place place;
    Walk walk;
    place.path_ = top_.path_ + name + "/";
    place.directory_ = open_below(top_, name, O_PATH | O_DIRECTORY, &walk);
    place.depth_ = walk.depth;
    if (place.ok() && !may_search(place)) {
        // Else each file that is looked for in it would be refused for the same reason.
        place.directory_ = FileDescriptor();
        walk.failure = EACCES;
    }
    if (!place.ok()) {
        *why_not = refusal(walk, top_.path_ + name);
    }
    return place;
}

FileView FolderVisit::look(const Place& place, const std::string& name) const {
    const std::string path = place.path_ + name;
    struct stat seen {};
    Walk walk;
    if (fstatat(place.directory_.get(), name.c_str(), &seen, AT_SYMLINK_NOFOLLOW) == -1) {
        walk.failure = errno;
        return refusal(walk, path);
    }
    if (!S_ISLNK(seen.st_mode)) {
        return view_of(seen, path);
    }
    const FileDescriptor file = open_below(place, name, O_PATH, &walk);
    if (file.ok() && fstat(file.get(), &seen) == 0) {
        return view_of(seen, path);
    }
    return refusal(walk, path);
}

FileView FolderVisit::read(const Place& place, const std::string& name) const {
    const std::string path = place.path_ + name;
    Walk walk;
    const FileDescriptor file = open_below(place, name, kReading, &walk);
    struct stat seen {};
    if (!file.ok() || fstat(file.get(), &seen) == -1) {
        FileView view = refusal(walk, path);
        if (walk.failure == EACCES && !view.is_denied) {
            // Only its content is out of reach: the stamp is the one that look() has.
            view.stamp = look(place, name).stamp;
        }
        return view;
    }
    return content_of(file, seen, path);
}

FileView look_at_file(const std::string& path) {
    struct stat seen {};
    return stat(path.c_str(), &seen) == 0 ? view_of(seen, path) : refused("stat()", path, errno);
}

FileView read_file(const std::string& path) {
    const FileDescriptor file(open(path.c_str(), kReading | O_CLOEXEC));
    struct stat seen {};
    if (file.ok() && fstat(file.get(), &seen) == 0) {
        return content_of(file, seen, path);
    }
    FileView view = refused("open()", path, errno);
    if (view.state == FileView::State::Refused) {
        // Only its content is out of reach: the stamp is the one that look_at_file() has.
        view.stamp = look_at_file(path).stamp;
    }
    return view;
}

}  // namespace tls
