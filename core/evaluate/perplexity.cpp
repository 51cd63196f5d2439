// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluate/perplexity.h"

#include "core/evaluate/closed_loop.h"
#include "core/evaluate/loop_memory.h"
#include "core/model/run/device.h"
#include "core/model/session/loaded_model.h"
#include "core/model/session/tokenize_text.h"
#include "core/model/tokenizer/tokenizer_fit.h"

#include <algorithm>
#include <limits>
#include <numeric>

namespace winnow {

namespace {

PerplexityResult emptyResult(const PerplexityOptions& options, std::vector<std::int32_t> tokens)
{
    const std::vector<float> none(tokens.size(), std::numeric_limits<float>::quiet_NaN());
    PerplexityResult result{.tokens = std::move(tokens)};
    if (options.full)
        result.full = none;
    for (const PolicySpec& spec : options.policies)
        result.policies.push_back({spec, none});
    return result;
}

/// What counts of a window's numbers.
void copyJudged(const TextWindow& window, std::span<const float> from, std::vector<float>& to)
{
    for (int t = std::max(window.judged, window.begin + 1); t < window.end; ++t)
        to[static_cast<std::size_t>(t)] = from[static_cast<std::size_t>(t - window.begin)];
}

void take(const TextWindow& window, const ReplayResult& run, double share, PerplexityResult& result)
{
    if (!result.full.empty() && !run.logprob.empty())
        copyJudged(window, run.logprob, result.full);
    for (std::size_t p = 0; p < result.policies.size(); ++p) {
        const PolicyReplay& policy = *run.policies[p];
        copyJudged(window, policy.run.logprob, result.policies[p].logprob);
        PerplexityResult::Policy& to = result.policies[p];
        to.stored += share * meanStored(policy, 0, policy.stepsDone);
        const std::vector<float>& times = policy.run.milliseconds;
        if (!times.empty())
            to.milliseconds += share * std::accumulate(times.begin(), times.end(), 0.0) / static_cast<double>(times.size());
        for (const std::int64_t taken : policy.run.takenBytes)
            to.bytes = std::max(to.bytes, static_cast<double>(taken));
    }
}

Result<PerplexityResult> onePass(const PerplexityOptions& options, const RunHooks& hooks, const JobContext& job)
{
    WINNOW_TRY(const auto run,
               runText({.text = options.text, .policies = options.policies, .prompt = 0, .full = options.full}, hooks, job));
    PerplexityResult result = emptyResult(options, run->tokenIds);
    if (run->logprob.empty())
        result.full.clear();
    const int tokens = static_cast<int>(result.tokens.size());
    take({.begin = 0, .end = tokens, .judged = 0}, *run, 1, result);
    return result;
}

/// Windows as they are read; one of everything where none were asked for.
std::vector<TextWindow> windowsOf(int tokens, const PerplexityOptions& options)
{
    const int window = options.window > 0 ? options.window : tokens;
    return textWindows(tokens, window, options.stride > 0 ? options.stride : window);
}

/// What is known of the line alone.
Result<void> checkLine(const PerplexityOptions& options)
{
    for (const PolicySpec& spec : options.policies)
        if (findPolicy(spec.name)->acts == Acts::EndOfPrompt)
            return fail(ErrorCode::BadInput,
                        "policy '{}' chooses once, at the end of a prompt, and here a text has none; its loss behind a prompt is "
                        "told by winnow run --prompt N",
                        spec.name);
    if (options.window == 0 || (options.window >= 2 && options.stride >= 0 && options.stride <= options.window))
        return {};
    return fail(ErrorCode::Usage,
                "windows of {} tokens, {} apart, were asked for; a window has two tokens or more, and the next begins no later "
                "than where it ends",
                options.window, options.stride);
}

/// Whether rotary positions are those of the slots, of the policies that evict.
struct Positions {
    bool any = false, slots = false, text = false;
};

Positions positionsOf(const std::vector<PolicySpec>& policies)
{
    Positions all;
    for (const PolicySpec& spec : policies) {
        if (findPolicy(spec.name)->acts == Acts::Never)
            continue;
        all.any = true;
        (spec.value("positions") == "keep" ? all.text : all.slots) = true;
    }
    return all;
}

} // namespace

std::vector<TextWindow> textWindows(int tokens, int window, int stride)
{
    std::vector<TextWindow> windows;
    int judged = 0;
    for (int begin = 0; begin < tokens; begin += stride) {
        const int end = std::min(begin + window, tokens);
        windows.push_back({.begin = begin, .end = end, .judged = judged});
        judged = end;
        if (end == tokens)
            break;
    }
    return windows;
}

std::string protocolOf(const PerplexityOptions& options)
{
    const Positions at = positionsOf(options.policies);
    const std::string_view positions = !at.any               ? ""
                                       : at.slots && at.text ? ", positions as each policy's line says"
                                       : at.slots            ? ", positions by slot"
                                                             : ", positions of the text";
    if (options.window == 0)
        return fmt::format(
            "one pass, token by token, the cache carried from begin to end and never reset{}: {}", positions,
            at.slots && !at.text
                ? "the protocol of StreamingLLM (its examples/eval_long_ppl.py, where texts follow each other in one "
                  "cache: give them as one file)"
            : !at.any ? "the plain loss of a text"
                      : "StreamingLLM's protocol but for the positions (--positions slot is its own)");
    const int stride = options.stride > 0 ? options.stride : options.window;
    if (stride == options.window)
        return fmt::format(
            "parts of {} tokens, each from an empty cache, token by token{}: the disjoint parts that Hugging Face's page "
            "on the perplexity of fixed-length models warns of, since each begins without context",
            options.window, positions);
    return fmt::format(
        "windows of {} tokens, {} apart, each from an empty cache, token by token; what no window before held is judged{}: {}",
        options.window, stride, positions,
        at.slots && !at.text
            ? "the strided one of Hugging Face's page on fixed-length models, as TreeKV's tables 1 and 2 take it "
              "(windows of 4,096 to 16,384; 2,048 apart for PG19, 1,024 for OpenWebText2)"
            : "the strided one of Hugging Face's page on the perplexity of fixed-length models");
}

Result<PolicySpec> atPositions(const PolicySpec& spec, std::string_view positions)
{
    if (positions.empty() || std::ranges::find(spec.typed, "positions") != spec.typed.end() || spec.value("positions").empty())
        return spec;
    return spec.with("positions", positions == "slot" ? "reassign" : "keep");
}

struct PerplexitySession::Impl {
    std::shared_ptr<LoadedModel> model;
    std::shared_ptr<const Tokenizer> tokenizer;

    TraceInfo infoOf(const std::vector<std::int32_t>& tokens, const TextWindow& window) const
    {
        return runInfo(model->config(), {tokens.begin() + window.begin, tokens.begin() + window.end});
    }

    struct Planned {
        std::vector<std::int32_t> tokens;
        std::vector<TextWindow> windows; ///< the first is the longest
        TraceInfo info;                  ///< of the first
        ReplayPlan policies;             ///< likewise
    };

    /// A text that can be measured so.
    Result<Planned> planned(const PerplexityOptions& options) const
    {
        WINNOW_TRY_VOID(checkLine(options));
        TraceInfo text;
        WINNOW_TRY_VOID(tokenizeText(options.text, *tokenizer, text));
        const int tokens = static_cast<int>(text.tokens.size());
        if (options.window > tokens)
            return fail(
                ErrorCode::BadInput,
                "a window of {} tokens is longer than the text, which has {}; leave the window out to read it in one pass",
                options.window, tokens);
        Planned plan{.tokens = std::move(text.tokens), .windows = windowsOf(tokens, options), .info = {}, .policies = {}};
        WINNOW_TRY_VOID(model->config().checkLength(plan.windows.front().end));
        plan.info = infoOf(plan.tokens, plan.windows.front());
        WINNOW_TRY(plan.policies, planRun(plan.info, options.policies, {}));
        return plan;
    }

    /// What is told of it before the model is loaded.
    Result<RunPlan> announced(const PerplexityOptions& options, const Planned& all, std::optional<std::uint64_t> memory)
    {
        const auto& [tokens, windows, info, policies] = all;
        RunPlan plan{.tokens = static_cast<int>(tokens.size()), .full = options.full, .memory = {}};
        if (const int made = model->config().maxPositions; made > 0 && policies.tokens > made)
            plan.warnings.push_back(
                fmt::format("a window has {} tokens and the model was made for {}; what comes after is less reliable",
                            policies.tokens, made));
        WINNOW_TRY_VOID(planLoopMemory(
            {.info = info, .policies = policies, .dtype = options.text.dtype, .chunk = options.text.chunk, .available = memory},
            *model, plan));
        plan.memory = fmt::format("{} window{}, {}", windows.size(), windows.size() == 1 ? "" : "s", plan.memory);
        return plan;
    }

    Result<PerplexityResult> measure(const PerplexityOptions& options, const RunHooks& hooks, const JobContext& job)
    {
        WINNOW_TRY(const Planned all, planned(options));
        WINNOW_TRY(const RunPlan plan, announced(options, all, hooks.memory));
        const auto& [tokens, windows, info, policies] = all;
        if (hooks.planned)
            hooks.planned(plan);
        WINNOW_TRY_VOID(model->load(job));
        PerplexityResult result = emptyResult(options, tokens);
        if (!plan.full)
            result.full.clear();
        result.windows = static_cast<int>(windows.size());
        double steps = 0;
        for (const TextWindow& window : windows)
            steps += window.end - window.begin;
        // The last window may be shorter than a budget.
        const LoopOptions loop{.chunk = options.text.chunk, .full = plan.full, .mayNotFill = true};
        for (std::size_t i = 0; i < windows.size(); ++i) {
            WINNOW_TRY_VOID(job.check("measuring the perplexity"));
            job.report("running", static_cast<double>(i) / static_cast<double>(windows.size()));
            // One of many windows tells its progress by itself; a single one tells that of its steps.
            WINNOW_TRY(const auto run, runPolicies(model->transformer(), infoOf(tokens, windows[i]), options.policies, loop,
                                                   windows.size() > 1 ? JobContext() : job));
            take(windows[i], *run, (windows[i].end - windows[i].begin) / steps, result);
        }
        return result;
    }
};

PerplexitySession::PerplexitySession(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {}
PerplexitySession::~PerplexitySession() = default;
PerplexitySession::PerplexitySession(PerplexitySession&&) noexcept = default;

Result<PerplexitySession> PerplexitySession::open(const RecordOptions& options, std::shared_ptr<LoadedModel> model)
{
    try {
        WINNOW_TRY(model, sharedModel(std::move(model), options.model, options.dtype, options.device));
        WINNOW_TRY(auto tokenizer, Tokenizer::load(model->place()));
        WINNOW_TRY_VOID(checkFit(*tokenizer, model->config()));
        return PerplexitySession(std::make_unique<Impl>(Impl{std::move(model), std::move(tokenizer)}));
    } catch (...) {
        return fail(currentTorchError("opening the model"));
    }
}

const std::shared_ptr<LoadedModel>& PerplexitySession::model() const { return m_impl->model; }

Result<int> PerplexitySession::check(const PerplexityOptions& options, std::vector<std::string>& warnings)
{
    try {
        WINNOW_TRY(const auto planned, m_impl->planned(options));
        WINNOW_TRY(const RunPlan plan, m_impl->announced(options, planned, {}));
        warnings.insert(warnings.end(), plan.warnings.begin(), plan.warnings.end());
        return static_cast<int>(planned.tokens.size());
    } catch (...) {
        return fail(currentTorchError("planning"));
    }
}

Result<PerplexityResult> PerplexitySession::measure(const PerplexityOptions& options, const RunHooks& hooks,
                                                    const JobContext& job)
{
    try {
        return m_impl->measure(options, hooks, job);
    } catch (...) {
        return fail(currentTorchError("measuring the perplexity"));
    }
}

Result<PerplexityResult> measurePerplexity(const PerplexityOptions& options, const RunHooks& hooks, const JobContext& job)
{
    WINNOW_TRY_VOID(checkLine(options));
    if (options.window == 0)
        return onePass(options, hooks, job);
    WINNOW_TRY(PerplexitySession session, PerplexitySession::open(options.text));
    return session.measure(options, hooks, job);
}

} // namespace winnow
