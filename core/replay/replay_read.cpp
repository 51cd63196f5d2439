// SPDX-License-Identifier: GPL-3.0-or-later
// Reading replays: trusts nothing that the file says, and looks at every shape before it takes memory.
#include "core/base/parallel.h"
#include "core/io/hdf5.h"
#include "core/io/npz.h"
#include "core/io/output_file.h"
#include "core/replay/most_lanes.h"
#include "core/replay/replay_file.h"
#include "core/replay/replay_head.h"
#include "core/replay/replay_layout.h"
#include "core/replay/replay_plan.h"

#include <algorithm>
#include <limits>
#include <new>

namespace winnow {

using namespace replay_layout;

namespace {

/// Bytes that the arrays of a replay may still take: 512 MiB, or 64 times the file, for all of them. What never changes packs
/// well, a policy that never evicts to a thousandth; what was measured does not.
struct Room {
    std::uint64_t left = 0;

    explicit Room(std::uint64_t fileBytes)
        : left(std::max(kNpzPlain, fileBytes > kMost / kNpzRatio ? kMost : fileBytes * kNpzRatio))
    {
    }
    Result<void> take(std::uint64_t bytes, const std::string& where)
    {
        if (bytes > left)
            return fail(ErrorCode::BadInput,
                        "{}: its arrays take {} bytes, more than numbers of a file of this size unpack to; it is damaged, or was "
                        "made to fill "
                        "the memory",
                        where, bytes);
        left -= bytes;
        return {};
    }
    /// Where the metrics of the next policy go, `bytes` of arrays: to memory while all of them take little, then to temporary
    /// files, whose pages the system can take back.
    ResultPlace placeOfNext(std::uint64_t bytes)
    {
        if (inMemory + bytes > kMostInMemory && scratchBytes(scratchFolder()) >= bytes)
            return ResultPlace::File;
        inMemory += bytes;
        return ResultPlace::Memory;
    }

private:
    static constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();
    static constexpr std::uint64_t kMostInMemory = std::uint64_t{32} << 20;
    std::uint64_t inMemory = 0;
};

/// Gives `cells` room for `count` numbers, in memory where no temporary file can be had.
template <class Number>
void makeRoom(std::size_t count, ResultPlace place, Cells<Number>& cells)
{
    if (place == ResultPlace::File) {
        try {
            cells.assign(count, Number(), place);
            return;
        } catch (const std::runtime_error&) {
        }
    }
    cells.assign(count, Number());
}

/// The arrays of one policy, under the keys of both containers.
struct NpzPolicy {
    const NpzFile& file;
    std::size_t number;

    std::string name(std::string_view key) const { return fmt::format("{}.{}", key, number); }
    bool has(std::string_view key) const { return file.has(name(key)); }
    Result<std::vector<std::size_t>> shape(std::string_view key) const { return file.shape(name(key)); }
    template <class Number>
    Result<std::vector<Number>> numbers(std::string_view key) const
    {
        return file.numbers<Number>(name(key));
    }
    template <class Number>
    Result<void> numbersInto(std::string_view key, std::span<Number> out) const
    {
        return file.numbersInto(name(key), out);
    }
};

struct Hdf5Policy {
    const Hdf5File& file;
    std::string group;

    std::string name(std::string_view key) const { return fmt::format("{}/{}", group, key); }
    bool has(std::string_view key) const { return file.has(name(key)); }
    Result<std::vector<std::size_t>> shape(std::string_view key) const
    {
        WINNOW_TRY(const Hdf5Dataset data, file.dataset(name(key)));
        return std::vector<std::size_t>(data.shape().begin(), data.shape().end());
    }
    template <class Number>
    Result<std::vector<Number>> numbers(std::string_view key) const
    {
        WINNOW_TRY(auto array, file.readArray<Number>(name(key)));
        return std::move(array.values);
    }
    template <class Number>
    Result<void> numbersInto(std::string_view key, std::span<Number> out) const
    {
        return file.readInto(name(key), out);
    }
};

/// What neither container stores, because it follows from the spec.
Result<void> takeSpec(PolicyReplay& policy, const std::string& spec, int prompt, const std::string& where)
{
    constexpr std::size_t kMostSpec = 4096;
    if (spec.size() > kMostSpec)
        return fail(ErrorCode::BadInput, "{}: its policy is a line of {} bytes, expected one like h2o:budget=128", where,
                    spec.size());
    auto parsed = parsePolicySpec(spec);
    if (!parsed)
        return fail(ErrorCode::BadInput, "{}: {}", where, parsed.error().message);
    policy.spec = std::move(*parsed);
    policy.stepsDone = policy.tokens;
    policy.budget = budgetOf(policy.spec, policy.tokens);
    const PolicySpec full = resolved(policy.spec, policy.tokens);
    policy.byRule = keptByRule(full, policy.budget, prompt);
    if (const auto reader = recipeOf(full).reader)
        policy.pageTokens = reader->pageTokens();
    return {};
}

/// The numbers are such as a replay can have.
Result<void> checkRanges(const PolicyReplay& policy, const std::string& where)
{
    WINNOW_TRY_VOID(checkNumbers(policy.evictStep, -1, policy.tokens - 1, "evict_step", where));
    WINNOW_TRY_VOID(checkNumbers(policy.occupancy, -1, policy.tokens, "occupancy", where));
    WINNOW_TRY_VOID(checkNumbers(policy.mergedInto, -1, policy.tokens - 1, "merged_into", where));
    return checkNumbers(policy.budgets, 0, std::numeric_limits<std::int32_t>::max(), "budgets", where);
}

/// Since when a selection left some pages unread.
void noteUnread(PolicyReplay& policy)
{
    for (int layer = 0; layer < policy.layers; ++layer)
        for (int lane = 0; lane < policy.lanes; ++lane)
            for (int step = 0; step < std::min(policy.tokens, policy.choosesFrom); ++step)
                for (int page = 0; page * policy.pageTokens <= step; ++page)
                    if (!policy.readsPage(layer, lane, page, step))
                        policy.choosesFrom = std::min(policy.choosesFrom, step);
}

Result<void> checkShape(const std::vector<std::size_t>& found, const std::vector<std::size_t>& expected, std::string_view key,
                        const std::string& where)
{
    if (found != expected)
        return fail(ErrorCode::BadInput, "{}: {} has the shape [{}], expected [{}]", where, key, fmt::join(found, ", "),
                    fmt::join(expected, ", "));
    return {};
}

/// A policy of which no number is read yet: its spec, its sizes, and where its metrics go.
struct PlannedPolicy {
    std::shared_ptr<PolicyReplay> policy;
    ResultPlace place = ResultPlace::Memory;
    std::string where; ///< for sentences
};

/// Looks at the shapes of all arrays, and takes their room.
template <class Source>
Result<PlannedPolicy> planPolicy(const Source& source, const std::string& spec, const ReplayResult& result, Room& room,
                                 const std::string& where)
{
    auto policy = std::make_shared<PolicyReplay>();
    const std::size_t layers = result.layers.size(), tokens = result.tokenIds.size();
    WINNOW_TRY(const std::vector<std::size_t> shape, source.shape("evict_step"));
    if (shape.size() != 3 || shape[0] != layers || shape[2] != tokens || shape[1] == 0)
        return fail(ErrorCode::BadInput, "{}: evict_step has the shape [{}], expected [{}, lanes, {}]", where,
                    fmt::join(shape, ", "), layers, tokens);
    if (shape[1] >= static_cast<std::size_t>(kMostLanes) || layers * shape[1] >= static_cast<std::size_t>(kMostLanes))
        return fail(ErrorCode::BadInput, "{}: evict_step has {} layers of {} lanes; expected fewer than {} lanes in all", where,
                    layers, shape[1], kMostLanes);
    policy->layers = static_cast<int>(layers);
    policy->lanes = static_cast<int>(shape[1]);
    policy->tokens = static_cast<int>(tokens);

    std::uint64_t bytes = 0;
    Result<void> done;
    const auto expect = [&](std::string_view key, const std::vector<std::size_t>& expected, std::size_t width) {
        const auto found = source.shape(key);
        done = found ? checkShape(*found, expected, key, where) : fail(found.error());
        std::uint64_t all = width;
        for (const std::size_t size : expected)
            all *= size;
        bytes += all;
    };
    forArrays(*policy, [&](const char* key, auto& values, bool optional) {
        if (done && (!optional || source.has(key)))
            expect(key, shape, sizeof(values[0]));
    });
    WINNOW_TRY_VOID(std::move(done));
    WINNOW_TRY_VOID(room.take(bytes, where));
    const ResultPlace place = room.placeOfNext(bytes);

    bytes = 0;
    done = takeSpec(*policy, spec, result.prompt, where);
    if (done && policy->selects())
        expect("read", readShape(*policy), 1);
    forTokenArrays(policy->run, [&](const char* key, auto& values, bool byLayer) {
        if (done && source.has(key))
            expect(key, tokenShape(layers, tokens, byLayer), sizeof(values[0]));
    });
    WINNOW_TRY_VOID(std::move(done));
    if (source.has("budgets")) {
        WINNOW_TRY(const std::vector<std::size_t> found, source.shape("budgets"));
        if (found.size() != 2 || found[1] != layers || found[0] > std::max(tokens, layers))
            return fail(ErrorCode::BadInput,
                        "{}: budgets has the shape [{}], expected [updates, {}], of which there are at most {}", where,
                        fmt::join(found, ", "), layers, std::max(tokens, layers));
        bytes += std::uint64_t{found[0]} * layers * sizeof(policy->budgets[0]);
    }
    WINNOW_TRY_VOID(room.take(bytes, where));
    return PlannedPolicy{std::move(policy), place, where};
}

/// Reads the numbers of a planned policy.
template <class Source>
Result<void> fillPolicy(const Source& source, const PlannedPolicy& planned)
{
    PolicyReplay& policy = *planned.policy;
    Result<void> done;
    const auto fill = [&]<class Number>(std::string_view key, Cells<Number>& values, ResultPlace place, std::size_t count) {
        makeRoom(count, place, values);
        done = source.numbersInto(key, std::span<Number>(values.begin(), values.size()));
    };
    const auto cells = static_cast<std::size_t>(policy.layers) * static_cast<std::size_t>(policy.lanes) *
                       static_cast<std::size_t>(policy.tokens);
    forArrays(policy, [&](const char* key, auto& values, bool optional) {
        if (!done || (optional && !source.has(key)))
            return;
        const bool lifetimes = static_cast<const void*>(&values) == &policy.evictStep; // every picture reads them
        fill(key, values, lifetimes ? ResultPlace::Memory : planned.place, cells);
    });
    if (done && policy.selects())
        fill("read", policy.read, ResultPlace::Memory, cells * static_cast<std::size_t>(policy.pageBytes()));
    const auto take = [&]<class Number>(std::string_view key, std::vector<Number>& values) {
        if (!done || !source.has(key))
            return;
        if (auto numbers = source.template numbers<Number>(key))
            values = std::move(*numbers);
        else
            done = fail(std::move(numbers).error());
    };
    take("budgets", policy.budgets);
    std::vector<std::int32_t> first;
    take("first_eviction", first);
    forTokenArrays(policy.run, [&](const char* key, auto& values, bool) { take(key, values); });
    WINNOW_TRY_VOID(std::move(done));
    WINNOW_TRY_VOID(checkRanges(policy, planned.where));
    WINNOW_TRY_VOID(checkNumbers(first, 0, std::numeric_limits<std::int32_t>::max(), "first_eviction", planned.where));
    policy.choosesFrom = first.empty() ? firstLeft(policy) : first.front();
    if (policy.selects())
        noteUnread(policy);
    return {};
}

Result<std::shared_ptr<const ReplayResult>> readNpzReplay(const std::filesystem::path& path)
{
    WINNOW_TRY(const NpzFile npz, readNpz(path));
    auto result = std::make_shared<ReplayResult>();
    WINNOW_TRY(const auto specs, npz.strings("policy"));
    WINNOW_TRY(const auto manifest, npz.strings("manifest"));
    WINNOW_TRY(auto tokens, npz.numbers<std::int32_t>("tokens"));
    WINNOW_TRY(const auto layers, npz.numbers<std::int32_t>("layers"));
    WINNOW_TRY_VOID(takeHead(*result, std::move(tokens), layers, path.string()));
    for (const std::string& line : manifest)
        result->manifest.emplace(line.substr(0, line.find('=')), line.substr(std::min(line.size(), line.find('=') + 1)));
    WINNOW_TRY_VOID(applyManifest(*result, path.string()));
    if (npz.has("logprob")) {
        WINNOW_TRY(auto logprob, npz.numbers<float>("logprob"));
        WINNOW_TRY_VOID(takeLogprob(*result, std::move(logprob), path.string()));
    }
    Room room(npz.bytes());
    std::vector<PlannedPolicy> planned;
    for (std::size_t p = 0; p < specs.size(); ++p) {
        WINNOW_TRY(auto policy,
                   planPolicy(NpzPolicy{npz, p}, specs[p], *result, room, fmt::format("'{}', policy {}", path.string(), p)));
        planned.push_back(std::move(policy));
    }
    std::vector<Result<void>> filled(planned.size());
    parallelFor(planned.size(), [&](std::size_t p) {
        const auto own = npz.reopened();
        filled[p] = own ? fillPolicy(NpzPolicy{*own, p}, planned[p]) : fail(own.error());
    });
    for (std::size_t p = 0; p < planned.size(); ++p) {
        WINNOW_TRY_VOID(std::move(filled[p]));
        result->policies.push_back(planned[p].policy);
    }
    return result;
}

Result<std::shared_ptr<const ReplayResult>> readHdf5Replay(const std::filesystem::path& path)
{
    WINNOW_TRY(const Hdf5File file, Hdf5File::open(path));
    auto result = std::make_shared<ReplayResult>();
    WINNOW_TRY(const auto attributes, file.attributes("/"));
    for (const auto& [key, value] : attributes)
        result->manifest[key] = value;
    if (!file.has("/replays") || !file.has("/tokens") || !file.has("/layers"))
        return fail(ErrorCode::BadInput, "'{}' is no replay: it has no /replays; make one with `winnow replay`", path.string());
    WINNOW_TRY(auto tokens, file.readArray<std::int32_t>("/tokens", kMostTokens));
    WINNOW_TRY(const auto layers, file.readArray<std::int32_t>("/layers", kMostLayers));
    WINNOW_TRY_VOID(takeHead(*result, std::move(tokens.values), layers.values, path.string()));
    WINNOW_TRY_VOID(applyManifest(*result, path.string()));
    if (file.has("/logprob")) {
        WINNOW_TRY(auto logprob, file.readArray<float>("/logprob", kMostTokens));
        WINNOW_TRY_VOID(takeLogprob(*result, std::move(logprob.values), path.string()));
    }
    WINNOW_TRY(const auto names, file.children("/replays"));
    Room room(file.bytes());
    for (const std::string& name : names) {
        const std::string group = "/replays/" + name;
        WINNOW_TRY(const auto spec, file.stringAttribute(group, "policy"));
        const Hdf5Policy source{file, group};
        WINNOW_TRY(const PlannedPolicy planned,
                   planPolicy(source, spec.value_or(""), *result, room, fmt::format("'{}', {}", path.string(), group)));
        WINNOW_TRY_VOID(fillPolicy(source, planned)); // one after the other: libhdf5 does one thing at a time
        result->policies.push_back(planned.policy);
    }
    return result;
}

} // namespace

Result<std::shared_ptr<const ReplayResult>> readReplay(const std::filesystem::path& path)
try {
    if (extensionOf(path) == "npz")
        return readNpzReplay(path);
    return readHdf5Replay(path);
} catch (const std::bad_alloc&) {
    return fail(ErrorCode::OutOfMemory, "'{}' cannot be read: memory ran out", path.string());
}

} // namespace winnow
