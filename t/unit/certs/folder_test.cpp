// Which links are followed, and that nothing else leads out of a folder. Only root can make links of others.
#include "certs/folder.h"

#include <sys/stat.h>

#include <cerrno>

#include "support/certificate_folder.h"
#include "support/cmocka.h"

namespace tls {
namespace {

using State = FileView::State;
using test::CertificateFolder;

constexpr uid_t kOwner = 1000;
constexpr uid_t kStranger = 2000;

// A tree with the visited folder in it, which belongs to kOwner.
struct Tree {
    Tree() {
        top.write("certs/real.pem", "real");
        top.write("certs/sub/real.pem", "in sub");
        top.write("certs/sub/deep/real.pem", "deep");
        top.write("outside/real.pem", "outside");
        test::need(getuid() != 0 || chown(top.at("certs").c_str(), kOwner, kOwner) == 0);
    }

    // Reads NAME or SUB/NAME the way the directory source does.
    FileView read(const std::string& sub, const std::string& name) const {
        const FolderVisit visit(top.at("certs"));
        assert_int_equal(visit.failure(), 0);
        FileView view;
        FileView seen;
        if (sub.empty()) {
            view = visit.read(visit.top(), name);
            seen = visit.look(visit.top(), name);
        } else {
            const FolderVisit::Place place = visit.enter(sub, &view);
            if (!place.ok()) {
                return view;
            }
            view = visit.read(place, name);
            seen = visit.look(place, name);
        }
        assert_true(seen.state == view.state);
        assert_true(seen.stamp == view.stamp);
        return view;
    }

    void assert_reads(const std::string& sub, const std::string& name, const char* text) const {
        const FileView view = read(sub, name);
        if (view.state != State::Present) {
            print_error("%s/%s: %s\n", sub.c_str(), name.c_str(), view.error.c_str());
        }
        assert_true(view.state == State::Present);
        assert_string_equal(view.text.value().c_str(), text);
    }

    void assert_refused(const std::string& sub, const std::string& name, const char* why) const {
        const FileView view = read(sub, name);
        assert_true(view.state == State::Refused);
        if (view.error.find(why) == view.error.npos) {
            print_error("\"%s\" is not in \"%s\"\n", why, view.error.c_str());
        }
        assert_true(view.error.find(why) != view.error.npos);
    }

    CertificateFolder top;
};

void plain_files_need_nobody_s_trust(void**) {
    const Tree tree;
    tree.assert_reads("", "real.pem", "real");
    tree.assert_reads("sub", "real.pem", "in sub");
    assert_true(tree.read("", "none.pem").state == State::Absent);
    assert_true(tree.read("none", "real.pem").state == State::Absent);
    assert_true(tree.read("real.pem", "real.pem").state == State::Absent);
    if (getuid() == 0) {
        test::need(chown(tree.top.at("certs/real.pem").c_str(), kStranger, kStranger) == 0);
        tree.assert_reads("", "real.pem", "real");
    }
}

void links_of_the_owner_and_of_root_lead_anywhere(void**) {
    const Tree tree;
    for (const uid_t owner : {uid_t{0}, kOwner}) {
        for (const std::string& target :
             {std::string("real.pem"), std::string("./sub/../real.pem"),
              std::string("sub/deep/../../real.pem"), tree.top.at("certs/real.pem"),
              tree.top.at("certs//real.pem"), std::string("../certs/real.pem")}) {
            tree.top.link("certs/link.pem", target, owner);
            tree.assert_reads("", "link.pem", "real");
        }
        for (const std::string& target :
             {std::string("../outside/real.pem"), tree.top.at("outside/real.pem")}) {
            tree.top.link("certs/link.pem", target, owner);
            tree.assert_reads("", "link.pem", "outside");
        }
        for (const std::string& target :
             {std::string("../../outside/real.pem"), tree.top.at("outside/real.pem")}) {
            tree.top.link("certs/sub/link.pem", target, owner);
            tree.assert_reads("sub", "link.pem", "outside");
        }
        tree.top.link("certs/sub/link.pem", "deep/../../real.pem", owner);
        tree.assert_reads("sub", "link.pem", "real");
        // Subfolders too.
        for (const std::string& target : {std::string("sub"), std::string("sub/deep/.."), std::string("sub/"),
                                          tree.top.at("certs/sub")}) {
            tree.top.link("certs/linked", target, owner);
            tree.assert_reads("linked", "real.pem", "in sub");
        }
        tree.top.link("certs/linked", "../outside", owner);
        tree.assert_reads("linked", "real.pem", "outside");
        tree.top.link("outside/other.pem", "real.pem", owner);
        tree.assert_reads("linked", "other.pem", "outside");
    }
}

void links_of_others_lead_nowhere(void**) {
    const Tree tree;
    const char* why = "is a symbolic link of user 2000";
    for (const std::string& target : {std::string("real.pem"), std::string("../outside/real.pem"),
                                      tree.top.at("outside/real.pem"), std::string("none")}) {
        tree.top.link("certs/link.pem", target, kStranger);
        tree.assert_refused("", "link.pem", why);
        tree.top.link("certs/sub/link.pem", target, kStranger);
        tree.assert_refused("sub", "link.pem", why);
    }
    tree.top.link("certs/linked", "../outside", kStranger);
    tree.assert_refused("linked", "real.pem", why);
    tree.top.link("certs/linked", "sub", kStranger);
    tree.assert_refused("linked", "real.pem", why);
}

void nor_by_way_of_a_trusted_one(void**) {
    const Tree tree;
    const char* why = "is a symbolic link of user 2000";
    tree.top.link("certs/sub/theirs.pem", "../../outside/real.pem", kStranger);
    for (const std::string& target : {std::string("sub/theirs.pem"), tree.top.at("certs/sub/theirs.pem"),
                                      std::string("sub/deep/../theirs.pem")}) {
        tree.top.link("certs/link.pem", target, kOwner);
        tree.assert_refused("", "link.pem", why);
    }
    tree.top.link("certs/sub/theirs", "../../outside", kStranger);
    tree.top.link("certs/link.pem", "sub/theirs/real.pem", kOwner);
    tree.assert_refused("", "link.pem", why);
    tree.top.link("certs/linked", "sub/theirs", kOwner);
    tree.assert_refused("linked", "real.pem", why);
    // In a subfolder that is somewhere else, too.
    tree.top.link("certs/linked", "../outside", kOwner);
    tree.top.link("outside/theirs.pem", "real.pem", kStranger);
    tree.assert_refused("linked", "theirs.pem", why);
}

void links_to_nothing_and_in_circles_are_refused(void**) {
    const Tree tree;
    tree.top.link("certs/link.pem", "none", kOwner);
    tree.assert_refused("", "link.pem", "No such file or directory");
    tree.top.link("certs/link.pem", "link.pem", kOwner);
    tree.assert_refused("", "link.pem", "Too many levels of symbolic links");
    tree.top.link("certs/link.pem", "sub", kOwner);
    tree.assert_refused("", "link.pem", "is not a regular file");
    tree.top.link("certs/link.pem", "/dev/zero", kOwner);
    tree.assert_refused("", "link.pem", "is not a regular file");
    tree.top.link("certs/link.pem", "/", kOwner);
    tree.assert_refused("", "link.pem", "is not a regular file");
}

void the_folder_itself_may_be_a_link_of_anybody(void**) {
    const Tree tree;
    tree.top.link("entry", "certs", kStranger);
    tree.top.link("certs/link.pem", "../outside/real.pem", kOwner);
    const FolderVisit visit(tree.top.at("entry"));
    assert_int_equal(visit.failure(), 0);
    assert_string_equal(visit.read(visit.top(), "link.pem").text.value().c_str(), "outside");
}

void a_stamp_changes_with_what_the_link_leads_to(void**) {
    const Tree tree;
    tree.top.link("certs/link.pem", "../outside/real.pem", kOwner);
    const std::string first = tree.read("", "link.pem").stamp;
    assert_true(first == tree.read("", "link.pem").stamp);
    tree.top.write("outside/real.pem", "something else");
    const std::string second = tree.read("", "link.pem").stamp;
    assert_true(first != second);
    tree.top.link("certs/link.pem", "real.pem", kOwner);
    assert_true(second != tree.read("", "link.pem").stamp);
    tree.top.link("certs/link.pem", "real.pem", kStranger);
    assert_true(tree.read("", "link.pem").state == State::Refused);
}

void what_cannot_be_visited_says_why(void**) {
    const Tree tree;
    assert_int_equal(FolderVisit(tree.top.at("none")).failure(), ENOENT);
    assert_int_equal(FolderVisit(tree.top.at("certs/real.pem")).failure(), ENOTDIR);
}

}  // namespace
}  // namespace tls

int main() {
    using namespace tls;
    const CMUnitTest tests[] = {
        cmocka_unit_test(plain_files_need_nobody_s_trust),
        cmocka_unit_test(what_cannot_be_visited_says_why),
    };
    const CMUnitTest of_root[] = {
        cmocka_unit_test(links_of_the_owner_and_of_root_lead_anywhere),
        cmocka_unit_test(links_of_others_lead_nowhere),
        cmocka_unit_test(nor_by_way_of_a_trusted_one),
        cmocka_unit_test(links_to_nothing_and_in_circles_are_refused),
        cmocka_unit_test(the_folder_itself_may_be_a_link_of_anybody),
        cmocka_unit_test(a_stamp_changes_with_what_the_link_leads_to),
    };
    const int failed = cmocka_run_group_tests(tests, nullptr, nullptr);
    return getuid() == 0 ? failed + cmocka_run_group_tests(of_root, nullptr, nullptr) : failed;
}
