import type { ReactElement } from "react";
import type { ValueSchema } from "../../api/facts.ts";

/** What a page knows of a field that the server's schema does not say. */
export interface FieldHelp {
  /** In place of the schema's words. */
  readonly hint: ReactElement;
  /** What each choice means. */
  readonly choices: Readonly<Record<string, string>>;
}

/** One value in a form. */
export interface ValueFieldProps {
  /** Property name, as Exchange has it. */
  readonly name: string;
  readonly schema: ValueSchema;
  readonly value: unknown;
  readonly onChange: (value: unknown) => void;
  readonly isRequired?: boolean;
  readonly isReadOnly?: boolean;
  /** What the server says is wrong with it. */
  readonly fault?: string | undefined;
  /** In place of the name. */
  readonly label?: string | undefined;
  readonly help?: FieldHelp | undefined;
}
