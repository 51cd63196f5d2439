// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/autopsy.h"

#include "core/analysis/curves.h"
#include "core/analysis/kept_share.h"
#include "core/trace/attention_source.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

namespace winnow {

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t kPairsTogether = 1 << 20; ///< cells of attention held at a time

int lengthOf(IntRange tokens) { return tokens.second - tokens.first + 1; }

/// Share of the lanes that show each token after a step, mean over the tokens read by then.
std::vector<double> survivalOf(const PolicyReplay& policy, std::span<const int> lanes, IntRange tokens)
{
    std::vector<double> share(static_cast<std::size_t>(policy.tokens), kNaN);
    std::vector<double> change(static_cast<std::size_t>(policy.tokens) + 1, 0.0); // where nothing is selected
    for (const int lane : lanes)
        for (int token = tokens.first; token <= tokens.second && !policy.selects(); ++token) {
            ++change[static_cast<std::size_t>(token)];
            const std::int32_t left = policy.evictStep[policy.index(0, lane, token)];
            if (left >= 0)
                --change[static_cast<std::size_t>(std::max(left, token))];
        }
    double held = 0;
    for (int step = tokens.first; step < policy.stepsDone; ++step) {
        held += change[static_cast<std::size_t>(step)];
        if (policy.selects()) {
            held = 0;
            for (const int lane : lanes)
                for (int token = tokens.first; token <= std::min(step, tokens.second); ++token)
                    held += policy.attends(lane / policy.lanes, lane % policy.lanes, token, step);
        }
        const int read = std::min(step, tokens.second) - tokens.first + 1;
        share[static_cast<std::size_t>(step)] = held / (static_cast<double>(lanes.size()) * read);
    }
    return share;
}

/// `window`: of the lane's layer, 0 = none.
LaneFate fateOf(const PolicyReplay& policy, int lane, IntRange tokens, int window)
{
    LaneFate fate{.layer = lane / policy.lanes, .lane = lane % policy.lanes, .asked = kNaN, .most = kNaN};
    fate.score = fate.lowestKept = std::numeric_limits<float>::quiet_NaN();
    int firstLeft = policy.stepsDone;
    for (int token = tokens.first; token <= tokens.second; ++token) {
        const auto cell = policy.index(fate.layer, fate.lane, token);
        const std::int32_t left = policy.evictStep[cell];
        if (left < 0) {
            fate.kept += token < policy.stepsDone;
            continue;
        }
        firstLeft = std::min(firstLeft, left + 1);
        if (left < fate.leftAt)
            continue;
        fate.leftAt = left;
        fate.token = token;
        if (cell < policy.scoreAtEviction.size()) {
            fate.score = policy.scoreAtEviction[cell];
            fate.lowestKept = policy.lowestKept[cell];
        }
    }
    fate.byWindow = window > 0 && fate.leftAt >= 0 && fate.leftAt == fate.token + window - 1;
    fate.askedSteps = policy.stepsDone - firstLeft;
    return fate;
}

Autopsy::Line lineOf(const ReplayResult& replay, int number, const AutopsyOptions& options, int kvHeads)
{
    const PolicyReplay& policy = *replay.policies[static_cast<std::size_t>(number)];
    const std::vector<int> lanes = chooseLanes(policy, options.lanes, kvHeads).lanes;
    Autopsy::Line line{.label = policyLabel(policy), .spec = policyLine(replay, policy), .policy = number};
    line.survival = survivalOf(policy, lanes, options.tokens);
    line.atEnd = policy.stepsDone > 0 ? line.survival[static_cast<std::size_t>(policy.stepsDone) - 1] : kNaN;
    bool gone = !policy.selects();
    for (const int lane : lanes) {
        const auto layer = static_cast<std::size_t>(lane / policy.lanes);
        line.fates.push_back(fateOf(policy, lane, options.tokens, layer < options.windows.size() ? options.windows[layer] : 0));
        gone = gone && line.fates.back().kept == 0 && line.fates.back().leftAt >= 0;
        line.goneBy = std::max(line.goneBy, line.fates.back().leftAt);
    }
    if (!gone)
        line.goneBy = -1;
    return line;
}

/// The fates of one policy in the lanes that read one KV head, as their attention is gone through step by step.
struct Losses {
    const PolicyReplay* policy;
    std::vector<LaneFate*> fates; ///< one for all heads of the group, or one for each
};

class AttentionSums {
public:
    explicit AttentionSums(Autopsy& to) : m_to(to), m_first(to.tokens.first) {}

    /// Queries [begin, end) of the group's heads; `tiles` [heads][end − begin, tokens].
    void add(int layer, int firstHead, int begin, int end, const std::vector<AttentionTile>& tiles,
             std::span<const Losses> losses)
    {
        const int count = lengthOf(m_to.tokens);
        for (int step = begin; step < end; ++step) {
            const auto t = static_cast<std::size_t>(step);
            const std::size_t row = static_cast<std::size_t>(step - begin) * static_cast<std::size_t>(count);
            for (std::size_t head = 0; head < tiles.size(); ++head) {
                double sum = 0;
                for (int i = 0; i < count; ++i)
                    sum += static_cast<double>(tiles[head].values[row + static_cast<std::size_t>(i)]);
                m_to.mean[t] = (std::isnan(m_to.mean[t]) ? 0 : m_to.mean[t]) + sum;
                if (!(m_to.largest[t] >= sum)) { // true for the first
                    m_to.largest[t] = sum;
                    m_to.largestHead[t] = {layer, firstHead + static_cast<int>(head)};
                }
            }
            for (const Losses& loss : losses)
                addLost(loss, step, row, tiles);
        }
    }

private:
    void addLost(const Losses& loss, int step, std::size_t row, const std::vector<AttentionTile>& tiles) const
    {
        const std::size_t perLane = tiles.size() / loss.fates.size();
        for (std::size_t lane = 0; lane < loss.fates.size(); ++lane) {
            LaneFate& fate = *loss.fates[lane];
            double sum = 0;
            for (int token = m_first; token <= m_to.tokens.second; ++token) {
                const std::int32_t left = loss.policy->evictStep[loss.policy->index(fate.layer, fate.lane, token)];
                if (left < 0 || left >= step)
                    continue;
                for (std::size_t head = lane * perLane; head < (lane + 1) * perLane; ++head)
                    sum += static_cast<double>(tiles[head].values[row + static_cast<std::size_t>(token - m_first)]);
            }
            sum /= static_cast<double>(perLane);
            fate.asked += sum;
            if (fate.leftAt >= 0 && sum > fate.most) {
                fate.most = sum;
                fate.mostAt = step;
            }
        }
    }

    Autopsy& m_to;
    int m_first;
};

Result<int> recordedLayer(const Trace& trace, Layer layer)
{
    const auto& layers = trace.info().layers;
    const auto found = std::find(layers.begin(), layers.end(), layer);
    if (found == layers.end())
        return fail(ErrorCode::BadInput, "'{}' does not hold layer {} of the replay; give the recording that was replayed",
                    trace.path().string(), raw(layer));
    return static_cast<int>(found - layers.begin());
}

/// The lanes (layer, KV head) that are looked at, ascending.
Result<std::vector<Lane>> chosenLanes(const ReplayResult& replay, const std::vector<Lane>& chosen, int kvHeads)
{
    std::set<Lane> lanes(chosen.begin(), chosen.end());
    for (const Lane lane : lanes)
        if (lane.layer < 0 || lane.layer >= static_cast<int>(replay.layers.size()) || lane.head < 0 || lane.head >= kvHeads)
            return fail(ErrorCode::Usage, "there is no lane {}.{}: the replay has {} layers of {} KV heads, both counted from 0",
                        lane.layer, lane.head, replay.layers.size(), kvHeads);
    if (lanes.empty())
        for (int layer = 0; layer < static_cast<int>(replay.layers.size()); ++layer)
            for (int head = 0; head < kvHeads; ++head)
                lanes.insert({layer, head});
    return std::vector<Lane>(lanes.begin(), lanes.end());
}

Result<Autopsy> ofLifetimes(const ReplayResult& replay, const AutopsyOptions& options, int kvHeads)
{
    WINNOW_TRY(const std::vector<int> policies, existingPolicies(replay, options.policies));
    const int tokens = static_cast<int>(replay.tokenIds.size());
    const auto [first, last] = options.tokens;
    if (first < 0 || last < first || last >= tokens)
        return fail(ErrorCode::Usage, "the text has the tokens 0 to {}; {} asked for", tokens - 1,
                    first == last ? fmt::format("token {} was", first) : fmt::format("the tokens {}-{} were", first, last));
    WINNOW_TRY(std::vector<Lane> lanes, chosenLanes(replay, options.lanes, kvHeads));
    Autopsy result{.tokens = options.tokens, .prompt = replay.prompt, .lanes = std::move(lanes)};
    for (const Layer layer : replay.layers)
        result.layers.push_back(raw(layer));
    for (const int policy : policies)
        result.lines.push_back(lineOf(replay, policy, options, kvHeads));
    return result;
}

} // namespace

int Autopsy::mostAskedAt(int after) const
{
    int most = -1;
    for (auto t = static_cast<std::size_t>(std::max(after, tokens.second)) + 1; t < largest.size(); ++t)
        if (most < 0 || largest[t] > largest[static_cast<std::size_t>(most)])
            most = static_cast<int>(t);
    return most;
}

Result<Autopsy> lifetimesAutopsy(const ReplayResult& replay, const AutopsyOptions& options)
{
    return ofLifetimes(replay, options, options.kvHeads > 0 ? options.kvHeads : fewestLanes(replay));
}

Result<Autopsy> autopsy(const Trace& trace, const ReplayResult& replay, const AutopsyOptions& options, const JobContext& job)
{
    if (trace.info().tokens != replay.tokenIds)
        return fail(
            ErrorCode::BadInput,
            "'{}' is not the recording of this replay: its {} tokens are not the replay's {}; give the recording that was "
            "replayed",
            trace.path().string(), trace.tokenCount(), replay.tokenIds.size());
    if (replay.layers.empty())
        return fail(ErrorCode::BadInput, "the replay holds no layers, so there is nothing to look at");
    WINNOW_TRY(const int firstLayer, recordedLayer(trace, replay.layers.front()));
    const int kvHeads = trace.info().layerInfo[static_cast<std::size_t>(firstLayer)].keyHeads;
    AutopsyOptions known = options;
    known.windows.clear();
    for (const Layer layer : replay.layers) {
        WINNOW_TRY(const int index, recordedLayer(trace, layer));
        known.windows.push_back(trace.info().layerInfo[static_cast<std::size_t>(index)].window);
    }
    WINNOW_TRY(Autopsy result, ofLifetimes(replay, known, kvHeads));
    const auto tokens = replay.tokenIds.size();
    result.mean.assign(tokens, kNaN);
    result.largest.assign(tokens, kNaN);
    result.largestHead.assign(tokens, {});
    for (Autopsy::Line& line : result.lines)
        for (LaneFate& fate : line.fates)
            fate.asked = fate.most = 0;
    AttentionSums sums(result);
    const int first = options.tokens.first, count = lengthOf(options.tokens), end = static_cast<int>(tokens);
    int heads = 0;
    for (std::size_t done = 0; done < result.lanes.size(); ++done) {
        const Lane lane = result.lanes[done];
        WINNOW_TRY(const int index, recordedLayer(trace, replay.layers[static_cast<std::size_t>(lane.layer)]));
        const int group = trace.info().layerInfo[static_cast<std::size_t>(index)].group();
        std::vector<Losses> losses;
        for (Autopsy::Line& line : result.lines) {
            Losses loss{.policy = replay.policies[static_cast<std::size_t>(line.policy)].get(), .fates = {}};
            for (LaneFate& fate : line.fates)
                if (fate.layer == lane.layer && fate.lane * kvHeads / loss.policy->lanes == lane.head)
                    loss.fates.push_back(&fate);
            if (!loss.fates.empty())
                losses.push_back(std::move(loss));
        }
        const int together = std::max<int>(1, static_cast<int>(kPairsTogether / static_cast<std::size_t>(count * group)));
        std::vector<AttentionTile> tiles(static_cast<std::size_t>(group));
        for (int begin = first; begin < end; begin += together) {
            WINNOW_TRY_VOID(job.check("looking at a token"));
            const int stop = std::min(end, begin + together);
            for (int head = 0; head < group; ++head) {
                WINNOW_TRY(tiles[static_cast<std::size_t>(head)], attentionTile(trace,
                                                                                {.layerIndex = index,
                                                                                 .queryHead = Head{lane.head * group + head},
                                                                                 .queryBegin = Position{begin},
                                                                                 .queryEnd = Position{stop},
                                                                                 .keyBegin = Position{first},
                                                                                 .keyEnd = Position{options.tokens.second + 1}},
                                                                                job));
            }
            sums.add(lane.layer, lane.head * group, begin, stop, tiles, losses);
        }
        heads += group;
        job.report("looking at a token", double(done + 1) / double(result.lanes.size()));
    }
    for (double& value : result.mean)
        value /= heads;
    return result;
}

Result<void> addVerdicts(const Trace& trace, const ReplayResult& replay, Autopsy::Line& line, std::span<const std::size_t> rows,
                         const JobContext& job)
{
    std::vector<LaneStep> places;
    std::vector<LaneFate*> fates;
    for (const std::size_t row : rows)
        if (LaneFate& fate = line.fates[row]; fate.token >= 0 && !std::isnan(fate.score)) {
            places.push_back({fate.layer, fate.lane, fate.leftAt});
            fates.push_back(&fate);
        }
    if (places.empty()) // nobody chose; so it is where a policy has no scores
        return {};
    WINNOW_TRY(const std::vector<Explanation> told, explainChoices(trace, replay, line.policy, places, job));
    for (std::size_t i = 0; i < told.size(); ++i)
        fates[i]->verdict = verdictOf(told[i], fates[i]->token);
    return {};
}

} // namespace winnow
