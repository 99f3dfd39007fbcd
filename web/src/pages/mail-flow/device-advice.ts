import { texts } from "./device-texts.ts";

/** What a refusal means, by its codes; the first that fits. */
const ADVICE: readonly (readonly [RegExp, string])[] = [
  [/\b535\b|\b5\.7\.3\b/, texts.adviceLogon],
  [/\b454 4\.7\.0\b/, texts.adviceHeld],
  [/\b538\b|\b5\.7\.11\b/, texts.adviceClear],
  [/\b530\b|\b5\.7\.57\b/, texts.adviceNotLoggedOn],
  [/\b5\.7\.54\b/, texts.adviceRelay],
  [/\b5\.7\.60\b/, texts.adviceSender],
  [/\b5\.6\.11\b/, texts.adviceLineEnds],
  [/\b552\b|\b5\.3\.4\b/, texts.adviceLarge],
  [/\b421 4\.4\.2\b|\b452 4\.7\.0\b/, texts.adviceMuch],
  [/\b421 4\.3\.2\b/, texts.adviceConnector],
  [/\b421 4\.7\.0\b/, texts.adviceLogon],
  [/handshake|\btls\b/i, texts.adviceTls],
];

/** What to do about a refused session; nothing when its reason says it all. */
export function adviceFor(reason: string): string | undefined {
  return ADVICE.find(([pattern]) => pattern.test(reason))?.[1];
}
