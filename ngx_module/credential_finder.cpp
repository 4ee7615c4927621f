#include "credential_finder.h"

#include <functional>
#include <utility>

namespace tls {

namespace {

// How long the other workers keep quiet about what one of them has told, in seconds. Files that change are
// news at once; a folder that fails again is after a while.
constexpr time_t kSilenceOnFiles = 24 * 3600;
constexpr time_t kSilenceOnFolder = 300;

ngx_uint_t log_level(Notice::Level level) {
    switch (level) {
        case Notice::Level::Error:
            return NGX_LOG_ERR;
        case Notice::Level::Warning:
            return NGX_LOG_WARN;
        case Notice::Level::Notice:
            return NGX_LOG_NOTICE;
    }
    return NGX_LOG_ERR;
}

}  // namespace

CredentialFinder::CredentialFinder(const std::string& key, std::unique_ptr<CredentialSource> source,
                                   CredentialCatalog::Limits limits, SharedNotes* notes)
    : id_(std::hash<std::string>()(key)),
      limits_(limits),
      catalog_(std::move(source), limits),
      notes_(notes) {}

std::shared_ptr<const CredentialSet> CredentialFinder::find(std::string_view name,
                                                            CertifiedOutcome* outcome) {
    const uint64_t loads = catalog_.counts().loads;
    Notices notices;
    std::shared_ptr<const CredentialSet> set = catalog_.find(name, ngx_time(), &notices);
    tell(notices);
    const bool was_loaded = catalog_.counts().loads != loads;
    *outcome = set == nullptr ? CertifiedOutcome::Missing
                              : (was_loaded ? CertifiedOutcome::Loaded : CertifiedOutcome::Hit);
    // Text that stands for a file's content is nobody else's to know.
    const bool is_content = name.find("data:") != std::string_view::npos;
    if (set != nullptr && was_loaded && !is_content) {
        notes_->add_name(id_, name);
    }
    return set;
}

void CredentialFinder::warm() {
    size_t left = limits_.max;
    for (const std::string& name : notes_->names(id_)) {
        if (left-- == 0) {
            return;
        }
        Notices notices;
        catalog_.find(name, ngx_time(), &notices);
        tell(notices);
    }
}

void CredentialFinder::tell(const Notices& notices) {
    for (const Notice& notice : notices) {
        const time_t silence = notice.about.empty() ? kSilenceOnFolder : kSilenceOnFiles;
        if (notes_->should_tell(notice.text + notice.about, silence)) {
            ngx_log_error(log_level(notice.level), ngx_cycle->log, 0, "%*s", notice.text.size(),
                          notice.text.data());
        }
    }
}

}  // namespace tls
