/** Where a command is typed and its output goes: a terminal, a pipe, or a test. */
export interface Screen {
  /** Columns of the terminal that the output goes to; `undefined`: it goes elsewhere. */
  readonly width: number | undefined;
  /** Whether the output may have colours. */
  readonly hasColour: boolean;
  /** Whether messages may have colours. */
  readonly complainsInColour: boolean;
  /** Whether messages go to a terminal, where progress can be shown and taken away again. */
  readonly showsProgress: boolean;
  /** Whether somebody is there to be asked. */
  readonly isInteractive: boolean;
  /** Writes to standard output; resolves when there is room for more. */
  readonly write: (text: string) => Promise<void>;
  /** Writes to standard error. */
  readonly complain: (text: string) => void;
  /** One line of standard input, after a question on standard error; `undefined`: none came. */
  readonly ask: (question: string) => Promise<string | undefined>;
  /** As `ask`; what is typed is not shown. */
  readonly askSecret: (question: string) => Promise<string | undefined>;
}
