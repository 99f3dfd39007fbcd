import type { OutputOf } from "../../api/run-cmdlet.ts";
import { formatNumber } from "../../base/texts.ts";
import { texts } from "./agents-texts.ts";

/** An agent as the server shows it. */
export type Agent = OutputOf<"Get-TransportAgent">;

/** How an agent is, in words. */
export const STATE_WORDS: Readonly<Record<string, string>> = {
  Healthy: texts.healthy,
  Resting: texts.resting,
  NotLoaded: texts.notLoaded,
  Unknown: texts.unknown,
};

/** A short span (`00:00:00.012`) in milliseconds; nothing when there is none. */
export function formatTime(span: string | null): string {
  const match = /^(\d+):(\d\d):(\d\d)(?:\.(\d{1,3}))?$/.exec(span ?? "");
  if (match === null) return "";
  const [, hours = "0", minutes = "0", seconds = "0", fraction = ""] = match;
  const whole = (Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds);
  return texts.milliseconds(formatNumber(whole * 1000 + Number(fraction.padEnd(3, "0"))));
}
