// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tasks/generators/demo_wording.h"

#include <set>

namespace winnow::tasks {

namespace {

constexpr std::string_view kNames[] = {
    "Harold",   "Martha",   "Edwin",     "Clara",     "Walter",    "Agnes",    "Arthur",  "Bertha",      "Cecil",   "Dora",
    "Edgar",    "Fanny",    "George",    "Hannah",    "Isaac",     "Julia",    "Kate",    "Laura",       "Miles",   "Nora",
    "Oscar",    "Peter",    "Rachel",    "Samuel",    "Thomas",    "Ursula",   "Victor",  "Wallace",     "Ada",     "Basil",
    "Caroline", "David",    "Eleanor",   "Felix",     "Grace",     "Hugh",     "Irene",   "James",       "Lydia",   "Maurice",
    "Nancy",    "Oliver",   "Paul",      "Robert",    "Sarah",     "Simon",    "Susan",   "Theodore",    "Violet",  "William",
    "Alice",    "Benjamin", "Catherine", "Daniel",    "Emily",     "Francis",  "Gilbert", "Helen",       "Jacob",   "Jane",
    "Lewis",    "Lucy",     "Margaret",  "Matthew",   "Mary",      "Philip",   "Rose",    "Ruth",        "Stephen", "Tom",
    "Anna",     "Charles",  "Edward",    "Elizabeth", "Frederick", "Henry",    "Jack",    "John",        "Joseph",  "Louis",
    "Mark",     "Martin",   "Michael",   "Richard",   "Roger",     "Anthony",  "Bernard", "Christopher", "Dorothy", "Ellen",
    "Esther",   "Florence", "Frank",     "Geoffrey",  "Harriet",   "Humphrey", "Isabel",  "Jasper",      "Jean",    "Judith",
    "Leonard",  "Louisa",   "Marian",    "Mildred",   "Patrick",   "Percy",    "Ralph",   "Rebecca",     "Roland",  "Sophia"};

constexpr std::string_view kThings[] = {
    "lantern", "harbor",   "violin",  "copper", "meadow", "candle",   "saddle",  "ribbon",   "anchor", "basket",  "bottle",
    "bridge",  "button",   "carpet",  "castle", "chain",  "chalk",    "clock",   "cloud",    "coat",   "coin",    "compass",
    "cradle",  "crown",    "curtain", "dagger", "desk",   "diamond",  "door",    "drum",     "eagle",  "engine",  "falcon",
    "feather", "fiddle",   "flag",    "flute",  "forest", "fountain", "garden",  "garment",  "glass",  "glove",   "goblet",
    "gold",    "grape",    "hammer",  "harp",   "hat",    "helmet",   "honey",   "horse",    "iron",   "island",  "ivory",
    "jewel",   "kettle",   "kitchen", "knife",  "ladder", "lamp",     "leather", "lemon",    "letter", "lily",    "linen",
    "lion",    "marble",   "mask",    "medal",  "mirror", "monkey",   "moon",    "mountain", "needle", "oak",     "onion",
    "orange",  "oven",     "palace",  "paper",  "pearl",  "pebble",   "pencil",  "pepper",   "piano",  "picture", "pillow",
    "pistol",  "plate",    "pocket",  "purse",  "rabbit", "raven",    "ring",    "river",    "rope",   "rose",    "salt",
    "sandal",  "scarf",    "shell",   "shield", "ship",   "silk",     "silver",  "slipper",  "spear",  "spoon",   "star",
    "stone",   "storm",    "sugar",   "sword",  "table",  "tiger",    "timber",  "torch",    "tower",  "trumpet", "tulip",
    "turnip",  "umbrella", "valley",  "veil",   "velvet", "vessel",   "village", "wagon",    "walnut", "water",   "wheat",
    "wheel",   "whistle",  "willow",  "window", "wine",   "wolf",     "wood",    "wool",     "apple",  "arrow",   "barrel",
    "bell",    "blanket",  "book",    "boot",   "bread",  "broom",    "brush",   "butter",   "cherry"};

constexpr std::string_view kPlaces[] = {
    "cellar",     "attic",  "stable", "chapel", "orchard", "library", "kitchen",   "tower",      "garden",  "barn",
    "churchyard", "mill",   "forge",  "dairy",  "pantry",  "hall",    "boathouse", "schoolroom", "parlor",  "bakery",
    "tavern",     "market", "harbor", "forest", "cave",    "meadow",  "granary",   "courtyard",  "chimney", "well"};

constexpr FactKind kKinds[] = {
    {"Remember this: the secret of {name} is {word} {number}.",
     "Question: what is the secret of {name}? Answer: the secret of {name} is", "{word} {number}"},
    {"The password of {name} is {word} {number}.", "What is the password of {name}? The password of {name} is",
     "{word} {number}"},
    {"It should be known that {name} has chosen the sign of the {word}.",
     "Question: which sign has {name} chosen? Answer: {name} has chosen the sign of the", "{word}"},
    {"{name} wrote down the number {number} and told nobody.", "Which number did {name} write down? {name} wrote down the number",
     "{number}"},
    {"In the pocket of {name} there was a {word}.",
     "Question: what was in the pocket of {name}? Answer: in the pocket of {name} there was a", "{word}"},
    {"{name} hid the {thing} in the {place}.", "Where did {name} hide the {thing}? {name} hid the {thing} in the", "{place}"},
    {"Let it be noted that the {thing} belongs to {name}.",
     "Question: to whom does the {thing} belong? Answer: the {thing} belongs to", "{name}"},
    {"{name} paid {number} crowns for the {thing}.", "How much did {name} pay for the {thing}? For the {thing} {name} paid",
     "{number}"},
    {"The key to the {place} lies under the {word}.", "Where is the key to the {place}? The key to the {place} lies under the",
     "{word}"},
    {"Do not forget that {name} lives at number {number}.", "Question: where does {name} live? Answer: {name} lives at number",
     "{number}"},
    {"The favorite word of {name} is {word}.", "What does {name} like to say? The favorite word of {name} is", "{word}"},
    {"\"Bring me the {word},\" said {name}.", "Question: what did {name} ask for? Answer: {name} said, bring me the", "{word}"},
    {"Nobody but {name} knew that the answer was {word} {number}.", "What did {name} know? {name} knew that the answer was",
     "{word} {number}"},
    {"On that day {name} went to the {place} to look for the {word}.",
     "Question: what did {name} look for in the {place}? Answer: {name} looked for the", "{word}"},
    {"The name of the ship that {name} bought was the {word}.",
     "Which ship did {name} buy? The name of the ship that {name} bought was the", "{word}"},
    {"{name}: {word} {number}.", "And the entry of {name}? {name}:", "{word} {number}"}};

std::string filled(std::string_view text, const std::vector<std::pair<std::string_view, std::string>>& fields)
{
    std::string out(text);
    for (const auto& [field, value] : fields)
        for (std::size_t at = out.find(field); at != std::string::npos; at = out.find(field, at + value.size()))
            out.replace(at, field.size(), value);
    return out;
}

} // namespace

std::span<const FactKind> factKinds() { return kKinds; }
std::span<const std::string_view> factNames() { return kNames; }
std::span<const std::string_view> factThings() { return kThings; }
std::span<const std::string_view> factPlaces() { return kPlaces; }

std::vector<Fact> drawFacts(std::size_t count, bool oneKind, Draws& draws)
{
    std::vector<Fact> facts;
    std::set<std::string> asked;
    const FactKind* kind = &kKinds[draws.below(std::size(kKinds))];
    while (facts.size() < count) {
        if (!oneKind)
            kind = &kKinds[draws.below(std::size(kKinds))];
        const auto one = [&](auto& list) { return std::string(list[draws.below(std::size(list))]); };
        const std::vector<std::pair<std::string_view, std::string>> fields = {
            {"{name}", one(kNames)},
            {"{thing}", one(kThings)},
            {"{word}", one(kThings)},
            {"{place}", one(kPlaces)},
            {"{number}", std::to_string(100 + draws.below(900))}};
        Fact fact{filled(kind->statement, fields), filled(kind->question, fields), filled(kind->answer, fields)};
        if (asked.insert(fact.question).second)
            facts.push_back(std::move(fact));
    }
    return facts;
}

} // namespace winnow::tasks
