import {
  makeStyles,
  Table,
  TableBody,
  TableCell,
  TableHeader,
  TableHeaderCell,
  TableRow,
  Text,
} from "@fluentui/react-components";
import { type ReactNode, Suspense } from "react";
import type { OutputOf } from "../../api/run-cmdlet.ts";
import { visibleText } from "../../base/visible-text.ts";
import { DetailPanel } from "../../widgets/detail-panel.tsx";
import { PropertyList } from "../../widgets/property-list.tsx";
import { givenParameters, propertyChanges } from "./audit-event.ts";
import { texts } from "./texts.ts";

const FACTS = [
  ...["RunDate", "Caller", "ClientIP", "CmdletName", "ObjectModified", "Succeeded", "Error"],
  "OriginatingServer",
];

const useStyles = makeStyles({
  title: { display: "block", margin: 0, paddingBottom: "4px" },
  cell: { overflowWrap: "anywhere", verticalAlign: "top", padding: "4px 8px" },
});

/** A run of a cmdlet: what it was given, and what it has changed, before and after. */
export function AuditEventPanel(props: {
  readonly event: OutputOf<"Search-AdminAuditLog">;
  readonly onClose: () => void;
}) {
  const { event, onClose } = props;
  const changes = propertyChanges(event.ModifiedProperties);
  const parameters = givenParameters(event.CmdletParameters);
  return (
    <DetailPanel title={event.CmdletName ?? ""} onClose={onClose}>
      <Suspense>
        <PropertyList cmdlet="Search-AdminAuditLog" object={event} names={FACTS} />
      </Suspense>
      <Part title={texts.changes}>
        {changes.length === 0 ? (
          <Text>{texts.noChanges}</Text>
        ) : (
          <Rows
            label={texts.changes}
            titles={[texts.property, texts.before, texts.after]}
            rows={changes.map(({ object, name, before, after }) =>
              name === "" ? [object, "", ""] : [name, before, after],
            )}
          />
        )}
      </Part>
      {parameters.length > 0 && (
        <Part title={texts.parameters}>
          <Rows
            label={texts.parameters}
            titles={[texts.property, texts.valueTitle]}
            rows={parameters}
          />
        </Part>
      )}
    </DetailPanel>
  );
}

function Part(props: { readonly title: string; readonly children: ReactNode }) {
  const styles = useStyles();
  return (
    <section>
      <Text as="h3" weight="semibold" className={styles.title}>
        {props.title}
      </Text>
      {props.children}
    </section>
  );
}

function Rows(props: {
  readonly label: string;
  readonly titles: readonly string[];
  readonly rows: readonly (readonly string[])[];
}) {
  const { label, titles, rows } = props;
  const styles = useStyles();
  return (
    <Table size="small" aria-label={label}>
      <TableHeader>
        <TableRow>
          {titles.map((title) => (
            <TableHeaderCell key={title}>{title}</TableHeaderCell>
          ))}
        </TableRow>
      </TableHeader>
      <TableBody>
        {rows.map((row, at) => (
          // Rows have no names; they never change.
          // biome-ignore lint/suspicious/noArrayIndexKey: see above
          <TableRow key={at}>
            {titles.map((title, column) => (
              <TableCell key={title} className={styles.cell}>
                <bdi>{visibleText(row[column] ?? "")}</bdi>
              </TableCell>
            ))}
          </TableRow>
        ))}
      </TableBody>
    </Table>
  );
}
