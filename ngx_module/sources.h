// Which source of certificates a server has beside its static ones, made from its directives.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/secret.h"
#include "conf.h"
#include "nginx.h"

namespace tls {

// Sets `finder` and the compiled values of a server that has a folder, variables or `internal`. The error is
// a sentence without a place.
Result<void> attach_finder(ngx_conf_t* cf, MainConf* main, ServerConf* server);

// Warns of folders that this process may not enter. Called in a worker.
void check_folders(ngx_cycle_t* cycle);

// Fetches what was in use before a reload. Called before workers start.
void warm_finders(ngx_cycle_t* cycle);

// The path as nginx resolves it, from the folder of its configuration; sources with a scheme stay as they
// are.
std::string resolve_path(ngx_conf_t* cf, const ngx_str_t& source);

// The contents of the server's password file; none where it has no such file.
using Passwords = std::shared_ptr<const std::vector<SecretString>>;
Result<Passwords> passwords_of(ngx_conf_t* cf, const ServerConf& server);

}  // namespace tls
