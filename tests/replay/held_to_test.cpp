// SPDX-License-Identifier: GPL-3.0-or-later
// The README's table of what each policy was held to: a row for every line of the catalog, and no witness that no test calls.
#include "core/io/json.h"
#include "core/policy/policy_spec.h"
#include "core/policy/recipe.h"
#include "tests/replay/plain/plain_rules.h"

#include <gmock/gmock.h>

#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>

namespace winnow {
namespace {

const std::filesystem::path kFixtures = WINNOW_FIXTURES;

std::string textOf(const std::filesystem::path& path)
{
    std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();
    EXPECT_FALSE(text.str().empty()) << path;
    return text.str();
}

struct Row {
    std::string code, press, again, byHand;
};

/// By policy. Rows look like | `name` | … |.
std::map<std::string, Row> table()
{
    std::map<std::string, Row> rows;
    std::istringstream readme(textOf(kFixtures / "../../docs/policies.md"));
    const std::regex row(R"(\| `([a-z0-9-]+)` \|([^|]*)\|([^|]*)\|([^|]*)\|([^|]*)\|)");
    for (std::string line; std::getline(readme, line);)
        if (std::smatch found; std::regex_match(line, found, row)) {
            EXPECT_FALSE(rows.contains(found[1])) << line;
            rows[found[1]] = {found[2], found[3], found[4], found[5]};
        }
    return rows;
}

bool says(const std::string& cell, std::string_view word) { return cell.find(word) != std::string::npos; }

/// Policies that a file of cases names.
std::set<std::string> policiesIn(const char* cases)
{
    std::set<std::string> names;
    const auto json = readJson(kFixtures / "policy" / cases);
    EXPECT_TRUE(json);
    for (const auto& entry : (*json)["cases"]) {
        const std::string line = entry.contains("policy") ? entry["policy"] : entry["line"];
        const std::string name = line.substr(0, line.find(':'));
        names.insert(name != "adakv" ? name : entry["params"].contains("beta") ? "ada-pyramidkv" : "ada-snapkv");
    }
    return names;
}

/// Policies whose lines the tests of presses compare with one.
std::set<std::string> policiesOfPresses()
{
    std::set<std::string> names;
    const std::string text = textOf(kFixtures / "../replay/reference_fixtures_test.cpp");
    const std::regex press(R"re(\{"[a-z0-9_]+",\s*"([a-z0-9-]+))re");
    for (std::sregex_iterator at(text.begin(), text.end(), press), end; at != end; ++at)
        if (findPolicy((*at)[1].str()))
            names.insert((*at)[1]);
    for (const char* merging : {"cam-decode"}) // whose presses stand in a list of their own
        names.insert(merging);
    return names;
}

TEST(HeldTo, hasARowForEveryPolicyAndNoOther)
{
    const auto rows = table();
    for (const PolicyInfo& info : policyCatalog())
        EXPECT_TRUE(rows.contains(std::string(info.name))) << info.name << " is not in the README's table";
    for (const auto& [name, row] : rows)
        EXPECT_TRUE(findPolicy(name)) << name << " is in the README's table and not in the catalog";
}

TEST(HeldTo, namesNoWitnessThatNoTestCalls)
{
    const auto ran = policiesIn("authors_cases.json"), loops = policiesIn("papers_cases.json"), presses = policiesOfPresses();
    for (const auto& [name, row] : table()) {
        SCOPED_TRACE(name);
        EXPECT_EQ(says(row.code, "**run**"), ran.contains(name));
        EXPECT_EQ(says(row.press, "Press"), presses.contains(name));
        EXPECT_EQ(says(row.again, "loops"), loops.contains(name));
        const plain::Rule rule = plain::ruleOf(resolved(*parsePolicySpec(name), 100));
        EXPECT_EQ(says(row.again, "plain"),
                  (rule.choose && (rule.scores || findPolicy(name)->acts == Acts::EveryStep)) || rule.read);
        if (says(row.code, "read:") || says(row.code, "**run**")) {
            EXPECT_TRUE(std::regex_search(row.code, std::regex("[A-Za-z0-9-]+/[A-Za-z0-9-]+ [0-9a-f]{7}"))) << row.code;
        }
    }
}

} // namespace
} // namespace winnow
