import { type CustomText, parseCustomText } from "../mail/custom-text.ts";
import type { Organization } from "./organization.ts";
import { parseSystemMessageName } from "./settings/system-message.ts";

/** What the administrator has written for notices to that audience, by status code. */
export function customTextsFor(
  { systemMessages }: Pick<Organization, "systemMessages">,
  audience: "Internal" | "External",
): ReadonlyMap<string, CustomText> {
  const texts = systemMessages.flatMap(({ name, text }) => {
    const parsed = parseSystemMessageName(name);
    const words = parseCustomText(text);
    // Both were found to be right when the organization was built.
    if (parsed?.audience !== audience || "problem" in words) return [];
    return [[parsed.dsnCode, words] as const];
  });
  return new Map(texts);
}
