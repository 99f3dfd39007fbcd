import { Field, Input, type InputProps } from "@fluentui/react-components";
import { texts } from "./texts.ts";

/** A labelled field over a text. */
export function TextInput(props: {
  readonly label: string;
  readonly hint?: string;
  readonly problem?: string | undefined;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly type?: InputProps["type"];
  readonly autoComplete?: string;
}) {
  const { label, hint, problem, value, onChange, type = "text", autoComplete = "off" } = props;
  return (
    <Field label={label} required {...(hint && { hint })} validationMessage={problem}>
      <Input
        type={type}
        autoComplete={autoComplete}
        value={value}
        onChange={(_event, data) => onChange(data.value)}
      />
    </Field>
  );
}

/** The password, once more. */
export function CurrentPassword(props: {
  readonly value: string;
  readonly onChange: (value: string) => void;
}) {
  return (
    <TextInput
      label={texts.current}
      hint={texts.currentHint}
      type="password"
      autoComplete="current-password"
      {...props}
    />
  );
}
