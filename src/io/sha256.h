#pragma once
// SHA-256, computed by OpenSSL's libcrypto. Source: FIPS 180-4.

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

struct evp_md_ctx_st;  // OpenSSL's EVP_MD_CTX

namespace mkt::io {

/// Incremental SHA-256.
class Sha256 {
 public:
  Sha256();

  void update(const void* data, std::size_t size);
  /// Returns the digest as 64 lower-case hexadecimal digits. Call once, after the last update().
  std::string hex();

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };

  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

/// Computes the digest of `bytes`, as 64 lower-case hexadecimal digits.
std::string sha256(std::string_view bytes);

/// Computes the digest of a file's bytes, as 64 lower-case hexadecimal digits. Throws c10::Error that names
/// the file if it cannot be read.
std::string sha256_file(const std::string& path);

}  // namespace mkt::io
