// SPDX-License-Identifier: GPL-3.0-or-later
// Chinese cut into words as the Python package jieba 0.42.1 cuts it by default, from that package's own data.
#pragma once

#include "core/base/result.h"
#include "core/tasks/text/python_text.h"

#include <array>
#include <filesystem>
#include <memory>
#include <optional>
#include <unordered_map>

namespace winnow::tasks {

/// Immutable; any thread.
class Segmenter {
public:
    /// `folder`: that of the package, with dict.txt and finalseg/prob_start.py, prob_trans.py, prob_emit.py. A third of a second.
    static Result<std::shared_ptr<const Segmenter>> load(const std::filesystem::path& folder);
    /// From the contents of these four files.
    static Result<std::shared_ptr<const Segmenter>> parse(std::string_view dictionary, std::string_view start,
                                                          std::string_view changes, std::string_view emissions);
    /// Where Debian's package python3-jieba puts it; nothing where it is not installed.
    static std::optional<std::filesystem::path> installed();

    /// jieba.cut(text): every character is in one word, also blanks. Views into `text`.
    std::vector<CharactersView> cut(CharactersView text) const;

private:
    Segmenter() = default;
    using Words = std::vector<CharactersView>;
    std::int64_t frequencyOf(CharactersView word) const;
    void cutBlock(CharactersView block, Words& words) const;
    void cutUnknown(CharactersView letters, Words& words) const;
    void cutByStates(CharactersView han, Words& words) const;

    static constexpr std::size_t kStates =
        4; ///< a word's begin, end, middle, or a word of one character; as jieba orders letters: B E M S
    Characters m_dictionary;
    std::unordered_map<CharactersView, std::int64_t>
        m_frequencies; ///< of words; 0 for what only begins one. Views into m_dictionary
    double m_logTotal = 0;
    std::array<double, kStates> m_start{};
    std::array<std::array<double, kStates>, kStates> m_changes{}; ///< [from][to]
    std::array<std::unordered_map<char32_t, double>, kStates> m_emissions;
};

} // namespace winnow::tasks
