import type { Screen } from "./screen.ts";

/** A screen that keeps what is written, and answers as it is told. */
export interface FakeScreen extends Screen {
  readonly output: () => string;
  readonly complaints: () => string;
}

/** A pipe, unless told otherwise; `answers` are what is typed, in turn. */
export function fakeScreen(
  options: Partial<Screen> & { readonly answers?: readonly string[] } = {},
): FakeScreen {
  const { answers = [], ...rest } = options;
  const output: string[] = [];
  const complaints: string[] = [];
  let answered = 0;
  const ask = async (question: string) => {
    complaints.push(question);
    answered += 1;
    return answers[answered - 1];
  };
  return {
    width: undefined,
    hasColour: false,
    complainsInColour: false,
    showsProgress: false,
    isInteractive: false,
    write: async (text) => void output.push(text),
    complain: (text) => void complaints.push(text),
    ask,
    askSecret: ask,
    ...rest,
    output: () => output.join(""),
    complaints: () => complaints.join(""),
  };
}
