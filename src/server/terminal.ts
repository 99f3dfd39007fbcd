/** Who typed the command: answers go to standard output, complaints to standard error. */
export interface Terminal {
  say(line: string): void;
  complain(line: string): void;
}
