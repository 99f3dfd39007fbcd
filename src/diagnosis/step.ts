/** What a step came to. `Info` is neither good nor bad. */
export const VERDICTS = ["Pass", "Info", "Warning", "Fail"] as const;
/** A word out of VERDICTS. */
export type Verdict = (typeof VERDICTS)[number];

/** One step of an explanation or a test, on its way between threads and to the administrator. */
export interface Step {
  /** 0 is the trunk; a step explains the nearest one before it that is less deep. */
  readonly depth: number;
  /** What was decided or tried: `Receive connector`, `MX fabrikam.test`. */
  readonly name: string;
  readonly verdict: Verdict;
  /** What came of it. */
  readonly decision: string;
  readonly why: string;
  /** The setting, record or document that decides it. */
  readonly source: string;
  /** What to do about it; "" when nothing is to be done. */
  readonly cure: string;
  /** Epoch ms, of what has happened. */
  readonly atMs: number | undefined;
  /** How long it took. */
  readonly elapsedMs: number | undefined;
}

/** Characters of one text of a step: what others say may be of any length. */
const TEXT_CHARACTERS_MAX = 1000;

/** A step; what is left out is empty. */
export function step(
  depth: number,
  name: string,
  facts: Partial<Omit<Step, "depth" | "name">>,
): Step {
  return {
    depth,
    name,
    verdict: facts.verdict ?? "Info",
    decision: bounded(facts.decision ?? ""),
    why: bounded(facts.why ?? ""),
    source: bounded(facts.source ?? ""),
    cure: facts.cure ?? "",
    atMs: facts.atMs,
    elapsedMs: facts.elapsedMs,
  };
}

/** `Pass` or `Fail`. */
export function passIf(isGood: boolean): Verdict {
  return isGood ? "Pass" : "Fail";
}

function bounded(text: string): string {
  return text.length <= TEXT_CHARACTERS_MAX ? text : `${text.slice(0, TEXT_CHARACTERS_MAX - 1)}…`;
}
