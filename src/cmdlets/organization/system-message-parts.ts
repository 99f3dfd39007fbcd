import { requiredParameter } from "../../cmdlet/parameter.ts";
import { noticeTexts } from "../../mail/notice-text.ts";
import { bool, oneOf, Problem, scalarType } from "../../org/settings/setting-types.ts";
import { parseSystemMessageName } from "../../org/settings/system-message.ts";
import type { NameParts } from "./object-noun.ts";

const DSN_CODE = scalarType({
  label: "status code 4.x.y or 5.x.y",
  suffix: "",
  parse: (text) =>
    /^[45]\.\d{1,3}\.\d{1,3}$/.test(text)
      ? text
      : new Problem("is no status code of a failure or delay; write one as in 5.7.1"),
});

/** The parts of `En\Internal\5.7.1`, as Exchange gives and shows them. */
export const SYSTEM_MESSAGE_PARTS: NameParts = {
  parameters: {
    DsnCode: requiredParameter(DSN_CODE, "The status code that notices are about.", {
      position: 0,
    }),
    Internal: requiredParameter(
      bool(),
      "For senders in our domains ($true), or for all others ($false).",
    ),
    Language: requiredParameter(oneOf(["En"]), "Of the notices; they are in English."),
  },
  nameOf: ({ dsnCode, internal, language }) =>
    `${language}\\${internal === true ? "Internal" : "External"}\\${dsnCode}`,
  properties: {
    DsnCode: { kind: "text", doc: "The status code that notices are about." },
    Internal: { kind: "boolean", doc: "Whether it is for senders in our domains." },
    Language: { kind: "text", doc: "Of the notices." },
  },
  show(name) {
    const parsed = parseSystemMessageName(name);
    return {
      DsnCode: parsed?.dsnCode ?? null,
      Internal: parsed === undefined ? null : parsed.audience === "Internal",
      Language: parsed?.language ?? null,
    };
  },
  originals() {
    const { reasons } = noticeTexts("en");
    const codes = Object.keys(reasons).filter((key) => /^\d+\.\d+(?:\.\d+)?$/.test(key));
    return codes.flatMap((key) => {
      const { what = "", advice = "" } = reasons[key] ?? {};
      // A code without its class is of failures.
      const code = key.split(".").length === 3 ? key : `5.${key}`;
      return ["Internal", "External"].map((audience) => {
        const name = `En\\${audience}\\${code}`;
        return { name, properties: { name, text: `${what} ${advice}` } };
      });
    });
  },
};
