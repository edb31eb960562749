#include "io/sha256.h"

#include <c10/util/Exception.h>
#include <openssl/evp.h>

#include <array>

#include "io/bytes.h"

namespace mkt::io {
namespace {

void check_done(bool done) {
  TORCH_CHECK(
      done, "libcrypto: expected a SHA-256 digest, got an error. Check the system's OpenSSL configuration.");
}

}  // namespace

void Sha256::Free::operator()(evp_md_ctx_st* context) const {
  EVP_MD_CTX_free(context);
}

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
  check_done(context_ != nullptr && EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1);
}

void Sha256::update(const void* data, std::size_t size) {
  check_done(EVP_DigestUpdate(context_.get(), data, size) == 1);
}

std::string Sha256::hex() {
  constexpr char kDigits[] = "0123456789abcdef";
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  check_done(EVP_DigestFinal_ex(context_.get(), digest.data(), &size) == 1);
  std::string text;
  for (unsigned i = 0; i < size; ++i) {
    text.push_back(kDigits[digest[i] >> 4U]);
    text.push_back(kDigits[digest[i] & 0xFU]);
  }
  return text;
}

std::string sha256(std::string_view bytes) {
  Sha256 digest;
  digest.update(bytes.data(), bytes.size());
  return digest.hex();
}

std::string sha256_file(const std::string& path) {
  return sha256(map_file(path).view());
}

}  // namespace mkt::io
