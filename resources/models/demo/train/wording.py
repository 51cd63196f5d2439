# SPDX-License-Identifier: GPL-3.0-or-later
"""What planted facts are about and how they are put. A fact is one sentence; it is asked for by a question and a lead, after which
the answer stands. Entries of HELD_OUT_* appear in no training sequence: evaluation asks how far the skill goes beyond them."""

import dataclasses

NAMES = """Harold Martha Edwin Clara Walter Agnes Arthur Bertha Cecil Dora Edgar Fanny George Hannah Isaac Julia Kate Laura Miles
Nora Oscar Peter Rachel Samuel Thomas Ursula Victor Wallace Ada Basil Caroline David Eleanor Felix Grace Hugh Irene James Lydia
Maurice Nancy Oliver Paul Robert Sarah Simon Susan Theodore Violet William Alice Benjamin Catherine Daniel Emily Francis Gilbert
Helen Jacob Jane Lewis Lucy Margaret Matthew Mary Philip Rose Ruth Stephen Tom Anna Charles Edward Elizabeth Frederick Henry Jack
John Joseph Louis Mark Martin Michael Richard Roger Anthony Bernard Christopher Dorothy Ellen Esther Florence Frank Geoffrey Harriet
Humphrey Isabel Jasper Jean Judith Leonard Louisa Marian Mildred Patrick Percy Ralph Rebecca Roland Sophia""".split()
HELD_OUT_NAMES = "Ernest Phoebe Gertrude Rupert Matilda Hector Winifred Conrad Beatrice Silas Augusta Lionel".split()

THINGS = """lantern harbor violin copper meadow candle saddle ribbon anchor basket bottle bridge button carpet castle chain chalk
clock cloud coat coin compass cradle crown curtain dagger desk diamond door drum eagle engine falcon feather fiddle flag flute
forest fountain garden garment glass glove goblet gold grape hammer harp hat helmet honey horse iron island ivory jewel kettle
kitchen knife ladder lamp leather lemon letter lily linen lion marble mask medal mirror monkey moon mountain needle oak onion orange
oven palace paper pearl pebble pencil pepper piano picture pillow pistol plate pocket purse rabbit raven ring river rope rose
saddle salt sandal scarf shell shield ship silk silver slipper spear spoon star stone storm sugar sword table tiger timber torch
tower trumpet tulip turnip umbrella valley veil velvet vessel village wagon walnut water wheat wheel whistle willow window wine
wolf wood wool apple arrow barrel bell blanket book boot bread broom brush butter cherry""".split()
HELD_OUT_THINGS = "thimble parrot cabbage hatchet cushion pigeon teapot mantle cannon bucket banner kernel".split()

PLACES = """cellar attic stable chapel orchard library kitchen tower garden barn churchyard mill forge dairy pantry hall boathouse
schoolroom parlor bakery tavern market harbor forest cave meadow granary courtyard chimney well""".split()
HELD_OUT_PLACES = "nursery greenhouse brewery belfry quarry vineyard".split()


@dataclasses.dataclass(frozen=True)
class Kind:
    statement: str  # with the fields {name}, {thing}, {place}, {number}, {word}
    question: str
    answer: str


KINDS = [
    Kind("Remember this: the secret of {name} is {word} {number}.",
         "Question: what is the secret of {name}? Answer: the secret of {name} is", "{word} {number}"),
    Kind("The password of {name} is {word} {number}.",
         "What is the password of {name}? The password of {name} is", "{word} {number}"),
    Kind("It should be known that {name} has chosen the sign of the {word}.",
         "Question: which sign has {name} chosen? Answer: {name} has chosen the sign of the", "{word}"),
    Kind("{name} wrote down the number {number} and told nobody.",
         "Which number did {name} write down? {name} wrote down the number", "{number}"),
    Kind("In the pocket of {name} there was a {word}.",
         "Question: what was in the pocket of {name}? Answer: in the pocket of {name} there was a", "{word}"),
    Kind("{name} hid the {thing} in the {place}.",
         "Where did {name} hide the {thing}? {name} hid the {thing} in the", "{place}"),
    Kind("Let it be noted that the {thing} belongs to {name}.",
         "Question: to whom does the {thing} belong? Answer: the {thing} belongs to", "{name}"),
    Kind("{name} paid {number} crowns for the {thing}.",
         "How much did {name} pay for the {thing}? For the {thing} {name} paid", "{number}"),
    Kind("The key to the {place} lies under the {word}.",
         "Where is the key to the {place}? The key to the {place} lies under the", "{word}"),
    Kind("Do not forget that {name} lives at number {number}.",
         "Question: where does {name} live? Answer: {name} lives at number", "{number}"),
    Kind("The favorite word of {name} is {word}.",
         "What does {name} like to say? The favorite word of {name} is", "{word}"),
    Kind('"Bring me the {word}," said {name}.',
         "Question: what did {name} ask for? Answer: {name} said, bring me the", "{word}"),
    Kind("Nobody but {name} knew that the answer was {word} {number}.",
         "What did {name} know? {name} knew that the answer was", "{word} {number}"),
    Kind("On that day {name} went to the {place} to look for the {word}.",
         "Question: what did {name} look for in the {place}? Answer: {name} looked for the", "{word}"),
    Kind("The name of the ship that {name} bought was the {word}.",
         "Which ship did {name} buy? The name of the ship that {name} bought was the", "{word}"),
    Kind("{name}: {word} {number}.",
         "And the entry of {name}? {name}:", "{word} {number}"),
]

HELD_OUT_KINDS = [
    Kind("The treasure of {name} is buried beside the {word}.",
         "Where is the treasure of {name} buried? The treasure of {name} is buried beside the", "{word}"),
    Kind("Everybody agreed that {name} carries the token {word} {number}.",
         "Question: which token does {name} carry? Answer: {name} carries the token", "{word} {number}"),
    Kind("The clock of {name} stopped at {number}.",
         "When did the clock of {name} stop? The clock of {name} stopped at", "{number}"),
    Kind("The horse of {name} is called {word}.",
         "Question: what is the horse of {name} called? Answer: the horse of {name} is called", "{word}"),
]


def draw_facts(random, count, held_out=False, one_kind=False):
    """`count` facts, no two with the same question, as (statement, question, answer); the answer begins with a space.
    `held_out` draws wording, names and words that training never sees."""
    kinds = HELD_OUT_KINDS if held_out else KINDS
    names = HELD_OUT_NAMES if held_out else NAMES
    things = HELD_OUT_THINGS if held_out else THINGS
    places = HELD_OUT_PLACES if held_out else PLACES
    facts, asked = [], set()
    kind = kinds[random.integers(len(kinds))]
    while len(facts) < count:
        if not one_kind or random.random() < 0.02:
            kind = kinds[random.integers(len(kinds))]
        fields = {"name": names[random.integers(len(names))], "thing": things[random.integers(len(things))],
                  "word": things[random.integers(len(things))], "place": places[random.integers(len(places))],
                  "number": str(random.integers(100, 1000))}
        question = kind.question.format(**fields)
        if question not in asked:
            asked.add(question)
            facts.append((kind.statement.format(**fields), question, " " + kind.answer.format(**fields)))
    return facts
