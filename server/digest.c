/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/digest.h"

#include <openssl/evp.h>
#include <openssl/rand.h>

int digest_chunk(const void *data, size_t size, uint8_t ret[CHUNK_ID])
{
    return EVP_Digest(data, size, ret, NULL, EVP_sha512_256(), NULL) == 1 ? 0 : -1;
}

int digest_file(const void *data, size_t size, char ret[CHUNK_HEX])
{
    uint8_t hash[CHUNK_ID];

    if (EVP_Digest(data, size, hash, NULL, EVP_sha256(), NULL) != 1)
        return -1;
    name_chunk_hex(hash, ret);
    return 0;
}

int digest_token(char ret[TOKEN_TEXT])
{
    uint8_t bytes[CHUNK_ID];

    if (RAND_bytes(bytes, sizeof(bytes)) != 1)
        return -1;
    name_chunk_hex(bytes, ret);
    return 0;
}
