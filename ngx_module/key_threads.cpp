#include "key_threads.h"

#include <openssl/crypto.h>

#include "base/guard.h"
#include "conf.h"
#include "connection.h"

#if (NGX_THREADS)
// What an nginx built without threads does not have: null there.
#pragma weak ngx_thread_pool_add
#pragma weak ngx_thread_task_post
#endif

namespace tls {

#if (NGX_THREADS)

KeyTask* KeyTask::post(ngx_thread_pool_s* pool, Connection* connection,
                       std::shared_ptr<PendingSignature> pending) {
    std::unique_ptr<KeyTask> task(new KeyTask(connection, std::move(pending)));
    task->task_.ctx = task.get();
    task->task_.handler = run;
    task->task_.event.data = task.get();
    task->task_.event.handler = on_done;
    return ngx_thread_task_post(pool, &task->task_) == NGX_OK ? task.release() : nullptr;
}

// In a thread of the pool.
void KeyTask::run(void* data, ngx_log_t*) {
    guarded([&] {
        const auto* task = static_cast<const KeyTask*>(data);
        if (!task->unwanted_) {
            task->pending_->make();
        }
    });
    // A random generator of the thread's own, for instance: nginx does not wait for threads to free such
    // things when the worker ends.
    OPENSSL_thread_stop();
}

void KeyTask::on_done(ngx_event_t* event) {
    const std::unique_ptr<KeyTask> task(static_cast<KeyTask*>(event->data));
    if (task->connection_ != nullptr) {
        guarded([&] { task->connection_->go_on(); });
    }
}

#else

KeyTask* KeyTask::post(ngx_thread_pool_s*, Connection*, std::shared_ptr<PendingSignature>) {
    return nullptr;
}

#endif

char* set_key_threads(ngx_conf_t* cf, ngx_command_t*, void* server_conf) {
    auto* conf = static_cast<ServerConf*>(server_conf);
    if (conf->key_threads != NGX_CONF_UNSET_PTR) {
        return const_cast<char*>("is duplicate");
    }
    auto* value = static_cast<ngx_str_t*>(cf->args->elts) + 1;
    if (view(*value) == "off") {
        conf->key_threads = nullptr;
        return NGX_CONF_OK;
    }
#if (NGX_THREADS)
    if (&ngx_thread_pool_add != nullptr) {
        // That there is no such pool is said by nginx, when it has read all of the configuration.
        conf->key_threads = ngx_thread_pool_add(cf, value);
        return conf->key_threads != nullptr ? NGX_CONF_OK : static_cast<char*>(NGX_CONF_ERROR);
    }
#endif
    return const_cast<char*>("needs an nginx built with threads");
}

}  // namespace tls
