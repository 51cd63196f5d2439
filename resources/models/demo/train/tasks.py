# SPDX-License-Identifier: GPL-3.0-or-later
"""Sequences to train and to measure on: prose, prose with planted facts that are asked for, repeated passages, repeated random tokens.

A sequence is a list of tokens that begins with <s>, and a tag for each token that says what predicting it means. Everything is drawn
from a numpy generator, so that a seed names a sequence; nothing else is remembered.
"""

import numpy as np

from wording import draw_facts

SKIPPED, PROSE, WORDING, ANSWER, COPY, RANDOM_COPY = range(6)
TAGS = ["skipped", "prose", "wording", "answer", "copy", "random copy"]
BEGIN = 0  # <s>
CUE = 6    # tokens of a repeated passage, its line ends among them, that may still be the beginning of anything


class Library:
    """Books as one array of tokens, and where prose may be cut."""

    def __init__(self, folder, name, tokenizer):
        self.tokens = np.load(folder / f"{name}.npy", mmap_mode="r")
        self.books = np.load(folder / f"{name}-books.npy")
        self.tokenizer = tokenizer
        texts = [tokenizer.id_to_token(entry) for entry in range(tokenizer.get_vocab_size())]
        self.newline = tokenizer.token_to_id("Ċ")
        self.spaced = np.array([text[0] == "Ġ" for text in texts])
        self.ends_sentence = np.array([text.rstrip("\"')").endswith((".", "!", "?")) for text in texts])

    def encode(self, text):
        return self.tokenizer.encode(text, add_special_tokens=False).ids

    def excerpt(self, random, count):
        """`count` tokens of one book, from the beginning of a paragraph where one is near."""
        books = np.flatnonzero(np.diff(self.books) > count + 600)
        lengths = np.diff(self.books)[books]
        book = books[random.choice(len(books), p=lengths / lengths.sum())]
        begin = random.integers(self.books[book], self.books[book + 1] - count - 500)
        ahead = np.asarray(self.tokens[begin:begin + 500])
        breaks = np.flatnonzero((ahead[:-2] == self.newline) & (ahead[1:-1] == self.newline))
        begin += breaks[0] + 2 if len(breaks) else 0
        return np.asarray(self.tokens[begin:begin + count])

    def whole(self, random, count):
        """The same, up to the last end of a sentence where it has one behind its first 24 tokens."""
        prose = self.excerpt(random, count)
        ends = np.concatenate(self.cuts(prose))
        ends = ends[ends >= 24]
        return prose[:ends.max()] if len(ends) else prose

    def cuts(self, prose):
        """Where something may be put into prose: before a paragraph's end [places] and after a sentence [places]."""
        paragraphs = np.flatnonzero((prose[:-1] == self.newline) & (prose[1:] == self.newline))
        sentences = np.flatnonzero(self.ends_sentence[prose[:-1]] & self.spaced[prose[1:]]) + 1
        return paragraphs, sentences

    def snap(self, place, cuts):
        """The place near `place` where prose may be cut, and whether a paragraph ends there."""
        if place == 0:
            return 0, False
        for candidates, reach, paragraph in ((cuts[0], 50, True), (cuts[1], 80, False)):
            if len(candidates):
                nearest = candidates[np.abs(candidates - place).argmin()]
                if abs(nearest - place) <= reach:
                    return int(nearest), paragraph
        return int(place), True


class Draft:
    """A sequence in the making: pieces of tokens with their tags."""

    def __init__(self):
        self.pieces = [(np.array([BEGIN]), np.array([SKIPPED]))]

    def add(self, tokens, tag):
        tokens = np.asarray(tokens, np.int64)
        self.pieces.append((tokens, np.full(len(tokens), tag) if np.isscalar(tag) else np.asarray(tag)))

    def finish(self, count):
        """Tokens [count] and tags [count]; what is too much is taken from the first long piece of prose."""
        excess = sum(len(tokens) for tokens, _ in self.pieces) - count
        if excess < 0:
            raise ValueError(f"sequence of {count + excess} tokens, {count} wanted")
        for i, (tokens, tags) in enumerate(self.pieces):
            if excess and len(tokens) > excess + 8 and tags[0] == PROSE:
                self.pieces[i] = tokens[excess:], tags[excess:]
                break
        tokens, tags = (np.concatenate(parts) for parts in zip(*self.pieces))
        return tokens[:count], tags[:count]


def prose(library, random, count):
    draft = Draft()
    draft.add(library.excerpt(random, count - 1), PROSE)
    return draft.finish(count)


def with_facts(library, random, count, facts, places):
    """`facts` of wording.draw_facts planted in `count` tokens of prose. places[i] = (of the fact, of its question), from 0 to 1;
    questions at 1 end the sequence, in the order of `facts`, and the last token of all is the last one of an answer."""
    encode = library.encode
    inserts = []
    for i, ((statement, question, answer), (planted, asked)) in enumerate(zip(facts, places)):
        inserts.append((planted, 0, i, statement, ""))
        inserts.append((asked, 1, i, question, answer))
    inserts.sort(key=lambda one: one[:3])
    room = count - 1 - sum(len(encode(" " + one[3])) + len(encode(one[4])) + 2 for one in inserts)
    if room < 64:
        raise ValueError(f"{len(facts)} facts leave no room for prose in {count} tokens")
    body = library.excerpt(random, room + 2 * len(inserts) + 8)
    room = len(body)
    cuts, draft, done = library.cuts(body), Draft(), 0
    for place, is_question, _, text, answer in inserts:
        cut, paragraph = (room, True) if place >= 1 else library.snap(int(place * room), cuts)
        cut = max(cut, done)
        draft.add(body[done:cut], PROSE)
        lead = [library.newline] * 2 + encode(text) if paragraph and cut else encode(text if cut == 0 else " " + text)
        draft.add(lead, WORDING)
        draft.add(encode(answer), ANSWER)
        if answer and not answer.endswith(".") and not place >= 1:
            draft.add(encode("."), WORDING)
        if cut == 0:
            draft.add([library.newline] * 2, WORDING)
        done = cut
    draft.add(body[done:], PROSE)
    return draft.finish(count)


def repeated_once(library, random, count):
    """Passages of prose, each of which comes once more, after anything from nothing to nearly the whole length. In half of the sequences
    each ends with a sentence, so that nothing but its words tells the repetition from something new."""
    excerpt = library.whole if random.random() < 0.5 else library.excerpt
    draft, length, waiting, ends = Draft(), 1, [], [library.newline] * 2
    while length < count:
        again = bool(waiting) and random.random() < 0.5
        if again:
            passage = waiting.pop(int(random.integers(len(waiting))))
        else:
            passage = excerpt(random, int(random.integers(24, 1 + min(200, count // 4))))
            waiting.append(passage)
        draft.add(passage, copy_tags(len(passage), COPY) if again else PROSE)
        draft.add(ends, SKIPPED)
        length += len(passage) + len(ends)
    tokens, tags = (np.concatenate(parts) for parts in zip(*draft.pieces))
    return tokens[:count], tags[:count]


def repeated_often(library, random, count, passages, between, tag, known):
    """Passages in any order with something new from `between` before each; from the second time on, a passage carries `tag`."""
    draft, length, seen = Draft(), 1, set()
    while length < count:
        which = int(random.integers(len(passages)))
        new = between()
        draft.add(new, known)
        draft.add(passages[which], copy_tags(len(passages[which]), tag) if which in seen else known)
        length += len(new) + len(passages[which])
        seen.add(which)
    tokens, tags = (np.concatenate(parts) for parts in zip(*draft.pieces))
    return tokens[:count], tags[:count]


def repeated_random(library, random, count):
    """Random tokens, many times over, with others between. A small alphabet asks for a match of several tokens."""
    vocabulary = library.tokenizer.get_vocab_size()
    alphabet = random.choice(np.arange(2, vocabulary), int(random.choice([24, 64, 256, 2048])), replace=False)
    passages = [random.choice(alphabet, random.integers(16, 1 + min(200, count // 3))) for _ in range(random.integers(1, 4))]
    return repeated_often(library, random, count, passages, lambda: random.choice(alphabet, random.integers(0, 30)), RANDOM_COPY, SKIPPED)


def repeated_prose(library, random, count):
    """Passages of prose, many times over, with other prose between."""
    passages = [library.excerpt(random, random.integers(24, 1 + min(250, count // 3))) for _ in range(random.integers(1, 5))]
    ends = [library.newline] * 2
    passages = [np.concatenate((ends, one)) for one in passages]
    reach = int(random.choice([40, 160, count // 3]))
    return repeated_often(library, random, count, passages, lambda: library.excerpt(random, random.integers(8, reach)), COPY, PROSE)


def copy_tags(count, tag):
    tags = np.full(count, tag)
    tags[:CUE] = SKIPPED
    return tags


def training_sequence(library, random, count, shares):
    """One sequence of `count` tokens. `shares` names how many of a hundred are prose, facts, copy and random."""
    kind = random.choice(["prose", "facts", "copy", "random"], p=np.array(shares) / sum(shares))
    if kind == "prose":
        return prose(library, random, count)
    if kind == "random":
        return repeated_random(library, random, count)
    if kind == "copy":
        return (repeated_once if random.random() < 0.7 else repeated_prose)(library, random, count)
    most = count // 85
    facts = draw_facts(random, int(random.integers(max(1, most // 2), most + 1)), one_kind=random.random() < 0.5)
    at_end = random.random() < 0.5
    places = []
    for _ in facts:
        planted = random.uniform(0, 0.95)
        places.append((planted, 1.0 if at_end else random.uniform(planted, 0.999)))
    return with_facts(library, random, count, facts, places)
