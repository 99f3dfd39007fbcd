import { makeStyles, Text } from "@fluentui/react-components";
import { PropertyList } from "../../widgets/property-list.tsx";
import type { RecipientKind } from "./recipient-kind.ts";
import type { ShownRecipient } from "./shown-recipient.ts";
import { texts } from "./texts.ts";

const useStyles = makeStyles({
  root: { display: "flex", flexDirection: "column", gap: "16px" },
  title: { display: "block", margin: 0, paddingBottom: "4px" },
});

/** What is shown on tabs of its own, or is nothing to read. */
const ELSEWHERE: ReadonlySet<string> = new Set([
  ...["Identity", "RecipientType", "EmailAddresses", "SendAs", "AppPasswords", "ETag"],
]);

/** The settings of a recipient under the titles that its form has; what is not set is left out. */
export function SettingsTab(props: {
  readonly kind: RecipientKind;
  readonly recipient: ShownRecipient;
}) {
  const { kind, recipient } = props;
  const styles = useStyles();
  const placed = new Set(kind.sections.flatMap(({ fields }) => fields));
  const rest = Object.keys(recipient).filter((name) => !placed.has(name) && !ELSEWHERE.has(name));
  const [first, ...others] = kind.sections;
  const all = [{ title: texts.general, fields: [...(first?.fields ?? []), ...rest] }, ...others];
  const told = all.filter(({ fields }) => fields.some((name) => !isNothing(recipient[name])));
  return (
    <div className={styles.root}>
      {told.map(({ title, fields }) => (
        <section key={title}>
          <Text as="h3" weight="semibold" className={styles.title}>
            {title}
          </Text>
          <PropertyList cmdlet={`Get-${kind.noun}`} object={recipient} names={fields} />
        </section>
      ))}
    </div>
  );
}

function isNothing(value: unknown): boolean {
  return (
    value === null ||
    value === undefined ||
    value === "" ||
    (Array.isArray(value) && value.length === 0)
  );
}
