// SPDX-License-Identifier: GPL-3.0-or-later
// A model that is opened first and loaded when it is needed. Generating and recording share it, and so do consecutive recordings.
#pragma once

#include "core/model/run/memory_need.h"
#include "core/model/run/transformer.h"

#include <future>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace winnow {

class LoadedModel {
public:
    /// Reads the model's small files only. `model` and `device` as in RecordOptions.
    static Result<LoadedModel> open(const std::filesystem::path& model, Dtype dtype, std::string_view device);
    const std::filesystem::path& place() const { return m_place; } ///< as resolveModel found it
    const ModelConfig& config() const { return m_config; }

    /// Starts to hash the weights on a thread of its own, which takes about as long as loading them; manifest() waits for it.
    void beginHash();
    /// Before load(), for a text of `tokens` that runs `chunk` at a time: chooses how the layers come to memory, of which
    /// `available` bytes can be had (unset: what the system says), with a line for the user in `warnings` where it has to be the
    /// slow way.
    Result<void> chooseMemory(int tokens, int chunk, std::optional<std::uint64_t> available, std::vector<std::string>& warnings);
    bool streamed() const { return m_options.streamed; } ///< what it chose: layers are read from disk one by one
    bool isOnHost() const { return m_options.devices.front().is_cpu(); }
    bool isLoaded() const { return m_transformer != nullptr; }
    /// Loads the weights, the first time.
    Result<void> load(const JobContext& job);
    /// Once load() went well.
    const Transformer& transformer() const { return *m_transformer; }
    /// What a recording says of the model: name, hashes, dtype, device, versions. After load().
    Result<std::map<std::string, std::string>> manifest();
    /// Why a run may have met numbers that are not finite, or far too large, and what to do: the end of a sentence. Reads all
    /// weights.
    std::string whyNotFinite(const JobContext& job) const;

private:
    LoadedModel() = default;

    std::filesystem::path m_place;
    ModelConfig m_config;
    Dtype m_dtype = Dtype::Float32;
    LoadOptions m_options;
    std::unique_ptr<Transformer> m_transformer;
    std::shared_future<Result<std::string>> m_hash;
};

/// `model` where it is there, else the model of these words, opened.
Result<std::shared_ptr<LoadedModel>> sharedModel(std::shared_ptr<LoadedModel> model, const std::filesystem::path& path,
                                                 Dtype dtype, std::string_view device);

} // namespace winnow
