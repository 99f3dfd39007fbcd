/** Values that may stand in a diagnostic line. Never message content, never a secret. */
export type DiagnosticFields = Readonly<
  Record<string, string | number | boolean | undefined | readonly string[]>
>;

/** What the server says about itself, as JSON lines. Each event has a fixed kebab-case name. */
export interface Diagnostics {
  info(event: string, fields?: DiagnosticFields): void;
  warn(event: string, fields?: DiagnosticFields): void;
  error(event: string, fields?: DiagnosticFields): void;
}

/** Says nothing; for tests that look elsewhere. */
export const silentDiagnostics: Diagnostics = { info() {}, warn() {}, error() {} };
