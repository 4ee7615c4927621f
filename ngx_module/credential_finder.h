// Where the certificates of a connection come from when its server has a folder of them, names them by
// variables, or issues them itself: one catalog for each such source, shared by the servers that have the
// same.
//
// Made with the configuration, filled in the worker. Logs what the operator should know, once.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "certs/catalog.h"
#include "nginx.h"
#include "shared_notes.h"
#include "stats/labels.h"

namespace tls {

class CredentialFinder {
  public:
    // `key` tells this source from others and stays the same over reloads. `notes` outlives this.
    CredentialFinder(const std::string& key, std::unique_ptr<CredentialSource> source,
                     CredentialCatalog::Limits limits, SharedNotes* notes);

    // The credentials of a name, or null. `outcome` becomes how they were found.
    std::shared_ptr<const CredentialSet> find(std::string_view name, CertifiedOutcome* outcome);

    // Fetches the names that the workers before a reload had in use, so that the next ones begin with them.
    void warm();

  private:
    void tell(const Notices& notices);

    uint64_t id_;
    CredentialCatalog::Limits limits_;
    CredentialCatalog catalog_;
    SharedNotes* notes_;
};

}  // namespace tls
