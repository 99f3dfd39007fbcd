import { type Domain, domainOf, parseAddress } from "../mail/address.ts";
import type { MessageAuthor } from "./message-author.ts";

/** What makes an author doubtful, in the words of the stamp. */
export const AUTHOR_SUSPICIONS = [
  "MissingFrom",
  "MultipleFromFields",
  "MultipleFromAddresses",
  "AmbiguousFrom",
  "AddressInName",
  "ProtectedName",
] as const;

/** One of AUTHOR_SUSPICIONS. */
export type AuthorSuspicion = (typeof AUTHOR_SUSPICIONS)[number];

/** What is known of our own people. */
export interface OwnPeople {
  /** As `foldName` gives them. */
  readonly foldedNames: ReadonlySet<string>;
  /** Whether addresses of the domain are ours to give. */
  readonly isOwnDomain: (domain: Domain) => boolean;
}

/**
 * What is doubtful about the author of a message. A name of one of our people is no doubt beside
 * an address in a domain of ours: whether that is forged, DMARC tells.
 */
export function suspectAuthor(
  author: MessageAuthor,
  people: OwnPeople,
): readonly AuthorSuspicion[] {
  const { fieldCount, addresses, displayName, domain, isClear } = author;
  if (fieldCount === 0 || (addresses.length === 0 && isClear)) return ["MissingFrom"];
  const found: AuthorSuspicion[] = [];
  if (addresses.length === 0) found.push("MissingFrom");
  if (fieldCount > 1) found.push("MultipleFromFields");
  if (addresses.length > 1) found.push("MultipleFromAddresses");
  if (!isClear && fieldCount === 1 && (addresses.length < 2 || domain !== undefined)) {
    found.push("AmbiguousFrom");
  }
  if (namesAnother(displayName, addresses)) found.push("AddressInName");
  const isOurs = domain !== undefined && people.isOwnDomain(domain);
  if (!isOurs && people.foldedNames.size > 0 && people.foldedNames.has(foldName(displayName))) {
    found.push("ProtectedName");
  }
  return found;
}

const ADDRESS = /[^\s<>"(),:;\\@]+@[^\s<>"(),:;\\@]+\.[^\s<>"(),:;\\@]+/g;

/** Whether the name has an address of another domain than the author's in it. */
function namesAnother(displayName: string, addresses: readonly string[]): boolean {
  // Looked at as it is shown: full-width letters and at signs are letters and at signs.
  const shown = displayName.normalize("NFKC").replace(INVISIBLE, "");
  const own = new Set(addresses.map((address) => address.slice(address.lastIndexOf("@") + 1)));
  return (shown.match(ADDRESS) ?? []).some((text) => {
    const named = parseAddress(text.replace(/[.'’]+$/, ""), { smtpUtf8: true });
    return named !== undefined && !own.has(domainOf(named));
  });
}

const INVISIBLE = /\p{Cf}/gu;

/** Letters of other scripts that look like Latin ones, and digits that pass for letters. */
const LOOKALIKES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    // Cyrillic
    а: "a",
    в: "b",
    е: "e",
    к: "k",
    м: "m",
    н: "h",
    о: "o",
    р: "p",
    с: "c",
    т: "t",
    у: "y",
    х: "x",
    ѕ: "s",
    і: "i",
    ј: "j",
    ԁ: "d",
    ԛ: "q",
    ԝ: "w",
    һ: "h",
    ӏ: "l",
    ь: "b",
    п: "n",
    г: "r",
    и: "u",
    // Greek
    α: "a",
    β: "b",
    ε: "e",
    η: "n",
    ι: "i",
    κ: "k",
    ν: "v",
    ο: "o",
    ρ: "p",
    τ: "t",
    υ: "u",
    χ: "x",
    ω: "w",
    γ: "y",
    μ: "u",
    ς: "c",
    σ: "o",
    // Latin letters and digits
    ı: "i",
    ł: "l",
    ø: "o",
    đ: "d",
    ħ: "h",
    ɑ: "a",
    ɡ: "g",
    ʟ: "l",
    ß: "b",
    "0": "o",
    "1": "l",
    "3": "e",
    "5": "s",
    "|": "l",
    "!": "i",
  }),
);

/**
 * A name in the form in which lookalikes are equal: without case, marks, invisible characters and
 * punctuation, with letters of other scripts as what they look like, its words in order, so that
 * `Archer, Alice` is `Alice Archer`.
 */
export function foldName(name: string): string {
  const plain = name
    .normalize("NFKD")
    .replace(/[\p{M}\p{Cf}]/gu, "")
    .toLowerCase();
  const latin = [...plain].map((character) => LOOKALIKES.get(character) ?? character).join("");
  const words = latin.replaceAll("rn", "m").replaceAll("vv", "w").replaceAll("i", "l");
  return (
    words
      .match(/[\p{L}\p{N}]+/gu)
      ?.toSorted()
      .join(" ") ?? ""
  );
}
