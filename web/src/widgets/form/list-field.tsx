import { Textarea } from "@fluentui/react-components";
import { useState } from "react";
import { texts } from "../texts.ts";

/** A list of texts, one per line, so that many can be pasted at once. */
export function ListField(props: {
  readonly value: unknown;
  readonly onChange: (value: readonly string[]) => void;
  readonly isReadOnly: boolean;
}) {
  const { value, onChange, isReadOnly } = props;
  const lines = Array.isArray(value) ? value.map(String) : [];
  // What is being typed may have empty lines; the value has none.
  const [typed, setTyped] = useState<string | undefined>();
  const shown = typed !== undefined && isSameList(itemsOf(typed), lines) ? typed : lines.join("\n");
  return (
    <Textarea
      value={shown}
      readOnly={isReadOnly}
      placeholder={texts.onePerLine}
      resize="vertical"
      rows={Math.min(8, Math.max(2, lines.length))}
      onChange={(_event, data) => {
        setTyped(data.value);
        onChange(itemsOf(data.value));
      }}
    />
  );
}

function itemsOf(text: string): readonly string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

function isSameList(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((item, at) => item === right[at]);
}
