import { RE2JS } from "re2js";
import { RECIPIENT_ATTRIBUTES } from "./recipient-attributes.ts";
import type { SettingType } from "./setting.ts";
import { checkLine, listOf, Problem, scalarType } from "./setting-types.ts";

/** Characters of one word or pattern; entries of one condition. */
const TEXT_MAX = 2048;
const ENTRIES_MAX = 2000;
/** Instructions of one compiled pattern: `(x{1000}){1000}` is short and would take the memory. */
const PROGRAM_MAX = 20_000;

/** Words and phrases, found as whole words in any case. */
export function words(): SettingType<readonly string[]> {
  return listOf(word(), { max: ENTRIES_MAX });
}

function word(): SettingType<string> {
  return scalarType({
    label: "word or phrase",
    suffix: "",
    form: { kind: "text", charactersMax: TEXT_MAX },
    parse(text) {
      if (text.trim() !== text || text === "") {
        return new Problem("is not a word; it must not be empty nor begin or end with a space");
      }
      return checkLine(text, { max: TEXT_MAX });
    },
  });
}

/** Regular expressions, found anywhere in the text, in any case. */
export function patterns(): SettingType<readonly string[]> {
  return listOf(pattern(), { max: ENTRIES_MAX });
}

function pattern(): SettingType<string> {
  return scalarType({
    label: "pattern (RE2)",
    suffix: "",
    form: { kind: "text", charactersMax: TEXT_MAX },
    parse(text) {
      if (text === "") return new Problem("is empty, and would match everything");
      const line = checkLine(text, { max: TEXT_MAX });
      if (line instanceof Problem) return line;
      return patternProblem(text) ?? text;
    },
  });
}

/** As rules use it: in any case. @throws when it is no RE2 pattern; settings have been checked */
export function compilePattern(text: string): RE2JS {
  return RE2JS.compile(text, RE2JS.CASE_INSENSITIVE);
}

/** Look-around and back-references have no bound in time, and RE2 has neither. */
function patternProblem(text: string): Problem | undefined {
  try {
    if (compilePattern(text).programSize() <= PROGRAM_MAX) return undefined;
    return new Problem("is too large a pattern; use smaller repetitions");
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return new Problem(
      `is not a pattern that can be matched in bounded time (RE2: no look-around, no ` +
        `back-references): ${reason}`,
    );
  }
}

const ATTRIBUTES: ReadonlySet<string> = new Set(
  [...Object.keys(RECIPIENT_ATTRIBUTES), "email", "userLogonName"].map((one) => one.toLowerCase()),
);

/** The name of an attribute of recipients, as `Department`. */
export function attributeName(): SettingType<string> {
  return scalarType({
    label: "attribute of a recipient",
    suffix: "",
    parse: (text) =>
      ATTRIBUTES.has(text.toLowerCase()) ? text : new Problem(`is no attribute; ${AS_IN}`),
  });
}

const AS_IN = "write Department, Title, Company, City, CustomAttribute1 or another one";

/** `Department:Sales,Human Resources`: an attribute, and words of which one has to be in it. */
export function attributeWords(): SettingType<readonly string[]> {
  return listOf(attributeText("word"), { max: ENTRIES_MAX });
}

/** `Title:^Head of`: an attribute and a regular expression. */
export function attributePatterns(): SettingType<readonly string[]> {
  return listOf(attributeText("pattern"), { max: ENTRIES_MAX });
}

function attributeText(kind: "word" | "pattern"): SettingType<string> {
  return scalarType({
    label: kind === "word" ? "Attribute:words" : "Attribute:RE2",
    suffix: "",
    parse(text) {
      const [name, value] = cutProperty(text);
      if (!ATTRIBUTES.has(name.toLowerCase()) || value === "") {
        return new Problem(`is not an attribute, a colon and a ${kind}; ${AS_IN}`);
      }
      const line = checkLine(text, { max: TEXT_MAX });
      if (line instanceof Problem) return line;
      return (kind === "pattern" ? patternProblem(value) : undefined) ?? text;
    },
  });
}

/** `Property:word,word`: a property of an attached document, and words of which one is in it. */
export function propertyWords(): SettingType<readonly string[]> {
  const item = scalarType({
    label: "Property:word,word",
    suffix: "",
    parse(text) {
      const [name, value] = cutProperty(text);
      if (name === "" || value === "") {
        return new Problem("is not a property, a colon and a word, as in Confidentiality:secret");
      }
      return checkLine(text, { max: TEXT_MAX });
    },
  });
  return listOf(item, { max: ENTRIES_MAX });
}

/** The name before the first colon, and the rest. */
export function cutProperty(text: string): readonly [name: string, value: string] {
  const colon = text.indexOf(":");
  return colon < 1 ? ["", ""] : [text.slice(0, colon).trim(), text.slice(colon + 1).trim()];
}

/** The name of a header field (RFC 5322 §3.6.8). */
export function fieldName(): SettingType<string> {
  return scalarType({
    label: "header field name",
    suffix: "",
    form: { kind: "text", charactersMax: 128 },
    parse: (text) =>
      /^[!-9;-~]{1,128}$/.test(text)
        ? text
        : new Problem("is not the name of a header field; write one as in X-Department"),
  });
}

/** 5.7.1, or 5.7.900 to 5.7.999 (reference §10.3). */
export function rejectStatus(): SettingType<string> {
  return scalarType({
    label: "5.7.1 or 5.7.900–5.7.999",
    suffix: "",
    parse: (text) =>
      text === "5.7.1" || /^5\.7\.9\d\d$/.test(text)
        ? text
        : new Problem("is not a status of a rule; write 5.7.1, or one of 5.7.900 to 5.7.999"),
  });
}
