// Finding a model on disk, and the hashes by which a recording names what it was made with. Free of Torch.
#pragma once

#include "core/base/result.h"
#include "core/model/model_config.h"

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace winnow {

/// The folder that holds config.json, from: that folder, any file in it, or a folder of the Hugging Face cache
/// ("models--org--name", or its "snapshots"), whose revision "main", or else newest snapshot, is taken. One sentence otherwise.
Result<std::filesystem::path> resolveModelFolder(const std::filesystem::path& path);

/// The same, or a .gguf file as it is.
Result<std::filesystem::path> resolveModel(const std::filesystem::path& path);

/// Reads and checks `folder`/config.json.
Result<ModelConfig> readModelConfig(const std::filesystem::path& folder);

/// "demo" for ".../demo", "org/name" for a folder of the Hugging Face cache: how pictures and manifests call the model.
std::string modelName(const std::filesystem::path& folder);

/// 16 hexadecimal digits that tell contents apart (not against an adversary): FNV-1a, 64 bit, over all bytes.
std::string contentHash(std::span<const std::byte> bytes);
std::string contentHash(std::string_view text);

/// One hash over the weight files in the order of their names. A file of up to 64 MiB counts whole; of a larger one count its
/// size, its first and last MiB, and 62 further blocks of 64 KiB at equal distances. Under 0.2 s per file.
Result<std::string> weightHash(const std::filesystem::path& folder);

/// contentHash of tokenizer.json, or of tokenizer.model where there is none.
Result<std::string> tokenizerHash(const std::filesystem::path& folder);

} // namespace winnow
