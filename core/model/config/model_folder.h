// SPDX-License-Identifier: GPL-3.0-or-later
// Finding a model on disk, as a Hugging Face folder or a GGUF file, and the hashes by which a recording names what it was made
// with. Free of Torch.
#pragma once

#include "core/base/result.h"

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace winnow {

/// Where a model is: the folder that holds config.json and safetensors, or a GGUF file. `path` may be that folder or any file in
/// it; a GGUF file; a folder with one GGUF model in place of safetensors; or a folder of the Hugging Face cache
/// ("models--org--name", or its "snapshots"), whose revision "main", or else newest snapshot, is taken. Of a GGUF model that is
/// split ("…-00002-of-00003.gguf") any part may be named; the answer is the first. Otherwise an error. The functions below, and
/// Tokenizer::load, take what this returns.
Result<std::filesystem::path> resolveModel(const std::filesystem::path& path);

/// "demo" for ".../demo", "org/name" for a folder of the Hugging Face cache, "gemma" for "gemma.gguf": how pictures and manifests
/// call the model.
std::string modelName(const std::filesystem::path& model);

/// The files that hold the weights, in the order of their names.
Result<std::vector<std::filesystem::path>> modelFiles(const std::filesystem::path& model);

/// 16 hexadecimal digits that tell contents apart (not against an adversary): FNV-1a, 64 bit, over all bytes.
std::string contentHash(std::span<const std::byte> bytes);
std::string contentHash(std::string_view text);

/// One hash over the weight files in the order of their names. A file of up to 64 MiB counts whole; of a larger one count its
/// size, its first and last MiB, and 62 further blocks of 64 KiB at equal distances. Under 0.2 s per file.
Result<std::string> weightHash(const std::filesystem::path& model);

/// contentHash of tokenizer.json, or of tokenizer.model where there is none, or of the metadata of a GGUF file that are about its
/// tokenizer.
Result<std::string> tokenizerHash(const std::filesystem::path& model);

} // namespace winnow
