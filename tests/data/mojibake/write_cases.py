"""Writes cases.jsonl: texts, and what ftfy 6 makes of them. Needs `pip install 'ftfy>=6,<7'`."""

import json
import pathlib

import ftfy
import ftfy.bad_codecs  # noqa: F401 (registers the encodings)

WORDS = """
café crème brûlée|Über|señor|Москва|日本語|😀|½ cup|± 5°|à la carte|à la mode|Ελλάδα|déjà vu|Łódź|İstanbul|cup of tea|
Apple™|猫|狗|魚|山|水|jalapeño|façade|smörgåsbord|Ångström|São Paulo|ñandú|straße|œuvre|cœur|voilà|où|žába|kůň|żółw|ő|
çiçek|Київ|γάτα|قطة|שלום|고양이|カメラ|“quoted”|it’s|rock ’n’ roll|a – b|ellipsis…|• point|€5|£5|§ 5|© 2020|Nike®|5 °C|x²|
¿qué?|«guillemets»|1×2|→ arrow|★ star|☕ coffee|❤️ love|🐱 cat|Pokémon|tiếng Việt|ไทย|हिन्दी|ªº|π|≤|Hawaiʻi
"""

PAGES = ("latin-1", "sloppy-windows-1252", "sloppy-windows-1251", "sloppy-windows-1250", "macroman", "cp437")

TEXTS = ["cupÂ of tea", "Ã la carte", "VOILÃ !", "dÃ©jÃ  vu", "Ã quele", "Ã s vezes", "çŒ«", "Appleâ„¢", "â„¢", "100Â %",
         "Â£5", "Â", "Ã", "Ã©", "CAFÃ‰", "â€œcatâ€", "â€œcatâ€\ufffd", "caf\ufffd", "cafï¿½", "Ã­sland", "itâ€s", "ï»¿cat",
         "Ã\u0192Â©", "éÃ©", "Ã©é", "ø_ø", "(°ò°)", "50 €", "DVOŘÁK", "CAFÉ™", "naïve œuvre", "Ø§Ù„", "ÃŒBER", "¬ªº"]


def texts():
    yield from TEXTS
    for word in WORDS.replace("\n", "").split("|"):
        yield word
        for page in PAGES:
            yield word.encode().decode(page)
        misread = word.encode().decode("sloppy-windows-1252")
        yield misread.replace("\xa0", " ")
        yield misread.encode().decode("sloppy-windows-1252")
        yield f"a photo of {misread}"
        yield f"{word} {misread}"
        yield word.encode().decode("cp1252", "replace")


with open(pathlib.Path(__file__).parent / "cases.jsonl", "w", encoding="utf-8") as file:
    for text in dict.fromkeys(texts()):
        print(json.dumps([text, ftfy.fix_text(text)]), file=file)
