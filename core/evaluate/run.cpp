// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluate/run.h"

#include "core/evaluate/closed_loop.h"
#include "core/evaluate/loop_memory.h"
#include "core/model/config/model_folder.h"
#include "core/model/run/device.h"
#include "core/model/session/generate.h"
#include "core/model/session/loaded_model.h"
#include "core/model/session/tokenize_text.h"
#include "core/model/tokenizer/tokenizer_fit.h"

#include <algorithm>

namespace winnow {

namespace fs = std::filesystem;

namespace {

/// Why tokens that were recorded cannot run in this model, as far as it is known before the model is loaded.
Result<void> checkGiven(const RunOptions& options, const fs::path& place, const ModelConfig& config)
{
    const std::vector<std::int32_t>& tokens = options.given->tokens;
    if (tokens.size() < 2)
        return fail(ErrorCode::BadInput, "the recording has {} tokens; a run needs two or more", tokens.size());
    const auto [least, most] = std::ranges::minmax(tokens);
    if (least < 0 || most >= config.vocabulary)
        return fail(ErrorCode::BadInput,
                    "the recording has a token {}, and the model in '{}' knows 0 to {}: it is not the model that was recorded",
                    least < 0 ? least : most, place.string(), config.vocabulary - 1);
    const auto isWhole = [&] {
        for (std::size_t i = 0; i < options.standsBy.size(); ++i)
            if (options.standsBy[i] != Layer(static_cast<int>(i)))
                return false;
        return static_cast<int>(options.standsBy.size()) == config.layers;
    };
    if (!options.modelHash.empty()) {
        WINNOW_TRY(const std::string own, weightHash(place));
        if (own != options.modelHash)
            return fail(
                ErrorCode::BadInput,
                "the model in '{}' is not the one that was recorded: its weights have the hash {}, the recording says {}; "
                "give the recorded model's folder",
                place.string(), own, options.modelHash);
    }
    if (!options.standsBy.empty() && !isWhole())
        return fail(ErrorCode::BadInput,
                    "the recording holds {} of the model's {} layers, and a run has them all, so that the two cannot stand side "
                    "by side; record all layers",
                    options.standsBy.size(), config.layers);
    return {};
}

/// Tokens, layers and config as a recording would have them.
Result<TraceInfo> textToRun(const RunOptions& options, const Tokenizer& tokenizer, const LoadedModel& model)
{
    TraceInfo text;
    if (options.given) {
        WINNOW_TRY_VOID(checkGiven(options, model.place(), model.config()));
        text.tokens = options.given->tokens;
        text.text = options.given->text;
        text.offsets = options.given->offsets;
    } else {
        WINNOW_TRY_VOID(tokenizeText(options.text, tokenizer, text));
    }
    TraceInfo info = runInfo(model.config(), std::move(text.tokens));
    info.text = std::move(text.text);
    info.offsets = std::move(text.offsets);
    return info;
}

/// Puts what the model generates in the place of the tokens behind the `read` first ones.
Result<void> goOn(const RunOptions& options, std::size_t read, const LoadedModel& model, const Tokenizer& tokenizer,
                  TraceInfo& info, const JobContext& job)
{
    info.tokens.resize(read);
    WINNOW_TRY(TokenizedText both, continued({.text = std::move(info.text), .tokens = info.tokens, .offsets = info.offsets},
                                             options.generate, options.text.chunk, model, tokenizer, job));
    info.manifest.merge(both.manifest);
    info.manifest["generated_tokens"] = std::to_string(both.tokens.size() - read);
    info.text = std::move(both.text);
    info.tokens = std::move(both.tokens);
    info.offsets = std::move(both.offsets);
    info.prompt = static_cast<int>(info.tokens.size());
    return {};
}

Result<std::shared_ptr<const ReplayResult>> runNow(const RunOptions& options, const RunHooks& hooks, const JobContext& job)
{
    WINNOW_TRY(LoadedModel model, LoadedModel::open(options.text.model, options.text.dtype, options.text.device));
    WINNOW_TRY(const auto tokenizer, Tokenizer::load(model.place()));
    WINNOW_TRY_VOID(checkFit(*tokenizer, model.config()));
    job.report("reading the text", 0);
    WINNOW_TRY(TraceInfo info, textToRun(options, *tokenizer, model));
    const std::size_t read = info.tokens.size();
    info.tokens.resize(read + static_cast<std::size_t>(options.generate), info.tokens.back()); // for the plan: not known yet
    info.prompt = static_cast<int>(info.tokens.size());
    LoopOptions loop{.prompt = options.prompt, .chunk = options.text.chunk, .full = options.full};
    if (options.generate > 0 && options.prompt == 0)
        loop.prompt = static_cast<int>(read);
    WINNOW_TRY_VOID(model.config().checkLength(info.prompt));
    WINNOW_TRY(const ReplayPlan policies, planRun(info, options.policies, loop));

    RunPlan plan{.tokens = info.prompt, .full = options.full};
    if (const int made = model.config().maxPositions; made > 0 && plan.tokens > made)
        plan.warnings.push_back(fmt::format(
            "the text has {} tokens and the model was made for {}; what comes after is less reliable", plan.tokens, made));
    WINNOW_TRY_VOID(planLoopMemory({.info = info,
                                    .policies = policies,
                                    .dtype = options.text.dtype,
                                    .chunk = options.text.chunk,
                                    .needsFull = options.generate > 0,
                                    // a copy for the one who looks, and the one that he looked at before
                                    .copies = hooks.advanced ? 3 : 1,
                                    .available = hooks.memory},
                                   model, plan));
    if (hooks.planned)
        hooks.planned(plan);
    loop.full = plan.full;
    loop.advanced = hooks.advanced;
    loop.measured = hooks.measured;

    model.beginHash();
    WINNOW_TRY_VOID(model.load(job));
    WINNOW_TRY(info.manifest, model.manifest());
    info.manifest["text"] = options.text.textName;
    info.manifest["text_hash"] = contentHash(options.given ? options.given->text : options.text.text);
    if (options.given)
        for (const auto& [key, value] : options.given->manifest)
            info.manifest[key] = value;
    if (options.generate > 0)
        WINNOW_TRY_VOID(goOn(options, read, model, *tokenizer, info, job));
    info.manifest["chunk"] = std::to_string(loop.chunk);
    auto result = runPolicies(model.transformer(), info, options.policies, loop, job);
    if (!result && result.error().code == ErrorCode::BadInput)
        return fail(ErrorCode::BadInput, "{}; {}", result.error().message, model.whyNotFinite(job));
    return result;
}

} // namespace

Result<void> checkRun(const TraceInfo& recording, const PolicySpec& spec, int prompt)
{
    WINNOW_TRY_VOID(planRun(recording, {&spec, 1}, {.prompt = prompt}));
    return {};
}

RunOptions runOf(const TraceInfo& recording)
{
    const auto entry = [&](const char* key) {
        const auto found = recording.manifest.find(key);
        return found == recording.manifest.end() ? std::string() : found->second;
    };
    RunOptions options;
    options.text.textName = entry("text");
    for (const Dtype dtype : {Dtype::Float32, Dtype::BFloat16, Dtype::Float16})
        if (entry("dtype") == dtypeName(dtype))
            options.text.dtype = dtype;
    options.given = TokenizedText{.text = recording.text,
                                  .tokens = recording.tokens,
                                  .offsets = recording.offsets,
                                  .prompt = recording.prompt,
                                  .manifest = {}};
    if (const auto hash = recording.manifest.find("text_hash"); hash != recording.manifest.end())
        options.given->manifest.insert(*hash);
    options.modelHash = entry("model_hash");
    return options;
}

Result<std::shared_ptr<const ReplayResult>> runText(const RunOptions& options, const RunHooks& hooks, const JobContext& job)
{
    try {
        return runNow(options, hooks, job);
    } catch (...) {
        return fail(currentTorchError("running the policies"));
    }
}

} // namespace winnow
