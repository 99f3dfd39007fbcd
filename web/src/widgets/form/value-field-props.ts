import type { ValueSchema } from "../../api/facts.ts";

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
}
