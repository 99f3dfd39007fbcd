import type { ContentFilterConfig } from "../../org/scanner-settings.ts";
import type { RspamdAction } from "../../scan/rspamd-answer.ts";

/** Scores from which on mail has the spam confidence level 1 to 9, in hundredths. */
const SCORES: Readonly<Record<ContentFilterConfig["source"], readonly number[]>> = {
  // 6 is what rspamd adds a header at, 15 what it refuses at, unless it is told otherwise.
  Rspamd: [100, 200, 300, 400, 600, 900, 1500, 2200, 3000],
  // 5 is what SpamAssassin calls spam.
  SpamAssassin: [100, 200, 300, 400, 500, 750, 1000, 1250, 1500],
  BuiltIn: [100, 200, 300, 400, 500, 600, 700, 800, 900],
};

/** The spam confidence level of a score, 0 to 9 (reference §9.6). */
export function spamLevel(
  config: Pick<ContentFilterConfig, "source" | "sclScores">,
  score: number,
): number {
  const scores = config.sclScores.length > 0 ? config.sclScores : SCORES[config.source];
  return scores.filter((from) => Math.round(score * 100) >= from).length;
}

/** What rspamd has decided by rules of its own is not less than this level; 0: nothing. */
export function leastLevelOf(action: RspamdAction): number {
  switch (action) {
    case "reject":
    case "discard":
      return 7;
    case "quarantine":
    case "add header":
    case "rewrite subject":
      return 5;
    default:
      return 0;
  }
}

/** What becomes of mail of a level. */
export type SpamFate = "delete" | "reject" | "quarantine" | "deliver";

/** The worst of the thresholds that it reaches (reference §9.6). */
export function spamFate(config: ContentFilterConfig, level: number): SpamFate {
  if (config.sclDeleteEnabled && level >= config.sclDeleteThreshold) return "delete";
  if (config.sclRejectEnabled && level >= config.sclRejectThreshold) return "reject";
  if (config.sclQuarantineEnabled && level >= config.sclQuarantineThreshold) return "quarantine";
  return "deliver";
}
