// The directives about what is not TLS on a TLS address: tls_plain, tls_other.
//
// Their values live in ServerConf, as all others do; the words are read here.
#pragma once

#include <string>
#include <vector>

#include "conf.h"
#include "hello/plain_answer.h"

namespace tls {

// tls_other: where connections go that are neither TLS nor HTTP. Owned by MainConf.
struct OtherServer {
    std::string name;                   // as written
    std::vector<ngx_addr_t> addresses;  // what the name was resolved to; at least one
    bool proxy_protocol = false;
    ngx_msec_t idle_timeout = 0;  // milliseconds
};

// Setters of nginx's table of directives.
char* set_plain(ngx_conf_t* cf, ngx_command_t* command, void* data);
char* set_other(ngx_conf_t* cf, ngx_command_t* command, void* data);

void unset_plain(ServerConf* conf);
void merge_plain(ServerConf* conf, const ServerConf& parent);

PlainTerms plain_terms(const ServerConf& conf);

// Says at `nginx -t` which servers of an address with TLS nobody can reach in the clear or otherwise, and
// what an upgrade leaves open.
void warn_of_plain(ngx_conf_t* cf, const ngx_http_conf_addr_t& address, MainConf* main);

}  // namespace tls
