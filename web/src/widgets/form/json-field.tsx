import { Field, Textarea } from "@fluentui/react-components";
import { useState } from "react";
import { texts } from "../texts.ts";

/** A value of no fixed form, as JSON. */
export function JsonField(props: {
  readonly value: unknown;
  readonly onChange: (value: unknown) => void;
  readonly isReadOnly: boolean;
}) {
  const { value, onChange, isReadOnly } = props;
  const [typed, setTyped] = useState<string | undefined>();
  const shown = typed ?? (value === null || value === undefined ? "" : formatJson(value));
  const isWrong = typed !== undefined && parseJson(typed) === undefined;
  return (
    <Field validationMessage={isWrong ? texts.invalidJson : undefined}>
      <Textarea
        value={shown}
        readOnly={isReadOnly}
        resize="vertical"
        spellCheck={false}
        onChange={(_event, data) => {
          setTyped(data.value);
          const parsed = parseJson(data.value);
          if (parsed !== undefined) onChange(parsed.value);
        }}
      />
    </Field>
  );
}

function formatJson(value: unknown): string {
  return JSON.stringify(value, undefined, 1);
}

function parseJson(text: string): { readonly value: unknown } | undefined {
  if (text.trim() === "") return { value: null };
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}
