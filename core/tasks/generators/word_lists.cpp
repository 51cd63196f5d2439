// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tasks/generators/word_lists.h"

namespace winnow::tasks {

namespace {

constexpr std::string_view kNouns[] = {
    "acorn",   "anchor",  "apple",   "apron",  "arrow",    "attic",  "badge",  "bakery",  "barn",    "basin",   "basket",
    "beacon",  "bell",    "bench",   "berry",  "blanket",  "boat",   "bonnet", "book",    "bottle",  "branch",  "bread",
    "brick",   "bridge",  "broom",   "brush",  "bucket",   "button", "cabin",  "candle",  "canoe",   "canvas",  "carpet",
    "cart",    "castle",  "cedar",   "cellar", "chain",    "chair",  "chalk",  "chapel",  "cherry",  "chimney", "cider",
    "clay",    "cliff",   "clock",   "cloud",  "clover",   "coat",   "coin",   "comet",   "compass", "copper",  "coral",
    "cotton",  "cradle",  "crater",  "crown",  "curtain",  "daisy",  "desert", "desk",    "diary",   "drum",    "eagle",
    "easel",   "ember",   "engine",  "falcon", "feather",  "fence",  "ferry",  "fiddle",  "field",   "flag",    "flask",
    "flute",   "forest",  "forge",   "fossil", "fountain", "fox",    "garden", "garnet",  "gate",    "ginger",  "glacier",
    "glove",   "goblet",  "granite", "grape",  "guitar",   "hammer", "harbor", "harp",    "hazel",   "helmet",  "hinge",
    "honey",   "horizon", "hotel",   "island", "ivory",    "jacket", "jar",    "jasmine", "jewel",   "jungle",  "kettle",
    "kite",    "ladder",  "lagoon",  "lamp",   "lantern",  "lark",   "laurel", "lemon",   "letter",  "lilac",   "linen",
    "lizard",  "loom",    "magnet",  "maple",  "marble",   "market", "meadow", "medal",   "melon",   "mirror",  "mitten",
    "monsoon", "moss",    "motor",   "muffin", "museum",   "needle", "nest",   "nutmeg",  "oar",     "oasis",   "olive",
    "orchard", "otter",   "oyster",  "paddle", "palace",   "parcel", "parrot", "pasture", "pearl",   "pebble",  "pencil",
    "pepper",  "piano",   "pillow",  "pine",   "planet",   "plum",   "pocket", "pond",    "prairie", "prism",   "pulley",
    "quarry",  "quilt",   "rabbit",  "raft",   "ribbon",   "river",  "robin",  "rocket",  "rope",    "saddle",  "salmon",
    "sandal",  "satchel", "saucer",  "scarf"};

constexpr std::string_view kAdjectives[] = {
    "agile",  "amber",  "ancient", "bitter", "bold",    "brave",  "brief",   "bright", "brisk",  "broad",   "calm",    "careful",
    "clean",  "clever", "cloudy",  "cold",   "cosmic",  "crisp",  "curious", "damp",   "dark",   "deep",    "distant", "dry",
    "eager",  "early",  "elegant", "empty",  "faint",   "fancy",  "fierce",  "firm",   "flat",   "fragile", "fresh",   "frosty",
    "gentle", "giant",  "glad",    "golden", "grand",   "gray",   "green",   "happy",  "hardy",  "heavy",   "hidden",  "hollow",
    "honest", "humble", "icy",     "idle",   "jolly",   "keen",   "kind",    "large",  "late",   "lazy",    "light",   "lively",
    "lofty",  "lonely", "loud",    "loyal",  "lucky",   "mellow", "merry",   "mighty", "mild",   "misty",   "modest",  "narrow",
    "neat",   "noble",  "odd",     "pale",   "patient", "plain",  "polite",  "proud",  "purple", "quaint",  "quick",   "quiet",
    "rapid",  "rare",   "ready",   "red",    "remote",  "rich",   "rough",   "round",  "rustic", "salty",   "secret",  "sharp",
    "shiny",  "short",  "shy",     "silent", "silver",  "simple", "sleepy",  "slim",   "slow",   "smooth",  "soft",    "solid"};

constexpr std::string_view kVerbs[] = {
    "accept",   "admire", "adopt",   "agree",  "answer", "arrive",   "attend",  "begin",   "behave",  "borrow",
    "bounce",   "build",  "carry",   "choose", "climb",  "collect",  "compare", "cook",    "count",   "cross",
    "dance",    "decide", "deliver", "depart", "divide", "draw",     "dream",   "enjoy",   "enter",   "explain",
    "explore",  "fetch",  "finish",  "follow", "forget", "gather",   "grow",    "guess",   "hurry",   "imagine",
    "invent",   "invite", "join",    "juggle", "knit",   "laugh",    "learn",   "listen",  "mend",    "move",
    "observe",  "offer",  "order",   "paint",  "pause",  "persuade", "polish",  "prepare", "promise", "protect",
    "remember", "repair", "reply",   "rescue", "return", "search",   "settle",  "share",   "signal",  "sketch",
    "solve",    "speak",  "start",   "study",  "swim",   "teach",    "travel",  "trust",   "wander",  "whisper"};

} // namespace

std::span<const std::string_view> nouns() { return kNouns; }
std::span<const std::string_view> adjectives() { return kAdjectives; }
std::span<const std::string_view> verbs() { return kVerbs; }

std::vector<std::string> wordsForLists(std::size_t count)
{
    std::vector<std::string> words;
    for (const auto list : {nouns(), adjectives(), verbs()})
        words.insert(words.end(), list.begin(), list.end());
    for (std::size_t n = 0; n < std::size(kNouns) && words.size() < count; ++n)
        for (std::size_t a = 0; a < std::size(kAdjectives) && words.size() < count; ++a)
            words.push_back(std::string(kAdjectives[a]).append("-").append(kNouns[n]));
    return words;
}

} // namespace winnow::tasks
