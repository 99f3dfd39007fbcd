import { parseCustomText } from "../../mail/custom-text.ts";
import { required, type SettingType } from "./setting.ts";
import { Problem, scalarType } from "./setting-types.ts";

/** Which notices a system message is for. */
interface SystemMessageName {
  readonly language: "En";
  readonly audience: "Internal" | "External";
  /** `5.7.1`: class 4 or 5. */
  readonly dsnCode: string;
}

const NAME = /^([A-Za-z-]{2,12})\\(Internal|External)\\([45]\.\d{1,3}\.\d{1,3})$/i;

/** Reads `En\Internal\5.7.1` in any case. */
export function parseSystemMessageName(text: string): SystemMessageName | undefined {
  const [, language = "", audience = "", dsnCode = ""] = NAME.exec(text) ?? [];
  if (language.toLowerCase() !== "en") return undefined;
  const isInternal = audience.toLowerCase() === "internal";
  return { language: "En", audience: isInternal ? "Internal" : "External", dsnCode };
}

function systemMessageName(): SettingType<string> {
  return scalarType({
    label: "language\\Internal or External\\status code",
    suffix: "",
    form: { kind: "text", charactersMax: 32 },
    parse(text) {
      const parsed = parseSystemMessageName(text);
      if (parsed !== undefined) return `${parsed.language}\\${parsed.audience}\\${parsed.dsnCode}`;
      const language = NAME.exec(text)?.[1];
      if (language !== undefined)
        return new Problem("is for a language that notices do not have; En");
      return new Problem("is no system message; write one as in En\\Internal\\5.7.1");
    },
  });
}

function customText(): SettingType<string> {
  return scalarType({
    label: "text, at most 512 characters, with the tags B, EM, BR, P and A HREF",
    suffix: "",
    form: { kind: "text", charactersMax: 512 },
    parse(text) {
      const parsed = parseCustomText(text);
      return "problem" in parsed ? new Problem(parsed.problem) : text;
    },
  });
}

/** What notices say of a status code in place of our own words (reference §6.4). */
export const SYSTEM_MESSAGE = {
  name: required(
    systemMessageName(),
    "For whom and what: `En\\Internal\\5.7.1`. Internal: to senders in our domains.",
  ),
  text: required(
    customText(),
    "Stands where the notice says what happened and what to do. Tags: B, EM, BR, P, A HREF; " +
      "&lt; &gt; &quot; &amp; for the characters themselves.",
  ),
};
