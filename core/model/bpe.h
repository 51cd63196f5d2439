// Byte-pair merges (Sennrich et al. 2016) over the bytes of one word, as byte-level vocabularies use them.
#pragma once

#include "core/base/result.h"

#include <nlohmann/json_fwd.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace winnow {

/// Immutable once built; any thread may call it.
class Bpe {
public:
    /// One piece of a word: its id and where its bytes end.
    struct Piece {
        std::int32_t id = 0;
        std::uint32_t begin = 0, end = 0; ///< byte range in the word
    };

    /// From the object "model" of tokenizer.json. `where` opens every error sentence. What would change the tokens and is not
    /// known here (dropout, prefixes, suffixes, byte fallback) is refused by name.
    static Result<Bpe> parse(const nlohmann::json& model, const std::string& where);

    /// Appends the pieces of `word` (raw bytes, not stand-ins). Merges the lowest rank first, of equals the leftmost; a heap
    /// makes that n log n. Bytes without an entry become the unknown token where there is one, and vanish where there is none.
    void encode(std::string_view word, std::vector<Piece>& out) const;

    std::optional<std::int32_t> id(std::string_view token) const;
    /// The entry as the vocabulary writes it (in stand-ins); "" for an id that is not there.
    const std::string& token(std::int32_t id) const;
    /// The largest id and 1.
    std::size_t size() const { return m_tokens.size(); }

private:
    struct Merge {
        std::uint32_t rank = 0;
        std::int32_t id = 0;
    };
    /// Open addressing: half of encoding's time goes into this look-up.
    class MergeTable {
    public:
        void reserve(std::size_t count);
        void insert(std::int32_t left, std::int32_t right, Merge merge);
        const Merge* find(std::int32_t left, std::int32_t right) const;

    private:
        struct Slot {
            std::uint64_t key = kEmpty;
            Merge merge;
        };
        static constexpr std::uint64_t kEmpty = ~std::uint64_t{0};
        std::size_t slotOf(std::uint64_t key) const;
        std::vector<Slot> m_slots; // a power of two
    };
    struct StringHash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
    };

    Result<void> readVocabulary(const nlohmann::json& model, const std::string& where);
    Result<void> readMerges(const nlohmann::json& model, const std::string& where);
    void start(std::string_view word, std::vector<Piece>& pieces) const;

    std::unordered_map<std::string, std::int32_t, StringHash, std::equal_to<>> m_ids;
    std::vector<std::string> m_tokens;
    std::array<std::int32_t, 256> m_byteIds{}; // −1: no entry
    MergeTable m_merges;
    std::int32_t m_unknown = -1;
    bool m_fuseUnknown = false;
    bool m_ignoreMerges = false; // a word that is an entry is one token, whatever the merges say
};

} // namespace winnow
