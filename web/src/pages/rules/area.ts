import type { Page } from "../../frame/area.ts";
import { texts } from "./texts.ts";

/** Pages of mail flow rules, for the area of mail flow. */
export const rulePages: readonly Page[] = [
  {
    path: "/mail-flow/rules",
    title: texts.rules,
    words: texts.words,
    needs: ["Get-TransportRule", "Get-TransportRulePredicate", "Get-TransportRuleAction"],
    load: async () => (await import("./rules-page.tsx")).RulesPage,
  },
];
