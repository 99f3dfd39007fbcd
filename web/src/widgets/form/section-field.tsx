import { Button, makeStyles, Text, tokens } from "@fluentui/react-components";
import { AddRegular, DeleteRegular } from "@fluentui/react-icons";
import type { ComponentType } from "react";
import type { ValueSchema } from "../../api/facts.ts";
import { texts } from "../texts.ts";
import { labelOf } from "./label.ts";
import type { ValueFieldProps } from "./value-field-props.ts";

const useStyles = makeStyles({
  root: {
    display: "flex",
    flexDirection: "column",
    gap: "12px",
    margin: 0,
    padding: "8px 12px 12px",
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusMedium,
  },
  legend: { fontWeight: tokens.fontWeightSemibold, paddingInline: "4px" },
});

interface SectionProps extends ValueFieldProps {
  readonly properties: Readonly<Record<string, ValueSchema>>;
  /** Edits a property; taken as an argument, since a property may be a section again. */
  readonly field: ComponentType<ValueFieldProps>;
}

/** A value with properties of its own. */
export function SectionField(props: SectionProps) {
  const {
    name,
    label = labelOf(name),
    schema,
    value,
    onChange,
    properties,
    isReadOnly,
    field: Inner,
  } = props;
  const styles = useStyles();
  const own = asRecord(value);
  return (
    <fieldset className={styles.root}>
      <legend className={styles.legend}>{label}</legend>
      {schema.description && <Text size={200}>{schema.description}</Text>}
      {props.fault && <Text role="alert">{props.fault}</Text>}
      {Object.entries(properties).map(([property, inner]) => (
        <Inner
          key={property}
          name={property.charAt(0).toUpperCase() + property.slice(1)}
          schema={inner}
          value={own[property]}
          isReadOnly={isReadOnly ?? false}
          onChange={(next) => onChange(withProperty(own, property, next))}
        />
      ))}
    </fieldset>
  );
}

/** A list of values with properties of their own. */
export function SectionListField(props: SectionProps) {
  const {
    name,
    label = labelOf(name),
    schema,
    value,
    onChange,
    isReadOnly,
    properties,
    field,
  } = props;
  const styles = useStyles();
  const items: readonly unknown[] = Array.isArray(value) ? value : [];
  const replace = (at: number, item: unknown) =>
    onChange(items.map((one, index) => (index === at ? item : one)));
  return (
    <fieldset className={styles.root}>
      <legend className={styles.legend}>{label}</legend>
      {schema.description && <Text size={200}>{schema.description}</Text>}
      {props.fault && <Text role="alert">{props.fault}</Text>}
      {items.map((item, at) => (
        // Items have no names; they keep their places while one edits.
        // biome-ignore lint/suspicious/noArrayIndexKey: see above
        <div key={at}>
          <SectionField
            name={`${name} ${at + 1}`}
            schema={{}}
            value={item}
            properties={properties}
            field={field}
            isReadOnly={isReadOnly ?? false}
            onChange={(next) => replace(at, next)}
          />
          {!isReadOnly && (
            <Button
              icon={<DeleteRegular />}
              onClick={() => onChange(items.filter((_one, index) => index !== at))}
            >
              {texts.remove}
            </Button>
          )}
        </div>
      ))}
      {!isReadOnly && (
        <Button icon={<AddRegular />} onClick={() => onChange([...items, {}])}>
          {texts.add}
        </Button>
      )}
    </fieldset>
  );
}

function withProperty(
  own: Readonly<Record<string, unknown>>,
  property: string,
  value: unknown,
): Readonly<Record<string, unknown>> {
  const { [property]: _before, ...others } = own;
  return value === undefined || value === "" || value === null
    ? others
    : { ...others, [property]: value };
}

/** The server shows `UserName` what it takes as `userName`. */
function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return {};
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [name.charAt(0).toLowerCase() + name.slice(1), one]),
  );
}
