/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/net/http_trust.h"

#include <dirent.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "agent/base/buffer.h"

#define FILE_MAX ((size_t)4 << 20)

static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct buffer trusted; /* PEM; read once */

/* What cannot be read trusts nobody: whoever needed it is told that its server is not trusted. */
static void add_file(const char *path)
{
    struct buffer b = {0};

    if (buffer_read_file(&b, path, FILE_MAX) && buffer_append(&trusted, b.data, b.size))
        buffer_append(&trusted, "\n", 1);
    free(b.data);
}

static void add_folder(const char *path)
{
    DIR *dir = opendir(path);
    struct dirent *entry;
    char file[512];

    while (dir && (entry = readdir(dir)))
        if (entry->d_name[0] != '.' &&
            (size_t)snprintf(file, sizeof(file), "%s/%s", path, entry->d_name) < sizeof(file))
            add_file(file);
    if (dir)
        closedir(dir);
}

static const char *system_file(void)
{
    static const char *const files[] = {"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt",
                                        "/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem"};

    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
        if (access(files[i], R_OK) == 0)
            return files[i];
    return NULL;
}

static void load(void)
{
    const char *chosen = getenv("SSL_CERT_FILE"), *file = chosen ? chosen : system_file();

    if (file)
        add_file(file);
    if (!chosen)
        add_folder(HTTP_TRUST_FOLDER);
}

/* One blob instead of a file and a folder: libcurl's TLS libraries disagree on what a folder of authorities is. */
void http_trust(CURL *c)
{
    struct curl_blob blob;

    pthread_once(&once, load);
    blob = (struct curl_blob){.data = trusted.data, .len = trusted.size, .flags = CURL_BLOB_NOCOPY};
    if (trusted.size)
        curl_easy_setopt(c, CURLOPT_CAINFO_BLOB, &blob);
}

bool http_is_distrust(CURLcode code)
{
    return code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE;
}
