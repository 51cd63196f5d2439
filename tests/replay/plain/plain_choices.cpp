// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/replay/plain/plain_rules.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <set>

namespace winnow::plain {

namespace {

constexpr double kNearTie = 1e-5; ///< relative

/// SplitMix64's finalizer, one more number mixed in.
std::uint64_t mix(std::uint64_t hash, std::uint64_t number)
{
    std::uint64_t z = hash + 0x9e3779b97f4a7c15U * (number + 1);
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31U);
}

std::uint64_t seedOf(const PolicySpec& spec, const Scene& scene)
{
    return mix(mix(mix(0, static_cast<std::uint64_t>(spec.whole("seed"))), static_cast<std::uint64_t>(scene.layer)),
               static_cast<std::uint64_t>(scene.unit));
}

} // namespace

Tokens oldestOf(const Scene&, const Numbers&, const Tokens& candidates, int count)
{
    return {candidates.begin(), candidates.begin() + count};
}

Tokens lowest(const Scene&, const Numbers& scores, const Tokens& candidates, int count)
{
    return lowestOf(scores, candidates, count);
}

void addTree(Rule& rule, const PolicySpec& spec)
{
    const bool keepsLeft = spec.name == "treekv" && spec.value("keep") == "left",
               literal = spec.name == "treekv" && spec.value("next") == "literal";
    const int edges = rule.sinks + rule.recent;
    auto idx = std::make_shared<int>(1);
    rule.choose = [=](const Scene& scene, const Numbers& scores, const Tokens& candidates, int count) {
        const int c = std::max(1, scene.budget - edges);
        Tokens region = candidates, leaving;
        for (int i = 0; i < count; ++i) {
            const std::size_t left = std::min<std::size_t>(static_cast<std::size_t>(*idx), region.size()) - 1,
                              right = std::min(left + 1, region.size() - 1);
            const std::size_t goes = keepsLeft || scores.at(region[left]) > scores.at(region[right]) ? right : left;
            leaving.push_back(region[goes]);
            region.erase(region.begin() + static_cast<std::ptrdiff_t>(goes));
            *idx = (literal ? *idx + 1 : *idx) % c + 1;
        }
        return leaving;
    };
}

void addLots(Rule& rule, const PolicySpec& spec)
{
    rule.choose = [spec](const Scene& scene, const Numbers&, const Tokens& candidates, int count) {
        Tokens left = candidates, leaving;
        const std::uint64_t step = mix(seedOf(spec, scene), static_cast<std::uint64_t>(scene.step));
        for (int round = 0; round < count; ++round) {
            const auto at = static_cast<std::ptrdiff_t>(mix(step, static_cast<std::uint64_t>(round)) % left.size());
            leaving.push_back(left[static_cast<std::size_t>(at)]);
            left.erase(left.begin() + at);
        }
        return leaving;
    };
}

void addFlattened(Rule& rule, const PolicySpec& spec)
{
    auto sums = std::make_shared<Numbers>();
    rule.observe = [=, undecided = rule.undecided](const Scene& scene) {
        const double temperature =
            spec.real("tau") + spec.real("rise") * (scene.prompt > 0 ? std::max(0, scene.step - scene.prompt + 1) : scene.step);
        const std::uint64_t step = mix(seedOf(spec, scene), static_cast<std::uint64_t>(scene.step));
        Vector logits;
        for (const auto& [token, share] : scene.row) {
            if (scene.faint.contains(token)) // its logarithm is another one then
                *undecided = true;
            const double uniform = (static_cast<double>(mix(step, static_cast<std::uint64_t>(token)) >> 11U) + 0.5) / 0x1p53;
            const double noise = spec.value("noise") == "none" ? 0 : -std::log(-std::log(uniform));
            logits.push_back((std::log(share) + noise) / temperature);
        }
        const Vector shares = softmax(logits);
        std::size_t at = 0;
        for (const auto& [token, share] : scene.row)
            (*sums)[token] += shares[at++];
    };
    rule.scores = [sums](const Scene& scene) {
        Numbers scores;
        for (const Slot& slot : scene.slots)
            scores[slot.token] = (*sums)[slot.token];
        return scores;
    };
}

void addLadder(Rule& rule, const PolicySpec& spec)
{
    auto cursor = std::make_shared<int>(rule.sinks);
    const int sinks = rule.sinks, wantedSpan = spec.whole("span"), wantedOverlap = spec.whole("overlap");
    rule.choose = [=](const Scene& scene, const Numbers&, const Tokens& candidates, int count) {
        const int layers = scene.modelLayers, span = std::max(1, std::min(wantedSpan, layers)),
                  overlap = std::min(wantedOverlap, span - 1);
        const int before = 1 + std::max(1, static_cast<int>(std::ceil(static_cast<double>(layers - span) / (span - overlap))));
        const int after = std::min(static_cast<int>(std::ceil(static_cast<double>(span) / (span - overlap))), before - 1);
        const int red = before - after, cache = static_cast<int>(scene.slots.size()) - count;
        Tokens all;
        for (const Slot& slot : scene.slots)
            all.push_back(slot.token);
        /// Of `rungs` rungs behind the cursor each layer keeps other slots.
        const auto compress = [&](int rungs) {
            Tokens stay;
            for (int i = 0; i < static_cast<int>(all.size()); ++i) {
                const int rung = (i - *cursor) / before, within = (i - *cursor) % before - scene.layer % (red + 1);
                if (i < *cursor || rung >= rungs || (within >= 0 && within < after))
                    stay.push_back(all[static_cast<std::size_t>(i)]);
            }
            all = stay;
            *cursor += rungs * after;
        };
        const auto need = [&] { return static_cast<int>(all.size()) - cache; };
        const auto fitting = [&] { return std::max(0, static_cast<int>(all.size()) - *cursor) / before; };
        while (need() > 0) {
            int rungs = std::max(0, cache - *cursor - layers) / after;
            if (rungs * red < need()) { // start over
                compress(std::min(rungs, fitting()));
                *cursor = sinks;
                rungs = fitting();
                if (need() <= 0)
                    break;
            }
            rungs = std::min({rungs, (need() + red - 1) / red, fitting()});
            if (rungs > 0)
                compress(rungs);
            else
                all.erase(all.begin() + sinks);
        }
        Tokens leaving;
        for (const int token : candidates)
            if (std::find(all.begin(), all.end(), token) == all.end())
                leaving.push_back(token);
        return leaving;
    };
}

void addZeroMerge(Rule& rule, const PolicySpec& spec)
{
    struct Memory {
        std::set<int> dense;      ///< tokens that stand for others
        std::vector<Tokens> runs; ///< of the last choice, where it cut runs
    };
    auto memory = std::make_shared<Memory>();
    const std::size_t dense = static_cast<std::size_t>(spec.whole("dense"));
    rule.mergedLogit = spec.real("scale");
    rule.choose = [=, undecided = rule.undecided](const Scene& scene, const Numbers& scores, const Tokens& candidates,
                                                  int count) {
        memory->runs.clear();
        Tokens others, leaving;
        for (const int token : candidates)
            if (!memory->dense.contains(token))
                others.push_back(token);
        if (others.size() < candidates.size()) { // some stand for others already: the lowest go, not the one that just came in
            if (static_cast<int>(others.size()) > count)
                others.pop_back();
            std::stable_sort(others.begin(), others.end(), [&](int a, int b) { return scores.at(a) < scores.at(b); });
            others.resize(std::min(others.size(), static_cast<std::size_t>(count)));
            return others;
        }
        memory->dense.clear();
        Tokens rest =
            lowestOf(scores, candidates, static_cast<int>(std::min(candidates.size(), static_cast<std::size_t>(count) + dense)));
        for (const int token : candidates)
            if (std::find(rest.begin(), rest.end(), token) == rest.end() &&
                scores.at(token) - scores.at(rest.back()) <= scene.rounding * std::abs(scores.at(token)) + kLeastShare)
                *undecided = true; // of near-ties others may stand for the rest
        std::sort(rest.begin(), rest.end());
        const std::size_t runs = std::min(dense, rest.size());
        auto next = rest.begin();
        for (std::size_t run = 0; run < runs; ++run) {
            const auto length = static_cast<std::ptrdiff_t>(rest.size() / runs + (run < rest.size() % runs ? 1 : 0));
            memory->runs.emplace_back(next, next + length);
            memory->dense.insert(*next);
            leaving.insert(leaving.end(), next + 1, next + length);
            next += length;
        }
        return leaving;
    };
    rule.merge = [=, undecided = rule.undecided](const Scene& scene, const Numbers&, const Tokens& leaving) {
        std::vector<Merging> list;
        const auto into = [&](int from, int to, double fromTokens, double toTokens) {
            const double stays = toTokens / (fromTokens + toTokens);
            list.push_back({from, to, stays, 1 - stays, stays, 1 - stays});
        };
        if (!memory->runs.empty()) {
            for (const Tokens& run : memory->runs)
                for (std::size_t i = 1; i < run.size(); ++i)
                    into(run[i], run.front(), 1, static_cast<double>(i));
            return list;
        }
        std::map<int, int> weights;
        for (const Slot& slot : scene.slots)
            weights[slot.token] = slot.tokens;
        Tokens inOrder = leaving;
        std::sort(inOrder.begin(), inOrder.end());
        for (const int token : inOrder) {
            const Slot& slot = scene.slots[static_cast<std::size_t>(scene.place(token))];
            int best = -1;
            double closest = -std::numeric_limits<double>::infinity();
            for (const Slot& other : scene.slots) {
                if (!memory->dense.contains(other.token))
                    continue;
                double product = 0, rounding = 0;
                for (std::size_t head = 0; head < slot.keys.size(); ++head) {
                    const Vector &a = slot.keys[head], &b = other.keys[head];
                    product += dot(a, b);
                    rounding += kNearTie * std::sqrt(dot(a, a) * dot(b, b)); // terms may cancel each other
                }
                if (best >= 0 && std::abs(product - closest) <= rounding)
                    *undecided = true;
                if (product > closest) {
                    closest = product;
                    best = other.token;
                }
            }
            into(token, best, weights[token], weights[best]);
            weights[best] += weights[token];
        }
        return list;
    };
}

void addLeavingValues(Rule& rule, const PolicySpec& spec)
{
    rule.choose = spec.value("base") == "streaming" ? oldestOf : lowest;
    const std::size_t spread = static_cast<std::size_t>(spec.whole("spread"));
    const bool drawn = spec.value("draw") == "seeded";
    rule.merge = [=, undecided = rule.undecided](const Scene& scene, const Numbers& scores, const Tokens& leaving) {
        std::vector<Merging> list;
        Tokens inOrder = leaving;
        std::sort(inOrder.begin(), inOrder.end());
        for (const int token : inOrder) {
            Tokens followers;
            double sum = 0;
            for (const Slot& slot : scene.slots)
                if (slot.token > token && followers.size() < spread &&
                    std::find(leaving.begin(), leaving.end(), slot.token) == leaving.end()) {
                    followers.push_back(slot.token);
                    sum += scores.at(slot.token);
                }
            if (followers.empty())
                continue;
            const double each = 1 / static_cast<double>(followers.size());
            double goes = std::min(1.0, scores.at(token) / (sum * each));
            if (drawn) {
                const double lot =
                    static_cast<double>(mix(seedOf(spec, scene), static_cast<std::uint64_t>(token)) >> 11U) * 0x1p-53;
                if (std::abs(lot - goes) <= 2 * scene.rounding * goes) // a quotient of sums of shares
                    *undecided = true;
                goes = lot < goes;
            }
            if (scores.at(token) < 1e-30) // less than float32 holds, or nothing
                *undecided = true;
            for (const int follower : followers)
                if (goes > 0)
                    list.push_back({token, follower, 1, 0, 1, goes * each});
        }
        return list;
    };
}

void addReading(Rule& rule, const PolicySpec& spec)
{
    const bool pages = spec.name == "quest";
    const int page = pages ? spec.whole("page") : 1;
    rule.read = [=](const Scene& scene) {
        const int first = scene.slots.front().token / page, last = scene.step / page;
        const int held = static_cast<int>(scene.slots.size());
        int count = pages ? std::max(spec.whole("least"), std::min(scene.budget, held) / page) : scene.budget + 1;
        if (scene.step < scene.prompt || (pages && scene.layer < spec.whole("dense")))
            count = last - first + 1;
        Numbers bounds;
        for (int p = first; p <= last; ++p) {
            bounds[p] = 0;
            if (!pages) {
                bounds[p] = scene.fullRow.at(p);
                continue;
            }
            const std::size_t keyHeads = scene.slots.front().keys.size(), group = scene.queries.size() / keyHeads;
            double most = -std::numeric_limits<double>::infinity(), sum = 0;
            for (std::size_t head = 0; head < scene.queries.size(); ++head) {
                double bound = 0;
                for (std::size_t c = 0; c < scene.queries[head].size(); ++c) {
                    double channel = -std::numeric_limits<double>::infinity();
                    for (const Slot& slot : scene.slots)
                        if (slot.token / page == p)
                            channel = std::max(channel, scene.queries[head][c] * slot.keys[head / group][c]);
                    bound += channel;
                }
                most = std::max(most, bound);
                sum += bound;
            }
            bounds[p] = spec.value("group") == "max" ? most : sum;
        }
        Tokens order;
        for (const auto& [p, bound] : bounds)
            order.push_back(p);
        std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return bounds.at(a) > bounds.at(b); });
        order.resize(std::min(order.size(), static_cast<std::size_t>(count)));
        Reading reading;
        for (const Slot& slot : scene.slots) {
            reading.bounds[slot.token] = bounds.at(slot.token / page);
            if (std::find(order.begin(), order.end(), slot.token / page) != order.end())
                reading.tokens.push_back(slot.token);
        }
        return reading;
    };
}

} // namespace winnow::plain
