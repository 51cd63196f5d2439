// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replay/given_lifetimes.h"

#include "core/io/npz.h"

#include <algorithm>

namespace winnow {

namespace {

/// Reads one file for one plan.
class GivenReader {
public:
    GivenReader(const NpzFile& file, const ReplayPlan& plan, const TraceInfo& info)
        : m_file(file), m_plan(plan), m_info(info), m_tokens(static_cast<std::size_t>(plan.tokens))
    {
    }

    Result<GivenLifetimes> read()
    {
        const std::string name = m_file.has("evict_step") ? "evict_step" : "evict_step.0";
        if (m_file.has(name))
            return lifetimes(name);
        if (m_file.has("kept.0"))
            return kept();
        return fail(
            ErrorCode::BadInput,
            "'{}' holds no lifetimes; expected evict_step [layers, lanes, T], or kept.0, kept.1, … [heads, kept] for each "
            "layer",
            m_file.path().string());
    }

private:
    template <class... Args>
    tl::unexpected<Error> refuse(fmt::format_string<Args...> what, Args&&... args) const
    {
        return fail(ErrorCode::BadInput, "'{}': {}", m_file.path().string(), fmt::format(what, std::forward<Args>(args)...));
    }
    bool areLanes(std::size_t lanes) const
    {
        return lanes == static_cast<std::size_t>(m_plan.keyHeads) || lanes == static_cast<std::size_t>(m_plan.queryHeads);
    }
    int window(std::size_t l) const { return m_info.layerInfo[static_cast<std::size_t>(m_plan.layerIndices[l])].window; }
    /// The step at which a sliding window of `layer` takes `token` by itself, or after all steps.
    std::int64_t taken(std::size_t l, std::size_t token) const
    {
        return window(l) > 0 ? static_cast<std::int64_t>(token) + window(l) - 1 : static_cast<std::int64_t>(m_tokens);
    }

    Result<GivenLifetimes> lifetimes(const std::string& name)
    {
        WINNOW_TRY(const std::vector<std::size_t> shape, m_file.shape(name));
        const bool all = !shape.empty() && shape.front() == m_info.layers.size(); // else only the layers that are replayed
        if (shape.size() != 3 || (!all && shape[0] != m_plan.layers.size()) || !areLanes(shape[1]) || shape[2] != m_tokens)
            return refuse("{} has the shape [{}]; this trace has {} layers, {} KV heads or {} query heads, and {} tokens", name,
                          fmt::join(shape, ", "), m_info.layers.size(), m_plan.keyHeads, m_plan.queryHeads, m_tokens);
        WINNOW_TRY(const std::vector<std::int32_t> steps, m_file.numbers<std::int32_t>(name));
        GivenLifetimes given{.lanes = static_cast<int>(shape[1])};
        for (std::size_t l = 0; l < m_plan.layers.size(); ++l) {
            const std::size_t row = all ? static_cast<std::size_t>(m_plan.layerIndices[l]) : l;
            for (std::size_t lane = 0; lane < shape[1]; ++lane)
                for (std::size_t token = 0; token < m_tokens; ++token) {
                    const std::int32_t step = steps[(row * shape[1] + lane) * m_tokens + token];
                    if (step < -1 || step >= m_plan.tokens)
                        return refuse("{}[{}, {}, {}] is {}; expected a step from 0 to {}, or -1 for a token that stays", name,
                                      row, lane, token, step, m_tokens - 1);
                    if (step >= 0 && static_cast<std::size_t>(step) < token)
                        return refuse("{}[{}, {}, {}] is {}: the token leaves before step {}, at which it is read", name, row,
                                      lane, token, step, token);
                    given.evictStep.push_back(step >= taken(l, token) ? -1 : step);
                }
        }
        return given;
    }

    Result<GivenLifetimes> kept()
    {
        if (m_plan.prompt == 0)
            return refuse("it says what stays when the prompt ends, and there is no prompt; give its length with --prompt N");
        GivenLifetimes given;
        const auto prompt = static_cast<std::size_t>(m_plan.prompt);
        for (std::size_t l = 0; l < m_plan.layers.size(); ++l) {
            const std::string name = fmt::format("kept.{}", m_plan.layerIndices[l]);
            WINNOW_TRY(const std::vector<std::size_t> shape, m_file.shape(name));
            if (shape.size() != 2 || !areLanes(shape[0]) ||
                (given.lanes > 0 && shape[0] != static_cast<std::size_t>(given.lanes)))
                return refuse(
                    "{} has the shape [{}]; expected [heads, kept] with {} KV heads or {} query heads, alike in all layers", name,
                    fmt::join(shape, ", "), m_plan.keyHeads, m_plan.queryHeads);
            given.lanes = static_cast<int>(shape[0]);
            WINNOW_TRY(const std::vector<std::int64_t> tokens, m_file.numbers<std::int64_t>(name));
            for (std::size_t head = 0; head < shape[0]; ++head) {
                std::vector<bool> stays(prompt, false);
                for (std::size_t i = 0; i < shape[1]; ++i) {
                    const std::int64_t token = tokens[head * shape[1] + i];
                    if (token < 0 || token >= m_plan.prompt)
                        return refuse("{}[{}, {}] is token {}, which is not of the prompt's {}", name, head, i, token, prompt);
                    if (stays[static_cast<std::size_t>(token)])
                        return refuse("{}[{}, {}] names token {} a second time", name, head, i, token);
                    stays[static_cast<std::size_t>(token)] = true;
                }
                for (std::size_t token = 0; token < m_tokens; ++token) {
                    const bool leaves = token < prompt && !stays[token] && taken(l, token) >= m_plan.prompt;
                    given.evictStep.push_back(leaves ? m_plan.prompt - 1 : -1);
                }
            }
        }
        return given;
    }

    const NpzFile& m_file;
    const ReplayPlan& m_plan;
    const TraceInfo& m_info;
    std::size_t m_tokens;
};

} // namespace

Result<GivenLifetimes> readGiven(const std::filesystem::path& path, const ReplayPlan& plan, const TraceInfo& info)
{
    WINNOW_TRY(const NpzFile file, readNpz(path));
    return GivenReader(file, plan, info).read();
}

} // namespace winnow
