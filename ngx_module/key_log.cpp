#include "key_log.h"

#include <sys/stat.h>

#include <string>

#include "base/guard.h"
#include "conf.h"

namespace tls {

namespace {

constexpr mode_t kOwnerOnly = S_IRUSR | S_IWUSR;

// Makes sure that the file is there and its owner's alone, before nginx opens it, which would let others read
// it. 0, or errno.
int make_private(const char* path) {
    const int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, kOwnerOnly);
    if (fd < 0) {
        return errno;
    }
    struct stat about {};
    int error = 0;
    const bool open_to_others =
        fstat(fd, &about) == 0 && S_ISREG(about.st_mode) && (about.st_mode & (S_IRWXG | S_IRWXO)) != 0;
    if (open_to_others && fchmod(fd, kOwnerOnly) != 0) {
        error = errno;
    }
    close(fd);
    return error;
}

const char* path_of(const ngx_open_file_t& file) {
    return reinterpret_cast<const char*>(file.name.data);
}

void on_reopen(ngx_open_file_t* file, ngx_log_t* log) {
    const int error = make_private(path_of(*file));
    if (error != 0) {
        ngx_log_error(NGX_LOG_EMERG, log, error, ngx_open_file_n " \"%V\" failed", &file->name);
    }
}

bool parse_client(ngx_conf_t* cf, ngx_str_t text, ngx_cidr_t* client) {
    if (view(text) == "unix:") {
        client->family = AF_UNIX;
        return true;
    }
    const ngx_int_t parsed = ngx_ptocidr(&text, client);
    if (parsed == NGX_ERROR) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "invalid parameter \"%V\"", &text);
        return false;
    }
    if (parsed == NGX_DONE) {
        ngx_conf_log_error(NGX_LOG_WARN, cf, 0, "low address bits of %V are meaningless", &text);
    }
    return true;
}

// The addresses behind the path; null for none of them. False when one is wrong.
bool parse_clients(ngx_conf_t* cf, ngx_array_t** clients) {
    const auto* value = static_cast<const ngx_str_t*>(cf->args->elts);
    *clients = nullptr;
    if (cf->args->nelts == 2) {
        return true;
    }
    *clients = ngx_array_create(cf->pool, cf->args->nelts - 2, sizeof(ngx_cidr_t));
    for (ngx_uint_t i = 2; i < cf->args->nelts; ++i) {
        auto* client = *clients != nullptr ? static_cast<ngx_cidr_t*>(ngx_array_push(*clients)) : nullptr;
        if (client == nullptr) {
            return false;
        }
        *client = ngx_cidr_t{};
        if (!parse_client(cf, value[i], client)) {
            return false;
        }
    }
    return true;
}

ngx_open_file_t* open_key_file(ngx_conf_t* cf, ngx_str_t path) {
    ngx_open_file_t* file = ngx_conf_open_file(cf->cycle, &path);
    if (file == nullptr) {
        return nullptr;
    }
    if (file->flush != nullptr && file->flush != on_reopen) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "tls_key_log \"%V\" is another log's file", &path);
        return nullptr;
    }
    file->flush = on_reopen;
    const int error = make_private(path_of(*file));
    if (error != 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, error, ngx_open_file_n " \"%V\" failed", &file->name);
        return nullptr;
    }
    return file;
}

KeyLog* add_key_log(ngx_conf_t* cf) {
    const ngx_str_t& path = static_cast<const ngx_str_t*>(cf->args->elts)[1];
    ngx_array_t* clients = nullptr;
    if (!parse_clients(cf, &clients)) {
        return nullptr;
    }
    ngx_open_file_t* file = open_key_file(cf, path);
    if (file == nullptr) {
        return nullptr;
    }
    ngx_conf_log_error(NGX_LOG_WARN, cf, 0,
                       "TLS secrets are written to \"%V\": whoever reads it can decrypt connections",
                       &file->name);
    auto* main = static_cast<MainConf*>(ngx_http_conf_get_module_main_conf(cf, ngx_http_tls_module));
    main->key_logs.push_back(std::make_unique<KeyLog>(file, clients));
    return main->key_logs.back().get();
}

}  // namespace

bool KeyLog::wants(const ngx_connection_t* c) const {
    if (clients_ == nullptr) {
        return true;
    }
    if (c->proxy_protocol == nullptr) {
        return ngx_cidr_match(c->sockaddr, clients_) == NGX_OK;
    }
    const ngx_str_t& text = c->proxy_protocol->src_addr;
    ngx_addr_t client{};
    return ngx_parse_addr(c->pool, &client, text.data, text.len) == NGX_OK &&
           ngx_cidr_match(client.sockaddr, clients_) == NGX_OK;
}

// In one piece, so that the lines of several workers do not mix.
void KeyLog::write(std::string_view line) {
    std::string whole(line);
    whole += '\n';
    file_.write(whole);
    OPENSSL_cleanse(whole.data(), whole.size());
}

char* set_key_log(ngx_conf_t* cf, ngx_command_t*, void* server_conf) {
    auto* conf = static_cast<ServerConf*>(server_conf);
    if (conf->key_log != NGX_CONF_UNSET_PTR) {
        return const_cast<char*>("is duplicate");
    }
    const auto* value = static_cast<const ngx_str_t*>(cf->args->elts);
    if (cf->args->nelts == 2 && view(value[1]) == "off") {
        conf->key_log = nullptr;
        return NGX_CONF_OK;
    }
    conf->key_log = guarded(static_cast<KeyLog*>(nullptr), [&] { return add_key_log(cf); });
    return conf->key_log != nullptr ? NGX_CONF_OK : static_cast<char*>(NGX_CONF_ERROR);
}

}  // namespace tls
