import { isIdentity } from "./sasl-text.ts";

/**
 * Classes of RFC 3454 that SASLprep names. Each is written as code points, since most of them have
 * no glyph: a reader could not tell one from another.
 */
const SPACES = /[\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000]/gu; // C.1.2
// B.1
const NOTHING = /[\u00ad\u1806\u200c\u2060\ufeff]|\u034f|[\u180b-\u180d]|\u200d|[\ufe00-\ufe0f]/gu;

const PROHIBITED = new RegExp(
  [
    String.raw`[\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000]`, // C.1.2: other spaces
    String.raw`[\u0000-\u001f\u007f]`, // C.2.1: controls of ASCII
    // C.2.2: other controls
    String.raw`[\u0080-\u009f\u06dd\u070f\u180e\u200c\u200d\u2028\u2029\u2060-\u2063]`,
    String.raw`[\u206a-\u206f\ufeff\ufff9-\ufffc\u{1d173}-\u{1d17a}]`,
    String.raw`[\ue000-\uf8ff\u{f0000}-\u{ffffd}\u{100000}-\u{10fffd}]`, // C.3: private use
    String.raw`\p{Noncharacter_Code_Point}`, // C.4
    String.raw`\p{Surrogate}`, // C.5
    String.raw`[\ufff9-\ufffd]`, // C.6: not for plain text
    String.raw`[\u2ff0-\u2ffb]`, // C.7: not for canonical representation
    String.raw`[\u0340\u0341\u200e\u200f\u202a-\u202e\u206a-\u206f]`, // C.8: change of display
    String.raw`[\u{e0001}\u{e0020}-\u{e007f}]`, // C.9: tags
  ].join("|"),
  "u",
);

/** D.1: letters that run from right to left. */
const RIGHT_TO_LEFT = [
  String.raw`\u05be\u05c0\u05c3\u05d0-\u05ea\u05f0-\u05f4\u061b\u061f\u0621-\u063a\u0640-\u064a`,
  String.raw`\u066d-\u066f\u0671-\u06d5\u06dd\u06e5\u06e6\u06fa-\u06fe\u0700-\u070d\u0710`,
  String.raw`\u0712-\u072c\u0780-\u07a5\u07b1\u200f\ufb1d\ufb1f-\ufb28\ufb2a-\ufb36\ufb38-\ufb3c`,
  String.raw`\ufb3e\ufb40\ufb41\ufb43\ufb44\ufb46-\ufbb1\ufbd3-\ufd3d\ufd50-\ufd8f\ufd92-\ufdc7`,
  String.raw`\ufdf0-\ufdfc\ufe70-\ufe74\ufe76-\ufefc`,
].join("");
const HAS_RIGHT_TO_LEFT = new RegExp(`[${RIGHT_TO_LEFT}]`, "u");
const FRAMED_RIGHT_TO_LEFT = new RegExp(`^[${RIGHT_TO_LEFT}](?:.*[${RIGHT_TO_LEFT}])?$`, "su");
/** D.2 by general category: its 360 ranges less a few symbols, which no name is made of. */
const LEFT_TO_RIGHT = new RegExp(
  String.raw`(?![${RIGHT_TO_LEFT}])(?![0-9\u0660-\u0669\u06f0-\u06f9])[\p{L}\p{Nl}\p{Mc}\p{Nd}]`,
  "u",
);
const PLAIN = /^[\x20-\x7e]*$/;

/**
 * Prepares a name or password so that one that looks the same is the same (SASLprep, RFC 4013).
 * `undefined` when it has what may not be in there, or mixes directions (RFC 3454 §6).
 *
 * Code points that Unicode 3.2 did not have are let through in stored strings too, normalized by
 * the Unicode of today: §2.5 would refuse most emoji and a dozen living scripts.
 */
export function saslprep(text: string): string | undefined {
  if (PLAIN.test(text)) return text;
  const mapped = text.replace(SPACES, " ").replace(NOTHING, "").normalize("NFKC");
  if (PROHIBITED.test(mapped)) return undefined;
  if (!HAS_RIGHT_TO_LEFT.test(mapped)) return mapped;
  return FRAMED_RIGHT_TO_LEFT.test(mapped) && !LEFT_TO_RIGHT.test(mapped) ? mapped : undefined;
}

/**
 * A password as it is hashed and compared, at every door and when it is set. One that SASLprep
 * refuses is only composed (NFC): RFC 8265 §4.2, which has replaced SASLprep for passwords, forbids
 * less, and a Hebrew password that ends in a digit must still be of use to its owner.
 */
export function preparePassword(password: string): string {
  return saslprep(password) ?? password.normalize("NFC");
}

/** A user name as it is looked up (SASLprep); `undefined` when there is none, or a bad one. */
export function prepareName(name: string): string | undefined {
  const prepared = isIdentity(name) ? saslprep(name) : undefined;
  return prepared === "" ? undefined : prepared;
}
