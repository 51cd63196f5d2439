// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/session/loaded_model.h"

#include "core/base/check.h"
#include "core/io/hdf5.h"
#include "core/model/config/gguf_config.h"
#include "core/model/config/model_folder.h"
#include "core/model/config/refused_models.h"
#include "core/model/families/read_config.h"
#include "core/model/run/bad_weight.h"
#include "core/model/run/device.h"

#include <torch/version.h>

namespace winnow {

Result<LoadedModel> LoadedModel::open(const std::filesystem::path& model, Dtype dtype, std::string_view device)
{
    LoadedModel opened;
    opened.m_dtype = dtype;
    WINNOW_TRY(opened.m_options, loadOptions(dtype, device));
    WINNOW_TRY(opened.m_place, resolveModel(model));
    WINNOW_TRY(opened.m_config, readModelConfig(opened.m_place));
    if (!isGguf(opened.m_place))
        WINNOW_TRY_VOID(checkWeightFormat(opened.m_place));
    return opened;
}

void LoadedModel::beginHash()
{
    if (!m_hash.valid())
        m_hash = std::async(std::launch::async, [place = m_place] { return weightHash(place); }).share();
}

Result<void> LoadedModel::chooseMemory(int tokens, int chunk, std::optional<std::uint64_t> available,
                                       std::vector<std::string>& warnings)
{
    if (isLoaded() || !isOnHost())
        return {};
    WINNOW_TRY(m_options.streamed, mustStream(m_config, tokens, m_dtype, chunk, available ? available : availableMemory()));
    if (m_options.streamed)
        warnings.emplace_back(kStreamedWarning);
    return {};
}

Result<void> LoadedModel::load(const JobContext& job)
{
    if (!m_transformer) {
        WINNOW_TRY(m_transformer, Transformer::load(m_place, m_options, job));
    }
    return {};
}

Result<std::map<std::string, std::string>> LoadedModel::manifest()
{
    WINNOW_CHECK(m_transformer, "the model is not loaded");
    beginHash();
    std::map<std::string, std::string> manifest;
    WINNOW_TRY(manifest["tokenizer_hash"], tokenizerHash(m_place));
    WINNOW_TRY(manifest["model_hash"], m_hash.get());
    manifest["model"] = modelName(m_place);
    if (isGguf(m_place)) {
        WINNOW_TRY(const auto file, GgufFile::open(m_place));
        manifest["model_file"] = fmt::format("{} ({})", m_place.filename().string(), ggufKinds(file->table()));
    }
    manifest["dtype"] = dtypeName(m_dtype);
    manifest["device"] = m_transformer->placement();
    manifest["versions"] = fmt::format("LibTorch {}, HDF5 {}", TORCH_VERSION, hdf5Version());
    return manifest;
}

std::string LoadedModel::whyNotFinite(const JobContext& job) const
{
    const auto bad = findBadWeight(m_place, m_config, m_options.dtype, job);
    if (bad && *bad)
        return fmt::format("the model's weight '{}' is not finite: its file is damaged, fetch it again", **bad);
    if (m_dtype == Dtype::Float16)
        return "float16 ends at 65504: run the model with --dtype float32 or bfloat16";
    if (m_dtype == Dtype::BFloat16)
        return "all its weights are finite: try --dtype float32";
    return "all its weights are finite, but some must be far too large: its file or config.json may be damaged, fetch them again";
}

Result<std::shared_ptr<LoadedModel>> sharedModel(std::shared_ptr<LoadedModel> model, const std::filesystem::path& path,
                                                 Dtype dtype, std::string_view device)
{
    if (model)
        return model;
    WINNOW_TRY(LoadedModel opened, LoadedModel::open(path, dtype, device));
    return std::make_shared<LoadedModel>(std::move(opened));
}

} // namespace winnow
