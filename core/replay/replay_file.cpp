#include "core/replay/replay_file.h"

#include "core/replay/most_lanes.h"
#include "core/replay/replay_plan.h"

#include "core/io/atomic_file.h"
#include "core/io/hdf5.h"
#include "core/io/npz.h"
#include "core/io/output_file.h"

#include <algorithm>
#include <cmath>

namespace winnow {

namespace {

constexpr int kVersion = 1;

// --- one list of arrays for both containers ---------------------------------------------------------------------------------

/// Visits every array of one policy that the layout names, with its key and shape. Empty optional arrays are passed too.
template <class Policy, class Visit>
void forArrays(Policy& policy, const Visit& visit)
{
    visit("evict_step", policy.evictStep, false);
    visit("mass", policy.mass, false);
    visit("error", policy.error, false);
    visit("occupancy", policy.occupancy, false);
    visit("oracle_mass", policy.oracleMass, true);
    visit("score_at_eviction", policy.scoreAtEviction, true);
    visit("lowest_kept", policy.lowestKept, true);
    visit("merged_into", policy.mergedInto, true);
    visit("future_mass", policy.futureMass, true);
    visit("bound_mass", policy.boundMass, true);
}

std::vector<std::int32_t> layerNumbers(const ReplayResult& result)
{
    std::vector<std::int32_t> numbers;
    for (const Layer layer : result.layers)
        numbers.push_back(raw(layer));
    return numbers;
}

std::vector<std::size_t> cellShape(const PolicyReplay& policy)
{
    return {static_cast<std::size_t>(policy.layers), static_cast<std::size_t>(policy.lanes), static_cast<std::size_t>(policy.tokens)};
}

/// Visits what readers can do without: differences of other arrays.
template <class Visit>
void forDerived(const PolicyReplay& policy, const Visit& visit)
{
    visit("regret", regretAgainst(policy, policy.oracleMass));
    visit("future_regret", regretAgainst(policy, policy.futureMass));
}

std::vector<std::size_t> readShape(const PolicyReplay& policy)
{
    auto shape = cellShape(policy);
    shape.push_back(static_cast<std::size_t>(policy.pageBytes()));
    return shape;
}

/// The manifest with what a reader needs beside the arrays.
std::map<std::string, std::string> fullManifest(const ReplayResult& result)
{
    auto manifest = result.manifest;
    manifest["format"] = "winnow-replay";
    manifest["version"] = std::to_string(kVersion);
    manifest["prompt"] = std::to_string(result.prompt);
    manifest["slot_bytes"] = fmt::format("{}", fmt::join(result.slotBytes, ","));
    return manifest;
}

// --- writing ----------------------------------------------------------------------------------------------------------------

Result<void> writeNpz(const ReplayResult& result, const std::filesystem::path& out)
{
    NpzWriter npz(out);
    std::vector<std::string> specs, manifest;
    for (const auto& policy : result.policies)
        specs.push_back(policy->spec.canonical());
    for (const auto& [key, value] : fullManifest(result))
        manifest.push_back(key + "=" + value);
    npz.addStrings("policy", specs);
    npz.addStrings("manifest", manifest);
    npz.add("tokens", result.tokenIds, {result.tokenIds.size()});
    npz.add("layers", layerNumbers(result), {result.layers.size()});
    for (std::size_t p = 0; p < result.policies.size(); ++p) {
        const PolicyReplay& policy = *result.policies[p];
        forArrays(policy, [&](const char* key, const auto& values, bool) {
            if (!values.empty())
                npz.add(fmt::format("{}.{}", key, p), values, cellShape(policy));
        });
        forDerived(policy, [&](const char* key, const auto& values) {
            if (!values.empty())
                npz.add(fmt::format("{}.{}", key, p), values, cellShape(policy));
        });
        if (!policy.budgets.empty())
            npz.add(fmt::format("budgets.{}", p), policy.budgets,
                    {policy.budgets.size() / static_cast<std::size_t>(policy.layers), static_cast<std::size_t>(policy.layers)});
        if (policy.selects())
            npz.add(fmt::format("read.{}", p), policy.read, readShape(policy));
    }
    return npz.finish();
}

Result<void> writeHdf5(const ReplayResult& result, const std::filesystem::path& out)
{
    WINNOW_TRY(AtomicFile target, AtomicFile::prepare(out));
    WINNOW_TRY(Hdf5File file, Hdf5File::create(target.part(), false, target.target()));
    for (const auto& [key, value] : fullManifest(result))
        WINNOW_TRY_VOID(file.setAttribute("/", key, value));
    WINNOW_TRY_VOID(file.writeArray<std::int32_t>("/tokens", result.tokenIds, {result.tokenIds.size()}));
    WINNOW_TRY_VOID(file.writeArray<std::int32_t>("/layers", layerNumbers(result), {result.layers.size()}));
    WINNOW_TRY_VOID(file.makeGroup("/replays"));
    for (std::size_t p = 0; p < result.policies.size(); ++p) {
        const PolicyReplay& policy = *result.policies[p];
        const std::string group = fmt::format("/replays/{:05d}", p);
        WINNOW_TRY_VOID(file.makeGroup(group));
        WINNOW_TRY_VOID(file.setAttribute(group, "policy", policy.spec.canonical()));
        const auto cells = cellShape(policy);
        const Hdf5Shape shape(cells.begin(), cells.end());
        Result<void> written;
        const auto write = [&](const char* key, const auto& values) {
            using Number = typename std::decay_t<decltype(values)>::value_type;
            if (written && !values.empty())
                written = file.writeArray<Number>(group + "/" + key, values, shape, 4);
        };
        forArrays(policy, [&](const char* key, const auto& values, bool) { write(key, values); });
        forDerived(policy, write);
        WINNOW_TRY_VOID(std::move(written));
        if (!policy.budgets.empty())
            WINNOW_TRY_VOID(file.writeArray<std::int32_t>(group + "/budgets", policy.budgets,
                                                          {policy.budgets.size() / static_cast<std::size_t>(policy.layers),
                                                           static_cast<hsize_t>(policy.layers)}));
        if (const auto bits = readShape(policy); policy.selects())
            WINNOW_TRY_VOID(file.writeArray<std::uint8_t>(group + "/read", policy.read, Hdf5Shape(bits.begin(), bits.end()), 4));
    }
    WINNOW_TRY_VOID(file.close());
    return target.commit();
}

Result<void> writeCsv(const ReplayResult& result, const std::filesystem::path& out)
{
    std::string text;
    for (const auto& [key, value] : fullManifest(result)) {
        std::string line = value;
        std::replace_if(line.begin(), line.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
        text += fmt::format("# {}: {}\n", key, line);
    }
    text += "policy,layer,step,mass,error,occupancy\n";
    for (const auto& policy : result.policies) {
        const std::string spec = policy->spec.canonical();
        for (int layer = 0; layer < policy->layers; ++layer) {
            for (int step = 0; step < policy->tokens; ++step) {
                double mass = 0, error = 0, occupancy = 0;
                for (int lane = 0; lane < policy->lanes; ++lane) {
                    const auto cell = policy->index(layer, lane, step);
                    mass += policy->mass[cell];
                    error += policy->error[cell];
                    occupancy += policy->occupancy[cell];
                }
                // A spec holds commas, so it is quoted.
                text += fmt::format("\"{}\",{},{},{:.9g},{:.9g},{:.9g}\n", spec, raw(result.layers[static_cast<std::size_t>(layer)]), step,
                                    mass / policy->lanes, error / policy->lanes, occupancy / policy->lanes);
            }
        }
    }
    return writeFileAtomically(out, text);
}

// --- reading ----------------------------------------------------------------------------------------------------------------

/// What neither container stores, because it follows from the spec and the lifetimes.
Result<void> deriveRest(PolicyReplay& policy, const std::string& spec, int prompt, const std::string& where)
{
    auto parsed = parsePolicySpec(spec);
    if (!parsed)
        return fail(ErrorCode::BadInput, "{}: {}", where, parsed.error().message);
    policy.spec = std::move(*parsed);
    policy.stepsDone = policy.tokens;
    for (const std::int32_t left : policy.evictStep) {
        if (left < -1 || left >= policy.tokens)
            return fail(ErrorCode::BadInput, "{}: evict_step holds {}, expected -1 to {}", where, left, policy.tokens - 1);
        if (left >= 0)
            policy.choosesFrom = std::min(policy.choosesFrom, left);
    }
    policy.budget = budgetOf(policy.spec, policy.tokens);
    const PolicySpec full = resolved(policy.spec, policy.tokens);
    policy.byRule = keptByRule(full, policy.budget, prompt);
    if (const auto reader = recipeOf(full).reader)
        policy.pageTokens = reader->pageTokens();
    return {};
}

/// The pages that a selection read, and since when it left some unread.
Result<void> takeRead(PolicyReplay& policy, std::vector<std::uint8_t> read, const std::string& where)
{
    policy.read = std::move(read);
    if (const auto bits = readShape(policy); policy.read.size() != bits[0] * bits[1] * bits[2] * bits[3])
        return fail(ErrorCode::BadInput, "{}: read holds {} bytes, expected [{}]: for every step a bit for each of {} pages", where,
                    policy.read.size(), fmt::join(bits, ", "), policy.pages());
    for (int layer = 0; layer < policy.layers; ++layer)
        for (int lane = 0; lane < policy.lanes; ++lane)
            for (int step = 0; step < std::min(policy.tokens, policy.choosesFrom); ++step)
                for (int page = 0; page * policy.pageTokens <= step; ++page)
                    if (!policy.readsPage(layer, lane, page, step))
                        policy.choosesFrom = std::min(policy.choosesFrom, step);
    return {};
}

Result<void> checkCells(const std::vector<std::size_t>& shape, PolicyReplay& policy, std::size_t layers, std::size_t tokens,
                        const std::string& where)
{
    if (shape.size() != 3 || shape[0] != layers || shape[2] != tokens || shape[1] == 0)
        return fail(ErrorCode::BadInput, "{}: evict_step has the shape [{}], expected [{}, lanes, {}]", where, fmt::join(shape, ", "), layers,
                    tokens);
    if (shape[1] >= static_cast<std::size_t>(kMostLanes) || layers * shape[1] >= static_cast<std::size_t>(kMostLanes))
        return fail(ErrorCode::BadInput, "{}: evict_step has {} layers of {} lanes; expected fewer than {} lanes in all", where, layers, shape[1], kMostLanes);
    policy.layers = static_cast<int>(layers);
    policy.lanes = static_cast<int>(shape[1]);
    policy.tokens = static_cast<int>(tokens);
    return {};
}

Result<void> applyManifest(ReplayResult& result, const std::string& where)
{
    const auto take = [&](const std::string& key) {
        const auto found = result.manifest.extract(key);
        return found.empty() ? std::string() : found.mapped();
    };
    if (take("format") != "winnow-replay")
        return fail(ErrorCode::BadInput, "'{}' is not a replay: its manifest does not say format=winnow-replay; make one with `winnow replay`",
                    where);
    if (const std::string version = take("version"); version != std::to_string(kVersion))
        return fail(ErrorCode::BadInput, "'{}' is a replay of version {}, this Winnow reads version {}; update Winnow", where, version, kVersion);
    result.prompt = std::atoi(take("prompt").c_str());
    result.slotBytes.clear();
    const std::string bytes = take("slot_bytes");
    for (std::size_t at = 0; at < bytes.size();) {
        result.slotBytes.push_back(std::atoi(bytes.c_str() + at));
        const auto comma = bytes.find(',', at);
        at = comma == std::string::npos ? bytes.size() : comma + 1;
    }
    if (result.slotBytes.size() != result.layers.size())
        return fail(ErrorCode::BadInput, "'{}': slot_bytes names {} layers, expected {}", where, result.slotBytes.size(), result.layers.size());
    return {};
}

Result<std::shared_ptr<const ReplayResult>> readNpzReplay(const std::filesystem::path& path)
{
    WINNOW_TRY(const NpzFile npz, readNpz(path));
    auto result = std::make_shared<ReplayResult>();
    WINNOW_TRY(const auto specs, npz.strings("policy"));
    WINNOW_TRY(const auto manifest, npz.strings("manifest"));
    WINNOW_TRY(result->tokenIds, npz.numbers<std::int32_t>("tokens"));
    WINNOW_TRY(const auto layers, npz.numbers<std::int32_t>("layers"));
    for (const std::int32_t layer : layers)
        result->layers.push_back(Layer{layer});
    for (const std::string& line : manifest)
        result->manifest.emplace(line.substr(0, line.find('=')), line.substr(std::min(line.size(), line.find('=') + 1)));
    WINNOW_TRY_VOID(applyManifest(*result, path.string()));
    for (std::size_t p = 0; p < specs.size(); ++p) {
        const std::string where = fmt::format("'{}', policy {}", path.string(), p);
        auto policy = std::make_shared<PolicyReplay>();
        WINNOW_TRY(const auto shape, npz.shape(fmt::format("evict_step.{}", p)));
        WINNOW_TRY_VOID(checkCells(shape, *policy, layers.size(), result->tokenIds.size(), where));
        Result<void> read;
        forArrays(*policy, [&](const char* key, auto& values, bool optional) {
            using Number = typename std::decay_t<decltype(values)>::value_type;
            const std::string name = fmt::format("{}.{}", key, p);
            if (!read || (optional && !npz.has(name)))
                return;
            auto numbers = npz.numbers<Number>(name);
            if (!numbers)
                read = fail(std::move(numbers).error());
            else if (values = std::move(*numbers); values.size() != shape[0] * shape[1] * shape[2])
                read = fail(ErrorCode::BadInput, "{}: '{}' holds {} numbers, expected {}", where, name, values.size(), shape[0] * shape[1] * shape[2]);
        });
        WINNOW_TRY_VOID(std::move(read));
        if (const std::string name = fmt::format("budgets.{}", p); npz.has(name)) {
            WINNOW_TRY(policy->budgets, npz.numbers<std::int32_t>(name));
        }
        WINNOW_TRY_VOID(deriveRest(*policy, specs[p], result->prompt, where));
        if (policy->selects()) {
            WINNOW_TRY(std::vector<std::uint8_t> read, npz.numbers<std::uint8_t>(fmt::format("read.{}", p)));
            WINNOW_TRY_VOID(takeRead(*policy, std::move(read), where));
        }
        result->policies.push_back(std::move(policy));
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
    WINNOW_TRY(const auto tokens, file.readArray<std::int32_t>("/tokens"));
    WINNOW_TRY(const auto layers, file.readArray<std::int32_t>("/layers"));
    result->tokenIds = tokens.values;
    for (const std::int32_t layer : layers.values)
        result->layers.push_back(Layer{layer});
    WINNOW_TRY_VOID(applyManifest(*result, path.string()));
    WINNOW_TRY(const auto names, file.children("/replays"));
    for (const std::string& name : names) {
        const std::string group = "/replays/" + name, where = fmt::format("'{}', {}", path.string(), group);
        auto policy = std::make_shared<PolicyReplay>();
        WINNOW_TRY(const auto spec, file.stringAttribute(group, "policy"));
        WINNOW_TRY(const auto lifetimes, file.dataset(group + "/evict_step"));
        const std::vector<std::size_t> shape(lifetimes.shape().begin(), lifetimes.shape().end());
        WINNOW_TRY_VOID(checkCells(shape, *policy, layers.values.size(), tokens.values.size(), where));
        Result<void> read;
        forArrays(*policy, [&](const char* key, auto& values, bool optional) {
            using Number = typename std::decay_t<decltype(values)>::value_type;
            const std::string object = group + "/" + key;
            if (!read || (optional && !file.has(object)))
                return;
            auto array = file.readArray<Number>(object);
            if (!array)
                read = fail(std::move(array).error());
            else if (values = std::move(array->values); values.size() != shape[0] * shape[1] * shape[2])
                read = fail(ErrorCode::BadInput, "{}: '{}' holds {} numbers, expected {}", where, key, values.size(), shape[0] * shape[1] * shape[2]);
        });
        WINNOW_TRY_VOID(std::move(read));
        if (file.has(group + "/budgets")) {
            WINNOW_TRY(auto budgets, file.readArray<std::int32_t>(group + "/budgets"));
            policy->budgets = std::move(budgets.values);
        }
        WINNOW_TRY_VOID(deriveRest(*policy, spec.value_or(""), result->prompt, where));
        if (policy->selects()) {
            WINNOW_TRY(auto read, file.readArray<std::uint8_t>(group + "/read"));
            WINNOW_TRY_VOID(takeRead(*policy, std::move(read.values), where));
        }
        result->policies.push_back(std::move(policy));
    }
    return result;
}

} // namespace

Result<void> writeReplay(const ReplayResult& result, const std::filesystem::path& out)
{
    const std::string extension = extensionOf(out);
    if (extension == "npz")
        return writeNpz(result, out);
    if (extension == "h5" || extension == "hdf5")
        return writeHdf5(result, out);
    if (extension == "csv")
        return writeCsv(result, out);
    return fail(ErrorCode::BadInput, "'{}': a replay is written as .h5, .npz or .csv, not '{}'; change the extension", out.string(), extension);
}

Result<std::shared_ptr<const ReplayResult>> readReplay(const std::filesystem::path& path)
{
    if (extensionOf(path) == "npz")
        return readNpzReplay(path);
    return readHdf5Replay(path);
}

} // namespace winnow
