"""Whether a sentence can be quoted: `fault` says why it must not be, `leans` whether it needs the one before it.

Rules over plain text. They would rather lose a good sentence than quote a shard: a digest has more than enough to
choose from.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from aiwriter.text.rarity import rarity
from aiwriter.text.words import content_words, is_stop_word, stem, word_set, words

SHORTEST, LONGEST = 3, 60  # words
ALONE = 6  # words a sentence should have to stand by itself


# ── what must not be quoted at all ───────────────────────────────────────────────────────────────────────────────────

_MARKUP = re.compile(r"[|{}<>\\@©•■►▶→↑^~*#_=]|https?:|[a-z]://|www\.|\[\[|\]\(|\]\]|\t|\ufffd|&\w+;")
_LEFTOVER = re.compile(
    r"\[(?:\^?\d+|\w|note \d+|nb \d+|update|edit|citation needed|who\?|when\?)\]"  # reference marks
    r"|\(\s*[;,)]|\s[,;](?=\s)|(?<!\.)\.\.(?!\.)|\s:\s?\d|,\s*,|\s\.(?:\s|$)|\.[\"”]\."  # template holes
    r"|\((?:see|cf\.) |\[[Ll]augh(?:s|ing|ter)\]|\w\[[A-Z]\w+\]"  # to another page of the site, to a list of works
    r"|[a-zà-ÿ0-9)]\.[A-Z][a-zà-ÿ]"  # "…an award.The film": two sentences glued together
)
_BROKEN_END = re.compile(
    r"(?:\s[A-Z]|\b(?:U\.S|U\.K|Inc|Ltd|Co|Corp|Mr|Mrs|Ms|Dr|St|Gen|Col|Lt|Sgt|Gov|Sen|Rep|Prof|vs|c|ca|cf|"
    r"No|Nos|e\.g|"
    r"i\.e))\.[\"”’)\]]*$"
)
_END = re.compile(r"[.!…][\"”’»)\]]*$")
_START = re.compile(r"[\"“‘«(]?[^\W_]")
_ONLY_NAMED = re.compile(r"([^,]+), (?:which|who|whose|where)\b[^,]*$")  # "An element, which shows the size."
_ASIDE_FIRST = re.compile(r"\([^()]*\)\s+[a-z]")  # what it speaks of stood before the bracket
_BOILERPLATE = re.compile(
    r"(?i)\b(?:cookies?\b|newsletter|subscri(?:be|ption)\b.{0,40}\b(?:now|today|us|our|free)|all rights reserved|"
    r"click (?:here|on|below)|tap (?:here|below)|read more|find out more|learn more|sign up|log ?in\b|privacy policy|"
    r"terms (?:of|and) (?:use|service|conditions)|share (?:this|on)|follow us|copyright|skip to|back to top|javascript|"
    r"your browser|advertisement|press (?:contact|office)|media (?:contact|enquir)|for (?:more|further) information|"
    r"notes? (?:to|for) editors|photo(?:graph)? (?:by|credit|courtesy)|image (?:by|credit|courtesy)|courtesy of|"
    r"last (?:updated|modified)|page \d+ of|this (?:page|website|site|article|sheet|"
    r"document|file|section|chapter|report|memo|brief|bulletin|booklet)\b|"
    r"table of contents|opening hours|as follows|\bbelow\.$|"
    r"the following (?!(?:year|month|week|day|season)\b)(?:\w+ ){1,3}"
    r"(?:is|are|was|were|has|have|can|may|should|must)\b|"
    r"(?:ha(?:s|ve)|had|are|is) the following\b|not responsible for the content|external links\b|"
    r"can be (?:found|seen|heard|read|viewed|watched) (?:below|above|here)\b|"
    r"(?:in|see) (?:section|chapter|appendix|table|figure) \d|"
    r"consult the (?:\w+ )?(?:reference|manual|documentation)|for more (?:discussion|details|on|about)\b)"
)
_OPENING = re.compile(
    r"(?i)(?:because\b[^,]*$|about (?:us|the|this)\b.{0,60}$|please\b|see\b(?! [a-z]+ing)|note that|note:|"
    r"visit\b|call us|contact\b|here(?:['’]s| is| are) (?:what|how|why|where|an?|some|the)\b|get ready\b|"
    r"e-?mail\b|download|(?:fig(?:ure|\.)|table|photo|image|picture|pictured|chart|map|above|left|right|below|caption)\s*"
    r"(?:\d|:|\()|selected\b.{0,40}:|as seen (?:in|on)|q:|a:|by [A-Z]\w+ [A-Z]\w+$)"
)
_REFERENCE = re.compile(
    r"(?i)\b(?:doi|isbn|issn|arxiv:|pp?\. ?\d|vol\. ?\d|retrieved (?:on )?\d|archived from|et al\.,? \(?\d{4}|"
    r"accessed (?:on )?\d|\(eds?\.\)|university press[,.]|\d+\(\d+\):\d+)"
    r"|^[A-Z][\w'’-]+, [A-Z]\.(?: ?[A-Z]\.)*|[A-Z]\.,? \(\d{4}[a-z]?\)|“[^”]+[,.]” [A-Z][\w ]+,? \d{4}"
)
_FIRST_PERSON = re.compile(r"\b(?:I|I['’](?:m|ve|d|ll)|[Mm]y|[Mm]yself|[Mm]e)\b")
_SECOND_PERSON = re.compile(r"\b[Yy]ou(?:rs?|rself)?\b")
_ORDER = re.compile(  # "Connect the lines.", "Turn off each pump."
    r"(?!\w+(?:ing|ly) )[A-Z][a-z]+ (?:(?:up|down|off|out|on|in) )?(?:the|an?|all|each|every|your|it|them|both|any)\b"
)
_QUOTED = re.compile(r"“[^”]*”|\"[^\"]*\"|«[^»]*»|‘[^’]*’(?!\w)")
_BRACKETED = re.compile(r"\([^()]*\)")
_PAIRS = (("“", "”"), ("(", ")"), ("[", "]"), ("«", "»"))

_VERBS = word_set(
    """is are was were be been has have had do does did will would can could may might must shall should became become
    becomes began begins begin made makes make took takes take gave gives give went goes go came comes come got gets
    get said says say saw sees see knew knows know thought thinks think found finds find told tells tell felt feels
    left leaves leave put puts kept keeps keep let lets held holds hold brought brings bring wrote writes write stood
    stands stand lost loses lose paid pays pay met meets meet ran runs run set sets led leads lead spoke speaks spent
    spends grew grows grow won wins win bought buys built builds build sent sends fell falls fall rose rises rise drew
    draws broke breaks chose sold sells shot struck fought taught caught sought wore threw flew drove rode sang sank
    swam hit cut hurt cost costs cast burst spread lies lie lay sat sits slept swept dealt meant means mean read laid
    shut split bore born sprang began hung won shook forbade arose woke need needs remain remains contain contains
    include includes consist consists occur occurs appear appears seem seems carry carries use uses help helps show
    shows allow allows require requires provide provides depend depends belong belongs exist exists differ differs
    cover covers form forms play plays serve serves lives live work works offers offer produces produce causes cause
    affects affect continues continue follows follow describes describe reports report suggests suggest states state
    reads receives receive fed fled sped bled bred ate drank slid stuck swore stole tore wept wound withdrew overcame
    underwent undertook foresaw forecast hid lent lit leapt learnt overtook withstood forgot forgave froze spun clung
    dug fit quit rid"""
)
_FINITE = re.compile(
    r"\b[a-z]{3,}(?:ed|[^s\W]s)(?:ly)? (?:the|a|an|its|his|her|their|to|in|on|at|from|with|by|that|no|not|out|up|into|"
    r"over|about|between|as|for|only|more|less|every|each|all|both|some|one|two|three|four|five|six|seven|eight|nine|"
    r"ten|\d+|around|across|through|under|after|before|off|down|back|within|without|along|against|behind)\b"
    r"|\b[a-z]{2,}ed\b|n['’]t\b|['’](?:s|re|ve|ll|d)\b"
)


def is_verb(word: str) -> bool:
    """Whether a word as it stands is a form of a common English verb (it may be a noun too, as "costs")."""
    return word in _VERBS


def fault(sentence: str, language: str = "en", *, instructs: bool = False) -> str | None:
    """Why this must not be quoted ("fragment", "question", "markup" …), or None. White space is taken as single.

    In a text that `instructs`, "you" is the reader, and an order is a whole sentence.
    """
    found = next((name for name, wrong in _FAULTS if wrong(sentence, language)), None)
    if instructs and found in {"second person", "no verb"}:
        return found if not (_is_order(sentence) or _second_person(sentence, language)) else None
    return found


def _wrong_length(sentence: str, _language: str) -> bool:
    return not SHORTEST <= len(sentence.split()) <= LONGEST


def _no_sentence(sentence: str, language: str) -> bool:
    first = _START.match(sentence)
    if first is None or sentence[first.end() - 1].islower() or _ASIDE_FIRST.match(sentence):
        return True
    named = _ONLY_NAMED.match(sentence)
    if named and _no_verb(named[1], language):
        return True
    return _END.search(sentence) is None or _BROKEN_END.search(sentence) is not None


def _question(sentence: str, _language: str) -> bool:
    return "?" in _QUOTED.sub("", sentence)


def _unbalanced(sentence: str, _language: str) -> bool:
    return sentence.count('"') % 2 == 1 or any(sentence.count(a) != sentence.count(b) for a, b in _PAIRS)


def _shard(sentence: str, language: str) -> bool:
    """Rows of tables and lists: hardly a little word between the figures and names, or capitals throughout. What a
    definition has in brackets (how a name is said and written, years of a life) does not count."""
    bare = _BRACKETED.sub("", sentence, count=1)
    tokens = words(bare if len(words(bare)) >= ALONE else sentence)
    if not tokens:
        return True
    numbers = sum(token[0].isdigit() for token in tokens)
    little = sum(is_stop_word(token, language) for token in tokens)
    few_little = language == "en" and little / len(tokens) < 0.12
    letters = [letter for letter in sentence if letter.isalpha()]
    shouting = sum(letter.isupper() for letter in letters) > 0.5 * len(letters)
    return few_little or shouting or numbers > 0.4 * len(tokens) or sentence.count(";") > 4


def _no_verb(sentence: str, language: str) -> bool:
    if language != "en":
        return False
    return not any(token in _VERBS for token in words(sentence)) and _FINITE.search(sentence) is None


def _first_person(sentence: str, _language: str) -> bool:
    """Outside quotation marks nobody knows who "I" is."""
    return _FIRST_PERSON.search(_QUOTED.sub("", sentence)) is not None


def _second_person(sentence: str, _language: str) -> bool:
    return _SECOND_PERSON.search(_QUOTED.sub("", sentence)) is not None


def _is_order(sentence: str) -> bool:
    first = sentence.split(maxsplit=1)[0].lower()
    return _ORDER.match(sentence) is not None and not is_stop_word(first)


_FAULTS = (
    ("length", _wrong_length),
    ("question", _question),
    ("markup", lambda sentence, _: _MARKUP.search(sentence) is not None),
    ("fragment", _no_sentence),
    ("unbalanced", _unbalanced),
    ("leftover", lambda sentence, _: _LEFTOVER.search(sentence) is not None),
    ("boilerplate", lambda sentence, _: bool(_BOILERPLATE.search(sentence) or _OPENING.match(sentence))),
    ("reference", lambda sentence, _: _REFERENCE.search(sentence) is not None),
    ("shard", _shard),
    ("first person", _first_person),
    ("no verb", _no_verb),
    ("second person", _second_person),  # last: what else is wrong counts first
)

# ── what needs the sentence before it ────────────────────────────────────────────────────────────────────────────────

_LEANING_FIRST = {
    "en": word_set(
        """he she they it this that these those such his her hers their theirs its him them however therefore thus
        hence moreover furthermore additionally meanwhile consequently nevertheless nonetheless instead otherwise
        similarly likewise accordingly conversely besides indeed still yet and but or nor so also then later
        afterwards afterward subsequently thereafter here both either neither another other others former latter
        alternatively specifically again together elsewhere overall finally secondly thirdly lastly too rather though
        soon eventually ultimately notably importantly interestingly unfortunately fortunately perhaps clearly earlier
        next why same previously formerly simultaneously separately whereupon thereby therein"""
    ),
    "de": word_set(
        """er sie es dies diese dieser dieses diesem jene jener sein seine ihr ihre doch aber und oder denn deshalb
        daher dadurch darum damit dabei dann danach später jedoch außerdem zudem ferner auch so hier dort beide andere
        solche allerdings trotzdem dennoch stattdessen"""
    ),
    "fr": word_set(
        """il elle ils elles ce cet cette ces celui celle ceux son sa ses leur leurs mais et ou donc ainsi puis
        ensuite cependant toutefois pourtant aussi alors enfin ici là en y"""
    ),
    "es": word_set(
        """él ella ellos ellas esto este esta estos estas ese esa esos esas aquel su sus pero y o luego entonces
        después además sin también así por aquí allí ambos"""
    ),
}
_LEANING_START = re.compile(
    r"(?i)(?:the \w+ (?:also|too|then|however|therefore)\b|"
    r"as a result|in addition|on a (?:similar|related|different|lighter) note|"
    r"for (?:example|instance|this|these|that reason)|(?:in|by) (?:contrast|comparison)|"
    r"on the (?:other|one|contrary|same)|at (?:the same|that|this|the) (?:time|point|moment|stage|event|meeting)\b|"
    r"in (?:response|turn|fact|particular|doing|so doing|total|all|either case|both cases|short|general|other words|"
    r"related news|reaction|return|the (?:end|process|meantime|same|following|latter|former|second half|first half))\b|"
    r"(?:some|many|most|all|one|two|three|none|each|several|few|both|part|half|neither|any) of "
    r"(?:these|those|them|this|that|which|the (?:two|three|others|latter))|"
    r"among (?:these|those|them|others)|(?:since|until|by|before|after|from) (?:then|there|that)\b|"
    r"(?:\w+ ){1,3}(?:later|earlier|afterwards?|thereafter)\b|(?:\w+ ){1,3}(?:after|before)(?:,| that\b)|"
    r"(?:[\w-]+ ){0,3}(?:this|these|those|such|the same|the latter|the former|the following)\b|"
    r"as part of (?:the|this|that) (?:deal|agreement|settlement|merger|project|programme|program|campaign|plan)\b|"
    r"(?:by default|in practice|normally|usually|typically|often|sometimes|initially|generally),? "
    r"(?:he|she|it|they)\b|"
    r"(?:in|on|during|at|from|by|under) (?:(?!['’]s\b)[^,;]){1,60}?(?:,|\b\d{4},?) (?:it|he|she|they) "
    r"(?:is|was|are|were|has|have|had|would|will|[a-z]+ed)\b|"
    r"[\w.’'-]+(?: [\w.’'-]+){0,2},? (?:therefore|however|(?:can |could )?instead)\b|"
    r"[A-Z][\w.’'-]+ then (?:[a-z]+ed|won|went|took|made|became|came|got|gave|said|began|ran|led|found|wrote)\b|"
    r"(?:in|after|before|since|until|at|by|during|of|from|with|to|on|under|for) that \w+|"
    r"the (?:second|third|fourth|fifth|other|others|latter|former|same|following|next(?! (?-i:[A-Z]))|previous|"
    r"resulting|remaining|(?:two|three|four)(?! \w+ (?:of|that|which|who|on|in|at|to|available|between)\b)|"
    r"pair|duo|rest|new one|reason|result|results|latest|"
    r"aforementioned|above|second half|first half|"
    r"answer|question|idea|decision|move|incident|remark|remarks|comment|comments)\b(?! (?:to|that|of|why|whether)\b)|"
    r"the first (?:was|were|is|had|of (?:these|those|them)|,)|"
    r"(?:one|some|most|few|all|each|none|several) (?:was|were|is|are|had|has|have)\b|even (?:so|then|though)|"
    r"if so|as such|as of then|to (?:do so|this end)|along with|"
    r"following (?:this|that)\b|despite (?:this|that|these)\b|only (?:then|after)|that is\b|that was\b|"
    r"there (?:is|are|was|were) (?:an? |the )?(?:second|third|fourth|another|others?|also|further|more|no other)\b|"
    r"there(?:fore|after|by)\b|like(?:wise)?\b|unlike (?:the|these|those)\b|first(?:ly)?,|second(?:ly)?,|third(?:ly)?,|"
    r"no,|yes,|well,|nor\b)"
)
# "It is unclear why …", "It costs nothing to …": this "it" means what follows.
_POINTS_ON = re.compile(
    r"(?i)it(?:['’]s| (?:is|was|has been|had been|seems|remains|became|takes|took|costs?)) (?:not |also |now |still )?"
    r"(?!(?:there|here|then|this|that|the|an?|in|on|at) )(?:\w+ly )?\w+(?: for [\w ]{2,40}?)? "
    r"(?:that|why|how|whether|who|when|where|if|for|to)\b"
)
# "… that winter", "in these cases": which ones, the sentence before must say.
_POINTING = re.compile(
    r"^(?:\S+ ){0,4}(?:that|those) (?:years?|winters?|summers?|springs?|autumns?|days?|nights?|weeks?|months?|"
    r"times?|periods?|seasons?|"
    r"evenings?|mornings?|moments?|eras?|decades?|events?|decisions?|meetings?)\b|"
    r"\bthe aforementioned\b|\bon the matter\b|"
    r"^(?:\S+ ){0,9}(?:this|these|such) (?!(?:is|was|as|that|file|page|document|library|package|project)\b)[a-z]"
)
_ALL_QUOTED = re.compile(r"[\"“][^\"“”]*[\"”]")  # who says so?
_DATE_WORDS = frozenset(
    stem(word)
    for word in word_set(
        """january february march april may june july august september october november december spring summer autumn
        winter fall monday tuesday wednesday thursday friday saturday sunday year month week day morning afternoon
        evening night early late mid beginning end century decade start season time age old first last next match game
        half quarter round event"""
    )
)
_PERSONAL = re.compile(r"\b(?:he|she|him|her|his|hers|himself|herself)\b", re.IGNORECASE)
_PLURAL = re.compile(r"\b(?:they|them|their|theirs|themselves)\b", re.IGNORECASE)
_NEUTRAL = re.compile(r"\b(?:it|its|itself)\b(?! (?:is|was|has been|seems|appears|would be|became) \w+ (?:that|to)\b)")
_FIRST_IT = re.compile(
    r"(?i)(?:until|once|before|after|while|because|although|though) it\b"
)  # "Until it is built, a ship …"
_CAPITAL_WORD = re.compile(r"\b[A-ZÀ-ÖØ-Þ][\w'’-]+")
_DEFINITE = re.compile(r"(?:The) ([a-z][\w-]+)(?: ([\w'’-]+))?")
_AFTER_NOUN = word_set("of in that which who whose for at on between from to with under behind")


def leans(sentence: str, language: str = "en", known: Collection[str] = ()) -> bool:
    """Whether it cannot stand alone: a pronoun, connective or "the committee" that points to the sentence before.

    `known` holds stems a reader has in mind anyway (of the topic, the title, the headings): "the ship" is clear then.
    """
    return len(words(sentence)) < ALONE or points_back(sentence, language, known)


def points_back(sentence: str, language: str = "en", known: Collection[str] = ()) -> bool:
    """The same, however short it is: nothing but a word that points to the sentence before."""
    tokens = words(sentence)
    if tokens and re.split("['’]", tokens[0])[0] in _LEANING_FIRST.get(language, frozenset()):  # "it's", too
        return not (language == "en" and _POINTS_ON.match(sentence))
    if language != "en":
        return False
    bare = sentence.lstrip('"“‘«([')
    if _LEANING_START.match(bare) or _POINTING.search(_QUOTED.sub(" ", sentence)) or _ALL_QUOTED.fullmatch(sentence):
        return True
    return _lost_pronoun(_QUOTED.sub(" ", sentence)) or _lost_noun(bare, known)


def _lost_pronoun(sentence: str) -> bool:
    """A pronoun before anything it could stand for."""
    person, plural, neutral = _PERSONAL.search(sentence), _PLURAL.search(sentence), _NEUTRAL.search(sentence)
    if person and not _names_before(sentence[: person.start()]):
        return True
    if plural:
        before = sentence[: plural.start()]
        several = any(word.endswith("s") and not is_stop_word(word) for word in words(before))
        if not (several or " and " in before or _names_before(before)):
            return True
    if _FIRST_IT.match(sentence):
        return False
    return neutral is not None and not _nouns_before(sentence[: neutral.start()])


def _names_before(text: str) -> bool:
    """Whether somebody was named: a capitalised word, at the start of the sentence only one that is no common word."""
    for match in _CAPITAL_WORD.finditer(text):
        word = match.group().lower()
        common = is_stop_word(word) or stem(word) in _DATE_WORDS
        if not common and (
            match.start() > 1 or (rarity(stem(word)) == 1.0 and not word.endswith(("ing", "ly", "body")))
        ):
            return True
    return False


def _nouns_before(text: str) -> bool:
    return any(not word[0].isdigit() and word not in _DATE_WORDS for word in content_words(text))


def _lost_noun(sentence: str, known: Collection[str]) -> bool:
    """ "The committee has …" when no committee is in the reader's mind; "the committee of the port" explains itself."""
    found = _DEFINITE.match(sentence)
    if not found or stem(found[1]) in known:
        return False
    second = found[2]
    if second is None or second[0].isupper() or second in _AFTER_NOUN:
        return False
    return second in _VERBS or second.endswith("ed") or second in {"also", "then", "later", "further"}


# ── passages that hold nothing to quote ──────────────────────────────────────────────────────────────────────────────

_BACK_MATTER = word_set("references bibliography citations footnotes endnotes notes sources") | {
    "works cited",
    "external links",
    "further reading",
    "see also",
    "notes and references",
    "references and notes",
    "scholarly sources",
    "selected publications",
    "contents",
    "table of contents",
}
_LINK = re.compile(r"https?://\S+|www\.\S+|ISBN[:\s]|doi:|\[\d+\] ")


def looks_like_references(text: str, headings: Collection[str] = ()) -> bool:
    """Whether a passage is a list of references or links: by the headings above it, or by what it is made of."""
    if any(heading.strip(" :").lower() in _BACK_MATTER for heading in headings):
        return True
    return len(_LINK.findall(text)) * 12 > len(text.split())
