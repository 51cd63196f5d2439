// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/config/gguf_architectures.h"

#include "core/model/config/refused_models.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <vector>

namespace winnow {
namespace {

struct Architecture {
    std::string_view name;      ///< `general.architecture`
    std::string_view modelType; ///< of config.json
};
constexpr std::array kArchitectures{
    Architecture{"falcon", "falcon"},    Architecture{"granite", "granite"},    Architecture{"mistral3", "ministral3"},
    Architecture{"olmo2", "olmo2"},      Architecture{"phi2", "phi"},           Architecture{"qwen3vl", "qwen3_vl_text"},
    Architecture{"smollm3", "smollm3"},  Architecture{"stablelm", "stablelm"},  Architecture{"llama", "llama"},
    Architecture{"qwen2", "qwen2"},      Architecture{"qwen3", "qwen3"},        Architecture{"phi3", "phi3"},
    Architecture{"gemma2", "gemma2"},    Architecture{"gemma3", "gemma3_text"}, Architecture{"gpt2", "gpt2"},
    Architecture{"gptneox", "gpt_neox"}, Architecture{"gemma4", "gemma4_text"},
};

/// Architectures that cannot be run, beside a type of config.json that is refused for the same reason.
constexpr std::array<std::pair<std::string_view, std::string_view>, 45> kRefused{{
    {"bert", "bert"},           {"modern-bert", "bert"},     {"nomic-bert", "bert"},
    {"nomic-bert-moe", "bert"}, {"neo-bert", "bert"},        {"jina-bert-v2", "bert"},
    {"jina-bert-v3", "bert"},   {"gemma-embedding", "bert"}, {"t5", "t5"},
    {"t5encoder", "t5"},        {"arctic", "mixtral"},       {"bailingmoe", "mixtral"},
    {"dbrx", "mixtral"},        {"deepseek", "mixtral"},     {"deepseek2", "deepseek_v3"},
    {"dots1", "mixtral"},       {"ernie4_5-moe", "mixtral"}, {"glm4moe", "mixtral"},
    {"gpt-oss", "gpt_oss"},     {"granitemoe", "mixtral"},   {"grok", "mixtral"},
    {"grovemoe", "mixtral"},    {"hunyuan-moe", "mixtral"},  {"llama4", "mixtral"},
    {"minimax-m2", "mixtral"},  {"olmoe", "mixtral"},        {"phimoe", "mixtral"},
    {"qwen2moe", "mixtral"},    {"qwen3moe", "mixtral"},     {"qwen3vlmoe", "mixtral"},
    {"minicpm3", "minicpm3"},   {"gemma3n", "gemma3n"},      {"falcon-h1", "lfm2"},
    {"granitehybrid", "lfm2"},  {"jamba", "lfm2"},           {"lfm2", "lfm2"},
    {"lfm2moe", "lfm2"},        {"nemotron_h", "lfm2"},      {"plamo2", "lfm2"},
    {"qwen3next", "lfm2"},      {"mamba", "mamba"},          {"mamba2", "mamba"},
    {"rwkv6", "mamba"},         {"rwkv7", "mamba"},          {"arwkv7", "mamba"},
}};

} // namespace

std::string_view modelTypeOf(std::string_view architecture)
{
    const auto known = std::ranges::find(kArchitectures, architecture, &Architecture::name);
    return known == kArchitectures.end() ? std::string_view() : known->modelType;
}

std::string whyArchitectureRefused(std::string_view architecture)
{
    const auto refused = std::ranges::find(kRefused, architecture, [](const auto& each) { return each.first; });
    return refused == kRefused.end() ? std::string() : whyRefused(refused->second);
}

std::string supportedArchitectures()
{
    std::vector<std::string_view> names;
    for (const Architecture& each : kArchitectures)
        names.push_back(each.name);
    std::ranges::sort(names);
    return fmt::format("{}", fmt::join(names, ", "));
}

} // namespace winnow
