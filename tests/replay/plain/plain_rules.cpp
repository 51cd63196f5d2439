// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/replay/plain/plain_rules.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>

namespace winnow::plain {

namespace {

int number(const PolicySpec& spec, const char* key) { return spec.value(key).empty() ? 0 : spec.whole(key); }

constexpr double kNearCosine = 1e-5; ///< more than float32 is off by

/// Of a vector that something is divided by: zeros have a direction of zeros.
const auto lengthOf = [](const Vector& vector) { return std::max(std::sqrt(dot(vector, vector)), 1e-30); };

/// The newest rows, the newest last.
struct Newest {
    std::size_t most = 0; ///< 0 = all
    std::vector<Numbers> rows;
    void add(const Numbers& row)
    {
        rows.push_back(row);
        if (most > 0 && rows.size() > most)
            rows.erase(rows.begin());
    }
};

/// For every live token the sum of what `of` says of each of the newest rows that know it.
template <class Of>
std::function<Numbers(const Scene&)> overRows(const std::shared_ptr<Newest>& newest, const Of& of)
{
    return [newest, of](const Scene& scene) {
        Numbers scores;
        for (const Slot& slot : scene.slots)
            for (std::size_t age = 0; age < newest->rows.size(); ++age) // 0 = the newest
                if (const Numbers& row = newest->rows[newest->rows.size() - 1 - age]; row.contains(slot.token))
                    scores[slot.token] += of(row, slot.token, age);
                else
                    scores[slot.token] += 0;
        return scores;
    };
}

} // namespace

int Scene::place(int token) const
{
    for (std::size_t i = 0; i < slots.size(); ++i)
        if (slots[i].token == token)
            return static_cast<int>(i);
    return -1;
}

double dot(const Vector& a, const Vector& b) { return std::inner_product(a.begin(), a.end(), b.begin(), 0.0); }

Vector softmax(const Vector& logits)
{
    const double largest = *std::max_element(logits.begin(), logits.end());
    Vector shares;
    for (const double logit : logits)
        shares.push_back(std::exp(logit - largest));
    const double sum = std::accumulate(shares.begin(), shares.end(), 0.0);
    for (double& share : shares)
        share /= sum;
    return shares;
}

Tokens lowestOf(const Numbers& scores, const Tokens& candidates, int count)
{
    Tokens order = candidates;
    std::sort(order.begin(), order.end(),
              [&](int a, int b) { return scores.at(a) != scores.at(b) ? scores.at(a) < scores.at(b) : a > b; });
    order.resize(static_cast<std::size_t>(count));
    return order;
}

void addAttentionScores(Rule& rule, const PolicySpec& spec, std::string_view score)
{
    auto newest = std::make_shared<Newest>();
    rule.observe = [newest](const Scene& scene) { newest->add(scene.row); };
    if (score == "accumulated") {
        rule.scores = overRows(newest, [](const Numbers& row, int token, std::size_t) { return row.at(token); });
    } else if (score == "mean") {
        const auto sums = overRows(newest, [](const Numbers& row, int token, std::size_t) { return row.at(token); });
        rule.scores = [sums](const Scene& scene) {
            Numbers means = sums(scene);
            for (auto& [token, mean] : means)
                mean /= scene.step - token + 1;
            return means;
        };
    } else if (score == "decayed") {
        newest->most = static_cast<std::size_t>(number(spec, "history"));
        const double decay = spec.name == "scissorhands" ? spec.real("decay")
                             : spec.name == "zeromerge"  ? spec.real("shrink")
                                                         : 0.98;
        rule.scores = overRows(newest, [decay](const Numbers& row, int token, std::size_t age) {
            return row.at(token) * std::pow(decay, static_cast<double>(age));
        });
    } else if (score == "counts") {
        newest->most = spec.name == "mix" ? 400 : static_cast<std::size_t>(number(spec, "history"));
        // A token alone has it all, however the mean over heads is rounded.
        const auto evenOf = [](const Numbers& row) { return row.size() > 1 ? 1.0 / static_cast<double>(row.size()) : 0; };
        rule.observe = [=, undecided = rule.undecided](const Scene& scene) {
            newest->add(scene.row);
            const double even = evenOf(scene.row);
            for (const auto& [token, share] : scene.row)
                if (std::abs(share - even) <= scene.rounding * even)
                    *undecided = true;
        };
        rule.scores = overRows(
            newest, [evenOf](const Numbers& row, int token, std::size_t) { return row.at(token) < evenOf(row) ? -1.0 : 0.0; });
    } else { // the last row, or CAKE's pooled mean of the last few
        const int rows = spec.name == "cake" ? spec.whole("together") : 1, window = spec.name == "cake" ? rule.recent : 0;
        newest->most = static_cast<std::size_t>(rows);
        const auto sums = overRows(newest, [](const Numbers& row, int token, std::size_t) { return row.at(token); });
        rule.scores = [=](const Scene& scene) {
            Numbers mean = sums(scene);
            for (auto& [token, share] : mean)
                share /= static_cast<double>(newest->rows.size());
            if (spec.name != "cake")
                return mean;
            Numbers pooled;
            const int old = static_cast<int>(scene.slots.size()) - window;
            for (int i = 0; i < old; ++i)
                for (int j = i - 2; j <= i + 2; ++j)
                    pooled[scene.slots[static_cast<std::size_t>(i)].token] +=
                        j >= 0 && j < old ? mean.at(scene.slots[static_cast<std::size_t>(j)].token) / 5 : 0;
            return pooled;
        };
    }
}

void addVotes(Rule& rule, const PolicySpec& spec)
{
    const int window = number(spec, "window"), reach = number(spec, "kernel") / 2, kernel = std::max(1, number(spec, "kernel"));
    auto newest = std::make_shared<Newest>();
    newest->most = spec.name == "snapkv" ? static_cast<std::size_t>(window) : 0;
    rule.recent = window;
    rule.onlyAtPromptEnd = true;
    rule.observe = [newest](const Scene& scene) { newest->add(scene.row); };
    const auto sums = overRows(newest, [](const Numbers& row, int token, std::size_t) { return row.at(token); });
    rule.scores = [=](const Scene& scene) {
        Numbers votes = sums(scene), scores;
        if (spec.name == "observed-attention")
            for (auto& [token, vote] : votes)
                vote /= scene.prompt - token; // queries that could look
        const int old = static_cast<int>(scene.slots.size()) - (spec.name == "snapkv" ? window : 0);
        for (int i = 0; i < old; ++i) {
            double most = 0, sum = 0;
            for (int j = std::max(0, i - reach); j <= std::min(old - 1, i + reach); ++j) {
                most = std::max(most, votes.at(scene.slots[static_cast<std::size_t>(j)].token));
                sum += votes.at(scene.slots[static_cast<std::size_t>(j)].token);
            }
            scores[scene.slots[static_cast<std::size_t>(i)].token] = spec.value("pool") == "avg" ? sum / kernel : most;
        }
        return scores;
    };
}

void addKeyScores(Rule& rule, bool difference)
{
    rule.scores = [difference](const Scene& scene) {
        Numbers scores;
        const std::size_t heads = scene.slots.front().keys.size();
        for (std::size_t head = 0; head < heads; ++head) {
            Vector mean(scene.slots.front().keys[head].size());
            for (const Slot& slot : scene.slots)
                for (std::size_t c = 0; c < mean.size(); ++c)
                    mean[c] += slot.keys[head][c] / lengthOf(slot.keys[head]);
            for (const Slot& slot : scene.slots) {
                const Vector& key = slot.keys[head];
                const double length = difference ? lengthOf(key) : std::sqrt(dot(key, key));
                scores[slot.token] -=
                    (difference ? dot(key, mean) / length / lengthOf(mean) : length) / static_cast<double>(heads);
            }
        }
        return scores;
    };
}

void addRkv(Rule& rule, const PolicySpec& spec)
{
    const int window = spec.whole("window"), reach = spec.whole("kernel") / 2;
    const double mix = spec.real("mix"), threshold = spec.real("threshold");
    auto queries = std::make_shared<std::vector<std::vector<Vector>>>();
    rule.observe = [=](const Scene& scene) {
        queries->push_back(scene.queries);
        if (queries->size() > static_cast<std::size_t>(window))
            queries->erase(queries->begin());
    };
    rule.scores = [=, undecided = rule.undecided](const Scene& scene) {
        const std::size_t n = scene.slots.size(), old = n - std::min(n, static_cast<std::size_t>(window));
        const std::size_t keyHeads = scene.slots.front().keys.size(), group = scene.queries.size() / keyHeads;
        Vector important(old), redundant(n);
        for (const auto& heads : *queries) {
            Vector logits(old, -std::numeric_limits<double>::infinity());
            for (std::size_t i = 0; i < old; ++i) {
                for (std::size_t head = 0; head < heads.size(); ++head)
                    logits[i] = std::max(logits[i], dot(heads[head], scene.slots[i].keys[head / group]));
                if (scene.softcap > 0)
                    logits[i] = scene.softcap * std::tanh(logits[i] / scene.softcap);
            }
            const Vector shares = old > 0 ? softmax(logits) : Vector();
            for (std::size_t i = 0; i < old; ++i)
                important[i] += shares[i] / static_cast<double>(queries->size());
        }
        for (std::size_t head = 0; head < keyHeads; ++head) {
            Vector means(n);
            for (std::size_t i = 0; i < n; ++i) {
                Vector cosines(n);
                for (std::size_t j = 0; j < n; ++j) {
                    const Vector &a = scene.slots[i].keys[head], &b = scene.slots[j].keys[head];
                    cosines[j] = i == j ? 0 : dot(a, b) / lengthOf(a) / lengthOf(b);
                }
                std::size_t left = 0; // the last column that is alike; the first where none is
                for (std::size_t j = 0; j < n; ++j) {
                    if (cosines[j] > threshold)
                        left = j;
                    if (cosines[j] != 0 && std::abs(cosines[j] - threshold) < kNearCosine)
                        *undecided = true;
                }
                cosines[left] = 0;
                for (std::size_t j = 0; j < n; ++j)
                    means[j] += cosines[j] / static_cast<double>(n);
            }
            const Vector shares = softmax(means);
            for (std::size_t i = 0; i < n; ++i)
                redundant[i] += shares[i] / static_cast<double>(keyHeads);
        }
        Numbers scores;
        for (int i = 0; i < static_cast<int>(old); ++i) {
            double pooled = 0;
            for (int j = std::max(0, i - reach); j <= std::min(static_cast<int>(old) - 1, i + reach); ++j)
                pooled = std::max(pooled, important[static_cast<std::size_t>(j)]);
            scores[scene.slots[static_cast<std::size_t>(i)].token] =
                mix * pooled - (1 - mix) * redundant[static_cast<std::size_t>(i)];
        }
        return scores;
    };
}

void addWindowVotes(Rule& rule, const PolicySpec& spec)
{
    const int window = spec.whole("window");
    auto queries = std::make_shared<std::vector<std::vector<Vector>>>();
    rule.observe = [=](const Scene& scene) {
        queries->push_back(scene.queries);
        if (queries->size() > static_cast<std::size_t>(window))
            queries->erase(queries->begin());
    };
    rule.scores = [=](const Scene& scene) {
        const std::size_t old = scene.slots.size() - static_cast<std::size_t>(window), keyHeads = scene.slots.front().keys.size();
        Numbers scores;
        for (const auto& heads : *queries) {
            Vector votes(old);
            for (std::size_t head = 0; head < heads.size(); ++head) {
                Vector logits(old);
                for (std::size_t i = 0; i < old; ++i) {
                    logits[i] = dot(heads[head], scene.slots[i].keys[head / (heads.size() / keyHeads)]);
                    if (scene.softcap > 0)
                        logits[i] = scene.softcap * std::tanh(logits[i] / scene.softcap);
                }
                const Vector shares = softmax(logits);
                for (std::size_t i = 0; i < old; ++i)
                    votes[i] = std::max(votes[i], shares[i]);
            }
            for (std::size_t i = 0; i < old; ++i) {
                double& score = scores[scene.slots[i].token];
                score = spec.value("fusion") == "max" ? std::max(score, votes[i]) : score + votes[i];
            }
        }
        return scores;
    };
}

void addBandEnergy(Rule& rule, const PolicySpec& spec)
{
    const int finest = spec.whole("finest"), coarsest = spec.whole("coarsest");
    const double decay = spec.real("decay");
    auto energy = std::make_shared<Numbers>();
    rule.observe = [=](const Scene& scene) {
        for (auto& [token, sum] : *energy)
            sum *= decay;
        for (std::size_t head = 0; head < scene.slots.front().values.size(); ++head) {
            // Level by level the means of blocks twice as long; a last block that is not full has its end repeated.
            std::vector<Vector> means;
            for (const Slot& slot : scene.slots) {
                means.push_back(slot.values[head]);
                for (double& channel : means.back())
                    channel *= scene.row.at(slot.token);
            }
            for (int level = 1; level <= coarsest && means.size() > 1; ++level) {
                std::vector<Vector> longer;
                for (std::size_t left = 0; left < means.size(); left += 2) {
                    const Vector &a = means[left], &b = means[std::min(left + 1, means.size() - 1)];
                    double squared = 0;
                    Vector mean;
                    for (std::size_t c = 0; c < a.size(); ++c) {
                        squared += std::pow((a[c] - b[c]) / 2, 2);
                        mean.push_back((a[c] + b[c]) / 2);
                    }
                    for (std::size_t i = 0; i < scene.slots.size(); ++i)
                        if (i >> level == left / 2 && level >= finest)
                            (*energy)[scene.slots[i].token] += squared;
                    longer.push_back(mean);
                }
                means = longer;
            }
        }
    };
    rule.scores = [energy](const Scene& scene) {
        Numbers scores;
        for (const Slot& slot : scene.slots)
            scores[slot.token] = (*energy)[slot.token];
        return scores;
    };
}

} // namespace winnow::plain
