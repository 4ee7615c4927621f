// Files below one folder, found without ever leaving it: one visit opens the folder anew, answers a few
// questions, and closes it.
//
// Used by the sources that look for files by names which clients send. A symbolic link below the folder is
// followed only when the folder's owner or root made it; then it may lead anywhere. What stands behind a link
// that leads out of the folder is the kernel's to follow. Each link is opened before its owner is asked for,
// so nobody can exchange it in between. The folder's own path may be a link. Never lists a folder, never
// blocks on a pipe.
#pragma once

#include <string>
#include <string_view>

#include "base/files.h"
#include "base/secret.h"

namespace tls {

// What was seen at one path.
struct FileView {
    enum class State {
        Absent,
        Present,  // a regular file; `text` if it was read
        Refused,  // something that cannot be used; `error` says why
    };
    State state = State::Absent;
    std::string stamp;  // of a file, or of a refusal: changes whenever that does; empty when absent
    std::string error;
    SecretString text;
    bool is_denied = false;  // Refused because the visited folder itself may not be searched
};

class FolderVisit {
  public:
    // Larger files are refused: no chain of certificates is.
    static constexpr size_t kMaxFile = size_t{1} << 20;

    // A folder below, or the visited one.
    class Place {
      public:
        bool ok() const { return directory_.ok(); }

      private:
        friend class FolderVisit;
        FileDescriptor directory_;
        int depth_ = 0;     // below the visited folder; kOutside behind a link that leads out
        std::string path_;  // for messages, with a slash at its end
    };

    // `path` is absolute. When it cannot be opened, failure() is not 0 and nothing else may be called.
    explicit FolderVisit(const std::string& path);
    int failure() const { return failure_; }
    const Place& top() const { return top_; }

    // The subfolder of that name. When there is none that can be entered, the place is not ok(), and
    // `why_not` is Absent or Refused.
    Place enter(const std::string& name, FileView* why_not) const;

    // A file right in a place: what it is, and with read() also its content. `name` has no slash.
    FileView look(const Place& place, const std::string& name) const;
    FileView read(const Place& place, const std::string& name) const;

  private:
    struct Walk;
    static constexpr int kOutside = -1;

    FileDescriptor open_below(const Place& place, const std::string& name, int flags, Walk* walk) const;
    FileDescriptor step(const std::string& component, int flags, Walk* walk) const;
    void follow(int link, uid_t owner, Walk* walk) const;
    FileView refusal(const Walk& walk, const std::string& path) const;
    bool is_trusted(uid_t owner) const;
    static bool may_search(const Place& place);

    std::string path_;
    Place top_;
    int failure_ = 0;
};

// The same for an absolute path that the operator wrote, whose links are all followed.
FileView look_at_file(const std::string& path);
FileView read_file(const std::string& path);

}  // namespace tls
