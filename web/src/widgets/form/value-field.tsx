import {
  Checkbox,
  Field,
  FieldContextProvider,
  Input,
  makeStyles,
  mergeClasses,
  Select,
  Switch,
  Text,
  Textarea,
  tokens,
} from "@fluentui/react-components";
import { useId } from "react";
import type { ValueSchema } from "../../api/facts.ts";
import { texts } from "../texts.ts";
import { type FieldKind, fieldKindOf } from "./field-kind.ts";
import { JsonField } from "./json-field.tsx";
import { faultAt, labelOf } from "./label.ts";
import { ListField } from "./list-field.tsx";
import { SectionField, SectionListField } from "./section-field.tsx";
import type { ValueFieldProps } from "./value-field-props.ts";

const useStyles = makeStyles({
  choices: { display: "flex", flexWrap: "wrap" },
  explained: { flexDirection: "column" },
  about: { display: "block", paddingInlineStart: "36px", color: tokens.colorNeutralForeground2 },
  wide: { width: "100%" },
});

/** The field that fits the value's schema, with the words of the reference page as its hint. */
export function ValueField(props: ValueFieldProps) {
  const { name, schema, isRequired, fault, help, label = labelOf(name) } = props;
  const kind = fieldKindOf(schema);
  if (kind.kind === "section" || kind.kind === "sections") {
    const Section = kind.kind === "section" ? SectionField : SectionListField;
    return <Section {...props} label={label} properties={kind.properties} field={ValueField} />;
  }
  return (
    <Field
      label={kind.kind === "boolean" ? undefined : label}
      hint={help?.hint ?? schema.description}
      required={isRequired ?? false}
      validationMessage={fault === undefined ? undefined : faultAt(name, fault)}
      validationState={fault === undefined ? "none" : "error"}
    >
      <Control {...props} kind={kind} label={label} />
    </Field>
  );
}

function Control(props: ValueFieldProps & { readonly kind: FieldKind; readonly label: string }) {
  const { kind, value, onChange, isReadOnly = false, schema, label } = props;
  const styles = useStyles();
  const text = typeof value === "string" || typeof value === "number" ? String(value) : "";
  switch (kind.kind) {
    case "boolean":
      return (
        <Switch
          label={label}
          checked={(value ?? schema["x-default"]) === true}
          disabled={isReadOnly}
          onChange={(_event, { checked }) => onChange(checked)}
        />
      );
    case "choice":
      return (
        <Select
          value={text}
          disabled={isReadOnly}
          onChange={(_event, data) => onChange(data.value === "" ? null : data.value)}
        >
          {(text === "" || !kind.choices.includes(text)) && (
            <option value="">{defaultText(schema)}</option>
          )}
          {kind.choices.map((choice) => (
            <option key={choice}>{choice}</option>
          ))}
        </Select>
      );
    case "choices":
      return <Choices {...props} choices={kind.choices} />;
    case "secret":
      return <SecretInput text={text} isReadOnly={isReadOnly} onChange={onChange} />;
    case "list":
      return <ListField value={value} onChange={onChange} isReadOnly={isReadOnly} />;
    case "number":
    case "bytes":
    case "span":
      return (
        <Input
          value={text}
          inputMode={kind.kind === "number" && !kind.isUnlimited ? "numeric" : "text"}
          placeholder={defaultText(schema)}
          readOnly={isReadOnly}
          onChange={(_event, data) => onChange(data.value)}
        />
      );
    case "json":
      return <JsonField value={value} onChange={onChange} isReadOnly={isReadOnly} />;
    default:
      return kind.kind === "text" && (kind.isMultiline || text.includes("\n")) ? (
        <Textarea
          className={styles.wide}
          value={text}
          readOnly={isReadOnly}
          resize="vertical"
          onChange={(_event, data) => onChange(data.value)}
        />
      ) : (
        <Input
          value={text}
          placeholder={defaultText(schema)}
          readOnly={isReadOnly}
          onChange={(_event, data) => onChange(data.value)}
        />
      );
  }
}

function SecretInput(props: {
  readonly text: string;
  readonly isReadOnly: boolean;
  readonly onChange: (value: string) => void;
}) {
  const { text, isReadOnly, onChange } = props;
  // The server shows that there is one, and never what it is.
  const isStored = text === "***";
  return (
    <Input
      type="password"
      autoComplete="new-password"
      value={isStored ? "" : text}
      placeholder={isStored ? texts.secretKept : ""}
      readOnly={isReadOnly}
      onChange={(_event, data) => onChange(data.value)}
    />
  );
}

function Choices(props: ValueFieldProps & { readonly choices: readonly string[] }) {
  const { choices, value, onChange, isReadOnly = false, label, name, schema, help } = props;
  const styles = useStyles();
  const id = useId();
  const shown = value ?? schema["x-default"];
  const chosen = new Set(Array.isArray(shown) ? shown.map(String) : []);
  const toggle = (choice: string) => {
    const after = new Set(chosen);
    if (!after.delete(choice)) after.add(choice);
    onChange(choices.filter((one) => after.has(one)));
  };
  return (
    // The field around them has one id and one star for one control: boxes have their own.
    <FieldContextProvider value={undefined}>
      <div
        className={mergeClasses(styles.choices, help && styles.explained)}
        role="group"
        aria-label={label ?? labelOf(name)}
      >
        {choices.map((choice, at) => (
          <div key={choice}>
            <Checkbox
              label={choice}
              aria-describedby={help && `${id}-${at}`}
              checked={chosen.has(choice)}
              disabled={isReadOnly}
              onChange={() => toggle(choice)}
            />
            {help && (
              <Text id={`${id}-${at}`} size={200} className={styles.about}>
                {help.choices[choice]}
              </Text>
            )}
          </div>
        ))}
      </div>
    </FieldContextProvider>
  );
}

function defaultText(schema: ValueSchema): string {
  const text = schema["x-default-text"] ?? "";
  return text === "" || text === "[]" ? texts.notSet : texts.defaultHint(text);
}
