// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluate/closed_loop.h"

#include "core/evaluate/evicting_cache.h"
#include "core/evaluate/next_token.h"
#include "core/evaluate/prompt_pass.h"
#include "core/model/run/device.h"
#include "core/trace/torch_work.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>

namespace winnow {

namespace {

using Clock = std::chrono::steady_clock;

float milliseconds(Clock::duration time) { return std::chrono::duration<float, std::milli>(time).count(); }

/// One policy's pass over the text.
struct Pass {
    EvictingCache* cache = nullptr; ///< belongs to `text`
    std::unique_ptr<RunningText> text;
    NextTokenScores scores;
    std::unique_ptr<Listener> listener;
    CacheMeasure measure; ///< its times are sums until the end

    void note(bool prompt, const CacheCost& cost, float each)
    {
        (prompt ? measure.promptPeak : measure.peak) = std::max(prompt ? measure.promptPeak : measure.peak, cost.peakBytes);
        measure.physical = std::max(measure.physical, cost.heldBytes);
        if (prompt)
            return;
        measure.milliseconds += each;
        measure.deciding += milliseconds(cost.deciding);
        ++measure.steps;
    }
};

class Loop {
public:
    Loop(const Transformer& model, const TraceInfo& info, ReplayPlan plan, const LoopOptions& options, const JobContext& job)
        : m_model(model), m_info(info), m_plan(std::move(plan)), m_options(options), m_job(job), m_tables(m_plan.tokens),
          m_steps(info.layers.size()), m_scores(emptyScores(m_plan.tokens))
    {
    }

    Result<std::shared_ptr<const ReplayResult>> run()
    {
        WINNOW_TRY_VOID(readPromptInFull());
        m_results = emptyResults(m_plan);
        WINNOW_TRY_VOID(beginPasses());
        for (int step = m_plan.prompt; step < m_plan.tokens; ++step) {
            WINNOW_TRY_VOID(takeStep(step));
            showHowFar(step + 1);
        }
        return measured(bundled(m_plan.tokens));
    }

private:
    std::span<const std::int32_t> tokens() const { return m_info.tokens; }

    /// The full cache reads the prompt, and what is decided at its end is decided.
    Result<void> readPromptInFull()
    {
        if (m_options.full) {
            WINNOW_TRY(m_full, m_model.begin(m_plan.tokens, watchedFullCache(m_plan.tokens, m_steps)));
        }
        return readPrompt(m_model, m_info, m_options.chunk, m_full.get(), m_plan, m_scores, m_job);
    }

    Result<void> beginPasses()
    {
        m_fullListener = std::make_unique<Listener>(tokens(), m_scores);
        m_fullListener->keepSingle();
        m_fullListener->keepHidden(m_steps);
        m_passes.resize(m_plan.policies.size());
        for (std::size_t p = 0; p < m_passes.size(); ++p) {
            Pass& pass = m_passes[p];
            auto cache = std::make_unique<EvictingCache>(EvictingPlace{.plan = m_plan,
                                                                       .policy = m_plan.policies[p],
                                                                       .result = m_results[p],
                                                                       .layers = m_info.layerInfo,
                                                                       .tables = m_tables,
                                                                       .full = m_options.full ? &m_steps : nullptr});
            pass.cache = cache.get();
            WINNOW_TRY(pass.text, m_model.begin(m_plan.tokens, std::move(cache)));
            pass.scores = emptyScores(m_plan.tokens);
            pass.listener = std::make_unique<Listener>(tokens(), pass.scores);
            RunCosts& costs = m_results[p].run;
            costs.milliseconds.assign(static_cast<std::size_t>(m_plan.tokens), 0);
            costs.takenBytes.assign(static_cast<std::size_t>(m_plan.tokens), 0);
            if (m_plan.prompt > 0)
                WINNOW_TRY_VOID(advance(p, 0, m_plan.prompt));
            pass.listener->keepSingle();
            if (m_options.full)
                compareHidden(pass, costs);
        }
        return {};
    }

    /// Of the prompt there is no difference.
    void compareHidden(Pass& pass, RunCosts& costs) const
    {
        const std::size_t tokens = m_info.tokens.size();
        costs.hiddenError.assign(m_plan.layers.size() * tokens, std::numeric_limits<float>::quiet_NaN());
        for (std::size_t layer = 0; layer < m_plan.layers.size(); ++layer)
            std::fill_n(costs.hiddenError.begin() + static_cast<std::ptrdiff_t>(layer * tokens), m_plan.prompt, 0.0F);
        pass.listener->compareHidden(m_steps, costs.hiddenError);
    }

    /// Tokens [begin, begin + count) of one policy's pass: the prompt, or one behind it.
    Result<void> advance(std::size_t p, int begin, int count)
    {
        Pass& pass = m_passes[p];
        const auto begun = Clock::now();
        WINNOW_TRY_VOID(
            pass.text->advanceByLayer(tokens().subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(count)),
                                      m_options.chunk, *pass.listener, m_job));
        const CacheCost& cost = pass.cache->cost();
        const float each =
            milliseconds(Clock::now() - begun - cost.measuring - pass.listener->measuring()) / static_cast<float>(count);
        RunCosts& costs = m_results[p].run;
        std::fill_n(costs.milliseconds.begin() + begin, count, each);
        std::fill_n(costs.takenBytes.begin() + begin, count, static_cast<std::int64_t>(cost.peakBytes));
        pass.note(begin < m_plan.prompt, cost, each);
        return {};
    }

    Result<void> takeStep(int step)
    {
        WINNOW_TRY_VOID(m_job.check("the run"));
        m_job.report("running", static_cast<double>(step) / m_plan.tokens);
        const auto token = tokens().subspan(static_cast<std::size_t>(step), 1);
        at::Tensor full;
        if (m_full) {
            WINNOW_TRY_VOID(m_full->advance(token, 1, *m_fullListener, m_job));
            m_fullListener->judge({});
            full = m_fullListener->last();
        }
        for (std::size_t p = 0; p < m_passes.size(); ++p) {
            WINNOW_TRY_VOID(advance(p, step, 1));
            m_passes[p].listener->judge(full);
            if (step + 1 < m_plan.tokens && std::isnan(m_passes[p].scores.logprob[static_cast<std::size_t>(step) + 1]))
                return fail(ErrorCode::BadInput, "the run was stopped: under '{}' the logits after {} tokens are not numbers",
                            m_plan.policies[p].spec.name, step + 1);
        }
        return {};
    }

    /// Looks may cost a tenth of the time.
    void showHowFar(int steps)
    {
        if (!m_options.advanced || steps == m_plan.tokens || Clock::now() < m_nextLook)
            return;
        const auto begun = Clock::now();
        m_options.advanced(*bundled(steps));
        m_nextLook = Clock::now() + std::max<Clock::duration>(std::chrono::milliseconds(100), 9 * (Clock::now() - begun));
    }

    /// Tells what the caches took.
    std::shared_ptr<const ReplayResult> measured(const std::shared_ptr<ReplayResult>& result) const
    {
        std::vector<CacheMeasure> measures;
        for (std::size_t p = 0; p < m_passes.size(); ++p) {
            CacheMeasure& measure = measures.emplace_back(m_passes[p].measure);
            measure.logical = mostLogical(*result, *result->policies[p]);
            measure.milliseconds /= std::max(1, measure.steps);
            measure.deciding /= std::max(1, measure.steps);
        }
        noteMeasures(measures, result->manifest);
        if (m_options.measured)
            m_options.measured(measures);
        return result;
    }

    /// What was found out in the first `steps` steps: of all of them the results themselves, else a copy.
    std::shared_ptr<ReplayResult> bundled(int steps)
    {
        const bool all = steps == m_plan.tokens;
        auto result = std::make_shared<ReplayResult>(ReplayResult{
            .tokenIds = m_info.tokens, .layers = m_plan.layers, .prompt = m_plan.prompt, .manifest = m_info.manifest});
        result->manifest["loop"] = "closed";
        const auto dtype = m_info.manifest.find("dtype");
        const int width = dtype == m_info.manifest.end() || dtype->second == "float32" ? 4 : 2;
        for (const LayerInfo& layer : m_info.layerInfo)
            result->slotBytes.push_back(2 * width * layer.headDim);
        if (m_full)
            result->logprob = m_scores.logprob;
        for (std::size_t p = 0; p < m_passes.size(); ++p) {
            auto policy = std::make_shared<PolicyReplay>(all ? std::move(m_results[p]) : m_results[p]);
            const NextTokenScores& scores = m_passes[p].scores;
            policy->stepsDone = steps;
            policy->choosesFrom = m_passes[p].cache->firstEviction();
            policy->run.logprob = scores.logprob;
            if (m_full) {
                policy->run.kl = scores.kl;
                policy->run.agrees = scores.agrees;
            }
            result->policies.push_back(std::move(policy));
        }
        return result;
    }

    const Transformer& m_model;
    const TraceInfo& m_info;
    ReplayPlan m_plan;
    LoopOptions m_options;
    const JobContext& m_job;
    RotaryTables m_tables;
    FullSteps m_steps;
    NextTokenScores m_scores; ///< of the full cache
    std::unique_ptr<RunningText> m_full;
    std::unique_ptr<Listener> m_fullListener;
    std::vector<PolicyReplay> m_results;
    std::vector<Pass> m_passes;
    Clock::time_point m_nextLook = Clock::now();
};

} // namespace

TraceInfo runInfo(const ModelConfig& config, std::vector<std::int32_t> tokens)
{
    TraceInfo info{.config = config.json, .tokens = std::move(tokens)};
    for (int layer = 0; layer < config.layers; ++layer) {
        info.layers.push_back(Layer(layer));
        info.layerInfo.push_back(layerInfoOf(config, Layer(layer), static_cast<int>(info.tokens.size())));
        info.layerInfo.back().hasValueOutputNorm = true;
    }
    return info;
}

Result<ReplayPlan> planRun(const TraceInfo& info, std::span<const PolicySpec> specs, const LoopOptions& options)
{
    const int tokens = static_cast<int>(info.tokens.size());
    if (options.prompt < 0 || options.prompt > tokens)
        return fail(ErrorCode::BadInput, "a prompt of {} tokens is longer than the text, which has {}; give --prompt 0 to {}",
                    options.prompt, tokens, tokens);
    for (const PolicySpec& spec : specs) {
        WINNOW_TRY_VOID(checkSpec(spec, tokens, options.prompt));
        if (recipeOf(resolved(spec, tokens)).foresees)
            return fail(ErrorCode::BadInput,
                        "policy '{}' knows the attention still to come, which only a recording can tell: replay it with winnow "
                        "replay",
                        spec.name);
        if (!options.mayNotFill && !spec.value("budget").empty() && spec.budget().slotCount(tokens) > tokens)
            return fail(ErrorCode::BadInput,
                        "policy '{}': a budget of {} is more than the text's {} tokens, so that nothing would be evicted; give "
                        "fewer, or a share such as budget=25%",
                        spec.name, spec.value("budget"), tokens);
    }
    return planReplay(info, specs, {.prompt = options.prompt});
}

Result<std::shared_ptr<const ReplayResult>> runPolicies(const Transformer& model, const TraceInfo& info,
                                                        std::span<const PolicySpec> specs, const LoopOptions& options,
                                                        const JobContext& job)
{
    try {
        const TorchWork torch;
        WINNOW_TRY(ReplayPlan plan, planRun(info, specs, options));
        return Loop(model, info, std::move(plan), options, job).run();
    } catch (...) {
        return fail(currentTorchError("running the policies"));
    }
}

} // namespace winnow
